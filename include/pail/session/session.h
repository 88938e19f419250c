/*
 * One administrator's sitting at one service: the loaded table, the changes under way, what came of
 * the others. The only door to a write (session/submission.h). Knows no screens: whoever draws
 * looks at session_serial after each http_wait and draws anew when it has moved.
 *
 * Each reading and each POST takes the token from its file afresh and forgets it. Before a reading
 * the service is asked for its hosts, once in a sitting, and a token that is due, or that was
 * answered with the login page, is renewed; so never between a check and its POST. A POST that was
 * answered so is refused; then the session renews the login and reads the table by itself, and the
 * next change, which somebody must send, has the new one.
 */
#ifndef PAIL_SESSION_SESSION_H
#define PAIL_SESSION_SESSION_H

#include <stdint.h>
#include <time.h>

#include "pail/buckets/table.h"
#include "pail/service/http.h"
#include "pail/service/token.h"
#include "pail/session/submission.h"

struct journal;
struct session;

struct session_settings {
    const char *base_url;   /* "" : the api host that `service` names */
    const char *service;    /* the service's domain; "" : not known */
    const char *token_path; /* "" : a token is in the environment (token_from_environment) */
    const char *region, *client_id; /* of Cognito; "" : as the service says */
    enum token_scheme scheme;
    const char *list_path, *list_body; /* NULL: the usual */
    long timeout_ms;
    bool read_only;
    long settle_after_ms;     /* how late a request without an answer may take effect; 0: 60 s */
    int parallel;             /* POSTs at a time, 1-16; 0: 8 */
    const char *profile;      /* its name, for the journal; NULL: none */
    const char *journal_path; /* "" : the usual one; NULL: no journal, for tests */
    int journal_wait_ms;      /* how long one call may wait for another pail that writes; 0: 10 s */
};

struct session *session_create(struct http *http, const struct session_settings *settings);
void session_destroy(struct session *session); /* session_stop, then all is let go of */

/* Moves whenever something that can be seen has changed. */
unsigned long session_serial(const struct session *session);

struct session_status {
    bool loading;
    size_t received, expected;    /* bytes of the load under way; expected 0 if not announced */
    size_t rows;                  /* of the load under way */
    int64_t began;                /* clock_ms of it */
    time_t as_of;                 /* when the shown table was complete; 0: never */
    enum session_trouble trouble; /* of the last load */
    const char *text;             /* what went wrong, one line, raw; "" if nothing did */
    const char *next;             /* what to do next, after "; "; "" where the trouble says it */
    const char *happening;        /* besides reading: "renewing the login"; raw; "" if nothing */
    const char *remark;           /* what lasts although nothing went wrong; raw; "" if nothing */
    const char *excerpt;          /* of an unreadable answer, raw; "" else */
    int64_t retry_at;             /* clock_ms of the next try by itself; 0: none */
    const char *user;             /* userName of the account, raw; "" if not known */
};
void session_status(const struct session *session, struct session_status *status);

/* Reads the table. During the first load the rows show as they come (session_is_partial); later the
 * table that is there stays until the new one is whole. Does nothing while a load or change is
 * under way. A read that is answered with 502, 503 or 504 is repeated once at once, unless the
 * service asks to wait. After TROUBLE_NETWORK and TROUBLE_BUSY it is tried again after 2, 4, 8 ...
 * 60 s, not sooner than the service asks (up to an hour), ten times at most (session_tick), until
 * somebody loads, submits or cancels. */
void session_load(struct session *session);

/* Stops waiting, and the retries: a load is dropped, what had come of a first load stays; changes
 * that wait are not sent, one in flight becomes unknown unless it surely never left. If others had
 * been answered by then the table is still read again for them; cancelled once more, they are
 * unknown too. */
void session_cancel(struct session *session);

/* Ends all that is under way, for leaving: nothing more is sent or read. */
void session_stop(struct session *session);

bool session_is_busy(const struct session *session);

/* Runs what is due at a certain time (a retry, a reading for what is unsettled), shows progress,
 * and lets go of the table that was replaced. Call before each wait; returns milliseconds until it
 * wants to be called again, -1 for never, 0 if this call has moved the serial. */
int session_tick(struct session *session);

/* NULL before the first rows. Once session_table_serial has moved, the pointer is good until the
 * next session_tick: time enough to take the new one. */
struct table *session_table(const struct session *session);

bool session_is_partial(const struct session *session);
/* Moves when session_table becomes another table, or NULL (not when it grows). */
unsigned long session_table_serial(const struct session *session);

/* What the last whole listing said beside its buckets, as the JSON that came; "" if it didn't.
 *
 *   X(id, the member's name, what it is called here) */
#define ACCOUNT_MEMBERS(X)                            \
    X(USER, "userName", "User")                       \
    X(SECONDARY, "isSecondaryUser", "Secondary user") \
    X(AWS_ACCOUNT, "awsAccountId", "AWS account")     \
    X(CUSTOMER, "customerId", "Customer")             \
    X(SERVICE_VERSION, "serviceVersion", "Service's version")
#define ACCOUNT_ID(id, name, label) ACCOUNT_##id,
enum account_member { ACCOUNT_MEMBERS(ACCOUNT_ID) ACCOUNT_COUNT };
#undef ACCOUNT_ID
const char *session_account(const struct session *session, enum account_member member);

bool session_is_read_only(const struct session *session);
void session_set_read_only(struct session *session); /* there is no way back */

/* chmod 600 on a loose token file, then a load. */
bool session_tighten_token(struct session *session, struct error *error);
const char *session_token_path(const struct session *session);

/* The URL that changes are POSTed to, for the review. */
const char *session_change_url(const struct session *session);

/* What changes are recorded in. NULL: none, or it can't be opened: session_journal_trouble says
 * why; then nothing can be sent. Asking for it tries again. */
struct journal *session_journal(struct session *session);
const char *session_journal_trouble(const struct session *session); /* raw; "" : none */

/* True while another pail, which is writing, has kept it from being read for the first time: what
 * earlier sittings left unsettled isn't known yet. It is tried again every second. */
bool session_journal_is_awaited(const struct session *session);

/* Unknown changes that a reading has settled since, in this sitting, and what came of the last:
 * "modify b: applied: the table shows it", raw; "" if there was none. */
struct settled {
    size_t count;
    bool applied;
    const char *text;
};
struct settled session_settled(const struct session *session);

/* What was done in this sitting, oldest first: no secrets. */
struct session_log_line {
    time_t when;
    const char *text; /* raw */
};
size_t session_log_count(const struct session *session);
struct session_log_line session_log_line(const struct session *session, size_t index);

#endif
