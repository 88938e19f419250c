/* Which change of the journal is to be undone. */
#include <stdlib.h>
#include <string.h>

#include "door.h"
#include "internal.h"
#include "record.h"
#include "undo_internal.h"

static struct journal *journal_to_read(struct session *session, struct error *error) {
    struct journal *journal = record_journal(session);
    if (journal == NULL) {
        error_set(error, "undo: %s",
                  session->record.path ? session->record.why.text : "there is no journal");
        return NULL;
    }
    if (!record_catch_up(session)) { /* the last change isn't there as such yet */
        error_set(error, "undo: " RECORD_BUSY);
        return NULL;
    }
    return journal_refresh(journal, error) ? journal : NULL;
}

/* The n'th last record that was applied at the host; NULL if fewer were read, *found of them. */
static const struct journal_record *nth_last(const struct journal *journal, const char *host,
                                             size_t n, size_t *found) {
    *found = 0;
    for (size_t i = journal_count(journal); i-- > 0;) {
        const struct journal_record *record = journal_record(journal, i);
        if (record->state == JOURNAL_APPLIED && strcmp(record->host, host) == 0 && ++*found == n)
            return record;
    }
    return NULL;
}

static const struct journal_record *find_last(struct journal *journal, const char *host, size_t n,
                                              struct error *error) {
    size_t found;
    bool more = true;
    const struct journal_record *record;
    while ((record = nth_last(journal, host, n, &found)) == NULL && more)
        if (!journal_read_older(journal, &more, error))
            return NULL;
    if (record == NULL && found == 0)
        error_set(error, "undo: the journal has no change that was applied at %s", host);
    else if (record == NULL)
        error_set(error, "undo: the journal has %zu change%s that %s applied at %s", found,
                  found == 1 ? "" : "s", found == 1 ? "was" : "were", host);
    return record;
}

/* The last change of the same service after that one that isn't settled. */
static void later_unsettled(const struct journal *journal, const struct journal_record *record,
                            struct buffer *text) {
    for (size_t i = journal_count(journal); i-- > 0;) {
        const struct journal_record *later = journal_record(journal, i);
        if (later == record)
            break;
        if (journal_is_settled(later->state) || strcmp(later->host, record->host) != 0)
            continue;
        buffer_printf(text, "%s %s", change_op_names[later->op], later->bucket);
        break;
    }
}

static struct undo *create(const struct session *session, const struct journal *journal,
                           const struct journal_record *record, struct error *error) {
    struct bucket view;
    struct buffer later;
    if (session->table == NULL || session->as_of == 0) {
        error_set(error, "undo: the table has not been read yet");
        return NULL;
    }
    buffer_init(&later);
    later_unsettled(journal, record, &later);
    struct undo *undo =
        undo_create(record, door_entry(session, record->bucket, &view), later.data, error);
    buffer_finish(&later);
    if (undo != NULL && journal_damage(journal)[0] != '\0')
        undo_distrust(undo);
    return undo;
}

struct undo *undo_last(struct session *session, size_t n, struct error *error) {
    struct journal *journal = journal_to_read(session, error);
    if (journal == NULL)
        return NULL;
    char *host = record_host(session);
    const struct journal_record *record = find_last(journal, host, n, error);
    free(host);
    return record ? create(session, journal, record, error) : NULL;
}

/* False with the reason why it can't be undone. */
static bool was_applied_at(const struct journal_record *record, const char *host,
                           struct error *error) {
    const char *op = change_op_names[record->op];
    if (record->state != JOURNAL_APPLIED)
        return error_set(error,
                         "undo of %s %s: only what was applied can be undone; its outcome is: %s",
                         op, record->bucket, journal_state_names[record->state]);
    return strcmp(record->host, host) == 0 ||
           error_set(error, "undo of %s %s: it was applied at another service, %s: open that", op,
                     record->bucket, record->host);
}

struct undo *undo_of(struct session *session, const char *id, struct error *error) {
    struct journal *journal = journal_to_read(session, error);
    if (journal == NULL)
        return NULL;
    const struct journal_record *record = journal_find(journal, id);
    if (record == NULL) {
        error_set(error, "undo: the journal has no operation %s", id);
        return NULL;
    }
    char *host = record_host(session);
    bool good = was_applied_at(record, host, error);
    free(host);
    return good ? create(session, journal, record, error) : NULL;
}
