#include "recovery.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "internal.h"
#include "pail/base/clock.h"
#include "pail/base/memory.h"
#include "record.h"
#include "sequel.h"
#include "unsettled.h"

enum { LOOK_AGAIN_MS = 1000 }; /* while another pail is writing */

static struct change *recall(const struct journal_record *record) {
    return change_recall(record->op, record->has_before ? &record->before : NULL,
                         record->has_after ? &record->after : NULL, record->changed,
                         record->cleared);
}

/* By clock_ms. A pail that died waited no longer than it lived, and than it said it would; where it
 * isn't known whether it lives, than it said. */
static int64_t end_of(const struct journal_record *record) {
    int64_t wall = clock_wall_ms(), now = clock_ms(); /* in this order: none is too early */
    int64_t end = record->ended_ms ? record->ended_ms : record->until_ms ? record->until_ms : wall;
    bool may_live = record->ended_ms == 0 && record->run[0] == '\0';
    return end < wall || may_live ? now - (wall - end) : now;
}

/* As journal_is_running says; records of one pail mostly follow each other. */
static bool is_running(struct session *session, const struct journal_record *record) {
    struct recovery *recovery = &session->recovery;
    if (recovery->asked_run[0] == '\0' || strcmp(recovery->asked_run, record->run) != 0) {
        recovery->asked_running = journal_is_running(session->record.journal, record);
        snprintf(recovery->asked_run, sizeof recovery->asked_run, "%s", record->run);
    }
    return recovery->asked_running;
}

/* Somebody else's business: ours under way, or that of a pail that is running. */
static bool is_under_way(struct session *session, const struct journal_record *record) {
    return !journal_is_settled(record->state) &&
           (journal_is_ours(session->record.journal, record) || is_running(session, record));
}

/* It may have made the entry another one, and isn't among those that are unsettled here. */
static bool counts(struct session *session, const struct journal_record *record) {
    return record->state == JOURNAL_APPLIED || record->state == JOURNAL_REPLACED ||
           (!unsettled_holds(session, record->id) && is_under_way(session, record));
}

/* An earlier one may have taken effect after a change of that time was sent. A pail that was
 * stopped may send when it goes on: until doesn't bind it. */
static bool may_be_late(struct session *session, const struct journal_record *earlier,
                        int64_t when_ms) {
    int64_t end = earlier->ended_ms ? earlier->ended_ms : earlier->until_ms;
    return end == 0 || end + session->settle_after > when_ms || is_under_way(session, earlier);
}

enum place { BEFORE, LONG_BEFORE, AFTER };

/* What an earlier or a later change of the same bucket means for it (sequel.c). */
static void compare(struct item *item, const struct journal_record *other,
                    const struct change *change, enum place place) {
    bool later = place == AFTER, early = place == BEFORE;
    item->rivals += (later || early) && sequel_makes(change, item->change);
    item->restorers += early && sequel_restores(change, item->change);
    item->followers += later;
    item->covered |=
        later && other->state == JOURNAL_APPLIED && sequel_covers(change, item->change);
}

static struct item *recover(struct session *session, const struct journal_record *record) {
    struct item *item = memory_new(1, sizeof *item);
    item->session = session;
    item->change = recall(record);
    memcpy(item->id, record->id, strlen(record->id) + 1);
    item->user = memory_string(record->user);
    item->since = (time_t)(record->when_ms / 1000);
    item->state = ITEM_DONE;
    item->outcome = OUTCOME_UNKNOWN;
    item->order = ++session->last_order;
    item->recovered = item->begun = true;
    item->accepted = record->accepted;
    item->ended = end_of(record);
    snprintf(item->why, sizeof item->why, "%s",
             record->state == JOURNAL_OPEN ? "pail was ended before the answer"
                                           : "an earlier sitting got no clear answer");
    item_say(item, record->state == JOURNAL_OPEN
                       ? "unknown: pail was ended before the answer; the next reading tells"
                       : record->text);
    return item;
}

/* ---- taking up ------------------------------------------------------------------------------- */

static bool is_to_be_taken(struct session *session, const struct journal_record *record) {
    return !journal_is_settled(record->state) &&
           strcmp(record->host, session->recovery.host) == 0 &&
           !unsettled_holds(session, record->id) &&
           !journal_is_ours(session->record.journal, record) && !is_running(session, record);
}

struct taking { /* a record, and what was made of it; NULL: it isn't taken up */
    const struct journal_record *record;
    size_t index;
    struct item *item;
};

static int compare_buckets(const void *a, const void *b) {
    const struct taking *first = a, *second = b;
    int order = strcmp(first->record->bucket, second->record->bucket);
    return order != 0 ? order : first->index < second->index ? -1 : first->index > second->index;
}

/* What the other one, which isn't taken up, means for those that are. */
static void look_at_other(struct session *session, const struct taking *other,
                          const struct taking *takings, size_t count) {
    struct change *change = recall(other->record);
    for (size_t i = 0; i < count; i++) {
        const struct taking *taking = &takings[i];
        if (taking->item != NULL)
            compare(taking->item, other->record, change,
                    other->index > taking->index                                   ? AFTER
                    : may_be_late(session, other->record, taking->record->when_ms) ? BEFORE
                                                                                   : LONG_BEFORE);
    }
    change_destroy(change);
}

/* All of one bucket; sequel_join looks at those that are taken up. */
static void look_at_bucket(struct session *session, const struct taking *takings, size_t count) {
    bool any = false;
    for (size_t i = 0; i < count; i++)
        any |= takings[i].item != NULL;
    for (size_t i = 0; i < count && any; i++)
        if (takings[i].item == NULL &&
            strcmp(takings[i].record->host, session->recovery.host) == 0 &&
            counts(session, takings[i].record))
            look_at_other(session, &takings[i], takings, count);
}

/* Each with all others of its bucket: sorted by it, they lie side by side. */
static void look_at_all(struct session *session, struct taking *takings, size_t count) {
    qsort(takings, count, sizeof *takings, compare_buckets);
    for (size_t first = 0, end; first < count; first = end) {
        end = first + 1;
        while (end < count &&
               strcmp(takings[end].record->bucket, takings[first].record->bucket) == 0)
            end++;
        look_at_bucket(session, &takings[first], end - first);
    }
}

/* Those whose pails have ended, in the journal's order. */
struct ended {
    char (*ids)[JOURNAL_ID_SIZE];
    size_t count;
};

static struct ended find_ended(struct session *session) {
    const struct journal *journal = session->record.journal;
    size_t count = journal_count(journal);
    struct ended ended = {memory_new(count + 1, sizeof *ended.ids), 0};
    for (size_t i = 0; i < count; i++) {
        const struct journal_record *record = journal_record(journal, i);
        if (is_to_be_taken(session, record))
            memcpy(ended.ids[ended.count++], record->id, strlen(record->id) + 1);
    }
    return ended;
}

static void take(struct session *session, const struct ended *ended) {
    const struct journal *journal = session->record.journal;
    size_t count = journal_count(journal), next = 0, taken = 0;
    struct item **items = memory_new(ended->count + 1, sizeof(struct item *));
    struct taking *takings = memory_new(count + 1, sizeof *takings);
    for (size_t i = 0; i < count; i++) {
        takings[i] = (struct taking){journal_record(journal, i), i, NULL};
        if (next == ended->count || strcmp(takings[i].record->id, ended->ids[next]) != 0)
            continue;
        next++;
        if (!journal_is_settled(takings[i].record->state))
            items[taken++] = takings[i].item = recover(session, takings[i].record);
    }
    if (taken > 0)
        look_at_all(session, takings, count);
    for (size_t i = 0; i < taken; i++)
        unsettled_add(session, items[i]);
    unsettled_sweep(session);
    sequel_join(items, taken);
    session->serial += taken > 0;
    free(takings);
    free(items);
}

/* ---- what others have sent since ------------------------------------------------------------- */

/* What they send of a bucket makes those doubtful that were taken up before. */
static void look_at_new(struct session *session, const struct journal_record *other) {
    size_t count;
    struct item *const *items = unsettled_of(session, other->bucket, &count);
    if (count == 0 || strcmp(other->host, session->recovery.host) != 0 || !counts(session, other) ||
        journal_is_ours(session->record.journal, other)) /* sequel_begins has counted those */
        return;
    struct change *change = recall(other);
    for (size_t i = 0; i < count; i++)
        if (items[i]->recovered)
            compare(items[i], other, change, AFTER);
    change_destroy(change);
}

static void look_at_all_new(struct session *session) {
    struct recovery *recovery = &session->recovery;
    const struct journal *journal = session->record.journal;
    size_t count = journal_count(journal), first = count;
    while (first > 0 && strcmp(journal_record(journal, first - 1)->id, recovery->last_seen) != 0)
        first--;
    for (size_t i = first; i < count && recovery->last_seen[0] != '\0'; i++)
        look_at_new(session, journal_record(journal, i));
    if (count > 0)
        snprintf(recovery->last_seen, sizeof recovery->last_seen, "%s",
                 journal_record(journal, count - 1)->id);
}

/* ---- what others have settled ---------------------------------------------------------------- */

static void adopt(struct item *item, const struct journal_record *record) {
    static const enum submission_outcome outcomes[JOURNAL_STATES] = {
        [JOURNAL_APPLIED] = OUTCOME_APPLIED,   [JOURNAL_REFUSED] = OUTCOME_REFUSED,
        [JOURNAL_NOT_SENT] = OUTCOME_NOT_SENT, [JOURNAL_CONFLICT] = OUTCOME_CONFLICT,
        [JOURNAL_REPLACED] = OUTCOME_UNKNOWN,
    };
    item->replaced = record->state == JOURNAL_REPLACED;
    item->in_unsettled = false;
    item_settle(item, outcomes[record->state], record->text);
    unsettled_announce(item);
}

static void adopt_all(struct session *session) {
    size_t count = session->unsettled.count, adopted = 0;
    struct item **items = memory_new(count + 1, sizeof(struct item *));
    for (size_t i = 0; i < count; i++) {
        struct item *item = session->unsettled.items[i];
        const struct journal_record *record = journal_find(session->record.journal, item->id);
        if (record == NULL || !journal_is_settled(record->state))
            continue;
        adopt(item, record);
        items[adopted++] = item;
    }
    sequel_ends(session, items, adopted);
    unsettled_sweep(session);
    free(items);
}

/* ---- looking --------------------------------------------------------------------------------- */

bool session_journal_is_awaited(const struct session *session) {
    return session->recovery.look_at != 0;
}

void session_look_at_journal(struct session *session) {
    recovery_look(session);
}

/* False: another pail is writing, or the journal can't be read. */
static bool is_read(struct session *session) {
    struct error error;
    session->recovery.asked_run[0] = '\0';
    return journal_refresh(session->record.journal, &error) &&
           !journal_is_stale(session->record.journal);
}

bool recovery_look(struct session *session) {
    struct recovery *recovery = &session->recovery;
    recovery->look_at = 0;
    if (record_journal(session) == NULL) {
        if (session->record.busy && session->record.wait_ms < LOOK_AGAIN_MS)
            recovery->look_at = clock_ms() + LOOK_AGAIN_MS;
        return true; /* so nothing was taken up */
    }
    char *host = record_host(session);
    if (recovery->host != NULL && strcmp(host, recovery->host) != 0)
        unsettled_forget_recovered(session);
    free(recovery->host);
    recovery->host = host;
    bool good = is_read(session);
    struct ended ended = find_ended(session);
    /* A pail that has ended since may have written what came of its changes before: its last word
     * is what is there after it was seen to have ended. */
    good = good && (ended.count == 0 || is_read(session));
    adopt_all(session);
    look_at_all_new(session);
    if (good)
        take(session, &ended);
    free(ended.ids);
    return good;
}

int recovery_tick(struct session *session) {
    const struct recovery *recovery = &session->recovery;
    int64_t wait = recovery->look_at - clock_ms();
    if (recovery->look_at == 0)
        return -1;
    if (wait > 0)
        return (int)wait;
    recovery_look(session);
    return recovery->look_at == 0 ? 0 : LOOK_AGAIN_MS;
}
