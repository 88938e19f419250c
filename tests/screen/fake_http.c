/* service/http.h without a network: requests are kept for the script to look at, and answered by
 * it. Used instead of src/service/http.c, since it is named before the library when linking. */
#include "screens.h"

#include <stdlib.h>
#include <string.h>

#include "pail/base/memory.h"
#include "pail/service/http.h"

enum { ANSWERS = 64, REQUESTS = 256 };

struct http_call {
    struct http_call *next;
    struct http_request request;
    struct fake_answer answer;
    bool answered;
    size_t received;
};

struct http {
    struct http_call *calls; /* oldest first */
};

static struct {
    struct fake_answer answers[ANSWERS];
    int answer_count;
    struct {
        char *url, *body;
        bool asked_for;
    } requests[REQUESTS];
    int request_count;
    unsigned long activity;
    bool rest;
    struct http *http;
} fake;

unsigned long fake_http_activity(void) {
    return fake.activity;
}

void fake_http_answer(const struct fake_answer *answer) {
    if (fake.answer_count == ANSWERS)
        abort();
    fake.answers[fake.answer_count++] = *answer;
}

bool fake_http_rest(void) {
    for (struct http_call *call = fake.http ? fake.http->calls : NULL; call; call = call->next)
        if (call->answered) {
            fake.rest = true;
            return true;
        }
    return false;
}

static bool ends_with(const char *text, const char *end) {
    size_t length = strlen(text), wanted = strlen(end);
    return length >= wanted && strcmp(text + length - wanted, end) == 0;
}

const char *fake_http_request(const char *path) {
    for (int i = 0; i < fake.request_count; i++)
        if (!fake.requests[i].asked_for && ends_with(fake.requests[i].url, path)) {
            fake.requests[i].asked_for = true;
            return fake.requests[i].body;
        }
    return NULL;
}

void fake_http_forget(void) {
    for (int i = 0; i < fake.request_count; i++) {
        free(fake.requests[i].url);
        free(fake.requests[i].body);
    }
    for (int i = 0; i < fake.answer_count; i++)
        free(fake.answers[i].body);
    fake.request_count = fake.answer_count = 0;
}

/* ---- the door ---- */

struct http *http_create(const struct http_settings *settings) {
    (void)settings;
    return fake.http = memory_new(1, sizeof *fake.http);
}

static void call_destroy(struct http *http, struct http_call *call) {
    struct http_call **place = &http->calls;
    while (*place != call)
        place = &(*place)->next;
    *place = call->next;
    if (call->answered)
        free(call->answer.body);
    free(call);
}

void http_destroy(struct http *http) {
    if (http == NULL)
        return;
    while (http->calls)
        call_destroy(http, http->calls);
    free(http);
    fake.http = NULL;
}

struct http_call *http_start(struct http *http, const struct http_request *request,
                             struct error *error) {
    if (fake.request_count == REQUESTS) {
        error_set(error, "the fake network holds %d requests", REQUESTS);
        return NULL;
    }
    fake.requests[fake.request_count].url = memory_string(request->url);
    fake.requests[fake.request_count].asked_for = false;
    fake.requests[fake.request_count++].body =
        memory_string_n(request->body ? request->body : "", request->body_length);
    struct http_call *call = memory_new(1, sizeof *call), **end = &http->calls;
    call->request = *request;
    while (*end)
        end = &(*end)->next;
    *end = call;
    fake.activity++;
    return call;
}

enum http_end http_cancel(struct http *http, struct http_call *call) {
    call_destroy(http, call);
    fake.activity++;
    return HTTP_UNKNOWN; /* what has been sent has arrived here */
}

void http_progress(const struct http_call *call, size_t *received, size_t *expected) {
    *received = call->received;
    *expected = call->answered ? call->answer.length : 0;
}

/* ---- answering ---- */

static void end_call(struct http *http, struct http_call *call, enum http_end end,
                     const char *text) {
    struct http_result result = {.end = end, .received = call->received};
    struct http_request request = call->request;
    bool whole = end == HTTP_ANSWERED;
    result.status = call->answer.end <= FAKE_PART ? call->answer.status : 0;
    snprintf(result.content_type, sizeof result.content_type, "%s", call->answer.type);
    snprintf(result.text, sizeof result.text, "%s", whole ? "" : text);
    call_destroy(http, call);
    fake.activity++;
    request.end(request.context, &result);
}

/* Hands bytes of the body up to `end` over; false if they weren't wanted. */
static bool pass_body(struct http_call *call, size_t end) {
    size_t from = call->received;
    if (end > call->answer.length)
        end = call->answer.length;
    call->received = end;
    fake.activity += end > from;
    return end <= from || call->request.data(call->request.context, call->answer.status,
                                             call->answer.body + from, end - from);
}

static void advance_call(struct http *http, struct http_call *call) {
    const struct fake_answer *answer = &call->answer;
    if (answer->end == FAKE_NOT_SENT) {
        end_call(http, call, HTTP_NOT_SENT, answer->text);
        return;
    }
    if (answer->end == FAKE_UNKNOWN) {
        end_call(http, call, HTTP_UNKNOWN, answer->text);
        return;
    }
    bool pause = answer->end == FAKE_PART && !fake.rest;
    if (!pass_body(call, pause || answer->end == FAKE_CUT ? answer->count : answer->length))
        end_call(http, call, HTTP_UNKNOWN, "the answer was refused");
    else if (answer->end == FAKE_CUT)
        end_call(http, call, HTTP_UNKNOWN, "the connection was closed before the answer was whole");
    else if (!pause) {
        fake.rest = false;
        end_call(http, call, HTTP_ANSWERED, "");
    }
}

void http_wait(struct http *http, struct pollfd *extra, size_t count, int timeout_ms) {
    (void)timeout_ms; /* time passes when the script says so */
    if (poll(extra, count, 0) > 0)
        fake.activity++;
    for (struct http_call *call = http->calls, *next; call; call = next) {
        next = call->next;
        if (!call->answered && fake.answer_count > 0) {
            call->answer = fake.answers[0];
            call->answered = true;
            memmove(fake.answers, fake.answers + 1,
                    (size_t)--fake.answer_count * sizeof *fake.answers);
        }
        if (call->answered) {
            advance_call(http, call);
            return; /* what the end did may have changed the list */
        }
    }
}
