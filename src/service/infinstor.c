#include "pail/service/infinstor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pail/base/buffer.h"
#include "pail/base/memory.h"

/* InfinStor's own client sends this (reference: its public Python client). */
static const char client_body[] = "ProductCode=9fcazc4rbiwp6ewg4xlt5c8fu&clientType=browser";
static const char login_phrase[] = "Login expired. Please login again";

enum { HEAD_LIMIT = 4096 /* of an answer, kept to recognise and to quote it */ };

struct infinstor_call {
    struct infinstor_call *next;
    struct infinstor *infinstor;
    struct http_call *http_call;
    struct buffer head;    /* the first bytes of the answer */
    struct reader *reader; /* of a listing */
    bool unreadable;
    struct error why; /* it was unreadable */
    struct infinstor_list_listener list;
    struct infinstor_change_listener change;
    bool is_change;
};

struct infinstor {
    struct http *http;
    struct infinstor_call *calls;
    char *list_url, *change_url, *list_body;
    long timeout_ms;
};

/* base without its last slashes, and the path after exactly one. */
static char *join(const char *base, const char *path) {
    size_t length = strlen(base);
    struct buffer url;
    while (length > 0 && base[length - 1] == '/')
        length--;
    buffer_init(&url);
    buffer_append(&url, base, length);
    buffer_printf(&url, "%s%s", path[0] == '/' ? "" : "/", path);
    return buffer_steal(&url);
}

struct infinstor *infinstor_create(struct http *http, const struct infinstor_settings *settings) {
    struct infinstor *infinstor = memory_new(1, sizeof *infinstor);
    infinstor->http = http;
    infinstor->list_url =
        join(settings->base_url, settings->list_path ? settings->list_path : "/customerinfo");
    infinstor->change_url = join(settings->base_url, "/add-mod-del-bucket");
    infinstor->list_body = memory_string(settings->list_body ? settings->list_body : client_body);
    infinstor->timeout_ms = settings->timeout_ms;
    return infinstor;
}

static void call_destroy(struct infinstor_call *call) {
    for (struct infinstor_call **at = &call->infinstor->calls; *at; at = &(*at)->next)
        if (*at == call) {
            *at = call->next;
            break;
        }
    buffer_finish(&call->head);
    reader_destroy(call->reader);
    free(call);
}

enum http_end infinstor_cancel(struct infinstor *infinstor, struct infinstor_call *call) {
    enum http_end end = http_cancel(infinstor->http, call->http_call);
    call_destroy(call);
    return end;
}

void infinstor_destroy(struct infinstor *infinstor) {
    if (infinstor == NULL)
        return;
    while (infinstor->calls)
        infinstor_cancel(infinstor, infinstor->calls);
    free(infinstor->list_url);
    free(infinstor->change_url);
    free(infinstor->list_body);
    free(infinstor);
}

const char *infinstor_change_url(const struct infinstor *infinstor) {
    return infinstor->change_url;
}

void infinstor_progress(const struct infinstor_call *call, size_t *received, size_t *expected) {
    http_progress(call->http_call, received, expected);
}

/* ---- what an answer means -------------------------------------------------------------------- */

/* The answer's first words as one line: a service's own reason. */
static void quote(const struct infinstor_call *call, struct answer *answer) {
    snprintf(answer->excerpt, sizeof answer->excerpt, "%.200s", call->head.data);
}

static bool is_login_page(const struct infinstor_call *call) {
    return memmem(call->head.data, call->head.length, login_phrase, sizeof login_phrase - 1);
}

static void say(struct answer *answer, enum answer_kind kind, const char *text) {
    answer->kind = kind;
    snprintf(answer->text, sizeof answer->text, "%.255s", text);
}

static void judge_status(const struct infinstor_call *call, struct answer *answer) {
    char text[256];
    quote(call, answer);
    if (answer->status == 401 || is_login_page(call))
        say(answer, ANSWER_LOGIN_EXPIRED, "the login has expired");
    else if (answer->status == 403)
        say(answer, ANSWER_FORBIDDEN, "not an administrator (403)");
    else if (answer->status >= 400 && answer->status < 500) {
        snprintf(text, sizeof text, "the service said %ld: %s", answer->status,
                 answer->excerpt[0] ? answer->excerpt : "(no reason given)");
        say(answer, ANSWER_REFUSED, text);
    } else if (answer->status < 200 || answer->status > 299) {
        snprintf(text, sizeof text, "the service answered with status %ld", answer->status);
        say(answer, ANSWER_TROUBLED, text);
    } else
        say(answer, ANSWER_OK, "");
}

static void judge_listing(struct infinstor_call *call, struct answer *answer) {
    struct error error = call->why;
    if (answer->kind != ANSWER_OK)
        return;
    if (!call->unreadable && reader_end(call->reader, &error)) {
        answer->excerpt[0] = '\0';
        return;
    }
    say(answer, ANSWER_UNREADABLE, error.text);
}

/* What the transport says. A listing whose reading was given up is judged by its status. */
static void judge(struct infinstor_call *call, const struct http_result *result,
                  struct answer *answer) {
    *answer = (struct answer){.status = result->status};
    if (result->end == HTTP_ANSWERED || call->unreadable) {
        judge_status(call, answer);
        if (!call->is_change)
            judge_listing(call, answer);
    } else
        say(answer, result->end == HTTP_NOT_SENT ? ANSWER_NOT_SENT : ANSWER_UNKNOWN, result->text);
}

/* ---- calls ----------------------------------------------------------------------------------- */

static bool take_data(void *context, long status, const char *data, size_t length) {
    struct infinstor_call *call = context;
    size_t room = HEAD_LIMIT - call->head.length;
    buffer_append(&call->head, data, length < room ? length : room);
    if (call->reader == NULL || status < 200 || status > 299)
        return true;
    if (!call->unreadable && !reader_feed(call->reader, data, length, &call->why))
        call->unreadable = true;
    /* A login page is small and must be recognised; of anything else no more is wanted. */
    return !call->unreadable || call->head.length < HEAD_LIMIT;
}

static void take_end(void *context, const struct http_result *result) {
    struct infinstor_call *call = context;
    struct answer answer;
    judge(call, result, &answer);
    struct reader *reader = call->reader;
    call->reader = NULL;
    struct infinstor_call ended = *call;
    call->head = (struct buffer){0};
    buffer_init(&call->head);
    call_destroy(call);
    if (ended.is_change)
        ended.change.end(ended.change.context, &answer);
    else
        ended.list.end(ended.list.context, &answer, answer.kind == ANSWER_OK ? reader : NULL);
    reader_destroy(reader);
    buffer_finish(&ended.head);
}

static struct infinstor_call *start(struct infinstor *infinstor, struct infinstor_call *call,
                                    const struct http_request *request, struct error *error) {
    buffer_init(&call->head);
    call->infinstor = infinstor;
    call->next = infinstor->calls;
    infinstor->calls = call;
    call->http_call = http_start(infinstor->http, request, error);
    if (call->http_call)
        return call;
    call_destroy(call);
    return NULL;
}

struct infinstor_call *infinstor_list(struct infinstor *infinstor, const char *authorization,
                                      const struct infinstor_list_listener *listener,
                                      struct error *error) {
    struct infinstor_call *call = memory_new(1, sizeof *call);
    call->list = *listener;
    call->reader = reader_create(listener->entry, listener->context);
    return start(infinstor, call,
                 &(struct http_request){.url = infinstor->list_url,
                                        .body = infinstor->list_body,
                                        .body_length = strlen(infinstor->list_body),
                                        .authorization = authorization,
                                        .idle_ms = infinstor->timeout_ms,
                                        .data = take_data,
                                        .end = take_end,
                                        .context = call},
                 error);
}

struct infinstor_call *infinstor_change(struct infinstor *infinstor, const char *authorization,
                                        const char *body, size_t length,
                                        const struct infinstor_change_listener *listener,
                                        struct error *error) {
    struct infinstor_call *call = memory_new(1, sizeof *call);
    call->change = *listener;
    call->is_change = true;
    return start(infinstor, call,
                 &(struct http_request){.url = infinstor->change_url,
                                        .body = body,
                                        .body_length = length,
                                        .authorization = authorization,
                                        .own_connection = true,
                                        .total_ms = infinstor->timeout_ms,
                                        .data = take_data,
                                        .end = take_end,
                                        .context = call},
                 error);
}
