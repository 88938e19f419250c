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
        session->by_name = memory_resize(session->by_name, capacity, sizeof(struct item *));
        session->by_id = memory_resize(session->by_id, capacity, sizeof(struct item *));
        session->unsettled_capacity = capacity;
    }
    session->unsettled[session->unsettled_count++] = item;
    item->in_unsettled = true;
    item->read_at = item->hopeless ? 0 : next_reading(session, item);
}

static int compare_ids(const void *a, const void *b) {
    const struct item *first = *(struct item *const *)a, *second = *(struct item *const *)b;
    return strcmp(first->id, second->id);
}

void unsettled_sweep(struct session *session) {
    size_t kept = 0;
    for (size_t i = 0; i < session->unsettled_count; i++) {
        struct item *item = session->unsettled[i];
        if (item->in_unsettled)
            session->by_id[kept] = session->by_name[kept] = session->unsettled[kept] = item, kept++;
        else
            item_free(item);
    }
    session->unsettled_count = kept;
    items_sort(session->by_name, kept);
    if (kept > 1)
        qsort(session->by_id, kept, sizeof(struct item *), compare_ids);
}

struct item *const *unsettled_of(const struct session *session, const char *name, size_t *count) {
    size_t low = 0, high = session->unsettled_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(item_name(session->by_name[middle]), name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    while (high < session->unsettled_count && strcmp(item_name(session->by_name[high]), name) == 0)
        high++;
    *count = high - low;
    return &session->by_name[low];
}

static int compare_id(const void *id, const void *item) {
    return strcmp(id, (*(struct item *const *)item)->id);
}

static struct item *find(const struct session *session, const char *id) {
    struct item *const *found = session->unsettled_count > 0
                                    ? bsearch(id, session->by_id, session->unsettled_count,
                                              sizeof(struct item *), compare_id)
                                    : NULL;
    return found ? *found : NULL;
}

bool unsettled_holds(const struct session *session, const char *id) {
    return find(session, id) != NULL;
}

void unsettled_forget_recovered(struct session *session) {
    for (size_t i = 0; i < session->unsettled_count; i++)
        if (session->unsettled[i]->recovered)
            session->unsettled[i]->in_unsettled = false;
    unsettled_sweep(session);
}

void unsettled_finish(struct session *session) {
    for (size_t i = 0; i < session->unsettled_count; i++)
        session->unsettled[i]->in_unsettled = false;
    unsettled_sweep(session);
    free(session->unsettled);
    free(session->by_name);
    free(session->by_id);
    session->unsettled = session->by_name = session->by_id = NULL;
    session->unsettled_capacity = 0;
}

/* ---- settling -------------------------------------------------------------------------------- */

bool unsettled_replace(struct item *item) {
    if (!item->covered || !judge_is_late(item->session, item))
        return false;
    item->replaced = true;
    item->in_unsettled = false;
    item_settle(item, OUTCOME_UNKNOWN, "unknown: a later change has taken its place");
    return true;
}

void unsettled_announce(const struct item *item) {
    struct session *session = item->session;
    session->settled_count++;
    session->settled_as_applied = item->outcome == OUTCOME_APPLIED;
    buffer_clear(&session->settled_text);
    buffer_append_string(&session->settled_text, item->text);
    session->serial++;
}

/* False if it stays unsettled. */
static bool settle(struct item *item) {
    struct judgement judgement = judge(item->session, item);
    if (judgement.outcome != OUTCOME_UNKNOWN) {
        item->in_unsettled = false;
        item_settle(item, judgement.outcome, judgement.text);
        unsettled_announce(item);
        return true;
    }
    if (unsettled_replace(item))
        return true;
    item_say(item, judgement.text);
    if (!judgement.reading_helps && !item->covered)
        item->read_at = 0;
    return false;
}

/* The journal couldn't be read, so that others may know more: it is looked at again soon. */
static void put_off(struct item *item) {
    int64_t soon = clock_ms() + READ_FIRST_MS;
    if (item->read_at == 0 || item->read_at > soon)
        item->read_at = soon;
}

void unsettled_review(struct session *session) {
    struct error error;
    bool known = recovery_look(session);
    size_t count = session->unsettled_count, settled = 0;
    if (count == 0)
        return;
    struct item **items = memory_new(count, sizeof(struct item *));
    for (size_t i = 0; i < count; i++) {
        struct item *item = session->unsettled[i];
        if (item->recovered && !known)
            put_off(item);
        else if (settle(item))
            items[settled++] = item;
    }
    record_conclude(session, items, settled, &error);
    sequel_ends(session, items, settled);
    unsettled_sweep(session);
    free(items);
}

/* ---- what is seen ---------------------------------------------------------------------------- */

bool session_is_unsettled(const struct session *session, const char *name) {
    size_t count;
    unsettled_of(session, name, &count);
    return count > 0;
}

size_t session_unsettled(const struct session *session) {
    return session->unsettled_count;
}

struct settled session_settled(const struct session *session) {
    return (struct settled){session->settled_count, session->settled_as_applied,
                            session->settled_text.data};
}

static int64_t settles_ms(const struct item *item) {
    const struct bucket *before = change_before(item->change);
    bool shows = change_find(item->change, before) == CHANGE_LEFT_AS_WAS;
    bool proves = shows && !item->accepted && judge_is_proof(item, before);
    return proves ? clock_wall_ms() + item->ended + item->session->settle_after - clock_ms() : 0;
}

int64_t session_settles_ms(const struct session *session, const char *name) {
    size_t count;
    struct item *const *items = unsettled_of(session, name, &count);
    int64_t last = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t at = settles_ms(items[i]);
        last = at > last ? at : last;
    }
    return last;
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
        .settles_ms = settles_ms(item),
    };
}

bool session_settle_by_hand(struct session *session, const char *id, bool applied,
                            struct error *error) {
    recovery_look(session); /* somebody else may have settled it */
    struct item *item = find(session, id);
    if (item == NULL)
        return error_set(error, "no change that isn't settled has the id %s", id);
    if (!record_by_hand(item, applied, error))
        return false;
    item->in_unsettled = false;
    item_settle(item, applied ? OUTCOME_APPLIED : OUTCOME_REFUSED,
                applied ? "applied: somebody said so" : "not applied: somebody said so");
    sequel_ends(session, &item, 1);
    unsettled_sweep(session);
    return true;
}
