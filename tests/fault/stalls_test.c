/*
 * Services that stop in the middle, or are slow: limits of time end what hangs, with the right
 * outcome, and keys are answered all the while.
 */
#include "client.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "pail/base/memory.h"

enum {
    LIMIT_MS = 400,
    CONNECT_MS = 300,
    LATE_MS = 2000, /* a machine with much else to do is given so much more */
    KEY_MS = 10,    /* "keys" come so often, */
    ANSWER_MS = 100 /* and are answered within */
};

#define JSON        "{\"InfinSnapBuckets\":[]}"
#define ANSWER      "HTTP/1.1 200 OK\r\nContent-Length: 23\r\n\r\n" JSON
#define CHUNKS      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n17\r\n" JSON "\r\n"
#define WITH_ANSWER .read = FAULT_WHOLE, .answer = ANSWER, .length = sizeof ANSWER - 1

/* ---- ten places to stop ---------------------------------------------------------------------- */

struct phase {
    const char *name, *text;
    struct fault_plan plan;
    size_t token, body; /* at least so long; more than the buffers hold */
    enum { PLAIN, NO_NAME, NO_ACCEPT, TLS } place; /* that of TLS is phases[TLS - 1] */
    enum http_end end;
};

static const struct phase phases[] = {
    {.name = "looking up the name",
     .place = NO_NAME,
     .end = HTTP_NOT_SENT,
     .text = "no connection within 0.3 s"},
    {.name = "before the connection is taken",
     .place = NO_ACCEPT,
     .end = HTTP_NOT_SENT,
     .text = "no connection within 0.3 s"},
    {.name = "in TLS's greeting",
     .place = TLS,
     .plan = {.at_once = true, .end = FAULT_STALL},
     .end = HTTP_NOT_SENT,
     .text = "no connection within 0.3 s"},
    {.name = "after the connection",
     .plan = {.at_once = true, .end = FAULT_STALL},
     .end = HTTP_UNKNOWN,
     .text = "no answer within 0.4 s"},
    {.name = "in the request's head",
     .plan = {.read = 1000, .end = FAULT_STALL},
     .token = 300000,
     .end = HTTP_NOT_SENT,
     .text = "the request could not be sent whole within 0.4 s"},
    {.name = "in the request's body",
     .plan = {.read = 5000, .end = FAULT_STALL},
     .body = 300000,
     .end = HTTP_NOT_SENT,
     .text = "the request could not be sent whole within 0.4 s"},
    {.name = "before the status line",
     .plan = {WITH_ANSWER, .send = 0, .end = FAULT_STALL},
     .end = HTTP_UNKNOWN,
     .text = "no answer within 0.4 s"},
    {.name = "in the answer's head",
     .plan = {WITH_ANSWER, .send = 20, .end = FAULT_STALL},
     .end = HTTP_UNKNOWN,
     .text = "no answer within 0.4 s"},
    {.name = "in the answer's body",
     .plan = {WITH_ANSWER, .send = sizeof ANSWER - 5, .end = FAULT_STALL},
     .end = HTTP_UNKNOWN,
     .text = "no answer within 0.4 s"},
    {.name = "before the last chunk",
     .plan = {.read = FAULT_WHOLE,
              .answer = CHUNKS,
              .length = sizeof CHUNKS - 1,
              .send = FAULT_WHOLE,
              .end = FAULT_STALL},
     .end = HTTP_UNKNOWN,
     .text = "no answer within 0.4 s"},
};

enum { PHASES = sizeof phases / sizeof *phases, STALLS = 2 * PHASES /* a reading and a change */ };

/* Instead of the C library's: a name server that doesn't answer. libcurl asks in a thread. */
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **result) {
    (void)name, (void)service, (void)hints, (void)result;
    usleep(4 * LIMIT_MS * 1000);
    return EAI_AGAIN;
}

/* Instead of the C library's: libcurl's sockets keep little of what the other side doesn't take. */
int connect(int file, __CONST_SOCKADDR_ARG address, socklen_t length) {
    int small = 1;
    setsockopt(file, SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    return (int)syscall(SYS_connect, file, address.__sockaddr__, length);
}

struct stall {
    const struct phase *phase;
    struct fault_server server;
    struct infinstor *infinstor;
    struct buffer body, token;
    int fillers[8]; /* connections that fill the queue of those not accepted */
    int filled;
    int ends;
    struct answer answer;
    int64_t took_ms;
};

struct stage {
    struct http *http;
    struct stall stalls[STALLS];
    int64_t began;
    int ends, longest_ms; /* until a key was answered */
};

static void take_end(struct stall *stall, const struct answer *answer) {
    stall->ends++;
    stall->answer = *answer;
}

static void take_change(void *context, const struct answer *answer) {
    take_end(context, answer);
}

static void take_list(void *context, const struct answer *answer, const struct reader *account) {
    (void)account;
    take_end(context, answer);
}

static void take_entry(void *context, const struct bucket *bucket) {
    (void)context, (void)bucket;
}

/* So that no further connection gets through: Linux keeps one more than it was asked to. */
static void fill_queue(struct stall *stall) {
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                  .sin_port = htons((uint16_t)stall->server.port)};
    listen(stall->server.listener, 0);
    for (stall->filled = 0; stall->filled < 3; stall->filled++) {
        int file = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        (void)connect(file, (struct sockaddr *)&address, sizeof address);
        stall->fillers[stall->filled] = file;
    }
}

static void fill_text(struct buffer *buffer, const char *begin, size_t length) {
    buffer_init(buffer);
    buffer_append_string(buffer, begin);
    while (buffer->length < length)
        buffer_append_string(buffer, "=0123456789012345678901234567890123456789");
}

static void open_stall(struct stage *stage, struct stall *stall) {
    const struct phase *phase = stall->phase;
    char url[64];
    int small = 1;
    fault_open(&stall->server);
    if (phase->token || phase->body)
        setsockopt(stall->server.listener, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    if (phase->place == NO_ACCEPT)
        fill_queue(stall);
    fill_text(&stall->body, "op=modify", phase->body);
    fill_text(&stall->token, "eyJ", phase->token);
    fault_expect(&stall->server, &phase->plan, 1, stall->body.data);
    snprintf(url, sizeof url, "http%s://%s:%d",
             phase->place == PLAIN || phase->place == NO_ACCEPT ? "" : "s",
             phase->place == NO_NAME ? "api.example.com" : "127.0.0.1", stall->server.port);
    stall->infinstor = infinstor_create(
        stage->http, &(struct infinstor_settings){
                         .base_url = url, .list_body = stall->body.data, .timeout_ms = LIMIT_MS});
}

static void begin_stall(struct stall *stall, bool change) {
    struct error error = {"no error"};
    struct infinstor_post post = {
        .body = stall->body.data, .length = stall->body.length, .own_connection = true};
    if (change)
        infinstor_change(stall->infinstor, stall->token.data, &post,
                         &(struct infinstor_change_listener){take_change, stall}, &error);
    else
        infinstor_list(stall->infinstor, stall->token.data,
                       &(struct infinstor_list_listener){take_entry, take_list, stall}, &error);
    assert_string_equal(error.text, "no error");
}

static void close_stall(struct stall *stall) {
    infinstor_destroy(stall->infinstor);
    if (stall->phase->place == NO_ACCEPT)
        close(stall->server.listener), stall->server.listener = -1;
    fault_close(&stall->server);
    for (int i = 0; i < stall->filled; i++)
        close(stall->fillers[i]);
    buffer_finish(&stall->body);
    buffer_finish(&stall->token);
}

/* The authorities' certificates are read once, by the first connection with TLS: not what is to be
 * measured here. */
static void read_authorities(struct stage *stage) {
    struct stall first = {.phase = &phases[TLS - 1]};
    struct pollfd file;
    open_stall(stage, &first);
    begin_stall(&first, true);
    for (int i = 0; i < 100 && !(first.server.count && poll(&file, 1, 0)); i++) {
        http_wait(stage->http, NULL, 0, 10);
        fault_step(&first.server);
        file = (struct pollfd){.fd = first.server.connections[0].file, .events = POLLIN};
    }
    close_stall(&first);
}

/* One turn of all, with the timer that stands for a keyboard as the first descriptor. */
static void turn(struct stage *stage, int timer) {
    struct pollfd files[1 + STALLS * FAULT_FILES];
    size_t count = 1;
    uint64_t keys = 0;
    files[0] = (struct pollfd){.fd = timer, .events = POLLIN};
    for (int i = 0; i < STALLS; i++)
        if (stage->stalls[i].phase->place != NO_ACCEPT)
            count += fault_files(&stage->stalls[i].server, files + count);
    http_wait(stage->http, files, count, 1000);
    if (files[0].revents && read(timer, &keys, sizeof keys) != sizeof keys)
        keys = 0;
    if ((int)keys * KEY_MS > stage->longest_ms)
        stage->longest_ms = (int)keys * KEY_MS;
    stage->ends = 0;
    for (int i = 0; i < STALLS; i++) {
        struct stall *stall = &stage->stalls[i];
        if (stall->phase->place != NO_ACCEPT)
            fault_step(&stall->server);
        stage->ends += stall->ends;
        if (stall->ends > 0 && stall->took_ms == 0)
            stall->took_ms = client_real_ms() - stage->began;
    }
}

static void run_stage(struct stage *stage) {
    struct itimerspec keys = {{0, KEY_MS * 1000000L}, {0, KEY_MS * 1000000L}};
    *stage = (struct stage){.http = http_create(&(struct http_settings){.connect_ms = CONNECT_MS})};
    read_authorities(stage);
    for (int i = 0; i < STALLS; i++) {
        stage->stalls[i].phase = &phases[i / 2];
        open_stall(stage, &stage->stalls[i]);
    }
    stage->began = client_real_ms();
    for (int i = 0; i < STALLS; i++)
        begin_stall(&stage->stalls[i], i % 2);
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    assert_int_equal(timerfd_settime(timer, 0, &keys, NULL), 0);
    while (stage->ends < STALLS && client_real_ms() - stage->began < 10L * LATE_MS)
        turn(stage, timer);
    close(timer);
}

static void close_stage(struct stage *stage) {
    int64_t began = client_real_ms();
    for (int i = 0; i < STALLS; i++)
        close_stall(&stage->stalls[i]);
    http_destroy(stage->http);
    assert_in_range(client_real_ms() - began, 0, LATE_MS); /* the name is still being looked up */
}

static enum http_end end_of(const struct answer *answer) {
    return answer->kind == ANSWER_NOT_SENT  ? HTTP_NOT_SENT
           : answer->kind == ANSWER_UNKNOWN ? HTTP_UNKNOWN
                                            : HTTP_ANSWERED;
}

static int check_stalls(const struct stage *stage) {
    int wrong = 0;
    for (int i = 0; i < STALLS; i++) {
        const struct stall *stall = &stage->stalls[i];
        bool good = stall->ends == 1 && end_of(&stall->answer) == stall->phase->end &&
                    strcmp(stall->answer.text, stall->phase->text) == 0 &&
                    stall->took_ms >= CONNECT_MS - 10 && stall->took_ms <= LIMIT_MS + LATE_MS;
        printf("# %s, %s: %s after %d ms\n", stall->phase->name, i % 2 ? "change" : "list",
               stall->answer.text, (int)stall->took_ms);
        if (!good)
            print_error("%s, %s: %d ends, kind %d, \"%s\" after %d ms\n", stall->phase->name,
                        i % 2 ? "change" : "list", stall->ends, (int)stall->answer.kind,
                        stall->answer.text, (int)stall->took_ms);
        wrong += !good;
    }
    return wrong;
}

/* A machine that is busy with other things may make a key wait; pail itself would each time. */
static void what_stalls_is_ended_and_keys_are_answered(void **state) {
    (void)state;
    int longest_ms = ANSWER_MS + 1;
    for (int attempt = 0; attempt < 3 && longest_ms > ANSWER_MS; attempt++) {
        struct stage *stage = memory_new(1, sizeof *stage);
        run_stage(stage);
        int wrong = check_stalls(stage);
        longest_ms = stage->longest_ms;
        close_stage(stage);
        free(stage);
        assert_int_equal(wrong, 0);
    }
    printf("# figures: stalls: %d places x list and change, 0 disagreements; a key waited %d ms at "
           "most\n",
           (int)PHASES, longest_ms);
    assert_in_range(longest_ms, 0, ANSWER_MS);
}

/* ---- drips ----------------------------------------------------------------------------------- */

/* Request and answer byte by byte. Each byte of the request, and each of the answer, takes so many
 * milliseconds of the clock. */
static void drip(struct client *client, enum way way, int request_ms, int answer_ms) {
    const struct fault_plan plan = {WITH_ANSWER, .send = FAULT_WHOLE, .piece = 1};
    client_init(client);
    client_open(client, 0, "op=modify&bucketname=b1");
    fault_expect(&client->server, &plan, 1, client->body.data);
    client_start(client, way, true);
    int64_t began = client_real_ms();
    while (client->ends == 0 && client_real_ms() - began < 10000) {
        client_budget = client->server.whole ? SIZE_MAX : 1;
        client_turn(client, 1000);
        client_passed_ms += client->server.whole ? answer_ms : request_ms;
    }
    client_budget = SIZE_MAX;
    assert_int_equal(client->ends, 1);
    assert_true(client->server.sent > 0 || client->end != HTTP_ANSWERED);
    client_close(client);
    client_finish(client);
}

static void a_drip_is_progress(void **state) {
    (void)state;
    struct client client;
    drip(&client, WAY_LIST, 50, 1000); /* each line of the head within the limit, all in over it */
    assert_int_equal(client.answer.kind, ANSWER_OK);
    drip(&client, WAY_LIST, 50, CLIENT_LIMIT_MS + 1000);
    assert_int_equal(client.answer.kind, ANSWER_UNKNOWN);
    drip(&client, WAY_CHANGE, 50, 50);
    assert_int_equal(client.answer.kind, ANSWER_OK);
}

static void a_change_may_not_drip_for_ever(void **state) {
    (void)state;
    struct client client;
    drip(&client, WAY_CHANGE, 50, 1000);
    assert_int_equal(client.answer.kind, ANSWER_UNKNOWN);
    assert_string_equal(client.answer.text, "no answer within 30 s");
    drip(&client, WAY_CHANGE, 1000, 0);
    assert_int_equal(client.server.whole, 0);
    assert_string_equal(client.answer.text, "no answer within 30 s");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_stalls_is_ended_and_keys_are_answered),
        cmocka_unit_test(a_drip_is_progress),
        cmocka_unit_test(a_change_may_not_drip_for_ever),
    };
    setvbuf(stdout, NULL, _IOLBF, 0);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
