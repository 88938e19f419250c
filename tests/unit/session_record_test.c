/* The door's side of the journal: intents before and outcomes after, also while another pail is
 * writing. */
#include "session_place.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "pail/session/undo.h"

/* ---- what is written ------------------------------------------------------------------------- */

static void an_intent_is_written_before_and_an_outcome_after(void **state) {
    (void)state;
    struct journal_record record;
    struct session *session = sitting();
    struct change *change = edit("http://new", SECRET);
    const struct submit_options options = {.reason = "moved", .undoes = "earlier"};
    assert_true(session_submit_all(session, &change, 1, &options, NULL));
    assert_int_not_equal(access(place.path, F_OK), 0);
    answer_rows(OLD);
    assert_int_equal(fake.changes, 1);
    struct journal *journal = look(&record);
    assert_int_equal(record.state, JOURNAL_OPEN);
    assert_string_equal(record.profile, "prod");
    assert_string_equal(record.host, "127.0.0.1");
    assert_string_equal(record.user, "admin@example.com");
    assert_string_equal(record.reason, "moved");
    assert_string_equal(record.undoes, "earlier");
    assert_string_equal(record.bucket, "b1");
    assert_int_equal(record.until_ms, clock_wall_ms() + 40000);
    journal_close(journal);
    fake.ms += 700;
    answer_change(ANSWER_OK, 200, "");
    fake.ms += 300;
    answer_rows(NEW);
    journal = look(&record);
    assert_int_equal(record.state, JOURNAL_APPLIED);
    assert_string_equal(record.text, "applied: the table shows it");
    assert_true(record.accepted);
    assert_false(record.by_hand);
    assert_int_equal(record.ended_ms, clock_wall_ms() - 300);
    struct submission_item item;
    session_submission_item(session, 0, &item);
    assert_string_equal(item.id, record.id);
    journal_close(journal);
    session_destroy(session);
}

static void each_outcome_is_recorded(void **state) {
    (void)state;
    static const struct {
        const char *rows;
        enum answer_kind answer;
        enum journal_state state;
    } cases[] = {
        {NEW, ANSWER_OK, JOURNAL_APPLIED},         {NULL, ANSWER_REFUSED, JOURNAL_REFUSED},
        {NULL, ANSWER_NOT_SENT, JOURNAL_NOT_SENT}, {ELSE, ANSWER_UNMATCHED, JOURNAL_CONFLICT},
        {ELSE, ANSWER_UNKNOWN, JOURNAL_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct session *session = sitting_sends(endpoint_edit());
        answer_change(cases[i].answer, 400, "what it says");
        if (cases[i].rows != NULL)
            answer_rows(cases[i].rows);
        expect_recorded(cases[i].state, "");
        session_destroy(session);
        fake.changes = 0;
    }
}

static void without_an_intent_nothing_is_sent(void **state) {
    (void)state;
    assert_int_equal(mkdir(place.path, 0700), -1); /* its folder is not there yet */
    char folder[96];
    snprintf(folder, sizeof folder, "%s/pail", place.folder);
    FILE *file = fopen(folder, "w"); /* a file in the folder's place */
    assert_non_null(file);
    fclose(file);
    struct session *session = sitting();
    submit(session, endpoint_edit());
    answer_rows(OLD);
    expect(session, OUTCOME_NOT_SENT, "/pail: not a folder; move it away");
    assert_int_equal(fake.changes, 0);
    assert_int_equal(remove(folder), 0);
    submit(session, endpoint_edit()); /* it goes as soon as it can be written */
    answer_rows(OLD);
    assert_int_equal(fake.changes, 1);
    session_destroy(session);
}

static void a_journal_that_others_can_write_is_refused(void **state) {
    (void)state;
    session_destroy(sitting_sends(endpoint_edit()));
    assert_int_equal(chmod(place.path, 0666), 0);
    struct session *session = sitting();
    assert_null(session_journal(session));
    assert_non_null(strstr(session_journal_trouble(session), "chmod 600"));
    submit(session, endpoint_edit());
    answer_rows(OLD);
    expect(session, OUTCOME_NOT_SENT, "chmod 600");
    assert_int_equal(chmod(place.path, 0600), 0);
    assert_non_null(session_journal(session));
    assert_string_equal(session_journal_trouble(session), "");
    session_destroy(session);
}

static void an_outcome_that_cannot_be_written_is_still_told(void **state) {
    (void)state;
    struct error why = {""};
    struct session *session = sitting_sends(endpoint_edit());
    answer_change(ANSWER_OK, 200, "");
    assert_int_equal(chmod(place.path, 0666), 0);
    answer_rows(NEW);
    expect(session, OUTCOME_APPLIED, "applied: the table shows it; not recorded: journal ");
    assert_true(log_has(session, "not recorded: what came of 1 change: "));
    assert_false(session_is_recorded(session, &why));
    assert_non_null(strstr(why.text, "chmod 600"));
    assert_int_equal(chmod(place.path, 0600), 0);
    session_destroy(session);
    expect_recorded(JOURNAL_OPEN, ""); /* so that the next sitting takes it up */
}

/* An intent that was written is sent soon or given back: so that an old one tells when its POST
 * must have ended. */
static void old_intents_are_given_back(void **state) {
    (void)state;
    struct journal_record record;
    struct change *changes[20];
    char names[20][24];
    struct buffer rows;
    const enum secret_choice secrets[FIELD_COUNT] = {SECRET_KEEP};
    struct session *session = sitting();
    buffer_init(&rows);
    for (int i = 0; i < 20; i++) {
        snprintf(names[i], sizeof names[i], "b%d", i);
        struct bucket opened = entry("http://old"), wanted = entry("http://new");
        opened.value[FIELD_NAME] = wanted.value[FIELD_NAME] = names[i];
        changes[i] = change_edit(&opened, &wanted, secrets);
        buffer_printf(&rows,
                      "%s{\"bucketname\":\"b%d\",\"cloud\":\"minio\",\"accessKeyId\":\"K\","
                      "\"endpoint\":\"http://old\"}",
                      i ? "," : "", i);
    }
    assert_true(session_submit_all(session, changes, 20, NULL, NULL));
    answer_rows(rows.data);
    assert_int_equal(fake.changes, 8);
    struct journal *journal = look(&record);
    assert_int_equal(journal_count(journal), 20);
    journal_close(journal);
    fake.ms += 10000;
    answer_change(ANSWER_REFUSED, 400, "no");
    journal = look(&record);
    assert_int_equal(journal_count(journal), 28); /* 12 are given back, 8 of them written anew */
    assert_int_equal(journal_record(journal, 8)->state, JOURNAL_NOT_SENT);
    assert_int_equal(journal_record(journal, 19)->state, JOURNAL_NOT_SENT);
    assert_int_equal(journal_record(journal, 20)->state, JOURNAL_OPEN);
    assert_string_equal(journal_record(journal, 20)->bucket, "b8");
    journal_close(journal);
    session_pause(session, true); /* nor does an intent wait while nothing is sent */
    journal = look(&record);
    for (size_t i = 8; i < journal_count(journal); i++)
        assert_true((journal_record(journal, i)->state == JOURNAL_OPEN) == (i == 20));
    journal_close(journal);
    buffer_finish(&rows);
    session_destroy(session);
}

static void by_hand_is_recorded_as_such(void **state) {
    (void)state;
    struct unsettled_entry left;
    struct journal_record record;
    struct error error = {""};
    leave_unknown(secret_edit());
    struct session *session = sitting();
    session_unsettled_entry(session, 0, &left);
    assert_int_equal(chmod(place.path, 0666), 0);
    assert_false(session_settle_by_hand(session, left.id, true, &error));
    assert_non_null(strstr(error.text, "chmod 600"));
    assert_int_equal(session_unsettled(session), 1);
    assert_int_equal(chmod(place.path, 0600), 0);
    session_unsettled_entry(session, 0, &left);
    assert_true(session_settle_by_hand(session, left.id, true, &error));
    assert_int_equal(session_unsettled(session), 0);
    struct journal *journal = look(&record);
    assert_int_equal(record.state, JOURNAL_APPLIED);
    assert_true(record.by_hand);
    journal_close(journal);
    session_destroy(session);
}

/* ---- another pail is writing ----------------------------------------------------------------- */

static int lock_journal(void) {
    char name[160];
    snprintf(name, sizeof name, "%s.lock", place.path);
    int lock = open(name, O_RDWR | O_CLOEXEC);
    assert_true(lock >= 0);
    assert_int_equal(flock(lock, LOCK_EX), 0);
    fake.tick = 1; /* so that a wait ends */
    return lock;
}

static void unlock_journal(int lock) {
    close(lock);
    fake.tick = 0;
}

/* A sitting that isn't held up by it, in a journal that is there. */
static struct session *quick_sitting(void) {
    struct session_settings settings = usual;
    struct change *change = endpoint_edit();
    settings.journal_path = place.path;
    settings.journal_wait_ms = 3;
    journal_close(write_intent(change, 1));
    change_destroy(change);
    fake.ms += SETTLE_AFTER + 1;
    struct session *session = session_create(NULL, &settings);
    read_table(session, OLD);
    assert_int_equal(session_unsettled(session), 0);
    return session;
}

static void a_held_lock_holds_up_nobody(void **state) {
    (void)state;
    struct session *session = quick_sitting();
    submit(session, endpoint_edit());
    int lock = lock_journal();
    int64_t began = fake.ms;
    answer_rows(OLD);
    assert_true(fake.ms - began < 50);
    assert_true(submission_of(session).phase == SUBMISSION_SENDING);
    assert_true(submission_of(session).waits_for_journal);
    for (int i = 0; i < 20; i++) {
        int wait = session_tick(session);
        assert_in_range(wait, 0, 50);
        fake.ms += wait;
    }
    assert_int_equal(fake.changes, 0); /* nothing before its intent */
    unlock_journal(lock);
    fake.ms += 50;
    session_tick(session);
    assert_int_equal(fake.changes, 1);
    assert_false(submission_of(session).waits_for_journal);
    lock = lock_journal();
    answer_change(ANSWER_OK, 200, "");
    answer_rows(NEW);
    expect(session, OUTCOME_APPLIED, "applied: the table shows it");
    assert_null(strstr(submission_of(session).text, "not recorded"));
    unlock_journal(lock);
    expect_recorded(JOURNAL_OPEN, "");
    session_tick(session);
    fake.ms += session_tick(session);
    assert_int_equal(session_tick(session), -1);
    expect_recorded(JOURNAL_APPLIED, "applied: the table shows it");
    session_destroy(session);
}

static void a_lock_that_is_held_for_long_sends_nothing(void **state) {
    (void)state;
    struct session *session = quick_sitting();
    submit(session, endpoint_edit());
    int lock = lock_journal();
    answer_rows(OLD);
    int64_t began = fake.ms;
    while (submission_of(session).phase != SUBMISSION_DONE && fake.ms - began < 20000)
        fake.ms += session_tick(session);
    assert_in_range(fake.ms - began, 9900, 10200);
    expect(session, OUTCOME_NOT_SENT,
           "not sent: another pail has been writing to the journal for 10 s; look for one that "
           "hangs");
    submit(session, endpoint_edit());
    answer_rows(OLD);
    session_cancel(session); /* nor is anybody who stops held up */
    expect(session, OUTCOME_NOT_SENT, "stopped before it was");
    unlock_journal(lock);
    assert_int_equal(fake.changes, 0);
    session_destroy(session);
}

/* What a person says is recorded when it is said; and what waits when pail is left is as open as
 * after a crash. */
static void what_is_said_while_the_lock_is_held(void **state) {
    (void)state;
    struct error error = {""};
    struct unsettled_entry left;
    struct session *session = quick_sitting();
    submit(session, secret_edit());
    answer_rows(OLD);
    answer_change(ANSWER_UNKNOWN, 0, "connection reset");
    int lock = lock_journal();
    answer_rows(OLD);
    assert_int_equal(session_unsettled(session), 1);
    session_unsettled_entry(session, 0, &left);
    assert_false(session_settle_by_hand(session, left.id, true, &error));
    assert_non_null(strstr(error.text, "try again"));
    assert_int_equal(session_unsettled(session), 1);
    unlock_journal(lock);
    assert_true(session_settle_by_hand(session, left.id, true, &error));
    submit(session, endpoint_edit());
    answer_rows(OLD);
    answer_change(ANSWER_OK, 200, "");
    lock = lock_journal();
    answer_rows(NEW);
    session_stop(session);
    int64_t began = fake.ms;
    assert_int_equal(session_unrecorded(session), 1);
    assert_int_equal(session_unrecorded(session), 1);
    assert_false(session_is_recorded(session, &error));
    session_destroy(session);
    assert_in_range(fake.ms - began, 400, 700); /* it is waited for once */
    unlock_journal(lock);
    expect_recorded(JOURNAL_OPEN, "");
    struct journal_record record;
    struct journal *journal = look(&record);
    const struct journal_record *said = journal_record(journal, journal_count(journal) - 2);
    assert_true(said->by_hand && said->state == JOURNAL_APPLIED);
    journal_close(journal);
}

/* What was told as applied is the last change, though the journal doesn't have that yet. */
static void nothing_older_is_undone_while_an_outcome_waits(void **state) {
    (void)state;
    struct error error = {""};
    struct session *session = quick_sitting();
    submit(session, endpoint_edit());
    answer_rows(OLD);
    answer_change(ANSWER_OK, 200, "");
    int lock = lock_journal();
    answer_rows(NEW);
    expect(session, OUTCOME_APPLIED, "applied: the table shows it");
    assert_null(undo_last(session, 1, &error));
    assert_non_null(strstr(error.text, "another pail is writing to the journal; try again"));
    unlock_journal(lock);
    struct undo *undo = undo_last(session, 1, &error);
    assert_non_null(undo);
    undo_destroy(undo);
    assert_true(session_is_recorded(session, &error));
    expect_recorded(JOURNAL_APPLIED, "applied: the table shows it");
    session_destroy(session);
}

static void what_is_open_is_taken_up_when_the_lock_is_free(void **state) {
    (void)state;
    struct session_settings settings = usual;
    struct change *change = endpoint_edit();
    settings.journal_path = place.path;
    settings.journal_wait_ms = 3;
    journal_close(write_intent(change, 1));
    change_destroy(change);
    int lock = lock_journal();
    struct session *session = session_create(NULL, &settings);
    session_load(session);
    answer_rows(OLD);
    assert_int_equal(session_unsettled(session), 0);
    assert_true(session_journal_is_awaited(session));
    int wait = session_tick(session);
    assert_in_range(wait, 1, 1000);
    fake.ms += wait;
    session_tick(session);
    assert_true(session_journal_is_awaited(session));
    unlock_journal(lock);
    fake.ms += 1000;
    unsigned long serial = session_serial(session);
    session_tick(session);
    assert_int_equal(session_unsettled(session), 1);
    assert_false(session_journal_is_awaited(session));
    assert_string_equal(session_journal_trouble(session), "");
    assert_int_not_equal(session_serial(session), serial);
    session_destroy(session);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(an_intent_is_written_before_and_an_outcome_after),
        TEST(each_outcome_is_recorded),
        TEST(without_an_intent_nothing_is_sent),
        TEST(a_journal_that_others_can_write_is_refused),
        TEST(an_outcome_that_cannot_be_written_is_still_told),
        TEST(old_intents_are_given_back),
        TEST(a_held_lock_holds_up_nobody),
        TEST(a_lock_that_is_held_for_long_sends_nothing),
        TEST(what_is_said_while_the_lock_is_held),
        TEST(nothing_older_is_undone_while_an_outcome_waits),
        TEST(what_is_open_is_taken_up_when_the_lock_is_free),
        TEST(by_hand_is_recorded_as_such),
    };
    return cmocka_run_group_tests_name("session_record", tests, NULL, NULL);
}
