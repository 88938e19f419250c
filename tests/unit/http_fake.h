/* A transport without a network, for what asks one small question at a time. */
#ifndef PAIL_TESTS_UNIT_HTTP_FAKE_H
#define PAIL_TESTS_UNIT_HTTP_FAKE_H

#include "tests.h"

#include "pail/base/memory.h"
#include "pail/service/http.h"

struct http_call {
    struct http_request request;
};

struct http {
    struct http_call *call; /* NULL: none, ended or cancelled */
    int started, cancelled;
    bool refuses;
    /* of the last request */
    char url[512], authorization[64], content_type[64], headers[256], body[4096];
};

struct http_call *http_start(struct http *http, const struct http_request *request,
                             struct error *error) {
    if (http->refuses) {
        error_set(error, "plain http only to this machine; use https");
        return NULL;
    }
    assert_null(http->call);
    http->call = memory_new(1, sizeof *http->call);
    http->call->request = *request;
    http->started++;
    snprintf(http->url, sizeof http->url, "%s", request->url);
    snprintf(http->authorization, sizeof http->authorization, "%s",
             request->authorization ? request->authorization : "-");
    snprintf(http->content_type, sizeof http->content_type, "%s",
             request->content_type ? request->content_type : "-");
    snprintf(http->body, sizeof http->body, "%.*s", (int)request->body_length,
             request->body ? request->body : "");
    http->headers[0] = '\0';
    for (const char *const *line = request->headers; line && *line; line++) {
        size_t used = strlen(http->headers);
        snprintf(http->headers + used, sizeof http->headers - used, "%s\n", *line);
    }
    return http->call;
}

enum http_end http_cancel(struct http *http, struct http_call *call) {
    assert_ptr_equal(call, http->call);
    http->cancelled++;
    free(call);
    http->call = NULL;
    return HTTP_UNKNOWN;
}

/* The request under way. */
static inline struct http_request fake_request(const struct http *http) {
    if (http->call == NULL) {
        fail_msg("nothing was asked");
        abort(); /* fail_msg doesn't come back, which clang-tidy can't know */
    }
    return http->call->request;
}

static inline void fake_end(struct http *http, const struct http_result *result) {
    struct http_request request = fake_request(http);
    free(http->call);
    http->call = NULL;
    request.end(request.context, result);
}

/* Answers in small pieces, until no more is wanted. */
static inline void fake_answer_n(struct http *http, long status, const char *body, size_t length) {
    struct http_request request = fake_request(http);
    struct http_result result = {.end = HTTP_ANSWERED, .status = status};
    for (size_t at = 0; at < length && result.end == HTTP_ANSWERED; at += 100) {
        size_t now = length - at < 100 ? length - at : 100;
        if (!request.data(request.context, status, body + at, now))
            result.end = HTTP_UNKNOWN;
    }
    if (result.end == HTTP_UNKNOWN)
        snprintf(result.text, sizeof result.text, "the rest of the answer was not read");
    fake_end(http, &result);
}

static inline void fake_answer(struct http *http, long status, const char *body) {
    fake_answer_n(http, status, body, strlen(body));
}

#endif
