/*
 * Logging in to a service, step by step, so that a screen and a command line can both drive it:
 * when login_serial has moved, login_look says what is wanted now, and login_answer gives it.
 *
 * The service is asked for its hosts first. With isExternalAuth the login is by the browser: a URL
 * is shown, and the code that the page there ends with is pasted. Else it is by user name and
 * password, and Cognito may ask for more: a new password, a code of an authenticator or of a
 * message. At its end the token file is written under its lock, so that InfinStor's own client
 * reads it. What is answered is copied and wiped; no secret is in any text.
 *
 * Nothing is begun where it would be in vain or would destroy something: while the environment has
 * a token, which goes before the file, and over a custom token, which can't be had again.
 */
#ifndef PAIL_SESSION_LOGIN_H
#define PAIL_SESSION_LOGIN_H

#include "pail/service/http.h"

struct login;

struct login_settings {
    const char *service;            /* the domain; "" : not known */
    const char *region, *client_id; /* of Cognito; "" : as the service says */
    const char *token_path;         /* of the file */
    bool token_in_environment;      /* which goes before the file */
    long timeout_ms;                /* of each request */
};

enum login_want {
    LOGIN_WAITS,              /* something is under way */
    LOGIN_USER_NAME,          /* "" takes the one that is suggested */
    LOGIN_PASSWORD,           /* hidden, as the next two */
    LOGIN_NEW_PASSWORD,       /* NEW_PASSWORD_REQUIRED */
    LOGIN_NEW_PASSWORD_AGAIN, /* it must be typed twice */
    LOGIN_TOTP_CODE,          /* SOFTWARE_TOKEN_MFA */
    LOGIN_SMS_CODE,           /* SMS_MFA */
    LOGIN_BROWSER_CODE,       /* open url, log in there, paste the code */
    LOGIN_DONE,               /* the token was written */
    LOGIN_FAILED,             /* text says why, and what to do; login_again begins anew */
};

enum login_trouble {
    LOGIN_NO_TROUBLE,
    LOGIN_REFUSED,       /* by Cognito: the user, the password, a code; or too many attempts */
    LOGIN_SET_UP,        /* a setting, the environment or the token file is in the way */
    LOGIN_NO_CONNECTION, /* or no answer that can be read */
};

struct login_look { /* good until the next call; all text is raw, and one line each */
    enum login_want want;
    enum login_trouble trouble; /* of the last answer, or why it failed */
    bool hidden;                /* what is asked for isn't echoed */
    const char *question;       /* "Password of ann"; what is waited for: "asking Cognito" */
    const char *text;           /* what came of the last answer, or why it failed; "" : nothing */
    const char *note;           /* what is to be known of this login besides; "" : nothing */
    const char *user;           /* as typed; suggested while LOGIN_USER_NAME; "" : not known */
    const char *url;            /* of the page for the browser; "" : there is none */
    const char *token_path;     /* where the login is kept */
};

/* Begins at once. */
struct login *login_create(struct http *http, const struct login_settings *settings);
void login_destroy(struct login *login); /* drops what is under way; wipes */

/* Moves whenever login_look would say something else. */
unsigned long login_serial(const struct login *login);
void login_look(const struct login *login, struct login_look *look);

/* The answer to what is wanted; an empty one is none. Nothing happens where nothing is wanted. */
void login_answer(struct login *login, const char *answer);

/* From the beginning, whatever is under way. */
void login_again(struct login *login);

/* What is due at a certain time: the token file may be locked by another program. Call before each
 * wait; returns milliseconds until it wants to be called again, -1 for never. */
int login_tick(struct login *login);

#endif
