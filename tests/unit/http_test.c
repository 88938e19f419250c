#include "tests.h"

#include "scripted_server.h"

#include "pail/base/clock.h"
#include "pail/service/http.h"

static const char form[] = "op=modify&bucketname=b1";
static const char small_answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n"
                                   "Content-Type: text/plain\r\n\r\nhello";

/* What a call's callbacks saw. */
struct seen {
    int ends;
    struct http_result result;
    struct buffer body;
    size_t keep; /* bytes; the rest is counted only */
    bool refuse;
};

static bool take_data(void *context, long status, const char *data, size_t length) {
    struct seen *seen = context;
    assert_true(status >= 200);
    if (seen->body.length < seen->keep)
        buffer_append(&seen->body, data, length);
    return !seen->refuse;
}

static void take_end(void *context, const struct http_result *result) {
    struct seen *seen = context;
    seen->ends++;
    seen->result = *result;
}

/* A client and a server, from one test. */
struct stage {
    struct server server;
    struct http *http;
    struct seen seen;
    char url[64];
    int64_t took; /* milliseconds, the last call */
};

static void stage_open(struct stage *stage, play_fn *play) {
    *stage = (struct stage){.seen.keep = 4096};
    server_start(&stage->server, play);
    stage->http = http_create(&(struct http_settings){.connect_ms = 2000});
    snprintf(stage->url, sizeof stage->url, "http://127.0.0.1:%d/path", stage->server.port);
    buffer_init(&stage->seen.body);
}

/* After this the server may be looked at. */
static void stage_stop(struct stage *stage) {
    http_destroy(stage->http);
    stage->http = NULL;
    server_stop(&stage->server);
}

static void stage_close(struct stage *stage) {
    if (stage->http)
        stage_stop(stage);
    server_finish(&stage->server);
    buffer_finish(&stage->seen.body);
}

static struct http_request post(struct stage *stage) {
    return (struct http_request){.url = stage->url,
                                 .body = form,
                                 .body_length = strlen(form),
                                 .authorization = "eyJraWQi.token",
                                 .data = take_data,
                                 .end = take_end,
                                 .context = &stage->seen};
}

static struct http_call *begin(struct stage *stage, const struct http_request *request) {
    struct error error = {""};
    struct http_call *call = http_start(stage->http, request, &error);
    assert_string_equal(error.text, "");
    assert_non_null(call);
    return call;
}

static void wait_for_end(struct stage *stage) {
    int64_t began = clock_ms();
    while (stage->seen.ends == 0 && clock_ms() - began < 8000)
        http_wait(stage->http, NULL, 0, 1000);
    stage->took = clock_ms() - began;
    assert_int_equal(stage->seen.ends, 1);
}

static void run(struct stage *stage, const struct http_request *request) {
    stage->seen.ends = 0;
    buffer_clear(&stage->seen.body);
    begin(stage, request);
    wait_for_end(stage);
}

static void expect_end(const struct stage *stage, enum http_end end, const char *text) {
    assert_string_equal(stage->seen.result.text, text);
    assert_int_equal(stage->seen.result.end, end);
}

/* ---- whole answers --------------------------------------------------------------------------- */

static void play_small(struct server *server, int connection, int index) {
    (void)index;
    while (server_read(server, connection))
        server_say(connection, small_answer);
}

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
    close(stage.server.listener);
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
    play_fn *const plays[] = {play_one_then_hang_up, play_one_then_reset};
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

/* ---- where credentials may go ---------------------------------------------------------------- */

static int other_port;

static void play_redirect(struct server *server, int connection, int index) {
    (void)index;
    char text[256];
    snprintf(text, sizeof text,
             "HTTP/1.1 307 Elsewhere\r\nLocation: http://127.0.0.1:%d/\r\n"
             "Content-Length: 0\r\n\r\n",
             other_port);
    if (server_read(server, connection))
        server_say(connection, text);
}

static void a_redirect_is_not_followed(void **state) {
    (void)state;
    struct server other;
    server_start(&other, play_small);
    other_port = other.port;
    struct stage stage;
    stage_open(&stage, play_redirect);
    struct http_request request = post(&stage);
    run(&stage, &request);
    expect_end(&stage, HTTP_ANSWERED, "");
    assert_int_equal(stage.seen.result.status, 307);
    stage_close(&stage);
    server_stop(&other);
    assert_int_equal(other.connections, 0);
    server_finish(&other);
}

static void a_proxy_of_the_environment_is_ignored(void **state) {
    (void)state;
    for (int asked_for = 0; asked_for < 2; asked_for++) {
        struct server proxy;
        char url[64];
        server_start(&proxy, play_small);
        snprintf(url, sizeof url, "http://127.0.0.1:%d", proxy.port);
        setenv("http_proxy", url, 1);
        setenv("all_proxy", url, 1);
        struct stage stage;
        stage_open(&stage, play_small);
        http_destroy(stage.http);
        stage.http = http_create(
            &(struct http_settings){.connect_ms = 2000, .proxy_from_environment = asked_for != 0});
        struct http_request request = post(&stage);
        run(&stage, &request);
        expect_end(&stage, HTTP_ANSWERED, "");
        unsetenv("http_proxy");
        unsetenv("all_proxy");
        stage_close(&stage);
        server_stop(&proxy);
        assert_int_equal(proxy.connections, 0);
        server_finish(&proxy);
    }
}

/* Keeps what comes, which is TLS's first message with the name of the host in it. */
static void play_listener(struct server *server, int connection, int index) {
    (void)index;
    char piece[4096];
    if (!server_wait(server, connection, 5000))
        return;
    ssize_t got = read(connection, piece, sizeof piece);
    if (got > 0)
        buffer_append(&server->seen, piece, (size_t)got);
}

static void a_connection_may_be_led_elsewhere(void **state) {
    (void)state;
    struct stage stage;
    char connect_to[200];
    stage_open(&stage, play_listener);
    http_destroy(stage.http);
    snprintf(connect_to, sizeof connect_to,
             "[::5]:443:[::1]:1, a.example.com:443:127.0.0.1:1 api.example.com:443:127.0.0.1:%d,",
             stage.server.port);
    stage.http = http_create(&(struct http_settings){.connect_ms = 2000, .connect_to = connect_to});
    struct http_request request = post(&stage);
    request.url = "https://api.example.com/";
    run(&stage, &request);
    assert_int_equal(stage.seen.result.end, HTTP_NOT_SENT);
    stage_stop(&stage);
    assert_int_equal(stage.server.connections, 1);
    assert_non_null(
        memmem(stage.server.seen.data, stage.server.seen.length, "api.example.com", 15));
    stage_close(&stage);
}

/* It would carry a token off this machine. */
static void plain_http_is_not_led_elsewhere(void **state) {
    (void)state;
    struct server elsewhere;
    struct stage stage;
    char connect_to[100];
    server_start(&elsewhere, play_small);
    stage_open(&stage, play_small);
    http_destroy(stage.http);
    snprintf(connect_to, sizeof connect_to, "127.0.0.1:%d:127.0.0.1:%d", stage.server.port,
             elsewhere.port);
    stage.http = http_create(&(struct http_settings){.connect_ms = 2000, .connect_to = connect_to});
    struct http_request request = post(&stage);
    run(&stage, &request);
    expect_end(&stage, HTTP_ANSWERED, "");
    stage_close(&stage);
    server_stop(&elsewhere);
    assert_int_equal(elsewhere.connections, 0);
    server_finish(&elsewhere);
}

static void a_crooked_connect_to_is_refused(void **state) {
    (void)state;
    static const char *const lists[] = {
        "api.example.com", "a:443:b",         "a:443:b:",
        "a:443:b:0",       "a:443:b:65536",   "a:b:c:443",
        ":443:b:443",      "a:443:[::1:443",  "a:1:b:1, a:443:b:443:5",
        "a:1:b:1 x",       "a:1:b:1;c:1:d:1", "[a]:1:b:1",
        "a:443:b:443\n",   "a:1:b/c:1",       "a:1:b:999999999999999999999",
    };
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        struct error error = {""};
        struct http *http = http_create(&(struct http_settings){.connect_to = lists[i]});
        struct http_request request = {.url = "https://a/", .end = take_end};
        for (int again = 0; again < 2; again++)
            assert_null(http_start(http, &request, &error));
        assert_non_null(strstr(error.text, "connect_to is not HOST:PORT"));
        http_destroy(http);
    }
}

static void some_requests_are_refused(void **state) {
    (void)state;
    static const char *const urls[] = {
        "http://api.example.com/",
        "http://127.0.0.1.example.com/",
        "http://0.0.0.0/",
        "ftp://127.0.0.1/",
        "http://user@127.0.0.1/",
        "file:///etc/passwd",
        "http://192.168.0.1/",
        "http://[::2]/",
        "",
    };
    struct http *http = http_create(&(struct http_settings){.connect_ms = 100});
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        struct error error = {""};
        struct http_request request = {.url = urls[i], .end = take_end};
        assert_null(http_start(http, &request, &error));
        assert_string_not_equal(error.text, "");
    }
    struct error error = {""};
    struct http_request request = {
        .url = "http://127.0.0.1:1/", .authorization = "a\r\nX-Evil: 1", .end = take_end};
    assert_null(http_start(http, &request, &error));
    assert_non_null(strstr(error.text, "control characters"));
    static const char *const headers[] = {"A: b", "Idtoken: a\r\nX-Evil: 1", NULL};
    request =
        (struct http_request){.url = "http://127.0.0.1:1/", .headers = headers, .end = take_end};
    assert_null(http_start(http, &request, &error));
    assert_string_equal(error.text, "a header has control characters in it");
    http_destroy(http);
}

/* ---- cancelling and chaining ----------------------------------------------------------------- */

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
    close(stage.server.listener);
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
        cmocka_unit_test(a_redirect_is_not_followed),
        cmocka_unit_test(a_proxy_of_the_environment_is_ignored),
        cmocka_unit_test(a_connection_may_be_led_elsewhere),
        cmocka_unit_test(plain_http_is_not_led_elsewhere),
        cmocka_unit_test(a_crooked_connect_to_is_refused),
        cmocka_unit_test(some_requests_are_refused),
        cmocka_unit_test(a_cancelled_call_is_over),
        cmocka_unit_test(what_is_under_way_is_dropped),
        cmocka_unit_test(an_end_may_cancel_and_start),
        cmocka_unit_test(other_descriptors_are_watched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
