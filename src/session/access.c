#include "access.h"

#include <stdio.h>
#include <stdlib.h>

#include "door.h"
#include "internal.h"
#include "load.h"
#include "log.h"
#include "pail/base/clock.h"
#include "pail/base/memory.h"
#include "pail/base/url.h"
#include "recovery.h"

enum {
    LOCK_POLL_MS = 100, /* while another program renews the login */
    LOCK_WAIT_MS = 10000,
};

void access_init(struct access *access, struct http *http,
                 const struct session_settings *settings) {
    *access = (struct access){.http = http, .lock = -1, .scheme = settings->scheme};
    access->service = memory_string(settings->service ? settings->service : "");
    access->base_url = memory_string(settings->base_url);
    access->region = memory_string(settings->region ? settings->region : "");
    access->client_id = memory_string(settings->client_id ? settings->client_id : "");
    access->list_path = settings->list_path ? memory_string(settings->list_path) : NULL;
    access->list_body = settings->list_body ? memory_string(settings->list_body) : NULL;
    access->timeout_ms = settings->timeout_ms;
    access->in_memory = settings->token_path[0] == '\0';
    token_init(&access->token);
    if (access->in_memory)
        token_from_environment(&access->token);
}

void access_finish(struct access *access) {
    access_drop(access);
    cognito_destroy(access->cognito);
    token_finish(&access->token);
    free(access->service);
    free(access->base_url);
    free(access->region);
    free(access->client_id);
    free(access->list_path);
    free(access->list_body);
}

void access_drop(struct access *access) {
    if (access->discovery)
        discovery_cancel(access->discovery);
    if (access->renewing)
        cognito_cancel(access->cognito);
    if (access->lock >= 0)
        token_unlock(access->lock);
    access->discovery = NULL;
    access->renewing = false;
    access->lock = -1;
    access->lock_at = access->lock_until = 0;
}

bool access_is_busy(const struct access *access) {
    return access->discovery != NULL || access->renewing || access->lock_at != 0;
}

static void open_infinstor(struct session *session, const char *base_url) {
    const struct access *access = &session->access;
    infinstor_destroy(session->infinstor);
    session->infinstor = infinstor_create(access->http, &(struct infinstor_settings){
                                                            .base_url = base_url,
                                                            .list_path = access->list_path,
                                                            .list_body = access->list_body,
                                                            .timeout_ms = access->timeout_ms,
                                                        });
    session->serial++;
    recovery_look(session);
}

/* ---- the token ------------------------------------------------------------------------------- */

/* A URL alone may be anybody's: a token that names its service goes to that service's hosts. */
static bool is_for_here(const struct access *access, struct error *error) {
    const struct token *token = &access->token;
    struct url url = {.host = ""};
    bool named = access->service[0] != '\0';
    if (!named)
        url_parse(access->base_url, &url, NULL);
    if (named ? token_is_for(token, access->service) : token_is_for_host(token, url.host))
        return true;
    const char *here = named ? access->service : url.host;
    return error_set(error, "it is for %s, not for %s; log in to %s", token->service, here, here);
}

static enum session_trouble read_token(struct session *session, struct error *error) {
    struct access *access = &session->access;
    enum token_state state =
        access->in_memory ? TOKEN_LOADED : token_read(session->token_path, &access->token, error);
    if (state == TOKEN_LOOSE)
        return TROUBLE_LOOSE_TOKEN;
    if (state != TOKEN_LOADED)
        return TROUBLE_NO_TOKEN;
    if (is_for_here(access, error))
        return TROUBLE_NONE;
    error_prefix(error, "token file %s: ", session->token_path);
    return TROUBLE_NO_TOKEN;
}

/* What was read from the file isn't kept longer than it is needed. */
static void forget_token(struct access *access) {
    if (!access->in_memory) {
        token_finish(&access->token);
        token_init(&access->token);
    }
}

bool access_authorization(struct session *session, struct buffer *authorization,
                          enum session_trouble *trouble, struct error *error) {
    struct access *access = &session->access;
    struct buffer id_token;
    buffer_init(&id_token);
    enum session_trouble found = read_token(session, error);
    if (found == TROUBLE_NONE &&
        !token_headers(&access->token, access->scheme, authorization, &id_token, error)) {
        found = TROUBLE_NO_TOKEN;
        error_prefix(error, "%s%s: ", access->in_memory ? "the environment" : "token file ",
                     session->token_path);
    }
    access->used = access->token.issued;
    if (found == TROUBLE_NONE)
        infinstor_set_id_token(session->infinstor, id_token.data);
    else
        *trouble = found;
    buffer_finish(&id_token);
    forget_token(access);
    return found == TROUBLE_NONE;
}

/* ---- renewing it ----------------------------------------------------------------------------- */

static const char *client_of(const struct access *access) {
    return access->client_id[0]      ? access->client_id
           : access->token.client_id ? access->token.client_id
                                     : access->found.cli_client_id;
}

static const char *region_of(const struct access *access) {
    return access->region[0] ? access->region : access->found.region;
}

static bool is_renewable(const struct access *access) {
    return !token_is_custom(&access->token) && access->token.refresh != NULL &&
           region_of(access)[0] && client_of(access)[0];
}

bool access_can_renew(struct session *session) {
    struct error error;
    bool can = read_token(session, &error) == TROUBLE_NONE && is_renewable(&session->access);
    forget_token(&session->access);
    return can;
}

/* The token may be sent. */
static void go_on(struct session *session) {
    buffer_clear(&session->happening);
    forget_token(&session->access);
    access_drop(&session->access);
    load_send(session);
}

/* The login can't be renewed. One that is only due may still be good for a while, unless Cognito
 * has refused it or there is nothing yet that could be sent. */
static void go_on_without(struct session *session, const char *why, enum session_trouble trouble) {
    struct access *access = &session->access;
    bool last = access->forced || trouble == TROUBLE_LOGIN_EXPIRED ||
                (access->token.access == NULL && access->token.id == NULL);
    struct error error;
    error_set(&error, "the login was not renewed: %s", why);
    if (!last) {
        log_line(session, "%s", error.text);
        go_on(session);
        return;
    }
    forget_token(access);
    access_drop(access);
    load_fail(session, trouble, error.text);
}

/* Whether only another login helps. */
static enum session_trouble trouble_of(enum cognito_kind kind) {
    return kind == COGNITO_REFUSED || kind == COGNITO_SET_UP ? TROUBLE_LOGIN_EXPIRED
                                                             : TROUBLE_SERVICE;
}

static void end_renewal(void *context, const struct cognito_answer *answer) {
    struct session *session = context;
    struct access *access = &session->access;
    struct error error = {""};
    access->renewing = false;
    if (answer->kind != COGNITO_DONE) {
        go_on_without(session, answer->text, trouble_of(answer->kind));
        return;
    }
    cognito_update(access->cognito, answer, &access->token, clock_now());
    if (!access->in_memory && !token_write(session->token_path, &access->token, &error)) {
        go_on_without(session, error.text, TROUBLE_SERVICE);
        return;
    }
    log_line(session, "renewed the login");
    go_on(session);
}

static void renew(struct session *session) {
    struct access *access = &session->access;
    struct error error = {""};
    cognito_destroy(access->cognito);
    access->cognito = cognito_create(access->http,
                                     &(struct cognito_settings){.region = region_of(access),
                                                                .client_id = client_of(access),
                                                                .timeout_ms = access->timeout_ms},
                                     &error);
    access->renewing = access->cognito && cognito_renew(access->cognito, access->token.refresh,
                                                        end_renewal, session, &error);
    load_tell(session, "renewing the login");
    if (!access->renewing)
        go_on_without(session, error.text, TROUBLE_SERVICE);
}

static bool has_renewable(struct session *session) {
    struct error error;
    return read_token(session, &error) == TROUBLE_NONE && is_renewable(&session->access);
}

/* One that the service doesn't take isn't worth renewing if another pail has done so meanwhile. */
static bool wants_new(const struct access *access) {
    return token_is_due(&access->token, clock_now()) ||
           (access->forced && access->token.issued == access->used);
}

/* False once the other program has taken too long. */
static bool wait_for_lock(struct access *access) {
    int64_t now = clock_ms();
    if (access->lock_until == 0)
        access->lock_until = now + LOCK_WAIT_MS;
    access->lock_at = now + LOCK_POLL_MS;
    return now < access->lock_until;
}

/* Who has the lock reads the file again: another pail may have renewed it meanwhile. */
static void lock_and_renew(struct session *session) {
    struct access *access = &session->access;
    struct error error = {""};
    enum token_lock_state lock = access->in_memory
                                     ? TOKEN_LOCKED
                                     : token_lock(session->token_path, 0, &access->lock, &error);
    if (lock == TOKEN_LOCK_BUSY && wait_for_lock(access)) {
        load_tell(session, "another program is renewing the login");
        forget_token(access);
    } else if (lock != TOKEN_LOCKED)
        go_on_without(session, error.text, TROUBLE_SERVICE);
    else if (has_renewable(session) && wants_new(access))
        renew(session);
    else
        go_on(session);
}

static void look_at_token(struct session *session) {
    struct access *access = &session->access;
    bool renewable = has_renewable(session);
    access->lock_at = 0;
    if (!renewable && access->forced) {
        forget_token(access);
        access_drop(access);
        load_fail(session, TROUBLE_LOGIN_EXPIRED, LOAD_PHASE ANSWER_LOGIN_EXPIRED_TEXT);
    } else if (renewable && wants_new(access))
        lock_and_renew(session);
    else
        go_on(session);
}

int access_tick(struct session *session) {
    struct access *access = &session->access;
    int64_t wait = access->lock_at - clock_ms();
    if (access->lock_at == 0)
        return -1;
    if (wait > 0)
        return (int)wait;
    look_at_token(session);
    return 0;
}

/* ---- the hosts ------------------------------------------------------------------------------- */

static void take_hosts(struct session *session, const struct discovery *discovery) {
    struct access *access = &session->access;
    char url[sizeof discovery->api_host + 16];
    access->found = *discovery;
    snprintf(url, sizeof url, "https://%s", discovery->api_host);
    open_infinstor(session, access->base_url[0] ? access->base_url : url);
    look_at_token(session);
}

/* What the user should know although it goes on. error NULL: nothing. */
static void remark(struct session *session, const char *error, const char *host) {
    buffer_clear(&session->remark);
    if (error == NULL)
        return;
    buffer_printf(&session->remark, "the service did not name its hosts (%s): %s is taken", error,
                  session->access.base_url[0] ? session->access.base_url : host);
    log_line(session, "%s", session->remark.data);
}

static void end_discovery(void *context, const struct discovery *discovery,
                          const struct error *error) {
    struct session *session = context;
    session->access.discovery = NULL;
    session->access.asked = error == NULL;
    remark(session, error ? error->text : NULL, discovery->api_host);
    take_hosts(session, discovery);
}

/* A change goes where its review said: the hosts aren't asked for again while it is under way. */
void access_prepare(struct session *session, bool forced) {
    struct access *access = &session->access;
    struct discovery usual;
    struct error error = {""};
    access_drop(access);
    access->forced = forced;
    bool decided = session->remark.length > 0 && door_is_busy(session);
    if (access->service[0] == '\0' || access->asked || decided) {
        look_at_token(session);
        return;
    }
    access->discovery = discovery_start(access->http, access->service, access->timeout_ms,
                                        end_discovery, session, &error);
    load_tell(session, "asking mlflow.%s for the service's hosts", access->service);
    if (access->discovery)
        return;
    struct error why = error;
    if (!discovery_default(&usual, access->service, &error)) {
        load_fail(session, TROUBLE_SERVICE, error.text);
        return;
    }
    remark(session, why.text, usual.api_host);
    take_hosts(session, &usual);
}

void access_open(struct session *session) {
    struct discovery usual;
    const struct access *access = &session->access;
    char url[sizeof usual.api_host + 16] = "";
    if (access->base_url[0] == '\0' && discovery_default(&usual, access->service, NULL))
        snprintf(url, sizeof url, "https://%s", usual.api_host);
    open_infinstor(session, access->base_url[0] ? access->base_url : url);
}
