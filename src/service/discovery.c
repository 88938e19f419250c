#include "pail/service/discovery.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pail/base/memory.h"
#include "pail/service/fetch.h"

struct discovery_call {
    struct http *http;
    struct fetch *fetch;
    char domain[DOMAIN_SIZE];
    long timeout_ms;
    bool repeated;
    discovery_end_fn *end;
    void *context;
};

static void set_host(char host[HOST_SIZE], const char *label, const char *domain) {
    snprintf(host, HOST_SIZE, "%s.%s", label, domain);
}

bool discovery_default(struct discovery *discovery, const char *domain, struct error *error) {
    if (!label_is_domain(domain))
        return error_set(error, "the service is not a domain (a-z, 0-9, - and dots): %s", domain);
    *discovery = (struct discovery){.external_auth = false};
    set_host(discovery->api_host, "api", domain);
    set_host(discovery->service_host, "service", domain);
    set_host(discovery->mlflow_host, "mlflow", domain);
    return true;
}

/* ---- the answer ------------------------------------------------------------------------------ */

/* The member as a string that valid takes; "" if it is missing. False if it is anything else. */
static bool take_name(const json_t *answer, const char *member, bool (*valid)(const char *),
                      const char **name, struct error *error) {
    const json_t *value = json_object_get(answer, member);
    *name = value && !json_is_null(value) ? json_string_value(value) : "";
    if (*name && (**name == '\0' || valid(*name)))
        return true;
    return error_set(error, "its %s is not a plain name, and is not trusted", member);
}

static bool take_host(const json_t *answer, const char *member, const char *domain,
                      char host[HOST_SIZE], struct error *error) {
    const char *label;
    if (!take_name(answer, member, label_is_valid, &label, error))
        return false;
    if (*label)
        set_host(host, label, domain);
    return true;
}

static bool take_text(const json_t *answer, const char *member, bool (*valid)(const char *),
                      char *text, size_t size, struct error *error) {
    const char *name;
    if (!take_name(answer, member, valid, &name, error))
        return false;
    snprintf(text, size, "%s", name);
    return true;
}

/* A string as InfinStor sends it, or a boolean. */
static bool says_true(const json_t *value) {
    const char *text = json_string_value(value);
    return json_is_true(value) || (text && strcmp(text, "true") == 0);
}

static bool take_answer(struct discovery *found, const json_t *answer, const char *domain,
                        struct error *error) {
    found->external_auth = says_true(json_object_get(answer, "isExternalAuth"));
    return take_host(answer, "apiDnsName", domain, found->api_host, error) &&
           take_host(answer, "serviceDnsName", domain, found->service_host, error) &&
           take_host(answer, "mlflowDnsName", domain, found->mlflow_host, error) &&
           take_text(answer, "region", label_is_valid, found->region, sizeof found->region,
                     error) &&
           take_text(answer, "cognitoCliClientId", label_is_client_id, found->cli_client_id,
                     sizeof found->cli_client_id, error) &&
           take_text(answer, "cognitoAppClientId", label_is_client_id, found->app_client_id,
                     sizeof found->app_client_id, error);
}

static bool read_answer(struct discovery *found, const char *domain,
                        const struct http_result *result, const struct buffer *body,
                        struct error *error) {
    if (result->end != HTTP_ANSWERED)
        return error_set(error, "%s", result->text);
    if (result->status != 200)
        return error_set(error, "it answered %ld", result->status);
    json_t *answer = fetch_object(body, error);
    bool good = answer && take_answer(found, answer, domain, error);
    json_decref(answer);
    return good;
}

/* ---- the call -------------------------------------------------------------------------------- */

static bool ask(struct discovery_call *call, struct error *error);

/* 504 on a cold start, which InfinStor's public Python client expects, and its neighbours. */
static bool is_starting(const struct http_result *result) {
    return result->end == HTTP_ANSWERED && result->status >= 502 && result->status <= 504;
}

static void take_end(void *context, const struct http_result *result, const struct buffer *body) {
    struct discovery_call *call = context;
    struct discovery found;
    struct error error = {""};
    if (is_starting(result) && !call->repeated) {
        call->repeated = true;
        if (ask(call, NULL))
            return;
    }
    discovery_default(&found, call->domain, NULL);
    bool good = read_answer(&found, call->domain, result, body, &error);
    if (!good) {
        discovery_default(&found, call->domain, NULL);
        error_prefix(&error, "mlflow.%s was asked for the service's hosts: ", call->domain);
    }
    call->end(call->context, &found, good ? NULL : &error);
    free(call);
}

static bool ask(struct discovery_call *call, struct error *error) {
    char url[HOST_SIZE + 64];
    snprintf(url, sizeof url, "https://mlflow.%s/api/2.0/mlflow/infinstor/get_version",
             call->domain);
    const struct http_request request = {
        .url = url, .authorization = "None", .total_ms = call->timeout_ms};
    call->fetch = fetch_start(call->http, &request, take_end, call, error);
    return call->fetch != NULL;
}

struct discovery_call *discovery_start(struct http *http, const char *domain, long timeout_ms,
                                       discovery_end_fn *end, void *context, struct error *error) {
    struct discovery checked;
    if (!discovery_default(&checked, domain, error))
        return NULL;
    struct discovery_call *call = memory_new(1, sizeof *call);
    call->http = http;
    snprintf(call->domain, sizeof call->domain, "%s", domain);
    call->timeout_ms = timeout_ms;
    call->end = end;
    call->context = context;
    if (ask(call, error))
        return call;
    free(call);
    return NULL;
}

void discovery_cancel(struct discovery_call *call) {
    fetch_cancel(call->fetch);
    free(call);
}
