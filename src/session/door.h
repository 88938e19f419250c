/*
 * The way of changes, the only one to a write:
 *
 *   submission.c  who comes in, the check before, stopping, the clock
 *   sending.c     windows of intents, POSTs, what their answers say
 *   conclusion.c  the reading after, and the end
 */
#ifndef PAIL_SRC_SESSION_DOOR_H
#define PAIL_SRC_SESSION_DOOR_H

#include <stdint.h>

#include "pail/base/arena.h"
#include "pail/base/buffer.h"
#include "pail/session/session.h"

struct item;

struct door {
    enum submission_phase phase;
    struct item **items;
    size_t count, next; /* next: no item before it waits */
    size_t waiting, under_way, answered, tally[OUTCOME_COUNT];
    size_t window, sent_of_window; /* intents that are written together; of those, sent */
    bool paused, stop_on_error, login_expired;
    int64_t checked_at; /* clock_ms of the reading that the entries were compared with */
    bool rested;        /* since then the door was paused or held */
    int unconnected;    /* POSTs in a row that found no connection */
    int64_t held_until; /* clock_ms: the service asked to wait; 0: it didn't */
    /* clock_ms: since when the journal's lock is waited for, and when it is tried again; 0: not */
    int64_t lock_since, lock_at;
    char *reason, *undoes;
    int re_readings;    /* that were made of the table since the last POST */
    int64_t again_at;   /* clock_ms: the next of them; 0: none is waited for */
    struct buffer text; /* of a batch of several */
    struct arena arena; /* of what `now` points to */
};

enum {
    WINDOW = 64,        /* intents that share one fsync */
    INTENT_MS = 10000,  /* one that wasn't sent within that time is given back */
    LOCK_AGAIN_MS = 50, /* the journal's lock is tried again, for JOURNAL_WAIT_MS */
};

/* ---- submission.c ---------------------------------------------------------------------------- */

bool door_is_busy(const struct session *session);
void door_table_was_read(struct session *session, bool good);
/* The first step once more, for those that wait. */
void door_check_again(struct session *session);
void door_stop(struct session *session, bool leaving);

/* Starts a reading that is due. Milliseconds until the next need, -1: never. */
int door_tick(struct session *session);

/* The entry of that name in the shown table, seen through view; NULL if there is none. */
const struct bucket *door_entry(const struct session *session, const char *name,
                                struct bucket *view);

/* There is none of that name, but one that could not be read may be it. */
bool door_may_have(const struct session *session, const char *name);

/* ---- sending.c ------------------------------------------------------------------------------- */

/* Begins as many as may be under way; after the last of them the table is read again. */
void sending_go_on(struct session *session);
void sending_stop(struct item *item); /* one that is under way */

/* ---- conclusion.c ---------------------------------------------------------------------------- */

void conclusion_read(struct session *session); /* starts the reading after the POSTs */

/* The table has been read: ends the submission, unless some are better judged by another one. */
void conclusion_judge(struct session *session);

/* Ends it for those that were sent without such a reading: why there is none. */
void conclusion_remain_unknown(struct session *session, const char *reading);
void conclusion_end(struct session *session); /* all are done */

/* Keeps what the table shows, for a conflict. */
void conclusion_keep_entry(struct item *item);

#endif
