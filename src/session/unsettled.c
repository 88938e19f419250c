/* Changes whose outcome isn't settled: read again, settled by the table or by a person. */
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "pail/base/clock.h"
#include "pail/base/memory.h"

enum { READ_FIRST_MS = 1000 };

/* ---- when to read again ---------------------------------------------------------------------- */

/* 1, 2, 4, 8 ... s after the end, while that is before settle_after, and at settle_after. */
static int64_t next_reading(const struct session *session, const struct item *item) {
    int64_t passed = clock_ms() - item->ended, wait = READ_FIRST_MS;
    while (wait <= passed && wait < session->settle_after)
        wait *= 2;
    wait = wait < session->settle_after ? wait : session->settle_after;
    return wait > passed ? item->ended + wait : 0;
}

int64_t unsettled_reading_due(const struct session *session) {
    int64_t due = 0;
    for (size_t i = 0; i < session->unsettled_count; i++) {
        int64_t at = session->unsettled[i]->read_at;
        if (at != 0 && (due == 0 || at < due))
            due = at;
    }
    return due;
}

void unsettled_reading_begins(struct session *session) {
    int64_t now = clock_ms();
    for (size_t i = 0; i < session->unsettled_count; i++) {
        struct item *item = session->unsettled[i];
        if (item->read_at != 0 && item->read_at <= now)
            item->read_at = next_reading(session, item);
    }
}

/* ---- the set --------------------------------------------------------------------------------- */

void unsettled_add(struct session *session, struct item *item) {
    if (session->unsettled_count == session->unsettled_capacity) {
        size_t capacity = session->unsettled_capacity ? session->unsettled_capacity * 2 : 4;
        session->unsettled = memory_resize(session->unsettled, capacity, sizeof(struct item *));
        session->unsettled_capacity = capacity;
    }
    session->unsettled[session->unsettled_count++] = item;
    item->in_unsettled = true;
    item->read_at = item->hopeless ? 0 : next_reading(session, item);
}

/* Takes those out that are not in the set any more, and lets go of them. */
static void sweep(struct session *session) {
    size_t kept = 0;
    for (size_t i = 0; i < session->unsettled_count; i++) {
        struct item *item = session->unsettled[i];
        if (item->in_unsettled)
            session->unsettled[kept++] = item;
        else
            item_free(item);
    }
    session->unsettled_count = kept;
}

void unsettled_forget_recovered(struct session *session) {
    for (size_t i = 0; i < session->unsettled_count; i++)
        if (session->unsettled[i]->recovered)
            session->unsettled[i]->in_unsettled = false;
    sweep(session);
}

static struct item *find(const struct session *session, const char *id) {
    for (size_t i = 0; i < session->unsettled_count; i++)
        if (strcmp(session->unsettled[i]->id, id) == 0)
            return session->unsettled[i];
    return NULL;
}

bool unsettled_holds(const struct session *session, const char *id) {
    return find(session, id) != NULL;
}

void unsettled_finish(struct session *session) {
    for (size_t i = 0; i < session->unsettled_count; i++)
        session->unsettled[i]->in_unsettled = false;
    sweep(session);
    free(session->unsettled);
    session->unsettled = NULL;
    session->unsettled_capacity = 0;
}

/* ---- settling -------------------------------------------------------------------------------- */

static bool is_replaced(const struct session *session, const struct item *item) {
    return item->covered && judge_is_late(session, item);
}

static bool replace(struct item *item) {
    if (!is_replaced(item->session, item))
        return false;
    item->replaced = true;
    item_settle(item, OUTCOME_UNKNOWN, "unknown: a later change has taken its place");
    return true;
}

/* False if it stays unsettled. */
static bool settle(struct item *item) {
    struct judgement judgement = judge(item->session, item);
    bool settled = judgement.outcome != OUTCOME_UNKNOWN;
    if (settled)
        item_settle(item, judgement.outcome, judgement.text);
    else
        settled = replace(item);
    if (!settled)
        item_say(item, judgement.text);
    if (!settled && !judgement.reading_helps && !item->covered)
        item->read_at = 0;
    item->in_unsettled = !settled;
    return settled;
}

void unsettled_review(struct session *session) {
    struct error error;
    size_t count = session->unsettled_count, settled = 0;
    if (count == 0)
        return;
    struct item **items = memory_new(count, sizeof(struct item *));
    for (size_t i = 0; i < count; i++)
        if (settle(session->unsettled[i]))
            items[settled++] = session->unsettled[i];
    record_conclude(session, items, settled, &error);
    items_sort(items, settled);
    unsettled_cover(session, items, settled);
    free(items);
}

/* ---- later changes of the same bucket -------------------------------------------------------- */

void unsettled_disturb(struct session *session, struct item *const *sorted, size_t count) {
    for (size_t i = 0; i < session->unsettled_count; i++) {
        struct item *older = session->unsettled[i];
        const struct item *newer = items_find(sorted, count, item_name(older));
        if (newer != NULL && newer->state == ITEM_WAITING)
            older->disturbed = true;
    }
}

static bool takes_place(const struct item *newer, const struct item *older) {
    return newer != NULL && newer != older && newer->outcome == OUTCOME_APPLIED &&
           newer->ended >= older->ended && judge_covers(newer->change, older->change);
}

void unsettled_cover(struct session *session, struct item *const *sorted, size_t count) {
    struct error error;
    size_t replaced = 0;
    struct item **items = memory_new(session->unsettled_count + 1, sizeof(struct item *));
    for (size_t i = 0; i < session->unsettled_count; i++) {
        struct item *older = session->unsettled[i];
        if (!older->in_unsettled ||
            !takes_place(items_find(sorted, count, item_name(older)), older))
            continue;
        older->covered = true;
        older->read_at = older->ended + session->settle_after;
        older->in_unsettled = !replace(older);
        if (!older->in_unsettled)
            items[replaced++] = older;
    }
    record_conclude(session, items, replaced, &error);
    sweep(session);
    free(items);
}

/* ---- what is seen ---------------------------------------------------------------------------- */

bool session_is_unsettled(const struct session *session, const char *name) {
    for (size_t i = 0; i < session->unsettled_count; i++)
        if (strcmp(item_name(session->unsettled[i]), name) == 0)
            return true;
    return false;
}

size_t session_unsettled(const struct session *session) {
    return session->unsettled_count;
}

void session_unsettled_entry(const struct session *session, size_t index,
                             struct unsettled_entry *entry) {
    const struct item *item = session->unsettled[index];
    *entry = (struct unsettled_entry){
        .id = item->id,
        .name = item_name(item),
        .text = item->text ? item->text : "",
        .op = change_op(item->change),
        .since = item->since,
    };
}

bool session_settle_by_hand(struct session *session, const char *id, bool applied,
                            struct error *error) {
    struct item *item = find(session, id);
    if (item == NULL)
        return error_set(error, "no change that isn't settled has the id %s", id);
    if (!record_by_hand(item, applied, error))
        return false;
    item_settle(item, applied ? OUTCOME_APPLIED : OUTCOME_REFUSED,
                applied ? "applied: somebody said so" : "not applied: somebody said so");
    item->in_unsettled = false;
    sweep(session);
    return true;
}
