/* Random walks: whatever comes in whatever order, each change is sent at most once, one request is
 * under way at a time (the fakes see to it), and nothing is used after its end (ASan does). */
#include "session_fakes.h"

#include "pail/buckets/change.h"

enum { WALKS = 300, STEPS = 200 };

static const char *const tables[] = {
    "",
    "{\"bucketname\":\"b1\",\"cloud\":\"minio\",\"endpoint\":\"http://old\"}",
    "{\"bucketname\":\"b1\",\"cloud\":\"minio\",\"endpoint\":\"http://new\"}",
    "{\"bucketname\":\"a\"},{\"bucketname\":\"b1\",\"cloud\":\"minio\"},{\"x\":1}",
};

static unsigned choose(unsigned *seed, unsigned count) {
    *seed = *seed * 1103515245U + 12345U; /* the C standard's example */
    return (*seed >> 16) % count;
}

static struct change *any_change(unsigned *seed) {
    struct bucket opened, wanted;
    enum secret_choice secrets[FIELD_COUNT] = {SECRET_KEEP};
    bucket_init(&opened);
    opened.value[FIELD_NAME] = "b1";
    opened.value[FIELD_CLOUD] = "minio";
    opened.value[FIELD_ENDPOINT] = choose(seed, 2) ? "http://old" : "http://new";
    opened.present = 1U << FIELD_NAME | 1U << FIELD_CLOUD | 1U << FIELD_ENDPOINT;
    wanted = opened;
    wanted.value[FIELD_ENDPOINT] = "http://new";
    switch (choose(seed, 4)) {
    case 0:
        return change_add(&wanted, choose(seed, 2) ? &opened : NULL);
    case 1:
        return change_delete(&opened);
    case 2:
        wanted.value[FIELD_SHARED_SECRET] = "s3cr3t";
        secrets[FIELD_SHARED_SECRET] = SECRET_REPLACE;
        return change_edit(&opened, &wanted, secrets);
    default:
        return change_edit(&opened, &wanted, secrets);
    }
}

static void answer_something(unsigned *seed) {
    enum answer_kind kind =
        choose(seed, 2) ? ANSWER_OK : (enum answer_kind)choose(seed, ANSWER_UNKNOWN + 1);
    long status = choose(seed, 2) ? 504 : 400;
    if (fake.change)
        answer_change(kind, status,
                      strstr(fake.body, "s3cr3t") ? "bad: s3cr3t" : "it was answered");
    else if (fake.list && kind == ANSWER_OK)
        answer_rows(fake.list->reader ? "{\"bucketname\":\"z\"}" : tables[choose(seed, 4)]);
    else if (fake.list)
        fail_list(kind, status, "it was answered");
}

/* One step; true if a change was taken over. */
static bool step(struct session *session, unsigned *seed) {
    struct change *change;
    switch (choose(seed, 12)) {
    case 0:
        session_load(session);
        return false;
    case 1:
        fake.cancelled_change = choose(seed, 2) ? HTTP_NOT_SENT : HTTP_UNKNOWN;
        session_cancel(session);
        return false;
    case 2:
        fake.token = choose(seed, 4) ? TOKEN_LOADED : TOKEN_LOOSE;
        return false;
    case 3:
        fake.ms += choose(seed, 8000);
        return false;
    case 4:
        if (fake.list)
            send_rows("{\"bucketname\":\"c\"},");
        return false;
    case 5:
        session_tick(session);
        return false;
    case 6:
    case 7:
        change = any_change(seed);
        if (session_submit(session, change, NULL))
            return true;
        change_destroy(change);
        return false;
    default:
        answer_something(seed);
        return false;
    }
}

static void look_at_everything(const struct session *session) {
    struct session_status status = status_of(session);
    struct submission submission;
    struct bucket row;
    session_submission(session, &submission);
    bool under_way = submission.phase != SUBMISSION_NONE && submission.phase != SUBMISSION_DONE;
    assert_true(session_is_busy(session) == (status.loading || under_way));
    if (!session_is_busy(session))
        assert_true(fake.list == NULL && fake.change == NULL);
    assert_true(status.trouble == TROUBLE_NONE || status.text[0] != '\0');
    if (submission.phase == SUBMISSION_DONE)
        assert_true(strncmp(change_op_names[change_op(submission.change)], submission.text, 3) ==
                    0);
    if (submission.now != NULL)
        assert_string_equal(submission.now->value[FIELD_NAME], "b1");
    for (size_t i = 0; session_table(session) && i < table_count(session_table(session)); i++)
        table_get(session_table(session), i, &row);
    assert_true(session_is_unsettled(session, "b1") == (session_unsettled(session) > 0));
}

static void any_walk_keeps_the_promises(void **state) {
    (void)state;
    int sent = 0;
    for (unsigned walk = 0; walk < WALKS; walk++) {
        unsigned seed = walk;
        struct session *session = open_sitting(false);
        for (int i = 0, submits = 0; i < STEPS; i++) {
            submits += step(session, &seed);
            look_at_everything(session);
            assert_true(fake.changes <= submits);
        }
        assert_false(log_has(session, "s3cr3t"));
        sent += fake.changes;
        session_destroy(session);
    }
    assert_true(sent > WALKS); /* the walks do get somewhere */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_walk_keeps_the_promises),
    };
    return cmocka_run_group_tests_name("session_walk", tests, NULL, NULL);
}
