/*
 * The inside of session.h, for the files of this room:
 *
 *   session.c     the sitting as it is seen from outside, stopping, the clock
 *   access.c      before a reading: the service's hosts, a token that isn't due
 *   load.c        reading the table: rows, troubles, retries
 *   submission.c  the door: check, send, read again
 *   quote.c       the service's words without our secrets
 *   unsettled.c   judging what was sent by the table, now or later
 *   log.c         what was done
 *
 * Answers arrive within http_wait and may start the next request there.
 */
#ifndef PAIL_SESSION_INTERNAL_H
#define PAIL_SESSION_INTERNAL_H

#include "pail/base/arena.h"
#include "pail/base/buffer.h"
#include "pail/service/cognito.h"
#include "pail/service/discovery.h"
#include "pail/service/infinstor.h"
#include "pail/session/session.h"

struct access {
    struct http *http;
    char *service, *base_url, *region, *client_id; /* of the settings; "" where not given */
    char *list_path, *list_body;                   /* NULL: the usual */
    long timeout_ms;
    enum token_scheme scheme;
    bool asked; /* the service has named its hosts */
    struct discovery found;
    struct discovery_call *discovery; /* under way, or NULL */
    bool in_memory;                   /* the token came from the environment and stays here */
    struct token token;               /* else only while it is looked at */
    struct cognito *cognito;
    bool renewing, forced; /* forced: the service wants another one */
    int64_t used;          /* when the token that was sent last was issued */
    int lock;              /* on the token file; -1: none */
    /* clock_ms: another program has the lock: when to look again, and until when; 0: no waiting */
    int64_t lock_at, lock_until;
};

struct load {
    struct infinstor_call *call; /* NULL: none under way */
    struct table *table;         /* what it fills; NULL before its first row */
    int64_t began;               /* clock_ms */
    bool repeated;               /* it is the second try after a 502, 503 or 504 */
    bool renewed;                /* the login was renewed for it, or could not be */
    int64_t progress_at;         /* clock_ms: progress isn't shown again before */
    size_t progress;             /* bytes received when it was shown */
};

/* A change that left, or may have left, this machine. */
struct sent {
    struct change *change;
    bool accepted; /* a 2xx came back */
    int64_t ended; /* clock_ms: when waiting for the answer was over */
    char why[256]; /* what was answered or happened instead, raw, no secrets */
};

struct judgement {
    enum submission_outcome outcome;
    char text[512];   /* without operation and bucket, raw */
    int64_t again_at; /* clock_ms: if unknown, when another reading can tell; 0: never */
};

struct door {
    enum submission_phase phase;
    enum submission_outcome outcome;
    enum session_trouble trouble;
    struct buffer text;
    struct sent sent; /* its change is ours, also before it is sent; NULL before the first submit */
    struct infinstor_call *call; /* while SUBMISSION_SENDING */
    struct arena arena;          /* of `now` */
    struct bucket now;
    bool has_now;
};

enum { LOG_LINES = 500 };

struct log {
    struct session_log_line *lines; /* a ring of LOG_LINES; the texts are ours */
    size_t first, count;
};

struct session {
    struct infinstor *infinstor;
    struct access access;
    char *token_path;
    bool read_only;
    unsigned long serial, table_serial;

    struct table *table;   /* shown; partial while as_of is 0 */
    struct table *retired; /* shown before, until session_tick */
    time_t as_of;
    char *user;

    struct load load;
    enum session_trouble trouble;
    struct buffer text;
    char excerpt[sizeof((struct answer *)0)->excerpt];
    int64_t retry_at; /* clock_ms of a reading that nobody needs to ask for; 0: none */
    int retries;      /* that were begun since the last success or wish */

    struct door door;
    struct sent *unsettled; /* door.sent may be among them: the change is shared then */
    size_t unsettled_count, unsettled_capacity;

    struct log log;
};

/* access.c */

void access_init(struct access *access, struct http *http, const struct session_settings *settings);
void access_finish(struct access *access);
void access_open(
    struct session *session); /* before the first reading: the hosts as they should be */
bool access_is_busy(const struct access *access);
void access_drop(struct access *access); /* forgets what is under way */

/* Goes on with load_send or load_fail, now or later. forced: renews a token that isn't due. */
void access_prepare(struct session *session, bool forced);

/* Looks again at what it waits for. Milliseconds until the next need, -1: never. */
int access_tick(struct session *session);

/* Whether there is something to renew the login by, as far as is known. */
bool access_can_renew(struct session *session);

/* Reads the token and tells infinstor the id token. False with the trouble and its line set. */
bool load_authorization(struct session *session, struct buffer *authorization,
                        enum session_trouble *trouble, struct error *error);

/* load.c */

void load_send(struct session *session); /* all is prepared */
void load_fail(struct session *session, enum session_trouble trouble, const char *text);
bool load_is_busy(const struct session *session);

/* Starts reading; whatever comes of it ends in door_table_was_read. */
void load_start(struct session *session);

/* The same with a new login first: the service doesn't take the one that there is. Nothing is
 * started, and the old one stays, where it can't be renewed. */
void load_renew(struct session *session);
void load_drop(struct session *session); /* forgets the load under way; shown rows stay */
void load_stop(struct session *session); /* the same, as a trouble that is shown */

/* A reading that nobody needs to ask for, at that clock_ms unless one is due sooner; 0: none. */
void load_ask(struct session *session, int64_t when);

/* Starts what is due, moves the serial on progress. Milliseconds until the next need, -1: never. */
int load_tick(struct session *session);

/* submission.c */

void door_init(struct door *door);
void door_finish(struct session *session);
bool door_is_busy(const struct session *session);
void door_table_was_read(struct session *session, bool good);
void door_stop(struct session *session);

/* The entry of that name in the shown table, seen through view; NULL if there is none. */
const struct bucket *door_entry(const struct session *session, const char *name,
                                struct bucket *view);

/* Another outcome for the last submission, which a later reading has settled. */
void door_settle(struct door *door, const struct judgement *judgement);

/* quote.c */

/* The service's words with "***" for each secret of the change that they quote, whole or cut off at
 * their end. */
void quote_answer(const struct change *change, const char *text, char *out, size_t size);

/* unsettled.c */

/* What the table that has just been read says of a change that was sent. That it is as before says
 * nothing yet of a request without an answer, which may still be waiting at the service. */
struct judgement unsettled_judge(const struct session *session, const struct sent *sent);
void unsettled_add(struct session *session, const struct sent *sent);
bool unsettled_holds(const struct session *session, const struct change *change);

/* A whole table has been read: settles what it can. */
void unsettled_review(struct session *session);

/* `newer` was applied: drops older changes of that bucket of which only secrets, which `newer` set
 * again, are not known. */
void unsettled_supersede(struct session *session, const struct change *newer);
void unsettled_finish(struct session *session);

/* log.c */

__attribute__((format(printf, 2, 3))) void log_line(struct session *session, const char *format,
                                                    ...);
void log_finish(struct log *log);

#endif
