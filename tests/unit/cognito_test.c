#include "http_fake.h"

#include "pail/service/cognito.h"

struct stage {
    struct http http;
    struct cognito *cognito;
    struct token token;
    int ends;
    struct answer_copy {
        enum cognito_kind kind;
        char text[384], destination[64];
        enum cognito_challenge challenge;
    } answer;
    bool again; /* the end asks once more */
};

static void take_end(void *context, const struct cognito_answer *answer) {
    struct stage *stage = context;
    stage->ends++;
    stage->answer = (struct answer_copy){.kind = answer->kind, .challenge = answer->challenge};
    snprintf(stage->answer.text, sizeof stage->answer.text, "%s", answer->text);
    snprintf(stage->answer.destination, sizeof stage->answer.destination, "%s",
             answer->destination ? answer->destination : "-");
    if (answer->access)
        cognito_update(stage->cognito, answer, &stage->token, 1700000000);
    if (stage->again)
        assert_true(cognito_respond(stage->cognito, "123456", take_end, stage, NULL));
    stage->again = false;
}

static void stage_open(struct stage *stage) {
    struct error error = {""};
    *stage = (struct stage){.ends = 0};
    stage->cognito = cognito_create(
        &stage->http,
        &(struct cognito_settings){.region = "us-east-1", .client_id = "5cli", .timeout_ms = 7000},
        &error);
    assert_string_equal(error.text, "");
    assert_non_null(stage->cognito);
    token_init(&stage->token);
}

static void stage_close(struct stage *stage) {
    cognito_destroy(stage->cognito);
    token_finish(&stage->token);
    assert_null(stage->http.call);
}

static void renew(struct stage *stage) {
    assert_true(cognito_renew(stage->cognito, "old-refresh", take_end, stage, NULL));
}

static void login(struct stage *stage) {
    assert_true(cognito_login(stage->cognito, "ann", "hunter2 \"\xc3\xa4", take_end, stage, NULL));
}

static void respond(struct stage *stage, const char *response) {
    assert_true(cognito_respond(stage->cognito, response, take_end, stage, NULL));
}

static void revoke(struct stage *stage) {
    assert_true(cognito_revoke(stage->cognito, "old-refresh", take_end, stage, NULL));
}

static void expect(const struct stage *stage, enum cognito_kind kind, const char *text) {
    assert_string_equal(stage->answer.text, text);
    assert_int_equal(stage->answer.kind, kind);
}

static const char tokens[] =
    "{\"AuthenticationResult\":{\"AccessToken\":\"new-access\",\"IdToken\":"
    "\"new-id\",\"ExpiresIn\":3600,\"TokenType\":\"Bearer\"},"
    "\"ChallengeParameters\":{}}";
static const char all_tokens[] =
    "{\"AuthenticationResult\":{\"AccessToken\":\"new-access\",\"IdToken\":\"new-id\","
    "\"RefreshToken\":\"new-refresh\"}}";

/* ---- going well ------------------------------------------------------------------------------ */

static void a_renewal_keeps_the_old_refresh_token(void **state) {
    (void)state;
    struct stage stage;
    stage_open(&stage);
    token_set(&stage.token.refresh, "old-refresh");
    token_set(&stage.token.service, "s.example.com");
    renew(&stage);
    assert_string_equal(stage.http.url, "https://cognito-idp.us-east-1.amazonaws.com/");
    assert_string_equal(stage.http.headers,
                        "X-Amz-Target: AWSCognitoIdentityProviderService.InitiateAuth\n");
    assert_string_equal(stage.http.content_type, "application/x-amz-json-1.1");
    assert_string_equal(stage.http.authorization, "-");
    assert_string_equal(stage.http.body,
                        "{\"AuthFlow\":\"REFRESH_TOKEN_AUTH\",\"ClientId\":\"5cli\","
                        "\"AuthParameters\":{\"REFRESH_TOKEN\":\"old-refresh\"}}");
    assert_true(stage.http.call->request.own_connection);
    assert_int_equal(stage.http.call->request.total_ms, 7000);
    fake_answer(&stage.http, 200, tokens);
    expect(&stage, COGNITO_DONE, "");
    assert_string_equal(stage.token.access, "new-access");
    assert_string_equal(stage.token.id, "new-id");
    assert_string_equal(stage.token.type, "Bearer");
    assert_string_equal(stage.token.refresh, "old-refresh");
    assert_string_equal(stage.token.client_id, "5cli");
    assert_string_equal(stage.token.service, "s.example.com");
    assert_true(stage.token.issued == 1700000000);
    assert_int_equal(stage.ends, 1);
    stage_close(&stage);
}

static void a_password_logs_in(void **state) {
    (void)state;
    struct stage stage;
    stage_open(&stage);
    login(&stage);
    assert_string_equal(stage.http.body,
                        "{\"AuthFlow\":\"USER_PASSWORD_AUTH\",\"ClientId\":\"5cli\","
                        "\"AuthParameters\":{\"USERNAME\":\"ann\",\"PASSWORD\":\"hunter2 "
                        "\\\"\xc3\xa4\"}}");
    fake_answer(&stage.http, 200, all_tokens);
    expect(&stage, COGNITO_DONE, "");
    assert_string_equal(stage.token.refresh, "new-refresh");
    assert_null(stage.token.type);
    stage_close(&stage);
}

static void challenges_are_answered(void **state) {
    (void)state;
    static const struct {
        const char *name, *member;
        enum cognito_challenge challenge;
    } cases[] = {
        {"NEW_PASSWORD_REQUIRED", "NEW_PASSWORD", COGNITO_NEW_PASSWORD},
        {"SOFTWARE_TOKEN_MFA", "SOFTWARE_TOKEN_MFA_CODE", COGNITO_TOTP_CODE},
        {"SMS_MFA", "SMS_MFA_CODE", COGNITO_SMS_CODE},
    };
    for (size_t i = 0; i < 2 * sizeof cases / sizeof *cases; i++) {
        struct stage stage;
        char answer[300], body[300];
        bool named = i % 2;
        stage_open(&stage);
        login(&stage);
        snprintf(answer, sizeof answer,
                 "{\"ChallengeName\":\"%s\",\"Session\":\"se/ss\",\"ChallengeParameters\":{%s}}",
                 cases[i / 2].name,
                 named ? "\"USER_ID_FOR_SRP\":\"ann-id\",\"CODE_DELIVERY_DESTINATION\":\"+**34\""
                       : "");
        fake_answer(&stage.http, 200, answer);
        expect(&stage, COGNITO_CHALLENGE, "");
        assert_int_equal(stage.answer.challenge, cases[i / 2].challenge);
        assert_string_equal(stage.answer.destination, named ? "+**34" : "-");
        respond(&stage, "response");
        assert_string_equal(stage.http.headers, "X-Amz-Target: AWSCognitoIdentityProviderService."
                                                "RespondToAuthChallenge\n");
        snprintf(body, sizeof body,
                 "{\"ChallengeName\":\"%s\",\"ClientId\":\"5cli\",\"Session\":\"se/ss\","
                 "\"ChallengeResponses\":{\"USERNAME\":\"%s\",\"%s\":\"response\"}}",
                 cases[i / 2].name, named ? "ann-id" : "ann", cases[i / 2].member);
        assert_string_equal(stage.http.body, body);
        fake_answer(&stage.http, 200, all_tokens);
        expect(&stage, COGNITO_DONE, "");
        assert_false(cognito_respond(stage.cognito, "again", take_end, &stage, NULL));
        stage_close(&stage);
    }
}

static const char totp[] = "{\"ChallengeName\":\"SOFTWARE_TOKEN_MFA\",\"Session\":\"s1\"}";

static void challenges_may_follow_each_other(void **state) {
    (void)state;
    struct stage stage;
    stage_open(&stage);
    login(&stage);
    fake_answer(&stage.http, 200,
                "{\"ChallengeName\":\"NEW_PASSWORD_REQUIRED\",\"Session\":\"s0\"}");
    respond(&stage, "new password");
    stage.again = true;
    fake_answer(&stage.http, 200, totp);
    assert_int_equal(stage.answer.kind, COGNITO_CHALLENGE);
    assert_non_null(strstr(stage.http.body, "\"SOFTWARE_TOKEN_MFA_CODE\":\"123456\""));
    assert_non_null(strstr(stage.http.body, "\"Session\":\"s1\""));
    fake_answer(&stage.http, 200, tokens);
    assert_int_equal(stage.answer.kind, COGNITO_DONE);
    assert_int_equal(stage.http.started, 3);
    stage_close(&stage);
}

static void a_wrong_code_may_be_mended(void **state) {
    (void)state;
    struct stage stage;
    stage_open(&stage);
    login(&stage);
    fake_answer(&stage.http, 200, totp);
    respond(&stage, "000000");
    fake_answer(&stage.http, 400, "{\"__type\":\"CodeMismatchException\",\"message\":\"no\"}");
    expect(&stage, COGNITO_WRONG, "the code is wrong");
    respond(&stage, "111111");
    assert_non_null(strstr(stage.http.body, "\"111111\""));
    assert_non_null(strstr(stage.http.body, "\"s1\""));
    fake_answer(&stage.http, 200, tokens);
    expect(&stage, COGNITO_DONE, "");
    stage_close(&stage);
}

static void a_token_is_revoked(void **state) {
    (void)state;
    struct stage stage;
    stage_open(&stage);
    revoke(&stage);
    assert_string_equal(stage.http.headers,
                        "X-Amz-Target: AWSCognitoIdentityProviderService.RevokeToken\n");
    assert_string_equal(stage.http.body, "{\"ClientId\":\"5cli\",\"Token\":\"old-refresh\"}");
    fake_answer(&stage.http, 200, "");
    expect(&stage, COGNITO_DONE, "");
    stage_close(&stage);
}

/* ---- going wrong ----------------------------------------------------------------------------- */

struct wrong {
    void (*call)(struct stage *stage);
    long status;
    const char *body;
    enum cognito_kind kind;
    const char *text;
};

static void answer_code(struct stage *stage) {
    login(stage);
    fake_answer(&stage->http, 200, totp);
    respond(stage, "098765");
}

#define ERROR(type, message) "{\"__type\":\"" type "\",\"message\":\"" message "\"}"

static const struct wrong wrongs[] = {
    {login, 400, ERROR("NotAuthorizedException", "Incorrect username or password."),
     COGNITO_REFUSED, "the user name or the password is wrong"},
    {login, 400, ERROR("NotAuthorizedException", "User is disabled."), COGNITO_REFUSED,
     "the user is disabled"},
    {login, 400, ERROR("NotAuthorizedException", "Password attempts exceeded"), COGNITO_BUSY,
     "too many wrong passwords: wait some minutes"},
    {login, 400,
     ERROR("NotAuthorizedException", "Client 5cli is configured with secret but SECRET_HASH ..."),
     COGNITO_SET_UP,
     "this client id wants a client secret, which pail doesn't have: check client_id"},
    {login, 400, ERROR("NotAuthorizedException", "Temporary password has expired and must ..."),
     COGNITO_REFUSED, "the temporary password has run out: ask the administrator for a new one"},
    {renew, 400, ERROR("NotAuthorizedException", "Refresh Token has expired"), COGNITO_REFUSED,
     "the login has run out: log in again"},
    {renew, 400, ERROR("NotAuthorizedException", "Refresh Token has been revoked"), COGNITO_REFUSED,
     "the login has run out: log in again"},
    {answer_code, 400, ERROR("NotAuthorizedException", "Invalid session for the user."),
     COGNITO_REFUSED, "the login took too long: begin again"},
    {login, 400, ERROR("com.amazonaws.cognito#UserNotFoundException", ""), COGNITO_REFUSED,
     "there is no such user"},
    {login, 400, ERROR("PasswordResetRequiredException", ""), COGNITO_REFUSED,
     "the password has to be reset first: do so on the service's web page"},
    {login, 400, ERROR("UserNotConfirmedException", ""), COGNITO_REFUSED,
     "the user is not confirmed yet: ask the administrator"},
    {answer_code, 400, ERROR("ExpiredCodeException", ""), COGNITO_REFUSED,
     "the code has run out: begin again"},
    {login, 400, ERROR("InvalidPasswordException", "Invalid password"), COGNITO_REFUSED,
     "the user name or the password is wrong"},
    {answer_code, 400, ERROR("InvalidPasswordException", "Password not long enough"), COGNITO_WRONG,
     "the new password is refused: Password not long enough"},
    {login, 400, ERROR("CodeMismatchException", ""), COGNITO_REFUSED, "the code is wrong"},
    {renew, 400, ERROR("ResourceNotFoundException", "User pool client 5cli does not exist."),
     COGNITO_SET_UP, "Cognito doesn't know this client id here: check region and client_id"},
    {login, 400,
     ERROR("InvalidParameterException", "USER_PASSWORD_AUTH flow not enabled for this client"),
     COGNITO_SET_UP, "this kind of login is not enabled for the client id"},
    {login, 400, ERROR("TooManyRequestsException", "Rate exceeded"), COGNITO_BUSY,
     "too many requests: wait a minute"},
    {login, 400, ERROR("LimitExceededException", ""), COGNITO_BUSY,
     "too many attempts: wait some minutes"},
    {login, 500, ERROR("InternalErrorException", ""), COGNITO_TROUBLED,
     "Cognito has an error of its own: later"},
    {login, 400, "{\"__type\":\"OddException\",\"Message\":\"because\"}", COGNITO_REFUSED,
     "Cognito answered 400 OddException: because"},
    {login, 503, "{\"message\":null}", COGNITO_TROUBLED, "Cognito answered 503"},
    {login, 429, "{\"__type\":7}", COGNITO_BUSY, "Cognito answered 429"},
    {login, 502, "<html>Bad gateway", COGNITO_TROUBLED,
     "Cognito answered 502, and the answer is a web page"},
    {login, 200, "<html>", COGNITO_TROUBLED, "Cognito answered 200, and the answer is a web page"},
    {renew, 200, "", COGNITO_TROUBLED, "Cognito answered 200, and the answer is empty"},
    {renew, 200, "{}", COGNITO_TROUBLED, "Cognito's answer has no token in it"},
    {renew, 200, "{\"AuthenticationResult\":{\"AccessToken\":\"\"}}", COGNITO_TROUBLED,
     "Cognito's answer has no token in it"},
    {renew, 200, "{\"AuthenticationResult\":[\"AccessToken\"]}", COGNITO_TROUBLED,
     "Cognito's answer has no token in it"},
    {renew, 200, totp, COGNITO_TROUBLED, "Cognito's answer has no token in it"},
    {login, 200, "{\"ChallengeName\":\"SMS_MFA\",\"Session\":\"\"}", COGNITO_TROUBLED,
     "Cognito's answer has no session in it"},
    {login, 200, "{\"ChallengeName\":\"MFA_SETUP\",\"Session\":\"s\"}", COGNITO_REFUSED,
     "Cognito asks for MFA_SETUP, which pail can't do: log in on the service's web page"},
    {revoke, 400, ERROR("UnsupportedTokenTypeException", ""), COGNITO_REFUSED,
     "this token can't be revoked"},
};

static void errors_are_sentences(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
        struct stage stage;
        stage_open(&stage);
        wrongs[i].call(&stage);
        fake_answer(&stage.http, wrongs[i].status, wrongs[i].body);
        expect(&stage, wrongs[i].kind, wrongs[i].text);
        assert_null(stage.token.access);
        stage_close(&stage);
    }
}

/* Whatever a service quotes of what it was sent. */
static void secrets_are_not_in_errors(void **state) {
    (void)state;
    static const struct {
        void (*call)(struct stage *stage);
        const char *body, *secret;
    } cases[] = {
        {login, ERROR("InvalidParameterException", "Value 'hunter2 \\\"\xc3\xa4' is bad"),
         "hunter2"},
        {login, ERROR("InvalidPasswordException", "hunter2 \\\"\\u00e4 is too short"), "hunter2"},
        {login, ERROR("hunter2 \\\"\xc3\xa4", ""), "hunter2"},
        {login, "{\"message\":\"hunter2 \\\"\xc3\xa4\"}", "hunter2"},
        {login, "hunter2 \"\xc3\xa4", "hunter2"},
        {renew, ERROR("OddException", "no old-refresh here"), "old-refresh"},
        {revoke, ERROR("OddException", "no old-refresh here"), "old-refresh"},
        {answer_code, ERROR("InvalidParameterException", "Value '098765' at ..."), "098765"},
        {answer_code, ERROR("InvalidParameterException", "Value 's1' at 'session'"), "s1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct stage stage;
        stage_open(&stage);
        cases[i].call(&stage);
        assert_non_null(strstr(stage.http.body, cases[i].secret));
        fake_answer(&stage.http, 400, cases[i].body);
        assert_string_not_equal(stage.answer.text, "");
        assert_null(strstr(stage.answer.text, cases[i].secret));
        stage_close(&stage);
    }
}

static void a_failed_connection_says_so(void **state) {
    (void)state;
    struct stage stage;
    stage_open(&stage);
    login(&stage);
    fake_end(&stage.http, &(struct http_result){.end = HTTP_NOT_SENT, .text = "host not found"});
    expect(&stage, COGNITO_TROUBLED, "Cognito: host not found");
    login(&stage);
    char *large = memory_new(70001, 1);
    memset(large, ' ', 70000);
    fake_answer(&stage.http, 200, large);
    free(large);
    expect(&stage, COGNITO_TROUBLED, "Cognito: the answer is larger than 64 KiB");
    stage_close(&stage);
}

/* A body that was cut off may look whole. */
static void a_cut_off_answer_is_no_login(void **state) {
    (void)state;
    struct stage stage;
    stage_open(&stage);
    login(&stage);
    struct http_request request = stage.http.call->request;
    request.data(request.context, 200, all_tokens, sizeof all_tokens - 1);
    fake_end(&stage.http, &(struct http_result){.end = HTTP_UNKNOWN,
                                                .status = 200,
                                                .text = "the answer was cut off"});
    expect(&stage, COGNITO_TROUBLED, "Cognito: the answer was cut off");
    assert_null(stage.token.access);
    stage_close(&stage);
}

static void one_call_at_a_time(void **state) {
    (void)state;
    struct stage stage;
    struct error error = {""};
    stage_open(&stage);
    assert_false(cognito_respond(stage.cognito, "1", take_end, &stage, &error));
    assert_non_null(strstr(error.text, "begin the login"));
    login(&stage);
    assert_false(cognito_renew(stage.cognito, "r", take_end, &stage, &error));
    assert_string_equal(error.text, "Cognito is being asked already");
    cognito_cancel(stage.cognito);
    cognito_cancel(stage.cognito);
    assert_int_equal(stage.http.cancelled, 1);
    stage.http.refuses = true;
    assert_false(cognito_renew(stage.cognito, "r", take_end, &stage, &error));
    assert_non_null(strstr(error.text, "plain http"));
    stage.http.refuses = false;
    assert_false(cognito_login(stage.cognito, "ann", "\xff", take_end, &stage, &error));
    assert_string_equal(error.text, "what is sent to Cognito must be UTF-8");
    renew(&stage);
    assert_int_equal(stage.ends, 0);
    stage_close(&stage);
    assert_int_equal(stage.http.cancelled, 2);
}

static void settings_are_checked(void **state) {
    (void)state;
    static const struct {
        const char *region, *client_id, *text;
    } cases[] = {
        {NULL, "c", "set region"},
        {"", "c", "set region"},
        {"evil.com/", "c", "evil.com/"},
        {"us_east", "c", "us_east"},
        {"us-east-1", NULL, "set client_id"},
        {"us-east-1", "", "set client_id"},
        {"us-east-1", "a b", "a b"},
        {"us-east-1", "a\"", "a\""},
    };
    struct http http = {.started = 0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error error = {""};
        assert_null(cognito_create(
            &http,
            &(struct cognito_settings){.region = cases[i].region, .client_id = cases[i].client_id},
            &error));
        assert_non_null(strstr(error.text, cases[i].text));
    }
    struct stage stage = {.ends = 0};
    stage.cognito = cognito_create(
        &stage.http,
        &(struct cognito_settings){.client_id = "c", .endpoint = "http://127.0.0.1:9/pool"}, NULL);
    assert_non_null(stage.cognito);
    renew(&stage);
    assert_string_equal(stage.http.url, "http://127.0.0.1:9/pool");
    stage_close(&stage);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_renewal_keeps_the_old_refresh_token),
        cmocka_unit_test(a_password_logs_in),
        cmocka_unit_test(challenges_are_answered),
        cmocka_unit_test(challenges_may_follow_each_other),
        cmocka_unit_test(a_wrong_code_may_be_mended),
        cmocka_unit_test(a_token_is_revoked),
        cmocka_unit_test(errors_are_sentences),
        cmocka_unit_test(secrets_are_not_in_errors),
        cmocka_unit_test(a_failed_connection_says_so),
        cmocka_unit_test(a_cut_off_answer_is_no_login),
        cmocka_unit_test(one_call_at_a_time),
        cmocka_unit_test(settings_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
