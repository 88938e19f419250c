#include "http_fake.h"
#include "token_place.h"

#include "pail/base/clock.h"
#include "pail/session/login.h"

static int64_t now_ms;

int64_t clock_ms(void) {
    return now_ms;
}

time_t clock_now(void) {
    return 1700000000;
}

struct stage {
    struct place *place;
    struct http http;
    struct login *login;
    struct login_look look;
};

static const char version[] =
    "{\"cognitoCliClientId\":\"5cli\",\"region\":\"us-east-1\",\"isExternalAuth\":\"false\"}";
static const char external[] =
    "{\"cognitoCliClientId\":\"5cli\",\"region\":\"us-east-1\",\"isExternalAuth\":\"true\"}";
static const char tokens[] =
    "{\"AuthenticationResult\":{\"AccessToken\":\"new-access\",\"IdToken\":\"new-id\","
    "\"RefreshToken\":\"new-refresh\",\"TokenType\":\"Bearer\"}}";

static void open_with(struct stage *stage, void **state, struct login_settings settings) {
    *stage = (struct stage){.place = *state};
    now_ms = 5000;
    settings.service = settings.service ? settings.service : "infinstor.example.com";
    settings.region = settings.region ? settings.region : "";
    settings.client_id = settings.client_id ? settings.client_id : "";
    settings.token_path = stage->place->path;
    settings.timeout_ms = 7000;
    stage->login = login_create(&stage->http, &settings);
}

static void open_stage(struct stage *stage, void **state) {
    open_with(stage, state, (struct login_settings){.service = NULL});
}

static void close_stage(struct stage *stage) {
    login_destroy(stage->login);
    assert_null(stage->http.call);
}

static void expect(struct stage *stage, enum login_want want, const char *question,
                   const char *text) {
    login_look(stage->login, &stage->look);
    assert_string_equal(stage->look.text, text);
    assert_string_equal(stage->look.question, question);
    assert_int_equal(stage->look.want, want);
    bool hidden =
        want == LOGIN_PASSWORD || want == LOGIN_NEW_PASSWORD || want == LOGIN_NEW_PASSWORD_AGAIN;
    assert_int_equal(stage->look.hidden, hidden);
}

/* Answers, and sees that something has moved. */
static void say(struct stage *stage, const char *answer) {
    unsigned long before = login_serial(stage->login);
    login_answer(stage->login, answer);
    assert_true(login_serial(stage->login) != before);
}

static void hear(struct stage *stage, long status, const char *body) {
    unsigned long before = login_serial(stage->login);
    fake_answer(&stage->http, status, body);
    assert_true(login_serial(stage->login) != before);
}

/* Up to where Cognito answers the password. */
static void come_to_password(struct stage *stage, void **state) {
    open_stage(stage, state);
    hear(stage, 200, version);
    say(stage, "ann");
    say(stage, "hunter2");
    expect(stage, LOGIN_WAITS, "asking Cognito", "");
}

static void expect_file(const struct stage *stage, const char *wanted) {
    char text[600];
    struct stat info;
    FILE *file = fopen(stage->place->path, "r");
    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    assert_string_equal(text, wanted);
    assert_int_equal(stat(stage->place->path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
}

static const char written[] =
    "Token=new-access\nRefreshToken=new-refresh\nClientId=5cli\nTokenTimeEpochSeconds=1700000000\n"
    "IdToken=new-id\nTokenType=Bearer\nService=infinstor.example.com\n";

/* ---- by password ----------------------------------------------------------------------------- */

static void a_password_logs_in(void **state) {
    struct stage stage;
    open_stage(&stage, state);
    expect(&stage, LOGIN_WAITS, "asking the service for its hosts", "");
    assert_string_equal(stage.look.token_path, stage.place->path);
    login_answer(stage.login, "nobody asked");
    hear(&stage, 200, version);
    expect(&stage, LOGIN_USER_NAME, "User name at infinstor.example.com", "");
    assert_string_equal(stage.look.url, "");
    say(&stage, "");
    expect(&stage, LOGIN_USER_NAME, "User name at infinstor.example.com", "");
    say(&stage, "ann");
    expect(&stage, LOGIN_PASSWORD, "Password of ann", "");
    login_answer(stage.login, "");
    expect(&stage, LOGIN_PASSWORD, "Password of ann", "");
    say(&stage, "hunter2");
    expect(&stage, LOGIN_WAITS, "asking Cognito", "");
    assert_string_equal(stage.http.url, "https://cognito-idp.us-east-1.amazonaws.com/");
    assert_non_null(strstr(stage.http.body, "\"USERNAME\":\"ann\",\"PASSWORD\":\"hunter2\""));
    assert_int_equal(stage.http.call->request.total_ms, 7000);
    hear(&stage, 200, tokens);
    expect(&stage, LOGIN_DONE, "Logged in to infinstor.example.com", "");
    assert_int_equal(login_tick(stage.login), -1);
    expect_file(&stage, written);
    close_stage(&stage);
}

static void a_refused_password_asks_again(void **state) {
    struct stage stage;
    come_to_password(&stage, state);
    hear(&stage, 400, "{\"__type\":\"NotAuthorizedException\",\"message\":\"hunter2\"}");
    expect(&stage, LOGIN_USER_NAME, "User name at infinstor.example.com",
           "the user name or the password is wrong");
    assert_string_equal(stage.look.user, "ann");
    assert_int_equal(stage.look.trouble, LOGIN_REFUSED);
    say(&stage, "");
    expect(&stage, LOGIN_PASSWORD, "Password of ann", "");
    say(&stage, "\xff");
    expect(&stage, LOGIN_PASSWORD, "Password of ann", "what is sent to Cognito must be UTF-8");
    say(&stage, "hunter3");
    hear(&stage, 200, tokens);
    expect(&stage, LOGIN_DONE, "Logged in to infinstor.example.com", "");
    assert_int_equal(stage.http.started, 3);
    close_stage(&stage);
}

static void a_new_password_is_typed_twice(void **state) {
    struct stage stage;
    come_to_password(&stage, state);
    hear(&stage, 200, "{\"ChallengeName\":\"NEW_PASSWORD_REQUIRED\",\"Session\":\"s0\"}");
    expect(&stage, LOGIN_NEW_PASSWORD, "New password of ann", "the service wants a new password");
    say(&stage, "one");
    expect(&stage, LOGIN_NEW_PASSWORD_AGAIN, "The same again", "");
    say(&stage, "other");
    expect(&stage, LOGIN_NEW_PASSWORD, "New password of ann", "the two differ");
    say(&stage, "one");
    say(&stage, "one");
    assert_non_null(strstr(stage.http.body, "\"NEW_PASSWORD\":\"one\""));
    hear(&stage, 400, "{\"__type\":\"InvalidPasswordException\",\"message\":\"too short\"}");
    expect(&stage, LOGIN_NEW_PASSWORD, "New password of ann",
           "the new password is refused: too short");
    say(&stage, "\xff");
    say(&stage, "\xff");
    expect(&stage, LOGIN_NEW_PASSWORD, "New password of ann",
           "what is sent to Cognito must be UTF-8");
    say(&stage, "longer");
    say(&stage, "longer");
    hear(&stage, 200, tokens);
    expect_file(&stage, written);
    close_stage(&stage);
}

static void codes_are_asked_for(void **state) {
    static const struct {
        const char *challenge, *member, *question;
        enum login_want want;
    } cases[] = {
        {"{\"ChallengeName\":\"SOFTWARE_TOKEN_MFA\",\"Session\":\"session-1\"}",
         "\"SOFTWARE_TOKEN_MFA_CODE\":\"111111\"", "Code of the authenticator", LOGIN_TOTP_CODE},
        {"{\"ChallengeName\":\"SMS_MFA\",\"Session\":\"session-1\",\"ChallengeParameters\":{"
         "\"CODE_DELIVERY_DESTINATION\":\"+***34\"}}",
         "\"SMS_MFA_CODE\":\"111111\"", "Code sent to +***34", LOGIN_SMS_CODE},
        {"{\"ChallengeName\":\"SMS_MFA\",\"Session\":\"session-1\"}", "\"SMS_MFA_CODE\":\"111111\"",
         "Code sent to your telephone", LOGIN_SMS_CODE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct stage stage;
        come_to_password(&stage, state);
        hear(&stage, 200, cases[i].challenge);
        expect(&stage, cases[i].want, cases[i].question, "");
        say(&stage, "000000");
        hear(&stage, 400, "{\"__type\":\"CodeMismatchException\",\"message\":\"000000?\"}");
        expect(&stage, cases[i].want, cases[i].question, "the code is wrong");
        assert_int_equal(stage.look.trouble, LOGIN_REFUSED);
        say(&stage, " 111111\n");
        assert_non_null(strstr(stage.http.body, cases[i].member));
        hear(&stage, 200, tokens);
        expect(&stage, LOGIN_DONE, "Logged in to infinstor.example.com", "");
        close_stage(&stage);
    }
}

static void a_session_that_ran_out_begins_again(void **state) {
    struct stage stage;
    come_to_password(&stage, state);
    hear(&stage, 200, "{\"ChallengeName\":\"SOFTWARE_TOKEN_MFA\",\"Session\":\"session-1\"}");
    say(&stage, "1");
    hear(&stage, 400, "{\"__type\":\"NotAuthorizedException\",\"message\":\"session\"}");
    expect(&stage, LOGIN_USER_NAME, "User name at infinstor.example.com",
           "the login took too long: begin again");
    close_stage(&stage);
}

/* ---- by the browser -------------------------------------------------------------------------- */

static const char page[] =
    "https://service-infinstor-example-com.auth.us-east-1.amazoncognito.com/oauth2/authorize"
    "?redirect_uri=https://mlflow.infinstor.example.com/api/2.0/mlflow/infinstor/"
    "cliclient_authorize&response_type=code&client_id=5cli";

static void a_code_of_the_browser_logs_in(void **state) {
    struct stage stage;
    open_stage(&stage, state);
    hear(&stage, 200, external);
    expect(&stage, LOGIN_BROWSER_CODE, "The code that the page ends with", "");
    assert_string_equal(stage.look.url, page);
    say(&stage, " a+b&c=d\r\n");
    expect(&stage, LOGIN_WAITS, "asking the login page", "");
    assert_string_equal(
        stage.http.url,
        "https://service-infinstor-example-com.auth.us-east-1.amazoncognito.com/oauth2/token");
    assert_string_equal(stage.http.body,
                        "grant_type=authorization_code&client_id=5cli&code=a%2Bb%26c%3Dd"
                        "&redirect_uri=https%3A%2F%2Fmlflow.infinstor.example.com%2Fapi%2F2.0%2F"
                        "mlflow%2Finfinstor%2Fcliclient_authorize");
    assert_string_equal(stage.http.authorization, "-");
    assert_true(stage.http.call->request.own_connection);
    hear(&stage, 400, "{\"error\":\"invalid_grant\",\"error_description\":\"a+b&c=d\"}");
    expect(&stage, LOGIN_BROWSER_CODE, "The code that the page ends with",
           "the code is wrong, was used before or has run out");
    say(&stage, "good");
    hear(&stage, 200,
         "{\"access_token\":\"new-access\",\"id_token\":\"new-id\",\"refresh_token\":"
         "\"new-refresh\",\"token_type\":\"Bearer\",\"expires_in\":3600}");
    expect(&stage, LOGIN_DONE, "Logged in to infinstor.example.com", "");
    expect_file(&stage, written);
    close_stage(&stage);
}

static void what_the_page_answers_is_a_sentence(void **state) {
    static const struct {
        long status;
        const char *body, *text;
        enum login_trouble trouble;
    } cases[] = {
        {400, "{\"error\":\"invalid_client\"}",
         "the login page doesn't know the client id: check client_id", LOGIN_SET_UP},
        {400, "{\"error\":\"unauthorized_client\"}",
         "this kind of login is not enabled for the client id", LOGIN_SET_UP},
        {500, "{\"error\":7}", "the login page answered 500", LOGIN_NO_CONNECTION},
        {429, "{}", "the login page answered 429", LOGIN_REFUSED},
        {200, "{\"access_token\":\"\"}", "the login page's answer has no token in it",
         LOGIN_NO_CONNECTION},
        {200, "<html>", "the login page answered 200, and the answer is a web page",
         LOGIN_NO_CONNECTION},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct stage stage;
        open_stage(&stage, state);
        hear(&stage, 200, external);
        say(&stage, "code");
        hear(&stage, cases[i].status, cases[i].body);
        expect(&stage, LOGIN_FAILED, "", cases[i].text);
        assert_int_equal(stage.look.trouble, cases[i].trouble);
        close_stage(&stage);
    }
}

/* A host's name is checked label by label; the one made of all of it may be too long. */
static void no_code_goes_to_a_made_up_host(void **state) {
    struct stage stage;
    open_with(&stage, state,
              (struct login_settings){
                  .service = "a-rather-long-name-of-a-service.with-more-of-it.example.com"});
    hear(&stage, 200, external);
    login_look(stage.login, &stage.look);
    assert_int_equal(stage.look.want, LOGIN_FAILED);
    assert_int_equal(stage.look.trouble, LOGIN_SET_UP);
    assert_non_null(strstr(stage.look.text, "no login page can be made of"));
    close_stage(&stage);
    open_with(&stage, state, (struct login_settings){.region = "evil.org/"});
    hear(&stage, 200, external);
    expect(&stage, LOGIN_FAILED, "", "region is not one (like us-east-1): evil.org/");
    close_stage(&stage);
}

/* ---- what is in the way ---------------------------------------------------------------------- */

static void silent_services_need_settings(void **state) {
    struct stage stage;
    static const struct http_result nothing = {.end = HTTP_NOT_SENT, .text = "host not found"};
    open_stage(&stage, state);
    fake_end(&stage.http, &nothing);
    expect(&stage, LOGIN_FAILED, "",
           "mlflow.infinstor.example.com was asked for the service's hosts: host not found: the "
           "service didn't say its region: set region");
    assert_int_equal(stage.look.trouble, LOGIN_NO_CONNECTION);
    login_again(stage.login);
    expect(&stage, LOGIN_WAITS, "asking the service for its hosts", "");
    hear(&stage, 200, "{}");
    expect(&stage, LOGIN_FAILED, "", "the service didn't say its region: set region");
    assert_int_equal(stage.look.trouble, LOGIN_SET_UP);
    close_stage(&stage);

    open_with(&stage, state, (struct login_settings){.region = "eu-west-1", .client_id = "6own"});
    fake_end(&stage.http, &nothing);
    expect(&stage, LOGIN_USER_NAME, "User name at infinstor.example.com", "");
    assert_string_equal(stage.look.note,
                        "mlflow.infinstor.example.com was asked for the service's hosts: host not "
                        "found; a login by password is assumed");
    say(&stage, "ann");
    say(&stage, "pw");
    assert_string_equal(stage.http.url, "https://cognito-idp.eu-west-1.amazonaws.com/");
    assert_non_null(strstr(stage.http.body, "6own"));
    close_stage(&stage);
}

static void a_profile_without_a_service_names_the_setting(void **state) {
    struct stage stage;
    open_with(&stage, state, (struct login_settings){.service = "", .region = "us-east-1"});
    login_look(stage.login, &stage.look);
    assert_int_equal(stage.look.want, LOGIN_FAILED);
    assert_int_equal(stage.look.trouble, LOGIN_SET_UP);
    assert_non_null(strstr(stage.look.text, "set service"));
    close_stage(&stage);

    open_with(&stage, state,
              (struct login_settings){.service = "", .region = "us-east-1", .client_id = "5cli"});
    expect(&stage, LOGIN_USER_NAME, "User name at Cognito", "");
    say(&stage, "ann");
    say(&stage, "pw");
    hear(&stage, 200, tokens);
    expect_file(&stage, "Token=new-access\nRefreshToken=new-refresh\nClientId=5cli\n"
                        "TokenTimeEpochSeconds=1700000000\nIdToken=new-id\nTokenType=Bearer\n");
    close_stage(&stage);
}

static void the_environment_goes_before_the_file(void **state) {
    struct stage stage;
    open_with(&stage, state, (struct login_settings){.token_in_environment = true});
    login_look(stage.login, &stage.look);
    assert_int_equal(stage.look.want, LOGIN_FAILED);
    assert_int_equal(stage.look.trouble, LOGIN_SET_UP);
    assert_non_null(strstr(stage.look.text, "INFINSTOR_REFRESH_TOKEN"));
    assert_non_null(strstr(stage.look.text, stage.place->path));
    assert_int_equal(stage.http.started, 0);
    close_stage(&stage);
}

static void a_custom_token_is_not_replaced(void **state) {
    static const mode_t modes[] = {0600, 0644};
    for (int i = 0; i < 2; i++) {
        struct stage stage;
        write_token_n(*state, "Token=Custom x\n", 15, modes[i]);
        open_stage(&stage, state);
        login_look(stage.login, &stage.look);
        assert_int_equal(stage.look.want, LOGIN_FAILED);
        assert_non_null(strstr(stage.look.text, "custom token"));
        assert_int_equal(stage.http.started, 0);
        close_stage(&stage);
    }
}

static void what_else_is_in_the_file_stays(void **state) {
    struct stage stage;
    write_token(*state, "Other=kept\nToken=old\nidtoken=old\nService=other.example.com\n");
    come_to_password(&stage, state);
    char wanted[200];
    snprintf(wanted, sizeof wanted, "the login to other.example.com in %s will be replaced",
             stage.place->path);
    assert_string_equal(stage.look.note, wanted);
    hear(&stage, 200, tokens);
    expect_file(&stage, "Other=kept\nToken=new-access\nidtoken=new-id\n"
                        "Service=infinstor.example.com\nRefreshToken=new-refresh\nClientId=5cli\n"
                        "TokenTimeEpochSeconds=1700000000\nTokenType=Bearer\n");
    close_stage(&stage);
}

/* ---- keeping it ------------------------------------------------------------------------------ */

static void a_locked_file_is_waited_for(void **state) {
    struct stage stage;
    int lock;
    come_to_password(&stage, state);
    assert_int_equal(token_lock(stage.place->path, 0, &lock, NULL), TOKEN_LOCKED);
    hear(&stage, 200, tokens);
    expect(&stage, LOGIN_WAITS, "waiting for the token file", "");
    assert_int_equal(login_tick(stage.login), 100);
    now_ms += 100;
    assert_int_equal(login_tick(stage.login), 0);
    expect(&stage, LOGIN_WAITS, "waiting for the token file", "");
    token_unlock(lock);
    now_ms += 100;
    login_tick(stage.login);
    expect(&stage, LOGIN_DONE, "Logged in to infinstor.example.com", "");
    expect_file(&stage, written);
    close_stage(&stage);
}

static void waiting_for_the_file_has_an_end(void **state) {
    struct stage stage;
    int lock;
    come_to_password(&stage, state);
    assert_int_equal(token_lock(stage.place->path, 0, &lock, NULL), TOKEN_LOCKED);
    hear(&stage, 200, tokens);
    now_ms += 10000;
    login_tick(stage.login);
    login_look(stage.login, &stage.look);
    assert_int_equal(stage.look.want, LOGIN_FAILED);
    assert_int_equal(stage.look.trouble, LOGIN_SET_UP);
    assert_non_null(strstr(stage.look.text, "could not be kept"));
    token_unlock(lock);
    login_again(stage.login); /* the service isn't asked anew */
    expect(&stage, LOGIN_USER_NAME, "User name at infinstor.example.com", "");
    close_stage(&stage);
}

static void it_can_be_left_at_any_time(void **state) {
    struct stage stage;
    open_stage(&stage, state);
    close_stage(&stage);
    come_to_password(&stage, state);
    login_again(stage.login);
    expect(&stage, LOGIN_USER_NAME, "User name at infinstor.example.com", "");
    assert_int_equal(stage.http.cancelled, 1);
    assert_string_equal(stage.look.user, "ann");
    say(&stage, "");
    say(&stage, "pw");
    close_stage(&stage);
    open_stage(&stage, state);
    hear(&stage, 200, external);
    say(&stage, "code");
    close_stage(&stage);
    assert_int_equal(stage.http.cancelled, 1);
    come_to_password(&stage, state);
    hear(&stage, 200, "{\"ChallengeName\":\"NEW_PASSWORD_REQUIRED\",\"Session\":\"s0\"}");
    say(&stage, "half");
    close_stage(&stage);
}

/* Whatever an answer quotes. */
static void no_secret_is_in_a_text(void **state) {
    static const char *const bodies[] = {
        "{\"__type\":\"OddException\",\"message\":\"hunter2 is odd\"}",
        "{\"__type\":\"hunter2\"}",
        "hunter2",
        "{\"ChallengeName\":\"hunter2\",\"Session\":\"session-1\"}",
    };
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct stage stage;
        come_to_password(&stage, state);
        hear(&stage, i == 3 ? 200 : 400, bodies[i]);
        login_look(stage.login, &stage.look);
        assert_string_not_equal(stage.look.text, "");
        assert_null(strstr(stage.look.text, "hunter2"));
        assert_null(strstr(stage.look.question, "hunter2"));
        close_stage(&stage);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_password_logs_in),
        TEST(a_refused_password_asks_again),
        TEST(a_new_password_is_typed_twice),
        TEST(codes_are_asked_for),
        TEST(a_session_that_ran_out_begins_again),
        TEST(a_code_of_the_browser_logs_in),
        TEST(what_the_page_answers_is_a_sentence),
        TEST(no_code_goes_to_a_made_up_host),
        TEST(silent_services_need_settings),
        TEST(a_profile_without_a_service_names_the_setting),
        TEST(the_environment_goes_before_the_file),
        TEST(a_custom_token_is_not_replaced),
        TEST(what_else_is_in_the_file_stays),
        TEST(a_locked_file_is_waited_for),
        TEST(waiting_for_the_file_has_an_end),
        TEST(it_can_be_left_at_any_time),
        TEST(no_secret_is_in_a_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
