#include "record.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "door.h"
#include "internal.h"
#include "log.h"
#include "pail/base/clock.h"
#include "pail/base/memory.h"
#include "pail/base/url.h"

enum { LEAVING_MS = 500 }; /* that whoever leaves waits for another pail, at least */

/* ---- the journal ----------------------------------------------------------------------------- */

struct journal *record_journal(struct session *session) {
    struct record *record = &session->record;
    if (record->journal != NULL || record->path == NULL)
        return record->journal;
    const char *path = record->path[0] ? record->path : NULL;
    bool troubled = record->why.text[0] != '\0';
    record->journal = journal_open_within(path, record->wait_ms, &record->why);
    record->busy = record->journal == NULL && errno == EWOULDBLOCK;
    session->serial += troubled != (record->journal == NULL); /* which is seen */
    if (record->journal == NULL)
        return NULL;
    record->why.text[0] = '\0';
    if (journal_damage(record->journal)[0] != '\0')
        log_line(session, "%s", journal_damage(record->journal));
    return record->journal;
}

struct journal *session_journal(struct session *session) {
    return record_journal(session);
}

const char *session_journal_trouble(const struct session *session) {
    return session->record.why.text;
}

char *record_host(const struct session *session) {
    struct url url;
    struct buffer host;
    if (!url_parse(infinstor_change_url(session->infinstor), &url, NULL))
        return memory_string("");
    buffer_init(&host);
    buffer_append_string(&host, url.host);
    if (url.port != (url.https ? 443 : 80))
        buffer_printf(&host, ":%d", url.port);
    const char *end = strrchr(url.path, '/');
    buffer_append(&host, url.path, end ? (size_t)(end - url.path) : 0);
    return buffer_steal(&host);
}

/* ---- intents --------------------------------------------------------------------------------- */

static int64_t until(const struct session *session) {
    long timeout = session->access.timeout_ms;
    return timeout > 0 ? clock_wall_ms() + INTENT_MS + timeout : 0;
}

static bool write_intents(struct session *session, struct item *const *items, size_t count,
                          struct error *error) {
    struct journal_intent intents[WINDOW];
    char ids[WINDOW][JOURNAL_ID_SIZE];
    const struct door *door = &session->door;
    char *host = record_host(session);
    for (size_t i = 0; i < count; i++)
        intents[i] = (struct journal_intent){
            .user = session->user,
            .profile = session->profile,
            .host = host,
            .reason = door->reason,
            .undoes =
                change_undoes(items[i]->change)[0] ? change_undoes(items[i]->change) : door->undoes,
            .change = items[i]->change,
            .until_ms = until(session),
        };
    bool good = journal_intend(session->record.journal, intents, count, ids, error);
    for (size_t i = 0; i < count && good; i++)
        memcpy(items[i]->id, ids[i], sizeof ids[i]);
    free(host);
    return good;
}

bool record_intend(struct session *session, struct item *const *items, size_t count, bool *busy,
                   struct error *error) {
    struct record *record = &session->record;
    *busy = false;
    for (size_t i = 0; i < count; i++)
        items[i]->intended = clock_ms();
    if (record_journal(session) != NULL) {
        bool good = write_intents(session, items, count, error);
        *busy = !good && journal_is_busy(record->journal);
        return good;
    }
    *busy = record->busy;
    if (record->path != NULL)
        return error_set(error, "%s", record->why.text);
    for (size_t i = 0; i < count; i++)
        snprintf(items[i]->id, sizeof items[i]->id, "%lu", ++record->last_id);
    return true;
}

/* ---- outcomes -------------------------------------------------------------------------------- */

static enum journal_state state_of(const struct item *item) {
    static const enum journal_state states[OUTCOME_COUNT] = {
        [OUTCOME_APPLIED] = JOURNAL_APPLIED,   [OUTCOME_REFUSED] = JOURNAL_REFUSED,
        [OUTCOME_NOT_SENT] = JOURNAL_NOT_SENT, [OUTCOME_CONFLICT] = JOURNAL_CONFLICT,
        [OUTCOME_UNKNOWN] = JOURNAL_UNKNOWN,
    };
    return item->replaced ? JOURNAL_REPLACED : states[item->outcome];
}

/* The calendar is looked at last: an end must not seem to be earlier than it was, however long this
 * process stands still between the two looks. */
static int64_t wall_of(int64_t ms) {
    int64_t passed = clock_ms() - ms;
    return clock_wall_ms() - passed;
}

static struct journal_outcome outcome_of(const struct item *item) {
    return (struct journal_outcome){
        .id = item->id,
        .state = state_of(item),
        .accepted = item->accepted,
        .ended_ms = item->ended ? wall_of(item->ended) : 0,
        .text = item->text ? item->text + item->before : "",
    };
}

/* ---- those that wait ------------------------------------------------------------------------- */

static void keep(struct session *session, const struct journal_outcome *outcomes, size_t count) {
    struct waiting *waiting = &session->record.waiting;
    if (waiting->count + count > waiting->capacity) {
        waiting->capacity = (waiting->count + count) * 2;
        waiting->outcomes =
            memory_resize(waiting->outcomes, waiting->capacity, sizeof *waiting->outcomes);
    }
    for (size_t i = 0; i < count; i++) {
        struct journal_outcome *outcome = &waiting->outcomes[waiting->count++];
        *outcome = outcomes[i];
        outcome->id = memory_string(outcomes[i].id);
        outcome->text = memory_string(outcomes[i].text);
    }
    waiting->at = clock_ms() + LOCK_AGAIN_MS;
}

static void forget(struct waiting *waiting) {
    for (size_t i = 0; i < waiting->count; i++) {
        free((char *)waiting->outcomes[i].id);
        free((char *)waiting->outcomes[i].text);
    }
    free(waiting->outcomes);
    *waiting = (struct waiting){0};
}

static bool fail(struct session *session, size_t count, const struct error *error) {
    log_line(session, "not recorded: what came of %zu change%s: %s", count, count == 1 ? "" : "s",
             error->text);
    session->record.not_written = *error;
    session->serial++;
    return false;
}

bool record_catch_up(struct session *session) {
    struct waiting *waiting = &session->record.waiting;
    struct error error;
    if (waiting->count == 0)
        return true;
    if (!journal_conclude(session->record.journal, waiting->outcomes, waiting->count, &error)) {
        if (journal_is_busy(session->record.journal)) {
            waiting->at = clock_ms() + LOCK_AGAIN_MS;
            return false;
        }
        fail(session, waiting->count, &error);
    }
    forget(waiting);
    return true;
}

int record_tick(struct session *session) {
    const struct waiting *waiting = &session->record.waiting;
    if (waiting->count == 0)
        return -1;
    if (clock_ms() >= waiting->at && record_catch_up(session))
        return -1;
    int64_t wait = waiting->at - clock_ms();
    return wait > 0 ? (int)wait : 0;
}

/* Once: whoever leaves isn't held up twice. */
static void try_last(struct session *session) {
    struct waiting *waiting = &session->record.waiting;
    if (waiting->count == 0 || waiting->tried_last)
        return;
    if (session->record.wait_ms < LEAVING_MS)
        journal_set_wait(session->record.journal, LEAVING_MS);
    waiting->tried_last = !record_catch_up(session);
}

size_t session_unrecorded(struct session *session) {
    try_last(session);
    return session->record.waiting.count;
}

/* What isn't in the journal's newest file any more was settled there. */
static bool lacks(const struct session *session, const struct item *item) {
    const struct journal_record *record = journal_find(session->record.journal, item->id);
    return item->outcome != OUTCOME_UNKNOWN && record != NULL && !journal_is_settled(record->state);
}

bool session_is_recorded(struct session *session, struct error *why) {
    const struct door *door = &session->door;
    size_t lacking = 0;
    try_last(session);
    for (size_t i = 0; i < door->count && session->record.journal != NULL; i++)
        lacking += lacks(session, door->items[i]);
    if (lacking > 0)
        *why = session->record.not_written;
    return lacking == 0;
}

void record_finish(struct session *session) {
    try_last(session);
    forget(&session->record.waiting);
}

static bool write_outcomes(struct session *session, const struct journal_outcome *outcomes,
                           size_t count, struct error *error) {
    if (count == 0 || session->record.journal == NULL)
        return true;
    bool in_turn = record_catch_up(session); /* what came before is written before */
    if (in_turn && journal_conclude(session->record.journal, outcomes, count, error))
        return true;
    if (in_turn && !journal_is_busy(session->record.journal))
        return fail(session, count, error);
    keep(session, outcomes, count);
    return true;
}

bool record_conclude(struct session *session, struct item *const *items, size_t count,
                     struct error *error) {
    struct journal_outcome *outcomes = memory_new(count + 1, sizeof *outcomes);
    size_t intended = 0;
    for (size_t i = 0; i < count; i++)
        if (items[i]->id[0] != '\0')
            outcomes[intended++] = outcome_of(items[i]);
    bool good = write_outcomes(session, outcomes, intended, error);
    free(outcomes);
    return good;
}

bool record_by_hand(const struct item *item, bool applied, struct error *error) {
    struct journal_outcome outcome = outcome_of(item);
    outcome.state = applied ? JOURNAL_APPLIED : JOURNAL_REFUSED;
    outcome.by_hand = true;
    outcome.text = applied ? "applied: somebody said so" : "not applied: somebody said so";
    struct session *session = item->session;
    if (session->record.journal == NULL)
        return true;
    if (!record_catch_up(session))
        return error_set(error, RECORD_BUSY);
    return journal_conclude(session->record.journal, &outcome, 1, error) || fail(session, 1, error);
}

void record_give_back(struct session *session, struct item *const *items, size_t count) {
    struct journal_outcome outcomes[WINDOW] = {0};
    struct error error;
    size_t given = 0;
    for (size_t i = 0; i < count && given < WINDOW; i++) {
        if (items[i]->state != ITEM_WAITING)
            continue;
        if (items[i]->id[0] == '\0')
            break;
        outcomes[given++] = (struct journal_outcome){
            .id = items[i]->id,
            .state = JOURNAL_NOT_SENT,
            .text = "not sent: it waits; what follows bears another id",
        };
    }
    write_outcomes(session, outcomes, given, &error);
    for (size_t i = 0; i < count && given > 0; i++)
        if (items[i]->state == ITEM_WAITING) {
            items[i]->id[0] = '\0';
            given--;
        }
}
