/* What can be chosen by name: commands and profiles. */
#include <stdio.h>

#include "chooser.h"
#include "pail/base/memory.h"
#include "pail/ui/screens.h"

static void run_command(struct app *app, void *context, int value) {
    (void)context;
    app_act(app, (enum action)value);
}

struct screen *palette_screen_create(enum context context) {
    struct chooser_item *items = memory_new(ACTION_COUNT, sizeof *items);
    size_t count = 0;
    for (int i = 0; i < ACTION_COUNT; i++) {
        if (!(actions[i].contexts & context) || i == ACTION_PALETTE)
            continue;
        struct chooser_item *item = &items[count++];
        item->name = actions[i].name;
        item->value = i;
        snprintf(item->note, sizeof item->note, "%s%s", actions[i].help,
                 actions[i].mutates ? " (a change)" : "");
    }
    return chooser_create(":", items, count, run_command, NULL);
}

static void open_profile(struct app *app, void *context, int value) {
    (void)context;
    app->next_profile = &app->settings->profiles[value];
}

struct screen *profile_screen_create(const struct settings *settings, const struct profile *open) {
    struct chooser_item *items = memory_new(settings->profile_count + 1, sizeof *items);
    for (size_t i = 0; i < settings->profile_count; i++) {
        const struct profile *profile = &settings->profiles[i];
        items[i].name = profile->name;
        items[i].value = (int)i;
        snprintf(items[i].note, sizeof items[i].note, "%s%s%s", profile == open ? "open now  " : "",
                 profile->read_only ? "read-only  " : "",
                 profile->url[0] ? profile->url : profile->service);
    }
    return chooser_create("profile: ", items, settings->profile_count, open_profile, NULL);
}
