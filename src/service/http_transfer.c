/* A request under way: what libcurl takes of it, what it brings of the answer, and what is known by
 * then. */
#include <string.h>

#include "http_internal.h"
#include "pail/base/clock.h"

/* ---- limits of time -------------------------------------------------------------------------- */

/* They are our own, since curl's count in whole seconds, or from before there is a connection. */
int64_t http_transfer_deadline(const struct http_call *call, long *limit) {
    const struct http_request *request = &call->request;
    int64_t deadline = INT64_MAX;
    if (request->total_ms > 0) {
        *limit = request->total_ms;
        deadline = call->began + *limit;
    }
    if (request->idle_ms > 0 && call->connected && call->moved_at + request->idle_ms < deadline) {
        *limit = request->idle_ms;
        deadline = call->moved_at + *limit;
    }
    return deadline;
}

/* False, and noted: the process was stopped (^Z), say, and goes on when nobody expects the request
 * any more. */
static bool may_leave(struct http_call *call) {
    long limit = 0;
    call->too_old = clock_ms() >= http_transfer_deadline(call, &limit);
    return !call->too_old;
}

/* ---- what has left --------------------------------------------------------------------------- */

/* What curl hasn't even taken can't have left; what it has taken may have. */
static bool may_have_arrived(const struct http_call *call) {
    size_t length = call->request.body ? call->request.body_length : 0;
    return call->connected && call->taken == length;
}

enum http_end http_transfer_unanswered(const struct http_call *call) {
    return may_have_arrived(call) ? HTTP_UNKNOWN : HTTP_NOT_SENT;
}

/* ---- what curl calls ------------------------------------------------------------------------- */

long http_transfer_status(const struct http_call *call) {
    long status = 0;
    curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
    return status >= 200 ? status : 0;
}

/* NOLINTBEGIN(readability-non-const-parameter): the signatures are curl's */

/* There is a connection, and nothing of this request has left on it. It may be the second, when the
 * first was a used one and dead: libcurl begins again by itself unless it knows that a part of the
 * body has left. What it has taken but not sent it would leave out, and wait for an answer. */
static int on_connected(void *context, char *their_address, char *our_address, int their_port,
                        int our_port) {
    (void)their_address, (void)our_address, (void)their_port, (void)our_port;
    struct http_call *call = context;
    bool may = may_leave(call); /* before it counts as moved */
    call->connected = true;
    call->moved_at = clock_ms();
    return call->taken == 0 && may ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

/* An answer that was there before the request had been given away isn't the answer to it: on a used
 * connection it is something left over. The request is broken off then, so that it can't count. A
 * refusal may come so early, and libcurl breaks off by itself. */
static bool is_left_over(const struct http_call *call) {
    return call->taken < call->request.body_length && http_transfer_status(call) < 300;
}

static size_t take_header(char *data, size_t size, size_t count, void *context) {
    struct http_call *call = context;
    size_t length = size * count;
    call->moved_at = clock_ms();
    call->odd = head_line(&call->head, data, length);
    if (http_transfer_status(call) != 0 && !call->begun) {
        call->begun = true;
        if (is_left_over(call))
            call->odd = "an answer came before the request was sent";
    }
    return call->odd ? 0 : length;
}

/* NOLINTEND(readability-non-const-parameter) */

/* The body goes out this way, and without a seek callback, because curl can't begin it again then:
 * given as a string, it is sent twice when a reused connection dies (doc/safety.md, libcurl). */
static size_t give_body(char *to, size_t size, size_t count, void *context) {
    struct http_call *call = context;
    size_t room = size * count, left = call->request.body_length - call->taken;
    if (left > 0 && !may_leave(call))
        return CURL_READFUNC_ABORT;
    size_t now = left < room ? left : room;
    memcpy(to, call->request.body + call->taken, now);
    call->taken += now;
    call->moved_at = clock_ms();
    return now;
}

static size_t take_data(char *data, size_t size, size_t count, void *context) {
    struct http_call *call = context;
    size_t length = size * count;
    call->received += length;
    call->moved_at = clock_ms();
    if (call->request.data &&
        !call->request.data(call->request.context, http_transfer_status(call), data, length))
        call->stopped = true;
    return call->stopped ? 0 : length;
}

bool http_transfer_attach(struct http_call *call) {
    CURL *easy = call->easy;
    CURLcode bad = CURLE_OK;
    bad |= curl_easy_setopt(easy, CURLOPT_PRIVATE, call);
    bad |= curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, call->detail);
    bad |= curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_connected);
    bad |= curl_easy_setopt(easy, CURLOPT_PREREQDATA, call);
    bad |= curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
    bad |= curl_easy_setopt(easy, CURLOPT_HEADERDATA, call);
    bad |= curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_data);
    bad |= curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
    if (call->request.body) {
        bad |= curl_easy_setopt(easy, CURLOPT_READFUNCTION, give_body);
        bad |= curl_easy_setopt(easy, CURLOPT_READDATA, call);
    }
    return bad == CURLE_OK;
}
