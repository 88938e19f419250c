#include "pail/service/infinstor.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "pail/base/buffer.h"
#include "pail/base/memory.h"
#include "pail/buckets/redact.h"

/* InfinStor's own client sends this (reference: its public Python client). */
static const char client_body[] = "ProductCode=9fcazc4rbiwp6ewg4xlt5c8fu&clientType=browser";

enum {
    HEAD_LIMIT = 64 * 1024, /* of an answer, kept to recognise and to quote it */
    LIST_LIMIT = 1 << 30,
};

struct infinstor_call {
    struct infinstor_call *next;
    struct infinstor *infinstor;
    struct http_call *http_call;
    struct buffer head;    /* the answer's first bytes */
    struct reader *reader; /* NULL: of a change */
    size_t received;
    bool unreadable; /* the reader said so, or there was too much; and why */
    struct error why;
    struct infinstor_list_listener list;
    struct infinstor_change_listener change;
};

struct infinstor {
    struct http *http;
    struct infinstor_call *calls;
    char *list_url, *change_url, *list_body;
    char *id_header; /* "Idtoken: ..."; NULL: none */
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
    buffer_append_string(&line, "Idtoken: ");
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

/* ---- what an answer means -------------------------------------------------------------------- */

static bool is_good(long status) {
    return status >= 200 && status <= 299;
}

static bool is_html(const struct infinstor_call *call, const struct http_result *result) {
    const char *text = call->head.data;
    return strncasecmp(result->content_type, "text/html", 9) == 0 ||
           text[strspn(text, " \t\r\n")] == '<';
}

/* InfinStor says so with status 200 and a page (reference: failures seen in real clients). */
static bool is_login_page(const struct infinstor_call *call, const struct http_result *result) {
    static const char phrase[] = "Login expired";
    return is_html(call, result) &&
           memmem(call->head.data, call->head.length, phrase, sizeof phrase - 1) != NULL;
}

/* The answer's first bytes. A listing that can't be read may have secrets there. */
static void quote(const struct infinstor_call *call, struct answer *answer) {
    struct buffer text;
    buffer_init(&text);
    redact_append(&text, call->head.data, false);
    snprintf(answer->excerpt, sizeof answer->excerpt, "%s", text.data);
    buffer_finish(&text);
}

__attribute__((format(printf, 3, 4))) static void say(struct answer *answer, enum answer_kind kind,
                                                      const char *format, ...) {
    va_list args;
    va_start(args, format);
    answer->kind = kind;
    vsnprintf(answer->text, sizeof answer->text, format, args);
    va_end(args);
}

static void say_busy(struct answer *answer) {
    if (answer->retry_after > 0)
        say(answer, ANSWER_REFUSED, "too many requests: the service asks to wait %ld s (429)",
            answer->retry_after);
    else
        say(answer, ANSWER_REFUSED, "too many requests: the service asks to wait a while (429)");
    answer->next = "wait, then ask again";
}

/* The first line of what the service said, unless that is a page. */
static int words_of(const struct answer *answer, bool html, const char **words) {
    *words = answer->excerpt + strspn(answer->excerpt, " \t\r\n");
    return html ? 0 : (int)strcspn(*words, "\r\n");
}

static const char *next_after(long status) {
    return status == 504                    ? "it may have been starting: ask again"
           : status >= 500                  ? "if it stays so, tell who runs the service"
           : status == 404 || status == 405 ? "is the profile's url that of the api host?"
           : status >= 300 && status <= 399 ? "pail doesn't follow it: check the profile's url"
                                            : "";
}

static void say_status(struct answer *answer, enum answer_kind kind, bool html) {
    const char *words;
    int length = words_of(answer, html, &words);
    say(answer, kind, "the service answered %ld%s%.*s", answer->status, length > 0 ? ": " : "",
        length, words);
    answer->next = next_after(answer->status);
}

/* A change that was taken. Some services say in the answer's text that it wasn't. */
static void say_accepted(struct answer *answer, bool html, const char *encoding) {
    const char *words;
    int length = words_of(answer, html, &words);
    answer->kind = ANSWER_OK;
    if (encoding[0])
        say(answer, ANSWER_OK, "its answer is compressed (%s)", encoding);
    else if (html)
        say(answer, ANSWER_OK, "its answer is a web page");
    else if (length > 0 && strncmp(words, "{}", 2) != 0)
        say(answer, ANSWER_OK, "its answer: %.*s", length, words);
}

/* 408 says that the request took too long: a proxy may say so of one that the service has got. */
static enum answer_kind kind_of(long status) {
    return status == 412                                     ? ANSWER_UNMATCHED
           : status >= 400 && status <= 499 && status != 408 ? ANSWER_REFUSED
                                                             : ANSWER_TROUBLED;
}

static void judge_status(const struct infinstor_call *call, const struct http_result *result,
                         struct answer *answer) {
    bool html = is_html(call, result);
    if (result->status == 401 || (is_good(result->status) && is_login_page(call, result)))
        say(answer, ANSWER_LOGIN_EXPIRED, "the login has expired");
    else if (is_good(result->status))
        say_accepted(answer, html, result->encoding);
    else if (result->status == 403)
        say(answer, ANSWER_FORBIDDEN, "not an administrator (403)");
    else if (result->status == 429)
        say_busy(answer);
    else
        say_status(answer, kind_of(result->status), html || result->encoding[0]);
}

static void judge_change(const struct infinstor_call *call, const struct http_result *result,
                         struct answer *answer) {
    if (result->end == HTTP_ANSWERED) {
        judge_status(call, result, answer);
        return;
    }
    say(answer, result->end == HTTP_NOT_SENT ? ANSWER_NOT_SENT : ANSWER_UNKNOWN, "%s",
        result->text);
    answer->next = failure_next(result->failure);
}

/* A whole answer that is no listing. */
static void say_unreadable(const struct infinstor_call *call, const struct http_result *result,
                           struct answer *answer) {
    const char *text = call->head.data + strspn(call->head.data, " \t\r\n");
    bool json = text[0] == '{' || text[0] == '[' || text[0] == '\0';
    if (result->encoding[0])
        say(answer, ANSWER_UNREADABLE, "the answer is compressed (%s), which wasn't asked for",
            result->encoding);
    else if (is_html(call, result))
        say(answer, ANSWER_UNREADABLE, "the answer is a web page, not a listing");
    else if (!json)
        say(answer, ANSWER_UNREADABLE, "the answer is plain text, not a listing: %.*s",
            (int)strcspn(answer->excerpt, "\r\n"), answer->excerpt);
    else
        say(answer, ANSWER_UNREADABLE, "%.255s", call->why.text);
    answer->next = "is the profile's url that of the api host?";
}

/* A reading changes nothing, so that an answer may be judged by a part of it. */
static void judge_listing(struct infinstor_call *call, const struct http_result *result,
                          struct answer *answer) {
    bool whole = result->end == HTTP_ANSWERED || call->unreadable;
    if (!whole && (!result->status || result->timed_out || is_good(result->status))) {
        judge_change(call, result, answer);
        return;
    }
    if (!is_good(result->status)) {
        judge_status(call, result, answer);
        return;
    }
    if (!call->unreadable && reader_end(call->reader, &call->why))
        answer->kind = ANSWER_OK;
    else if (is_login_page(call, result))
        say(answer, ANSWER_LOGIN_EXPIRED, "the login has expired");
    else
        say_unreadable(call, result, answer);
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
    bool listing = is_good(status) && feed(call, data, length);
    call->unreadable = is_good(status) && !listing;
    /* Of anything else no more is wanted than is needed to know a login page. */
    return listing || call->head.length < HEAD_LIMIT;
}

static void take_end(void *context, const struct http_result *result) {
    struct infinstor_call *call = context;
    struct answer answer = {
        .status = result->status, .retry_after = result->retry_after, .next = ""};
    quote(call, &answer);
    if (call->reader)
        judge_listing(call, result, &answer);
    else
        judge_change(call, result, &answer);
    if (answer.kind == ANSWER_OK)
        answer.excerpt[0] = '\0';
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
    if (infinstor->id_header != NULL)
        headers[count++] = infinstor->id_header;
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
