#include "pail/service/http.h"

#include <limits.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "http_internal.h"
#include "pail/base/clock.h"
#include "pail/base/memory.h"
#include "pail/base/text.h"
#include "pail/base/url.h"

/* ---- set-up ---------------------------------------------------------------------------------- */

static void *wiping_realloc(void *old, size_t size) {
    size_t had = old ? malloc_usable_size(old) : 0;
    void *memory = malloc(size ? size : 1);
    if (memory == NULL)
        return NULL;
    if (old)
        memcpy(memory, old, had < size ? had : size);
    memory_free_wiped(old);
    return memory;
}

/* Each entry is checked: curl leaves out what it can't read, and the token would go to HOST. */
static bool read_connect_to(struct http *http, struct error *error) {
    const char *at = http->connect_to ? http->connect_to : "";
    size_t length;
    if (!url_check_connect_to(at, error))
        return false;
    while ((length = url_connect_entry(&at)) > 0) {
        char *entry = memory_string_n(at, length);
        struct curl_slist *longer = curl_slist_append(http->connect_list, entry);
        free(entry);
        if (longer == NULL)
            return error_set(error, "libcurl could not be started");
        http->connect_list = longer;
        at += length;
    }
    return true;
}

/* curl leaves copies of headers and bodies on the heap: they are overwritten as they are freed. */
static bool start_curl(struct http *http, struct error *error) {
    if (http->multi)
        return true;
    unsetenv("SSLKEYLOGFILE");
    if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc, memory_free_wiped, wiping_realloc, strdup,
                             calloc) != CURLE_OK)
        return error_set(error, "libcurl could not be started");
    bool listed = read_connect_to(http, error);
    http->multi = listed ? curl_multi_init() : NULL;
    if (http->multi)
        return true;
    curl_slist_free_all(http->connect_list);
    http->connect_list = NULL;
    curl_global_cleanup();
    return listed ? error_set(error, "libcurl could not be started") : false;
}

struct http *http_create(const struct http_settings *settings) {
    struct http *http = memory_new(1, sizeof *http);
    http->proxy_from_environment = settings->proxy_from_environment;
    http->ca_file = settings->ca_file ? memory_string(settings->ca_file) : NULL;
    http->connect_to = settings->connect_to ? memory_string(settings->connect_to) : NULL;
    http->connect_ms = settings->connect_ms;
    return http;
}

/* Takes the call out of the list and frees it, with its connection if that is still in use. */
static void drop(struct http *http, struct http_call *call) {
    struct http_call **at = &http->calls;
    while (*at && *at != call)
        at = &(*at)->next;
    if (*at)
        *at = call->next;
    if (call->easy) {
        curl_multi_remove_handle(http->multi, call->easy);
        curl_easy_cleanup(call->easy);
    }
    curl_slist_free_all(call->headers);
    free(call);
}

void http_destroy(struct http *http) {
    if (http == NULL)
        return;
    while (http->calls)
        drop(http, http->calls);
    if (http->multi) {
        curl_multi_cleanup(http->multi);
        curl_slist_free_all(http->connect_list);
        curl_global_cleanup();
    }
    free(http->ca_file);
    free(http->connect_to);
    free(http);
}

/* ---- starting -------------------------------------------------------------------------------- */

/* Whether doc/safety.md, 3 lets the request go there. */
static bool is_allowed(const struct http_request *request, bool *https, struct error *error) {
    struct url url;
    if (!url_parse(request->url, &url, error))
        return false;
    *https = url.https;
    if (!url.https && !url_is_loopback(&url))
        return error_set(error, "plain http only to this machine; use https");
    if (request->authorization &&
        !text_is_clean(request->authorization, strlen(request->authorization)))
        return error_set(error, "the token has control characters in it");
    for (const char *const *line = request->headers; line && *line; line++)
        if (!text_is_clean(*line, strlen(*line)))
            return error_set(error, "a header has control characters in it");
    return true;
}

static struct http_call *call_create(struct http *http, const struct http_request *request) {
    struct http_call *call = memory_new(1, sizeof *call);
    call->request = *request;
    call->request.url = call->request.authorization = call->request.content_type = NULL;
    call->request.headers = NULL;
    call->connect_ms = http->connect_ms;
    call->began = clock_ms();
    head_init(&call->head);
    call->easy = curl_easy_init();
    call->next = http->calls;
    http->calls = call;
    return call;
}

static bool set_up(struct http *http, struct http_call *call, const struct http_request *request,
                   bool https) {
    return call->easy && http_transfer_attach(call) &&
           http_options_set(call, http, request, https) &&
           curl_multi_add_handle(http->multi, call->easy) == CURLM_OK;
}

struct http_call *http_start(struct http *http, const struct http_request *request,
                             struct error *error) {
    bool https;
    if (!is_allowed(request, &https, error) || !start_curl(http, error))
        return NULL;
    struct http_call *call = call_create(http, request);
    if (set_up(http, call, request, https))
        return call;
    error_set(error, "libcurl refuses the request%s%s", call->detail[0] ? ": " : "", call->detail);
    drop(http, call);
    return NULL;
}

/* ---- waiting --------------------------------------------------------------------------------- */

static void collect(struct http *http) {
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(http->multi, &left)) != NULL) {
        struct http_call *call = NULL;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&call);
        http_end_by_curl(call, message->data.result);
    }
    for (struct http_call *call = http->calls; call; call = call->next)
        http_end_late(call);
}

static struct http_call *find_finished(const struct http *http) {
    struct http_call *call = http->calls;
    while (call && !call->finished)
        call = call->next;
    return call;
}

/* An end may start calls and cancel any other: so the list is read anew after each. */
static void run_ends(struct http *http) {
    struct http_call *call;
    while ((call = find_finished(http)) != NULL) {
        struct http_request request = call->request;
        struct http_result result = call->result;
        drop(http, call);
        request.end(request.context, &result);
    }
}

static int until_deadline(const struct http *http, int timeout_ms) {
    int64_t now = clock_ms(), wait = timeout_ms < 0 ? INT_MAX : timeout_ms;
    long limit = 0;
    for (const struct http_call *call = http->calls; call; call = call->next) {
        int64_t left = http_transfer_deadline(call, &limit) - now;
        wait = left < wait ? left : wait;
    }
    return wait < 0 ? 0 : (int)wait;
}

static void wait_with_curl(struct http *http, const struct pollfd *extra, size_t count,
                           int timeout_ms) {
    struct curl_waitfd *waits = memory_new(count + 1, sizeof *waits);
    for (size_t i = 0; i < count; i++) {
        bool in = extra[i].events & POLLIN, out = extra[i].events & POLLOUT;
        waits[i].fd = extra[i].fd;
        waits[i].events = (short)((in ? CURL_WAIT_POLLIN : 0) | (out ? CURL_WAIT_POLLOUT : 0));
    }
    curl_multi_poll(http->multi, waits, (unsigned)count, timeout_ms, NULL);
    free(waits);
}

/* poll(2) itself says what there is on the extra descriptors: curl knows no POLLHUP. */
void http_wait(struct http *http, struct pollfd *extra, size_t count, int timeout_ms) {
    for (size_t i = 0; i < count; i++)
        extra[i].revents = 0;
    if (http->calls == NULL) {
        poll(extra, count, timeout_ms);
        return;
    }
    wait_with_curl(http, extra, count, until_deadline(http, timeout_ms));
    poll(extra, count, 0);
    int running;
    curl_multi_perform(http->multi, &running);
    collect(http);
    run_ends(http);
}

enum http_end http_cancel(struct http *http, struct http_call *call) {
    enum http_end end = http_transfer_unanswered(call);
    drop(http, call);
    return end;
}

void http_progress(const struct http_call *call, size_t *received, size_t *expected) {
    curl_off_t announced = -1;
    curl_easy_getinfo(call->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced);
    *received = call->received;
    *expected = announced > 0 ? (size_t)announced : 0;
}
