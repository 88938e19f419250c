/*
 * One administrator's sitting at one service: the loaded table, the change under way, what came of
 * the others. The only door to a write. Knows no screens: whoever draws looks at session_serial
 * after each http_wait and draws anew when it has moved.
 *
 * A change goes: submitted -> the table is read and compared -> one POST -> the table is read again
 * -> outcome. The outcome is what the table says, not what the answer said.
 */
#ifndef PAIL_SESSION_SESSION_H
#define PAIL_SESSION_SESSION_H

#include <stdint.h>
#include <time.h>

#include "pail/buckets/change.h"
#include "pail/buckets/table.h"
#include "pail/service/http.h"

struct session;

struct session_settings {
    const char *base_url;
    const char *token_path;
    const char *list_path, *list_body; /* NULL: the usual */
    long timeout_ms;
    bool read_only;
};

struct session *session_create(struct http *http, const struct session_settings *settings);
void session_destroy(struct session *session); /* drops what is under way */

/* Moves whenever something that can be seen has changed. */
unsigned long session_serial(const struct session *session);

/* What stands in the way of a fresh table. */
enum session_trouble {
    TROUBLE_NONE,
    TROUBLE_NO_TOKEN,
    TROUBLE_LOOSE_TOKEN, /* session_tighten_token mends it */
    TROUBLE_LOGIN_EXPIRED,
    TROUBLE_FORBIDDEN,
    TROUBLE_UNREADABLE,
    TROUBLE_SERVICE, /* a status that is no listing */
    TROUBLE_NETWORK,
    TROUBLE_STOPPED, /* by Esc */
};

struct session_status {
    bool loading;
    size_t received, expected;    /* bytes of the load under way; expected 0 if not announced */
    size_t rows;                  /* of the load under way */
    time_t as_of;                 /* when the shown table was complete; 0: never */
    enum session_trouble trouble; /* of the last load */
    const char *text;             /* what went wrong, one line, raw; "" if nothing did */
    const char *excerpt;          /* of an unreadable answer, raw; "" else */
    int64_t retry_at;             /* clock_ms of the next try after TROUBLE_NETWORK; 0: none */
    const char *user;             /* userName of the account, raw; "" if not known */
};
void session_status(const struct session *session, struct session_status *status);

/* Reads the table. During the first load the rows show as they come (session_is_partial); later the
 * old table stays until the new one is whole. Does nothing while a load or change is under way. */
void session_load(struct session *session);

/* Stops waiting: a load is dropped, what had come of a first load stays; a change that may have
 * been sent becomes unknown. */
void session_cancel(struct session *session);

bool session_is_busy(const struct session *session);

/* Runs what is due at a certain time (the retry). Call before each wait; returns milliseconds until
 * it wants to be called again, -1 for never. */
int session_tick(struct session *session);

struct table *session_table(const struct session *session); /* NULL before the first rows */
bool session_is_partial(const struct session *session);
/* Moves when session_table becomes another table (not when it grows). */
unsigned long session_table_serial(const struct session *session);

bool session_is_read_only(const struct session *session);
void session_set_read_only(struct session *session); /* there is no way back */

/* chmod 600 on a loose token file, then a load. */
bool session_tighten_token(struct session *session, struct error *error);
const char *session_token_path(const struct session *session);

/* The URL that changes are POSTed to, for the review. */
const char *session_change_url(const struct session *session);

enum submission_phase {
    SUBMISSION_NONE,
    SUBMISSION_CHECKING,
    SUBMISSION_SENDING,
    SUBMISSION_RE_READING,
    SUBMISSION_DONE
};
enum submission_outcome {
    OUTCOME_APPLIED,
    OUTCOME_REFUSED,  /* the service said no, or the table is as it was */
    OUTCOME_NOT_SENT, /* nothing left this machine */
    OUTCOME_CONFLICT, /* not sent: the entry is not what the change was made from */
    OUTCOME_UNKNOWN,  /* marked in the list until a reading of the table settles it */
};

struct submission {
    enum submission_phase phase;
    enum submission_outcome outcome; /* once the phase is SUBMISSION_DONE */
    const char *text; /* one line: operation, bucket, what happened, what next; raw */
    const struct change *change;
    const struct bucket *now; /* on a conflict: the entry as it is; NULL if it is gone */
};

/* The door. Takes the change over if it returns true; false (read-only, busy, nothing to change)
 * leaves it to the caller and nothing is sent. */
bool session_submit(struct session *session, struct change *change, struct error *error);

/* The change under way or the last one; valid until the next submit. */
void session_submission(const struct session *session, struct submission *submission);

/* True while a change of that bucket has an unknown outcome. */
bool session_is_unsettled(const struct session *session, const char *name);
size_t session_unsettled(const struct session *session);

/* What was done in this sitting, oldest first: no secrets. */
struct session_log_line {
    time_t when;
    const char *text; /* raw */
};
size_t session_log_count(const struct session *session);
struct session_log_line session_log_line(const struct session *session, size_t index);

#endif
