/*
 * What each status means, with and without a body, to a reading and to a change (the table in
 * service/infinstor.h); and that no status leads a request, or its token, elsewhere.
 */
#include "client.h"

#include <poll.h>

#define LISTING "{\"InfinSnapBuckets\":[{\"bucketname\":\"a\"}]}"
#define LOGIN   "<html><body>Login expired. Please login again</body></html>"

static const char body[] = "op=modify&bucketname=b1";

static const char *const kind_names[] = {
    [ANSWER_OK] = "OK",
    [ANSWER_LOGIN_EXPIRED] = "LOGIN_EXPIRED",
    [ANSWER_FORBIDDEN] = "FORBIDDEN",
    [ANSWER_UNMATCHED] = "UNMATCHED",
    [ANSWER_REFUSED] = "REFUSED",
    [ANSWER_TROUBLED] = "TROUBLED",
    [ANSWER_UNREADABLE] = "UNREADABLE",
    [ANSWER_NOT_SENT] = "NOT_SENT",
    [ANSWER_UNKNOWN] = "UNKNOWN",
};

enum content { NOTHING, LISTED, WORDS, PAGE, EXPIRED, CONTENTS };

static const char *const contents[] = {"", LISTING, "no", "<html>no</html>", LOGIN};

/* ---- the table ------------------------------------------------------------------------------- */

/* No body comes with these, whatever their heads say (RFC 9112, 6.3). */
static bool has_no_body(int status) {
    return status == 204 || status == 304;
}

/* Both ways, but for 2xx; what is said of it in infinstor.h. */
static enum answer_kind kind_beyond_200(int status) {
    switch (status) {
    case 401:
        return ANSWER_LOGIN_EXPIRED;
    case 403:
        return ANSWER_FORBIDDEN;
    case 412:
        return ANSWER_UNMATCHED;
    case 408:
        return ANSWER_TROUBLED;
    default:
        return status >= 400 && status <= 499 ? ANSWER_REFUSED : ANSWER_TROUBLED;
    }
}

static enum answer_kind kind_of_change(int status, enum content content) {
    if (status < 200) /* never an answer */
        return ANSWER_UNKNOWN;
    if (status > 299)
        return kind_beyond_200(status);
    return content == EXPIRED && !has_no_body(status) ? ANSWER_LOGIN_EXPIRED : ANSWER_OK;
}

static enum answer_kind kind_of_list(int status, enum content content) {
    if (status >= 200 && status <= 299 && content != EXPIRED)
        return content == LISTED && !has_no_body(status) ? ANSWER_OK : ANSWER_UNREADABLE;
    if (status >= 200 && status <= 299 && has_no_body(status))
        return ANSWER_UNREADABLE;
    return kind_of_change(status, content);
}

/* ---- asking ---------------------------------------------------------------------------------- */

static void ask(struct client *client, enum way way, const char *answer) {
    const struct fault_plan plan = {.read = FAULT_WHOLE,
                                    .answer = answer,
                                    .length = strlen(answer),
                                    .send = FAULT_WHOLE,
                                    .end = FAULT_FIN};
    client_open(client, 0, body);
    fault_expect(&client->server, &plan, 1, body);
    client_start(client, way, false);
    client_run(client);
    client_close(client);
    assert_int_equal(client->server.whole, 1);
    assert_int_equal(client->server.strange, 0);
}

/* framed: with a Content-Length; else the body ends with the connection. */
static int ask_status(struct client *client, enum way way, int status, enum content content,
                      bool framed) {
    char answer[512], length[64] = "";
    if (framed)
        snprintf(length, sizeof length, "Content-Length: %zu\r\n", strlen(contents[content]));
    snprintf(answer, sizeof answer, "HTTP/1.1 %d Reason\r\n%s\r\n%s", status, length,
             contents[content]);
    ask(client, way, answer);
    enum answer_kind wanted =
        way == WAY_LIST ? kind_of_list(status, content) : kind_of_change(status, content);
    bool good = client->answer.kind == wanted &&
                client->answer.status == (status < 200 ? 0 : status) &&
                (client->entries == 1) == (wanted == ANSWER_OK && way == WAY_LIST);
    if (!good)
        print_error("%s, %d with \"%s\"%s: %s %ld \"%s\", wanted %s\n",
                    way == WAY_LIST ? "list" : "change", status, contents[content],
                    framed ? "" : " until closed", kind_names[client->answer.kind],
                    client->answer.status, client->answer.text, kind_names[wanted]);
    return !good;
}

static void each_status_means_what_the_table_says(void **state) {
    (void)state;
    struct client client;
    int wrong = 0, cases = 0, ways = tests_are_long() ? 4 : 2;
    client_init(&client);
    for (int status = 100; status <= 599; status++)
        for (int content = 0; content < CONTENTS; content++)
            for (int i = 0; i < ways; i++, cases++)
                wrong += ask_status(&client, i % 2 ? WAY_LIST : WAY_CHANGE, status,
                                    (enum content)content, i < 2);
    client_finish(&client);
    printf("# figures: statuses 100 to 599: %d cases, %d disagreements\n", cases, wrong);
    assert_int_equal(wrong, 0);
}

/* ---- redirects ------------------------------------------------------------------------------- */

static const int redirects[] = {300, 301, 302, 303, 305, 307, 308};

/* * is the other listener's port. */
static const char *const places[] = {
    "http://127.0.0.1:*/",
    "http://localhost:*/add-mod-del-bucket",
    "https://127.0.0.1:*/",
    "//127.0.0.1:*/",
    "HTTP://127.0.0.2:*/",
    "http://user:password@127.0.0.1:*/",
    "ftp://127.0.0.1:*/",
    "telnet://127.0.0.1:*/",
    "gopher://127.0.0.1:*/",
    "smb://127.0.0.1:*/a/b",
    "file:///etc/passwd?*",
    "/elsewhere?*",
    "?*",
};

static const char *const headers[] = {
    "Location: ",
    "Refresh: 0; url=",
    "Content-Location: ",
    "Link: ",
    "Alt-Svc: h2=\":443\"; ma=3600\r\nLocation: ",
};

static void ask_redirected(struct client *client, int status, const char *header, const char *place,
                           int port) {
    char answer[512];
    const char *star = strchr(place, '*');
    snprintf(answer, sizeof answer,
             "HTTP/1.1 %d Elsewhere\r\n%s%.*s%d%s\r\nContent-Length: 0\r\n\r\n", status, header,
             (int)(star - place), place, port, star + 1);
    for (int way = WAY_HTTP; way <= WAY_LIST; way++) {
        ask(client, (enum way)way, answer);
        if (way == WAY_HTTP)
            assert_int_equal(client->result.status, status);
        else
            assert_int_equal(client->answer.kind, ANSWER_TROUBLED);
        assert_int_equal(client->server.kept, 0);
    }
}

static bool was_visited(const struct fault_server *server) {
    struct pollfd wait = {.fd = server->listener, .events = POLLIN};
    return poll(&wait, 1, 0) != 0;
}

static void nothing_leads_elsewhere(void **state) {
    (void)state;
    struct fault_server other;
    struct client client;
    int cases = 0;
    fault_open(&other);
    client_init(&client);
    for (size_t s = 0; s < sizeof redirects / sizeof *redirects; s++)
        for (size_t h = 0; h < sizeof headers / sizeof *headers; h++)
            for (size_t p = 0; p < sizeof places / sizeof *places; p++, cases += 3) {
                ask_redirected(&client, redirects[s], headers[h], places[p], other.port);
                assert_false(was_visited(&other));
                assert_false(was_visited(&client.server));
            }
    client_finish(&client);
    fault_close(&other);
    printf("# figures: redirects: %d cases, none followed\n", cases);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_status_means_what_the_table_says),
        cmocka_unit_test(nothing_leads_elsewhere),
    };
    setvbuf(stdout, NULL, _IOLBF, 0);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
