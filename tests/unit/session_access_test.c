/* Before a reading: the service's hosts and the login, with a service, a Cognito and a token file
 * that the test plays. */
#include "session_fakes.h"

#include "pail/service/cognito.h"
#include "pail/service/discovery.h"

#define DOMAIN "infinstor.example.com"
#define ROWS   "{\"bucketname\":\"b1\",\"cloud\":\"aws\",\"endpoint\":\"http://old\"}"

/* ---- what is played besides ------------------------------------------------------------------ */

struct discovery_call {
    discovery_end_fn *end;
    void *context;
};

struct cognito {
    cognito_end_fn *end;
    void *context;
};

static struct {
    struct discovery_call *discovery; /* under way */
    struct cognito *cognito;          /* likewise */
    int discoveries, renewals, writes, dropped;
    bool cannot_write;
    enum token_lock_state lock;
    int locks;        /* that are held */
    char refresh[64]; /* what was sent to be renewed */
} play;

bool discovery_default(struct discovery *discovery, const char *domain, struct error *error) {
    (void)error;
    *discovery = (struct discovery){.external_auth = false};
    snprintf(discovery->api_host, sizeof discovery->api_host, "api.%s", domain);
    return true;
}

struct discovery_call *discovery_start(struct http *http, const char *domain, long timeout_ms,
                                       discovery_end_fn *end, void *context, struct error *error) {
    (void)http, (void)timeout_ms, (void)error;
    assert_string_equal(domain, DOMAIN);
    assert_null(play.discovery);
    play.discoveries++;
    play.discovery = memory_new(1, sizeof *play.discovery);
    *play.discovery = (struct discovery_call){end, context};
    return play.discovery;
}

void discovery_cancel(struct discovery_call *call) {
    assert_ptr_equal(call, play.discovery);
    free(play.discovery);
    play.discovery = NULL;
}

static void answer_discovery(bool good) {
    struct discovery_call call = *play.discovery;
    struct discovery found;
    struct error error = {"no answer within 30 s"};
    discovery_cancel(play.discovery);
    discovery_default(&found, DOMAIN, NULL);
    if (good) {
        snprintf(found.api_host, sizeof found.api_host, "named.%s", DOMAIN);
        snprintf(found.region, sizeof found.region, "us-east-1");
        snprintf(found.cli_client_id, sizeof found.cli_client_id, "client1");
    }
    call.end(call.context, &found, good ? NULL : &error);
}

struct cognito *cognito_create(struct http *http, const struct cognito_settings *settings,
                               struct error *error) {
    (void)http, (void)error;
    assert_string_equal(settings->region, "us-east-1");
    assert_string_equal(settings->client_id, "client1");
    return memory_new(1, sizeof(struct cognito));
}

void cognito_destroy(struct cognito *cognito) {
    assert_true(cognito == NULL || cognito != play.cognito);
    free(cognito);
}

bool cognito_renew(struct cognito *cognito, const char *refresh_token, cognito_end_fn *end,
                   void *context, struct error *error) {
    (void)error;
    assert_null(play.cognito);
    assert_null(fake.change); /* never while a change is on its way */
    play.renewals++;
    snprintf(play.refresh, sizeof play.refresh, "%s", refresh_token);
    *cognito = (struct cognito){end, context};
    play.cognito = cognito;
    return true;
}

void cognito_cancel(struct cognito *cognito) {
    assert_ptr_equal(cognito, play.cognito);
    play.cognito = NULL;
    play.dropped++;
}

void cognito_update(const struct cognito *cognito, const struct cognito_answer *answer,
                    struct token *token, int64_t now) {
    (void)cognito;
    assert_string_equal(answer->access, "new");
    token_set(&token->access, answer->access);
    token->issued = now;
}

enum token_lock_state token_lock(const char *path, int wait_ms, int *lock, struct error *error) {
    assert_string_equal(path, "/home/a/token");
    assert_int_equal(wait_ms, 0); /* the session doesn't block */
    if (play.lock == TOKEN_LOCKED) {
        play.locks++;
        *lock = 7;
    } else
        error_set(error, "the lock is not to be had");
    return play.lock;
}

void token_unlock(int lock) {
    assert_int_equal(lock, 7);
    play.locks--;
}

bool token_write(const char *path, const struct token *token, struct error *error) {
    assert_string_equal(path, "/home/a/token");
    assert_int_equal(play.locks, 1);
    if (play.cannot_write)
        return error_set(error, "the disk is full");
    play.writes++;
    fake.due = false;
    fake.issued = token->issued;
    return true;
}

static void end_renewal(enum cognito_kind kind, const char *text) {
    assert_non_null(play.cognito);
    struct cognito call = *play.cognito;
    struct cognito_answer answer = {.kind = kind, .access = kind == COGNITO_DONE ? "new" : NULL};
    snprintf(answer.text, sizeof answer.text, "%s", text);
    play.cognito = NULL;
    fake.now++;
    call.end(call.context, &answer);
}

/* ---- sittings -------------------------------------------------------------------------------- */

static struct session *open_with(const struct session_settings *settings) {
    memset(&fake, 0, sizeof fake);
    memset(&play, 0, sizeof play);
    fake.ms = 1000;
    fake.now = 1700000000;
    fake.issued = 1690000000;
    fake.refresh = "refresh-1";
    fake.cancelled_change = HTTP_UNKNOWN;
    return session_create(NULL, settings);
}

/* With nothing but the domain. */
static struct session *open_domain(void) {
    return open_with(&(struct session_settings){
        .base_url = "", .service = DOMAIN, .token_path = "/home/a/token", .timeout_ms = 30000});
}

/* Its hosts are known, and the table has been read. */
static struct session *open_read(void) {
    struct session *session = open_domain();
    session_load(session);
    answer_discovery(true);
    answer_rows(ROWS);
    assert_int_equal(status_of(session).trouble, TROUBLE_NONE);
    return session;
}

static void close_sitting(struct session *session) {
    session_destroy(session);
    assert_int_equal(play.locks, 0);
    assert_null(play.discovery);
    assert_null(play.cognito);
}

static void submit(struct session *session) {
    struct error error = {""};
    struct bucket opened;
    bucket_init(&opened);
    opened.value[FIELD_NAME] = "b1";
    opened.value[FIELD_CLOUD] = "aws";
    opened.value[FIELD_ENDPOINT] = "http://old";
    assert_true(session_submit(session, change_delete(&opened), &error));
}

static struct submission submission_of(const struct session *session) {
    struct submission submission;
    session_submission(session, &submission);
    return submission;
}

/* ---- hosts ----------------------------------------------------------------------------------- */

static void hosts_are_asked_for_once_in_a_sitting(void **state) {
    (void)state;
    struct session *session = open_domain();
    assert_string_equal(fake.base_url, "https://api." DOMAIN); /* what a review shows until then */
    session_load(session);
    assert_true(status_of(session).loading && fake.lists == 0);
    answer_discovery(true);
    assert_string_equal(fake.base_url, "https://named." DOMAIN);
    answer_rows(ROWS);
    session_load(session);
    answer_rows(ROWS);
    submit(session);
    answer_rows(ROWS);
    answer_change(ANSWER_OK, 200, "");
    answer_rows("");
    assert_int_equal(submission_of(session).outcome, OUTCOME_APPLIED);
    assert_int_equal(play.discoveries, 1);
    close_sitting(session);
}

static void a_url_of_its_own_is_kept(void **state) {
    (void)state;
    struct session *session = open_with(&(struct session_settings){.base_url = "https://mine",
                                                                   .service = DOMAIN,
                                                                   .token_path = "/home/a/token",
                                                                   .timeout_ms = 30000});
    session_load(session);
    answer_discovery(true); /* for region and client id */
    answer_rows(ROWS);
    assert_string_equal(fake.base_url, "https://mine");
    close_sitting(session);
}

static void without_an_answer_the_usual_host_is_taken_and_said(void **state) {
    (void)state;
    struct session *session = open_domain();
    session_load(session);
    answer_discovery(false);
    assert_string_equal(fake.base_url, "https://api." DOMAIN);
    answer_rows(ROWS);
    assert_int_equal(status_of(session).trouble, TROUBLE_NONE);
    assert_non_null(strstr(status_of(session).remark, "api." DOMAIN " is taken"));
    assert_true(log_has(session, "no answer within 30 s"));
    assert_true(log_has(session, "api." DOMAIN " is taken"));
    session_load(session); /* asked again: the service may have come up */
    answer_discovery(true);
    assert_string_equal(fake.base_url, "https://named." DOMAIN);
    assert_string_equal(status_of(session).remark, "");
    answer_rows(ROWS);
    close_sitting(session);
}

static void a_change_goes_where_its_review_said(void **state) {
    (void)state;
    struct session *session = open_domain();
    session_load(session);
    answer_discovery(false);
    answer_rows(ROWS);
    submit(session); /* its review showed the usual host */
    answer_rows(ROWS);
    assert_string_equal(fake.base_url, "https://api." DOMAIN);
    answer_change(ANSWER_OK, 200, "");
    answer_rows("");
    assert_int_equal(submission_of(session).outcome, OUTCOME_APPLIED);
    assert_int_equal(play.discoveries, 1);
    close_sitting(session);
}

static void stopping_drops_what_is_prepared(void **state) {
    (void)state;
    struct session *session = open_domain();
    session_load(session);
    session_cancel(session);
    assert_null(play.discovery);
    assert_int_equal(status_of(session).trouble, TROUBLE_STOPPED);
    fake.due = true;
    session_load(session);
    answer_discovery(true);
    assert_non_null(play.cognito);
    session_cancel(session);
    assert_null(play.cognito);
    assert_int_equal(play.locks, 0);
    assert_int_equal(fake.lists, 0);
    session_load(session);
    session_destroy(session); /* at any moment */
    assert_int_equal(play.locks, 0);
    assert_null(play.cognito);
}

/* ---- renewal --------------------------------------------------------------------------------- */

static void a_token_that_is_due_is_renewed_before_a_reading(void **state) {
    (void)state;
    struct session *session = open_read();
    fake.due = true;
    session_load(session);
    assert_int_equal(play.locks, 1);
    assert_string_equal(play.refresh, "refresh-1");
    assert_int_equal(fake.lists, 1);
    end_renewal(COGNITO_DONE, "");
    assert_int_equal(play.locks, 0);
    assert_int_equal(play.writes, 1);
    answer_rows(ROWS);
    session_load(session);
    answer_rows(ROWS);
    assert_int_equal(play.renewals, 1);
    assert_true(log_has(session, "renewed the login"));
    close_sitting(session);
}

static void a_change_renews_before_its_reading_and_never_after_it(void **state) {
    (void)state;
    struct session *session = open_read();
    fake.due = true;
    submit(session);
    assert_int_equal(submission_of(session).phase, SUBMISSION_CHECKING);
    end_renewal(COGNITO_DONE, "");
    fake.due = true; /* from here on it is due, but the entry has been compared */
    answer_rows(ROWS);
    assert_int_equal(play.renewals, 1);
    assert_int_equal(fake.changes, 1);
    answer_change(ANSWER_OK, 200, "");
    assert_int_equal(play.renewals, 2); /* the answer is there: reading again may renew */
    end_renewal(COGNITO_DONE, "");
    answer_rows("");
    assert_int_equal(submission_of(session).outcome, OUTCOME_APPLIED);
    close_sitting(session);
}

static void the_login_page_renews_once_and_repeats_the_reading(void **state) {
    (void)state;
    struct session *session = open_read();
    session_load(session);
    fail_list(ANSWER_LOGIN_EXPIRED, 200, "the login has expired");
    assert_true(status_of(session).loading && play.renewals == 1);
    end_renewal(COGNITO_DONE, "");
    assert_int_equal(fake.lists, 3);
    answer_rows(ROWS);
    assert_int_equal(status_of(session).trouble, TROUBLE_NONE);
    session_load(session);
    fail_list(ANSWER_LOGIN_EXPIRED, 401, "the login has expired");
    end_renewal(COGNITO_DONE, "");
    fail_list(ANSWER_LOGIN_EXPIRED, 401, "the login has expired"); /* the new one neither */
    assert_int_equal(play.renewals, 2);
    assert_int_equal(status_of(session).trouble, TROUBLE_LOGIN_EXPIRED);
    close_sitting(session);
}

static void a_change_that_met_an_expired_login_is_refused_and_the_login_renewed(void **state) {
    (void)state;
    struct session *session = open_read();
    submit(session);
    answer_rows(ROWS);
    answer_change(ANSWER_LOGIN_EXPIRED, 200, "the login has expired");
    struct submission submission = submission_of(session);
    assert_true(submission.phase == SUBMISSION_DONE && submission.outcome == OUTCOME_REFUSED);
    assert_int_equal(submission.trouble, TROUBLE_LOGIN_EXPIRED);
    assert_non_null(strstr(submission.text, "it is renewed now"));
    assert_int_equal(play.renewals, 1); /* by itself, and at once */
    end_renewal(COGNITO_DONE, "");
    answer_rows(ROWS);
    assert_int_equal(status_of(session).trouble, TROUBLE_NONE);
    assert_int_equal(fake.changes, 1); /* it isn't sent again by itself */
    submit(session);
    answer_rows(ROWS);
    answer_change(ANSWER_OK, 200, "");
    answer_rows("");
    assert_int_equal(submission_of(session).outcome, OUTCOME_APPLIED);
    assert_int_equal(play.renewals, 1);
    close_sitting(session);
}

static void sending_again_waits_for_the_renewal(void **state) {
    (void)state;
    struct session *session = open_read();
    submit(session);
    answer_rows(ROWS);
    answer_change(ANSWER_LOGIN_EXPIRED, 401, "the login has expired");
    submit(session);
    assert_int_equal(play.dropped, 0); /* the renewal goes on, for this change */
    assert_int_equal(submission_of(session).phase, SUBMISSION_CHECKING);
    end_renewal(COGNITO_DONE, "");
    answer_rows(ROWS);
    assert_int_equal(fake.changes, 2);
    answer_change(ANSWER_OK, 200, "");
    answer_rows("");
    assert_int_equal(submission_of(session).outcome, OUTCOME_APPLIED);
    close_sitting(session);
}

static void a_refused_change_whose_login_cannot_be_renewed(void **state) {
    (void)state;
    struct session *session = open_read();
    fake.refresh = NULL;
    submit(session);
    answer_rows(ROWS);
    answer_change(ANSWER_LOGIN_EXPIRED, 401, "the login has expired");
    assert_non_null(strstr(submission_of(session).text, "log in again"));
    assert_false(session_is_busy(session));
    assert_int_equal(play.renewals, 0);
    close_sitting(session);
}

static void a_renewal_that_is_refused_needs_a_login(void **state) {
    (void)state;
    struct session *session = open_read();
    fake.due = true;
    session_load(session);
    end_renewal(COGNITO_REFUSED, "the login has run out: log in again");
    assert_int_equal(status_of(session).trouble, TROUBLE_LOGIN_EXPIRED);
    assert_non_null(strstr(status_of(session).text, "has run out"));
    assert_int_equal(fake.lists, 1);
    assert_non_null(session_table(session)); /* it stays */
    submit(session);
    end_renewal(COGNITO_REFUSED, "the login has run out: log in again");
    assert_int_equal(submission_of(session).outcome, OUTCOME_NOT_SENT);
    assert_int_equal(submission_of(session).trouble, TROUBLE_LOGIN_EXPIRED);
    assert_int_equal(fake.changes, 0);
    fake.due = false; /* somebody has logged in elsewhere */
    session_load(session);
    answer_rows(ROWS);
    assert_int_equal(status_of(session).trouble, TROUBLE_NONE);
    close_sitting(session);
}

static void a_token_that_is_only_due_is_good_while_cognito_is_away(void **state) {
    (void)state;
    struct session *session = open_read();
    fake.due = true;
    session_load(session);
    end_renewal(COGNITO_TROUBLED, "Cognito: connection refused");
    answer_rows(ROWS);
    assert_int_equal(status_of(session).trouble, TROUBLE_NONE);
    assert_true(log_has(session, "not renewed: Cognito: connection refused"));
    fake.due = false;
    session_load(session);
    fail_list(ANSWER_LOGIN_EXPIRED, 401, "the login has expired");
    end_renewal(COGNITO_TROUBLED, "Cognito: connection refused");
    assert_int_equal(status_of(session).trouble, TROUBLE_SERVICE);
    close_sitting(session);
}

static void a_renewal_that_cannot_be_written_is_said(void **state) {
    (void)state;
    struct session *session = open_read();
    fake.due = play.cannot_write = true;
    session_load(session);
    end_renewal(COGNITO_DONE, "");
    answer_rows(ROWS); /* with what was there */
    assert_true(log_has(session, "the disk is full"));
    close_sitting(session);
}

static void two_pails_renew_once(void **state) {
    (void)state;
    struct session *session = open_read();
    fake.due = true;
    play.lock = TOKEN_LOCK_BUSY;
    session_load(session);
    for (int i = 0; i < 5; i++) {
        int wait = session_tick(session);
        assert_true(wait > 0 && wait <= 100);
        assert_true(status_of(session).loading && fake.lists == 1);
        fake.ms += wait;
        session_tick(session);
    }
    fake.due = false; /* the other one is done */
    play.lock = TOKEN_LOCKED;
    fake.ms += 100;
    session_tick(session);
    assert_int_equal(fake.lists, 2);
    answer_rows(ROWS);
    assert_int_equal(play.renewals, 0);
    close_sitting(session);
}

static void another_pail_that_renews_for_ever_is_not_waited_for(void **state) {
    (void)state;
    struct session *session = open_read();
    fake.due = true;
    play.lock = TOKEN_LOCK_BUSY;
    session_load(session);
    for (int i = 0; i < 200 && fake.lists == 1; i++) {
        fake.ms += 100;
        session_tick(session);
    }
    assert_int_equal(fake.lists, 2);
    assert_true(log_has(session, "the lock is not to be had"));
    answer_rows(ROWS);
    session_load(session);
    session_cancel(session);
    assert_int_equal(session_tick(session), -1);
    close_sitting(session);
}

static void what_another_pail_renewed_meanwhile_is_used(void **state) {
    (void)state;
    struct session *session = open_read();
    session_load(session);
    fake.issued++; /* while the old one was being refused */
    fail_list(ANSWER_LOGIN_EXPIRED, 401, "the login has expired");
    assert_int_equal(play.renewals, 0);
    assert_int_equal(fake.lists, 3);
    answer_rows(ROWS);
    close_sitting(session);
}

/* ---- which credentials ----------------------------------------------------------------------- */

static void a_custom_token_is_never_renewed(void **state) {
    (void)state;
    struct session *session = open_read();
    fake.custom = fake.due = true;
    session_load(session);
    fail_list(ANSWER_LOGIN_EXPIRED, 401, "the login has expired");
    assert_int_equal(status_of(session).trouble, TROUBLE_LOGIN_EXPIRED);
    submit(session);
    answer_rows(ROWS);
    answer_change(ANSWER_LOGIN_EXPIRED, 401, "the login has expired");
    assert_int_equal(play.renewals, 0);
    close_sitting(session);
}

static void a_token_of_another_service_is_not_sent(void **state) {
    (void)state;
    struct session *session = open_domain();
    fake.elsewhere = fake.due = true;
    session_load(session);
    answer_discovery(true);
    assert_int_equal(status_of(session).trouble, TROUBLE_NO_TOKEN);
    assert_non_null(strstr(status_of(session).text, "other.example.com"));
    submit(session);
    assert_int_equal(submission_of(session).outcome, OUTCOME_NOT_SENT);
    assert_true(fake.lists == 0 && fake.changes == 0 && play.renewals == 0);
    close_sitting(session);
}

static void a_token_of_the_environment_stays_in_memory(void **state) {
    (void)state;
    struct session *session = open_domain();
    session_destroy(session);
    fake.environment = fake.due = true;
    fake.refresh = "refresh-e";
    session = session_create(
        NULL, &(struct session_settings){
                  .base_url = "", .service = DOMAIN, .token_path = "", .timeout_ms = 30000});
    session_load(session);
    answer_discovery(true);
    assert_string_equal(play.refresh, "refresh-e");
    end_renewal(COGNITO_DONE, "");
    fake.due = false;
    answer_rows(ROWS);
    session_load(session);
    answer_rows(ROWS);
    assert_true(play.renewals == 1 && play.writes == 0 && play.locks == 0);
    close_sitting(session);
}

static void without_a_token_to_send_cognito_s_absence_is_the_trouble(void **state) {
    (void)state;
    struct session *session = open_domain();
    session_destroy(session);
    fake.environment = fake.due = true;
    session = session_create(
        NULL, &(struct session_settings){
                  .base_url = "", .service = DOMAIN, .token_path = "", .timeout_ms = 30000});
    session_load(session);
    answer_discovery(true);
    end_renewal(COGNITO_TROUBLED, "Cognito: connection refused");
    assert_int_equal(status_of(session).trouble, TROUBLE_SERVICE);
    assert_non_null(strstr(status_of(session).text, "connection refused"));
    assert_int_equal(fake.lists, 0);
    close_sitting(session);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hosts_are_asked_for_once_in_a_sitting),
        cmocka_unit_test(a_url_of_its_own_is_kept),
        cmocka_unit_test(without_an_answer_the_usual_host_is_taken_and_said),
        cmocka_unit_test(a_change_goes_where_its_review_said),
        cmocka_unit_test(stopping_drops_what_is_prepared),
        cmocka_unit_test(a_token_that_is_due_is_renewed_before_a_reading),
        cmocka_unit_test(a_change_renews_before_its_reading_and_never_after_it),
        cmocka_unit_test(the_login_page_renews_once_and_repeats_the_reading),
        cmocka_unit_test(a_change_that_met_an_expired_login_is_refused_and_the_login_renewed),
        cmocka_unit_test(sending_again_waits_for_the_renewal),
        cmocka_unit_test(a_refused_change_whose_login_cannot_be_renewed),
        cmocka_unit_test(a_renewal_that_is_refused_needs_a_login),
        cmocka_unit_test(a_token_that_is_only_due_is_good_while_cognito_is_away),
        cmocka_unit_test(a_renewal_that_cannot_be_written_is_said),
        cmocka_unit_test(two_pails_renew_once),
        cmocka_unit_test(another_pail_that_renews_for_ever_is_not_waited_for),
        cmocka_unit_test(what_another_pail_renewed_meanwhile_is_used),
        cmocka_unit_test(a_custom_token_is_never_renewed),
        cmocka_unit_test(a_token_of_another_service_is_not_sent),
        cmocka_unit_test(a_token_of_the_environment_stays_in_memory),
        cmocka_unit_test(without_a_token_to_send_cognito_s_absence_is_the_trouble),
    };
    return cmocka_run_group_tests_name("session_access", tests, NULL, NULL);
}
