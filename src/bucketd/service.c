#include "service.h"

#include <errno.h>
#include <limits.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <unistd.h>

#include "amend.h"
#include "customerinfo.h"
#include "deadline.h"
#include "match.h"
#include "pail/base/clock.h"
#include "pail/base/memory.h"

enum {
    BODY_MAX = 64 * 1024,
    CONNECTIONS_MAX = 64,
    CONNECTION_MEMORY = 32 * 1024, /* the request's head must fit, tokens have some kB */
    ANSWER_MS = 10 * 60 * 1000,
    LAST_ANSWERS_MS = 2000,
};

struct service {
    struct MHD_Daemon *daemon;
    struct store *store;
    const struct access *access;
    struct deadlines deadlines;
    int listen_fd;
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

static const char login_page[] =
    "<!DOCTYPE html>\n<html><head><meta http-equiv=\"refresh\" content=\"3;url=login.html\">"
    "<title>Login</title></head>\n<body>Login expired. Please login again</body></html>\n";

/* Sends the response, which may be NULL, and lets go of it. */
static enum MHD_Result send_response(struct MHD_Connection *connection, unsigned status,
                                     struct MHD_Response *response) {
    if (response == NULL)
        return MHD_NO;
    enum MHD_Result result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static struct MHD_Response *make_response(const char *type, const char *text) {
    struct MHD_Response *response = MHD_create_response_from_buffer(
        strlen(text), (void *)(uintptr_t)text, MHD_RESPMEM_MUST_COPY);
    if (response)
        MHD_add_response_header(response, "Content-Type", type);
    return response;
}

/* A line for a person. */
static enum MHD_Result answer_text(struct MHD_Connection *connection, unsigned status,
                                   const char *text) {
    return send_response(connection, status, make_response("text/plain; charset=utf-8", text));
}

static enum MHD_Result answer_json(struct MHD_Connection *connection, const char *json) {
    return send_response(connection, MHD_HTTP_OK, make_response("application/json", json));
}

static enum MHD_Result answer_login(struct MHD_Connection *connection) {
    return send_response(connection, MHD_HTTP_OK,
                         make_response("text/html; charset=utf-8", login_page));
}

static enum MHD_Result answer_method(struct MHD_Connection *connection, const char *allowed) {
    struct MHD_Response *response =
        make_response("text/plain; charset=utf-8", "this path needs another method");
    if (response)
        MHD_add_response_header(response, "Allow", allowed);
    return send_response(connection, MHD_HTTP_METHOD_NOT_ALLOWED, response);
}

static enum MHD_Result change(struct service *service, struct MHD_Connection *connection,
                              struct request *request) {
    static const unsigned status[] = {
        [AMEND_DONE] = MHD_HTTP_OK,
        [AMEND_REFUSED] = MHD_HTTP_BAD_REQUEST,
        [AMEND_UNMATCHED] = MHD_HTTP_PRECONDITION_FAILED,
        [AMEND_FAILED] = MHD_HTTP_INTERNAL_SERVER_ERROR,
    };
    struct form form;
    struct buffer demand;
    struct error error = {""};
    form_init(&form);
    buffer_init(&demand);
    enum amend_end end = AMEND_REFUSED;
    if (form_read(&form, connection, &request->body, &error) &&
        match_read(&demand, connection, &error))
        end = amend(service->store, &form, demand.data, &error);
    form_finish(&form);
    buffer_finish(&demand);
    if (end == AMEND_DONE)
        return answer_json(connection, "{}");
    return answer_text(connection, status[end], error.text);
}

static enum MHD_Result list(struct service *service, struct MHD_Connection *connection,
                            struct request *request) {
    return send_response(connection, MHD_HTTP_OK,
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
    service->access = access;
    service->listen_fd = listen_fd;
    service->deadlines.request_ms = (int64_t)request_seconds * 1000;
    service->deadlines.answer_ms = ANSWER_MS;
    /* select, not epoll: libmicrohttpd's epoll is edge-triggered and misses an end of stream that
     * comes together with data. */
    service->daemon = MHD_start_daemon(
        MHD_NO_FLAG, 0, NULL, NULL, on_request, service, MHD_OPTION_LISTEN_SOCKET, listen_fd,
        MHD_OPTION_NOTIFY_COMPLETED, on_end, service, MHD_OPTION_NOTIFY_CONNECTION,
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
    MHD_stop_daemon(service->daemon);
    free(service);
}

static int sooner(int a_ms, int b_ms) {
    return a_ms < 0 || (b_ms >= 0 && b_ms < a_ms) ? b_ms : a_ms;
}

/* Waits once, at most limit_ms if that isn't -1, and does what there is to do. False when waiting
 * failed. */
static bool turn(struct service *service, int stop_fd, int limit_ms, bool *stop,
                 struct error *error) {
    int timeout = sooner(limit_ms, deadlines_enforce(&service->deadlines));
    MHD_UNSIGNED_LONG_LONG daemon_ms = 0;
    if (MHD_get_timeout(service->daemon, &daemon_ms) == MHD_YES)
        timeout = sooner(timeout, daemon_ms > INT_MAX ? INT_MAX : (int)daemon_ms);
    fd_set readable, writable, odd;
    FD_ZERO(&readable);
    FD_ZERO(&writable);
    FD_ZERO(&odd);
    int last = stop_fd;
    MHD_get_fdset(service->daemon, &readable, &writable, &odd, &last);
    if (!*stop)
        FD_SET(stop_fd, &readable);
    /* At its limit libmicrohttpd would accept and reset: let them wait in the queue instead. */
    if (service->deadlines.count >= CONNECTIONS_MAX)
        FD_CLR(service->listen_fd, &readable);
    struct timeval wait = {timeout / 1000, timeout % 1000 * 1000L};
    if (select(last + 1, &readable, &writable, &odd, timeout < 0 ? NULL : &wait) < 0)
        return errno == EINTR || error_set(error, "select: %s", strerror(errno));
    *stop = *stop || FD_ISSET(stop_fd, &readable);
    MHD_run_from_select(service->daemon, &readable, &writable, &odd);
    return true;
}

bool service_run(struct service *service, int stop_fd, struct error *error) {
    bool stop = false;
    while (!stop)
        if (!turn(service, stop_fd, -1, &stop, error))
            return false;
    int listen_fd = MHD_quiesce_daemon(service->daemon);
    if (listen_fd >= 0)
        close(listen_fd);
    int64_t end = clock_ms() + LAST_ANSWERS_MS, now = 0;
    while (deadlines_answering(&service->deadlines) && (now = clock_ms()) < end)
        if (!turn(service, stop_fd, (int)(end - now), &stop, error))
            return false;
    return true;
}
