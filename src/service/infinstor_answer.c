/* What an answer means: its kind, and a sentence. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "infinstor_internal.h"
#include "pail/base/mask.h"
#include "pail/buckets/redact.h"

bool answer_is_good(long status) {
    return status >= 200 && status <= 299;
}

static bool is_html(const struct infinstor_call *call, const struct http_result *result) {
    const char *text = call->head.data;
    return strncasecmp(result->content_type, "text/html", 9) == 0 ||
           text[strspn(text, " \t\r\n")] == '<';
}

/* InfinStor says so with status 200 and a page: its public Python client looks for it. */
static bool is_login_page(const struct infinstor_call *call, const struct http_result *result) {
    static const char phrase[] = "Login expired";
    return is_html(call, result) &&
           memmem(call->head.data, call->head.length, phrase, sizeof phrase - 1) != NULL;
}

/* The answer's first bytes. A listing that can't be read may have secrets there, and any answer the
 * login that it was asked with, also without its scheme ("Bearer"). */
static void quote(const struct infinstor_call *call, struct answer *answer) {
    const char *space = strrchr(call->authorization, ' ');
    const char *const tokens[] = {call->authorization, space ? space + 1 : NULL, call->id_token};
    struct buffer text, masked;
    buffer_init(&text);
    buffer_init(&masked);
    mask_append(&masked, call->head.data, tokens, sizeof tokens / sizeof *tokens);
    redact_append(&text, masked.data, false);
    snprintf(answer->excerpt, sizeof answer->excerpt, "%s", text.data);
    buffer_finish(&text);
    buffer_finish(&masked);
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
    if (result->status == 401 || (answer_is_good(result->status) && is_login_page(call, result)))
        say(answer, ANSWER_LOGIN_EXPIRED, ANSWER_LOGIN_EXPIRED_TEXT);
    else if (answer_is_good(result->status))
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
    if (!whole && (!result->status || result->timed_out || answer_is_good(result->status))) {
        judge_change(call, result, answer);
        return;
    }
    if (!answer_is_good(result->status)) {
        judge_status(call, result, answer);
        return;
    }
    if (!call->unreadable && reader_end(call->reader, &call->why))
        answer->kind = ANSWER_OK;
    else if (is_login_page(call, result))
        say(answer, ANSWER_LOGIN_EXPIRED, ANSWER_LOGIN_EXPIRED_TEXT);
    else
        say_unreadable(call, result, answer);
}

void answer_judge(struct infinstor_call *call, const struct http_result *result,
                  struct answer *answer) {
    *answer =
        (struct answer){.status = result->status, .retry_after = result->retry_after, .next = ""};
    quote(call, answer);
    if (call->reader)
        judge_listing(call, result, answer);
    else
        judge_change(call, result, answer);
    if (answer->kind == ANSWER_OK)
        answer->excerpt[0] = '\0';
}
