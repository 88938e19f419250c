/* What a reading needs before it can be asked for: the service's hosts, and a token that isn't
 * due. Each step continues with the next; the last one is load_send. */
#include <stdio.h>
#include <stdlib.h>

#include "internal.h"
#include "pail/base/clock.h"
#include "pail/base/memory.h"

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
}

bool access_is_busy(const struct access *access) {
    return access->discovery != NULL || access->renewing;
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
}

/* ---- the token ------------------------------------------------------------------------------- */

static enum session_trouble read_token(struct session *session, struct error *error) {
    struct access *access = &session->access;
    enum token_state state =
        access->in_memory ? TOKEN_LOADED : token_read(session->token_path, &access->token, error);
    if (state == TOKEN_LOOSE)
        return TROUBLE_LOOSE_TOKEN;
    if (state != TOKEN_LOADED)
        return TROUBLE_NO_TOKEN;
    if (access->service[0] && !token_is_for(&access->token, access->service)) {
        error_set(error, "token file %s: it is for %s, not for %s; log in to %s",
                  session->token_path, access->token.service, access->service, access->service);
        return TROUBLE_NO_TOKEN;
    }
    return TROUBLE_NONE;
}

/* What was read from the file isn't kept longer than it is needed. */
static void forget_token(struct access *access) {
    if (!access->in_memory) {
        token_finish(&access->token);
        token_init(&access->token);
    }
}

bool load_authorization(struct session *session, struct buffer *authorization,
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

/* The login can't be renewed. A token that is only due may still be good for a while. */
static void go_on_without(struct session *session, const char *why, bool refused) {
    struct access *access = &session->access;
    log_line(session, "the login was not renewed: %s", why);
    forget_token(access);
    access_drop(access);
    if (access->forced || refused)
        load_fail(session, TROUBLE_LOGIN_EXPIRED, why);
    else
        load_send(session);
}

static void end_renewal(void *context, const struct cognito_answer *answer) {
    struct session *session = context;
    struct access *access = &session->access;
    struct error error = {""};
    access->renewing = false;
    if (answer->kind != COGNITO_DONE) {
        go_on_without(session, answer->text, answer->kind == COGNITO_REFUSED);
        return;
    }
    cognito_update(access->cognito, answer, &access->token, clock_now());
    if (!access->in_memory && !token_write(session->token_path, &access->token, &error)) {
        go_on_without(session, error.text, false);
        return;
    }
    log_line(session, "renewed the login");
    forget_token(access);
    access_drop(access);
    load_send(session);
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
    session->serial++;
    if (!access->renewing)
        go_on_without(session, error.text, false);
}

/* Who has the lock reads the file again: another pail may have renewed it meanwhile. */
static void look_at_token(struct session *session) {
    struct access *access = &session->access;
    struct error error = {""};
    enum token_lock_state lock = TOKEN_LOCKED;
    bool wanted = read_token(session, &error) == TROUBLE_NONE && is_renewable(access) &&
                  (access->forced || token_is_due(&access->token, clock_now()));
    if (!wanted && access->forced) {
        forget_token(access);
        load_fail(session, TROUBLE_LOGIN_EXPIRED, "reading the table: the login has expired");
        return;
    }
    int64_t issued = access->token.issued;
    if (wanted && !access->in_memory)
        lock = token_lock(session->token_path, 0, &access->lock, &error);
    if (wanted && lock == TOKEN_LOCKED)
        wanted = read_token(session, &error) == TROUBLE_NONE && is_renewable(access) &&
                 (access->token.issued == issued || token_is_due(&access->token, clock_now()));
    if (wanted && lock == TOKEN_LOCKED) {
        renew(session);
        return;
    }
    if (wanted && lock == TOKEN_LOCK_FAILED)
        log_line(session, "the login was not renewed: %s", error.text);
    forget_token(access);
    access_drop(access);
    load_send(session);
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

static void end_discovery(void *context, const struct discovery *discovery,
                          const struct error *error) {
    struct session *session = context;
    session->access.discovery = NULL;
    session->access.asked = error == NULL;
    if (error)
        log_line(session, "the service did not name its hosts (%s): %s is taken", error->text,
                 discovery->api_host);
    take_hosts(session, discovery);
}

void access_prepare(struct session *session, bool forced) {
    struct access *access = &session->access;
    struct discovery usual;
    struct error error = {""};
    access_drop(access);
    access->forced = forced;
    if (access->service[0] == '\0' || access->asked) {
        look_at_token(session);
        return;
    }
    access->discovery = discovery_start(access->http, access->service, access->timeout_ms,
                                        end_discovery, session, &error);
    session->serial++;
    if (access->discovery)
        return;
    log_line(session, "the service can't be asked for its hosts: %s", error.text);
    if (discovery_default(&usual, access->service, &error))
        take_hosts(session, &usual);
    else
        load_fail(session, TROUBLE_SERVICE, error.text);
}

void access_open(struct session *session) {
    struct discovery usual;
    const struct access *access = &session->access;
    char url[sizeof usual.api_host + 16] = "";
    if (access->base_url[0] == '\0' && discovery_default(&usual, access->service, NULL))
        snprintf(url, sizeof url, "https://%s", usual.api_host);
    open_infinstor(session, access->base_url[0] ? access->base_url : url);
}
