#include "session_fakes.h"

#include <limits.h>

#define A "{\"bucketname\":\"a\"}"
#define B "{\"bucketname\":\"b\"}"
#define C "{\"bucketname\":\"c\"}"

static size_t rows_of(const struct session *session) {
    return session_table(session) ? table_count(session_table(session)) : 0;
}

static void a_first_load_shows_rows_as_they_come(void **state) {
    (void)state;
    struct session *session = open_sitting(false);
    assert_null(session_table(session));
    assert_false(session_is_busy(session));
    unsigned long serial = session_serial(session), tables = session_table_serial(session);
    session_load(session);
    assert_true(session_serial(session) != serial);
    assert_true(status_of(session).loading && session_is_busy(session));
    assert_null(session_table(session));
    assert_string_equal(fake.authorization, "token-1");
    send_rows(A "," B ",");
    assert_int_equal(rows_of(session), 2);
    assert_true(session_is_partial(session));
    assert_true(session_table_serial(session) != tables);
    tables = session_table_serial(session);
    struct session_status status = status_of(session);
    assert_true(status.rows == 2 && status.received > 0 && status.expected == 1000);
    assert_true(status.as_of == 0);
    answer_rows(C);
    status = status_of(session);
    assert_int_equal(rows_of(session), 3);
    assert_false(session_is_partial(session) || status.loading || session_is_busy(session));
    assert_int_equal(session_table_serial(session), tables); /* it only grew */
    assert_true(status.as_of == fake.now && status.trouble == TROUBLE_NONE);
    assert_string_equal(status.text, "");
    assert_string_equal(status.user, "admin@example.com");
    assert_true(log_has(session, "3 entries"));
    session_destroy(session);
}

static void an_empty_table_is_a_table(void **state) {
    (void)state;
    struct session *session = open_sitting(false);
    session_load(session);
    answer_rows("");
    assert_non_null(session_table(session));
    assert_int_equal(rows_of(session), 0);
    assert_false(session_is_partial(session));
    session_destroy(session);
}

static void a_reload_swaps_when_it_is_whole(void **state) {
    (void)state;
    struct session *session = open_sitting(false);
    session_load(session);
    answer_rows(A);
    struct table *before = session_table(session);
    unsigned long tables = session_table_serial(session);
    session_tick(session);
    fake.now += 60;
    session_load(session);
    session_load(session); /* does nothing */
    assert_int_equal(fake.lists, 2);
    assert_string_equal(fake.authorization, "token-2");
    send_rows(B ",");
    assert_ptr_equal(session_table(session), before);
    assert_int_equal(status_of(session).rows, 1);
    answer_rows(C);
    assert_int_equal(rows_of(session), 2);
    assert_true(session_table_serial(session) != tables);
    assert_int_equal(table_count(before), 1); /* still good until the tick */
    session_tick(session);
    assert_true(status_of(session).as_of == fake.now);
    session_destroy(session);
}

static void two_swaps_before_a_tick_keep_the_table_that_was_seen(void **state) {
    (void)state;
    struct session *session = open_sitting(false);
    session_load(session);
    answer_rows(A);
    struct table *seen = session_table(session);
    for (int i = 0; i < 2; i++) {
        session_load(session);
        answer_rows(A "," B);
    }
    assert_int_equal(table_count(seen), 1);
    assert_int_equal(rows_of(session), 2);
    session_destroy(session);
}

static void a_failed_reload_keeps_the_old_table(void **state) {
    (void)state;
    static const struct {
        enum answer_kind kind;
        enum session_trouble trouble;
    } cases[] = {
        {ANSWER_LOGIN_EXPIRED, TROUBLE_LOGIN_EXPIRED},
        {ANSWER_FORBIDDEN, TROUBLE_FORBIDDEN},
        {ANSWER_REFUSED, TROUBLE_SERVICE},
        {ANSWER_TROUBLED, TROUBLE_SERVICE},
        {ANSWER_UNREADABLE, TROUBLE_UNREADABLE},
        {ANSWER_NOT_SENT, TROUBLE_NETWORK},
        {ANSWER_UNKNOWN, TROUBLE_NETWORK},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct session *session = open_sitting(false);
        session_load(session);
        answer_rows(A);
        time_t as_of = fake.now++;
        session_load(session);
        send_rows(B "," C ",");
        fail_list(cases[i].kind, 500, "it went wrong");
        struct session_status status = status_of(session);
        assert_int_equal(status.trouble, cases[i].trouble);
        assert_true(status.as_of == as_of && !status.loading);
        assert_string_equal(status.text, "reading the table: it went wrong");
        assert_string_equal(status.excerpt, cases[i].trouble == TROUBLE_UNREADABLE ? EXCERPT : "");
        assert_int_equal(rows_of(session), 1);
        assert_false(session_is_partial(session));
        assert_true((status.retry_at != 0) == (cases[i].trouble == TROUBLE_NETWORK));
        assert_true(log_has(session, "it went wrong"));
        session_load(session);
        answer_rows(A);
        assert_true(status_of(session).trouble == TROUBLE_NONE);
        assert_string_equal(status_of(session).excerpt, "");
        session_destroy(session);
    }
}

static void half_a_first_load_stays_as_partial(void **state) {
    (void)state;
    struct session *session = open_sitting(false);
    session_load(session);
    send_rows(A "," B ",");
    fail_list(ANSWER_UNKNOWN, 0, "connection reset");
    assert_int_equal(rows_of(session), 2);
    assert_true(session_is_partial(session) && status_of(session).as_of == 0);
    session_load(session);
    send_rows(A ",");
    assert_int_equal(rows_of(session), 2); /* until the new one is whole */
    answer_rows(B "," C);
    assert_int_equal(rows_of(session), 3);
    assert_false(session_is_partial(session));
    session_destroy(session);
}

static void nothing_of_an_unreadable_first_answer_is_kept(void **state) {
    (void)state;
    struct session *session = open_sitting(false);
    session_load(session);
    send_rows(A "," B ",");
    unsigned long tables = session_table_serial(session);
    session_tick(session);
    fail_list(ANSWER_UNREADABLE, 200, "not a listing");
    assert_null(session_table(session));
    assert_true(session_table_serial(session) != tables);
    assert_string_equal(status_of(session).excerpt, EXCERPT);
    session_load(session);
    answer_rows(A);
    assert_int_equal(rows_of(session), 1);
    session_destroy(session);
}

static void a_stopped_load_keeps_what_is_shown(void **state) {
    (void)state;
    struct session *session = open_sitting(false);
    session_load(session);
    send_rows(A ",");
    session_cancel(session);
    assert_int_equal(fake.cancels, 1);
    assert_int_equal(status_of(session).trouble, TROUBLE_STOPPED);
    assert_int_equal(rows_of(session), 1);
    assert_true(session_is_partial(session));
    assert_int_equal(session_tick(session), -1); /* nobody tries again */
    session_load(session);
    answer_rows(A "," B);
    session_load(session);
    send_rows(A ",");
    session_cancel(session);
    assert_int_equal(rows_of(session), 2);
    assert_false(session_is_busy(session));
    session_destroy(session);
}

static void retries_back_off_and_end(void **state) {
    (void)state;
    static const int waits[] = {2000, 4000, 8000, 16000, 32000, 60000, 60000, 60000, 60000, 60000};
    struct session *session = open_sitting(false);
    session_load(session);
    for (size_t i = 0; i < sizeof waits / sizeof *waits; i++) {
        fail_list(ANSWER_NOT_SENT, 0, "connection refused");
        assert_true(status_of(session).retry_at == fake.ms + waits[i]);
        assert_int_equal(session_tick(session), waits[i]);
        fake.ms += waits[i] - 1;
        assert_int_equal(session_tick(session), 1);
        assert_null(fake.list);
        fake.ms += 1;
        assert_int_equal(session_tick(session), 0);
        assert_non_null(fake.list);
        assert_true(status_of(session).retry_at == 0);
    }
    fail_list(ANSWER_NOT_SENT, 0, "connection refused");
    assert_int_equal(session_tick(session), -1);
    assert_int_equal(fake.lists, 11);
    session_load(session); /* somebody asks: it begins again */
    fail_list(ANSWER_NOT_SENT, 0, "connection refused");
    assert_int_equal(session_tick(session), 2000);
    session_cancel(session);
    assert_int_equal(session_tick(session), -1);
    assert_true(status_of(session).retry_at == 0);
    session_destroy(session);
}

static void a_service_that_asks_to_wait_is_not_asked_sooner(void **state) {
    (void)state;
    static const struct {
        long status, asks;
        enum answer_kind kind;
        int waits;
    } cases[] = {
        {429, 0, ANSWER_REFUSED, 2000},         {429, 1, ANSWER_REFUSED, 2000},
        {429, 120, ANSWER_REFUSED, 120000},     {503, 7, ANSWER_TROUBLED, 7000},
        {429, 999999, ANSWER_REFUSED, 3600000}, {429, LONG_MAX, ANSWER_REFUSED, 3600000},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct session *session = open_sitting(false);
        fake.retry_after = cases[i].asks;
        session_load(session);
        fail_list(cases[i].kind, cases[i].status, "wait");
        assert_int_equal(status_of(session).trouble, TROUBLE_BUSY);
        assert_int_equal(session_tick(session), cases[i].waits);
        assert_int_equal(fake.lists, 1);
        fake.ms += cases[i].waits;
        session_tick(session);
        assert_int_equal(fake.lists, 2);
        answer_rows(A);
        assert_int_equal(session_tick(session), -1);
        session_destroy(session);
    }
}

static void a_cold_start_is_read_twice_at_once(void **state) {
    (void)state;
    struct session *session = open_sitting(false);
    session_load(session);
    fail_list(ANSWER_TROUBLED, 504, "504");
    assert_true(status_of(session).loading && status_of(session).trouble == TROUBLE_NONE);
    assert_string_equal(status_of(session).happening, "504: reading once more");
    assert_int_equal(fake.lists, 2);
    fail_list(ANSWER_TROUBLED, 502, "502");
    assert_int_equal(fake.lists, 2);
    assert_int_equal(status_of(session).trouble, TROUBLE_SERVICE);
    assert_string_equal(status_of(session).happening, "");
    assert_int_equal(session_tick(session), -1);
    session_load(session);
    fail_list(ANSWER_TROUBLED, 500, "500");
    assert_int_equal(fake.lists, 3);
    session_load(session);
    fail_list(ANSWER_TROUBLED, 503, "503");
    answer_rows(A);
    assert_int_equal(rows_of(session), 1);
    session_destroy(session);
}

static void without_a_token_nothing_is_sent(void **state) {
    (void)state;
    static const enum token_state tokens[] = {TOKEN_MISSING, TOKEN_LOOSE, TOKEN_UNUSABLE};
    for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++) {
        struct session *session = open_sitting(false);
        fake.token = tokens[i];
        session_load(session);
        assert_int_equal(fake.lists, 0);
        assert_false(session_is_busy(session));
        assert_int_equal(status_of(session).trouble,
                         tokens[i] == TOKEN_LOOSE ? TROUBLE_LOOSE_TOKEN : TROUBLE_NO_TOKEN);
        assert_true(strstr(status_of(session).text, "/home/a/token") != NULL);
        assert_int_equal(session_tick(session), -1);
        session_destroy(session);
    }
}

static void a_loose_token_is_tightened_on_demand(void **state) {
    (void)state;
    struct session *session = open_sitting(false);
    struct error error;
    fake.token = TOKEN_LOOSE;
    session_load(session);
    assert_true(session_tighten_token(session, &error));
    assert_int_equal(fake.tightened, 1);
    answer_rows(A);
    assert_int_equal(status_of(session).trouble, TROUBLE_NONE);
    assert_false(session_tighten_token(session, &error));
    assert_string_equal(error.text, "nothing to tighten");
    assert_int_equal(fake.lists, 1);
    session_destroy(session);
}

static void a_request_that_cannot_start_is_a_trouble(void **state) {
    (void)state;
    struct session *session = open_sitting(false);
    fake.refuse_start = true;
    session_load(session);
    assert_false(session_is_busy(session));
    assert_int_equal(status_of(session).trouble, TROUBLE_SERVICE);
    assert_string_equal(status_of(session).text, "reading the table: too many open files");
    fake.refuse_start = false;
    session_load(session);
    fake.refuse_start = true; /* at the repetition */
    fail_list(ANSWER_TROUBLED, 504, "504");
    assert_int_equal(status_of(session).trouble, TROUBLE_SERVICE);
    assert_false(session_is_busy(session));
    session_destroy(session);
}

static void progress_moves_the_serial_ten_times_a_second(void **state) {
    (void)state;
    struct session *session = open_sitting(false);
    session_load(session);
    int shown = 0;
    for (int i = 0; i < 1000; i++, fake.ms++) {
        send_rows(A ",");
        unsigned long serial = session_serial(session);
        int wait = session_tick(session);
        shown += session_serial(session) != serial;
        assert_true(session_serial(session) != serial ? wait == 0 : wait > 0 && wait <= 100);
    }
    assert_int_equal(shown, 10);
    fake.ms += 100;
    assert_int_equal(session_tick(session), 0); /* the last rows too */
    assert_int_equal(session_tick(session), -1);
    session_destroy(session);
}

static void the_log_is_bounded(void **state) {
    (void)state;
    struct session *session = open_sitting(false);
    for (int i = 0; i < 700; i++) {
        fake.now++;
        session_load(session);
        answer_rows(i == 699 ? A "," B : A);
    }
    assert_int_equal(session_log_count(session), 500);
    assert_true(session_log_line(session, 0).when == fake.now - 499);
    assert_non_null(strstr(session_log_line(session, 499).text, "2 entries"));
    session_destroy(session);
}

static void a_sitting_can_end_at_any_moment(void **state) {
    (void)state;
    session_destroy(open_sitting(false));
    session_destroy(NULL);
    struct session *session = open_sitting(false);
    session_load(session);
    send_rows(A ",");
    session_destroy(session);
    session = open_sitting(false);
    session_load(session);
    answer_rows(A);
    session_load(session);
    send_rows(A ",");
    session_destroy(session);
    assert_null(fake.list);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_first_load_shows_rows_as_they_come),
        cmocka_unit_test(an_empty_table_is_a_table),
        cmocka_unit_test(a_reload_swaps_when_it_is_whole),
        cmocka_unit_test(two_swaps_before_a_tick_keep_the_table_that_was_seen),
        cmocka_unit_test(a_failed_reload_keeps_the_old_table),
        cmocka_unit_test(half_a_first_load_stays_as_partial),
        cmocka_unit_test(nothing_of_an_unreadable_first_answer_is_kept),
        cmocka_unit_test(a_stopped_load_keeps_what_is_shown),
        cmocka_unit_test(retries_back_off_and_end),
        cmocka_unit_test(a_service_that_asks_to_wait_is_not_asked_sooner),
        cmocka_unit_test(a_cold_start_is_read_twice_at_once),
        cmocka_unit_test(without_a_token_nothing_is_sent),
        cmocka_unit_test(a_loose_token_is_tightened_on_demand),
        cmocka_unit_test(a_request_that_cannot_start_is_a_trouble),
        cmocka_unit_test(progress_moves_the_serial_ten_times_a_second),
        cmocka_unit_test(the_log_is_bounded),
        cmocka_unit_test(a_sitting_can_end_at_any_moment),
    };
    return cmocka_run_group_tests_name("session_load", tests, NULL, NULL);
}
