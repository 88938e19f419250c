/* What is to be done to the marked entries, chosen by name. */
#include <stdio.h>
#include <stdlib.h>

#include "bulk_screens.h"
#include "chooser.h"
#include "pail/base/memory.h"
#include "pail/ui/screens.h"

enum { MOST = 10000 /* entries at a time: each is a request, and several rows of the review */ };

/* False, and said, if there is nothing to choose from. */
static bool can_begin(struct app *app, const struct listing *listing) {
    size_t count = listing_marks(listing);
    if (count == 0)
        app_say(app, STYLE_WARNING,
                "No entry is marked: Space marks one, A all that the filter shows.");
    else if (count > MOST)
        app_say(app, STYLE_WARNING, "%zu are marked; at most %d are changed at a time.", count,
                MOST);
    else if (session_table(app->session) == NULL || session_is_partial(app->session))
        app_say(app, STYLE_WARNING, "The table must have been read whole first.");
    else
        return true;
    return false;
}

static void answer_nothing(struct app *app, void *context, int answer) {
    (void)app, (void)context, (void)answer;
}

static struct screen *nothing_dialog(const struct bulk *bulk) {
    static const char *const buttons[] = {"Back"};
    struct buffer text;
    buffer_init(&text);
    buffer_append_string(&text, "Nothing to send:");
    for (int why = 0; why < BULK_WHY_COUNT; why++) {
        size_t count = 0;
        for (size_t i = 0; i < bulk->left_count; i++)
            count += (int)bulk->left[i].why == why;
        if (count > 0)
            buffer_printf(&text, "\n%zu left out: %s", count, bulk_why_texts[why]);
    }
    struct screen *dialog = dialog_create(text.data, buttons, 1, 0, answer_nothing, NULL);
    buffer_finish(&text);
    return dialog;
}

/* The only entry is deleted as a selected one is, by its name: a "1" would confirm whatever it is.
 */
static struct screen *delete_review(struct bulk *bulk) {
    struct change **changes = bulk_steal(bulk);
    struct screen *review = review_screen_create(changes[0]);
    free(changes);
    return review;
}

static struct screen *screen_for(struct listing *listing, struct bulk *bulk, enum bulk_kind kind) {
    if (bulk->count == 0)
        return nothing_dialog(bulk);
    if (kind == BULK_DELETE && bulk->count == 1 && bulk->left_count == 0)
        return delete_review(bulk);
    return bulk_screen_create(listing, bulk, kind);
}

void bulk_review(struct app *app, struct listing *listing, const struct bulk_setting *setting) {
    struct bulk bulk;
    if (!can_begin(app, listing))
        return;
    bulk_init(&bulk);
    bulk_make(&bulk, setting, listing_marked(listing), session_table(app->session));
    app_push(app, screen_for(listing, &bulk, setting->kind));
    bulk_finish(&bulk);
}

static void choose_cloud(struct app *app, void *listing, int value) {
    const struct bulk_setting setting = {BULK_CLOUD, bucket_cloud_names[value], ""};
    bulk_review(app, listing, &setting);
}

static struct screen *cloud_menu(struct listing *listing) {
    struct chooser_item *items = memory_new(CLOUD_COUNT, sizeof *items);
    for (int i = 0; i < CLOUD_COUNT; i++)
        items[i] = (struct chooser_item){.name = bucket_cloud_names[i], .value = i};
    return chooser_create("their cloud: ", items, CLOUD_COUNT, choose_cloud, listing);
}

static void choose_kind(struct app *app, void *listing, int value) {
    const struct bulk_setting deletion = {BULK_DELETE, "", ""};
    if (value == BULK_DELETE)
        bulk_review(app, listing, &deletion);
    else if (value == BULK_CLOUD)
        app_push(app, cloud_menu(listing));
    else
        app_push(app, bulk_form_create(listing, (enum bulk_kind)value));
}

void bulk_choose(struct app *app, struct listing *listing) {
    char prompt[48];
    if (!can_begin(app, listing))
        return;
    struct chooser_item *items = memory_new(BULK_KIND_COUNT, sizeof *items);
    for (int i = 0; i < BULK_KIND_COUNT; i++) {
        items[i].name = bulk_kinds[i].name;
        items[i].value = i;
        snprintf(items[i].note, sizeof items[i].note, "%s", bulk_kinds[i].help);
    }
    snprintf(prompt, sizeof prompt, "for the %zu marked: ", listing_marks(listing));
    app_push(app, chooser_create(prompt, items, BULK_KIND_COUNT, choose_kind, listing));
}
