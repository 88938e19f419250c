/* Where a sitting's login is kept and how long it is good, without any of its secrets. */
#ifndef PAIL_SESSION_IDENTITY_H
#define PAIL_SESSION_IDENTITY_H

#include "pail/session/session.h"

struct identity {
    bool found;          /* there is a login, and it may be read */
    bool in_environment; /* and in memory; else it is in session_token_path's file */
    bool custom;         /* a custom token: never renewed, and says nothing of its age */
    int64_t issued;      /* seconds since 1970; 0: not known */
    int64_t due;         /* when it will be renewed; 0: not known, or it can't be */
    int64_t expires;     /* by the token's own word, which isn't verified; 0: it doesn't say */
};

/* Reads the token file, as it is now. */
void identity_look(const struct session *session, struct identity *identity);

#endif
