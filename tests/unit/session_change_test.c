#include "session_stage.h"

/* ---- the way of a change --------------------------------------------------------------------- */

static void a_change_is_checked_sent_and_read_again(void **state) {
    (void)state;
    struct session *session = with_table();
    assert_int_equal(submission_of(session).phase, SUBMISSION_NONE);
    assert_string_equal(submission_of(session).text, "");
    unsigned long serial = session_serial(session);
    submit(session, endpoint_edit());
    assert_true(session_serial(session) != serial);
    assert_int_equal(submission_of(session).phase, SUBMISSION_CHECKING);
    assert_true(session_is_busy(session));
    assert_int_equal(fake.lists, 2);
    assert_int_equal(fake.changes, 0);
    serial = session_serial(session);
    answer_rows(OLD);
    assert_true(session_serial(session) != serial);
    assert_int_equal(submission_of(session).phase, SUBMISSION_SENDING);
    assert_string_equal(fake.body, "op=modify&bucketname=b1&endpoint=http%3A%2F%2Fnew");
    assert_string_equal(fake.authorization, "token-3"); /* read afresh */
    answer_change(ANSWER_OK, 200, "");
    assert_int_equal(submission_of(session).phase, SUBMISSION_RE_READING);
    answer_rows(NEW);
    expect(session, OUTCOME_APPLIED, "modify b1: applied");
    assert_int_equal(fake.changes, 1);
    assert_int_equal(fake.lists, 3);
    assert_true(log_has(session, "op=modify&bucketname=b1&endpoint"));
    assert_true(log_has(session, "modify b1: applied"));
    assert_string_equal(change_name(submission_of(session).change), "b1");
    session_destroy(session);
}

static void additions_and_deletions_too(void **state) {
    (void)state;
    struct bucket bucket = entry("http://old");
    struct session *session = with_table();
    submit(session, change_delete(&bucket));
    answer_rows(OLD);
    assert_string_equal(fake.body, "op=delete&bucketname=b1");
    answer_change(ANSWER_OK, 200, "");
    answer_rows("");
    expect(session, OUTCOME_APPLIED, "delete b1: applied");
    submit(session, change_add(&bucket, NULL));
    answer_rows("");
    answer_change(ANSWER_OK, 200, "");
    answer_rows(OLD);
    expect(session, OUTCOME_APPLIED, "add b1: applied");
    assert_int_equal(fake.changes, 2);
    session_destroy(session);
}

static void the_table_has_the_last_word(void **state) {
    (void)state;
    static const struct {
        const char *rows, *text;
    } cases[] = {
        {OLD, "unknown: the service accepted it, but the table is as before"},
        {ELSE, "unknown: the service accepted it, but not as wanted: endpoint"},
        {"", "unknown: the service accepted it, but the entry is gone"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct session *session = sending(endpoint_edit());
        answer_change(ANSWER_OK, 200, "");
        answer_rows(cases[i].rows);
        read_back_off(session, cases[i].rows);
        expect(session, OUTCOME_UNKNOWN, cases[i].text);
        fake.ms += SETTLE_AFTER; /* an accepted one never becomes "not applied" by itself */
        read_table(session, cases[i].rows);
        expect(session, OUTCOME_UNKNOWN, cases[i].text);
        session_tick(session);
        assert_int_equal(session_tick(session), -1);
        session_destroy(session);
    }
}

static void an_accepted_change_may_show_late(void **state) {
    (void)state;
    struct session *session = sending(endpoint_edit());
    answer_change(ANSWER_OK, 200, "");
    answer_rows(OLD);
    assert_true(session_is_busy(session));
    fake.ms += 500;
    session_tick(session);
    answer_rows(NEW);
    expect(session, OUTCOME_APPLIED, "modify b1: applied: the table shows it");
    session_destroy(session);
}

static void a_secret_cannot_be_seen(void **state) {
    (void)state;
    struct session *session = sending(secret_edit());
    answer_change(ANSWER_OK, 200, "");
    answer_rows(OLD);
    expect(session, OUTCOME_APPLIED, "applied (accepted; not visible)");
    assert_non_null(strstr(fake.body, "s3cr3t%2F%2Bvalue"));
    assert_false(log_has(session, "s3cr3t"));
    assert_true(log_has(session, "secretAccessKey=***13"));
    session_destroy(session);
}

static void a_quoted_secret_is_masked(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"400: bad " SECRET " here", "refused: 400: bad *** here; nothing"},
        {"400: secretAccessKey=s3cr3t%2F%2Bvalue", "refused: 400: secretAccessKey=***; nothing"},
        {"400: cut off: s3cr3t/+v", "refused: 400: cut off: ***; nothing"},
        {"400: {\"key\":\"s3cr3t\\/+value\"}", "refused: 400: {\"key\":\"***\"}; nothing"},
        {"400: cut off: s3cr3t\\/+", "refused: 400: cut off: ***; nothing"},
        {"400: s3c", "refused: 400: s3c; nothing"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct session *session = sending(secret_edit());
        answer_change(ANSWER_REFUSED, 400, cases[i][0]);
        expect(session, OUTCOME_REFUSED, cases[i][1]);
        assert_false(log_has(session, "s3cr3t"));
        session_destroy(session);
    }
}

#define LISTED                                                                                       \
    "{\"bucketname\":\"b1\",\"cloud\":\"minio\",\"accessKeyId\":\"K\",\"secretAccessKey\":\"" SECRET \
    "\",\"endpoint\":\"http://old\"}"

/* A service that lists secrets may quote the entry that it is to delete. */
static void a_quoted_secret_of_the_old_entry_is_masked(void **state) {
    (void)state;
    struct bucket bucket = entry("http://old");
    bucket.value[FIELD_SECRET_ACCESS_KEY] = SECRET;
    struct session *session = open_sitting(false);
    read_table(session, LISTED);
    submit(session, change_delete(&bucket));
    answer_rows(LISTED);
    answer_change(ANSWER_REFUSED, 400, "400: in use: " SECRET);
    expect(session, OUTCOME_REFUSED, "refused: 400: in use: ***; nothing");
    session_destroy(session);
}

/* Nothing but these words may tell that it wasn't taken after all. */
static void the_words_of_what_cannot_be_seen_are_told(void **state) {
    (void)state;
    struct session *session = sending(secret_edit());
    answer_change(ANSWER_OK, 200, "its answer: {\"error\":\"no such key\"}");
    answer_rows(OLD);
    expect(session, OUTCOME_APPLIED,
           "applied (accepted; not visible): its answer: {\"error\":\"no such key\"}");
    session_destroy(session);
}

/* ---- the door -------------------------------------------------------------------------------- */

static void refused_at_the_door(struct session *session, struct change *change, const char *text) {
    struct error error = {""};
    int lists = fake.lists, cancels = fake.cancels;
    assert_false(session_submit(session, change, &error));
    if (strstr(error.text, text) == NULL)
        fail_msg("%s", error.text);
    assert_true(fake.lists == lists && fake.cancels == cancels && fake.changes == 0);
    change_destroy(change);
}

static void the_door_is_shut_when_it_must_be(void **state) {
    (void)state;
    struct session *session = open_sitting(true);
    assert_true(session_is_read_only(session));
    refused_at_the_door(session, endpoint_edit(), "modify b1: read-only: nothing was sent");
    session_destroy(session);
    session = with_table();
    refused_at_the_door(session, edit("http://old", ""), "nothing differs");
    submit(session, endpoint_edit());
    refused_at_the_door(session, endpoint_edit(), "another change is under way");
    session_cancel(session);
    session_set_read_only(session);
    refused_at_the_door(session, endpoint_edit(), "read-only");
    session_destroy(session);
}

static void a_load_under_way_gives_way(void **state) {
    (void)state;
    struct session *session = with_table();
    session_load(session);
    send_rows(ELSE ",");
    submit(session, endpoint_edit());
    assert_int_equal(fake.cancels, 1);
    session_load(session); /* does nothing meanwhile */
    assert_int_equal(fake.lists, 3);
    answer_rows(OLD);
    session_load(session);
    assert_int_equal(fake.lists, 3);
    answer_change(ANSWER_OK, 200, "");
    answer_rows(NEW);
    expect(session, OUTCOME_APPLIED, "applied");
    session_destroy(session);
}

static void locked_while_checking(void **state) {
    (void)state;
    struct session *session = with_table();
    submit(session, endpoint_edit());
    session_set_read_only(session);
    answer_rows(OLD);
    expect(session, OUTCOME_NOT_SENT, "not sent: this sitting is read-only");
    assert_int_equal(fake.changes, 0);
    session_destroy(session);
}

/* ---- not sent -------------------------------------------------------------------------------- */

static void nobody_is_overwritten_unseen(void **state) {
    (void)state;
    struct session *session = with_table();
    submit(session, endpoint_edit());
    answer_rows("{\"bucketname\":\"a\"}," ELSE);
    expect(session, OUTCOME_CONFLICT, "not sent: the entry was changed");
    read_table(session, OLD);
    session_tick(session);
    const struct bucket *now = submission_of(session).now; /* a copy: the table is gone */
    assert_string_equal(now->value[FIELD_ENDPOINT], "http://else");
    submit(session, endpoint_edit());
    answer_rows("");
    expect(session, OUTCOME_CONFLICT, "not sent: the entry is gone");
    assert_null(submission_of(session).now);
    struct bucket bucket = entry("http://new");
    submit(session, change_add(&bucket, NULL));
    answer_rows(OLD);
    expect(session, OUTCOME_CONFLICT, "an entry of this name is there now");
    assert_string_equal(submission_of(session).now->value[FIELD_ENDPOINT], "http://old");
    assert_int_equal(fake.changes, 0);
    session_destroy(session);
}

static void without_a_reading_nothing_is_sent(void **state) {
    (void)state;
    struct session *session = with_table();
    submit(session, endpoint_edit());
    fail_list(ANSWER_TROUBLED, 504, "504 from the service");
    assert_int_equal(submission_of(session).phase, SUBMISSION_CHECKING); /* once more */
    fail_list(ANSWER_UNKNOWN, 0, "connection reset");
    expect(session, OUTCOME_NOT_SENT,
           "modify b1: not sent: reading the table before it: connection reset; send again when it "
           "can be read");
    assert_int_equal(status_of(session).trouble, TROUBLE_NETWORK);
    fake.token = TOKEN_LOOSE;
    submit(session, endpoint_edit());
    expect(session, OUTCOME_NOT_SENT,
           "chmod 600 /home/a/token; send again when the table can be read");
    assert_int_equal(status_of(session).trouble, TROUBLE_LOOSE_TOKEN);
    assert_int_equal(fake.changes, 0);
    session_destroy(session);
}

static void a_post_that_cannot_start_is_not_sent(void **state) {
    (void)state;
    struct session *session = with_table();
    submit(session, endpoint_edit());
    fake.token = TOKEN_MISSING;
    answer_rows(OLD);
    expect(session, OUTCOME_NOT_SENT, "no such file");
    assert_int_equal(fake.changes, 0);
    fake.token = TOKEN_LOADED;
    submit(session, endpoint_edit());
    fake.refuse_start = true;
    answer_rows(OLD);
    expect(session, OUTCOME_NOT_SENT, "too many open files");
    session_destroy(session);
}

static void a_no_is_believed(void **state) {
    (void)state;
    static const struct {
        enum answer_kind kind;
        enum submission_outcome outcome;
        long status;
        const char *text;
    } cases[] = {
        {ANSWER_FORBIDDEN, OUTCOME_REFUSED, 403,
         "not an administrator: the service refused it (403)"},
        {ANSWER_LOGIN_EXPIRED, OUTCOME_REFUSED, 200,
         ANSWER_LOGIN_EXPIRED_TEXT "; nothing was changed"},
        {ANSWER_REFUSED, OUTCOME_REFUSED, 400,
         "modify b1: refused: what it says; nothing was changed"},
        {ANSWER_NOT_SENT, OUTCOME_NOT_SENT, 0, "modify b1: not sent: what it says"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct session *session = sending(endpoint_edit());
        int lists = fake.lists;
        answer_change(cases[i].kind, cases[i].status, "what it says");
        expect(session, cases[i].outcome, cases[i].text);
        assert_int_equal(fake.lists, lists);
        assert_int_equal(session_tick(session), -1);
        session_destroy(session);
    }
}

/* ---- stopping -------------------------------------------------------------------------------- */

static void stopping_in_each_phase(void **state) {
    (void)state;
    struct session *session = with_table();
    submit(session, endpoint_edit());
    session_cancel(session);
    expect(session, OUTCOME_NOT_SENT, "not sent: stopped");
    assert_int_equal(fake.changes, 0);
    session_destroy(session);

    session = sending(endpoint_edit());
    fake.cancelled_change = HTTP_NOT_SENT;
    session_cancel(session);
    expect(session, OUTCOME_NOT_SENT, "not sent: stopped");
    session_destroy(session);

    session = sending(endpoint_edit());
    session_cancel(session);
    expect(session, OUTCOME_UNKNOWN, "unknown: stopped waiting");
    session_tick(session);
    assert_int_equal(session_tick(session), 1000);
    fake.ms += 1000;
    assert_int_equal(session_tick(session), 0);
    answer_rows(NEW);
    expect(session, OUTCOME_APPLIED, "applied");
    session_destroy(session);

    session = sending(endpoint_edit());
    answer_change(ANSWER_OK, 200, "");
    session_cancel(session);
    expect(session, OUTCOME_UNKNOWN, "the service accepted it");
    session_destroy(session);
}

static void a_sitting_can_end_in_each_phase(void **state) {
    (void)state;
    struct session *session = with_table();
    submit(session, endpoint_edit());
    session_destroy(session);
    session_destroy(sending(endpoint_edit()));
    session = sending(endpoint_edit());
    answer_change(ANSWER_UNKNOWN, 0, "");
    session_destroy(session);
    assert_true(fake.list == NULL && fake.change == NULL);
}

/* ---- unknown, and settled -------------------------------------------------------------------- */

static void no_answer_but_the_table_shows_it(void **state) {
    (void)state;
    static const enum answer_kind kinds[] = {ANSWER_UNKNOWN, ANSWER_TROUBLED, ANSWER_UNREADABLE};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct session *session = sending(endpoint_edit());
        answer_change(kinds[i], 504, "504 from the service");
        answer_rows(NEW);
        expect(session, OUTCOME_APPLIED, "504 from the service");
        assert_int_equal(fake.changes, 1); /* never sent twice */
        session_destroy(session);
    }
}

static void a_request_may_arrive_late(void **state) {
    (void)state;
    static const int waits[] = {1000, 1000, 2000, 4000, 2000}; /* at 1, 2, 4, 8 and 10 s */
    struct session *session = sending(endpoint_edit());
    answer_change(ANSWER_UNKNOWN, 0, "no answer within 30 s");
    answer_rows(OLD);
    for (size_t i = 0; i < sizeof waits / sizeof *waits; i++) {
        expect(session, OUTCOME_UNKNOWN, "may still arrive");
        session_tick(session);
        assert_int_equal(session_tick(session), waits[i]);
        assert_true(status_of(session).retry_at == 0); /* it is no trouble */
        fake.ms += waits[i];
        assert_int_equal(session_tick(session), 0);
        if (i + 1 < sizeof waits / sizeof *waits)
            answer_rows(OLD);
    }
    answer_rows(NEW);
    expect(session, OUTCOME_APPLIED, "applied");
    assert_true(log_has(session, "modify b1: settled: applied"));
    assert_int_equal(session_unsettled(session), 0);
    assert_int_equal(fake.changes, 1);
    session_tick(session);
    assert_int_equal(session_tick(session), -1);
    session_destroy(session);
}

static void a_request_that_never_arrived(void **state) {
    (void)state;
    static const struct {
        const char *rows, *early, *late;
        enum submission_outcome outcome;
    } cases[] = {
        {OLD, "the table is as before", "not applied: connection reset, and the table is as before",
         OUTCOME_REFUSED},
        {ELSE, "endpoint", "unknown: connection reset, and not as wanted: endpoint",
         OUTCOME_UNKNOWN},
        {"", "the entry is gone", "unknown: connection reset, and the entry is gone",
         OUTCOME_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct session *session = sending(endpoint_edit());
        lose_answer(cases[i].rows);
        expect(session, OUTCOME_UNKNOWN, cases[i].early);
        fake.ms += SETTLE_AFTER - 1;
        read_table(session, cases[i].rows);
        expect(session, OUTCOME_UNKNOWN, cases[i].early);
        fake.ms += 1;
        session_tick(session);
        answer_rows(cases[i].rows);
        expect(session, cases[i].outcome, cases[i].late);
        session_destroy(session);
    }
}

static void a_later_reading_settles(void **state) {
    (void)state;
    struct session *session = sending(endpoint_edit());
    answer_change(ANSWER_OK, 200, "");
    fail_list(ANSWER_NOT_SENT, 0, "connection refused");
    expect(session, OUTCOME_UNKNOWN, "could not be read again");
    assert_int_equal(session_unsettled(session), 1);
    session_tick(session);
    fake.ms += 2000; /* the retry of the reading */
    session_tick(session);
    fail_list(ANSWER_NOT_SENT, 0, "connection refused");
    expect(session, OUTCOME_UNKNOWN, "could not be read again");
    read_table(session, NEW);
    expect(session, OUTCOME_APPLIED, "modify b1: applied");
    assert_true(log_has(session, "settled: applied"));
    session_destroy(session);
}

static void the_next_change_settles_the_last(void **state) {
    (void)state;
    struct session *session = sending(endpoint_edit());
    session_cancel(session);
    struct bucket bucket = entry("http://new");
    submit(session, change_delete(&bucket)); /* as the form was opened on NEW */
    assert_true(session_is_unsettled(session, "b1"));
    assert_false(session_is_unsettled(session, "b2"));
    answer_rows(NEW);
    assert_int_equal(session_unsettled(session), 0);
    assert_true(log_has(session, "modify b1: settled: applied"));
    answer_change(ANSWER_OK, 200, "");
    answer_rows("");
    expect(session, OUTCOME_APPLIED, "delete b1: applied");
    session_destroy(session);
}

static void a_lost_secret_is_unsettled_until_set_again(void **state) {
    (void)state;
    struct session *session = sending(secret_edit());
    lose_answer(OLD);
    expect(session, OUTCOME_UNKNOWN, "set it again");
    session_tick(session);
    assert_int_equal(session_tick(session), -1); /* reading can't tell */
    fake.ms += 60000;
    read_table(session, OLD);
    expect(session, OUTCOME_UNKNOWN, "set it again");
    submit(session, endpoint_edit());
    answer_rows(OLD);
    answer_change(ANSWER_OK, 200, "");
    answer_rows(NEW); /* this one says nothing of the secret */
    assert_int_equal(submission_of(session).outcome, OUTCOME_APPLIED);
    read_table(session, OLD);
    assert_true(session_is_unsettled(session, "b1"));
    submit(session, secret_edit());
    answer_rows(OLD);
    answer_change(ANSWER_OK, 200, "");
    answer_rows(OLD);
    expect(session, OUTCOME_APPLIED, "accepted");
    assert_int_equal(session_unsettled(session), 0);
    assert_false(log_has(session, "s3cr3t"));
    session_destroy(session);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_change_is_checked_sent_and_read_again),
        cmocka_unit_test(additions_and_deletions_too),
        cmocka_unit_test(the_table_has_the_last_word),
        cmocka_unit_test(an_accepted_change_may_show_late),
        cmocka_unit_test(a_secret_cannot_be_seen),
        cmocka_unit_test(a_quoted_secret_is_masked),
        cmocka_unit_test(a_quoted_secret_of_the_old_entry_is_masked),
        cmocka_unit_test(the_words_of_what_cannot_be_seen_are_told),
        cmocka_unit_test(the_door_is_shut_when_it_must_be),
        cmocka_unit_test(a_load_under_way_gives_way),
        cmocka_unit_test(locked_while_checking),
        cmocka_unit_test(nobody_is_overwritten_unseen),
        cmocka_unit_test(without_a_reading_nothing_is_sent),
        cmocka_unit_test(a_post_that_cannot_start_is_not_sent),
        cmocka_unit_test(a_no_is_believed),
        cmocka_unit_test(stopping_in_each_phase),
        cmocka_unit_test(a_sitting_can_end_in_each_phase),
        cmocka_unit_test(no_answer_but_the_table_shows_it),
        cmocka_unit_test(a_request_may_arrive_late),
        cmocka_unit_test(a_request_that_never_arrived),
        cmocka_unit_test(a_later_reading_settles),
        cmocka_unit_test(the_next_change_settles_the_last),
        cmocka_unit_test(a_lost_secret_is_unsettled_until_set_again),
    };
    return cmocka_run_group_tests_name("session_change", tests, NULL, NULL);
}
