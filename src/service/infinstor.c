#include "pail/service/infinstor.h"

#include <stdlib.h>
#include <string.h>

#include "infinstor_internal.h"
#include "pail/base/memory.h"

#define ID_HEADER "Idtoken: "

/* InfinStor's public Python client sends this. */
static const char client_body[] = "ProductCode=9fcazc4rbiwp6ewg4xlt5c8fu&clientType=browser";

enum {
    HEAD_LIMIT = 64 * 1024, /* of an answer, kept to recognise and to quote it */
    LIST_LIMIT = 1 << 30,
};

struct infinstor {
    struct http *http;
    struct infinstor_call *calls;
    char *list_url, *change_url, *list_body;
    char *id_header; /* ID_HEADER and a token; NULL: none */
    long timeout_ms;
    size_t list_bytes;
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
    infinstor->list_bytes = settings->list_bytes ? settings->list_bytes : LIST_LIMIT;
    return infinstor;
}

void infinstor_set_id_token(struct infinstor *infinstor, const char *id_token) {
    struct buffer line;
    memory_free_wiped(infinstor->id_header);
    infinstor->id_header = NULL;
    if (id_token == NULL || id_token[0] == '\0')
        return;
    buffer_init(&line);
    buffer_append_string(&line, ID_HEADER);
    buffer_append_string(&line, id_token);
    infinstor->id_header = buffer_steal(&line);
}

static void unlink_call(struct infinstor *infinstor, const struct infinstor_call *call) {
    struct infinstor_call **at = &infinstor->calls;
    while (*at && *at != call)
        at = &(*at)->next;
    if (*at)
        *at = call->next;
}

static void call_destroy(struct infinstor_call *call) {
    buffer_finish(&call->head);
    memory_free_wiped(call->authorization);
    memory_free_wiped(call->id_token);
    reader_destroy(call->reader);
    free(call);
}

enum http_end infinstor_cancel(struct infinstor *infinstor, struct infinstor_call *call) {
    enum http_end end = http_cancel(infinstor->http, call->http_call);
    unlink_call(infinstor, call);
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
    memory_free_wiped(infinstor->id_header);
    free(infinstor);
}

const char *infinstor_change_url(const struct infinstor *infinstor) {
    return infinstor->change_url;
}

void infinstor_progress(const struct infinstor_call *call, size_t *received, size_t *expected) {
    http_progress(call->http_call, received, expected);
}

/* ---- calls ----------------------------------------------------------------------------------- */

/* False: this is no listing, or goes on for ever. */
static bool feed(struct infinstor_call *call, const char *data, size_t length) {
    size_t limit = call->infinstor->list_bytes;
    if (call->unreadable)
        return false;
    call->received += length;
    if (call->received > limit)
        return error_set(&call->why, "the listing is larger than %zu MiB", limit >> 20);
    return reader_feed(call->reader, data, length, &call->why);
}

static bool take_data(void *context, long status, const char *data, size_t length) {
    struct infinstor_call *call = context;
    size_t room = HEAD_LIMIT - call->head.length;
    buffer_append(&call->head, data, length < room ? length : room);
    if (call->reader == NULL)
        return true;
    bool listing = answer_is_good(status) && feed(call, data, length);
    call->unreadable = answer_is_good(status) && !listing;
    /* Of anything else no more is wanted than is needed to know a login page. */
    return listing || call->head.length < HEAD_LIMIT;
}

static void take_end(void *context, const struct http_result *result) {
    struct infinstor_call *call = context;
    struct answer answer;
    answer_judge(call, result, &answer);
    unlink_call(call->infinstor, call);
    if (call->reader)
        call->list.end(call->list.context, &answer, answer.kind == ANSWER_OK ? call->reader : NULL);
    else
        call->change.end(call->change.context, &answer);
    call_destroy(call);
}

/* other: one more header, or NULL. */
static struct infinstor_call *start(struct infinstor_call *call, struct http_request *request,
                                    const char *other, struct error *error) {
    struct infinstor *infinstor = call->infinstor;
    const char *headers[3] = {NULL};
    size_t count = 0;
    call->authorization = memory_string(request->authorization ? request->authorization : "");
    if (infinstor->id_header != NULL) {
        headers[count++] = infinstor->id_header;
        call->id_token = memory_string(infinstor->id_header + strlen(ID_HEADER));
    }
    if (other != NULL)
        headers[count++] = other;
    buffer_init(&call->head);
    request->headers = headers;
    request->data = take_data;
    request->end = take_end;
    request->context = call;
    call->http_call = http_start(infinstor->http, request, error);
    if (call->http_call == NULL) {
        call_destroy(call);
        return NULL;
    }
    call->next = infinstor->calls;
    infinstor->calls = call;
    return call;
}

struct infinstor_call *infinstor_list(struct infinstor *infinstor, const char *authorization,
                                      const struct infinstor_list_listener *listener,
                                      struct error *error) {
    struct infinstor_call *call = memory_new(1, sizeof *call);
    call->infinstor = infinstor;
    call->list = *listener;
    call->reader = reader_create(listener->entry, listener->context);
    struct http_request request = {.url = infinstor->list_url,
                                   .body = infinstor->list_body,
                                   .body_length = strlen(infinstor->list_body),
                                   .authorization = authorization,
                                   .idle_ms = infinstor->timeout_ms};
    return start(call, &request, NULL, error);
}

/* RFC 9110, 8.8.3: what may stand between the quotes, of ASCII. */
static bool is_etag(const char *text) {
    if (text == NULL || text[0] == '\0')
        return false;
    for (; *text; text++)
        if (*text < 0x21 || *text == '"' || *text == 0x7f)
            return false;
    return true;
}

struct infinstor_call *infinstor_change(struct infinstor *infinstor, const char *authorization,
                                        const struct infinstor_post *post,
                                        const struct infinstor_change_listener *listener,
                                        struct error *error) {
    struct infinstor_call *call = memory_new(1, sizeof *call);
    struct buffer if_match;
    call->infinstor = infinstor;
    call->change = *listener;
    struct http_request request = {.url = infinstor->change_url,
                                   .body = post->body,
                                   .body_length = post->length,
                                   .authorization = authorization,
                                   .own_connection = post->own_connection,
                                   .total_ms = infinstor->timeout_ms};
    buffer_init(&if_match);
    bool matched = is_etag(post->if_match);
    if (matched)
        buffer_printf(&if_match, "If-Match: \"%s\"", post->if_match);
    else if (post->if_none)
        buffer_append_string(&if_match, "If-None-Match: *");
    call = start(call, &request, if_match.length > 0 ? if_match.data : NULL, error);
    buffer_finish(&if_match);
    return call;
}
