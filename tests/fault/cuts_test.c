/*
 * A request is sent once or not at all, and what is said of it is true, wherever a connection ends.
 * Each case is one request whose connection ends behind one byte of the request or of the answer;
 * together they are all bytes, ways to end, ages of the connection and ways to ask. The long set
 * takes every byte of every combination, the quick one every byte of those that stride() names and
 * every thirteenth of the others.
 */
#include "client.h"

#include <signal.h>

enum {
    HANGS_MS = 10000,
    QUICK_STRIDE = 13,
    QUICK_TLS_STRIDE = 47,
    LARGE = 200000,
    LARGE_STRIDE = 1499,
    BUFFERED = 40000, /* bytes that surely fit between client and server */
};

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

/* ---- combinations ---------------------------------------------------------------------------- */

enum cut { CUT_FIN, CUT_CLOSE, CUT_RESET, CUT_TIMEOUT, CUT_CANCEL, CUT_BYE /* TLS's */, CUTS };

/* How much of the request leaves. In the first two no byte more than the server reads, at first. */
enum timing {
    TIMING_TOGETHER, /* the rest can leave in the moment in which the end arrives */
    TIMING_BEHIND,   /* the rest can leave once the client has seen the end, unless it is a stall */
    TIMING_LATE,     /* the server does nothing before it is all there, or all that fits */
    TIMINGS
};

static const char *const timing_names[] = {"together", "behind", "late"};
static const char *const cut_names[] = {"FIN", "close", "RST", "timeout", "cancel", "close_notify"};

struct asking {
    const char *name;
    enum way way;
    size_t size; /* of the body, at least */
    bool tls;
};

struct combination {
    const struct asking *asking;
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

/* ---- one case -------------------------------------------------------------------------------- */

/* A new client whose body has the number of the case in it, in as many digits as any other. */
static void open_client(struct client *client, size_t size) {
    static const char more[] = "&field=0123456789012345678901234567890123456789";
    static int number;
    struct buffer body;
    buffer_init(&body);
    buffer_printf(&body, "op=modify&bucketname=b1&id=%07d", ++number);
    while (body.length < size)
        buffer_append_string(&body, more);
    client_open(client, 0, body.data);
    buffer_finish(&body);
}

/* Until there is an outcome. */
static void take_turns(struct client *client, const struct combination *c) {
    const struct fault_server *server = &client->server;
    int64_t began = client_real_ms();
    while (client->ends == 0 && client_real_ms() - began < 2L * HANGS_MS) {
        bool ended = server->acted;
        client_turn(client, 1000);
        if ((ended || (server->acted && c->timing == TIMING_TOGETHER)) && !server->stalled)
            client_budget = SIZE_MAX;
        if (client->ends == 0 && server->stalled && c->cut == CUT_CANCEL)
            client_cancel(client);
        else if (server->stalled)
            client_passed_ms += CLIENT_LIMIT_MS;
    }
    assert_int_equal(client->ends, 1);
    client->took_ms = client_real_ms() - began;
    client_budget = SIZE_MAX;
}

/* Of the positions: 0 is before the request's first byte, behind it come request and answer. */
static struct fault_plan plan_of(const struct combination *c, size_t request, size_t at) {
    static const enum fault_end ends[] = {FAULT_FIN,   FAULT_CLOSE, FAULT_RESET,
                                          FAULT_STALL, FAULT_STALL, FAULT_BYE};
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
 * feed, of which libcurl takes the carriage return for the end. With TLS libcurl doesn't ask for a
 * close_notify. */
static bool looks_whole(const struct combination *c, const struct fault_plan *plan) {
    bool ends = c->cut == CUT_FIN || c->cut == CUT_CLOSE || c->cut == CUT_BYE;
    if (plan->read != FAULT_WHOLE || !ends)
        return false;
    if (strcmp(c->framing->name, "chunks") == 0)
        return plan->send == plan->length - 1;
    const char *body = strstr(c->framing->answer, "\r\n\r\n") + 4;
    return c->framing->ends_by_close && plan->send >= (size_t)(body - c->framing->answer);
}

static const char *disagreement(const struct client *client, const struct combination *c,
                                const struct fault_plan *plan) {
    const struct fault_server *server = &client->server;
    if (server->whole > 1)
        return "it arrived twice";
    if (server->strange > 0)
        return "something else arrived";
    if (client->end == HTTP_NOT_SENT && server->whole > 0)
        return "it arrived, and is said not to have been sent";
    if (client->end == HTTP_ANSWERED && server->answered == 0 && !looks_whole(c, plan))
        return "no whole answer was sent, and it is said to be answered";
    if (client->end == HTTP_ANSWERED && server->whole == 0)
        return "it didn't arrive, and is said to be answered";
    if (client->end != HTTP_ANSWERED && server->answered > 0 && c->cut == CUT_FIN &&
        c->asking->way != WAY_LIST)
        return "a whole answer was sent, and isn't taken for one";
    if (client->took_ms > HANGS_MS)
        return "it took too long";
    return NULL;
}

static void serve_one_before(struct client *client) {
    fault_expect(&client->server, NULL, 0, client->body.data);
    client_start(client, WAY_HTTP, false);
    client_run(client);
    assert_int_equal(client->end, HTTP_ANSWERED);
}

static void run_case(struct client *client, const struct combination *c, size_t request, size_t at,
                     struct tally *tally) {
    struct fault_plan plan = plan_of(c, request, at);
    open_client(client, c->asking->size);
    if (c->reused)
        serve_one_before(client);
    fault_expect(&client->server, &plan, 1, client->body.data);
    fault_step(&client->server);
    if (c->timing != TIMING_LATE && plan.read != FAULT_WHOLE && at > 0)
        client_budget = plan.read ? plan.read : 1;
    client_start(client, c->asking->way, c->own);
    take_turns(client, c);
    client_close(client);
    tally->cases++;
    tally->ends[client->end]++;
    tally->arrived += client->server.whole;
    tally->kept += client->server.kept > 0;
    const char *what = disagreement(client, c, &plan);
    if (what == NULL)
        return;
    tally->disagreements++;
    if (tally->disagreements <= 20)
        print_error("%s %s %s %s %s, answer by %s, byte %zu of %zu + %zu: %s\n", c->asking->name,
                    cut_names[c->cut], c->reused ? "used" : "new", c->own ? "own" : "kept",
                    timing_names[c->timing], c->framing->name, at, request, plan.length, what);
}

/* ---- all cases ------------------------------------------------------------------------------- */

/* Every byte in any case: http itself and a change, ended by FIN and by RST, on new and on used
 * connections, kept and own, in the first timing, of the request and of the first answer. */
static size_t stride(const struct combination *c) {
    bool core = (c->cut == CUT_FIN || c->cut == CUT_RESET) && c->timing == TIMING_TOGETHER &&
                c->framing == framings && c->asking->way != WAY_LIST;
    if (c->asking->tls)
        return tests_are_long() ? 1 : QUICK_TLS_STRIDE;
    if (c->asking->size > 0)
        return tests_are_long() ? LARGE_STRIDE : QUICK_STRIDE * LARGE_STRIDE;
    return core || tests_are_long() ? 1 : QUICK_STRIDE;
}

/* The request's length, which is the same for all cases of an asking. */
static size_t measure(struct client *client, const struct asking *asking) {
    open_client(client, asking->size);
    fault_expect(&client->server, NULL, 0, client->body.data);
    client_start(client, asking->way, false);
    client_run(client);
    client_close(client);
    assert_int_equal(client->server.whole, 1);
    return client->server.length;
}

/* All bytes; those of the request once only, since the framing makes no difference to them. */
static void run_bytes(struct client *client, const struct combination *c, size_t request,
                      struct tally *tally) {
    size_t last = request + 1 + strlen(c->framing->answer), step = stride(c);
    size_t first = c->framing == framings ? 0 : request + 1;
    for (size_t at = first; at < last; at += step)
        run_case(client, c, request, at, tally);
    run_case(client, c, request, last, tally);
}

static void run_cut(struct client *client, const struct asking *asking, enum cut cut,
                    struct tally *tally) {
    size_t request = measure(client, asking);
    for (int i = 0; i < 4 * TIMINGS; i++)
        for (int framing = 0; framing < FRAMINGS; framing++) {
            struct combination c = {asking, cut, i & 1, i & 2, i / 4, &framings[framing]};
            if (asking->tls &&
                c.timing != TIMING_LATE) /* the others count the request's own bytes */
                continue;
            if (asking->way != WAY_LIST || !c.own) /* a listing says itself what it needs */
                run_bytes(client, &c, request, tally);
        }
}

static void run_asking(const struct asking *asking) {
    int cases = 0, disagreements = 0;
    for (int cut = 0; cut < (asking->tls ? CUTS : CUT_BYE); cut++) {
        struct client client;
        struct tally tally = {0};
        client_init(&client);
        if (asking->tls)
            fault_use_tls(&client.server);
        run_cut(&client, asking, (enum cut)cut, &tally);
        client_finish(&client);
        printf("# %s, %s: %d cases (%d answered, %d not sent, %d unknown; %d arrived, %d on a used "
               "connection), %d disagreements\n",
               asking->name, cut_names[cut], tally.cases, tally.ends[HTTP_ANSWERED],
               tally.ends[HTTP_NOT_SENT], tally.ends[HTTP_UNKNOWN], tally.arrived, tally.kept,
               tally.disagreements);
        cases += tally.cases;
        disagreements += tally.disagreements;
    }
    printf("# figures: cut connections, %s: %d cases, %d disagreements\n", asking->name, cases,
           disagreements);
    assert_int_equal(disagreements, 0);
}

static void a_request_is_sent_once(void **state) {
    (void)state;
    run_asking(&(struct asking){"http", WAY_HTTP, 0, false});
}

static void a_large_request_is_sent_once(void **state) {
    (void)state;
    run_asking(&(struct asking){"http, 200 kB", WAY_HTTP, LARGE, false});
}

static void a_change_is_sent_once(void **state) {
    (void)state;
    run_asking(&(struct asking){"change", WAY_CHANGE, 0, false});
}

static void a_listing_is_whole_or_none(void **state) {
    (void)state;
    run_asking(&(struct asking){"list", WAY_LIST, 0, false});
}

static void a_change_over_tls_is_sent_once(void **state) {
    (void)state;
    run_asking(&(struct asking){"change over TLS", WAY_CHANGE, 0, true});
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_sent_once),
        cmocka_unit_test(a_large_request_is_sent_once),
        cmocka_unit_test(a_change_is_sent_once),
        cmocka_unit_test(a_listing_is_whole_or_none),
        cmocka_unit_test(a_change_over_tls_is_sent_once),
    };
    signal(SIGPIPE, SIG_IGN); /* OpenSSL's own writing */
    setvbuf(stdout, NULL, _IOLBF, 0);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
