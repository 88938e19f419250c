/* A sitting as a profile describes it: for the dashboard and the command line alike. */
#ifndef PAIL_SESSION_OPEN_H
#define PAIL_SESSION_OPEN_H

#include "pail/session/logout.h"
#include "pail/session/session.h"
#include "pail/settings/settings.h"

struct session_options { /* of the command line, over the profile's */
    long timeout_ms;     /* 0: the profile's */
    bool read_only;
    int journal_wait_ms; /* as in session_settings */
};

/* How the profile's hosts are reached. */
struct http *http_open(const struct profile *profile);

/* A login to the profile's service, and the end of one. Each begins at once; timeout_ms 0: the
 * profile's. */
struct login *login_open(struct http *http, const struct profile *profile, long timeout_ms);
struct logout *logout_open(struct http *http, const struct profile *profile, long timeout_ms);

/* Nothing is sent yet. The caller destroys the session, then *http. */
struct session *session_open(const struct profile *profile, const struct session_options *options,
                             struct http **http);

#endif
