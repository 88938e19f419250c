/* The beginning of a login: what stands in its way, the service's hosts, how it is done there. */
#include "login_internal.h"

static void note(struct login *login, const char *text) {
    if (login->note.length > 0)
        buffer_append_string(&login->note, "; ");
    buffer_append_string(&login->note, text);
}

/* Cognito, and the page for the browser where the login is by it. */
static bool open_cognito(struct login *login, struct error *error) {
    const struct discovery *found = &login->found;
    const char *region = login->region[0] ? login->region : found->region;
    const char *client = login->client_id[0] ? login->client_id : found->cli_client_id;
    login->cognito =
        cognito_create(login->http,
                       &(struct cognito_settings){
                           .region = region, .client_id = client, .timeout_ms = login->timeout_ms},
                       error);
    if (login->cognito && found->external_auth)
        login->oauth = oauth_create(login->http,
                                    &(struct oauth_settings){.service_host = found->service_host,
                                                             .mlflow_host = found->mlflow_host,
                                                             .region = region,
                                                             .client_id = client,
                                                             .timeout_ms = login->timeout_ms},
                                    error);
    return login->cognito && (login->oauth || !found->external_auth);
}

/* why: the service didn't name its hosts; NULL if it did, or wasn't asked. */
static void take_hosts(struct login *login, const char *why) {
    struct error error = {""};
    if (!open_cognito(login, &error)) {
        if (why)
            error_prefix(&error, "%s: ", why);
        login_fail(login, why ? LOGIN_NO_CONNECTION : LOGIN_SET_UP, error.text);
        return;
    }
    if (why) {
        note(login, why);
        note(login, "a login by password is assumed");
    }
    if (login->oauth)
        login_ask(login, LOGIN_BROWSER_CODE, "The code that the page ends with");
    else
        login_ask_user(login);
}

static void end_discovery(void *context, const struct discovery *found, const struct error *error) {
    struct login *login = context;
    login->discovery = NULL;
    login->asked_hosts = error == NULL;
    login->found = *found;
    take_hosts(login, error ? error->text : NULL);
}

static void find_hosts(struct login *login) {
    struct error error = {""};
    if (login->service[0] == '\0' || login->asked_hosts) {
        take_hosts(login, NULL);
        return;
    }
    login->discovery = discovery_start(login->http, login->service, login->timeout_ms,
                                       end_discovery, login, &error);
    if (login->discovery)
        login_wait(login, "asking the service for its hosts");
    else
        login_fail(login, LOGIN_SET_UP, error.text);
}

/* What is in the file would be replaced. A loose one is tightened first, as writing it would. */
static bool look_at_file(struct login *login, struct error *error) {
    struct token token;
    token_init(&token);
    enum token_state state = token_read(login->token_path, &token, NULL);
    if (state == TOKEN_LOOSE && token_tighten(login->token_path, NULL))
        state = token_read(login->token_path, &token, NULL);
    bool custom = state == TOKEN_LOADED && token_is_custom(&token);
    if (custom)
        error_set(error,
                  "token file %s: it has a custom token, which a login would replace; move it away "
                  "first",
                  login->token_path);
    else if (state == TOKEN_LOADED && login->service[0] && !token_is_for(&token, login->service)) {
        struct error other;
        error_set(&other, "the login to %s in %s will be replaced", token.service,
                  login->token_path);
        note(login, other.text);
    }
    token_finish(&token);
    return !custom;
}

static bool may_begin(struct login *login, struct error *error) {
    if (login->in_environment)
        return error_set(error,
                         "INFINSTOR_REFRESH_TOKEN and INFINSTOR_COGNITO_CLIENTID are set, and go "
                         "before the token file %s: unset them to log in there",
                         login->token_path);
    if (login->service[0] == '\0' && (login->region[0] == '\0' || login->client_id[0] == '\0'))
        return error_set(error, "the profile has no service to log in to: set service to its "
                                "domain (or region and client_id)");
    return look_at_file(login, error);
}

void login_begin(struct login *login) {
    struct error error = {""};
    if (may_begin(login, &error))
        find_hosts(login);
    else
        login_fail(login, LOGIN_SET_UP, error.text);
}
