/* A sitting as a profile describes it: for the dashboard and the command line alike. */
#ifndef PAIL_SESSION_OPEN_H
#define PAIL_SESSION_OPEN_H

#include "pail/session/session.h"
#include "pail/settings/settings.h"

struct session_options { /* of the command line, over the profile's */
    long timeout_ms;     /* 0: the profile's */
    bool read_only;
};

/* Nothing is sent yet. The caller destroys the session, then *http. */
struct session *session_open(const struct profile *profile, const struct session_options *options,
                             struct http **http);

#endif
