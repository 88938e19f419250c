/*
 * Answers that are too much, that say two things of their own length, or that are none: what comes
 * of them, and that neither memory nor time is lost to them.
 */
#include "client.h"

#include <sys/resource.h>
#include <sys/socket.h>

enum {
    LIMIT_MS = 300,
    LATE_MS = 2000,        /* what a busy machine is given on top */
    MEMORY_KB = 32 * 1024, /* what an endless answer may cost, with the sanitizers' own */
    HEADERS = 100000,
    TOO_LONG = 300 * 1000, /* for a head */
    ZEROS = 10 * 1000 * 1000,
    LIST_BYTES = 2 * 1024 * 1024,
};

#define OK   "HTTP/1.1 200 OK\r\n"
#define JSON "{\"InfinSnapBuckets\":[]}"

static const char body[] = "op=modify&bucketname=b1";

static long memory_kb(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

/* One request with its answer, on a connection that could be kept. client is to be closed. */
static void ask_by(struct client *client, enum way way, const struct fault_plan *plan) {
    client_init(client);
    client_open(client, LIMIT_MS, body);
    fault_expect(&client->server, plan, 1, body);
    client_start(client, way, false);
    client_run(client);
}

static void close_all(struct client *client) {
    client_close(client);
    assert_in_range(client->server.whole, 0, 1);
    client_finish(client);
}

static struct fault_plan plan_of(const char *answer, size_t length) {
    return (struct fault_plan){
        .read = FAULT_WHOLE, .answer = answer, .length = length, .send = FAULT_WHOLE};
}

static void expect_answer(const struct client *client, enum answer_kind kind, const char *text) {
    assert_string_equal(client->answer.text, text);
    assert_int_equal(client->answer.kind, kind);
}

/* ---- without end ----------------------------------------------------------------------------- */

/* An answer in chunks that never ends: begin once, and piece over and over. */
static void ask_for_ever(struct client *client, enum way way, const char *begin,
                         const char *piece) {
    struct buffer answer;
    buffer_init(&answer);
    buffer_printf(&answer, OK "Transfer-Encoding: chunked\r\n\r\n%zx\r\n%s\r\n", strlen(begin),
                  begin);
    size_t again = answer.length;
    for (int i = 0; i < 100; i++)
        buffer_printf(&answer, "%zx\r\n%s\r\n", strlen(piece), piece);
    struct fault_plan plan = plan_of(answer.data, answer.length);
    plan.again = again;
    long before = memory_kb();
    client_init(client);
    client_open(client, LIMIT_MS, body);
    infinstor_destroy(client->infinstor);
    char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%d", client->server.port);
    client->infinstor =
        infinstor_create(client->http, &(struct infinstor_settings){.base_url = url,
                                                                    .list_body = client->body.data,
                                                                    .timeout_ms = LIMIT_MS,
                                                                    .list_bytes = LIST_BYTES});
    fault_expect(&client->server, &plan, 1, body);
    client_start(client, way, true);
    client_run(client);
    assert_in_range(client->took_ms, 0, LIMIT_MS + LATE_MS);
    assert_in_range(memory_kb() - before, 0, MEMORY_KB);
    printf("# %zu kB of an endless answer, %d ms, %ld kB of memory\n", client->server.sent / 1000,
           (int)client->took_ms, memory_kb() - before);
    close_all(client);
    buffer_finish(&answer);
}

static void an_endless_answer_ends(void **state) {
    (void)state;
    struct client client;
    char blanks[4097];
    memset(blanks, ' ', sizeof blanks - 1);
    blanks[sizeof blanks - 1] = '\0';
    ask_for_ever(&client, WAY_CHANGE, "{}", blanks);
    expect_answer(&client, ANSWER_UNKNOWN, "no answer within 0.3 s");
    assert_true(client.server.sent > LIST_BYTES);
    ask_for_ever(&client, WAY_LIST, "hello", blanks);
    assert_int_equal(client.answer.kind, ANSWER_UNREADABLE);
    ask_for_ever(&client, WAY_LIST, "{\"InfinSnapBuckets\":[", blanks);
    expect_answer(&client, ANSWER_UNREADABLE, "the listing is larger than 2 MiB");
    ask_for_ever(&client, WAY_LIST, "{\"InfinSnapBuckets\":[{\"bucketname\":\"a\"}",
                 ",{\"bucketname\":\"bucket-with-a-name\"}");
    expect_answer(&client, ANSWER_UNREADABLE, "the listing is larger than 2 MiB");
    assert_true(client.entries > 10000);
}

/* ---- compressed ------------------------------------------------------------------------------ */

struct bits {
    struct buffer *out;
    unsigned held;
    int count;
};

/* Deflate's order of bits (RFC 1951, 3.1.1): from the lowest of a byte on. */
static void put_bits(struct bits *bits, unsigned value, int count) {
    for (int i = 0; i < count; i++) {
        bits->held |= (value >> i & 1) << bits->count;
        if (++bits->count == 8) {
            buffer_append_char(bits->out, (char)bits->held);
            bits->held = 0;
            bits->count = 0;
        }
    }
}

/* gzip of so many zeros (and up to 258 more), without its check sums, which come too late to help.
 */
static void make_bomb(struct buffer *out, size_t zeros) {
    struct bits bits = {.out = out};
    buffer_append(out, "\x1f\x8b\x08\0\0\0\0\0\0\xff", 10);
    put_bits(&bits, 3, 3);    /* the last block, fixed codes */
    put_bits(&bits, 0x0C, 8); /* a zero: 00110000, highest bit first */
    for (size_t done = 0; done < zeros; done += 258) {
        put_bits(&bits, 0xA3, 8); /* 258 bytes: 11000101, highest bit first */
        put_bits(&bits, 0, 5);    /* from one byte back */
    }
    put_bits(&bits, 0, 7 + 7); /* the end, and whole bytes */
}

static void ask_for_bomb(struct client *client, enum way way, const char *status,
                         const char *header) {
    struct buffer bomb, answer;
    buffer_init(&bomb);
    buffer_init(&answer);
    make_bomb(&bomb, ZEROS);
    buffer_printf(&answer, "HTTP/1.1 %s\r\n%s: gzip\r\nContent-Length: %zu\r\n\r\n", status, header,
                  bomb.length);
    buffer_append(&answer, bomb.data, bomb.length);
    struct fault_plan plan = plan_of(answer.data, answer.length);
    plan.end = FAULT_FIN;
    ask_by(client, way, &plan);
    assert_true(client->came <= bomb.length);
    assert_null(strcasestr(client->server.saw.data, "Accept-Encoding"));
    close_all(client);
    buffer_finish(&bomb);
    buffer_finish(&answer);
}

static void a_compressed_answer_stays_so(void **state) {
    (void)state;
    struct client client;
    ask_for_bomb(&client, WAY_HTTP, "200 OK", "Content-Encoding");
    assert_int_equal(client.end, HTTP_ANSWERED);
    assert_string_equal(client.result.encoding, "gzip");
    assert_in_range(client.came, ZEROS / 200, ZEROS / 100);
    ask_for_bomb(&client, WAY_LIST, "200 OK", "Content-Encoding");
    expect_answer(&client, ANSWER_UNREADABLE,
                  "the answer is compressed (gzip), which wasn't asked for");
    ask_for_bomb(&client, WAY_CHANGE, "200 OK", "Content-Encoding");
    expect_answer(&client, ANSWER_OK, "its answer is compressed (gzip)");
    ask_for_bomb(&client, WAY_CHANGE, "400 No", "Content-Encoding");
    expect_answer(&client, ANSWER_REFUSED, "the service answered 400");
}

/* libcurl would inflate this one, asked or not. */
static void a_compressed_transfer_is_left(void **state) {
    (void)state;
    struct client client;
    for (int way = WAY_HTTP; way <= WAY_LIST; way++) {
        ask_for_bomb(&client, (enum way)way, "200 OK", "Transfer-Encoding");
        assert_int_equal(client.end, HTTP_UNKNOWN);
        assert_int_equal(client.came, 0);
    }
    expect_answer(&client, ANSWER_UNKNOWN,
                  "the answer is encoded in a way that wasn't asked for (Transfer-Encoding)");
}

/* ---- heads ----------------------------------------------------------------------------------- */

static void ask_with_head(struct client *client, enum way way, const struct buffer *head) {
    struct fault_plan plan = plan_of(head->data, head->length);
    long before = memory_kb();
    ask_by(client, way, &plan);
    assert_in_range(client->took_ms, 0, LIMIT_MS - 1);
    assert_in_range(memory_kb() - before, 0, MEMORY_KB);
    assert_int_equal(client->end, HTTP_UNKNOWN);
    close_all(client);
}

static void a_head_has_an_end(void **state) {
    (void)state;
    struct client client;
    struct buffer head;
    buffer_init(&head);
    buffer_append_string(&head, OK "Content-Length: 23\r\n");
    for (int i = 0; i < HEADERS; i++)
        buffer_printf(&head, "X-Header-%d: value\r\n", i);
    buffer_append_string(&head, "\r\n" JSON);
    for (int way = WAY_HTTP; way <= WAY_LIST; way++)
        ask_with_head(&client, (enum way)way, &head);
    expect_answer(&client, ANSWER_UNKNOWN, "the answer's head is larger than 256 KiB");

    buffer_clear(&head);
    buffer_append_string(&head, OK "Content-Length: 23\r\nX-Long: ");
    while (head.length < TOO_LONG)
        buffer_append_string(&head, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
    buffer_append_string(&head, "\r\n\r\n" JSON);
    for (int way = WAY_HTTP; way <= WAY_LIST; way++)
        ask_with_head(&client, (enum way)way, &head);
    assert_non_null(strstr(client.answer.text, "a line of its head has over 100 kB"));
    buffer_finish(&head);
}

/* Heads without end, each whole by itself. */
static void interim_answers_have_an_end(void **state) {
    (void)state;
    static const char interim[] = "HTTP/1.1 102 Processing\r\n\r\n";
    struct client client;
    struct buffer head;
    buffer_init(&head);
    while (head.length < TOO_LONG)
        buffer_append_string(&head, interim);
    for (int way = WAY_HTTP; way <= WAY_LIST; way++)
        ask_with_head(&client, (enum way)way, &head);
    expect_answer(&client, ANSWER_UNKNOWN, "the answer's head is larger than 256 KiB");
    buffer_finish(&head);
}

/* ---- lengths --------------------------------------------------------------------------------- */

#define NUMBER "the answer's Content-Length is no number"
#define RULES  "the answer breaks HTTP's rules: Invalid Content-Length: value"
#define TWO    "the answer has two different Content-Lengths"
#define CUT    "the answer was cut off"

struct length {
    const char *said; /* as Content-Length, of a body of 23 bytes */
    enum http_end end;
    const char *text;
};

static const struct length lengths[] = {
    {"23", HTTP_ANSWERED, ""},
    {"0", HTTP_ANSWERED, ""},
    {"3", HTTP_ANSWERED, ""},
    {"000023", HTTP_ANSWERED, ""},
    {"23\r\nContent-Length: 23", HTTP_ANSWERED, ""},
    {"24", HTTP_UNKNOWN, CUT},
    {"9223372036854775807", HTTP_UNKNOWN, CUT},
    {"-1", HTTP_UNKNOWN, RULES},
    {"-23", HTTP_UNKNOWN, RULES},
    {"+23", HTTP_UNKNOWN, NUMBER},
    {"0x17", HTTP_UNKNOWN, NUMBER},
    {"23abc", HTTP_UNKNOWN, NUMBER},
    {"", HTTP_UNKNOWN, RULES},
    {"23, 23", HTTP_UNKNOWN, NUMBER},
    {"23, 24", HTTP_UNKNOWN, NUMBER},
    {"9223372036854775808", HTTP_UNKNOWN, NUMBER},
    {"18446744073709551639", HTTP_UNKNOWN, NUMBER},
    {"23\r\nContent-Length: 24", HTTP_UNKNOWN, TWO},
    {"24\r\ncontent-length:23", HTTP_UNKNOWN, TWO},
    {"23\r\nContent-Length: 3", HTTP_UNKNOWN, TWO},
};

/* What is left over must not answer the next request, which would be on the same connection. */
static void ask_again(struct client *client) {
    fault_step(&client->server);
    fault_expect(&client->server, NULL, 0, body);
    client_start(client, WAY_HTTP, false);
    client_run(client);
    assert_int_equal(client->end, HTTP_ANSWERED);
    assert_int_equal(client->came, 4);
    assert_int_equal(client->server.whole, 1);
}

static void a_wrong_length_is_no_answer(void **state) {
    (void)state;
    for (size_t i = 0; i < 2 * sizeof lengths / sizeof *lengths; i++) {
        const struct length *length = &lengths[i / 2];
        struct client client;
        char answer[256];
        snprintf(answer, sizeof answer, OK "Content-Length: %s\r\n\r\n" JSON, length->said);
        struct fault_plan plan = plan_of(answer, strlen(answer));
        plan.end = i % 2 ? FAULT_GO_ON : FAULT_FIN;
        ask_by(&client, WAY_HTTP, &plan);
        bool waited = plan.end == FAULT_GO_ON && strcmp(length->text, CUT) == 0;
        assert_string_equal(client.result.text, waited ? "no answer within 0.3 s" : length->text);
        assert_int_equal(client.end, length->end);
        ask_again(&client);
        close_all(&client);
    }
}

/* ---- answers to nothing ---------------------------------------------------------------------- */

static const char yes[] = OK "Content-Length: 23\r\n\r\n" JSON;
static const char no[] = "HTTP/1.1 409 Conflict\r\nContent-Length: 2\r\n\r\nno";

static const char *unasked;

static void say_unasked(void *context) {
    struct client *client = context;
    const struct fault_connection *connection = &client->server.connections[0];
    ssize_t sent = sendto(connection->file, unasked, strlen(unasked), MSG_NOSIGNAL, NULL, 0);
    assert_int_equal(sent, strlen(unasked));
}

/* A request on a connection that has served one; an answer that nobody asked for lies there before
 * it begins, or arrives when its head has just left. */
static void ask_after_left_over(struct client *client, enum way way, const char *left,
                                bool before) {
    client_init(client);
    client_open(client, LIMIT_MS, body);
    fault_expect(&client->server, NULL, 0, body);
    client_start(client, WAY_HTTP, false);
    client_run(client);
    assert_int_equal(client->end, HTTP_ANSWERED);
    fault_expect(&client->server, NULL, 0, body);
    unasked = left;
    client_context = client;
    if (before)
        say_unasked(client);
    else
        client_after_send = say_unasked;
    client_start(client, way, false);
    client_run(client);
    client_close(client);
    client_finish(client);
}

static void what_is_left_over_answers_nothing(void **state) {
    (void)state;
    struct client client;
    for (int i = 0; i < 4; i++) {
        ask_after_left_over(&client, i / 2 ? WAY_CHANGE : WAY_HTTP, yes, i % 2);
        assert_int_equal(client.end, HTTP_NOT_SENT);
        assert_int_equal(client.server.whole, 0);
    }
    assert_string_equal(client.answer.text, "an answer came before the request was sent");
    ask_after_left_over(&client, WAY_LIST, yes, false);
    assert_int_equal(client.answer.kind, ANSWER_NOT_SENT);
}

/* That may come before the request is all there, and then nothing more of it leaves. */
static void an_early_refusal_is_one(void **state) {
    (void)state;
    struct client client;
    for (int way = WAY_HTTP; way <= WAY_CHANGE; way++) {
        ask_after_left_over(&client, (enum way)way, no, false);
        assert_int_equal(client.end, HTTP_ANSWERED);
        assert_int_equal(client.server.whole, 0);
    }
    assert_int_equal(client.answer.kind, ANSWER_REFUSED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_endless_answer_ends),
        cmocka_unit_test(a_compressed_answer_stays_so),
        cmocka_unit_test(a_compressed_transfer_is_left),
        cmocka_unit_test(a_head_has_an_end),
        cmocka_unit_test(interim_answers_have_an_end),
        cmocka_unit_test(a_wrong_length_is_no_answer),
        cmocka_unit_test(what_is_left_over_answers_nothing),
        cmocka_unit_test(an_early_refusal_is_one),
    };
    setvbuf(stdout, NULL, _IOLBF, 0);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
