/* What follows from the outcomes of many changes: the marks, and a conflict that is looked at. */
#include <stdlib.h>
#include <string.h>

#include "bulk_screen.h"
#include "pail/base/memory.h"
#include "pail/ui/screens.h"

void bulk_result_item(const struct bulk_screen *screen, size_t index,
                      struct submission_item *item) {
    const struct submitted *sent = screen->decided[index].sent;
    submitted_item(sent ? sent : screen->result, sent ? 0 : index, item);
}

void bulk_result_append(const struct bulk_screen *screen, struct buffer *out) {
    for (size_t i = 0; i < screen->count; i++) {
        const struct submitted *sent = screen->decided[i].sent;
        submitted_result(sent ? sent : screen->result, sent ? 0 : i, out);
    }
}

bool bulk_result_is_decided(const struct bulk_screen *screen, size_t index) {
    const struct bulk_decision *decision = &screen->decided[index];
    struct submission_item item;
    bulk_result_item(screen, index, &item);
    return decision->made && (decision->sent == NULL || item.outcome == OUTCOME_APPLIED);
}

/* It is in conflict, and nothing was decided of that. */
static bool is_open(const struct bulk_screen *screen, size_t index) {
    struct submission_item item;
    bulk_result_item(screen, index, &item);
    return item.outcome == OUTCOME_CONFLICT && !screen->decided[index].made;
}

/* ---- what is left to do ---------------------------------------------------------------------- */

bool bulk_had_no_effect(const struct submission_item *item) {
    return item->state == ITEM_WAITING ||
           (item->state == ITEM_DONE && item->outcome != OUTCOME_APPLIED &&
            item->outcome != OUTCOME_UNKNOWN);
}

/* Whether a change of that name was sent by itself since, and may have had an effect. */
static bool is_sent_since(const struct session *session, const char *name) {
    struct submission last;
    struct submission_item item;
    session_submission(session, &last);
    if (session_is_unsettled(session, name))
        return true;
    if (last.count == 0 || strcmp(change_name(last.change), name) != 0)
        return false;
    session_submission_item(session, 0, &item);
    return !bulk_had_no_effect(&item);
}

const char *bulk_result_left(const struct bulk_screen *screen, const struct session *session,
                             size_t index) {
    struct submission_item item;
    bulk_result_item(screen, index, &item);
    const char *name = change_name(item.change);
    bool left = bulk_had_no_effect(&item) && !bulk_result_is_decided(screen, index);
    return left && !is_sent_since(session, name) ? name : NULL;
}

/* ---- the marks ------------------------------------------------------------------------------- */

/* Those that are as wanted lose their marks, and so do conflicts that were decided; the others keep
 * them, for another go. */
static void settle_marks(struct bulk_screen *screen) {
    struct submission_item item;
    for (size_t i = 0; i < screen->count; i++) {
        bulk_result_item(screen, i, &item);
        if (item.outcome == OUTCOME_APPLIED || bulk_result_is_decided(screen, i))
            listing_unmark(screen->listing, change_name(item.change));
    }
    for (size_t i = 0; i < screen->bulk.left_count; i++)
        if (screen->bulk.left[i].why == BULK_LEFT_SAME)
            listing_unmark(screen->listing, screen->bulk.left[i].name);
}

void bulk_result_write(struct bulk_screen *screen, struct app *app) {
    screen->serial = session_serial(app->session);
    screen->conflicts = 0;
    for (size_t i = 0; i < screen->count; i++)
        screen->conflicts += is_open(screen, i);
    if (screen->focus == FOCUS_CONFLICTS && screen->conflicts == 0)
        screen->focus = FOCUS_LEAVE;
    settle_marks(screen);
    bulk_text_results(screen);
}

void bulk_result_take(struct bulk_screen *screen, struct app *app) {
    screen->result = session_take_submission(app->session);
    screen->decided = memory_new(screen->count, sizeof *screen->decided);
    screen->table_serial = session_table_serial(app->session);
    bulk_result_write(screen, app);
}

void bulk_result_finish(struct bulk_screen *screen) {
    for (size_t i = 0; screen->decided && i < screen->count; i++)
        submitted_release(screen->decided[i].sent);
    free(screen->decided);
    submitted_release(screen->result);
}

/* ---- a conflict ------------------------------------------------------------------------------ */

/* The change that the text view's chosen line is about. */
static size_t chosen(const struct bulk_screen *screen) {
    size_t left = text_view_choice(screen->view);
    for (size_t i = 0; left != SIZE_MAX && i < screen->count; i++)
        if (is_open(screen, i) && left-- == 0)
            return i;
    return screen->count;
}

/* The entry as the table has it by now: it may have been read again since. NULL: it is gone. False
 * if that isn't known. */
static bool look_up(const struct bulk_screen *screen, const struct app *app,
                    const struct submission_item *item, struct bucket *view,
                    const struct bucket **now) {
    struct table *table = session_table(app->session);
    const char *name = change_name(item->change);
    bool read_since = session_table_serial(app->session) != screen->table_serial;
    size_t row;
    *now = item->now;
    if (table == NULL || session_is_partial(app->session) || !read_since)
        return item->now_is_known;
    *now = NULL;
    if (!table_find(table, name, &row))
        return !table_may_have(table, name);
    table_get(table, row, view);
    *now = view;
    return true;
}

void bulk_result_open(struct bulk_screen *screen, struct app *app) {
    struct submission_item item;
    struct bucket view;
    const struct bucket *now;
    screen->opened = chosen(screen);
    if (screen->opened == screen->count) {
        text_view_find_choice(screen->view);
        return;
    }
    submitted_item(screen->result, screen->opened, &item);
    if (look_up(screen, app, &item, &view, &now))
        app_push(app, merge_screen_create(item.change, now, item.text));
    else
        app_say(app, STYLE_WARNING, "%s: how it is now could not be read; r on the list tries.",
                change_name(item.change));
}

/* Whether the change that resulted was sent, and may have had an effect. */
static bool was_sent(const struct session *session, const char *name) {
    struct submission last;
    session_submission(session, &last);
    bool done = last.phase == SUBMISSION_DONE && last.count == 1 &&
                (last.outcome == OUTCOME_APPLIED || last.outcome == OUTCOME_UNKNOWN);
    return done && strcmp(change_name(last.change), name) == 0;
}

void bulk_result_decided(struct bulk_screen *screen, struct app *app) {
    struct submission_item item;
    if (screen->stage != STAGE_DONE || screen->opened >= screen->count)
        return;
    submitted_item(screen->result, screen->opened, &item);
    struct bulk_decision *decision = &screen->decided[screen->opened];
    decision->made = true;
    if (decision->sent == NULL && was_sent(app->session, change_name(item.change)))
        decision->sent = session_take_submission(app->session);
    bulk_result_write(screen, app);
}
