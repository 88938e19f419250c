/* Changes of earlier sittings at this service whose outcome the journal doesn't have. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "pail/base/clock.h"
#include "pail/base/memory.h"

static struct change *recall(const struct journal_record *record) {
    return change_recall(record->op, record->has_before ? &record->before : NULL,
                         record->has_after ? &record->after : NULL, record->changed,
                         record->cleared);
}

/* By clock_ms. A pail that died waited no longer than it lived, and than it said it would. */
static int64_t end_of(const struct journal_record *record) {
    int64_t now = clock_wall_ms();
    int64_t end = record->ended_ms ? record->ended_ms : record->until_ms ? record->until_ms : now;
    return clock_ms() - (end < now ? now - end : 0);
}

/* It may have made the entry another one, and isn't among those that are unsettled here. */
static bool counts(const struct session *session, const struct journal_record *record) {
    const struct journal *journal = session->journal;
    bool elsewhere = !journal_is_settled(record->state) && !unsettled_holds(session, record->id) &&
                     (journal_is_ours(journal, record) || journal_is_running(journal, record));
    return record->state == JOURNAL_APPLIED || record->state == JOURNAL_REPLACED || elsewhere;
}

/* What an earlier or a later change of the same bucket means for it (sequel.c). */
static void compare(struct item *item, const struct journal_record *record,
                    const struct journal_record *other, bool later) {
    struct change *change = recall(other);
    /* An earlier one counts if it may have taken effect after this one was sent. */
    int64_t end = other->ended_ms ? other->ended_ms : other->until_ms;
    bool early = !later && (end == 0 || end + item->session->settle_after > record->when_ms);
    item->rivals += (later || early) && sequel_makes(change, item->change);
    item->restorers += early && sequel_restores(change, item->change);
    item->followers += later;
    item->covered |=
        later && other->state == JOURNAL_APPLIED && sequel_covers(change, item->change);
    change_destroy(change);
}

static void look_at_others(struct item *item, const struct journal *journal, size_t index) {
    const struct journal_record *record = journal_record(journal, index);
    for (size_t i = 0; i < journal_count(journal); i++) {
        const struct journal_record *other = journal_record(journal, i);
        if (i != index && strcmp(other->bucket, record->bucket) == 0 &&
            strcmp(other->host, record->host) == 0 && counts(item->session, other))
            compare(item, record, other, i > index);
    }
}

static struct item *recover(struct session *session, size_t index) {
    const struct journal_record *record = journal_record(session->journal, index);
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
    look_at_others(item, session->journal, index);
    item_say(item, record->state == JOURNAL_OPEN
                       ? "unknown: pail was ended before the answer; the next reading tells"
                       : record->text);
    return item;
}

/* ---- taking up ------------------------------------------------------------------------------- */

static bool is_to_be_taken(const struct session *session, const struct journal_record *record) {
    return !journal_is_settled(record->state) && strcmp(record->host, session->host) == 0 &&
           !unsettled_holds(session, record->id) && !journal_is_ours(session->journal, record) &&
           !journal_is_running(session->journal, record);
}

static void take(struct session *session) {
    const struct journal *journal = session->journal;
    size_t count = journal_count(journal), taken = 0;
    struct item **items = memory_new(count + 1, sizeof(struct item *));
    for (size_t i = 0; i < count; i++)
        if (is_to_be_taken(session, journal_record(journal, i)))
            items[taken++] = recover(session, i);
    for (size_t i = 0; i < taken; i++)
        unsettled_add(session, items[i]);
    unsettled_sweep(session);
    for (size_t i = 0; i < taken; i++)
        sequel_joins(items[i], items[0]->order);
    session->serial += taken > 0;
    free(items);
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
    size_t count = session->unsettled_count, adopted = 0;
    struct item **items = memory_new(count + 1, sizeof(struct item *));
    for (size_t i = 0; i < count; i++) {
        struct item *item = session->unsettled[i];
        const struct journal_record *record = journal_find(session->journal, item->id);
        if (record == NULL || !journal_is_settled(record->state))
            continue;
        adopt(item, record);
        items[adopted++] = item;
    }
    sequel_ends(session, items, adopted);
    unsettled_sweep(session);
    free(items);
}

void session_look_at_journal(struct session *session) {
    recovery_look(session);
}

void recovery_look(struct session *session) {
    struct error error;
    struct journal *journal = record_journal(session);
    if (journal == NULL)
        return;
    char *host = record_host(session);
    if (session->host != NULL && strcmp(host, session->host) != 0)
        unsettled_forget_recovered(session);
    free(session->host);
    session->host = host;
    journal_refresh(journal, &error);
    adopt_all(session);
    take(session);
}
