/* Changes of earlier sittings at this service whose outcome the journal doesn't have. */
#ifndef PAIL_SRC_SESSION_RECOVERY_H
#define PAIL_SRC_SESSION_RECOVERY_H

#include <stdint.h>

#include "pail/session/journal.h"
#include "pail/session/session.h"

struct recovery {
    char *host;                       /* the service that the unsettled changes are at */
    char last_seen[JOURNAL_ID_SIZE];  /* the journal's last record that was compared with them */
    char asked_run[JOURNAL_RUN_SIZE]; /* whether that pail is running; "": none was asked for */
    bool asked_running;
    int64_t look_at; /* clock_ms: the journal is to be looked at again; 0: it isn't */
};

/* Looks into the journal for what earlier sittings at this service, which have ended, left
 * unsettled, and for what others have settled or sent. The service's URL may be another one than
 * before. False: the journal couldn't be read as it is now, and what was taken up isn't to be
 * judged. */
bool recovery_look(struct session *session);

/* Looks again where another pail was writing, for whoever can't wait for it. Milliseconds until the
 * next need, -1: none. */
int recovery_tick(struct session *session);

#endif
