/* Where a request may go: redirects, proxies, other addresses, refused URLs. */
#include "tests.h"

#include "http_stage.h"

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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_redirect_is_not_followed),
        cmocka_unit_test(a_proxy_of_the_environment_is_ignored),
        cmocka_unit_test(a_connection_may_be_led_elsewhere),
        cmocka_unit_test(plain_http_is_not_led_elsewhere),
        cmocka_unit_test(a_crooked_connect_to_is_refused),
        cmocka_unit_test(some_requests_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
