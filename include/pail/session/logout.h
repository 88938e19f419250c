/*
 * Logging out: the refresh token is revoked at Cognito, and the token file removed, under its lock.
 * The file is removed even if revoking fails, since that is what makes this machine forget the
 * login; what then remains is said. A custom token, a login to another service and one of the
 * environment are left alone.
 */
#ifndef PAIL_SESSION_LOGOUT_H
#define PAIL_SESSION_LOGOUT_H

#include "pail/session/login.h"

struct logout;

struct logout_look { /* good until the next call */
    bool over;
    enum login_trouble
        trouble;      /* LOGIN_REFUSED: the login remains somewhere; or what is in the way */
    const char *text; /* once it is over: what happened, and what remains; raw, one line */
};

/* Begins at once. */
struct logout *logout_create(struct http *http, const struct login_settings *settings);
void logout_destroy(struct logout *logout);

void logout_look(const struct logout *logout, struct logout_look *look);

/* As login_tick: the token file may be locked by another program. */
int logout_tick(struct logout *logout);

#endif
