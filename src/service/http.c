#include "pail/service/http.h"

#include <curl/curl.h>
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pail/base/clock.h"
#include "pail/base/memory.h"
#include "pail/base/url.h"

struct http_call {
    struct http_call *next;
    struct http *http;
    CURL *easy;
    struct curl_slist *headers;
    struct http_request request; /* url and authorization are not kept */
    size_t sent;                 /* bytes of the body that curl has taken */
    size_t received;
    bool stopped; /* by the data callback */
    bool silent;  /* nothing moved for idle_ms */
    curl_off_t moved;
    int64_t moved_at; /* clock_ms */
    char error[CURL_ERROR_SIZE];
};

struct http {
    CURLM *multi; /* NULL until the first request */
    struct http_call *calls;
    bool proxy_from_environment;
    char *ca_file;
    long connect_ms;
};

/* ---- set-up ---------------------------------------------------------------------------------- */

/* curl leaves copies of headers on the heap: they are overwritten as they are freed. */
static void *wiping_realloc(void *old, size_t size) {
    size_t had = old ? malloc_usable_size(old) : 0;
    void *memory = malloc(size ? size : 1);
    if (memory && old)
        memcpy(memory, old, had < size ? had : size);
    if (memory)
        memory_free_wiped(old);
    return memory;
}

static bool start_curl(struct http *http, struct error *error) {
    if (http->multi)
        return true;
    unsetenv("SSLKEYLOGFILE");
    if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc, memory_free_wiped, wiping_realloc, strdup,
                             calloc) != CURLE_OK ||
        (http->multi = curl_multi_init()) == NULL)
        return error_set(error, "libcurl could not be started");
    return true;
}

struct http *http_create(const struct http_settings *settings) {
    struct http *http = memory_new(1, sizeof *http);
    http->proxy_from_environment = settings->proxy_from_environment;
    http->ca_file = settings->ca_file ? memory_string(settings->ca_file) : NULL;
    http->connect_ms = settings->connect_ms;
    return http;
}

static void call_destroy(struct http_call *call) {
    for (struct http_call **at = &call->http->calls; *at; at = &(*at)->next)
        if (*at == call) {
            *at = call->next;
            break;
        }
    curl_multi_remove_handle(call->http->multi, call->easy);
    curl_easy_cleanup(call->easy);
    curl_slist_free_all(call->headers);
    free(call);
}

void http_destroy(struct http *http) {
    if (http == NULL)
        return;
    while (http->calls)
        call_destroy(http->calls);
    if (http->multi) {
        curl_multi_cleanup(http->multi);
        curl_global_cleanup();
    }
    free(http->ca_file);
    free(http);
}

/* ---- one request ----------------------------------------------------------------------------- */

/* Hands the body out. There is no way back to its beginning, so curl can't send it twice
 * (doc/safety.md). */
static size_t give_body(char *to, size_t size, size_t count, void *context) {
    struct http_call *call = context;
    size_t room = size * count, left = call->request.body_length - call->sent;
    size_t now = left < room ? left : room;
    memcpy(to, call->request.body + call->sent, now);
    call->sent += now;
    return now;
}

static int refuse_to_rewind(void *context, curl_off_t offset, int origin) {
    (void)context;
    (void)offset;
    (void)origin;
    return CURL_SEEKFUNC_FAIL;
}

static size_t take_data(char *data, size_t size, size_t count, void *context) {
    struct http_call *call = context;
    size_t length = size * count;
    long status = 0;
    call->received += length;
    curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
    if (call->request.data && !call->request.data(call->request.context, status, data, length)) {
        call->stopped = true;
        return 0;
    }
    return length;
}

/* Ends a call on which nothing moved for idle_ms: LOW_SPEED counts in whole seconds only. */
static int watch_progress(void *context, curl_off_t down_total, curl_off_t down,
                          curl_off_t up_total, curl_off_t up) {
    struct http_call *call = context;
    (void)down_total;
    (void)up_total;
    int64_t now = clock_ms();
    if (call->moved != down + up || call->moved_at == 0) {
        call->moved = down + up;
        call->moved_at = now;
    }
    call->silent = call->request.idle_ms > 0 && now - call->moved_at >= call->request.idle_ms;
    return call->silent;
}

static void add_header(struct http_call *call, const char *name, const char *value) {
    size_t size = strlen(name) + strlen(value) + 1;
    char *line = memory_new(size, 1);
    snprintf(line, size, "%s%s", name, value);
    call->headers = curl_slist_append(call->headers, line);
    explicit_bzero(line, size);
    free(line);
}

static void set_safety(const struct http *http, CURL *easy, bool https) {
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, https ? "https" : "http");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, http->connect_ms);
    if (!http->proxy_from_environment)
        curl_easy_setopt(easy, CURLOPT_PROXY, "");
    if (http->ca_file)
        curl_easy_setopt(easy, CURLOPT_CAINFO, http->ca_file);
}

static void set_request(struct http_call *call, const struct http_request *request) {
    CURL *easy = call->easy;
    curl_easy_setopt(easy, CURLOPT_URL, request->url);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, call);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, call->error);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "pail/" PAIL_VERSION);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_data);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, watch_progress);
    curl_easy_setopt(easy, CURLOPT_XFERINFODATA, call);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, request->total_ms);
    if (request->authorization)
        add_header(call, "Authorization: ", request->authorization);
    if (request->body) {
        add_header(call, "Content-Type: ", "application/x-www-form-urlencoded");
        add_header(call, "Expect:", "");
        curl_easy_setopt(easy, CURLOPT_POST, 1L);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_length);
        curl_easy_setopt(easy, CURLOPT_READFUNCTION, give_body);
        curl_easy_setopt(easy, CURLOPT_READDATA, call);
        curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, refuse_to_rewind);
        curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
        curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    }
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, call->headers);
}

static bool allowed(const char *text, bool *https, struct error *error) {
    struct url url;
    if (!url_parse(text, &url, error))
        return false;
    *https = url.https;
    return url.https || url_is_loopback(&url) ||
           error_set(error, "plain http only to this machine; use https");
}

struct http_call *http_start(struct http *http, const struct http_request *request,
                             struct error *error) {
    bool https;
    if (!allowed(request->url, &https, error) || !start_curl(http, error))
        return NULL;
    struct http_call *call = memory_new(1, sizeof *call);
    call->http = http;
    call->request = *request;
    call->request.url = call->request.authorization = NULL;
    call->easy = curl_easy_init();
    if (call->easy == NULL) {
        free(call);
        error_set(error, "libcurl could not start a request");
        return NULL;
    }
    set_safety(http, call->easy, https);
    set_request(call, request);
    call->next = http->calls;
    http->calls = call;
    curl_multi_add_handle(http->multi, call->easy);
    return call;
}

/* A GET is never sent in the sense that matters; a body that has left whole may have arrived. */
static enum http_end how_it_ended(const struct http_call *call) {
    bool whole = call->request.body && call->sent == call->request.body_length;
    return whole ? HTTP_UNKNOWN : HTTP_NOT_SENT;
}

enum http_end http_cancel(struct http *http, struct http_call *call) {
    (void)http;
    enum http_end end = how_it_ended(call);
    call_destroy(call);
    return end;
}

void http_progress(const struct http_call *call, size_t *received, size_t *expected) {
    curl_off_t length = -1;
    curl_easy_getinfo(call->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    *received = call->received;
    *expected = length > 0 ? (size_t)length : 0;
}

/* ---- the end of a request -------------------------------------------------------------------- */

static void explain_timeout(const struct http_call *call, struct http_result *result) {
    curl_off_t connected = 0;
    curl_easy_getinfo(call->easy, CURLINFO_CONNECT_TIME_T, &connected);
    if (connected == 0 && !call->silent)
        snprintf(result->text, sizeof result->text, "no connection within %ld s",
                 call->http->connect_ms / 1000);
    else
        snprintf(result->text, sizeof result->text, "no answer within %g s",
                 (double)(call->silent ? call->request.idle_ms : call->request.total_ms) / 1000);
}

static void explain(const struct http_call *call, CURLcode code, struct http_result *result) {
    const char *text = call->error[0] ? call->error : curl_easy_strerror(code);
    long reason = 0;
    curl_easy_getinfo(call->easy, CURLINFO_OS_ERRNO, &reason);
    if (code == CURLE_OPERATION_TIMEDOUT || call->silent) {
        explain_timeout(call, result);
        return;
    }
    if (code == CURLE_COULDNT_CONNECT && reason != 0)
        text = strerror((int)reason);
    else if (code == CURLE_COULDNT_RESOLVE_HOST)
        text = "the host's name was not found";
    else if (code == CURLE_PARTIAL_FILE)
        text = "the answer was cut off";
    else if (code == CURLE_GOT_NOTHING || code == CURLE_SEND_FAIL_REWIND)
        text = "the connection was closed before an answer came";
    else if (call->stopped)
        text = "the rest of the answer was not read";
    snprintf(result->text, sizeof result->text, "%s", text);
}

static void finish(struct http_call *call, CURLcode code) {
    struct http_result result = {.received = call->received};
    const char *type = NULL;
    curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &result.status);
    curl_easy_getinfo(call->easy, CURLINFO_CONTENT_TYPE, &type);
    snprintf(result.content_type, sizeof result.content_type, "%s", type ? type : "");
    if (code == CURLE_OK && result.status != 0)
        result.end = HTTP_ANSWERED;
    else {
        result.end = how_it_ended(call);
        explain(call, code, &result);
    }
    struct http_request request = call->request;
    call_destroy(call);
    if (request.end)
        request.end(request.context, &result);
}

/* One at a time, since an end may start and cancel others. */
static bool finish_one(struct http *http) {
    int left;
    CURLMsg *message = curl_multi_info_read(http->multi, &left);
    if (message == NULL)
        return false;
    struct http_call *call = NULL;
    CURLcode code = message->data.result;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&call);
    finish(call, code);
    return true;
}

/* While calls are under way curl must look at its clocks; without any, nothing wakes us. */
static int poll_limit(const struct http *http, int timeout_ms) {
    enum { LOOK_MS = 1000 };
    if (http->calls == NULL)
        return timeout_ms < 0 ? INT32_MAX : timeout_ms;
    int limit = LOOK_MS;
    for (const struct http_call *call = http->calls; call; call = call->next)
        if (call->request.idle_ms > 0 && call->request.idle_ms / 4 + 1 < limit)
            limit = (int)(call->request.idle_ms / 4 + 1);
    return timeout_ms < 0 || timeout_ms > limit ? limit : timeout_ms;
}

static void wait_with_curl(struct http *http, struct pollfd *extra, size_t count, int timeout_ms) {
    struct curl_waitfd waits[8];
    count = count < 8 ? count : 8;
    for (size_t i = 0; i < count; i++)
        waits[i] = (struct curl_waitfd){.fd = extra[i].fd, .events = CURL_WAIT_POLLIN};
    int ready = 0;
    curl_multi_poll(http->multi, waits, (unsigned)count, timeout_ms, &ready);
    for (size_t i = 0; i < count; i++)
        extra[i].revents = waits[i].revents;
}

void http_wait(struct http *http, struct pollfd *extra, size_t count, int timeout_ms) {
    if (http->calls == NULL) {
        poll(extra, count, timeout_ms);
        return;
    }
    wait_with_curl(http, extra, count, poll_limit(http, timeout_ms));
    int running;
    curl_multi_perform(http->multi, &running);
    while (finish_one(http))
        continue;
}
