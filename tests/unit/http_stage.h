/* What the tests of service/http share: a server that plays a script, and a request to it whose
 * answer is kept. */
#ifndef PAIL_TESTS_UNIT_HTTP_STAGE_H
#define PAIL_TESTS_UNIT_HTTP_STAGE_H

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

static inline bool take_data(void *context, long status, const char *data, size_t length) {
    struct seen *seen = context;
    assert_true(status >= 200);
    if (seen->body.length < seen->keep)
        buffer_append(&seen->body, data, length);
    return !seen->refuse;
}

static inline void take_end(void *context, const struct http_result *result) {
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

static inline void stage_open(struct stage *stage, play_fn *play) {
    *stage = (struct stage){.seen.keep = 4096};
    server_start(&stage->server, play);
    stage->http = http_create(&(struct http_settings){.connect_ms = 2000});
    snprintf(stage->url, sizeof stage->url, "http://127.0.0.1:%d/path", stage->server.port);
    buffer_init(&stage->seen.body);
}

/* After this the server may be looked at. */
static inline void stage_stop(struct stage *stage) {
    http_destroy(stage->http);
    stage->http = NULL;
    server_stop(&stage->server);
}

static inline void stage_close(struct stage *stage) {
    if (stage->http)
        stage_stop(stage);
    server_finish(&stage->server);
    buffer_finish(&stage->seen.body);
}

static inline struct http_request post(struct stage *stage) {
    return (struct http_request){.url = stage->url,
                                 .body = form,
                                 .body_length = strlen(form),
                                 .authorization = "eyJraWQi.token",
                                 .data = take_data,
                                 .end = take_end,
                                 .context = &stage->seen};
}

static inline struct http_call *begin(struct stage *stage, const struct http_request *request) {
    struct error error = {""};
    struct http_call *call = http_start(stage->http, request, &error);
    assert_string_equal(error.text, "");
    assert_non_null(call);
    return call;
}

static inline void wait_for_end(struct stage *stage) {
    int64_t began = clock_ms();
    while (stage->seen.ends == 0 && clock_ms() - began < 8000)
        http_wait(stage->http, NULL, 0, 1000);
    stage->took = clock_ms() - began;
    assert_int_equal(stage->seen.ends, 1);
}

static inline void run(struct stage *stage, const struct http_request *request) {
    stage->seen.ends = 0;
    buffer_clear(&stage->seen.body);
    begin(stage, request);
    wait_for_end(stage);
}

static inline void expect_end(const struct stage *stage, enum http_end end, const char *text) {
    assert_string_equal(stage->seen.result.text, text);
    assert_int_equal(stage->seen.result.end, end);
}

/* ---- whole answers --------------------------------------------------------------------------- */

static inline void play_small(struct server *server, int connection, int index) {
    (void)index;
    while (server_read(server, connection))
        server_say(connection, small_answer);
}

#endif
