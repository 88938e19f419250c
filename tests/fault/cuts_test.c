/*
 * A request is sent once or not at all, and what is said of it is true, wherever a connection ends.
 * Each case is one request whose connection ends behind one byte of the request or of the answer;
 * together they are all bytes, ways to end, ages of the connection and ways to ask. The long set
 * takes every byte of every combination, the quick one every byte of those that stride() names and
 * every seventh of the others.
 */
#include "../unit/tests.h"

#include <errno.h>
#include <sys/socket.h>

#include "pail/base/clock.h"
#include "pail/service/http.h"
#include "pail/service/infinstor.h"
#include "server.h"

enum {
    LIMIT_MS = 30000,
    HANGS_MS = 10000,
    TURNS = 2000,
    QUICK_STRIDE = 7,
    LARGE = 200000,
    LARGE_STRIDE = 1499,
    BUFFERED = 40000, /* bytes that surely fit between client and server */
};

/* Limits of time pass when the test wants it. */
static int64_t passed_ms;

int64_t clock_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 + passed_ms;
}

/* What libcurl may send before the server has done its part: else all would have left before. */
static size_t send_budget = SIZE_MAX;

/* Instead of the C library's; libcurl sends by it, the server by others. */
ssize_t send(int file, const void *data, size_t length, int flags) {
    if (length > send_budget)
        length = send_budget;
    if (length == 0) {
        errno = EAGAIN;
        return -1;
    }
    ssize_t sent = sendto(file, data, length, flags, NULL, 0);
    if (send_budget != SIZE_MAX && sent > 0)
        send_budget -= (size_t)sent;
    return sent;
}

/* ---- answers --------------------------------------------------------------------------------- */

#define JSON "{\"InfinSnapBuckets\":[]}"

struct framing {
    const char *name, *answer;
    bool ends_by_close; /* so that a FIN within the body looks like its end */
};

static const struct framing framings[] = {
    {"length",
     "HTTP/1.1 200 OK\r\nServer: fault\r\nContent-Length: 23\r\nContent-Type: text/plain\r\n\r\n" JSON,
     false},
    {"chunks",
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
     "4\r\n{\"In\r\n13;x=y\r\nfinSnapBuckets\":[]}\r\n0\r\nServer-Timing: a\r\n\r\n",
     false},
    {"interim",
     "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n"
     "HTTP/1.1 200 OK\r\nServer: fault\r\nContent-Length: 23\r\n\r\n" JSON,
     false},
    {"refusal", "HTTP/1.1 409 Conflict\r\nContent-Length: 23\r\n\r\n" JSON, false},
    {"no body", "HTTP/1.1 204 No Content\r\nServer: fault\r\n\r\n", false},
    {"until closed", "HTTP/1.1 200 OK\r\nServer: fault\r\n\r\n" JSON, true},
};

enum { FRAMINGS = sizeof framings / sizeof *framings };

/* ---- ways to ask ----------------------------------------------------------------------------- */

enum way { WAY_HTTP, WAY_LARGE, WAY_CHANGE, WAY_LIST };
enum cut { CUT_FIN, CUT_CLOSE, CUT_RESET, CUT_TIMEOUT, CUT_CANCEL, CUTS };

/* How much of the request leaves. In the first two no byte more than the server reads, at first: */
enum timing {
    TIMING_TOGETHER, /* the rest can leave in the moment in which the end arrives */
    TIMING_BEHIND, /* the rest can leave once the client has seen the end; never, if that is a stall
                    */
    TIMING_LATE,   /* the server does nothing before it is all there, or all that fits */
    TIMINGS
};

static const char *const timing_names[] = {"together", "behind", "late"};
static const char *const way_names[] = {"http", "http, 200 kB", "change", "list"};
static const char *const cut_names[] = {"FIN", "close", "RST", "timeout", "cancel"};

struct scene {
    struct fault_server server;
    struct http *http;
    struct infinstor *infinstor;
    struct http_call *call;
    struct infinstor_call *infinstor_call;
    int number;
    struct buffer body;
    int ends;
    enum http_end end;
    int64_t took;       /* ms of real time */
    struct buffer came; /* of the answer's body, where it is looked at */
};

static bool take_data(void *context, long status, const char *data, size_t length) {
    struct scene *scene = context;
    (void)status;
    buffer_append(&scene->came, data, length);
    return true;
}

static void take_end(void *context, const struct http_result *result) {
    struct scene *scene = context;
    scene->ends++;
    scene->end = result->end;
}

static enum http_end end_of(enum answer_kind kind) {
    return kind == ANSWER_NOT_SENT  ? HTTP_NOT_SENT
           : kind == ANSWER_UNKNOWN ? HTTP_UNKNOWN
                                    : HTTP_ANSWERED;
}

static void take_change(void *context, const struct answer *answer) {
    struct scene *scene = context;
    scene->ends++;
    scene->end = end_of(answer->kind);
}

static void take_list(void *context, const struct answer *answer, const struct reader *account) {
    struct scene *scene = context;
    (void)account;
    scene->ends++;
    /* Of a reading only this must not be said of a part; a refusal needn't be read to its end. */
    scene->end = answer->kind == ANSWER_OK         ? HTTP_ANSWERED
                 : answer->kind == ANSWER_NOT_SENT ? HTTP_NOT_SENT
                                                   : HTTP_UNKNOWN;
}

static void take_entry(void *context, const struct bucket *bucket) {
    (void)context, (void)bucket;
}

/* The same but for its number, which has as many digits in each case. */
static void fill_body(struct scene *scene, enum way way) {
    char id[64];
    size_t length =
        (size_t)snprintf(id, sizeof id, "op=modify&bucketname=b1&id=%07d", ++scene->number);
    buffer_splice(&scene->body, 0, scene->body.length < length ? scene->body.length : length, id,
                  length);
    while (way == WAY_LARGE && scene->body.length < LARGE)
        buffer_append_string(&scene->body, "&field=0123456789012345678901234567890123456789");
}

static void open_client(struct scene *scene, enum way way) {
    char url[64];
    fill_body(scene, way);
    snprintf(url, sizeof url, "http://127.0.0.1:%d", scene->server.port);
    scene->http = http_create(&(struct http_settings){.connect_ms = 5000});
    scene->infinstor = infinstor_create(
        scene->http, &(struct infinstor_settings){
                         .base_url = url, .list_body = scene->body.data, .timeout_ms = LIMIT_MS});
    scene->ends = 0;
    buffer_clear(&scene->came);
}

static void close_client(struct scene *scene) {
    infinstor_destroy(scene->infinstor);
    http_destroy(scene->http);
    fault_drain(&scene->server);
}

static void start(struct scene *scene, enum way way, bool own) {
    char url[64];
    struct error error = {"none"};
    snprintf(url, sizeof url, "http://127.0.0.1:%d/add-mod-del-bucket", scene->server.port);
    struct http_request request = {.url = url,
                                   .body = scene->body.data,
                                   .body_length = scene->body.length,
                                   .authorization = "eyJ",
                                   .own_connection = own,
                                   .total_ms = LIMIT_MS,
                                   .data = take_data,
                                   .end = take_end,
                                   .context = scene};
    scene->ends = 0;
    scene->call = NULL;
    scene->infinstor_call = NULL;
    if (way == WAY_HTTP || way == WAY_LARGE)
        scene->call = http_start(scene->http, &request, &error);
    else if (way == WAY_CHANGE)
        scene->infinstor_call = infinstor_change(
            scene->infinstor, "eyJ",
            &(struct infinstor_post){
                .body = scene->body.data, .length = scene->body.length, .own_connection = own},
            &(struct infinstor_change_listener){take_change, scene}, &error);
    else
        scene->infinstor_call =
            infinstor_list(scene->infinstor, "eyJ",
                           &(struct infinstor_list_listener){take_entry, take_list, scene}, &error);
    assert_string_equal(error.text, "none");
}

static void cancel(struct scene *scene) {
    scene->end = scene->call ? http_cancel(scene->http, scene->call)
                             : infinstor_cancel(scene->infinstor, scene->infinstor_call);
    scene->ends++;
}

static int64_t real_ms(void) {
    return clock_ms() - passed_ms;
}

/* Client and server take turns, until the client has an outcome. */
static void run(struct scene *scene, enum cut cut, enum timing timing) {
    int64_t began = real_ms();
    for (int turn = 0; turn < TURNS && scene->ends == 0; turn++) {
        struct pollfd files[FAULT_FILES];
        http_wait(scene->http, files, fault_files(&scene->server, files), 1000);
        if (scene->server.acted && !scene->server.stalled)
            send_budget = SIZE_MAX;
        if (scene->ends == 0)
            fault_step(&scene->server);
        if (scene->server.acted && timing == TIMING_TOGETHER)
            send_budget = SIZE_MAX;
        if (scene->ends == 0 && scene->server.stalled && cut == CUT_CANCEL)
            cancel(scene);
        else if (scene->server.stalled)
            passed_ms += LIMIT_MS;
    }
    assert_int_equal(scene->ends, 1);
    scene->took = real_ms() - began;
}

/* ---- one case -------------------------------------------------------------------------------- */

struct combination {
    enum way way;
    enum cut cut;
    bool reused; /* a connection lies ready that has served a request before */
    bool own;    /* and isn't to be used */
    enum timing timing;
    const struct framing *framing;
};

struct tally {
    int cases, disagreements;
    int ends[3]; /* by enum http_end */
    int arrived; /* cases whose whole body did */
    int kept;    /* cases whose request began on a used connection */
};

/* Of the positions: 0 is before the request's first byte, behind it come request and answer. */
static struct fault_plan plan_of(const struct combination *c, size_t request, size_t at) {
    static const enum fault_end ends[] = {FAULT_FIN, FAULT_CLOSE, FAULT_RESET, FAULT_STALL,
                                          FAULT_STALL};
    bool in_request = at <= request, late = c->timing == TIMING_LATE;
    return (struct fault_plan){.at_once = at == 0,
                               .after = late ? (request < BUFFERED ? request : BUFFERED) : 0,
                               .read = in_request ? (at ? at - 1 : 0) : FAULT_WHOLE,
                               .answer = c->framing->answer,
                               .length = strlen(c->framing->answer),
                               .send = in_request ? 0 : at - request - 1,
                               .end = ends[c->cut]};
}

/* Two answers that nobody could tell from whole ones when the connection then ends: a body that is
 * ended by the connection, once its head is whole; and chunks that lack nothing but the last line
 * feed, of which libcurl takes the carriage return for the end. */
static bool looks_whole(const struct combination *c, const struct fault_plan *plan) {
    if (plan->read != FAULT_WHOLE || (c->cut != CUT_FIN && c->cut != CUT_CLOSE))
        return false;
    if (strcmp(c->framing->name, "chunks") == 0)
        return plan->send == plan->length - 1;
    const char *body = strstr(c->framing->answer, "\r\n\r\n") + 4;
    return c->framing->ends_by_close && plan->send >= (size_t)(body - c->framing->answer);
}

static const char *disagreement(const struct scene *scene, const struct combination *c,
                                const struct fault_plan *plan) {
    const struct fault_server *server = &scene->server;
    if (server->whole > 1)
        return "it arrived twice";
    if (server->strange > 0)
        return "something else arrived";
    if (scene->end == HTTP_NOT_SENT && server->whole > 0)
        return "it arrived, and is said not to have been sent";
    if (scene->end == HTTP_ANSWERED && server->answered == 0 && !looks_whole(c, plan))
        return "no whole answer was sent, and it is said to be answered";
    if (scene->end == HTTP_ANSWERED && server->whole == 0)
        return "it didn't arrive, and is said to be answered";
    if (scene->end != HTTP_ANSWERED && server->answered > 0 && c->cut == CUT_FIN &&
        c->way != WAY_LIST)
        return "a whole answer was sent, and isn't taken for one";
    if (scene->took > HANGS_MS)
        return "it took too long";
    return NULL;
}

static void run_case(struct scene *scene, const struct combination *c, size_t request, size_t at,
                     struct tally *tally) {
    struct fault_plan plan = plan_of(c, request, at);
    open_client(scene, c->way);
    if (c->reused) {
        fault_expect(&scene->server, NULL, 0, scene->body.data);
        start(scene, WAY_HTTP, false);
        run(scene, CUT_FIN, TIMING_LATE);
        assert_int_equal(scene->end, HTTP_ANSWERED);
    }
    fault_expect(&scene->server, &plan, 1, scene->body.data);
    fault_step(&scene->server);
    if (c->timing != TIMING_LATE && plan.read != FAULT_WHOLE && at > 0)
        send_budget = plan.read ? plan.read : 1;
    start(scene, c->way, c->own);
    run(scene, c->cut, c->timing);
    send_budget = SIZE_MAX;
    close_client(scene);
    tally->cases++;
    tally->ends[scene->end]++;
    tally->arrived += scene->server.whole;
    tally->kept += scene->server.kept > 0;
    const char *what = disagreement(scene, c, &plan);
    if (what == NULL)
        return;
    tally->disagreements++;
    if (tally->disagreements <= 20)
        print_error("%s %s %s %s %s, answer by %s, byte %zu of %zu + %zu: %s\n", way_names[c->way],
                    cut_names[c->cut], c->reused ? "reused" : "new", c->own ? "own" : "kept",
                    timing_names[c->timing], c->framing->name, at, request, plan.length, what);
}

/* ---- all cases ------------------------------------------------------------------------------- */

/* Every byte in any case: http itself and a change, ended by FIN and by RST, on new and on used
 * connections, kept and own, in the first timing, of the request and of the first answer. */
static size_t stride(const struct combination *c) {
    bool core = (c->cut == CUT_FIN || c->cut == CUT_RESET) && c->timing == TIMING_TOGETHER;
    if (c->way == WAY_LARGE)
        return tests_are_long() ? LARGE_STRIDE : QUICK_STRIDE * LARGE_STRIDE;
    if (tests_are_long() || (core && c->framing == framings && c->way != WAY_LIST))
        return 1;
    return QUICK_STRIDE;
}

/* The request's length, which is the same for all cases of a way. */
static size_t measure(struct scene *scene, enum way way) {
    open_client(scene, way);
    fault_expect(&scene->server, NULL, 0, scene->body.data);
    start(scene, way, false);
    run(scene, CUT_FIN, TIMING_LATE);
    close_client(scene);
    assert_int_equal(scene->server.whole, 1);
    return scene->server.length;
}

/* All bytes; those of the request once only, since the framing makes no difference to them. */
static void run_bytes(struct scene *scene, const struct combination *c, size_t request,
                      struct tally *tally) {
    size_t last = request + 1 + strlen(c->framing->answer), step = stride(c);
    size_t first = c->framing == framings ? 0 : request + 1;
    for (size_t at = first; at < last; at += step)
        run_case(scene, c, request, at, tally);
    run_case(scene, c, request, last, tally);
}

static void run_cut(struct scene *scene, enum way way, enum cut cut, struct tally *tally) {
    size_t request = measure(scene, way);
    for (int i = 0; i < 4 * TIMINGS; i++)
        for (int framing = 0; framing < FRAMINGS; framing++) {
            struct combination c = {way, cut, i & 1, i & 2, i / 4, &framings[framing]};
            if (way != WAY_LIST || !c.own) /* a listing says itself what it needs */
                run_bytes(scene, &c, request, tally);
        }
}

static void add_up(struct tally *sum, const struct tally *tally) {
    sum->cases += tally->cases;
    sum->disagreements += tally->disagreements;
}

static void run_way(enum way way) {
    struct tally sum = {0};
    for (int cut = 0; cut < CUTS; cut++) {
        struct scene scene = {.number = cut * 1000000};
        struct tally tally = {0};
        fault_open(&scene.server);
        buffer_init(&scene.body);
        buffer_init(&scene.came);
        run_cut(&scene, way, (enum cut)cut, &tally);
        buffer_finish(&scene.body);
        buffer_finish(&scene.came);
        fault_close(&scene.server);
        printf("# %s, %s: %d cases (%d answered, %d not sent, %d unknown; %d arrived, %d on a used "
               "connection), %d disagreements\n",
               way_names[way], cut_names[cut], tally.cases, tally.ends[HTTP_ANSWERED],
               tally.ends[HTTP_NOT_SENT], tally.ends[HTTP_UNKNOWN], tally.arrived, tally.kept,
               tally.disagreements);
        add_up(&sum, &tally);
    }
    printf("# figures: cut connections, %s: %d cases, %d disagreements\n", way_names[way],
           sum.cases, sum.disagreements);
    assert_int_equal(sum.disagreements, 0);
}

static void a_request_is_sent_once(void **state) {
    (void)state;
    run_way(WAY_HTTP);
}

static void a_large_request_is_sent_once(void **state) {
    (void)state;
    run_way(WAY_LARGE);
}

static void a_change_is_sent_once(void **state) {
    (void)state;
    run_way(WAY_CHANGE);
}

static void a_listing_is_whole_or_none(void **state) {
    (void)state;
    run_way(WAY_LIST);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_sent_once),
        cmocka_unit_test(a_large_request_is_sent_once),
        cmocka_unit_test(a_change_is_sent_once),
        cmocka_unit_test(a_listing_is_whole_or_none),
    };
    setvbuf(stdout, NULL, _IOLBF, 0);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
