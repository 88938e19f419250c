/* The door's side of the journal. */
#ifndef PAIL_SRC_SESSION_RECORD_H
#define PAIL_SRC_SESSION_RECORD_H

#include <stdint.h>

#include "pail/session/journal.h"
#include "pail/session/session.h"

struct item;

/* Outcomes that wait until another pail has written. */
struct waiting {
    struct journal_outcome *outcomes; /* their ids and texts are ours */
    size_t count, capacity;
    int64_t at; /* clock_ms of the next try */
    bool tried_last;
};

struct record {
    char *path;              /* "" : the usual; NULL: none */
    int wait_ms;             /* of the settings */
    struct journal *journal; /* NULL: none, or it can't be opened */
    struct error why;        /* it can't be opened */
    bool busy;               /* it couldn't be opened because another pail is writing */
    struct waiting waiting;
    struct error not_written; /* why the last that couldn't be written won't be */
    unsigned long last_id;    /* of an intent, without a journal */
};

/* Writes the intents: false, and nothing may be sent. *busy: it may be tried again, since another
 * pail is writing. */
bool record_intend(struct session *session, struct item *const *items, size_t count, bool *busy,
                   struct error *error);

/* The time until what waits is to be tried again, ms, -1: nothing waits; and at the end of a
 * sitting, when it is tried for the last time. */
int record_tick(struct session *session);
void record_finish(struct session *session);

/* Tries it now. False while another pail is writing: what waits, waits on. */
bool record_catch_up(struct session *session);
#define RECORD_BUSY "another pail is writing to the journal; try again"

/* Writes what came of those whose intent was written, now or when another pail has let go of the
 * journal. False: it stays open in the journal. */
bool record_conclude(struct session *session, struct item *const *items, size_t count,
                     struct error *error);

/* The service that a URL of changes belongs to, as the journal names it: host, port unless it is
 * the usual one, and base path. The caller's to free. */
char *record_host(const struct session *session);
struct journal *record_journal(struct session *session); /* opened, or NULL: why */

/* What a person says of one: false if it can't be written. */
bool record_by_hand(const struct item *item, bool applied, struct error *error);

/* The intents of the first of them that wait are concluded as not sent: they will be written anew.
 */
void record_give_back(struct session *session, struct item *const *items, size_t count);

#endif
