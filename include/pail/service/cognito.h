/*
 * Amazon Cognito, as far as a login to InfinStor needs it: renewing by a refresh token, logging
 * in with a password and its challenges, revoking. One call at a time; each is sent once. What
 * happened comes as a sentence, in which no secret is: neither what was sent, nor what the answer
 * quotes of it.
 */
#ifndef PAIL_SERVICE_COGNITO_H
#define PAIL_SERVICE_COGNITO_H

#include "pail/service/http.h"
#include "pail/service/token.h"

struct cognito;

struct cognito_settings {
    const char *region;    /* "us-east-1" */
    const char *client_id; /* of the service's command line client */
    const char *endpoint;  /* NULL: https://cognito-idp.REGION.amazonaws.com/ */
    long timeout_ms;       /* a call in all */
};

enum cognito_kind {
    COGNITO_DONE,      /* logged in, renewed or revoked */
    COGNITO_CHALLENGE, /* one thing more is asked: cognito_respond */
    COGNITO_WRONG,     /* a code or a new password: the challenge stands, another one may do */
    COGNITO_REFUSED,   /* another password or login may help; of a refresh: log in again */
    COGNITO_SET_UP,    /* region, client id or the service's set-up is wrong */
    COGNITO_BUSY,      /* too many requests or attempts: later */
    COGNITO_TROUBLED,  /* no connection, no answer that can be read, or an error of Cognito's own */
};

enum cognito_challenge {
    COGNITO_NEW_PASSWORD, /* NEW_PASSWORD_REQUIRED */
    COGNITO_TOTP_CODE,    /* SOFTWARE_TOKEN_MFA: from an authenticator */
    COGNITO_SMS_CODE,     /* SMS_MFA */
};

/* All it points to lives until the end's function returns. */
struct cognito_answer {
    enum cognito_kind kind;
    char text[384]; /* unless it is done or a challenge: what happened; raw */
    enum cognito_challenge challenge;
    const char *destination; /* of a code sent: "+*******1234"; NULL: not said; raw */
    /* Of a login or a renewal that is done: */
    const char *access, *id, *type; /* id and type may be NULL */
    const char *refresh;            /* NULL: the old one stays */
};

typedef void cognito_end_fn(void *context, const struct cognito_answer *answer);

/* NULL with an error that names the setting, if region or client_id isn't one. */
struct cognito *cognito_create(struct http *http, const struct cognito_settings *settings,
                               struct error *error);
void cognito_destroy(struct cognito *cognito); /* drops what is under way; wipes */

/* Each false with an error if it can't be started; else end is called once, and may start the
 * next. What is given is copied, and wiped at the end. */
bool cognito_renew(struct cognito *cognito, const char *refresh_token, cognito_end_fn *end,
                   void *context, struct error *error);
bool cognito_login(struct cognito *cognito, const char *username, const char *password,
                   cognito_end_fn *end, void *context, struct error *error);
bool cognito_revoke(struct cognito *cognito, const char *refresh_token, cognito_end_fn *end,
                    void *context, struct error *error);

/* The new password or the code, after a challenge. After COGNITO_WRONG the same challenge stands
 * and may be answered again. */
bool cognito_respond(struct cognito *cognito, const char *response, cognito_end_fn *end,
                     void *context, struct error *error);

/* Drops the call under way, if there is one, without calling its end. */
void cognito_cancel(struct cognito *cognito);

/* Takes an answer that is done into a token, issued now (seconds since 1970) to that client; a
 * refresh token that it doesn't bring stays, and so does service. */
void cognito_update(const struct cognito *cognito, const struct cognito_answer *answer,
                    struct token *token, int64_t now);

#endif
