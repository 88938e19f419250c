/* Reading the table: the rows, what went wrong, trying again. */
#ifndef PAIL_SRC_SESSION_LOAD_H
#define PAIL_SRC_SESSION_LOAD_H

#include <stdint.h>

#include "pail/session/session.h"

struct infinstor_call;

struct load {
    struct infinstor_call *call; /* NULL: none under way */
    struct table *table;         /* what it fills; NULL before its first row */
    int64_t began;               /* clock_ms */
    bool repeated;               /* it is the second try after a 502, 503 or 504 */
    bool renewed;                /* the login was renewed for it, or could not be */
    int64_t progress_at;         /* clock_ms: progress isn't shown again before */
    size_t progress;             /* bytes received when it was shown */
};

void load_send(struct session *session); /* all is prepared */

/* What is done before reading, or why it reads again; until the load ends. */
__attribute__((format(printf, 2, 3))) void load_tell(struct session *session, const char *format,
                                                     ...);
/* Begins session->text where it says why a reading came to nothing. */
#define LOAD_PHASE "reading the table: "
void load_fail(struct session *session, enum session_trouble trouble, const char *text);
bool load_retries(enum session_trouble trouble); /* whether it is tried again by itself */
bool load_is_busy(const struct session *session);

/* Starts reading; whatever comes of it ends in door_table_was_read. */
void load_start(struct session *session);

/* The same with a new login first: the service doesn't take the one that there is. Nothing is
 * started, and the old one stays, where it can't be renewed. */
void load_renew(struct session *session);
void load_drop(struct session *session); /* forgets the load under way; shown rows stay */
void load_stop(struct session *session); /* the same, as a trouble that is shown */

/* Starts what is due, moves the serial on progress. Milliseconds until the next need, -1: never. */
int load_tick(struct session *session);

#endif
