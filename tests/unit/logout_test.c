#include "http_fake.h"
#include "token_place.h"

#include "pail/base/clock.h"
#include "pail/session/logout.h"

static int64_t now_ms;

int64_t clock_ms(void) {
    return now_ms;
}

struct stage {
    struct place *place;
    struct http http;
    struct logout *logout;
    struct logout_look look;
};

static const char held[] =
    "Token=a\nRefreshToken=the-refresh\nClientId=7file\nTokenTimeEpochSeconds=5\nIdToken=i\n";

static void open_with(struct stage *stage, void **state, struct login_settings settings) {
    *stage = (struct stage){.place = *state};
    now_ms = 5000;
    settings.service = settings.service ? settings.service : "infinstor.example.com";
    settings.region = settings.region ? settings.region : "us-east-1";
    settings.client_id = settings.client_id ? settings.client_id : "";
    settings.token_path = stage->place->path;
    settings.timeout_ms = 7000;
    stage->logout = logout_create(&stage->http, &settings);
}

static void open_stage(struct stage *stage, void **state) {
    open_with(stage, state, (struct login_settings){.service = NULL});
}

static void close_stage(struct stage *stage) {
    logout_destroy(stage->logout);
    assert_null(stage->http.call);
}

static bool is_there(const struct stage *stage) {
    return access(stage->place->path, F_OK) == 0;
}

static void expect(struct stage *stage, enum login_trouble trouble, const char *text) {
    logout_look(stage->logout, &stage->look);
    assert_true(stage->look.over);
    assert_non_null(strstr(stage->look.text, text));
    assert_null(strstr(stage->look.text, "the-refresh"));
    assert_int_equal(stage->look.trouble, trouble);
    assert_int_equal(logout_tick(stage->logout), -1);
}

static void it_revokes_and_removes(void **state) {
    struct stage stage;
    int lock;
    write_token(*state, held);
    open_stage(&stage, state);
    logout_look(stage.logout, &stage.look);
    assert_false(stage.look.over);
    assert_string_equal(stage.http.headers,
                        "X-Amz-Target: AWSCognitoIdentityProviderService.RevokeToken\n");
    assert_string_equal(stage.http.body, "{\"ClientId\":\"7file\",\"Token\":\"the-refresh\"}");
    assert_int_equal(token_lock(stage.place->path, 0, &lock, NULL), TOKEN_LOCK_BUSY);
    fake_answer(&stage.http, 200, "");
    expect(&stage, LOGIN_NO_TROUBLE, "the login was revoked, and");
    assert_false(is_there(&stage));
    assert_int_equal(token_lock(stage.place->path, 0, &lock, NULL), TOKEN_LOCKED);
    token_unlock(lock);
    close_stage(&stage);
}

static void what_is_not_revoked_is_said(void **state) {
    static const struct {
        long status;
        const char *body, *text;
        enum login_trouble trouble;
    } cases[] = {
        {400, "{\"__type\":\"UnsupportedOperationException\"}",
         "was removed, but the login was not revoked: revoking is not enabled", LOGIN_REFUSED},
        {400, "{\"__type\":\"OddException\",\"message\":\"the-refresh\"}", "OddException",
         LOGIN_REFUSED},
        {500, "oops", "was not revoked: Cognito answered 500", LOGIN_NO_CONNECTION},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct stage stage;
        write_token(*state, held);
        open_stage(&stage, state);
        fake_answer(&stage.http, cases[i].status, cases[i].body);
        expect(&stage, cases[i].trouble, cases[i].text);
        assert_false(is_there(&stage));
        close_stage(&stage);
    }
}

static void the_service_names_the_region(void **state) {
    struct stage stage;
    write_token(*state, "Token=a\nRefreshToken=the-refresh\n");
    open_with(&stage, state, (struct login_settings){.region = ""});
    assert_non_null(strstr(stage.http.url, "get_version"));
    fake_answer(&stage.http, 200, "{\"region\":\"eu-west-1\",\"cognitoCliClientId\":\"5cli\"}");
    assert_string_equal(stage.http.url, "https://cognito-idp.eu-west-1.amazonaws.com/");
    assert_non_null(strstr(stage.http.body, "5cli"));
    fake_answer(&stage.http, 200, "");
    expect(&stage, LOGIN_NO_TROUBLE, "logged out");
    close_stage(&stage);

    write_token(*state, held);
    open_with(&stage, state, (struct login_settings){.region = ""});
    fake_end(&stage.http, &(struct http_result){.end = HTTP_NOT_SENT, .text = "host not found"});
    expect(&stage, LOGIN_NO_CONNECTION, "was not revoked: the service didn't say its region");
    assert_false(is_there(&stage));
    close_stage(&stage);
}

static void a_login_without_a_refresh_token_is_only_removed(void **state) {
    struct stage stage;
    write_token(*state, "Token=a\n");
    open_stage(&stage, state);
    expect(&stage, LOGIN_REFUSED, "was not revoked: it has no refresh token");
    assert_false(is_there(&stage));
    assert_int_equal(stage.http.started, 0);
    close_stage(&stage);
}

static void some_are_left_alone(void **state) {
    static const struct {
        const char *file, *text;
        enum login_trouble trouble;
        bool in_environment;
    } cases[] = {
        {"Token=Custom x\n", "custom token", LOGIN_SET_UP, false},
        {"Token=a\nService=other.example.com\n", "it is for other.example.com", LOGIN_SET_UP,
         false},
        {"nothing\n", "no token in it", LOGIN_SET_UP, false},
        {held, "INFINSTOR_REFRESH_TOKEN", LOGIN_SET_UP, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct stage stage;
        write_token(*state, cases[i].file);
        open_with(&stage, state,
                  (struct login_settings){.token_in_environment = cases[i].in_environment});
        expect(&stage, cases[i].trouble, cases[i].text);
        assert_true(is_there(&stage));
        assert_int_equal(stage.http.started, 0);
        close_stage(&stage);
        remove(stage.place->path);
    }
    struct stage stage;
    open_stage(&stage, state);
    expect(&stage, LOGIN_NO_TROUBLE, "not logged in");
    close_stage(&stage);
}

/* Another pail renews meanwhile: what it wrote is what is revoked. */
static void a_locked_file_is_waited_for(void **state) {
    struct stage stage;
    int lock;
    write_token(*state, held);
    assert_int_equal(token_lock(((struct place *)*state)->path, 0, &lock, NULL), TOKEN_LOCKED);
    open_stage(&stage, state);
    assert_int_equal(stage.http.started, 0);
    assert_int_equal(logout_tick(stage.logout), 100);
    now_ms += 100;
    assert_int_equal(logout_tick(stage.logout), 0);
    write_token(*state, "Token=a\nRefreshToken=newer\nClientId=7file\n");
    token_unlock(lock);
    now_ms += 100;
    logout_tick(stage.logout);
    assert_non_null(strstr(stage.http.body, "newer"));
    close_stage(&stage);
    assert_true(is_there(&stage)); /* left before it was over */

    assert_int_equal(token_lock(stage.place->path, 0, &lock, NULL), TOKEN_LOCKED);
    open_stage(&stage, state);
    now_ms += 10000;
    logout_tick(stage.logout);
    expect(&stage, LOGIN_SET_UP, "not logged out: ");
    token_unlock(lock);
    close_stage(&stage);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(it_revokes_and_removes),       TEST(what_is_not_revoked_is_said),
        TEST(the_service_names_the_region), TEST(a_login_without_a_refresh_token_is_only_removed),
        TEST(some_are_left_alone),          TEST(a_locked_file_is_waited_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
