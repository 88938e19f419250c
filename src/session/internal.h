/*
 * The inside of session.h. A header beside each file of this room is its contract:
 *
 *   session.c     the sitting as it is seen from outside, stopping, the clock
 *   access.c      before a reading: the service's hosts, a token that isn't due
 *   load.c        reading the table: rows, troubles, retries
 *   batch.c       changes that were submitted together, and their outcomes
 *   door.h        their way: submission.c, sending.c, conclusion.c
 *   results.c     what came of them: kept after the end, as lines of JSON
 *   record.c      the door's side of the journal
 *   judge.c       what a table says of a change that was sent
 *   unsettled.c   those of which it hasn't said enough
 *   sequel.c      several changes of one bucket, one after the other
 *   recovery.c    the same, of earlier sittings
 *   quote.c       the service's words without our secrets
 *   log.c         what was done
 *
 * Each part's state is in a struct of its own, which only its own files change (the door's: batch.c
 * and results.c too). Answers arrive within http_wait and may start the next request there.
 */
#ifndef PAIL_SRC_SESSION_INTERNAL_H
#define PAIL_SRC_SESSION_INTERNAL_H

#include "access.h"
#include "door.h"
#include "load.h"
#include "log.h"
#include "pail/service/infinstor.h"
#include "record.h"
#include "recovery.h"
#include "unsettled.h"

struct session {
    struct infinstor *infinstor;
    struct access access;
    char *token_path;
    int parallel; /* of the settings */
    bool read_only;
    unsigned long serial, table_serial;

    struct table *table;   /* shown; partial while as_of is 0 */
    struct table *retired; /* shown before, until session_tick */
    time_t as_of;
    char *user;
    char *account[ACCOUNT_COUNT]; /* NULL: not said */

    struct load load;
    enum session_trouble trouble;
    struct buffer text;
    const char *next;        /* static; "" where the trouble says it */
    struct buffer happening; /* besides reading */
    struct buffer remark;    /* of the hosts */
    char excerpt[sizeof((struct answer *)0)->excerpt];
    int64_t retry_at; /* clock_ms of a reading that nobody needs to ask for; 0: none */
    int retries;      /* that were begun since the last success or wish */

    struct door door;
    unsigned long last_order; /* of the changes, as they are sent */
    struct unsettled unsettled;
    int64_t settle_after; /* ms */
    struct recovery recovery;
    struct record record;
    char *profile;

    struct log log;
};

#endif
