/* The inside of login.h: login.c has what is asked and answered, login_begin.c what comes before.
 */
#ifndef PAIL_SRC_SESSION_LOGIN_INTERNAL_H
#define PAIL_SRC_SESSION_LOGIN_INTERNAL_H

#include "pail/base/buffer.h"
#include "pail/service/cognito.h"
#include "pail/service/discovery.h"
#include "pail/service/oauth.h"
#include "pail/service/token.h"
#include "pail/session/login.h"

struct login {
    struct http *http;
    char *service, *region, *client_id, *token_path;
    bool in_environment;
    long timeout_ms;
    unsigned long serial;

    enum login_want want;
    enum login_trouble trouble;
    struct buffer question, text, note;
    const char *doing;     /* while LOGIN_WAITS */
    enum login_want asked; /* what the answer under way was given to; question is still its own */
    char *user;            /* NULL: not typed yet */
    char *password;        /* a new one, typed once; NULL: none */

    bool asked_hosts; /* and was answered */
    struct discovery found;
    struct discovery_call *discovery; /* under way, or NULL */
    struct cognito *cognito;
    struct oauth *oauth; /* NULL: the login is by password */

    struct token token; /* what is to be kept */
    int64_t keep_until; /* clock_ms: when trying ends; 0: there is nothing to keep */
    int64_t keep_next;
};

/* login.c: each changes what is wanted, and moves the serial. */

__attribute__((format(printf, 3, 4))) void login_ask(struct login *login, enum login_want want,
                                                     const char *question, ...);
void login_ask_user(struct login *login);
void login_wait(struct login *login, const char *doing);
void login_fail(struct login *login, enum login_trouble trouble, const char *text);

/* login_begin.c: asks for the first thing that is wanted, fails, or waits for the hosts. */
void login_begin(struct login *login);

#endif
