#include "undo_act.h"

#include "pail/session/undo.h"
#include "pail/ui/screens.h"

static void say_secrets(struct app *app, const struct undo *undo) {
    struct buffer names;
    buffer_init(&names);
    for (int field = 0; field < FIELD_COUNT; field++)
        if (undo_secrets(undo) & 1U << field)
            buffer_printf(&names, "%s%s", names.length > 0 ? ", " : "", bucket_fields[field].name);
    app_say(app, STYLE_WARNING, "Not recorded: %s. Type what it was, or leave it.", names.data);
    buffer_finish(&names);
}

void undo_act(struct app *app, const char *id) {
    static const char *const no_secrets[FIELD_COUNT] = {NULL};
    struct error error;
    struct undo *undo = id ? undo_of(app->session, id, &error) : undo_last(app->session, 1, &error);
    if (undo == NULL) {
        app_say(app, STYLE_WARNING, "%s", error.text);
        return;
    }
    if (undo_secrets(undo) != 0) {
        say_secrets(app, undo);
        app_push(app, undo_form_create(undo));
        return;
    }
    struct change *change = undo_change(undo, no_secrets, &error);
    undo_destroy(undo);
    if (change != NULL)
        app_push(app, review_screen_create(change));
    else
        app_say(app, STYLE_NORMAL, "%s", error.text);
}
