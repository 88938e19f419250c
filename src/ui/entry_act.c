#include "entry_act.h"

#include "pail/ui/screens.h"

static bool is_about_entry(enum action action) {
    return action == ACTION_DETAILS || action == ACTION_EDIT || action == ACTION_DUPLICATE ||
           action == ACTION_DELETE || action == ACTION_POLICIES;
}

static struct screen *screen_for(const struct bucket *entry, enum action action) {
    switch (action) {
    case ACTION_EDIT:
        return edit_form_create(entry);
    case ACTION_DUPLICATE:
        return add_form_create(entry);
    case ACTION_DELETE:
        return review_screen_create(change_delete(entry));
    case ACTION_POLICIES:
        return policy_screen_create(entry);
    default:
        return details_screen_create(entry);
    }
}

bool entry_act(struct app *app, const struct bucket *entry, enum action action) {
    const char *name = actions[action].name;
    if (!is_about_entry(action))
        return false;
    if (entry == NULL)
        app_say(app, STYLE_WARNING, "%s: there is no entry here.", name);
    else if (entry->unreadable && action != ACTION_DETAILS)
        app_say(app, STYLE_WARNING, "%s: not for an entry that could not be read.", name);
    else
        app_push(app, screen_for(entry, action));
    return true;
}
