/* What an earlier sitting or another pail left in the journal: taken up and settled, or left alone.
 */
#include "session_place.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <time.h>

static void an_unknown_one_is_taken_up_and_settled(void **state) {
    (void)state;
    static const struct {
        const char *rows;
        int later;
        enum journal_state state;
    } cases[] = {
        {NEW, 0, JOURNAL_APPLIED},
        {OLD, SETTLE_AFTER, JOURNAL_REFUSED},
        {OLD, SETTLE_AFTER - 1, JOURNAL_UNKNOWN},
        {ELSE, SETTLE_AFTER, JOURNAL_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        open_place(NULL);
        leave_unknown(edit("http://new", SECRET));
        fake.ms += cases[i].later;
        struct session *session = sitting();
        struct unsettled_entry left;
        assert_int_equal(session_unsettled(session), 1); /* before anything is read */
        assert_true(session_is_unsettled(session, "b1"));
        session_unsettled_entry(session, 0, &left);
        assert_string_equal(left.name, "b1");
        assert_int_equal(left.since, clock_wall_ms() / 1000 - cases[i].later / 1000);
        assert_non_null(strstr(left.text, "modify b1: unknown: connection reset"));
        read_table(session, cases[i].rows);
        assert_true((session_unsettled(session) == 0) == (cases[i].state != JOURNAL_UNKNOWN));
        expect_recorded(cases[i].state, "");
        session_destroy(session);
        session = sitting();
        assert_true((session_unsettled(session) == 0) == (cases[i].state != JOURNAL_UNKNOWN));
        session_destroy(session);
        close_place(NULL);
    }
    open_place(NULL);
}

static void it_is_read_again_by_itself(void **state) {
    (void)state;
    leave_unknown(endpoint_edit());
    struct session *session = sitting();
    read_table(session, OLD);
    int lists = fake.lists;
    for (int i = 0; i < 100 && session_unsettled(session) > 0; i++) {
        int wait = session_tick(session);
        if (fake.list != NULL)
            answer_rows(OLD);
        else
            fake.ms += wait > 0 ? wait : 0;
    }
    assert_int_equal(fake.lists - lists, 5); /* at 1, 2, 4, 8 and 10 s */
    expect_recorded(JOURNAL_REFUSED, "not applied: an earlier sitting got no clear answer, and the "
                                     "table is as before");
    session_destroy(session);
}

/* pail was killed: its intent is there, and no outcome. */
static void an_open_one_of_a_pail_that_died(void **state) {
    (void)state;
    struct change *change = endpoint_edit();
    journal_close(write_intent(change, clock_wall_ms() + 5000));
    fake.ms += 5000 + SETTLE_AFTER - 1;
    struct session *session = sitting();
    assert_int_equal(session_unsettled(session), 1);
    read_table(session, OLD);
    assert_int_equal(session_unsettled(session), 1);
    session_tick(session);
    assert_int_equal(session_tick(session), 1);
    fake.ms += 1;
    session_tick(session);
    answer_rows(OLD);
    expect_recorded(JOURNAL_REFUSED, "not applied: pail was ended before the answer");
    session_destroy(session);
    change_destroy(change);
}

/* It can't have waited beyond its end, whatever its time-out was. */
static void one_that_died_just_now_ended_now(void **state) {
    (void)state;
    struct change *change = endpoint_edit();
    static const int64_t until[] = {3600000, 0}; /* much later; not known */
    for (int i = 0; i < 2; i++) {
        journal_close(write_intent(change, until[i] ? clock_wall_ms() + until[i] : 0));
        struct session *session = sitting();
        read_late(session, OLD);
        expect_recorded(JOURNAL_REFUSED, "not applied");
        session_destroy(session);
    }
    change_destroy(change);
}

static void one_of_a_pail_that_runs_is_left_to_it(void **state) {
    (void)state;
    struct change *change = endpoint_edit();
    struct journal *other = write_intent(change, clock_wall_ms() + 5000);
    fake.ms += 3600000;
    struct session *session = sitting();
    assert_int_equal(session_unsettled(session), 0);
    read_table(session, OLD);
    expect_recorded(JOURNAL_OPEN, "");
    session_destroy(session);
    journal_close(other); /* it has ended */
    session = sitting();
    assert_int_equal(session_unsettled(session), 1);
    session_destroy(session);
    change_destroy(change);
}

/* Where it can't be told whether a pail runs, its POST may still be sent as long as its intent is
 * good. */
static void one_that_may_be_running_ends_when_it_said(void **state) {
    (void)state;
    char running[160];
    struct change *change = endpoint_edit();
    snprintf(running, sizeof running, "%s/pail", place.folder);
    assert_int_equal(mkdir(running, 0700), 0);
    snprintf(running, sizeof running, "%s.running", place.path);
    assert_int_equal(mkdir(running, 0700), 0); /* nothing can be locked there */
    struct journal *other = write_intent(change, clock_wall_ms() + 5000);
    struct session *session = sitting();
    assert_int_equal(session_unsettled(session), 1);
    fake.ms += 5000 + SETTLE_AFTER - 1;
    read_table(session, OLD);
    expect_recorded(JOURNAL_OPEN, "");
    fake.ms += 1;
    read_table(session, OLD);
    expect_recorded(JOURNAL_REFUSED, "not applied");
    session_destroy(session);
    journal_close(other);
    change_destroy(change);
}

/* A pail that was stopped (^Z) may send later than it said. */
static void an_earlier_one_that_is_still_running_may_restore(void **state) {
    (void)state;
    struct bucket opened = entry("http://new"), wanted = entry("http://old");
    const enum secret_choice secrets[FIELD_COUNT] = {SECRET_KEEP};
    struct change *back = change_edit(&opened, &wanted, secrets);
    struct journal *other = write_intent(back, clock_wall_ms() + 5000);
    fake.ms += 3600000;
    leave_unknown(endpoint_edit());
    fake.ms += SETTLE_AFTER;
    struct session *session = sitting();
    read_table(session, OLD);
    assert_int_equal(session_unsettled(session), 1);
    session_destroy(session);
    expect_recorded(JOURNAL_UNKNOWN, "");
    journal_close(other);
    change_destroy(back);
}

/* What others send of the same bucket after it was taken up makes it no less doubtful. */
static void what_others_send_later_counts(void **state) {
    (void)state;
    static const struct {
        const char *endpoint, *rows;
    } cases[] = {
        {"http://new", NEW},  /* they may have made it so */
        {"http://else", OLD}, /* and if they put it back, the old state proves nothing */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct change *change = edit(cases[i].endpoint, "");
        open_place(NULL);
        leave_unknown(endpoint_edit());
        struct session *session = sitting();
        assert_int_equal(session_unsettled(session), 1);
        struct journal *other = write_intent(change, clock_wall_ms() + 5000);
        read_late(session, cases[i].rows);
        assert_int_equal(session_unsettled(session), 1);
        struct journal *journal = journal_open(place.path, NULL);
        assert_int_equal(journal_record(journal, 0)->state, JOURNAL_UNKNOWN);
        journal_close(journal);
        journal_close(other);
        session_destroy(session);
        change_destroy(change);
        close_place(NULL);
    }
    open_place(NULL);
}

/* Another pail writes for so long that what is in the journal can't be told: holds its lock for
 * some real milliseconds. */
static pid_t hold_the_lock(long ms) {
    char name[160];
    int ready[2];
    char byte;
    snprintf(name, sizeof name, "%s.lock", place.path);
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        int lock = open(name, O_RDWR | O_CLOEXEC);
        struct timespec wait = {ms / 1000, ms % 1000 * 1000000};
        if (lock < 0 || flock(lock, LOCK_EX) != 0 || write(ready[1], "", 1) != 1)
            _exit(1);
        nanosleep(&wait, NULL);
        _exit(0);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    close(ready[1]);
    return child;
}

static void a_journal_that_cannot_be_read_now_settles_nothing_of_others(void **state) {
    (void)state;
    struct bucket opened = entry("http://new"), wanted = entry("http://old");
    const enum secret_choice secrets[FIELD_COUNT] = {SECRET_KEEP};
    leave_unknown(endpoint_edit());
    struct session *session = sitting(), *other = sitting();
    assert_int_equal(session_unsettled(session), 1);
    read_table(other, NEW); /* it took effect late; the other one sees it, and takes it back */
    submit(other, change_edit(&opened, &wanted, secrets));
    answer_rows(NEW);
    answer_change(ANSWER_OK, 200, "");
    answer_rows(OLD);
    expect(other, OUTCOME_APPLIED, "");
    fake.ms += SETTLE_AFTER;
    pid_t child = hold_the_lock(500);
    fake.tick = 1; /* so that waiting for it ends */
    read_table(session, OLD);
    fake.tick = 0;
    assert_int_equal(session_unsettled(session), 1);
    assert_int_equal(waitpid(child, NULL, 0), child);
    int wait = session_tick(session);
    fake.ms += wait > 0 ? wait : session_tick(session); /* it is read again soon */
    session_tick(session);
    answer_rows(OLD);
    assert_int_equal(session_unsettled(session), 0);
    struct journal *journal = journal_open(place.path, NULL);
    assert_int_equal(journal_record(journal, 0)->state, JOURNAL_APPLIED);
    journal_close(journal);
    session_destroy(session);
    session_destroy(other);
}

/* However long the process stands still between two looks at a clock. */
static void an_end_is_never_recorded_as_earlier(void **state) {
    (void)state;
    struct journal_record record;
    struct session *session = sitting_sends(endpoint_edit());
    int64_t ended = clock_wall_ms();
    fake.tick = 50;
    lose_answer(OLD);
    fake.tick = 0;
    struct journal *journal = look(&record);
    assert_int_equal(record.state, JOURNAL_UNKNOWN);
    assert_true(record.ended_ms >= ended + 50);
    journal_close(journal);
    session_destroy(session);
}

static void those_of_another_service_are_not_taken(void **state) {
    (void)state;
    static const char *const others[] = {"http://127.0.0.1:8080", "https://api.example.com",
                                         "http://127.0.0.1/stage"};
    leave_unknown(endpoint_edit());
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct session *session = sitting_at(others[i]);
        assert_int_equal(session_unsettled(session), 0);
        session_destroy(session);
    }
    struct session *session = sitting_at("http://127.0.0.1:80");
    assert_int_equal(session_unsettled(session), 1);
    session_destroy(session);
}

static void what_was_accepted_is_never_found_not_applied(void **state) {
    (void)state;
    struct session *session = sitting_sends(endpoint_edit());
    answer_change(ANSWER_OK, 200, "");
    fail_list(ANSWER_NOT_SENT, 0, "connection refused");
    session_destroy(session);
    fake.ms += 10L * SETTLE_AFTER;
    session = sitting();
    read_table(session, OLD);
    assert_int_equal(session_unsettled(session), 1);
    read_table(session, NEW);
    expect_recorded(JOURNAL_APPLIED, "applied: the table shows it");
    session_destroy(session);
}

static void a_secret_of_an_earlier_sitting(void **state) {
    (void)state;
    leave_unknown(secret_edit());
    fake.ms += SETTLE_AFTER;
    struct session *session = sitting();
    read_table(session, OLD);
    assert_int_equal(session_unsettled(session), 1); /* no reading can tell */
    session_tick(session);
    assert_int_equal(session_tick(session), -1);
    submit(session, secret_edit()); /* so it is sent again */
    answer_rows(OLD);
    answer_change(ANSWER_OK, 200, "");
    answer_rows(OLD);
    assert_int_equal(session_unsettled(session), 0);
    session_destroy(session);
    struct journal_record record;
    struct journal *journal = look(&record);
    assert_int_equal(journal_record(journal, 0)->state, JOURNAL_REPLACED);
    assert_int_equal(record.state, JOURNAL_APPLIED);
    journal_close(journal);
    session = sitting();
    assert_int_equal(session_unsettled(session), 0);
    session_destroy(session);
}

/* The journal tells what came after it, also if that was before pail was left. */
static void later_changes_count_over_sittings(void **state) {
    (void)state;
    leave_unknown(endpoint_edit());
    struct session *session = sitting();
    submit(session, edit("http://else", ""));
    answer_rows(OLD);
    answer_change(ANSWER_OK, 200, "");
    answer_rows(ELSE);
    assert_int_equal(session_unsettled(session), 1); /* it may still arrive */
    session_destroy(session);
    fake.ms += SETTLE_AFTER;
    session = sitting();
    read_table(session, OLD); /* somebody has put it back: that proves nothing of the first */
    struct journal_record record;
    struct journal *journal = look(&record);
    assert_int_equal(journal_record(journal, 0)->state, JOURNAL_REPLACED);
    journal_close(journal);
    session_destroy(session);
}

/* Another pail has settled it meanwhile: by hand, say. */
static void what_others_settled_is_adopted(void **state) {
    (void)state;
    struct unsettled_entry left;
    leave_unknown(secret_edit());
    struct session *session = sitting(), *other = sitting();
    assert_int_equal(session_unsettled(session), 1);
    session_unsettled_entry(other, 0, &left);
    assert_true(session_settle_by_hand(other, left.id, false, NULL));
    read_table(session, OLD);
    assert_int_equal(session_unsettled(session), 0);
    assert_true(log_has(session, "modify b1: settled: not applied: somebody said so"));
    session_destroy(session);
    session_destroy(other);
    struct journal_record record;
    struct journal *journal = look(&record);
    assert_true(record.by_hand); /* and nobody has said otherwise */
    journal_close(journal);
}

/* A pail that ends while we sit here leaves us what it has not settled. */
static void what_others_leave_is_taken_up_later(void **state) {
    (void)state;
    struct change *change = endpoint_edit();
    struct journal *other = write_intent(change, clock_wall_ms() + 5000);
    struct session *session = sitting();
    read_table(session, OLD);
    assert_int_equal(session_unsettled(session), 0);
    journal_close(other);
    session_look_at_journal(session);
    assert_int_equal(session_unsettled(session), 1);
    read_table(session, OLD);
    assert_int_equal(session_unsettled(session), 1);
    submit(session, edit("http://else", "")); /* our own are never taken for somebody else's */
    answer_rows(OLD);
    session_tick(session);
    lose_answer(OLD);
    assert_int_equal(session_unsettled(session), 2);
    read_table(session, OLD);
    assert_int_equal(session_unsettled(session), 2);
    session_destroy(session);
    change_destroy(change);
}

/* Processor time, in s, of a sitting that finds so many open, each of another bucket. */
static double time_to_take_up(int count) {
    char name[24];
    open_place(NULL);
    struct journal *journal = journal_open(place.path, NULL);
    for (int i = 0; i < count;) {
        struct journal_intent intents[50];
        char ids[50][JOURNAL_ID_SIZE];
        for (int n = 0; n < 50; n++, i++) {
            struct bucket bucket = entry("http://old");
            snprintf(name, sizeof name, "b%d", i);
            bucket.value[FIELD_NAME] = name;
            intents[n] = (struct journal_intent){
                "admin@example.com", "prod", "127.0.0.1", "", "", change_delete(&bucket), 1};
        }
        assert_true(journal_intend(journal, intents, 50, ids, NULL));
        for (int n = 0; n < 50; n++)
            change_destroy((struct change *)intents[n].change);
    }
    journal_close(journal);
    clock_t began = clock();
    struct session *session = sitting();
    assert_int_equal(session_unsettled(session), (size_t)count);
    read_table(session, "");
    clock_t ended = clock();
    assert_int_equal(session_unsettled(session), 0); /* they are gone */
    session_destroy(session);
    close_place(NULL);
    return (double)(ended - began) / CLOCKS_PER_SEC;
}

/* 10 times as many take 10 times as long, or a little more; not 100 times. */
static void many_are_taken_up_in_a_time_that_grows_as_they_do(void **state) {
    (void)state;
    close_place(NULL);
    double few = time_to_take_up(1000), many = time_to_take_up(10000);
    if (many > 20 * few)
        fail_msg("1,000 take %.3f s, and 10,000 take %.3f s", few, many);
    open_place(NULL);
}

/* Who may see other entries than the one who sent it. */
static void another_user_settles_nothing(void **state) {
    (void)state;
    struct bucket bucket = entry("http://old");
    leave_unknown(change_delete(&bucket));
    fake.ms += SETTLE_AFTER;
    struct session *session = sitting();
    fake.user = "other@example.com";
    read_table(session, "");
    assert_int_equal(session_unsettled(session), 1);
    session_destroy(session);
    expect_recorded(JOURNAL_UNKNOWN, "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(an_unknown_one_is_taken_up_and_settled),
        TEST(it_is_read_again_by_itself),
        TEST(an_open_one_of_a_pail_that_died),
        TEST(one_that_died_just_now_ended_now),
        TEST(one_of_a_pail_that_runs_is_left_to_it),
        TEST(one_that_may_be_running_ends_when_it_said),
        TEST(an_earlier_one_that_is_still_running_may_restore),
        TEST(what_others_send_later_counts),
        TEST(a_journal_that_cannot_be_read_now_settles_nothing_of_others),
        TEST(an_end_is_never_recorded_as_earlier),
        TEST(those_of_another_service_are_not_taken),
        TEST(what_was_accepted_is_never_found_not_applied),
        TEST(a_secret_of_an_earlier_sitting),
        TEST(later_changes_count_over_sittings),
        TEST(what_others_settled_is_adopted),
        TEST(what_others_leave_is_taken_up_later),
        TEST(many_are_taken_up_in_a_time_that_grows_as_they_do),
        TEST(another_user_settles_nothing),
    };
    return cmocka_run_group_tests_name("session_recovery", tests, NULL, NULL);
}
