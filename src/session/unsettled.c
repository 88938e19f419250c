#include "unsettled.h"

#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "internal.h"
#include "judge.h"
#include "pail/base/clock.h"
#include "pail/base/memory.h"
#include "record.h"
#include "recovery.h"
#include "sequel.h"

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
    const struct unsettled *unsettled = &session->unsettled;
    int64_t due = 0;
    for (size_t i = 0; i < unsettled->count; i++) {
        int64_t at = unsettled->items[i]->read_at;
        if (at != 0 && (due == 0 || at < due))
            due = at;
    }
    return due;
}

void unsettled_reading_begins(struct session *session) {
    const struct unsettled *unsettled = &session->unsettled;
    int64_t now = clock_ms();
    for (size_t i = 0; i < unsettled->count; i++) {
        struct item *item = unsettled->items[i];
        if (item->read_at != 0 && item->read_at <= now)
            item->read_at = next_reading(session, item);
    }
}

/* ---- the set --------------------------------------------------------------------------------- */

void unsettled_add(struct session *session, struct item *item) {
    struct unsettled *unsettled = &session->unsettled;
    if (unsettled->count == unsettled->capacity) {
        size_t capacity = unsettled->capacity ? unsettled->capacity * 2 : 4;
        unsettled->items = memory_resize(unsettled->items, capacity, sizeof(struct item *));
        unsettled->by_name = memory_resize(unsettled->by_name, capacity, sizeof(struct item *));
        unsettled->by_id = memory_resize(unsettled->by_id, capacity, sizeof(struct item *));
        unsettled->capacity = capacity;
    }
    unsettled->items[unsettled->count++] = item;
    item->in_unsettled = true;
    item->read_at = item->hopeless ? 0 : next_reading(session, item);
}

static int compare_ids(const void *a, const void *b) {
    const struct item *first = *(struct item *const *)a, *second = *(struct item *const *)b;
    return strcmp(first->id, second->id);
}

void unsettled_sweep(struct session *session) {
    struct unsettled *unsettled = &session->unsettled;
    size_t kept = 0;
    for (size_t i = 0; i < unsettled->count; i++) {
        struct item *item = unsettled->items[i];
        if (item->in_unsettled) {
            unsettled->by_id[kept] = unsettled->by_name[kept] = unsettled->items[kept] = item;
            kept++;
        } else
            item_free(item);
    }
    unsettled->count = kept;
    items_sort(unsettled->by_name, kept);
    if (kept > 1)
        qsort(unsettled->by_id, kept, sizeof(struct item *), compare_ids);
}

struct item *const *unsettled_of(const struct session *session, const char *name, size_t *count) {
    const struct unsettled *unsettled = &session->unsettled;
    size_t low = 0, high = unsettled->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(item_name(unsettled->by_name[middle]), name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    while (high < unsettled->count && strcmp(item_name(unsettled->by_name[high]), name) == 0)
        high++;
    *count = high - low;
    return &unsettled->by_name[low];
}

static int compare_id(const void *id, const void *item) {
    return strcmp(id, (*(struct item *const *)item)->id);
}

static struct item *find(const struct session *session, const char *id) {
    const struct unsettled *unsettled = &session->unsettled;
    struct item *const *found =
        unsettled->count > 0
            ? bsearch(id, unsettled->by_id, unsettled->count, sizeof(struct item *), compare_id)
            : NULL;
    return found ? *found : NULL;
}

bool unsettled_holds(const struct session *session, const char *id) {
    return find(session, id) != NULL;
}

void unsettled_forget_recovered(struct session *session) {
    const struct unsettled *unsettled = &session->unsettled;
    for (size_t i = 0; i < unsettled->count; i++)
        if (unsettled->items[i]->recovered)
            unsettled->items[i]->in_unsettled = false;
    unsettled_sweep(session);
}

void unsettled_finish(struct session *session) {
    struct unsettled *unsettled = &session->unsettled;
    for (size_t i = 0; i < unsettled->count; i++)
        unsettled->items[i]->in_unsettled = false;
    unsettled_sweep(session);
    free(unsettled->items);
    free(unsettled->by_name);
    free(unsettled->by_id);
    unsettled->items = unsettled->by_name = unsettled->by_id = NULL;
    unsettled->capacity = 0;
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
    struct unsettled *unsettled = &session->unsettled;
    unsettled->settled++;
    unsettled->settled_as_applied = item->outcome == OUTCOME_APPLIED;
    buffer_clear(&unsettled->settled_text);
    buffer_append_string(&unsettled->settled_text, item->text);
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
    size_t count = session->unsettled.count, settled = 0;
    if (count == 0)
        return;
    struct item **items = memory_new(count, sizeof(struct item *));
    for (size_t i = 0; i < count; i++) {
        struct item *item = session->unsettled.items[i];
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
    return session->unsettled.count;
}

struct settled session_settled(const struct session *session) {
    const struct unsettled *unsettled = &session->unsettled;
    return (struct settled){unsettled->settled, unsettled->settled_as_applied,
                            unsettled->settled_text.data};
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
    const struct item *item = session->unsettled.items[index];
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
