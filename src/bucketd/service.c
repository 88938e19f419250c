#include "service.h"

#include <errno.h>
#include <limits.h>
#include <microhttpd.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <unistd.h>

#include "answer.h"
#include "batch.h"
#include "customerinfo.h"
#include "deadline.h"
#include "pail/base/clock.h"
#include "pail/base/memory.h"

enum {
    BODY_MAX = 64 * 1024,
    CONNECTIONS_MAX = 128,
    CONNECTION_MEMORY = 96 * 1024, /* a request's head must fit; a piece of a listing fills it */
    ANSWER_MS = 10 * 60 * 1000,
    LAST_ANSWERS_MS = 2000,
};

struct service {
    struct MHD_Daemon *daemon;
    struct store *store;
    struct batch batch;
    bool resumed; /* connections that waited for a commit can go on */
    const struct access *access;
    struct deadlines deadlines;
    int listen_fd; /* -1: nobody is let in any more */
};

struct request;

typedef enum MHD_Result route_fn(struct service *service, struct MHD_Connection *connection,
                                 struct request *request);

struct route {
    const char *path, *method;
    enum caller least;
    route_fn *answer;
};

/* One request, from its head to its answer. */
struct request {
    const struct route *route; /* NULL: there is nothing at this path */
    bool method_fits;
    bool too_large;
    enum caller caller;
    struct buffer body;
};

static enum MHD_Result change(struct service *service, struct MHD_Connection *connection,
                              struct request *request) {
    return batch_take(&service->batch, connection, &request->body);
}

static enum MHD_Result list(struct service *service, struct MHD_Connection *connection,
                            struct request *request) {
    return answer_send(connection, MHD_HTTP_OK,
                       customerinfo_response(service->store, request->caller));
}

static enum MHD_Result get_version(struct service *service, struct MHD_Connection *connection,
                                   struct request *request) {
    (void)service, (void)request;
    return answer_json(connection,
                       "{\"cognitoCliClientId\":\"bucketd-cli\",\"cognitoAppClientId\":"
                       "\"bucketd-app\",\"mlflowDnsName\":\"mlflow\",\"mlflowuiDnsName\":"
                       "\"mlflowui\",\"mlflowstaticDnsName\":\"mlflowstatic\",\"apiDnsName\":"
                       "\"api\",\"serviceDnsName\":\"service\",\"region\":\"us-east-1\","
                       "\"isExternalAuth\":\"false\"}\n");
}

static const struct route routes[] = {
    {"/add-mod-del-bucket", "POST", CALLER_ADMIN, change},
    {"/customerinfo", "POST", CALLER_READER, list},
    {"/api/2.0/mlflow/infinstor/get_version", "GET", CALLER_NOBODY, get_version},
};

static const struct route *find_route(const char *path) {
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++)
        if (strcmp(routes[i].path, path) == 0)
            return &routes[i];
    return NULL;
}

static enum MHD_Result answer_request(struct service *service, struct MHD_Connection *connection,
                                      struct request *request) {
    const struct route *route = request->route;
    deadlines_answer(&service->deadlines, connection);
    if (route == NULL)
        return answer_text(connection, MHD_HTTP_NOT_FOUND, "there is nothing here");
    if (!request->method_fits)
        return answer_method(connection, route->method);
    if (route->least > CALLER_NOBODY && request->caller == CALLER_NOBODY)
        return answer_login(connection);
    if (request->caller < route->least)
        return answer_text(connection, MHD_HTTP_FORBIDDEN,
                           "only the administrator may change the buckets table");
    if (request->too_large)
        return answer_text(connection, MHD_HTTP_CONTENT_TOO_LARGE, "the body is too large");
    return route->answer(service, connection, request);
}

static struct request *begin_request(const struct service *service,
                                     struct MHD_Connection *connection, const char *path,
                                     const char *method) {
    struct request *request = memory_new(1, sizeof *request);
    buffer_init(&request->body);
    request->route = find_route(path);
    request->method_fits = request->route && strcmp(request->route->method, method) == 0;
    request->caller = access_caller(
        service->access, MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Authorization"));
    return request;
}

/* What is too large is read on, unless the deadline cuts it, so that the answer is heard. */
static void take_body(struct request *request, const char *data, size_t size) {
    if (request->too_large || size > BODY_MAX - request->body.length) {
        request->too_large = true;
        buffer_finish(&request->body);
    } else {
        buffer_append(&request->body, data, size);
    }
}

/* Called with the head, then with each piece of the body, then once more at its end. */
static enum MHD_Result on_request(void *context, struct MHD_Connection *connection,
                                  const char *path, const char *method, const char *version,
                                  const char *data, size_t *size, void **state) {
    (void)version;
    struct service *service = context;
    struct request *request = *state;
    if (request == NULL) {
        *state = begin_request(service, connection, path, method);
        deadlines_head(connection);
        return MHD_YES;
    }
    if (*size == 0)
        return answer_request(service, connection, request);
    take_body(request, data, *size);
    *size = 0;
    return MHD_YES;
}

static void on_end(void *context, struct MHD_Connection *connection, void **state,
                   enum MHD_RequestTerminationCode how) {
    (void)how;
    struct service *service = context;
    struct request *request = *state;
    if (request == NULL)
        return;
    buffer_finish(&request->body);
    free(request);
    *state = NULL;
    deadlines_request(&service->deadlines, connection);
}

struct service *service_create(struct store *store, const struct access *access, int listen_fd,
                               int request_seconds, struct error *error) {
    struct service *service = memory_new(1, sizeof *service);
    service->store = store;
    batch_init(&service->batch, store);
    service->access = access;
    service->listen_fd = listen_fd;
    service->deadlines.request_ms = (int64_t)request_seconds * 1000;
    service->deadlines.answer_ms = ANSWER_MS;
    /* select, not epoll: libmicrohttpd's epoll is edge-triggered and misses an end of stream that
     * comes together with data. */
    service->daemon = MHD_start_daemon(
        MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_request, service, MHD_OPTION_LISTEN_SOCKET,
        listen_fd, MHD_OPTION_NOTIFY_COMPLETED, on_end, service, MHD_OPTION_NOTIFY_CONNECTION,
        deadlines_notify, &service->deadlines, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)CONNECTIONS_MAX + 1, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)CONNECTION_MEMORY, MHD_OPTION_END);
    if (service->daemon)
        return service;
    error_set(error, "the HTTP service can't start: %s", strerror(errno));
    free(service);
    return NULL;
}

void service_destroy(struct service *service) {
    if (service == NULL)
        return;
    if (service->batch.first) /* what was taken is carried out, also when waiting has failed */
        batch_commit(&service->batch);
    MHD_stop_daemon(service->daemon);
    free(service);
}

void service_hold(struct service *service, int seconds) {
    service->batch.hold_us = (int64_t)seconds * 1000000;
}

/* The shorter of two waits; a negative one has no end. */
static int64_t sooner(int64_t a, int64_t b) {
    return a < 0 || (b >= 0 && b < a) ? b : a;
}

static bool is_full(const struct service *service) {
    return service->listen_fd >= 0 && service->deadlines.count >= CONNECTIONS_MAX;
}

static bool somebody_waits(const struct service *service) {
    struct pollfd listening = {.fd = service->listen_fd, .events = POLLIN};
    return poll(&listening, 1, 0) > 0;
}

/* How long the loop may wait, in microseconds. */
static int64_t patience_us(struct service *service, int limit_ms) {
    MHD_UNSIGNED_LONG_LONG daemon_ms = 0;
    int64_t ms = sooner(limit_ms, deadlines_enforce(&service->deadlines));
    if (MHD_get_timeout(service->daemon, &daemon_ms) == MHD_YES)
        ms = sooner(ms, daemon_ms > INT_MAX ? INT_MAX : (int64_t)daemon_ms);
    if (is_full(service) && somebody_waits(service))
        ms = sooner(ms, deadlines_make_room(&service->deadlines));
    if (service->resumed)
        ms = 0;
    return sooner(ms < 0 ? -1 : ms * 1000, batch_patience_us(&service->batch));
}

struct sets {
    fd_set readable, writable, odd;
    int last;
};

static void fill_sets(struct service *service, int stop_fd, bool stop, struct sets *sets) {
    FD_ZERO(&sets->readable);
    FD_ZERO(&sets->writable);
    FD_ZERO(&sets->odd);
    sets->last = stop_fd;
    MHD_get_fdset(service->daemon, &sets->readable, &sets->writable, &sets->odd, &sets->last);
    if (!stop)
        FD_SET(stop_fd, &sets->readable);
    if (is_full(service) && somebody_waits(service))
        FD_CLR(service->listen_fd, &sets->readable);
}

/* Waits once, at most limit_ms if that isn't -1, and does what there is to do. False when waiting
 * failed. */
static bool turn(struct service *service, int stop_fd, int limit_ms, bool *stop,
                 struct error *error) {
    struct sets sets;
    int64_t wait_us = patience_us(service, limit_ms);
    fill_sets(service, stop_fd, *stop, &sets);
    struct timeval wait = {wait_us / 1000000, wait_us % 1000000};
    if (select(sets.last + 1, &sets.readable, &sets.writable, &sets.odd,
               wait_us < 0 ? NULL : &wait) < 0)
        return errno == EINTR || error_set(error, "select: %s", strerror(errno));
    *stop = *stop || FD_ISSET(stop_fd, &sets.readable);
    /* At its limit libmicrohttpd would accept and reset: let them wait in the queue instead. */
    if (is_full(service))
        FD_CLR(service->listen_fd, &sets.readable);
    MHD_run_from_select(service->daemon, &sets.readable, &sets.writable, &sets.odd);
    service->resumed = batch_is_due(&service->batch);
    if (service->resumed)
        batch_commit(&service->batch);
    return true;
}

bool service_run(struct service *service, int stop_fd, struct error *error) {
    bool stop = false;
    while (!stop)
        if (!turn(service, stop_fd, -1, &stop, error))
            return false;
    int listen_fd = MHD_quiesce_daemon(service->daemon);
    service->listen_fd = -1;
    if (listen_fd >= 0)
        close(listen_fd);
    int64_t end = clock_ms() + LAST_ANSWERS_MS, now = 0;
    while (deadlines_answering(&service->deadlines) && (now = clock_ms()) < end)
        if (!turn(service, stop_fd, (int)(end - now), &stop, error))
            return false;
    return true;
}
