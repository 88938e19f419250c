#include "sequel.h"

#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "internal.h"
#include "pail/base/memory.h"
#include "record.h"
#include "unsettled.h"

/* Bits 1 << field. */
static unsigned sets(const struct change *change) {
    unsigned fields = 0;
    for (size_t i = 0; i < change_line_count(change); i++) {
        struct change_line line = change_line(change, i);
        if (line.kind != LINE_KEPT)
            fields |= 1U << line.field;
    }
    return fields;
}

bool sequel_covers(const struct change *newer, const struct change *older) {
    if (change_op(newer) != CHANGE_MODIFY)
        return true;
    return change_op(older) == CHANGE_MODIFY && (sets(older) & ~sets(newer)) == 0;
}

bool sequel_makes(const struct change *change, const struct change *other) {
    const struct bucket *wanted = change_wanted(other);
    if (!sequel_covers(change, other))
        return false;
    if (wanted == NULL)
        return change_op(change) == CHANGE_DELETE;
    enum change_finding finding = change_find(change, wanted);
    return finding == CHANGE_TOOK_PLACE || finding == CHANGE_NOT_VISIBLE;
}

bool sequel_restores(const struct change *change, const struct change *other) {
    return change_find(change, change_before(other)) == CHANGE_TOOK_PLACE;
}

/* ---- beginnings ------------------------------------------------------------------------------ */

static void pair(struct item *older, struct item *newer) {
    older->followers++;
    older->rivals += sequel_makes(newer->change, older->change);
    newer->rivals += sequel_makes(older->change, newer->change);
    newer->restorers += sequel_restores(older->change, newer->change);
}

void sequel_begins(struct item *newer) {
    size_t count;
    struct item *const *others = unsettled_of(newer->session, item_name(newer), &count);
    for (size_t i = 0; i < count; i++)
        pair(others[i], newer);
    newer->begun = true;
}

/* ---- many at once ---------------------------------------------------------------------------- */

/* Changes of one bucket that nothing tells apart, so that `pair` need not see each with each. */
struct kind {
    const struct change *change; /* one of them */
    size_t all, joining;
    size_t earlier; /* than the one that is looked at */
    size_t makers, joining_makers;
};

struct kinds { /* sorted: change_order */
    struct kind *list;
    size_t count;
};

static int compare_changes(const void *a, const void *b) {
    return change_order((*(struct item *const *)a)->change, (*(struct item *const *)b)->change);
}

static struct kinds find_kinds(struct item *const *items, size_t count, unsigned long first) {
    struct item **sorted = memory_new(count, sizeof(struct item *));
    struct kinds kinds = {memory_new(count, sizeof *kinds.list), 0};
    memcpy(sorted, items, count * sizeof(struct item *));
    qsort(sorted, count, sizeof(struct item *), compare_changes);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || compare_changes(&sorted[i - 1], &sorted[i]) != 0)
            kinds.list[kinds.count++].change = sorted[i]->change;
        kinds.list[kinds.count - 1].all++;
        kinds.list[kinds.count - 1].joining += sorted[i]->order >= first;
    }
    free(sorted);
    return kinds;
}

static int compare_kind(const void *change, const void *kind) {
    return change_order(change, ((const struct kind *)kind)->change);
}

static struct kind *kind_of(const struct kinds *kinds, const struct change *change) {
    return bsearch(change, kinds->list, kinds->count, sizeof *kinds->list, compare_kind);
}

/* Those that want that state, secrets aside: no others can have made it. */
static const struct kind *wanting(const struct kinds *kinds, const struct bucket *state,
                                  size_t *count) {
    size_t low = 0, high = kinds->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (change_order_wanted(kinds->list[middle].change, state) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    while (high < kinds->count && change_order_wanted(kinds->list[high].change, state) == 0)
        high++;
    *count = high - low;
    return &kinds->list[low];
}

static void count_makers(const struct kinds *kinds, struct kind *kind) {
    size_t count;
    const struct kind *others = wanting(kinds, change_wanted(kind->change), &count);
    for (size_t i = 0; i < count; i++)
        if (sequel_makes(others[i].change, kind->change)) {
            kind->makers += others[i].all;
            kind->joining_makers += others[i].joining;
        }
}

static size_t count_restorers(const struct kinds *kinds, const struct change *change) {
    size_t count, restorers = 0;
    const struct kind *others = wanting(kinds, change_before(change), &count);
    for (size_t i = 0; i < count; i++)
        if (others[i].earlier > 0 && sequel_restores(others[i].change, change))
            restorers += others[i].earlier;
    return restorers;
}

/* As if each that joins was paired with every one before it; of those that were there already it
 * isn't known which of the two was first. items: all of the bucket, the oldest first. */
static void join(struct item *const *items, size_t count, unsigned long first) {
    struct kinds kinds = find_kinds(items, count, first);
    size_t old = 0;
    while (old < count && items[old]->order < first)
        old++;
    for (size_t i = 0; i < kinds.count; i++)
        count_makers(&kinds, &kinds.list[i]);
    for (size_t i = 0; i < count; i++) {
        struct item *item = items[i];
        struct kind *kind = kind_of(&kinds, item->change);
        if (i < old) {
            item->followers += count - old;
            item->rivals += kind->joining_makers;
        } else {
            item->followers += count - 1 - i + old;
            item->rivals += kind->makers - sequel_makes(item->change, item->change);
            item->restorers += count_restorers(&kinds, item->change);
        }
        kind->earlier++;
    }
    free(kinds.list);
}

void sequel_join(struct item *const *items, size_t count) {
    struct item **sorted = memory_new(count + 1, sizeof(struct item *));
    memcpy(sorted, items, count * sizeof(struct item *));
    items_sort(sorted, count);
    for (size_t i = 0; i < count; i++) {
        const char *name = item_name(sorted[i]);
        size_t others;
        if (i > 0 && strcmp(item_name(sorted[i - 1]), name) == 0)
            continue;
        struct item *const *all = unsettled_of(sorted[i]->session, name, &others);
        join(all, others, items[0]->order);
    }
    free(sorted);
}

/* ---- ends ------------------------------------------------------------------------------------ */

static bool surely_was_not(const struct item *item) {
    return item->outcome == OUTCOME_REFUSED || item->outcome == OUTCOME_NOT_SENT ||
           item->outcome == OUTCOME_CONFLICT;
}

/* It can't have done what the other one wanted: what `pair` counted doesn't count. */
static void take_back(struct item *other, const struct item *ended) {
    if (other->order < ended->order && other->followers > 0)
        other->followers--;
    if (other->order > ended->order && other->restorers > 0 &&
        sequel_restores(ended->change, other->change))
        other->restorers--;
    if (other->rivals > 0 && sequel_makes(ended->change, other->change))
        other->rivals--;
}

/* True if the other one is settled by it. */
static bool ends_for(struct item *other, const struct item *ended) {
    if (!other->in_unsettled || other->order == ended->order)
        return false;
    if (surely_was_not(ended) && ended->begun)
        take_back(other, ended);
    if (other->order > ended->order || ended->outcome != OUTCOME_APPLIED ||
        !sequel_covers(ended->change, other->change))
        return false;
    other->covered = true;
    other->read_at = other->ended + other->session->settle_after;
    return unsettled_replace(other);
}

void sequel_ends(struct session *session, struct item *const *ended, size_t ended_count) {
    struct error error;
    size_t replaced = 0;
    struct item **items = memory_new(session->unsettled.count + 1, sizeof(struct item *));
    for (size_t n = 0; n < ended_count; n++) {
        size_t count;
        struct item *const *others = unsettled_of(session, item_name(ended[n]), &count);
        for (size_t i = 0; i < count; i++)
            if (ends_for(others[i], ended[n]))
                items[replaced++] = others[i];
    }
    record_conclude(session, items, replaced, &error);
    free(items);
}
