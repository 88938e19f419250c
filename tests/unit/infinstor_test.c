#include "tests.h"

#include "pail/base/memory.h"
#include "pail/service/infinstor.h"

/* ---- a transport without a network ----------------------------------------------------------- */

struct http_call {
    struct http_request request;
    char *url, *body, *authorization, *header;
};

struct http {
    struct http_call *call; /* the last one; NULL: ended or cancelled */
    int started, cancelled;
    bool refuses, stopped;
};

static void forget(struct http *http) {
    free(http->call->url);
    free(http->call->body);
    free(http->call->authorization);
    free(http->call->header);
    free(http->call);
    http->call = NULL;
}

struct http_call *http_start(struct http *http, const struct http_request *request,
                             struct error *error) {
    if (http->refuses) {
        error_set(error, "plain http only to this machine; use https");
        return NULL;
    }
    assert_null(http->call);
    http->call = memory_new(1, sizeof *http->call);
    http->call->request = *request;
    http->call->url = memory_string(request->url);
    http->call->body = memory_string_n(request->body, request->body_length);
    http->call->authorization = memory_string(request->authorization);
    http->call->header = request->headers[0] ? memory_string(request->headers[0]) : NULL;
    http->started++;
    return http->call;
}

enum http_end http_cancel(struct http *http, struct http_call *call) {
    assert_ptr_equal(call, http->call);
    http->cancelled++;
    forget(http);
    return HTTP_UNKNOWN;
}

void http_progress(const struct http_call *call, size_t *received, size_t *expected) {
    (void)call;
    *received = 7;
    *expected = 11;
}

enum { LONG = 1000000 };

/* ---- the stage ------------------------------------------------------------------------------- */

struct stage {
    struct http http;
    struct infinstor *infinstor;
    int entries, ends;
    char names[64];
    struct answer answer;
    char user[32]; /* the account's userName; "" if there was no account */
    bool again;    /* the end of a listing starts another */
};

static void take_entry(void *context, const struct bucket *bucket) {
    struct stage *stage = context;
    size_t used = strlen(stage->names);
    const char *name = bucket->value[FIELD_NAME];
    snprintf(stage->names + used, sizeof stage->names - used, "%s,", name ? name : "?");
    stage->entries++;
}

static void list(struct stage *stage);

static void end_list(void *context, const struct answer *answer, const struct reader *account) {
    struct stage *stage = context;
    stage->ends++;
    stage->answer = *answer;
    const char *user = account ? reader_account(account, "userName") : NULL;
    snprintf(stage->user, sizeof stage->user, "%s", user ? user : "");
    assert_true((account != NULL) == (answer->kind == ANSWER_OK));
    if (stage->again)
        list(stage);
}

static void end_change(void *context, const struct answer *answer) {
    struct stage *stage = context;
    stage->ends++;
    stage->answer = *answer;
}

static void stage_open(struct stage *stage, const struct infinstor_settings *settings) {
    *stage = (struct stage){.ends = 0};
    stage->infinstor = infinstor_create(&stage->http, settings);
}

static const struct infinstor_settings plain = {.base_url = "https://api.example.com",
                                                .timeout_ms = 30000};

static void list(struct stage *stage) {
    struct error error = {""};
    const struct infinstor_list_listener listener = {take_entry, end_list, stage};
    stage->again = false;
    assert_non_null(infinstor_list(stage->infinstor, "id-token", &listener, &error));
}

static const char change_body[] = "op=delete&bucketname=b1";

static const struct infinstor_post change_post = {
    .body = change_body, .length = sizeof change_body - 1, .own_connection = true};

static void post(struct stage *stage, const struct infinstor_post *what) {
    struct error error = {""};
    const struct infinstor_change_listener listener = {end_change, stage};
    assert_non_null(infinstor_change(stage->infinstor, "id-token", what, &listener, &error));
}

static void change(struct stage *stage) {
    post(stage, &change_post);
}

/* Hands out an answer's body in pieces of that size, until it isn't wanted any more. */
static void feed(struct stage *stage, long status, const char *body, size_t length, size_t piece) {
    const struct http_request *request = &stage->http.call->request;
    for (size_t at = 0; at < length && !stage->http.stopped; at += piece) {
        size_t now = length - at < piece ? length - at : piece;
        stage->http.stopped = !request->data(request->context, status, body + at, now);
    }
}

static void end(struct stage *stage, const struct http_result *result) {
    struct http_request request = stage->http.call->request;
    forget(&stage->http);
    request.end(request.context, result);
}

static void answer_in(struct stage *stage, long status, const char *body, size_t piece) {
    struct http_result result = {.end = HTTP_ANSWERED, .status = status};
    feed(stage, status, body, strlen(body), piece);
    if (stage->http.stopped) {
        result.end = HTTP_UNKNOWN;
        snprintf(result.text, sizeof result.text, "the rest of the answer was not read");
    }
    end(stage, &result);
}

static void expect(const struct stage *stage, enum answer_kind kind, const char *text) {
    assert_string_equal(stage->answer.text, text);
    assert_int_equal(stage->answer.kind, kind);
    assert_int_equal(stage->ends, 1);
    assert_null(stage->http.call);
}

static const char login_page[] =
    "<!DOCTYPE html>\n<html><head><meta http-equiv=\"refresh\" content=\"3;url=login.html\">"
    "</head>\n<body>Login expired. Please login again</body></html>\n";

static const char listing[] = "{\"userName\": \"ann\", \"InfinSnapBuckets\": ["
                              "{\"bucketname\": \"a\"}, {\"bucketname\": \"b\"}]}";

/* ---- what is sent ---------------------------------------------------------------------------- */

static void a_listing_is_asked_for(void **state) {
    (void)state;
    struct stage stage;
    stage_open(&stage, &plain);
    list(&stage);
    const struct http_call *call = stage.http.call;
    assert_string_equal(call->url, "https://api.example.com/customerinfo");
    assert_string_equal(call->body, "ProductCode=9fcazc4rbiwp6ewg4xlt5c8fu&clientType=browser");
    assert_string_equal(call->authorization, "id-token");
    assert_int_equal(call->request.idle_ms, 30000);
    assert_int_equal(call->request.total_ms, 0);
    infinstor_destroy(stage.infinstor);
    assert_int_equal(stage.http.cancelled, 1);
    assert_int_equal(stage.ends, 0);
}

static void paths_and_bodies_can_be_set(void **state) {
    (void)state;
    struct stage stage;
    stage_open(&stage, &(struct infinstor_settings){.base_url = "https://x.example/base//",
                                                    .list_path = "buckets?all=1",
                                                    .list_body = ""});
    list(&stage);
    assert_string_equal(stage.http.call->url, "https://x.example/base/buckets?all=1");
    assert_string_equal(stage.http.call->body, "");
    assert_string_equal(infinstor_change_url(stage.infinstor),
                        "https://x.example/base/add-mod-del-bucket");
    infinstor_destroy(stage.infinstor);
}

static void an_id_token_can_go_along(void **state) {
    (void)state;
    struct stage stage;
    stage_open(&stage, &plain);
    for (int with = 0; with < 3; with++) {
        infinstor_set_id_token(stage.infinstor, with == 1 ? "eyJ" : with == 2 ? "" : NULL);
        for (int is_list = 0; is_list < 2; is_list++) {
            is_list ? list(&stage) : change(&stage);
            if (with == 1)
                assert_string_equal(stage.http.call->header, "Idtoken: eyJ");
            else
                assert_null(stage.http.call->header);
            answer_in(&stage, 200, listing, 100);
        }
    }
    infinstor_set_id_token(stage.infinstor, "eyJ");
    infinstor_destroy(stage.infinstor);
}

static void the_service_may_ask_to_wait(void **state) {
    (void)state;
    for (int i = 0; i < 4; i++) {
        struct stage stage;
        struct http_result result = {
            .end = HTTP_ANSWERED, .status = 429, .retry_after = i < 2 ? 30 : 0};
        stage_open(&stage, &plain);
        i % 2 ? list(&stage) : change(&stage);
        feed(&stage, 429, "<html>slow", 10, 10);
        end(&stage, &result);
        expect(&stage, ANSWER_REFUSED,
               i < 2 ? "too many requests: the service asks to wait 30 s (429)"
                     : "too many requests: the service asks to wait a while (429)");
        assert_int_equal(stage.answer.retry_after, i < 2 ? 30 : 0);
        infinstor_destroy(stage.infinstor);
    }
}

static void a_change_is_sent(void **state) {
    (void)state;
    struct stage stage;
    stage_open(&stage, &plain);
    change(&stage);
    const struct http_call *call = stage.http.call;
    assert_string_equal(call->url, infinstor_change_url(stage.infinstor));
    assert_ptr_equal(call->request.body, change_body);
    assert_true(call->request.own_connection);
    assert_int_equal(call->request.total_ms, 30000);
    answer_in(&stage, 200, "{}", 100);
    expect(&stage, ANSWER_OK, "");
    assert_int_equal(stage.http.started, 1);
    infinstor_destroy(stage.infinstor);
}

static void what_cannot_start_says_so(void **state) {
    (void)state;
    struct stage stage;
    struct error error = {""};
    stage_open(&stage, &plain);
    stage.http.refuses = true;
    assert_null(infinstor_list(stage.infinstor, "t",
                               &(struct infinstor_list_listener){take_entry, end_list, &stage},
                               &error));
    assert_non_null(strstr(error.text, "plain http"));
    assert_null(infinstor_change(stage.infinstor, "t", &change_post,
                                 &(struct infinstor_change_listener){end_change, &stage}, NULL));
    infinstor_destroy(stage.infinstor);
    assert_int_equal(stage.ends, 0);
}

static void a_call_can_be_dropped(void **state) {
    (void)state;
    struct stage stage;
    size_t received, expected;
    stage_open(&stage, &plain);
    const struct infinstor_change_listener listener = {end_change, &stage};
    struct infinstor_call *call =
        infinstor_change(stage.infinstor, "t", &change_post, &listener, NULL);
    infinstor_progress(call, &received, &expected);
    assert_int_equal(received, 7);
    assert_int_equal(expected, 11);
    assert_int_equal(infinstor_cancel(stage.infinstor, call), HTTP_UNKNOWN);
    list(&stage);
    infinstor_destroy(stage.infinstor);
    assert_int_equal(stage.http.cancelled, 2);
    assert_int_equal(stage.ends, 0);
}

/* ---- what a listing's answer means ----------------------------------------------------------- */

static void a_listing_streams_in(void **state) {
    (void)state;
    for (size_t piece = 1; piece < sizeof listing; piece += 9) {
        struct stage stage;
        stage_open(&stage, &plain);
        list(&stage);
        answer_in(&stage, 200, listing, piece);
        expect(&stage, ANSWER_OK, "");
        assert_string_equal(stage.names, "a,b,");
        assert_string_equal(stage.user, "ann");
        assert_string_equal(stage.answer.excerpt, "");
        infinstor_destroy(stage.infinstor);
    }
}

static void an_end_may_start_the_next(void **state) {
    (void)state;
    struct stage stage;
    stage_open(&stage, &plain);
    list(&stage);
    stage.again = true;
    answer_in(&stage, 504, "", 100);
    assert_non_null(stage.http.call);
    answer_in(&stage, 200, listing, 100);
    assert_int_equal(stage.answer.kind, ANSWER_OK);
    assert_int_equal(stage.ends, 2);
    infinstor_destroy(stage.infinstor);
}

struct meaning {
    long status;
    const char *body;
    enum answer_kind kind;
    const char *text;
};

static void statuses_of_a_listing(void **state) {
    (void)state;
    static const struct meaning meanings[] = {
        {200, login_page, ANSWER_LOGIN_EXPIRED, ANSWER_LOGIN_EXPIRED_TEXT},
        {401, "{\"message\":\"Unauthorized\"}", ANSWER_LOGIN_EXPIRED, ANSWER_LOGIN_EXPIRED_TEXT},
        {403, "no", ANSWER_FORBIDDEN, "not an administrator (403)"},
        {404, "there is nothing here\n", ANSWER_REFUSED,
         "the service answered 404: there is nothing here"},
        {404, "<html>Not Found</html>", ANSWER_REFUSED, "the service answered 404"},
        {302, "", ANSWER_TROUBLED, "the service answered 302"},
        {500, "oops", ANSWER_TROUBLED, "the service answered 500: oops"},
        {504, login_page, ANSWER_TROUBLED, "the service answered 504"},
    };
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
        for (size_t piece = 1; piece < 300; piece += 101) {
            struct stage stage;
            stage_open(&stage, &plain);
            list(&stage);
            answer_in(&stage, meanings[i].status, meanings[i].body, piece);
            expect(&stage, meanings[i].kind, meanings[i].text);
            assert_int_equal(stage.answer.status, meanings[i].status);
            assert_int_equal(stage.entries, 0);
            infinstor_destroy(stage.infinstor);
        }
}

static void a_page_that_is_no_listing(void **state) {
    (void)state;
    struct stage stage;
    stage_open(&stage, &plain);
    list(&stage);
    answer_in(&stage, 200, "<html>Welcome to the hotel", 5);
    assert_int_equal(stage.answer.kind, ANSWER_UNREADABLE);
    assert_string_not_equal(stage.answer.text, "");
    assert_string_equal(stage.answer.excerpt, "<html>Welcome to the hotel");
    infinstor_destroy(stage.infinstor);
}

/* The words alone don't make a login page: they may be in an entry. */
static void an_entry_may_say_that_the_login_expired(void **state) {
    (void)state;
    struct stage stage;
    stage_open(&stage, &plain);
    list(&stage);
    answer_in(&stage, 200, "{\"InfinSnapBuckets\": [{\"bucketname\": \"Login expired\"}]}", 100);
    expect(&stage, ANSWER_OK, "");
    infinstor_destroy(stage.infinstor);
}

static void endless_rubbish_is_left(void **state) {
    (void)state;
    for (int status = 200; status <= 500; status += 300) {
        struct stage stage;
        stage_open(&stage, &plain);
        list(&stage);
        char *rubbish = memory_new(1, LONG);
        memset(rubbish, 'x', LONG - 1);
        answer_in(&stage, status, rubbish, 1000);
        assert_true(stage.http.stopped);
        assert_int_equal(stage.answer.kind, status == 200 ? ANSWER_UNREADABLE : ANSWER_TROUBLED);
        assert_int_equal(strlen(stage.answer.excerpt), 200);
        assert_int_equal(stage.ends, 1);
        free(rubbish);
        infinstor_destroy(stage.infinstor);
    }
}

static void secrets_are_not_quoted(void **state) {
    (void)state;
    static const char *const bodies[] = {
        "{\"userName\": \"a\", \"InfinStorSecretAccessKey\": \"hunter2\"}",
        "{\"userName\": \"a\", \"InfinStorSecretAccessKey\": \"hunter2",
        "{\"userName\": \"a\", \"keys\": [{\"sharedSecret\": \"hunter2\"}}",
    };
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct stage stage;
        stage_open(&stage, &plain);
        list(&stage);
        answer_in(&stage, 200, bodies[i], 10);
        assert_int_equal(stage.answer.kind, ANSWER_UNREADABLE);
        assert_null(strstr(stage.answer.excerpt, "hunter2"));
        assert_non_null(strstr(stage.answer.excerpt, "userName"));
        infinstor_destroy(stage.infinstor);
    }
}

/* Whatever of its own login a service quotes, of readings and of changes. */
static void the_login_is_not_quoted(void **state) {
    (void)state;
    static const char *const bodies[] = {
        "Invalid key=value pair in Authorization header: eyJ.access+1=",
        "{\"message\": \"Authorization=eyJ.access\\u002b1\\u003d, Idtoken=eyJ.id\"}",
        "of eyJ.access%2B1%3D",
        "cut eyJ.acc",
    };
    for (size_t i = 0; i < 2 * sizeof bodies / sizeof *bodies; i++) {
        struct stage stage;
        struct error error = {""};
        stage_open(&stage, &plain);
        infinstor_set_id_token(stage.infinstor, "eyJ.id");
        const struct infinstor_list_listener reading = {take_entry, end_list, &stage};
        const struct infinstor_change_listener changing = {end_change, &stage};
        if (i % 2)
            assert_non_null(infinstor_list(stage.infinstor, "eyJ.access+1=", &reading, &error));
        else
            assert_non_null(infinstor_change(stage.infinstor, "Bearer eyJ.access+1=", &change_post,
                                             &changing, &error));
        answer_in(&stage, 400, bodies[i / 2], 100);
        assert_null(strstr(stage.answer.text, "eyJ"));
        assert_null(strstr(stage.answer.excerpt, "eyJ"));
        assert_non_null(strstr(stage.answer.excerpt, "***"));
        infinstor_destroy(stage.infinstor);
    }
}

struct broken_off {
    struct http_result result;
    const char *came; /* of the body before it */
    enum answer_kind listing, change;
};

static const struct broken_off failures[] = {
    {{.end = HTTP_NOT_SENT, .text = "connection refused"}, "", ANSWER_NOT_SENT, ANSWER_NOT_SENT},
    {{.end = HTTP_UNKNOWN, .text = "connection closed before the answer"},
     "",
     ANSWER_UNKNOWN,
     ANSWER_UNKNOWN},
    {{.end = HTTP_UNKNOWN, .text = "no answer within 30 s", .timed_out = true},
     "",
     ANSWER_UNKNOWN,
     ANSWER_UNKNOWN},
    {{.end = HTTP_UNKNOWN, .status = 200, .text = "no answer within 30 s", .timed_out = true},
     "{\"Infin",
     ANSWER_UNKNOWN,
     ANSWER_UNKNOWN},
    {{.end = HTTP_UNKNOWN, .status = 200, .text = "the answer was cut off"},
     "{\"InfinSnapBuckets\": [{\"bucketname\": \"half\"}",
     ANSWER_UNKNOWN,
     ANSWER_UNKNOWN},
    /* Whole as JSON, and yet cut off. */
    {{.end = HTTP_UNKNOWN, .status = 200, .text = "the answer was cut off"},
     listing,
     ANSWER_UNKNOWN,
     ANSWER_UNKNOWN},
};

static void failures_of_the_connection(void **state) {
    (void)state;
    for (size_t i = 0; i < 2 * sizeof failures / sizeof *failures; i++) {
        const struct broken_off *failure = &failures[i / 2];
        bool is_list = i % 2 == 0;
        struct stage stage;
        stage_open(&stage, &plain);
        if (is_list)
            list(&stage);
        else
            change(&stage);
        feed(&stage, failure->result.status, failure->came, strlen(failure->came), 4);
        end(&stage, &failure->result);
        expect(&stage, is_list ? failure->listing : failure->change, failure->result.text);
        infinstor_destroy(stage.infinstor);
    }
}

/* ---- what a change's answer means ------------------------------------------------------------ */

static void statuses_of_a_change(void **state) {
    (void)state;
    static const struct meaning meanings[] = {
        {200, "", ANSWER_OK, ""},
        {200, "{}", ANSWER_OK, ""},
        {200, "Login expired", ANSWER_OK, "its answer: Login expired"},
        {200, "{\"sharedSecret\": \"hunter2\"}", ANSWER_OK,
         "its answer: {\"sharedSecret\":\"***\"}"},
        {201, "<html>Hello</html>", ANSWER_OK, "its answer is a web page"},
        {200, login_page, ANSWER_LOGIN_EXPIRED, ANSWER_LOGIN_EXPIRED_TEXT},
        {401, "", ANSWER_LOGIN_EXPIRED, ANSWER_LOGIN_EXPIRED_TEXT},
        {403, login_page, ANSWER_FORBIDDEN, "not an administrator (403)"},
        {400, "bucketname is missing\nsecond line", ANSWER_REFUSED,
         "the service answered 400: bucketname is missing"},
        {400, "", ANSWER_REFUSED, "the service answered 400"},
        {412, "at version 6", ANSWER_UNMATCHED, "the service answered 412: at version 6"},
        {408, "", ANSWER_TROUBLED, "the service answered 408"},
        {429, "", ANSWER_REFUSED, "too many requests: the service asks to wait a while (429)"},
        {302, login_page, ANSWER_TROUBLED, "the service answered 302"},
        {500, login_page, ANSWER_TROUBLED, "the service answered 500"},
        {503, "busy", ANSWER_TROUBLED, "the service answered 503: busy"},
    };
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
        for (size_t piece = 1; piece < 300; piece += 101) {
            struct stage stage;
            stage_open(&stage, &plain);
            change(&stage);
            answer_in(&stage, meanings[i].status, meanings[i].body, piece);
            expect(&stage, meanings[i].kind, meanings[i].text);
            assert_false(stage.http.stopped);
            infinstor_destroy(stage.infinstor);
        }
}

static void a_change_goes_as_its_post_says(void **state) {
    (void)state;
    static const struct {
        const char *etag, *header;
    } cases[] = {
        {NULL, NULL},
        {"", NULL},
        {"17", "If-Match: \"17\""},
        {"a-b!#[]", "If-Match: \"a-b!#[]\""},
        {"a\"b", NULL},
        {"a b", NULL},
        {"a\r\nX: y", NULL},
        {"\xc3\xa9", NULL},
        {"a\x7f", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct stage stage;
        struct infinstor_post what = change_post;
        what.if_match = cases[i].etag;
        what.own_connection = i % 2;
        what.if_none = i % 3 == 0;
        stage_open(&stage, &plain);
        post(&stage, &what);
        if (cases[i].header == NULL && what.if_none)
            assert_string_equal(stage.http.call->header, "If-None-Match: *");
        else if (cases[i].header == NULL)
            assert_null(stage.http.call->header);
        else
            assert_string_equal(stage.http.call->header, cases[i].header);
        assert_int_equal(stage.http.call->request.own_connection, i % 2);
        answer_in(&stage, 200, "{}", 100);
        infinstor_destroy(stage.infinstor);
    }
}

/* All of it is read, since an answer that was left would make the outcome unknown. */
static void a_long_answer_to_a_change_is_read(void **state) {
    (void)state;
    struct stage stage;
    stage_open(&stage, &plain);
    change(&stage);
    char *words = memory_new(1, LONG);
    memset(words, 'x', LONG - 1);
    answer_in(&stage, 400, words, 70000);
    assert_false(stage.http.stopped);
    assert_int_equal(stage.answer.kind, ANSWER_REFUSED);
    free(words);
    infinstor_destroy(stage.infinstor);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_listing_is_asked_for),
        cmocka_unit_test(paths_and_bodies_can_be_set),
        cmocka_unit_test(an_id_token_can_go_along),
        cmocka_unit_test(the_service_may_ask_to_wait),
        cmocka_unit_test(a_change_is_sent),
        cmocka_unit_test(what_cannot_start_says_so),
        cmocka_unit_test(a_call_can_be_dropped),
        cmocka_unit_test(a_listing_streams_in),
        cmocka_unit_test(an_end_may_start_the_next),
        cmocka_unit_test(statuses_of_a_listing),
        cmocka_unit_test(a_page_that_is_no_listing),
        cmocka_unit_test(an_entry_may_say_that_the_login_expired),
        cmocka_unit_test(endless_rubbish_is_left),
        cmocka_unit_test(secrets_are_not_quoted),
        cmocka_unit_test(the_login_is_not_quoted),
        cmocka_unit_test(failures_of_the_connection),
        cmocka_unit_test(statuses_of_a_change),
        cmocka_unit_test(a_change_goes_as_its_post_says),
        cmocka_unit_test(a_long_answer_to_a_change_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
