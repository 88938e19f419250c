/* Many changes at once: one reading before, windows of intents, several POSTs at a time, one
 * reading after, an outcome each. */
#include "session_stage.h"

enum { MOST = 300 };

/* ---- a table of b0 to bN, and changes of them ------------------------------------------------ */

static struct {
    char names[MOST][24];
    char *rows; /* the listing */
    const char *endpoints[MOST];
    size_t count;
} table;

static void write_rows(void) {
    struct buffer rows;
    buffer_init(&rows);
    for (size_t i = 0; i < table.count; i++)
        if (table.endpoints[i] != NULL)
            buffer_printf(&rows,
                          "%s{\"bucketname\":\"%s\",\"cloud\":\"minio\",\"accessKeyId\":\"K\","
                          "\"endpoint\":\"%s\"}",
                          rows.length ? "," : "", table.names[i], table.endpoints[i]);
    free(table.rows);
    table.rows = buffer_steal(&rows);
}

static void answer_table(void) {
    write_rows();
    answer_rows(table.rows);
}

static struct bucket entry_at(size_t index, const char *endpoint) {
    struct bucket bucket = entry(endpoint);
    bucket.value[FIELD_NAME] = table.names[index];
    return bucket;
}

static void make_changes(struct change **changes, size_t count) {
    const enum secret_choice secrets[FIELD_COUNT] = {SECRET_KEEP};
    table.count = count;
    for (size_t i = 0; i < count; i++) {
        snprintf(table.names[i], sizeof table.names[i], "b%zu", i);
        table.endpoints[i] = "http://old";
        struct bucket opened = entry_at(i, "http://old"), wanted = entry_at(i, "http://new");
        changes[i] = change_edit(&opened, &wanted, secrets);
    }
}

static void destroy_changes(struct change **changes, size_t count) {
    for (size_t i = 0; i < count; i++)
        change_destroy(changes[i]);
}

static struct session *sitting(int parallel) {
    struct session_settings settings = usual;
    settings.parallel = parallel;
    reset_fake();
    return session_create(NULL, &settings);
}

/* A sitting in which so many were submitted and checked; those under way are the first. */
static struct session *sending_many(size_t count, int parallel, const struct submit_options *how) {
    struct change *changes[MOST];
    struct error error = {""};
    struct session *session = sitting(parallel);
    make_changes(changes, count);
    if (!session_submit_all(session, changes, count, how, &error))
        fail_msg("%s", error.text);
    answer_table();
    return session;
}

static struct submission_item item_of(const struct session *session, size_t index) {
    struct submission_item item;
    session_submission_item(session, index, &item);
    return item;
}

/* The index of the change whose POST is the oldest under way. */
static size_t oldest(void) {
    if (fake.change == NULL) {
        fail_msg("none is under way");
        return 0;
    }
    const char *at = strstr(fake.change->body, "bucketname=b");
    return (size_t)strtoul(at + strlen("bucketname=b"), NULL, 10);
}

/* The service does it, or doesn't, and says what it says. */
static void answer_oldest(bool does, enum answer_kind kind) {
    if (does)
        table.endpoints[oldest()] = "http://new";
    answer_change(kind, 500, "what it says");
}

static void answer_all(void) {
    while (fake.change != NULL)
        answer_oldest(true, ANSWER_OK);
}

static void expect_tally(const struct session *session, size_t applied, size_t refused,
                         size_t not_sent, size_t conflict, size_t unknown) {
    const size_t wanted[OUTCOME_COUNT] = {applied, refused, not_sent, conflict, unknown};
    struct submission submission = submission_of(session);
    assert_int_equal(submission.phase, SUBMISSION_DONE);
    assert_int_equal(submission.waiting + submission.under_way + submission.answered, 0);
    for (int i = 0; i < OUTCOME_COUNT; i++)
        if (submission.tally[i] != wanted[i])
            fail_msg("outcome %d: %zu: %s", i, submission.tally[i], submission.text);
    assert_int_equal(session_unsettled(session), unknown);
}

static int close_table(void **state) {
    (void)state;
    free(table.rows);
    memset(&table, 0, sizeof table);
    return 0;
}

/* ---- the way of a batch ---------------------------------------------------------------------- */

static void a_batch_is_read_before_and_after_and_each_is_sent_once(void **state) {
    (void)state;
    static const int parallels[] = {0, 1, 16};
    for (int i = 0; i < 3; i++) {
        struct session *session = sending_many(150, parallels[i], NULL);
        int parallel = parallels[i] ? parallels[i] : 8;
        assert_int_equal(under_way(), parallel);
        assert_false(fake.change->own_connection);
        struct submission submission = submission_of(session);
        assert_int_equal(submission.phase, SUBMISSION_SENDING);
        assert_int_equal(submission.count, 150);
        assert_int_equal(submission.waiting, 150 - parallel);
        assert_int_equal(submission.under_way, parallel);
        answer_oldest(true, ANSWER_OK);
        assert_int_equal(submission_of(session).answered, 1);
        assert_int_equal(item_of(session, 0).state, ITEM_ANSWERED);
        assert_int_equal(item_of(session, 1).state, ITEM_SENDING);
        assert_string_equal(item_of(session, 0).text, "");
        answer_all();
        assert_int_equal(submission_of(session).phase, SUBMISSION_RE_READING);
        answer_table();
        expect_tally(session, 150, 0, 0, 0, 0);
        assert_int_equal(fake.lists, 2);
        assert_int_equal(fake.changes, 150);
        assert_int_equal(fake.most, parallel);
        assert_string_equal(submission_of(session).text, "150 changes: 150 applied");
        assert_string_equal(item_of(session, 149).text, "modify b149: applied: the table shows it");
        assert_true(item_of(session, 149).id[0] != '\0');
        session_destroy(session);
    }
}

static void one_change_has_a_connection_of_its_own(void **state) {
    (void)state;
    struct session *session = sending_many(1, 0, NULL);
    assert_true(fake.change->own_connection);
    session_destroy(session);
}

static void answers_come_in_any_order(void **state) {
    (void)state;
    struct session *session = sending_many(20, 4, NULL);
    for (int i = 0; fake.change != NULL; i++)
        answer_post(i % under_way(), ANSWER_OK, 200, "");
    for (size_t i = 0; i < 20; i++)
        table.endpoints[i] = "http://new";
    answer_table();
    expect_tally(session, 20, 0, 0, 0, 0);
    session_destroy(session);
}

static void each_has_its_own_outcome(void **state) {
    (void)state;
    struct session *session = sending_many(6, 0, NULL);
    answer_oldest(true, ANSWER_OK);        /* b0: applied */
    answer_oldest(false, ANSWER_REFUSED);  /* b1: refused */
    answer_oldest(false, ANSWER_UNKNOWN);  /* b2: unknown */
    answer_oldest(true, ANSWER_TROUBLED);  /* b3: applied all the same */
    answer_oldest(false, ANSWER_NOT_SENT); /* b4: not sent */
    table.endpoints[oldest()] = "http://hers";
    answer_oldest(false, ANSWER_UNMATCHED); /* b5: in conflict */
    answer_table();
    static const enum submission_outcome wanted[] = {OUTCOME_APPLIED,  OUTCOME_REFUSED,
                                                     OUTCOME_UNKNOWN,  OUTCOME_APPLIED,
                                                     OUTCOME_NOT_SENT, OUTCOME_CONFLICT};
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(item_of(session, i).outcome, wanted[i]);
    expect_tally(session, 2, 1, 1, 1, 1);
    assert_string_equal(submission_of(session).text,
                        "6 changes: 2 applied, 1 refused, 1 not sent, 1 in conflict, 1 unknown");
    assert_int_equal(item_of(session, 4).trouble, TROUBLE_NETWORK);
    assert_string_equal(item_of(session, 5).now->value[FIELD_ENDPOINT], "http://hers");
    assert_true(session_is_unsettled(session, "b2"));
    assert_false(session_is_unsettled(session, "b1"));
    fake.ms += SETTLE_AFTER;
    session_tick(session);
    answer_table();
    expect_tally(session, 2, 2, 1, 1, 0); /* b2 was not applied: the tally knows it too */
    session_destroy(session);
}

/* Those that show are done; those that don't are read again, and nothing else is. */
static void what_shows_late_is_waited_for(void **state) {
    (void)state;
    struct session *session = sending_many(10, 0, NULL);
    answer_oldest(false, ANSWER_OK);
    answer_all();
    answer_table();
    struct submission submission = submission_of(session);
    assert_int_equal(submission.phase, SUBMISSION_RE_READING);
    assert_int_equal(submission.tally[OUTCOME_APPLIED], 9);
    assert_int_equal(submission.answered, 1);
    fake.ms += 500;
    session_tick(session);
    table.endpoints[0] = "http://new";
    answer_table();
    expect_tally(session, 10, 0, 0, 0, 0);
    session_destroy(session);
}

/* ---- the door -------------------------------------------------------------------------------- */

static void refused_at_the_door(struct session *session, struct change **changes, size_t count,
                                const char *text) {
    struct error error = {""};
    assert_false(session_submit_all(session, changes, count, NULL, &error));
    if (strstr(error.text, text) == NULL)
        fail_msg("%s", error.text);
    assert_int_equal(fake.lists, 0);
}

static void a_batch_is_whole_or_not_at_all(void **state) {
    (void)state;
    struct change *changes[4];
    const enum secret_choice secrets[FIELD_COUNT] = {SECRET_KEEP};
    struct session *session = sitting(0);
    refused_at_the_door(session, changes, 0, "there is no change: nothing was sent");
    make_changes(changes, 4);
    struct bucket same = entry_at(2, "http://old");
    change_destroy(changes[2]);
    changes[2] = change_edit(&same, &same, secrets);
    refused_at_the_door(session, changes, 4, "modify b2: nothing differs: nothing was sent");
    change_destroy(changes[2]);
    struct bucket twin = entry_at(0, "http://old");
    changes[2] = change_delete(&twin);
    refused_at_the_door(session, changes, 4, "b0: two changes of one bucket");
    session_set_read_only(session);
    refused_at_the_door(session, changes, 4, "read-only");
    destroy_changes(changes, 4); /* they stayed ours */
    session_destroy(session);
}

/* ---- conflicts, and stopping on errors ------------------------------------------------------- */

static struct session *checking_with_conflicts(bool stop_on_error) {
    struct change *changes[10];
    struct session *session = sitting(2);
    make_changes(changes, 10);
    const struct submit_options how = {.stop_on_error = stop_on_error};
    assert_true(session_submit_all(session, changes, 10, &how, NULL));
    table.endpoints[3] = "http://hers";
    table.endpoints[7] = NULL;
    answer_table();
    return session;
}

static void a_conflict_does_not_stop_the_others(void **state) {
    (void)state;
    struct session *session = checking_with_conflicts(false);
    assert_int_equal(item_of(session, 3).outcome, OUTCOME_CONFLICT);
    assert_true(item_of(session, 3).now_is_known);
    assert_string_equal(item_of(session, 3).now->value[FIELD_ENDPOINT], "http://hers");
    assert_string_equal(item_of(session, 3).id, ""); /* no intent was written */
    answer_all();
    answer_table();
    expect_tally(session, 8, 0, 0, 2, 0);
    assert_int_equal(fake.changes, 8);
    assert_string_equal(item_of(session, 3).now->value[FIELD_ENDPOINT], "http://hers");
    assert_null(item_of(session, 7).now);
    assert_true(item_of(session, 7).now_is_known);
    session_destroy(session);
}

static void stop_on_error_stops_at_a_conflict(void **state) {
    (void)state;
    struct session *session = checking_with_conflicts(true);
    expect_tally(session, 0, 0, 9, 1, 0);
    assert_int_equal(fake.changes, 0);
    session_destroy(session);
}

static void stop_on_error_stops_at_what_fails(void **state) {
    (void)state;
    static const enum answer_kind answers[] = {ANSWER_REFUSED, ANSWER_UNKNOWN, ANSWER_TROUBLED,
                                               ANSWER_UNMATCHED, ANSWER_NOT_SENT};
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        struct session *session =
            sending_many(20, 4, &(struct submit_options){.stop_on_error = true});
        answer_oldest(true, ANSWER_OK);
        answer_oldest(false, answers[i]);
        assert_int_equal(fake.changes, 5); /* what was under way goes on */
        answer_all();
        answer_table();
        struct submission submission = submission_of(session);
        assert_int_equal(submission.tally[OUTCOME_APPLIED], 4);
        assert_int_equal(submission.tally[OUTCOME_NOT_SENT], 15 + (answers[i] == ANSWER_NOT_SENT));
        assert_string_equal(item_of(session, 19).text,
                            "modify b19: not sent: stopped after the first that failed");
        session_destroy(session);
    }
}

static void an_expired_login_stops_the_rest(void **state) {
    (void)state;
    static const struct {
        enum answer_kind answer;
        enum session_trouble trouble;
    } cases[] = {{ANSWER_LOGIN_EXPIRED, TROUBLE_LOGIN_EXPIRED},
                 {ANSWER_FORBIDDEN, TROUBLE_FORBIDDEN}};
    for (size_t i = 0; i < 2; i++) {
        struct session *session = sending_many(20, 2, NULL);
        answer_oldest(true, ANSWER_OK);
        answer_oldest(false, cases[i].answer);
        answer_oldest(false, cases[i].answer);
        answer_table();
        expect_tally(session, 1, 2, 17, 0, 0);
        assert_int_equal(item_of(session, 1).trouble, cases[i].trouble);
        assert_int_equal(item_of(session, 19).trouble, cases[i].trouble);
        assert_int_equal(fake.changes, 3);
        session_destroy(session);
    }
}

static void without_connections_no_more_are_tried(void **state) {
    (void)state;
    struct session *session = sending_many(40, 2, NULL);
    for (int i = 0; i < 7; i++)
        answer_oldest(false, ANSWER_NOT_SENT);
    answer_oldest(true, ANSWER_OK); /* there is one again */
    for (int i = 0; i < 8; i++)
        answer_oldest(false, ANSWER_NOT_SENT);
    answer_all();
    answer_table();
    expect_tally(session, 2, 0, 38, 0, 0);
    assert_int_equal(fake.changes, 17);
    session_destroy(session);

    session = sending_many(1, 2, NULL);
    session_destroy(session);
    struct change *changes[40];
    session = sitting(2);
    make_changes(changes, 40);
    assert_true(session_submit_all(session, changes, 40, NULL, NULL));
    write_rows();
    send_rows(table.rows);
    fake.refuse_start = true;
    answer_rows("");
    expect_tally(session, 0, 0, 40, 0, 0);
    assert_int_equal(fake.changes, 8);
    session_destroy(session);
}

static void a_service_that_asks_to_wait_is_given_time(void **state) {
    (void)state;
    static const struct {
        long status, asked;
        int wait;
    } cases[] = {{429, 0, 1000}, {429, 7, 7000}, {503, 3, 3000}, {429, 999999, 60000}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct session *session = sending_many(10, 2, NULL);
        struct infinstor_change_listener listener = fake.change->change;
        struct answer answer = make_answer(
            cases[i].status == 429 ? ANSWER_REFUSED : ANSWER_TROUBLED, cases[i].status, "busy");
        answer.retry_after = cases[i].asked;
        drop_change(fake.change);
        listener.end(listener.context, &answer);
        answer_oldest(true, ANSWER_OK);
        assert_int_equal(under_way(), 0);
        assert_int_equal(submission_of(session).held_until, fake.ms + cases[i].wait);
        session_tick(session);
        assert_int_equal(session_tick(session), cases[i].wait);
        session_pause(session, true);
        fake.ms += cases[i].wait;
        session_tick(session);
        assert_int_equal(under_way(), 0);
        session_pause(session, false);
        if (cases[i].wait >= 30000)
            answer_table();
        assert_int_equal(under_way(), 2);
        answer_all();
        answer_table();
        assert_int_equal(submission_of(session).tally[OUTCOME_APPLIED], 9);
        assert_int_equal(submission_of(session).held_until, 0);
        assert_int_equal(fake.changes, 10); /* the one that was refused isn't sent again */
        session_destroy(session);
    }
}

static void a_sitting_that_becomes_read_only_sends_no_more(void **state) {
    (void)state;
    struct session *session = sending_many(10, 2, NULL);
    session_set_read_only(session);
    answer_all();
    answer_table();
    expect_tally(session, 2, 0, 8, 0, 0);
    assert_int_equal(fake.changes, 2);
    session_destroy(session);
}

/* ---- pausing and stopping -------------------------------------------------------------------- */

static void nothing_begins_while_it_is_paused(void **state) {
    (void)state;
    struct session *session = sending_many(10, 2, NULL);
    session_pause(session, true);
    assert_true(submission_of(session).paused);
    while (fake.change != NULL)
        answer_oldest(true, ANSWER_OK);
    assert_int_equal(fake.changes, 2);
    assert_int_equal(submission_of(session).phase, SUBMISSION_SENDING);
    assert_int_equal(submission_of(session).waiting, 8);
    assert_true(session_is_busy(session));
    assert_int_equal(session_tick(session) == 0 ? session_tick(session) : -1, -1);
    assert_string_equal(item_of(session, 5).id, ""); /* its intent was given back */
    session_pause(session, false);
    assert_int_equal(under_way(), 2);
    answer_all();
    answer_table();
    expect_tally(session, 10, 0, 0, 0, 0);
    assert_int_equal(fake.changes, 10);
    session_pause(session, true); /* nothing to pause */
    assert_false(submission_of(session).paused);
    session_destroy(session);
}

/* Meanwhile a colleague changes an entry and deletes another one; one POST is still under way. */
static void after_a_long_pause_the_rest_is_compared_again(void **state) {
    (void)state;
    struct session *session = sending_many(10, 2, NULL);
    session_pause(session, true);
    answer_oldest(true, ANSWER_OK);
    fake.ms += 30000;
    table.endpoints[5] = "http://colleague";
    table.endpoints[7] = NULL;
    session_pause(session, false);
    assert_int_equal(under_way(), 1); /* it is waited for, and nothing is begun */
    answer_oldest(true, ANSWER_OK);
    assert_int_equal(submission_of(session).phase, SUBMISSION_CHECKING);
    assert_int_equal(fake.changes, 2);
    answer_table();
    assert_int_equal(submission_of(session).tally[OUTCOME_CONFLICT], 2);
    answer_all();
    answer_table();
    expect_tally(session, 8, 0, 0, 2, 0);
    assert_int_equal(fake.changes, 8);
    session_destroy(session);
}

static void what_cannot_be_compared_again_is_not_sent(void **state) {
    (void)state;
    for (int cancel = 0; cancel < 2; cancel++) {
        struct session *session = sending_many(10, 2, NULL);
        session_pause(session, true);
        answer_oldest(true, ANSWER_OK);
        fake.ms += 30000;
        answer_oldest(true, ANSWER_OK);
        session_pause(session, false);
        assert_int_equal(submission_of(session).phase, SUBMISSION_CHECKING);
        if (cancel)
            session_cancel(session);
        else
            fail_list(ANSWER_FORBIDDEN, 403, "");
        assert_int_equal(submission_of(session).phase, SUBMISSION_RE_READING);
        answer_table();
        expect_tally(session, 2, 0, 8, 0, 0);
        assert_int_equal(fake.changes, 2);
        session_destroy(session);
    }
}

static void pausing_counts_from_the_beginning(void **state) {
    (void)state;
    struct change *changes[3];
    struct session *session = sitting(0);
    make_changes(changes, 3);
    assert_true(session_submit_all(session, changes, 3, NULL, NULL));
    session_pause(session, true);
    answer_table();
    assert_int_equal(fake.changes, 0);
    session_pause(session, false);
    answer_all();
    answer_table();
    expect_tally(session, 3, 0, 0, 0, 0);
    session_destroy(session);
}

static void cancelling_judges_what_was_answered(void **state) {
    (void)state;
    struct session *session = sending_many(10, 2, NULL);
    answer_oldest(true, ANSWER_OK);
    answer_oldest(true, ANSWER_OK);
    session_cancel(session);
    assert_int_equal(submission_of(session).phase, SUBMISSION_RE_READING);
    assert_int_equal(under_way(), 0);
    answer_table();
    expect_tally(session, 2, 0, 6, 0, 2);
    assert_string_equal(item_of(session, 9).text, "modify b9: not sent: stopped before it was");
    assert_int_equal(item_of(session, 9).trouble, TROUBLE_STOPPED);
    assert_int_equal(fake.changes, 4);
    session_destroy(session);

    session = sending_many(10, 2, NULL);
    answer_oldest(true, ANSWER_OK);
    fake.cancelled_change = HTTP_NOT_SENT;
    session_cancel(session);
    session_cancel(session); /* nor that reading */
    expect_tally(session, 0, 0, 9, 0, 1);
    session_tick(session);
    assert_int_equal(session_tick(session), 1000); /* which is made all the same, later */
    session_destroy(session);
}

static void leaving_reads_nothing_more(void **state) {
    (void)state;
    struct session *session = sending_many(10, 2, NULL);
    answer_oldest(true, ANSWER_OK);
    int lists = fake.lists;
    session_stop(session);
    expect_tally(session, 0, 0, 7, 0, 3);
    assert_int_equal(fake.lists, lists);
    session_destroy(session);
}

static void a_sitting_can_end_at_any_moment(void **state) {
    (void)state;
    for (int moment = 0; moment < 6; moment++) {
        struct change *changes[20];
        struct session *session = sitting(3);
        make_changes(changes, 20);
        assert_true(session_submit_all(session, changes, 20, NULL, NULL));
        if (moment > 0)
            answer_table();
        for (int i = 0; i < 4 && moment > 1; i++)
            answer_oldest(i != 0, i % 2 ? ANSWER_OK : ANSWER_UNKNOWN);
        if (moment == 3)
            session_pause(session, true);
        if (moment > 3)
            answer_all();
        if (moment > 4)
            answer_table();
        session_destroy(session);
        assert_true(fake.list == NULL && fake.change == NULL);
    }
}

/* ---- the next batch -------------------------------------------------------------------------- */

static void the_next_batch_keeps_what_is_unsettled(void **state) {
    (void)state;
    struct change *changes[MOST];
    struct session *session = sending_many(100, 0, NULL);
    while (fake.change != NULL)
        answer_oldest(oldest() % 2, ANSWER_UNKNOWN);
    answer_table();
    expect_tally(session, 50, 0, 0, 0, 50);
    make_changes(changes, 2);
    table.count = 100;
    assert_true(session_submit_all(session, changes, 2, NULL, NULL));
    answer_table();
    answer_all();
    answer_table();
    assert_int_equal(submission_of(session).tally[OUTCOME_APPLIED], 2);
    assert_int_equal(session_unsettled(session), 50); /* b0: which of the two was it? */
    fake.ms += SETTLE_AFTER;
    session_tick(session);
    answer_table();
    assert_int_equal(session_unsettled(session), 0);
    session_destroy(session);
}

/* ---- a submission that is kept --------------------------------------------------------------- */

static void a_taken_submission_outlives_the_next(void **state) {
    (void)state;
    struct change *changes[MOST];
    struct submission_item item;
    struct buffer results;
    struct session *session = sending_many(4, 0, NULL);
    assert_null(session_take_submission(session)); /* it is not done */
    while (fake.change != NULL)
        answer_oldest(oldest() % 2, ANSWER_UNKNOWN);
    answer_table();
    struct submitted *taken = session_take_submission(session);
    assert_int_equal(submission_of(session).count, 0);
    assert_null(session_take_submission(session));
    assert_string_equal(submitted_text(taken), "4 changes: 2 applied, 2 unknown");
    make_changes(changes, 1);
    table.count = 4;
    table.endpoints[1] = table.endpoints[3] = "http://new";
    destroy_changes(changes, 1);
    fake.ms += SETTLE_AFTER;
    session_tick(session);
    answer_table();
    submitted_item(taken, 1, &item);
    assert_int_equal(item.outcome, OUTCOME_APPLIED);
    submitted_item(taken, 2, &item);
    assert_int_equal(item.outcome, OUTCOME_REFUSED); /* settled since */
    buffer_init(&results);
    submitted_result(taken, 2, &results);
    assert_non_null(strstr(results.data, "\"b2\""));
    buffer_finish(&results);
    session_destroy(session);
    submitted_item(taken, 3, &item);
    assert_string_equal(change_name(item.change), "b3");
    submitted_release(taken);
}

static void what_is_released_stays_unsettled(void **state) {
    (void)state;
    struct session *session = sending_many(3, 0, NULL);
    while (fake.change != NULL)
        answer_oldest(false, ANSWER_UNKNOWN);
    answer_table();
    submitted_release(session_take_submission(session));
    assert_int_equal(session_unsettled(session), 3);
    fake.ms += SETTLE_AFTER;
    session_tick(session);
    answer_table();
    assert_int_equal(session_unsettled(session), 0);
    session_destroy(session);
}

#define TEST(function) cmocka_unit_test_teardown(function, close_table)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_batch_is_read_before_and_after_and_each_is_sent_once),
        TEST(one_change_has_a_connection_of_its_own),
        TEST(answers_come_in_any_order),
        TEST(each_has_its_own_outcome),
        TEST(what_shows_late_is_waited_for),
        TEST(a_batch_is_whole_or_not_at_all),
        TEST(a_conflict_does_not_stop_the_others),
        TEST(stop_on_error_stops_at_a_conflict),
        TEST(stop_on_error_stops_at_what_fails),
        TEST(an_expired_login_stops_the_rest),
        TEST(without_connections_no_more_are_tried),
        TEST(a_service_that_asks_to_wait_is_given_time),
        TEST(a_sitting_that_becomes_read_only_sends_no_more),
        TEST(nothing_begins_while_it_is_paused),
        TEST(after_a_long_pause_the_rest_is_compared_again),
        TEST(what_cannot_be_compared_again_is_not_sent),
        TEST(pausing_counts_from_the_beginning),
        TEST(cancelling_judges_what_was_answered),
        TEST(leaving_reads_nothing_more),
        TEST(a_sitting_can_end_at_any_moment),
        TEST(the_next_batch_keeps_what_is_unsettled),
        TEST(a_taken_submission_outlives_the_next),
        TEST(what_is_released_stays_unsettled),
    };
    return cmocka_run_group_tests_name("session_batch", tests, NULL, NULL);
}
