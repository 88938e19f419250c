#include "sequel.h"

#include <stdlib.h>

#include "batch.h"
#include "internal.h"
#include "pail/base/memory.h"
#include "record.h"
#include "unsettled.h"

static bool sets(const struct change *change, enum bucket_field field) {
    for (size_t i = 0; i < change_line_count(change); i++) {
        struct change_line line = change_line(change, i);
        if (line.field == field && line.kind != LINE_KEPT)
            return true;
    }
    return false;
}

bool sequel_covers(const struct change *newer, const struct change *older) {
    if (change_op(newer) != CHANGE_MODIFY)
        return true;
    if (change_op(older) != CHANGE_MODIFY)
        return false;
    for (int field = 0; field < FIELD_COUNT; field++)
        if (sets(older, (enum bucket_field)field) && !sets(newer, (enum bucket_field)field))
            return false;
    return true;
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

void sequel_joins(struct item *item, unsigned long first) {
    size_t count;
    struct item *const *others = unsettled_of(item->session, item_name(item), &count);
    for (size_t i = 0; i < count; i++) {
        if (others[i]->order >= item->order)
            continue;
        pair(others[i], item);
        item->followers += others[i]->order < first; /* it isn't known which of them was first */
    }
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
