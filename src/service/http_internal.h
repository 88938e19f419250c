/*
 * The inside of http.h, and the only header that knows libcurl:
 *
 *   http.c          what is seen from outside: libcurl's start, calls, waiting
 *   http_options.c  what libcurl is told before a request: where it may go, and how
 *   http_transfer.c a request under way: its body out, its answer in, our limits of time
 *   http_end.c      how it ended, and why, in a person's words
 */
#ifndef PAIL_SRC_SERVICE_HTTP_INTERNAL_H
#define PAIL_SRC_SERVICE_HTTP_INTERNAL_H

#include <curl/curl.h>
#include <stdint.h>

#include "pail/service/head.h"
#include "pail/service/http.h"

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
    int64_t began; /* clock_ms */

    /* http_transfer.c */
    bool connected; /* from here on, bytes of the request may leave */
    size_t taken;   /* bytes of the body that curl has taken */
    bool begun;     /* the answer has: that of the final status, not an interim one */
    struct head head;
    const char *odd; /* why the answer isn't taken for one; NULL: it is */
    size_t received;
    bool stopped;     /* by the data callback */
    bool too_old;     /* its time was up before it had left: it was broken off */
    int64_t moved_at; /* clock_ms, of the last byte in either direction */

    /* http_end.c */
    bool finished; /* result holds, and end is to be called */
    struct http_result result;
    char detail[CURL_ERROR_SIZE]; /* curl's own words */
};

/* ---- http_options.c -------------------------------------------------------------------------- */

/* False if curl refuses an option: what doesn't hold must not be assumed. */
bool http_options_set(struct http_call *call, const struct http *http,
                      const struct http_request *request, bool https);

/* ---- http_transfer.c ------------------------------------------------------------------------- */

/* Before the request begins: the body goes out, and the answer comes in, this way. */
bool http_transfer_attach(struct http_call *call);

/* What is known of its body while there is no answer: HTTP_NOT_SENT if it surely never left whole,
 * else HTTP_UNKNOWN. */
enum http_end http_transfer_unanswered(const struct http_call *call);

/* Of the answer; 0 until it has come: an interim one (100 to 199) says nothing of the request. */
long http_transfer_status(const struct http_call *call);

/* When the first of our limits of time passes, by clock_ms; what it is in *limit. INT64_MAX, and
 * *limit as it was, if there is none. */
int64_t http_transfer_deadline(const struct http_call *call, long *limit);

/* ---- http_end.c ------------------------------------------------------------------------------ */

/* Each fills the result and says that the call is finished. */
void http_end_by_curl(struct http_call *call, CURLcode code);
void http_end_late(struct http_call *call); /* if a limit of time has passed */

#endif
