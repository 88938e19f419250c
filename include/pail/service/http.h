/*
 * libcurl behind a small door: requests in, answers out, on one thread that blocks nowhere but in
 * http_wait. What is set and why is doc/safety.md, libcurl: https only but to loopback,
 * no redirects, no netrc, no proxy from the environment unless asked for, certificates verified,
 * TLS >= 1.2. A request with a body is sent at most once, whatever the connection does.
 *
 * libcurl is initialised by the first http_start, not by http_create: the first frame is drawn
 * before (its initialisation takes milliseconds).
 */
#ifndef PAIL_SERVICE_HTTP_H
#define PAIL_SERVICE_HTTP_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#include "pail/base/error.h"
#include "pail/service/failure.h"

struct http;
struct http_call; /* one request under way */

struct http_settings {
    bool proxy_from_environment;
    const char *ca_file; /* NULL: the system's */
    /* Where connections really go: "HOST:PORT:CONNECT-HOST:CONNECT-PORT", several with commas or
     * spaces between; NULL: where the URL says. Certificates are still checked for HOST, and plain
     * http is not affected. A list that isn't so makes every http_start fail. */
    const char *connect_to;
    long connect_ms;
};

enum http_end {
    HTTP_ANSWERED, /* a whole answer with a status; says nothing of its meaning */
    HTTP_NOT_SENT, /* certain: the body never left whole */
    HTTP_UNKNOWN,  /* it may have arrived; no whole answer came back */
};

struct http_result {
    enum http_end end;
    long status;           /* 0 if none came */
    bool timed_out;        /* a limit of time passed */
    size_t received;       /* bytes of the answer's body */
    long retry_after;      /* seconds that the service asks to wait; 0: it doesn't */
    char content_type[64]; /* "" if none */
    char encoding[32];     /* of the content, which isn't undone: "gzip"; "" if none */
    enum failure failure;  /* unless answered */
    char text[256];        /* unless answered: what happened, for a person: "connection refused" */
};

struct http_request {
    const char *url;  /* copied */
    const char *body; /* to POST, borrowed until the end; NULL: GET */
    size_t body_length;
    const char *content_type;  /* the body's, copied; NULL: a form */
    const char *authorization; /* the header's value, copied and overwritten at the end; or NULL */
    /* Further headers, "Name: value", NULL at the end; copied and overwritten too; or NULL. */
    const char *const *headers;
    bool own_connection; /* a new one, closed afterwards: for what must not meet a dead one */
    /* Fails when, once connected, nothing moved so long: no piece of a body, no line of the
     * answer's head. 0: no limit. */
    long idle_ms;
    long total_ms; /* fails when it took so long; 0: no limit */
    /* Each piece of the answer's body; NULL: not wanted. False ends the call as HTTP_UNKNOWN. It
     * must not start or cancel calls. */
    bool (*data)(void *context, long status, const char *data, size_t length);
    /* Once, and the last; may start calls and cancel others. */
    void (*end)(void *context, const struct http_result *result);
    void *context;
};

struct http *http_create(const struct http_settings *settings);
void http_destroy(struct http *http); /* drops calls under way without calling their end */

/* NULL with an error if the URL is refused (doc/safety.md, 3): plain http that isn't loopback; or a
 * header with control characters. */
struct http_call *http_start(struct http *http, const struct http_request *request,
                             struct error *error);

/* Drops the call; its end is not called. HTTP_NOT_SENT if its body surely never left whole, else
 * HTTP_UNKNOWN. Never blocks. */
enum http_end http_cancel(struct http *http, struct http_call *call);

/* Bytes of the answer so far, and of the whole (0 if not announced). */
void http_progress(const struct http_call *call, size_t *received, size_t *expected);

/* Waits until something happened on a call, on one of the extra descriptors (their revents are
 * set), or timeout_ms have passed (-1: for ever); runs the callbacks. May be used with no call. */
void http_wait(struct http *http, struct pollfd *extra, size_t count, int timeout_ms);

#endif
