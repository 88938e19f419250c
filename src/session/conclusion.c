/* The third step of changes, and their end: the table is read again, and what it says is told. */
#include "door.h"

#include "batch.h"
#include "internal.h"
#include "judge.h"
#include "load.h"
#include "log.h"
#include "pail/base/clock.h"
#include "record.h"
#include "sequel.h"
#include "unsettled.h"

enum {
    RE_READINGS = 5, /* of a 2xx that doesn't show */
    RE_READ_FIRST_MS = 500,
};

/* ---- the end --------------------------------------------------------------------------------- */

static void sum_up(struct session *session) {
    static const char *const words[OUTCOME_COUNT] = {"applied", "refused", "not sent",
                                                     "in conflict", "unknown"};
    struct door *door = &session->door;
    if (door->count == 1)
        return;
    buffer_clear(&door->text);
    buffer_printf(&door->text, "%zu changes:", door->count);
    const char *separator = " ";
    for (int outcome = 0; outcome < OUTCOME_COUNT; outcome++)
        if (door->tally[outcome] > 0) {
            buffer_printf(&door->text, "%s%zu %s", separator, door->tally[outcome], words[outcome]);
            separator = ", ";
        }
    log_line(session, "%s", door->text.data);
}

static void say_not_recorded(struct door *door, const char *why) {
    struct buffer *text = &door->text;
    if (door->count > 1) {
        buffer_printf(text, "; not recorded: %s", why);
        return;
    }
    struct item *item = door->items[0];
    buffer_printf(text, "%s; not recorded: %s", item->text + item->before, why);
    item_say(item, text->data);
}

void conclusion_end(struct session *session) {
    struct door *door = &session->door;
    struct error error = {""};
    door->phase = SUBMISSION_DONE;
    door->paused = false;
    bool recorded = record_conclude(session, door->items, door->count, &error);
    sequel_ends(session, door->items, door->count);
    for (size_t i = 0; i < door->count; i++)
        if (door->items[i]->outcome == OUTCOME_UNKNOWN)
            unsettled_add(session, door->items[i]);
    unsettled_sweep(session);
    sum_up(session);
    if (!recorded)
        say_not_recorded(door, error.text);
    session->serial++;
    if (door->login_expired)
        load_renew(session);
}

/* ---- the third step: what does the table say? ------------------------------------------------ */

void conclusion_read(struct session *session) {
    session->door.phase = SUBMISSION_RE_READING;
    session->door.again_at = 0;
    session->door.re_readings++;
    session->retries = 0;
    session->serial++;
    load_start(session);
}

void conclusion_keep_entry(struct item *item) {
    struct door *door = &item->session->door;
    struct bucket view;
    const struct bucket *now = door_entry(item->session, item_name(item), &view);
    item->has_now = now != NULL;
    item->now_is_known = now != NULL || !door_may_have(item->session, item_name(item));
    if (now != NULL)
        item->now = bucket_copy(&door->arena, now);
}

static void finish_unmatched(struct item *item) {
    item_finish(item, OUTCOME_CONFLICT,
                "conflict: %s (412); nothing was changed; look at it, then decide again",
                change_before(item->change) == NULL    ? "an entry of this name is there now"
                : item->now_is_known && !item->has_now ? "the entry is gone"
                                                       : "the entry was changed meanwhile");
}

/* False if it is better judged by another reading. */
static bool judge_item(struct item *item) {
    struct session *session = item->session;
    if (item->unmatched) {
        conclusion_keep_entry(item);
        finish_unmatched(item);
        return true;
    }
    struct judgement judgement = judge(session, item);
    if (judgement.outcome == OUTCOME_UNKNOWN && item->accepted && judgement.reading_helps &&
        session->door.re_readings < RE_READINGS)
        return false;
    item->hopeless = !judgement.reading_helps;
    item_finish(item, judgement.outcome, "%s", judgement.text);
    return true;
}

void conclusion_judge(struct session *session) {
    struct door *door = &session->door;
    door->login_expired = false; /* this reading has renewed it */
    for (size_t i = 0; i < door->count; i++)
        if (door->items[i]->state == ITEM_ANSWERED)
            judge_item(door->items[i]);
    if (door->answered == 0)
        conclusion_end(session);
    else
        door->again_at = clock_ms() + ((int64_t)RE_READ_FIRST_MS << (door->re_readings - 1));
}

/* Those that were sent, without a reading to judge them by. */
void conclusion_remain_unknown(struct session *session, const char *reading) {
    struct door *door = &session->door;
    for (size_t i = 0; i < door->count; i++) {
        struct item *item = door->items[i];
        if (item->state != ITEM_ANSWERED)
            continue;
        if (item->unmatched)
            finish_unmatched(item);
        else if (!item->finished && door->re_readings == 0)
            item_finish(item, OUTCOME_UNKNOWN, "unknown: %s; the next reading tells", item->why);
        else
            item_finish(item, OUTCOME_UNKNOWN,
                        "unknown: %s, and the table could not be read again (%s); the next reading "
                        "tells",
                        item->accepted ? "the service accepted it" : item->why, reading);
    }
    conclusion_end(session);
}
