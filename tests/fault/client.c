#include "client.h"

#include <errno.h>
#include <sys/socket.h>

#include "pail/base/clock.h"
#include "tls.h"

enum { LONGEST_MS = 20000 };

int64_t client_passed_ms;
size_t client_budget = SIZE_MAX;
void (*client_after_send)(void *context);
void *client_context;

/* Instead of base/clock.c. */
int64_t clock_ms(void) {
    return client_real_ms() + client_passed_ms;
}

time_t clock_now(void) {
    return time(NULL);
}

int64_t client_real_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Instead of the C library's: libcurl sends by it, the server by others. */
ssize_t send(int file, const void *data, size_t length, int flags) {
    if (length > client_budget)
        length = client_budget;
    if (length == 0) {
        errno = EAGAIN;
        return -1;
    }
    ssize_t sent = sendto(file, data, length, flags, NULL, 0);
    if (client_budget != SIZE_MAX && sent > 0)
        client_budget -= (size_t)sent;
    void (*after)(void *) = client_after_send;
    client_after_send = NULL;
    if (after)
        after(client_context);
    return sent;
}

/* ---- ends ------------------------------------------------------------------------------------ */

static bool take_data(void *context, long status, const char *data, size_t length) {
    struct client *client = context;
    (void)status, (void)data;
    client->came += length;
    return true;
}

static void take_end(void *context, const struct http_result *result) {
    struct client *client = context;
    client->ends++;
    client->result = *result;
    client->end = result->end;
}

static void take_change(void *context, const struct answer *answer) {
    struct client *client = context;
    client->ends++;
    client->answer = *answer;
    client->end = answer->kind == ANSWER_NOT_SENT  ? HTTP_NOT_SENT
                  : answer->kind == ANSWER_UNKNOWN ? HTTP_UNKNOWN
                                                   : HTTP_ANSWERED;
}

/* Of a reading only "OK" must not be said of a part: a refusal needn't be read to its end. */
static void take_list(void *context, const struct answer *answer, const struct reader *account) {
    struct client *client = context;
    (void)account;
    client->ends++;
    client->answer = *answer;
    client->end = answer->kind == ANSWER_NOT_SENT ? HTTP_NOT_SENT
                  : answer->kind == ANSWER_OK     ? HTTP_ANSWERED
                                                  : HTTP_UNKNOWN;
}

static void take_entry(void *context, const struct bucket *bucket) {
    struct client *client = context;
    (void)bucket;
    client->entries++;
}

/* ---- the client ------------------------------------------------------------------------------ */

void client_init(struct client *client) {
    *client = (struct client){0};
    fault_open(&client->server);
    buffer_init(&client->body);
}

void client_finish(struct client *client) {
    fault_close(&client->server);
    buffer_finish(&client->body);
}

void client_open(struct client *client, long limit_ms, const char *body) {
    char url[64];
    client->limit_ms = limit_ms ? limit_ms : CLIENT_LIMIT_MS;
    buffer_clear(&client->body);
    buffer_append_string(&client->body, body);
    snprintf(url, sizeof url, "http%s://127.0.0.1:%d", client->server.tls ? "s" : "",
             client->server.port);
    client->http = http_create(
        &(struct http_settings){.connect_ms = 5000, .ca_file = tls_ca_file(client->server.tls)});
    client->infinstor = infinstor_create(
        client->http, &(struct infinstor_settings){.base_url = url,
                                                   .list_body = client->body.data,
                                                   .timeout_ms = client->limit_ms});
}

void client_close(struct client *client) {
    infinstor_destroy(client->infinstor);
    http_destroy(client->http);
    fault_drain(&client->server);
}

static bool start_http(struct client *client, bool own, struct error *error) {
    char url[64];
    snprintf(url, sizeof url, "http%s://127.0.0.1:%d/add-mod-del-bucket",
             client->server.tls ? "s" : "", client->server.port);
    struct http_request request = {.url = url,
                                   .body = client->body.data,
                                   .body_length = client->body.length,
                                   .authorization = "eyJ",
                                   .own_connection = own,
                                   .total_ms = client->limit_ms,
                                   .data = take_data,
                                   .end = take_end,
                                   .context = client};
    client->call = http_start(client->http, &request, error);
    return client->call != NULL;
}

static bool start_change(struct client *client, bool own, struct error *error) {
    struct infinstor_post post = {
        .body = client->body.data, .length = client->body.length, .own_connection = own};
    struct infinstor_change_listener listener = {take_change, client};
    client->infinstor_call = infinstor_change(client->infinstor, "eyJ", &post, &listener, error);
    return client->infinstor_call != NULL;
}

static bool start_list(struct client *client, struct error *error) {
    struct infinstor_list_listener listener = {take_entry, take_list, client};
    client->infinstor_call = infinstor_list(client->infinstor, "eyJ", &listener, error);
    return client->infinstor_call != NULL;
}

void client_start(struct client *client, enum way way, bool own) {
    struct error error = {"no error"};
    client->ends = client->entries = 0;
    client->came = 0;
    client->call = NULL;
    client->infinstor_call = NULL;
    bool started = way == WAY_HTTP     ? start_http(client, own, &error)
                   : way == WAY_CHANGE ? start_change(client, own, &error)
                                       : start_list(client, &error);
    assert_string_equal(error.text, "no error");
    assert_true(started);
}

void client_cancel(struct client *client) {
    client->end = client->call ? http_cancel(client->http, client->call)
                               : infinstor_cancel(client->infinstor, client->infinstor_call);
    client->ends++;
}

void client_turn(struct client *client, int timeout_ms) {
    struct pollfd files[FAULT_FILES];
    http_wait(client->http, files, fault_files(&client->server, files), timeout_ms);
    fault_step(&client->server);
}

void client_run(struct client *client) {
    int64_t began = client_real_ms();
    while (client->ends == 0 && client_real_ms() - began < LONGEST_MS)
        client_turn(client, 1000);
    client->took_ms = client_real_ms() - began;
    assert_int_equal(client->ends, 1);
}
