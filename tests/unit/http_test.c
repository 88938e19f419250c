#include "tests.h"

#include "http_stage.h"

static void a_form_is_posted(void **state) {
    (void)state;
    struct stage stage;
    stage_open(&stage, play_small);
    struct http_request request = post(&stage);
    run(&stage, &request);
    expect_end(&stage, HTTP_ANSWERED, "");
    assert_int_equal(stage.seen.result.status, 200);
    assert_int_equal(stage.seen.result.received, 5);
    assert_string_equal(stage.seen.result.content_type, "text/plain");
    assert_string_equal(stage.seen.body.data, "hello");
    stage_stop(&stage);
    static const char *const wanted[] = {
        "POST /path HTTP/1.1\r\n",
        "\r\nAuthorization: eyJraWQi.token\r\n",
        "\r\nContent-Type: application/x-www-form-urlencoded\r\n",
        "\r\nContent-Length: 23\r\n",
        "\r\nUser-Agent: pail/",
        "\r\n\r\nop=modify&bucketname=b1",
    };
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        assert_int_equal(server_count(&stage.server, wanted[i]), 1);
    assert_int_equal(server_count(&stage.server, "Expect"), 0);
    assert_int_equal(server_count(&stage.server, "Encoding"), 0);
    stage_close(&stage);
}

static void a_document_is_posted_with_headers(void **state) {
    (void)state;
    struct stage stage;
    stage_open(&stage, play_small);
    static const char *const headers[] = {"X-Amz-Target: A.B", "Idtoken: eyJ", NULL};
    struct http_request request = post(&stage);
    request.content_type = "application/x-amz-json-1.1";
    request.authorization = NULL;
    request.headers = headers;
    run(&stage, &request);
    expect_end(&stage, HTTP_ANSWERED, "");
    assert_int_equal(stage.seen.result.retry_after, 0);
    stage_stop(&stage);
    assert_int_equal(server_count(&stage.server, "\r\nX-Amz-Target: A.B\r\n"), 1);
    assert_int_equal(server_count(&stage.server, "\r\nIdtoken: eyJ\r\n"), 1);
    assert_int_equal(
        server_count(&stage.server, "\r\nContent-Type: application/x-amz-json-1.1\r\n"), 1);
    assert_int_equal(server_count(&stage.server, "Content-Type"), 1);
    assert_int_equal(server_count(&stage.server, "Authorization"), 0);
    stage_close(&stage);
}

static void play_busy(struct server *server, int connection, int index) {
    (void)index;
    server_read(server, connection);
    server_say(connection, "HTTP/1.1 429 Slow\r\nRetry-After: 17\r\nContent-Length: 0\r\n\r\n");
}

static void a_service_may_ask_to_wait(void **state) {
    (void)state;
    struct stage stage;
    stage_open(&stage, play_busy);
    struct http_request request = post(&stage);
    run(&stage, &request);
    expect_end(&stage, HTTP_ANSWERED, "");
    assert_int_equal(stage.seen.result.status, 429);
    assert_int_equal(stage.seen.result.retry_after, 17);
    stage_close(&stage);
}

static void a_page_is_got(void **state) {
    (void)state;
    struct stage stage;
    stage_open(&stage, play_small);
    run(&stage, &(struct http_request){
                    .url = stage.url, .data = take_data, .end = take_end, .context = &stage.seen});
    expect_end(&stage, HTTP_ANSWERED, "");
    stage_stop(&stage);
    assert_int_equal(server_count(&stage.server, "GET /path HTTP/1.1\r\n"), 1);
    assert_int_equal(server_count(&stage.server, "Authorization"), 0);
    stage_close(&stage);
}

static void play_chunked(struct server *server, int connection, int index) {
    (void)index;
    if (server_read(server, connection))
        server_say(connection, "HTTP/1.1 400 No\r\nTransfer-Encoding: chunked\r\n\r\n"
                               "3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n");
}

static void a_chunked_answer_is_joined(void **state) {
    (void)state;
    struct stage stage;
    stage_open(&stage, play_chunked);
    struct http_request request = post(&stage);
    run(&stage, &request);
    expect_end(&stage, HTTP_ANSWERED, "");
    assert_int_equal(stage.seen.result.status, 400);
    assert_string_equal(stage.seen.body.data, "hello");
    stage_close(&stage);
}

enum { LARGE = 10 * 1000 * 1000 };

static void play_large(struct server *server, int connection, int index) {
    (void)index;
    char piece[1000];
    memset(piece, 'x', sizeof piece);
    if (!server_read(server, connection))
        return;
    server_say(connection, "HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n");
    for (int i = 0; i < LARGE / 1000; i++)
        server_send(connection, piece, sizeof piece);
}

static void a_large_answer_is_counted(void **state) {
    (void)state;
    struct stage stage;
    stage_open(&stage, play_large);
    struct http_request request = post(&stage);
    struct http_call *call = begin(&stage, &request);
    size_t received = 0, expected = 0;
    for (int i = 0; i < 1000 && received == 0; i++) {
        http_wait(stage.http, NULL, 0, 1000);
        assert_int_equal(stage.seen.ends, 0);
        http_progress(call, &received, &expected);
    }
    assert_in_range(received, 1, LARGE);
    assert_int_equal(expected, LARGE);
    wait_for_end(&stage);
    expect_end(&stage, HTTP_ANSWERED, "");
    assert_int_equal(stage.seen.result.received, LARGE);
    stage_close(&stage);
}

/* ---- answers that are none, or not whole ----------------------------------------------------- */

static void play_short(struct server *server, int connection, int index) {
    (void)index;
    if (server_read(server, connection))
        server_say(connection, "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello");
}

static void play_short_chunks(struct server *server, int connection, int index) {
    (void)index;
    if (server_read(server, connection))
        server_say(connection, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n");
}

static void play_reset_within(struct server *server, int connection, int index) {
    play_short(server, connection, index);
    server_idle(server, 100);
    server_reset(connection);
}

static void a_cut_off_answer_is_unknown(void **state) {
    (void)state;
    play_fn *const plays[] = {play_short, play_short_chunks, play_reset_within};
    for (size_t i = 0; i < sizeof plays / sizeof *plays; i++) {
        struct stage stage;
        stage_open(&stage, plays[i]);
        struct http_request request = post(&stage);
        run(&stage, &request);
        expect_end(&stage, HTTP_UNKNOWN, "the answer was cut off");
        assert_int_equal(stage.seen.result.status, 200);
        assert_false(stage.seen.result.timed_out);
        stage_close(&stage);
    }
}

static void play_hang_up(struct server *server, int connection, int index) {
    (void)index;
    server_read(server, connection);
}

static void play_reset(struct server *server, int connection, int index) {
    (void)index;
    server_read(server, connection);
    server_reset(connection);
}

static void no_answer_is_unknown(void **state) {
    (void)state;
    play_fn *const plays[] = {play_hang_up, play_reset};
    for (size_t i = 0; i < sizeof plays / sizeof *plays; i++) {
        struct stage stage;
        stage_open(&stage, plays[i]);
        struct http_request request = post(&stage);
        run(&stage, &request);
        expect_end(&stage, HTTP_UNKNOWN, "connection closed before the answer");
        assert_int_equal(stage.seen.result.status, 0);
        stage_stop(&stage);
        assert_int_equal(server_count(&stage.server, form), 1);
        stage_close(&stage);
    }
}

static void a_refused_connection_sends_nothing(void **state) {
    (void)state;
    struct stage stage;
    stage_open(&stage, play_small);
    server_refuse(&stage.server);
    struct http_request request = post(&stage);
    run(&stage, &request);
    expect_end(&stage, HTTP_NOT_SENT, "connection refused");
    request.body_length = 0; /* nothing of an empty body could be missing */
    run(&stage, &request);
    expect_end(&stage, HTTP_NOT_SENT, "connection refused");
    stage_close(&stage);
}

static void an_unknown_host_sends_nothing(void **state) {
    (void)state;
    struct stage stage;
    stage_open(&stage, play_small);
    struct http_request request = post(&stage);
    request.url = "https://no-such-host.invalid/";
    run(&stage, &request);
    assert_int_equal(stage.seen.result.end, HTTP_NOT_SENT);
    if (!stage.seen.result.timed_out) /* where no name server answers */
        expect_end(&stage, HTTP_NOT_SENT, "host not found");
    stage_close(&stage);
}

/* Takes a part of the request only. */
static void play_half_read(struct server *server, int connection, int index) {
    (void)index;
    char piece[1000];
    server_wait(server, connection, 5000);
    assert_true(read(connection, piece, sizeof piece) > 0);
    server_idle(server, 100);
    server_reset(connection);
}

static void a_body_that_left_in_part_is_not_sent(void **state) {
    (void)state;
    struct stage stage;
    stage_open(&stage, play_half_read);
    struct http_request request = post(&stage);
    struct buffer body;
    buffer_init(&body);
    while (body.length < LARGE)
        buffer_append_string(&body, "a=0123456789&");
    request.body = body.data;
    request.body_length = body.length;
    run(&stage, &request);
    assert_int_equal(stage.seen.result.end, HTTP_NOT_SENT);
    buffer_finish(&body);
    stage_close(&stage);
}

static void an_answer_that_is_not_wanted_is_left(void **state) {
    (void)state;
    struct stage stage;
    stage_open(&stage, play_large);
    stage.seen.refuse = true;
    struct http_request request = post(&stage);
    run(&stage, &request);
    expect_end(&stage, HTTP_UNKNOWN, "the rest of the answer was not read");
    assert_in_range(stage.seen.result.received, 1, LARGE / 2);
    stage_close(&stage);
}

static void play_greeting(struct server *server, int connection, int index) {
    (void)index;
    if (server_read(server, connection))
        server_say(connection, "220 mail.example.com ESMTP\r\n");
}

static void what_is_no_http_is_no_answer(void **state) {
    (void)state;
    struct stage stage;
    stage_open(&stage, play_greeting);
    struct http_request request = post(&stage);
    run(&stage, &request);
    assert_int_equal(stage.seen.result.end, HTTP_UNKNOWN);
    assert_string_not_equal(stage.seen.result.text, "");
    stage_close(&stage);
}

/* ---- sent once ------------------------------------------------------------------------------- */

static void play_one_then_hang_up(struct server *server, int connection, int index) {
    (void)index;
    if (server_read(server, connection))
        server_say(connection, small_answer);
    server_read(server, connection);
}

static void play_one_then_reset(struct server *server, int connection, int index) {
    play_one_then_hang_up(server, connection, index);
    server_reset(connection);
}

/* As a service that ends: libcurl, which tries again, finds nobody. */
static void play_one_then_end(struct server *server, int connection, int index) {
    play_one_then_hang_up(server, connection, index);
    server_refuse(server);
    server_reset(connection);
}

static void run_twice(struct stage *stage, bool own_connection) {
    struct http_request request = post(stage);
    run(stage, &request);
    expect_end(stage, HTTP_ANSWERED, "");
    request.body = "op=delete&bucketname=b2";
    request.own_connection = own_connection;
    run(stage, &request);
}

/* The trap of doc/safety.md: libcurl sends a POST again by itself when a used connection dies. The
 * second request was on the first connection, else it would have been answered. */
static void a_dead_connection_repeats_nothing(void **state) {
    (void)state;
    play_fn *const plays[] = {play_one_then_hang_up, play_one_then_reset, play_one_then_end};
    for (size_t i = 0; i < sizeof plays / sizeof *plays; i++) {
        struct stage stage;
        stage_open(&stage, plays[i]);
        run_twice(&stage, false);
        expect_end(&stage, HTTP_UNKNOWN, "connection closed before the answer");
        stage_stop(&stage);
        assert_int_equal(server_count(&stage.server, "POST "), 2);
        assert_int_equal(server_count(&stage.server, form), 1);
        assert_int_equal(server_count(&stage.server, "op=delete&bucketname=b2"), 1);
        stage_close(&stage);
    }
}

static void play_each_once(struct server *server, int connection, int index) {
    (void)index;
    if (server_read(server, connection))
        server_say(connection, small_answer);
    server_idle(server, 100);
}

static void a_connection_of_its_own_is_new(void **state) {
    (void)state;
    struct stage stage;
    stage_open(&stage, play_each_once);
    run_twice(&stage, true);
    expect_end(&stage, HTTP_ANSWERED, "");
    stage_stop(&stage);
    assert_int_equal(stage.server.connections, 2);
    stage_close(&stage);
}

/* ---- time ------------------------------------------------------------------------------------ */

static void play_silence(struct server *server, int connection, int index) {
    (void)index;
    server_read(server, connection);
    server_idle(server, 5000);
}

static void silence_ends_in_time(void **state) {
    (void)state;
    struct stage stage;
    stage_open(&stage, play_silence);
    struct http_request request = post(&stage);
    request.idle_ms = 300;
    run(&stage, &request);
    expect_end(&stage, HTTP_UNKNOWN, "no answer within 0.3 s");
    assert_true(stage.seen.result.timed_out);
    assert_in_range(stage.took, 290, 1500);
    stage_close(&stage);
}

/* A byte each 50 ms, for a second. */
static void play_drip(struct server *server, int connection, int index) {
    (void)index;
    server_read(server, connection);
    server_say(connection, "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n");
    for (int i = 0; i < 20; i++) {
        server_idle(server, 50);
        server_say(connection, "x");
    }
}

static void a_slow_answer_is_progress(void **state) {
    (void)state;
    struct stage stage;
    stage_open(&stage, play_drip);
    struct http_request request = post(&stage);
    request.idle_ms = 400;
    run(&stage, &request);
    expect_end(&stage, HTTP_ANSWERED, "");
    assert_true(stage.took >= 900);
    stage_close(&stage);
}

static void a_slow_answer_may_not_last(void **state) {
    (void)state;
    struct stage stage;
    stage_open(&stage, play_drip);
    struct http_request request = post(&stage);
    request.total_ms = 400;
    run(&stage, &request);
    expect_end(&stage, HTTP_UNKNOWN, "no answer within 0.4 s");
    assert_int_equal(stage.seen.result.status, 200);
    assert_in_range(stage.took, 390, 900);
    stage_close(&stage);
}

/* Whoever is stopped (^Z) before the body has left, and goes on after the time is up, sends
 * nothing: a change is as old then as nobody expects. */
static void what_is_too_old_is_not_sent(void **state) {
    (void)state;
    struct stage stage;
    stage_open(&stage, play_small);
    struct http_request request = post(&stage);
    request.total_ms = 50;
    begin(&stage, &request);
    http_wait(stage.http, NULL, 0, 0); /* it connects */
    nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL);
    wait_for_end(&stage);
    expect_end(&stage, HTTP_NOT_SENT, "the request could not be sent whole within 0.05 s");
    assert_true(stage.seen.result.timed_out);
    stage_stop(&stage);
    assert_null(strstr(stage.server.seen.data ? stage.server.seen.data : "", form));
    stage_close(&stage);
}

/* ---- calls that are ended -------------------------------------------------------------------- */

static void a_cancelled_call_is_over(void **state) {
    (void)state;
    struct stage stage;
    stage_open(&stage, play_silence);
    struct http_request request = post(&stage);
    assert_int_equal(http_cancel(stage.http, begin(&stage, &request)), HTTP_NOT_SENT);
    struct http_call *call = begin(&stage, &request);
    int64_t began = clock_ms();
    while (clock_ms() - began < 200)
        http_wait(stage.http, NULL, 0, 50);
    began = clock_ms();
    assert_int_equal(http_cancel(stage.http, call), HTTP_UNKNOWN);
    assert_true(clock_ms() - began < 100);
    http_wait(stage.http, NULL, 0, 10);
    assert_int_equal(stage.seen.ends, 0);
    stage_close(&stage);
}

static void what_is_under_way_is_dropped(void **state) {
    (void)state;
    struct stage stage;
    stage_open(&stage, play_silence);
    struct http_request request = post(&stage);
    begin(&stage, &request);
    http_wait(stage.http, NULL, 0, 50);
    begin(&stage, &request);
    stage_close(&stage);
    assert_int_equal(stage.seen.ends, 0);
}

struct chain {
    struct stage *stage;
    struct http_call *victims[2];
    int ends, own;
};

static void end_chain(void *context, const struct http_result *result) {
    struct chain *chain = context;
    (void)result;
    chain->ends++;
    for (int i = 0; i < 2; i++)
        if (i != chain->own)
            http_cancel(chain->stage->http, chain->victims[i]);
    struct http_request request = post(chain->stage);
    begin(chain->stage, &request);
}

/* Two calls end in the same turn; the first end cancels the other and starts a third. */
static void an_end_may_cancel_and_start(void **state) {
    (void)state;
    struct stage stage;
    stage_open(&stage, play_small);
    server_refuse(&stage.server);
    struct chain chains[2];
    for (int i = 0; i < 2; i++) {
        chains[i] = (struct chain){.stage = &stage, .own = i};
        struct http_request request = post(&stage);
        request.end = end_chain;
        request.context = &chains[i];
        struct http_call *call = begin(&stage, &request);
        chains[0].victims[i] = chains[1].victims[i] = call;
    }
    chains[1].victims[0] = chains[0].victims[0];
    usleep(50 * 1000);
    wait_for_end(&stage);
    assert_int_equal(chains[0].ends + chains[1].ends, 1);
    stage_close(&stage);
}

/* ---- the other descriptors ------------------------------------------------------------------- */

static void wait_on(struct http *http, struct pollfd *extra, int timeout_ms) {
    int64_t began = clock_ms();
    extra->revents = 0x7F;
    do
        http_wait(http, extra, 1, timeout_ms);
    while (extra->revents == 0 && clock_ms() - began < timeout_ms);
}

static void look_at_a_pipe(struct http *http) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    struct pollfd extra = {.fd = ends[0], .events = POLLIN};
    int64_t began = clock_ms();
    wait_on(http, &extra, 100);
    assert_int_equal(extra.revents, 0);
    assert_in_range(clock_ms() - began, 95, 1000);
    assert_int_equal(write(ends[1], "x", 1), 1);
    began = clock_ms();
    wait_on(http, &extra, 5000);
    assert_int_equal(extra.revents, POLLIN);
    char c;
    assert_int_equal(read(ends[0], &c, 1), 1);
    close(ends[1]);
    wait_on(http, &extra, 5000);
    assert_int_equal(extra.revents, POLLHUP);
    assert_true(clock_ms() - began < 1000);
    close(ends[0]);
}

static void other_descriptors_are_watched(void **state) {
    (void)state;
    struct stage stage;
    stage_open(&stage, play_silence);
    look_at_a_pipe(stage.http); /* before curl is there */
    struct http_request request = post(&stage);
    struct http_call *call = begin(&stage, &request);
    look_at_a_pipe(stage.http);
    http_cancel(stage.http, call);
    look_at_a_pipe(stage.http);
    stage_close(&stage);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_form_is_posted),
        cmocka_unit_test(a_document_is_posted_with_headers),
        cmocka_unit_test(a_service_may_ask_to_wait),
        cmocka_unit_test(a_page_is_got),
        cmocka_unit_test(a_chunked_answer_is_joined),
        cmocka_unit_test(a_large_answer_is_counted),
        cmocka_unit_test(a_cut_off_answer_is_unknown),
        cmocka_unit_test(no_answer_is_unknown),
        cmocka_unit_test(a_refused_connection_sends_nothing),
        cmocka_unit_test(an_unknown_host_sends_nothing),
        cmocka_unit_test(a_body_that_left_in_part_is_not_sent),
        cmocka_unit_test(an_answer_that_is_not_wanted_is_left),
        cmocka_unit_test(what_is_no_http_is_no_answer),
        cmocka_unit_test(a_dead_connection_repeats_nothing),
        cmocka_unit_test(a_connection_of_its_own_is_new),
        cmocka_unit_test(silence_ends_in_time),
        cmocka_unit_test(a_slow_answer_is_progress),
        cmocka_unit_test(a_slow_answer_may_not_last),
        cmocka_unit_test(what_is_too_old_is_not_sent),
        cmocka_unit_test(a_cancelled_call_is_over),
        cmocka_unit_test(what_is_under_way_is_dropped),
        cmocka_unit_test(an_end_may_cancel_and_start),
        cmocka_unit_test(other_descriptors_are_watched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
