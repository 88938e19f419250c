#include "pail/session/logout.h"

#include <stdlib.h>

#include "pail/base/clock.h"
#include "pail/base/memory.h"
#include "pail/service/cognito.h"
#include "pail/service/discovery.h"
#include "pail/service/token.h"

enum {
    LOCK_MS = 10000,     /* how long another program may hold the token file */
    LOCK_AGAIN_MS = 100, /* after which it is tried again */
};

struct logout {
    struct http *http;
    char *service, *region, *client_id, *token_path;
    long timeout_ms;

    bool over;
    enum login_trouble trouble;
    struct error text;

    struct discovery found;
    struct discovery_call *discovery; /* under way, or NULL */
    struct cognito *cognito;
    struct token token;
    int lock;           /* -1: not held */
    int64_t lock_until; /* clock_ms: when trying ends; 0: not tried */
    int64_t lock_next;
};

/* ---- ends ------------------------------------------------------------------------------------ */

static void forget(struct logout *logout) {
    if (logout->lock >= 0)
        token_unlock(logout->lock);
    logout->lock = -1;
    logout->lock_until = 0;
    token_finish(&logout->token);
    token_init(&logout->token);
}

/* With the sentence that is in text. */
static void end(struct logout *logout, enum login_trouble trouble) {
    forget(logout);
    logout->over = true;
    logout->trouble = trouble;
}

/* why: the login was not revoked; NULL: it was. */
static void remove_file(struct logout *logout, enum login_trouble trouble, const char *why) {
    struct error error = {""};
    const char *path = logout->token_path;
    if (!token_remove(path, &error)) {
        error_set(&logout->text, "the login was %srevoked%s%s, but is still there: %s",
                  why ? "not " : "", why ? ": " : "", why ? why : "", error.text);
        trouble = LOGIN_SET_UP;
    } else if (why) {
        error_set(&logout->text,
                  "%s was removed, but the login was not revoked: %s; a copy of it elsewhere may "
                  "still be good",
                  path, why);
    } else {
        error_set(&logout->text, "logged out: the login was revoked, and %s removed", path);
    }
    end(logout, trouble);
}

/* ---- revoking -------------------------------------------------------------------------------- */

static void end_revoking(void *context, const struct cognito_answer *answer) {
    struct logout *logout = context;
    if (answer->kind == COGNITO_DONE)
        remove_file(logout, LOGIN_NO_TROUBLE, NULL);
    else
        remove_file(logout, answer->kind == COGNITO_TROUBLED ? LOGIN_NO_CONNECTION : LOGIN_REFUSED,
                    answer->text);
}

static const char *client_of(const struct logout *logout) {
    return logout->client_id[0]      ? logout->client_id
           : logout->token.client_id ? logout->token.client_id
                                     : logout->found.cli_client_id;
}

static void revoke(struct logout *logout) {
    struct error error = {""};
    if (logout->token.refresh == NULL) {
        remove_file(logout, LOGIN_REFUSED, "it has no refresh token");
        return;
    }
    const char *region = logout->region[0] ? logout->region : logout->found.region;
    logout->cognito = cognito_create(logout->http,
                                     &(struct cognito_settings){.region = region,
                                                                .client_id = client_of(logout),
                                                                .timeout_ms = logout->timeout_ms},
                                     &error);
    if (logout->cognito == NULL ||
        !cognito_revoke(logout->cognito, logout->token.refresh, end_revoking, logout, &error))
        remove_file(logout, LOGIN_NO_CONNECTION, error.text);
}

/* ---- the file -------------------------------------------------------------------------------- */

/* True if there is a login that may be ended; else it is over. A loose file is tightened first. */
static bool read_file(struct logout *logout) {
    const char *path = logout->token_path;
    struct token *token = &logout->token;
    enum token_state state = token_read(path, token, &logout->text);
    if (state == TOKEN_LOOSE && token_tighten(path, NULL))
        state = token_read(path, token, &logout->text);
    if (state == TOKEN_MISSING)
        error_set(&logout->text, "not logged in: there is no %s", path);
    if (state != TOKEN_LOADED) {
        end(logout, state == TOKEN_MISSING ? LOGIN_NO_TROUBLE : LOGIN_SET_UP);
        return false;
    }
    if (token_is_custom(token))
        error_set(
            &logout->text,
            "token file %s: it has a custom token, which pail can't revoke; it was left there",
            path);
    else if (logout->service[0] && !token_is_for(token, logout->service))
        error_set(&logout->text, "token file %s: it is for %s, not for %s; it was left there", path,
                  token->service, logout->service);
    else
        return true;
    end(logout, LOGIN_SET_UP);
    return false;
}

/* Who has the lock reads the file again: another pail may have renewed the login. */
static void try_lock(struct logout *logout) {
    enum token_lock_state state = token_lock(logout->token_path, 0, &logout->lock, &logout->text);
    if (state == TOKEN_LOCK_BUSY && clock_ms() < logout->lock_until) {
        logout->lock_next = clock_ms() + LOCK_AGAIN_MS;
        return;
    }
    logout->lock_until = 0;
    if (state != TOKEN_LOCKED) {
        logout->lock = -1;
        error_prefix(&logout->text, "not logged out: ");
        end(logout, LOGIN_SET_UP);
    } else if (read_file(logout))
        revoke(logout);
}

static void begin_lock(struct logout *logout) {
    logout->lock_until = clock_ms() + LOCK_MS;
    try_lock(logout);
}

int logout_tick(struct logout *logout) {
    int64_t now = clock_ms();
    if (logout->lock_until == 0)
        return -1;
    if (now < logout->lock_next)
        return (int)(logout->lock_next - now);
    try_lock(logout);
    return 0;
}

/* ---- all of it ------------------------------------------------------------------------------- */

/* Without an answer the region isn't known, which revoking says then. */
static void end_discovery(void *context, const struct discovery *found, const struct error *error) {
    struct logout *logout = context;
    (void)error;
    logout->discovery = NULL;
    logout->found = *found;
    begin_lock(logout);
}

static void begin(struct logout *logout, bool in_environment) {
    if (in_environment) {
        error_set(&logout->text,
                  "the login is in INFINSTOR_REFRESH_TOKEN: unset it; it was not revoked, and the "
                  "token file %s was left alone",
                  logout->token_path);
        end(logout, LOGIN_SET_UP);
        return;
    }
    if (!read_file(logout))
        return;
    if (logout->region[0] == '\0' && logout->service[0])
        logout->discovery = discovery_start(logout->http, logout->service, logout->timeout_ms,
                                            end_discovery, logout, NULL);
    if (logout->discovery == NULL)
        begin_lock(logout);
}

struct logout *logout_create(struct http *http, const struct login_settings *settings) {
    struct logout *logout = memory_new(1, sizeof *logout);
    logout->http = http;
    logout->service = memory_string(settings->service);
    logout->region = memory_string(settings->region);
    logout->client_id = memory_string(settings->client_id);
    logout->token_path = memory_string(settings->token_path);
    logout->timeout_ms = settings->timeout_ms;
    logout->lock = -1;
    token_init(&logout->token);
    begin(logout, settings->token_in_environment);
    return logout;
}

void logout_destroy(struct logout *logout) {
    if (logout == NULL)
        return;
    if (logout->discovery)
        discovery_cancel(logout->discovery);
    cognito_destroy(logout->cognito);
    forget(logout);
    free(logout->service);
    free(logout->region);
    free(logout->client_id);
    free(logout->token_path);
    free(logout);
}

void logout_look(const struct logout *logout, struct logout_look *look) {
    *look = (struct logout_look){
        .over = logout->over,
        .trouble = logout->trouble,
        .text = logout->text.text,
    };
}
