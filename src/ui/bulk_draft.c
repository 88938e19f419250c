/* The form for many marked entries as a draft, and back. */
#include <stdlib.h>
#include <string.h>

#include "bulk_form.h"

/* ---- keeping --------------------------------------------------------------------------------- */

bool bulk_form_has_changed(const struct bulk_form *form) {
    return form->asks_again || form->text[0].text.length > 0 || form->text[1].text.length > 0;
}

static void add_name(struct draft *draft, const char *name) {
    draft->names[draft->count++] = arena_string(&draft->arena, name);
}

static void add_marked(struct draft *draft, const struct marks *marks) {
    const char **names = marks_names(marks);
    for (size_t i = 0; i < marks->count; i++)
        add_name(draft, names[i]);
    free(names);
}

static void add_left(struct draft *draft, const struct screen *bulk, const struct session *session,
                     size_t count) {
    for (size_t i = 0; i < count; i++) {
        const char *name = bulk_screen_left(bulk, session, i);
        if (name)
            add_name(draft, name);
        else
            draft->sent = true;
    }
}

bool bulk_form_to_draft(const struct bulk_form *form, const struct screen *above,
                        const struct session *session, struct draft *draft) {
    const struct marks *marks = listing_marked(form->listing);
    size_t sent = above ? bulk_screen_sent(above) : 0, most = sent > 0 ? sent : marks->count;
    draft_init(draft);
    draft->op = CHANGE_MODIFY;
    draft->kind = form->kind;
    draft->value = arena_string(&draft->arena, form->text[0].text.data);
    if (form->fields > 1 && (form->asks_again || form->text[1].text.length > 0))
        draft->again = 1U << FIELD_SECRET_ACCESS_KEY;
    draft->names =
        arena_new(&draft->arena, (most + 1) * sizeof *draft->names, _Alignof(const char *));
    if (sent > 0)
        add_left(draft, above, session, sent);
    else
        add_marked(draft, marks);
    if (bulk_form_has_changed(form) && draft->count > 0)
        return true;
    draft_finish(draft);
    return false;
}

/* ---- going on with it ------------------------------------------------------------------------ */

void bulk_form_fill(struct bulk_form *form, const struct draft *draft) {
    memcpy(form->draft_id, draft->id, sizeof form->draft_id);
    line_editor_set(&form->text[0], draft->value);
    form->asks_again = form->fields > 1 && draft->again & 1U << FIELD_SECRET_ACCESS_KEY;
    form->focus = form->asks_again ? 1 : 0;
    listing_clear_marks(form->listing);
    for (size_t i = 0; i < draft->count; i++) {
        listing_mark_name(form->listing, draft->names[i]);
        marks_set(&form->awaited, draft->names[i], true);
    }
}

void bulk_form_find_marked(struct bulk_form *form, struct app *app) {
    struct table *table = session_table(app->session);
    size_t count = form->awaited.count, gone = 0, row;
    struct buffer text;
    const char **names = marks_names(&form->awaited);
    buffer_init(&text);
    for (size_t i = 0; i < count; i++) {
        if (table_find(table, names[i], &row))
            continue;
        listing_unmark(form->listing, names[i]);
        buffer_append_string(&text, gone++ > 0 ? ", " : "");
        buffer_append_string(&text, names[i]);
    }
    if (gone > 0)
        app_say(app, STYLE_WARNING, "%zu of the %zu %s not in the table any more: %s", gone, count,
                gone == 1 ? "is" : "are", text.data);
    buffer_finish(&text);
    free(names);
    marks_finish(&form->awaited);
}
