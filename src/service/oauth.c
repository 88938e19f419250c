#include "pail/service/oauth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pail/base/encode.h"
#include "pail/base/memory.h"
#include "pail/service/fetch.h"
#include "pail/service/label.h"

struct oauth {
    struct http *http;
    struct fetch *fetch; /* NULL: nothing under way */
    char *authorize_url, *token_url, *redirect, *client_id;
    long timeout_ms;
    struct buffer body;
    cognito_end_fn *end;
    void *context;
};

/* ---- where it goes --------------------------------------------------------------------------- */

/* "service.example.com" as the one label "service-example-com". */
static bool make_label(const char *host, char label[HOST_SIZE], struct error *error) {
    snprintf(label, HOST_SIZE, "%s", host);
    for (char *dot = label; (dot = strchr(dot, '.')) != NULL;)
        *dot = '-';
    return (label_is_domain(host) && label_is_valid(label)) ||
           error_set(error, "no login page can be made of the service's host %s", host);
}

static bool check(const struct oauth_settings *settings, char label[HOST_SIZE],
                  struct error *error) {
    if (!label_is_valid(settings->region))
        return error_set(error, "the region is not one (like us-east-1): %s", settings->region);
    if (!label_is_client_id(settings->client_id))
        return error_set(error, "the client id is not one: %s", settings->client_id);
    if (!label_is_domain(settings->mlflow_host))
        return error_set(error, "the host is not one: %s", settings->mlflow_host);
    return make_label(settings->service_host, label, error);
}

static char *print_host(const char *label, const char *region, const char *path) {
    struct buffer url;
    buffer_init(&url);
    buffer_printf(&url, "https://%s.auth.%s.amazoncognito.com/oauth2/%s", label, region, path);
    return buffer_steal(&url);
}

/* The redirect's : and / may stand in a query (RFC 3986, 3.4), and are shorter to read. */
static char *print_page(const struct oauth *oauth, const char *page) {
    struct buffer url;
    buffer_init(&url);
    buffer_printf(&url, "%s?redirect_uri=%s&response_type=code&client_id=", page, oauth->redirect);
    encode_percent(&url, oauth->client_id, strlen(oauth->client_id));
    return buffer_steal(&url);
}

struct oauth *oauth_create(struct http *http, const struct oauth_settings *settings,
                           struct error *error) {
    char label[HOST_SIZE];
    struct buffer redirect;
    if (!check(settings, label, error))
        return NULL;
    struct oauth *oauth = memory_new(1, sizeof *oauth);
    buffer_init(&redirect);
    buffer_printf(&redirect, "https://%s/api/2.0/mlflow/infinstor/cliclient_authorize",
                  settings->mlflow_host);
    oauth->http = http;
    oauth->redirect = buffer_steal(&redirect);
    oauth->client_id = memory_string(settings->client_id);
    oauth->timeout_ms = settings->timeout_ms;
    oauth->token_url = print_host(label, settings->region, "token");
    char *page = print_host(label, settings->region, "authorize");
    oauth->authorize_url = print_page(oauth, page);
    free(page);
    buffer_init(&oauth->body);
    return oauth;
}

void oauth_destroy(struct oauth *oauth) {
    if (oauth == NULL)
        return;
    if (oauth->fetch)
        fetch_cancel(oauth->fetch);
    buffer_finish(&oauth->body);
    free(oauth->authorize_url);
    free(oauth->token_url);
    free(oauth->redirect);
    free(oauth->client_id);
    free(oauth);
}

const char *oauth_url(const struct oauth *oauth) {
    return oauth->authorize_url;
}

/* ---- answers --------------------------------------------------------------------------------- */

static void fail(struct cognito_answer *answer, enum cognito_kind kind, const char *text) {
    answer->kind = kind;
    snprintf(answer->text, sizeof answer->text, "%s", text);
}

/* RFC 6749, 5.2. Nothing of the answer is quoted but these names. */
static void judge_error(const json_t *object, long status, struct cognito_answer *answer) {
    const char *error = fetch_string(object, "error");
    static const struct {
        const char *error;
        enum cognito_kind kind;
        const char *text;
    } known[] = {
        {"invalid_grant", COGNITO_REFUSED, "the code is wrong, was used before or has run out"},
        {"invalid_client", COGNITO_SET_UP,
         "the login page doesn't know the client id: check client_id"},
        {"unauthorized_client", COGNITO_SET_UP,
         "this kind of login is not enabled for the client id"},
        {"unsupported_grant_type", COGNITO_SET_UP,
         "this kind of login is not enabled for the client id"},
        {"invalid_request", COGNITO_REFUSED, "the login page refuses what was sent"},
    };
    for (size_t i = 0; error && i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].error, error) == 0) {
            fail(answer, known[i].kind, known[i].text);
            return;
        }
    answer->kind = status == 429                    ? COGNITO_BUSY
                   : status >= 400 && status <= 499 ? COGNITO_REFUSED
                                                    : COGNITO_TROUBLED;
    snprintf(answer->text, sizeof answer->text, "the login page answered %ld", status);
}

static void judge_good(const json_t *object, struct cognito_answer *answer) {
    answer->access = fetch_string(object, "access_token");
    answer->id = fetch_string(object, "id_token");
    answer->type = fetch_string(object, "token_type");
    answer->refresh = fetch_string(object, "refresh_token");
    if (answer->access && answer->access[0])
        answer->kind = COGNITO_DONE;
    else
        fail(answer, COGNITO_TROUBLED, "the login page's answer has no token in it");
}

static void judge(const struct http_result *result, const struct buffer *body, json_t **object,
                  struct cognito_answer *answer) {
    struct error error = {""};
    if (result->end != HTTP_ANSWERED) {
        answer->kind = COGNITO_TROUBLED;
        snprintf(answer->text, sizeof answer->text, "the login page: %s", result->text);
    } else if ((*object = fetch_object(body, &error)) == NULL) {
        answer->kind = COGNITO_TROUBLED;
        snprintf(answer->text, sizeof answer->text, "the login page answered %ld, and %.255s",
                 result->status, error.text);
    } else if (result->status >= 200 && result->status <= 299)
        judge_good(*object, answer);
    else
        judge_error(*object, result->status, answer);
}

static void take_end(void *context, const struct http_result *result, const struct buffer *body) {
    struct oauth *oauth = context;
    struct cognito_answer answer = {.kind = COGNITO_TROUBLED};
    json_t *object = NULL;
    judge(result, body, &object, &answer);
    oauth->fetch = NULL;
    buffer_finish(&oauth->body);
    oauth->end(oauth->context, &answer); /* may start the next, or destroy oauth */
    json_decref(object);
}

/* ---- the call -------------------------------------------------------------------------------- */

static void append_value(struct buffer *body, const char *name, const char *value) {
    buffer_printf(body, "&%s=", name);
    encode_percent(body, value, strlen(value));
}

bool oauth_exchange(struct oauth *oauth, const char *code, cognito_end_fn *end, void *context,
                    struct error *error) {
    if (oauth->fetch)
        return error_set(error, "the login page is being asked already");
    buffer_append_string(&oauth->body, "grant_type=authorization_code");
    append_value(&oauth->body, "client_id", oauth->client_id);
    append_value(&oauth->body, "code", code);
    append_value(&oauth->body, "redirect_uri", oauth->redirect);
    oauth->end = end;
    oauth->context = context;
    struct http_request request = {.url = oauth->token_url,
                                   .body = oauth->body.data,
                                   .body_length = oauth->body.length,
                                   .own_connection = true,
                                   .total_ms = oauth->timeout_ms};
    oauth->fetch = fetch_start(oauth->http, &request, take_end, oauth, error);
    if (oauth->fetch == NULL)
        buffer_finish(&oauth->body);
    return oauth->fetch != NULL;
}
