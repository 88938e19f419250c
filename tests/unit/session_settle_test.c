/* What becomes of a change: each way in which its POST can end, by each thing that later readings
 * can show. What is expected is written down anew here, as the rules of session/submission.h say
 * it. */
#include "session_stage.h"

enum shows { BEFORE, WANTED, OTHER, SHOWS };

struct kind {
    struct change *(*make)(void);
    const char *rows[SHOWS];
    bool invisible; /* the listing shows the same before and after */
};

static struct change *both_edit(void) {
    return edit("http://new", SECRET);
}

static struct change *addition(void) {
    struct bucket bucket = entry("http://new");
    return change_add(&bucket, NULL);
}

static struct change *deletion(void) {
    struct bucket bucket = entry("http://old");
    return change_delete(&bucket);
}

static struct change *replacement(void) {
    struct bucket bucket = entry("http://old"), wanted = entry("http://new");
    return change_add(&wanted, &bucket);
}

static const struct kind kinds[] = {
    {endpoint_edit, {OLD, NEW, ELSE}, false}, {secret_edit, {OLD, OLD, ELSE}, true},
    {both_edit, {OLD, NEW, ELSE}, false},     {addition, {"", NEW, ELSE}, false},
    {deletion, {OLD, "", ELSE}, false},       {replacement, {OLD, NEW, ELSE}, false},
};

static bool is_clear_no(enum answer_kind kind) {
    return kind == ANSWER_LOGIN_EXPIRED || kind == ANSWER_FORBIDDEN || kind == ANSWER_REFUSED;
}

/* After the first reading, which began right after the answer, and any back-off. */
static enum submission_outcome expected_at_first(const struct kind *kind, enum answer_kind answer,
                                                 enum shows first) {
    if (is_clear_no(answer))
        return OUTCOME_REFUSED;
    if (answer == ANSWER_NOT_SENT)
        return OUTCOME_NOT_SENT;
    if (answer == ANSWER_UNMATCHED)
        return OUTCOME_CONFLICT;
    if (kind->invisible)
        return answer == ANSWER_OK && first != OTHER ? OUTCOME_APPLIED : OUTCOME_UNKNOWN;
    return first == WANTED ? OUTCOME_APPLIED : OUTCOME_UNKNOWN;
}

/* After a second one, which began settle_after after the answer. */
static enum submission_outcome expected_at_last(const struct kind *kind, enum answer_kind answer,
                                                enum shows first, enum shows second) {
    enum submission_outcome before = expected_at_first(kind, answer, first);
    if (before != OUTCOME_UNKNOWN)
        return before;
    if (kind->invisible)
        return answer == ANSWER_OK && second != OTHER ? OUTCOME_APPLIED : OUTCOME_UNKNOWN;
    if (second == WANTED)
        return OUTCOME_APPLIED;
    return second == BEFORE && answer != ANSWER_OK && first == BEFORE ? OUTCOME_REFUSED
                                                                      : OUTCOME_UNKNOWN;
}

static struct session *send_kind(const struct kind *kind) {
    struct session *session = open_sitting(false);
    read_table(session, kind->rows[BEFORE]);
    submit(session, kind->make());
    answer_rows(kind->rows[BEFORE]);
    assert_int_equal(fake.changes, 1);
    return session;
}

/* Answers the readings that the door makes by itself. */
static void read_on(struct session *session, const char *rows) {
    for (int i = 0; i < 6 && submission_of(session).phase != SUBMISSION_DONE; i++) {
        if (fake.list == NULL) {
            fake.ms += 4000;
            session_tick(session);
        }
        answer_rows(rows);
    }
}

static void one_way(const struct kind *kind, enum answer_kind answer, enum shows first,
                    enum shows second) {
    struct session *session = send_kind(kind);
    answer_change(answer, 500, "what it says");
    read_on(session, kind->rows[first]);
    struct submission submission = submission_of(session);
    bool good = submission.phase == SUBMISSION_DONE &&
                submission.outcome == expected_at_first(kind, answer, first);
    read_late(session, kind->rows[second]);
    enum submission_outcome wanted = expected_at_last(kind, answer, first, second);
    good = good && submission_of(session).outcome == wanted &&
           session_unsettled(session) == (wanted == OUTCOME_UNKNOWN) && fake.changes == 1;
    if (!good)
        fail_msg("%s, answer %d, readings %d and %d: %d, then %d: %s",
                 change_op_names[change_op(submission.change)], (int)answer, (int)first,
                 (int)second, (int)submission.outcome, (int)submission_of(session).outcome,
                 submission_of(session).text);
    session_destroy(session);
}

static void each_answer_by_each_reading(void **state) {
    (void)state;
    for (size_t kind = 0; kind < sizeof kinds / sizeof *kinds; kind++)
        for (int answer = ANSWER_OK; answer <= ANSWER_UNKNOWN; answer++)
            for (int first = 0; first < SHOWS; first++)
                for (int second = 0; second < SHOWS; second++)
                    one_way(&kinds[kind], (enum answer_kind)answer, (enum shows)first,
                            (enum shows)second);
}

static void what_is_said_of_each(void **state) {
    (void)state;
    static const struct {
        enum answer_kind answer;
        const char *rows, *text;
    } cases[] = {
        {ANSWER_UNKNOWN, OLD,
         "modify b1: unknown: what it says; the table is as before, but the request may still "
         "arrive: a later reading tells"},
        {ANSWER_TROUBLED, NEW, "modify b1: applied: the table shows it, though: what it says"},
        {ANSWER_UNMATCHED, ELSE,
         "modify b1: conflict: the entry was changed meanwhile (412); nothing was changed; look at "
         "it, then decide again"},
        {ANSWER_UNMATCHED, "", "modify b1: conflict: the entry is gone (412)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct session *session = send_kind(&kinds[0]);
        answer_change(cases[i].answer, 412, "what it says");
        answer_rows(cases[i].rows);
        if (strstr(submission_of(session).text, cases[i].text) == NULL)
            fail_msg("%s", submission_of(session).text);
        session_destroy(session);
    }
}

/* ---- versions -------------------------------------------------------------------------------- */

#define VERSIONED(endpoint, etag)                                                               \
    "{\"bucketname\":\"b1\",\"cloud\":\"minio\",\"accessKeyId\":\"K\",\"endpoint\":\"" endpoint \
    "\",\"etag\":\"" etag "\"}"
#define V5       VERSIONED("http://old", "5")
#define V6       VERSIONED("http://old", "6")
#define V6_NEW   VERSIONED("http://new", "6")
#define V6_OTHER VERSIONED("http://else", "6")

static struct bucket versioned(const char *endpoint) {
    struct bucket bucket = entry(endpoint);
    bucket.value[FIELD_ETAG] = "5";
    return bucket;
}

static struct change *versioned_edit(const char *endpoint, const char *secret) {
    struct bucket opened = versioned("http://old"), wanted = versioned(endpoint);
    enum secret_choice secrets[FIELD_COUNT] = {SECRET_KEEP};
    wanted.value[FIELD_SECRET_ACCESS_KEY] = secret;
    if (secret[0])
        secrets[FIELD_SECRET_ACCESS_KEY] = SECRET_REPLACE;
    return change_edit(&opened, &wanted, secrets);
}

static struct session *sending_versioned(struct change *change) {
    struct session *session = open_sitting(false);
    submit(session, change);
    answer_rows(V5);
    assert_non_null(fake.change);
    return session;
}

static void the_version_goes_along(void **state) {
    (void)state;
    struct bucket opened = versioned("http://old"), wanted = versioned("http://new");
    struct change *versioned_changes[] = {versioned_edit("http://new", ""), change_delete(&opened),
                                          change_add(&wanted, &opened)};
    for (int i = 0; i < 3; i++) {
        struct session *session = sending_versioned(versioned_changes[i]);
        assert_string_equal(fake.change->if_match, "5");
        session_destroy(session);
        session = send_kind(&kinds[i == 0 ? 0 : i == 1 ? 4 : 3]);
        assert_string_equal(fake.change->if_match, "");
        session_destroy(session);
    }
}

/* Of a new entry there is none; that entries have versions is seen by the others. */
static void a_new_entry_must_be_new(void **state) {
    (void)state;
    static const char *const tables[] = {
        "{\"bucketname\":\"a\",\"cloud\":\"minio\",\"etag\":\"3\"}",
        "{\"bucketname\":\"a\",\"cloud\":\"minio\"}", ""};
    for (int i = 0; i < 3; i++) {
        struct bucket wanted = versioned("http://new");
        struct session *session = open_sitting(false);
        submit(session, change_add(&wanted, NULL));
        answer_rows(tables[i]);
        assert_string_equal(fake.change->if_match, "");
        assert_int_equal(fake.change->if_none, i == 0);
        answer_change(ANSWER_UNMATCHED, 412, "the entry is at version 6");
        answer_rows(V6_OTHER);
        expect(session, OUTCOME_CONFLICT, "conflict: an entry of this name is there now (412)");
        assert_string_equal(submission_of(session).now->value[FIELD_ENDPOINT], "http://else");
        session_destroy(session);
    }
    struct session *session = sending_versioned(versioned_edit("http://new", ""));
    assert_false(fake.change->if_none);
    session_destroy(session);
}

static void a_moved_version_conflicts_before_it_is_sent(void **state) {
    (void)state;
    struct session *session = open_sitting(false);
    submit(session, versioned_edit("http://new", ""));
    answer_rows(V6);
    expect(session, OUTCOME_CONFLICT, "not sent: the entry was changed meanwhile");
    assert_int_equal(fake.changes, 0);
    session_destroy(session);
}

static void a_mismatch_shows_what_there_is(void **state) {
    (void)state;
    struct session *session = sending_versioned(versioned_edit("http://new", ""));
    answer_change(ANSWER_UNMATCHED, 412, "the entry is at version 6");
    assert_int_equal(submission_of(session).phase, SUBMISSION_RE_READING);
    answer_rows(V6_OTHER);
    expect(session, OUTCOME_CONFLICT, "the entry was changed meanwhile (412)");
    assert_true(submission_of(session).now_is_known);
    assert_string_equal(submission_of(session).now->value[FIELD_ENDPOINT], "http://else");
    session_destroy(session);

    session = sending_versioned(versioned_edit("http://new", ""));
    answer_change(ANSWER_UNMATCHED, 412, "");
    fail_list(ANSWER_NOT_SENT, 0, "connection refused");
    expect(session, OUTCOME_CONFLICT, "(412); nothing was changed");
    assert_false(submission_of(session).now_is_known);
    assert_null(submission_of(session).now);
    session_destroy(session);
}

static void a_version_makes_secrets_visible(void **state) {
    (void)state;
    static const struct {
        const char *first, *last;
        enum answer_kind answer;
        enum submission_outcome outcome;
    } cases[] = {
        {V6, V6, ANSWER_OK, OUTCOME_APPLIED},      /* accepted, and the version has moved */
        {V5, V5, ANSWER_OK, OUTCOME_UNKNOWN},      /* accepted, but it has not */
        {V5, V6, ANSWER_OK, OUTCOME_APPLIED},      /* it shows late */
        {V5, V5, ANSWER_UNKNOWN, OUTCOME_REFUSED}, /* nobody has changed it, and it is late */
        {V6, V6, ANSWER_UNKNOWN, OUTCOME_UNKNOWN}, /* by whom? */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct session *session = sending_versioned(versioned_edit("http://old", SECRET));
        answer_change(cases[i].answer, 500, "what it says");
        read_on(session, cases[i].first);
        read_late(session, cases[i].last);
        if (submission_of(session).outcome != cases[i].outcome)
            fail_msg("%zu: %s", i, submission_of(session).text);
        session_destroy(session);
    }
}

static void the_old_values_at_another_version_prove_nothing(void **state) {
    (void)state;
    struct session *session = sending_versioned(versioned_edit("http://new", ""));
    lose_answer(V5);
    read_late(session, V6); /* perhaps ours, and then somebody's */
    expect(session, OUTCOME_UNKNOWN, "unknown: connection reset");
    read_table(session, V5); /* a listing that lagged: nothing has happened at all */
    expect(session, OUTCOME_REFUSED, "not applied: connection reset, and the table is as before");
    session_destroy(session);
}

/* What is shown of it before: when a reading can find that it was not applied. */
static void it_says_from_when_a_reading_can_tell(void **state) {
    (void)state;
    static const struct {
        const char *first;
        enum answer_kind answer;
        bool versioned, tells;
    } cases[] = {
        {OLD, ANSWER_UNKNOWN, false, true},
        {ELSE, ANSWER_UNKNOWN, false, false}, /* ours may have been in between */
        {OLD, ANSWER_OK, false, false},
        {V5, ANSWER_UNKNOWN, true, true},
        {V6, ANSWER_UNKNOWN, true, true}, /* should V5 come, that one lagged */
        {V5, ANSWER_OK, true, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *before = cases[i].versioned ? V5 : OLD;
        struct session *session = cases[i].versioned
                                      ? sending_versioned(versioned_edit("http://new", ""))
                                      : sending(endpoint_edit());
        answer_change(cases[i].answer, 0, "connection reset");
        int64_t when = clock_wall_ms() + SETTLE_AFTER;
        read_on(session, cases[i].first);
        if (session_settles_ms(session, "b1") != (cases[i].tells ? when : 0))
            fail_msg("%zu: %ld", i, (long)session_settles_ms(session, "b1"));
        while (clock_wall_ms() < when - 1)
            fake.ms++;
        read_table(session, before);
        assert_int_equal(session_unsettled(session), 1);
        fake.ms++;
        read_table(session, before);
        assert_int_equal(session_unsettled(session), !cases[i].tells);
        session_destroy(session);
    }
}

/* ---- entries that can't be read -------------------------------------------------------------- */

#define UNREADABLE "{\"bucketname\":\"b1\",\"cloud\":\"\\u0000\"}"

static void what_cannot_be_read_is_not_gone(void **state) {
    (void)state;
    static const enum answer_kind answers[] = {ANSWER_OK, ANSWER_UNKNOWN};
    for (int i = 0; i < 2; i++) {
        struct session *session = send_kind(&kinds[4]); /* a deletion */
        answer_change(answers[i], 0, "cut off");
        read_on(session, UNREADABLE);
        expect(session, OUTCOME_UNKNOWN, "an entry that can't be read may be it");
        read_late(session, UNREADABLE);
        expect(session, OUTCOME_UNKNOWN, "an entry that can't be read may be it");
        session_destroy(session);
    }
    struct session *session = open_sitting(false);
    submit(session, addition());
    answer_rows(UNREADABLE); /* it would take its place */
    expect(session, OUTCOME_CONFLICT, "not sent: an entry that can't be read may be it");
    assert_false(submission_of(session).now_is_known);
    assert_int_equal(fake.changes, 0);
    session_destroy(session);
}

/* ---- others, and later ones ------------------------------------------------------------------ */

static void what_was_another_entry_meanwhile_is_not_as_before(void **state) {
    (void)state;
    struct session *session = sending(endpoint_edit());
    lose_answer(OLD);
    fake.ms += 1000;
    session_tick(session);
    answer_rows(ELSE);
    read_late(session, OLD); /* ours may have been in between */
    expect(session, OUTCOME_UNKNOWN, "but the entry was another one meanwhile");
    read_table(session, NEW);
    expect(session, OUTCOME_APPLIED, "applied");
    session_destroy(session);
}

/* An older change of unknown outcome, and a newer one that sets the old state again: the state that
 * the newer one has made says nothing of the older. */
static void our_own_later_change_proves_nothing(void **state) {
    (void)state;
    struct session *session = sending(endpoint_edit());
    lose_answer(ELSE);
    struct bucket other = entry("http://else"), wanted = entry("http://old");
    const enum secret_choice secrets[FIELD_COUNT] = {SECRET_KEEP};
    submit(session, change_edit(&other, &wanted, secrets));
    answer_rows(ELSE);
    answer_change(ANSWER_OK, 200, "");
    answer_rows(OLD);
    assert_int_equal(submission_of(session).outcome, OUTCOME_APPLIED);
    assert_int_equal(session_unsettled(session), 1); /* it may still arrive */
    fake.ms += SETTLE_AFTER;
    session_tick(session);
    answer_rows(OLD);
    assert_int_equal(session_unsettled(session), 0);
    assert_true(log_has(session, "settled: unknown: a later change has taken its place"));
    session_destroy(session);
}

static void a_later_change_that_sets_less_does_not_take_its_place(void **state) {
    (void)state;
    struct session *session = sending(both_edit());
    lose_answer(ELSE);
    fake.ms += SETTLE_AFTER;
    struct bucket other = entry("http://else"), wanted = entry("http://old");
    const enum secret_choice secrets[FIELD_COUNT] = {SECRET_KEEP};
    submit(session, change_edit(&other, &wanted, secrets));
    answer_rows(ELSE);
    answer_change(ANSWER_OK, 200, "");
    answer_rows(OLD);
    assert_int_equal(submission_of(session).outcome, OUTCOME_APPLIED);
    read_table(session, OLD);
    assert_int_equal(session_unsettled(session), 1); /* the secret was sent once */
    struct unsettled_entry left;
    session_unsettled_entry(session, 0, &left);
    assert_string_equal(left.name, "b1");
    assert_int_equal(left.op, CHANGE_MODIFY);
    assert_non_null(strstr(left.text, "modify b1: unknown: connection reset"));
    session_destroy(session);
}

/* The same is sent again after it got no answer. If that gets none either, the table can't tell
 * which of the two has done it. */
static void of_two_that_want_the_same_neither_is_claimed(void **state) {
    (void)state;
    static const struct {
        struct change *(*make)(void);
        const char *after;
    } cases[] = {{endpoint_edit, NEW}, {deletion, ""}};
    for (size_t i = 0; i < 2; i++)
        for (int answered = 0; answered < 2; answered++) {
            struct session *session = sending(cases[i].make());
            lose_answer(OLD);
            submit(session, cases[i].make());
            answer_rows(OLD);
            answer_change(answered ? ANSWER_OK : ANSWER_UNKNOWN, 0, "cut off");
            answer_rows(cases[i].after);
            struct submission submission = submission_of(session);
            assert_int_equal(submission.outcome, answered ? OUTCOME_APPLIED : OUTCOME_UNKNOWN);
            if (!answered)
                assert_non_null(strstr(submission.text, "another change of this bucket"));
            assert_int_equal(session_unsettled(session), answered ? 1 : 2);
            read_late(session, cases[i].after);
            assert_int_equal(session_unsettled(session), answered ? 0 : 2);
            assert_true(log_has(session, "a later change has taken its place") == answered);
            session_destroy(session);
        }
}

/* A deletion without an answer, a second one that was applied, an addition without an answer: if
 * the first takes effect after the addition, there is nothing, as if it had never been applied. */
static void an_earlier_one_may_restore_what_was_before(void **state) {
    (void)state;
    struct session *session = sending(deletion());
    lose_answer(OLD);
    submit(session, deletion());
    answer_rows(OLD);
    answer_change(ANSWER_OK, 200, "");
    answer_rows("");
    submit(session, addition());
    answer_rows("");
    lose_answer("");
    read_late(session, "");
    expect(session, OUTCOME_UNKNOWN,
           "add b1: unknown: connection reset; the table is as before, "
           "but the entry was another one meanwhile");
    session_destroy(session);
}

/* Once the second has surely come to nothing, the first can be told again. */
static void a_second_one_that_is_refused_blurs_nothing(void **state) {
    (void)state;
    static const char *const rows[] = {NEW, OLD};
    for (int i = 0; i < 2; i++) {
        struct session *session = sending(endpoint_edit());
        lose_answer(OLD);
        submit(session, endpoint_edit());
        answer_rows(OLD);
        answer_change(ANSWER_REFUSED, 400, "no");
        read_late(session, rows[i]);
        assert_int_equal(session_unsettled(session), 0);
        assert_true(log_has(session, i == 0 ? "settled: applied" : "settled: not applied"));
        struct settled settled = session_settled(session);
        assert_int_equal(settled.count, 1);
        assert_int_equal(settled.applied, i == 0);
        assert_non_null(strstr(settled.text, i == 0 ? ": applied" : ": not applied"));
        session_destroy(session);
    }
}

/* ---- by hand --------------------------------------------------------------------------------- */

static void a_person_settles_it(void **state) {
    (void)state;
    for (int applied = 0; applied < 2; applied++) {
        struct error error = {""};
        struct unsettled_entry left;
        struct session *session = sending(secret_edit());
        lose_answer(OLD);
        assert_false(session_settle_by_hand(session, "nonsense", true, &error));
        assert_non_null(strstr(error.text, "nonsense"));
        session_unsettled_entry(session, 0, &left);
        unsigned long serial = session_serial(session);
        assert_true(session_settle_by_hand(session, left.id, applied, &error));
        assert_true(session_serial(session) != serial);
        expect(session, applied ? OUTCOME_APPLIED : OUTCOME_REFUSED,
               applied ? "modify b1: applied: somebody said so"
                       : "modify b1: not applied: somebody said so");
        struct submission submission = submission_of(session);
        assert_int_equal(submission.tally[OUTCOME_UNKNOWN], 0);
        assert_int_equal(submission.tally[submission.outcome], 1);
        session_destroy(session);
    }
}

/* ---- the clock ------------------------------------------------------------------------------- */

/* A service that can't be read is asked a bounded number of times for what isn't settled. */
static void readings_that_fail_are_bounded(void **state) {
    (void)state;
    struct session *session = sending(endpoint_edit());
    answer_change(ANSWER_UNKNOWN, 0, "connection reset");
    fail_list(ANSWER_REFUSED, 404, "nothing here");
    expect(session, OUTCOME_UNKNOWN, "could not be read again");
    int lists = fake.lists;
    for (int i = 0; i < 1000; i++) {
        int wait = session_tick(session);
        if (fake.list != NULL)
            fail_list(ANSWER_REFUSED, 404, "nothing here");
        else if (wait < 0)
            break;
        fake.ms += wait > 0 ? wait : 0;
    }
    assert_int_equal(fake.lists - lists, 5); /* at 1, 2, 4, 8 and 10 s */
    assert_int_equal(session_tick(session), -1);
    expect(session, OUTCOME_UNKNOWN, "could not be read again");
    session_destroy(session);
}

static void a_service_that_asks_to_wait_is_left_alone(void **state) {
    (void)state;
    struct session *session = sending(endpoint_edit());
    answer_change(ANSWER_UNKNOWN, 0, "connection reset");
    struct infinstor_list_listener listener = fake.list->list;
    struct answer answer = make_answer(ANSWER_REFUSED, 429, "busy");
    answer.retry_after = 100;
    drop(&fake.list);
    listener.end(listener.context, &answer, NULL);
    session_tick(session);
    assert_int_equal(session_tick(session), 100000);
    session_destroy(session);
}

/* Somebody has logged in as another meanwhile. */
static void the_table_of_another_user_tells_nothing(void **state) {
    (void)state;
    struct session *session = send_kind(&kinds[4]);
    answer_change(ANSWER_UNKNOWN, 0, "connection reset");
    fake.user = "other@example.com";
    answer_rows("");
    expect(session, OUTCOME_UNKNOWN,
           "unknown: connection reset, and the table was read by another user than sent it: "
           "admin@example.com");
    fake.user = NULL;
    read_table(session, "");
    expect(session, OUTCOME_APPLIED, "applied: the entry is gone");
    session_destroy(session);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_of_another_user_tells_nothing),
        cmocka_unit_test(each_answer_by_each_reading),
        cmocka_unit_test(what_is_said_of_each),
        cmocka_unit_test(the_version_goes_along),
        cmocka_unit_test(a_new_entry_must_be_new),
        cmocka_unit_test(a_moved_version_conflicts_before_it_is_sent),
        cmocka_unit_test(a_mismatch_shows_what_there_is),
        cmocka_unit_test(a_version_makes_secrets_visible),
        cmocka_unit_test(the_old_values_at_another_version_prove_nothing),
        cmocka_unit_test(it_says_from_when_a_reading_can_tell),
        cmocka_unit_test(what_was_another_entry_meanwhile_is_not_as_before),
        cmocka_unit_test(our_own_later_change_proves_nothing),
        cmocka_unit_test(a_later_change_that_sets_less_does_not_take_its_place),
        cmocka_unit_test(of_two_that_want_the_same_neither_is_claimed),
        cmocka_unit_test(an_earlier_one_may_restore_what_was_before),
        cmocka_unit_test(a_second_one_that_is_refused_blurs_nothing),
        cmocka_unit_test(what_cannot_be_read_is_not_gone),
        cmocka_unit_test(a_person_settles_it),
        cmocka_unit_test(readings_that_fail_are_bounded),
        cmocka_unit_test(a_service_that_asks_to_wait_is_left_alone),
    };
    return cmocka_run_group_tests_name("session_settle", tests, NULL, NULL);
}
