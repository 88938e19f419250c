#include "pail/service/http.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pail/base/buffer.h"
#include "pail/base/clock.h"
#include "pail/base/memory.h"
#include "pail/base/text.h"
#include "pail/base/url.h"
#include "pail/service/head.h"

/* A connection that was idle for so long isn't used again: it may be dead without our knowing. */
enum { IDLE_CONNECTION_S = 4 };

struct http {
    CURLM *multi; /* NULL until the first request */
    struct http_call *calls;
    bool proxy_from_environment;
    char *ca_file, *connect_to;
    struct curl_slist *connect_list; /* connect_to, once curl has been started */
    long connect_ms;
};

struct http_call {
    struct http_call *next;
    CURL *easy;
    struct curl_slist *headers;
    struct http_request request; /* without what is copied at the start */
    long connect_ms;
    bool connected; /* from here on, bytes of the request may leave */
    size_t taken;   /* bytes of the body that curl has taken */
    bool begun;     /* the answer has: that of the final status, not an interim one */
    struct head head;
    const char *odd; /* why the answer isn't taken for one; NULL: it is */
    size_t received;
    bool stopped;     /* by the data callback */
    bool too_old;     /* its time was up before it had left: it was broken off */
    int64_t began;    /* clock_ms */
    int64_t moved_at; /* clock_ms, of the last byte in either direction */
    bool finished;    /* result holds, and end is to be called */
    struct http_result result;
    char detail[CURL_ERROR_SIZE]; /* curl's own words */
};

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

/* ---- limits of time -------------------------------------------------------------------------- */

/* Our limits of time, since curl's count in whole seconds, or from before there is a connection.
 * When the first of them passes, by clock_ms; what it is in *limit. */
static int64_t call_deadline(const struct http_call *call, long *limit) {
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
    call->too_old = clock_ms() >= call_deadline(call, &limit);
    return !call->too_old;
}

/* ---- what curl calls ------------------------------------------------------------------------- */

static int on_socket(void *context, curl_socket_t socket, curlsocktype purpose) {
    (void)context, (void)purpose;
    return fcntl(socket, F_SETFD, FD_CLOEXEC) == 0 ? CURL_SOCKOPT_OK : CURL_SOCKOPT_ERROR;
}

/* 0 until it has come: an interim one (100 to 199) says nothing of the request. */
static long final_status(const struct http_call *call) {
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
    return call->taken < call->request.body_length && final_status(call) < 300;
}

static size_t take_header(char *data, size_t size, size_t count, void *context) {
    struct http_call *call = context;
    size_t length = size * count;
    call->moved_at = clock_ms();
    call->odd = head_line(&call->head, data, length);
    if (final_status(call) != 0 && !call->begun) {
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
        !call->request.data(call->request.context, final_status(call), data, length))
        call->stopped = true;
    return call->stopped ? 0 : length;
}

/* ---- starting -------------------------------------------------------------------------------- */

static bool add_line(struct http_call *call, const char *line) {
    struct curl_slist *longer = curl_slist_append(call->headers, line);
    if (longer)
        call->headers = longer;
    return longer != NULL;
}

static bool add_header(struct http_call *call, const char *name, const char *value) {
    struct buffer line;
    buffer_init(&line);
    buffer_printf(&line, "%s:%s%s", name, value[0] ? " " : "", value);
    bool added = add_line(call, line.data);
    buffer_finish(&line);
    return added;
}

/* libcurl keeps what it read of a file for the next connections, but not if it has a folder too:
 * then it reads Debian's file anew for each (30 ms, in which no key is answered), and the folder
 * holds the same. NULL: there is no such file, so leave it to libcurl. */
static const char *authorities_file(const struct http *http) {
    const char *theirs = curl_version_info(CURLVERSION_NOW)->cainfo;
    if (http->ca_file)
        return http->ca_file;
    return theirs && access(theirs, R_OK) == 0 ? theirs : NULL;
}

/* Each returns false if curl refuses an option: what doesn't hold must not be assumed. */
static bool set_safety(CURL *easy, const struct http *http, bool https) {
    CURLcode bad = CURLE_OK;
    bad |= curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, https ? "https" : "http");
    bad |= curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    bad |= curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    bad |= curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    bad |= curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    bad |= curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    /* One request at a time gains nothing by HTTP/2, which can refuse and repeat a stream. */
    bad |= curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    /* Plain http goes to this machine only: a proxy would see the Authorization. */
    if (!http->proxy_from_environment || !https)
        bad |= curl_easy_setopt(easy, CURLOPT_PROXY, "");
    if (http->connect_list && https)
        bad |= curl_easy_setopt(easy, CURLOPT_CONNECT_TO, http->connect_list);
    bad |= curl_easy_setopt(easy, CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE);
    bad |= curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L); /* a proxy's answer */
    const char *authorities = authorities_file(http);
    if (authorities) {
        bad |= curl_easy_setopt(easy, CURLOPT_CAINFO, authorities);
        bad |= curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    }
    return bad == CURLE_OK;
}

static bool set_connection(CURL *easy, const struct http *http, bool own_connection) {
    CURLcode bad = CURLE_OK;
    bad |= curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    bad |= curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); /* not held up by a look-up of a name */
    bad |= curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, http->connect_ms);
    bad |= curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, (long)IDLE_CONNECTION_S);
    bad |= curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, on_socket);
    bad |= curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, (long)own_connection);
    bad |= curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, (long)own_connection);
    return bad == CURLE_OK;
}

static bool set_callbacks(struct http_call *call) {
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
    return bad == CURLE_OK;
}

static bool add_body_headers(struct http_call *call, const char *type) {
    return add_header(call, "Content-Type", type ? type : "application/x-www-form-urlencoded") &&
           add_header(call, "Expect", "");
}

static bool add_headers(struct http_call *call, const struct http_request *request) {
    for (const char *const *line = request->headers; line && *line; line++)
        if (!add_line(call, *line))
            return false;
    return (request->authorization == NULL ||
            add_header(call, "Authorization", request->authorization)) &&
           (request->body == NULL || add_body_headers(call, request->content_type));
}

static bool set_request(struct http_call *call, const struct http_request *request) {
    CURL *easy = call->easy;
    CURLcode bad = CURLE_OK;
    if (!add_headers(call, request))
        return false;
    bad |= curl_easy_setopt(easy, CURLOPT_HTTPHEADER, call->headers);
    bad |= curl_easy_setopt(easy, CURLOPT_URL, request->url);
    bad |= curl_easy_setopt(easy, CURLOPT_USERAGENT, "pail/" PAIL_VERSION);
    if (request->body) {
        bad |= curl_easy_setopt(easy, CURLOPT_POST, 1L);
        bad |=
            curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_length);
        bad |= curl_easy_setopt(easy, CURLOPT_READFUNCTION, give_body);
        bad |= curl_easy_setopt(easy, CURLOPT_READDATA, call);
    }
    return bad == CURLE_OK;
}

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
    return call->easy && set_safety(call->easy, http, https) &&
           set_connection(call->easy, http, request->own_connection) && set_callbacks(call) &&
           set_request(call, request) && curl_multi_add_handle(http->multi, call->easy) == CURLM_OK;
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

/* ---- how it ended ---------------------------------------------------------------------------- */

/* What curl hasn't even taken can't have left; what it has taken may have. */
static bool may_have_arrived(const struct http_call *call) {
    size_t length = call->request.body ? call->request.body_length : 0;
    return call->connected && call->taken == length;
}

static enum http_end end_without_answer(const struct http_call *call) {
    return may_have_arrived(call) ? HTTP_UNKNOWN : HTTP_NOT_SENT;
}

__attribute__((format(printf, 3, 4))) static void say(struct http_call *call, enum failure failure,
                                                      const char *format, ...) {
    va_list args;
    va_start(args, format);
    call->result.failure = failure;
    vsnprintf(call->result.text, sizeof call->result.text, format, args);
    va_end(args);
}

/* What curl and OpenSSL say of TLS that failed, and what it means. The first that fits counts. */
static const struct tls_sentence {
    const char *words; /* in curl's detail */
    enum failure failure;
    const char *text;
} tls_sentences[] = {
    {"in certificate chain", FAILURE_UNKNOWN_CA,
     "certificate not trusted: it is by an authority that isn't known here"},
    {"issuer certificate", FAILURE_UNKNOWN_CA,
     "certificate not trusted: it is by an authority that isn't known here"},
    {"self-signed", FAILURE_SELF_SIGNED, "certificate not trusted: it is self-signed"},
    {"self signed", FAILURE_SELF_SIGNED, "certificate not trusted: it is self-signed"},
    {"has expired", FAILURE_EXPIRED, "certificate not trusted: it has expired"},
    {"not yet valid", FAILURE_EXPIRED, "certificate not trusted: it is not valid yet"},
    {"subject name", FAILURE_WRONG_HOST, "certificate not trusted: it is for another host"},
    {"certificate file", FAILURE_CA_FILE, "the file of certificates can't be used"},
    {"CAfile", FAILURE_CA_FILE, "the file of certificates can't be used"},
    {"unsupported protocol", FAILURE_OLD_TLS, "the service speaks an older TLS than 1.2"},
    {"protocol version", FAILURE_OLD_TLS, "the service speaks an older TLS than 1.2"},
    {"wrong version number", FAILURE_NO_TLS, "the service answered, but not with TLS"},
};

static void say_tls(struct http_call *call, CURLcode code) {
    const char *detail = call->detail[0] ? call->detail : curl_easy_strerror(code);
    bool certificate = code == CURLE_PEER_FAILED_VERIFICATION;
    for (size_t i = 0; i < sizeof tls_sentences / sizeof *tls_sentences; i++)
        if (strstr(detail, tls_sentences[i].words)) {
            say(call, tls_sentences[i].failure, "%s", tls_sentences[i].text);
            return;
        }
    say(call, FAILURE_TLS, "%s: %s", certificate ? "certificate not trusted" : "TLS failed",
        detail);
}

static void say_not_connected(struct http_call *call) {
    long reason = 0;
    curl_easy_getinfo(call->easy, CURLINFO_OS_ERRNO, &reason);
    if (reason == ECONNREFUSED)
        say(call, FAILURE_CONNECTION_REFUSED, "connection refused");
    else
        say(call, FAILURE_NO_CONNECTION, "cannot connect: %s",
            reason != 0 ? strerror((int)reason) : call->detail);
}

static void say_broken(struct http_call *call) {
    if (call->begun)
        say(call, FAILURE_CUT_OFF, "the answer was cut off");
    else
        say(call, FAILURE_BROKEN, "connection closed before the answer");
}

static void say_odd(struct http_call *call, CURLcode code) {
    say(call, FAILURE_ODD, "the answer breaks HTTP's rules: %s",
        call->detail[0] ? call->detail : curl_easy_strerror(code));
}

/* Before there is a connection; curl has the same code for a proxy that refuses the tunnel. */
static void say_other(struct http_call *call, CURLcode code) {
    const char *detail = call->detail[0] ? call->detail : curl_easy_strerror(code);
    bool proxy = strcasestr(detail, "proxy") || strcasestr(detail, "tunnel");
    say(call, proxy ? FAILURE_PROXY : FAILURE_OTHER, "%s", detail);
}

static void explain(struct http_call *call, CURLcode code) {
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
        say(call, FAILURE_NAME, "host not found");
        break;
    case CURLE_COULDNT_CONNECT:
        say_not_connected(call);
        break;
    case CURLE_OPERATION_TIMEDOUT: /* the only limit of time that is curl's */
        call->result.timed_out = true;
        say(call, FAILURE_NO_CONNECTION, "no connection within %g s",
            (double)call->connect_ms / 1000);
        break;
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
        say_odd(call, code);
        break;
    case CURLE_OUT_OF_MEMORY: /* libcurl says so of the latter too */
        say(call, FAILURE_ODD, "no memory for the answer, or a line of its head has over 100 kB");
        break;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
        say_tls(call, code);
        break;
    case CURLE_OK: /* an answer without a status, or shorter than it said */
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_SEND_FAIL_REWIND:
    case CURLE_ABORTED_BY_CALLBACK: /* in on_connected */
        if (call->connected) {
            say_broken(call);
            break;
        }
        /* fall through */
    default:
        say_other(call, code);
    }
}

/* A head that was cut off between two lines looks like a whole one to libcurl. */
static bool is_whole(const struct http_call *call) {
    curl_off_t announced = -1;
    curl_easy_getinfo(call->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced);
    return call->head.whole && (announced < 0 || (uint64_t)announced <= call->received);
}

static void finish(struct http_call *call) {
    const char *type = NULL;
    curl_off_t retry_after = 0;
    curl_easy_getinfo(call->easy, CURLINFO_RETRY_AFTER, &retry_after);
    call->result.retry_after = retry_after > LONG_MAX ? LONG_MAX : (long)retry_after;
    call->result.status = final_status(call);
    curl_easy_getinfo(call->easy, CURLINFO_CONTENT_TYPE, &type);
    memcpy(call->result.encoding, call->head.encoding, sizeof call->result.encoding);
    snprintf(call->result.content_type, sizeof call->result.content_type, "%s", type ? type : "");
    call->result.received = call->received;
    call->finished = true;
}

static void say_late(struct http_call *call) {
    long limit = 0;
    call_deadline(call, &limit);
    call->result.timed_out = true;
    say(call, FAILURE_SILENCE, "no answer within %g s", (double)limit / 1000);
}

static void finish_by_curl(struct http_call *call, CURLcode code) {
    finish(call);
    if (code == CURLE_OK && final_status(call) != 0 && is_whole(call)) {
        call->result.end = HTTP_ANSWERED;
        return;
    }
    call->result.end = end_without_answer(call);
    if (call->odd != NULL) {
        say(call, FAILURE_ODD, "%s", call->odd);
        return;
    }
    if (call->too_old) {
        say_late(call);
        return;
    }
    if (!call->stopped) {
        explain(call, code);
        return;
    }
    call->result.end = HTTP_UNKNOWN;
    say(call, FAILURE_OTHER, "the rest of the answer was not read");
}

static void finish_late(struct http_call *call) {
    long limit = 0;
    if (call->finished || clock_ms() < call_deadline(call, &limit))
        return;
    finish(call);
    call->result.end = end_without_answer(call);
    say_late(call);
}

/* ---- waiting --------------------------------------------------------------------------------- */

static void collect(struct http *http) {
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(http->multi, &left)) != NULL) {
        struct http_call *call = NULL;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&call);
        finish_by_curl(call, message->data.result);
    }
    for (struct http_call *call = http->calls; call; call = call->next)
        finish_late(call);
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
        int64_t left = call_deadline(call, &limit) - now;
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
    enum http_end end = end_without_answer(call);
    drop(http, call);
    return end;
}

void http_progress(const struct http_call *call, size_t *received, size_t *expected) {
    curl_off_t announced = -1;
    curl_easy_getinfo(call->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced);
    *received = call->received;
    *expected = announced > 0 ? (size_t)announced : 0;
}
