#include "http_fake.h"

#include "pail/service/discovery.h"

struct stage {
    struct http http;
    int ends;
    struct discovery found;
    char error[512]; /* "" if it went well */
};

static void take_end(void *context, const struct discovery *discovery, const struct error *error) {
    struct stage *stage = context;
    stage->ends++;
    stage->found = *discovery;
    snprintf(stage->error, sizeof stage->error, "%s", error ? error->text : "");
}

static struct discovery_call *begin(struct stage *stage) {
    struct error error = {""};
    struct discovery_call *call =
        discovery_start(&stage->http, "infinstor.example.com", 5000, take_end, stage, &error);
    assert_string_equal(error.text, "");
    return call;
}

static void ask(struct stage *stage, long status, const char *answer) {
    *stage = (struct stage){.ends = 0};
    begin(stage);
    fake_answer(&stage->http, status, answer);
    assert_int_equal(stage->ends, 1);
}

static void expect_defaults(const struct stage *stage) {
    assert_string_equal(stage->found.api_host, "api.infinstor.example.com");
    assert_string_equal(stage->found.service_host, "service.infinstor.example.com");
    assert_string_equal(stage->found.mlflow_host, "mlflow.infinstor.example.com");
    assert_string_equal(stage->found.region, "");
    assert_string_equal(stage->found.cli_client_id, "");
    assert_string_equal(stage->found.app_client_id, "");
    assert_false(stage->found.external_auth);
}

static void a_service_is_asked(void **state) {
    (void)state;
    struct stage stage = {.ends = 0};
    begin(&stage);
    assert_string_equal(
        stage.http.url,
        "https://mlflow.infinstor.example.com/api/2.0/mlflow/infinstor/get_version");
    assert_string_equal(stage.http.authorization, "None");
    assert_string_equal(stage.http.body, "");
    assert_int_equal(stage.http.call->request.total_ms, 5000);
    assert_null(stage.http.call->request.body);
    fake_answer(&stage.http, 200, "{}");
    assert_int_equal(stage.http.started, 1);
}

static void what_it_says_is_taken(void **state) {
    (void)state;
    struct stage stage;
    ask(&stage, 200,
        "{\"cognitoCliClientId\":\"5cli\",\"cognitoAppClientId\":\"6App_+\",\"mlflowDnsName\":"
        "\"ml-1\",\"mlflowuiDnsName\":{\"odd\":[1]},\"apiDnsName\":\"api2\",\"serviceDnsName\":"
        "\"svc\",\"region\":\"us-east-1\",\"isExternalAuth\":\"true\",\"other\":null}");
    assert_string_equal(stage.error, "");
    assert_string_equal(stage.found.api_host, "api2.infinstor.example.com");
    assert_string_equal(stage.found.service_host, "svc.infinstor.example.com");
    assert_string_equal(stage.found.mlflow_host, "ml-1.infinstor.example.com");
    assert_string_equal(stage.found.region, "us-east-1");
    assert_string_equal(stage.found.cli_client_id, "5cli");
    assert_string_equal(stage.found.app_client_id, "6App_+");
    assert_true(stage.found.external_auth);
}

static void a_service_that_is_starting_is_asked_twice(void **state) {
    (void)state;
    for (long status = 501; status <= 505; status++) {
        bool starting = status >= 502 && status <= 504;
        struct stage stage = {.ends = 0};
        begin(&stage);
        fake_answer(&stage.http, status, "");
        assert_int_equal(stage.ends, !starting);
        assert_int_equal(stage.http.started, 1 + starting);
        if (!starting)
            continue;
        fake_answer(&stage.http, 200, "{\"region\":\"us-east-1\"}");
        assert_int_equal(stage.ends, 1);
        assert_string_equal(stage.error, "");
        assert_string_equal(stage.found.region, "us-east-1");
        begin(&stage);
        fake_answer(&stage.http, status, "");
        fake_answer(&stage.http, status, "");
        assert_int_equal(stage.ends, 2);
        assert_non_null(strstr(stage.error, "it answered 50"));
        assert_int_equal(stage.http.started, 4);
    }
}

static void what_it_leaves_out_is_assumed(void **state) {
    (void)state;
    static const char *const answers[] = {
        "{}",
        " {\"apiDnsName\":null,\"region\":\"\",\"isExternalAuth\":\"false\"}\n",
        "{\"isExternalAuth\":false}",
        "{\"isExternalAuth\":\"True!\"}",
    };
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        struct stage stage;
        ask(&stage, 200, answers[i]);
        assert_string_equal(stage.error, "");
        expect_defaults(&stage);
    }
}

/* A token could go to a made-up host. */
static void a_crooked_name_is_refused(void **state) {
    (void)state;
    static const char *const values[] = {
        "\"evil.com/\"",
        "\"a.b\"",
        "\"A\"",
        "\"-a\"",
        "\"a-\"",
        "\"a:1@b\"",
        "\"a b\"",
        "\"\\u00e4\"",
        "7",
        "{}",
        "\"a\\n\"",
        "[\"a\"]",
        "true",
        "\"..\"",
        "\"a_b\"",
        "\"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff1234\"",
    };
    static const char *const members[] = {"apiDnsName", "serviceDnsName", "mlflowDnsName",
                                          "region"};
    for (size_t i = 0; i < 4 * sizeof values / sizeof *values; i++) {
        struct stage stage;
        char answer[200];
        snprintf(answer, sizeof answer,
                 "{\"serviceDnsName\":\"x\",\"cognitoCliClientId\":\"5\",\"%s\":%s}",
                 members[i % 4], values[i / 4]);
        if (i % 4 == 1)
            snprintf(answer, sizeof answer, "{\"%s\":%s}", members[1], values[i / 4]);
        ask(&stage, 200, answer);
        assert_non_null(strstr(stage.error, "mlflow.infinstor.example.com"));
        assert_non_null(strstr(stage.error, members[i % 4]));
        assert_non_null(strstr(stage.error, "not trusted"));
        expect_defaults(&stage);
    }
    struct stage stage;
    ask(&stage, 200, "{\"cognitoCliClientId\":\"a b\"}");
    assert_non_null(strstr(stage.error, "cognitoCliClientId"));
}

static void other_answers_are_errors(void **state) {
    (void)state;
    static const struct {
        long status;
        const char *body, *text;
    } cases[] = {
        {200, "", "the answer is empty"},
        {200, "<html>", "the answer is a web page"},
        {200, "[]", "no JSON object"},
        {200, "{\"a\":1,\"a\":2}", "no JSON object"},
        {200, "{\"region\":\"us-", "no JSON object"},
        {200, "{} {}", "no JSON object"},
        {404, "{\"region\":\"us-east-1\"}", "it answered 404"},
        {302, "", "it answered 302"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct stage stage;
        ask(&stage, cases[i].status, cases[i].body);
        assert_non_null(strstr(stage.error, cases[i].text));
        expect_defaults(&stage);
    }
}

static void a_large_answer_is_left(void **state) {
    (void)state;
    for (size_t size = 65536; size <= 65537; size++) {
        struct stage stage = {.ends = 0};
        char *answer = memory_new(size + 1, 1);
        memset(answer, ' ', size);
        memcpy(answer, "{}", 2);
        begin(&stage);
        fake_answer_n(&stage.http, 200, answer, size);
        if (size == 65536)
            assert_string_equal(stage.error, "");
        else
            assert_non_null(strstr(stage.error, "larger than 64 KiB"));
        expect_defaults(&stage);
        free(answer);
    }
}

static void a_failed_connection_says_so(void **state) {
    (void)state;
    struct stage stage = {.ends = 0};
    begin(&stage);
    fake_end(&stage.http, &(struct http_result){.end = HTTP_NOT_SENT, .text = "host not found"});
    assert_string_equal(stage.error, "mlflow.infinstor.example.com was asked for the service's "
                                     "hosts: host not found");
    expect_defaults(&stage);
}

static void only_a_domain_is_asked(void **state) {
    (void)state;
    static const char *const domains[] = {
        "",
        ".",
        "a.",
        ".a",
        "a..b",
        "a/b",
        "a:443",
        "user@a",
        "Example.com",
        "a b",
        "-a.b",
        "a_b.c",
        "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff1234.com",
    };
    for (size_t i = 0; i < sizeof domains / sizeof *domains; i++) {
        struct stage stage = {.ends = 0};
        struct error error = {""};
        assert_null(discovery_start(&stage.http, domains[i], 1, take_end, &stage, &error));
        assert_non_null(strstr(error.text, "not a domain"));
        assert_int_equal(stage.http.started, 0);
    }
    char longest[DOMAIN_SIZE + 1];
    struct discovery found;
    for (size_t i = 0; i < DOMAIN_SIZE; i++)
        longest[i] = i % 50 == 49 ? '.' : 'a';
    longest[DOMAIN_SIZE] = '\0';
    assert_false(discovery_default(&found, longest, NULL));
    longest[DOMAIN_SIZE - 1] = '\0';
    assert_true(discovery_default(&found, longest, NULL));
    assert_int_equal(strlen(found.service_host), DOMAIN_SIZE - 1 + strlen("service."));
}

static void it_can_be_dropped(void **state) {
    (void)state;
    struct stage stage = {.ends = 0};
    discovery_cancel(begin(&stage));
    assert_int_equal(stage.http.cancelled, 1);
    assert_int_equal(stage.ends, 0);
    stage.http.refuses = true;
    struct error error = {""};
    assert_null(discovery_start(&stage.http, "a.b", 1, take_end, &stage, &error));
    assert_string_not_equal(error.text, "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_service_is_asked),
        cmocka_unit_test(what_it_says_is_taken),
        cmocka_unit_test(a_service_that_is_starting_is_asked_twice),
        cmocka_unit_test(what_it_leaves_out_is_assumed),
        cmocka_unit_test(a_crooked_name_is_refused),
        cmocka_unit_test(other_answers_are_errors),
        cmocka_unit_test(a_large_answer_is_left),
        cmocka_unit_test(a_failed_connection_says_so),
        cmocka_unit_test(only_a_domain_is_asked),
        cmocka_unit_test(it_can_be_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
