/* Random walks: whatever comes in whatever order, each change of each batch is sent at most once,
 * no reading runs beside a POST (the fakes see to it), and nothing is used after its end (ASan
 * does). What is claimed of a change is walked by session_ledger_test. */
#include "session_fakes.h"

#include "pail/buckets/change.h"

enum { WALKS = 300, STEPS = 200 };

#define ROW(name, endpoint) \
    "{\"bucketname\":\"" name "\",\"cloud\":\"minio\",\"endpoint\":\"" endpoint "\"}"
#define THREE ROW("b1", "http://old") "," ROW("b2", "http://old") "," ROW("b3", "http://old")

static const char *const tables[] = {
    "",
    ROW("b1", "http://old"),
    ROW("b1", "http://new"),
    "{\"bucketname\":\"a\"},{\"bucketname\":\"b1\",\"cloud\":\"minio\"},{\"x\":1}",
    THREE,
};
enum { TABLES = sizeof tables / sizeof *tables, BUCKETS = 4 };

static int posts[BUCKETS]; /* of the last batch, by the bucket's number */

static void count_post(const struct infinstor_call *call) {
    const char *name = strstr(call->body, "bucketname=b");
    assert_non_null(name);
    assert_int_equal(++posts[name[strlen("bucketname=b")] - '0'], 1);
}

static unsigned choose(unsigned *seed, unsigned count) {
    *seed = *seed * 1103515245U + 12345U; /* the C standard's example */
    return (*seed >> 16) % count;
}

static struct change *any_change(unsigned *seed, int number) {
    static const char *const names[BUCKETS] = {"b0", "b1", "b2", "b3"};
    struct bucket opened, wanted;
    enum secret_choice secrets[FIELD_COUNT] = {SECRET_KEEP};
    bucket_init(&opened);
    opened.value[FIELD_NAME] = names[number];
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
    if (fake.change) {
        int index = (int)choose(seed, (unsigned)under_way());
        const struct infinstor_call *call = fake.change;
        for (int i = 0; i < index; i++)
            call = call->next;
        answer_post(index, kind, status,
                    strstr(call->body, "s3cr3t") ? "bad: s3cr3t" : "it was answered");
    } else if (fake.list && kind == ANSWER_OK)
        answer_rows(fake.list->reader ? "{\"bucketname\":\"z\"}" : tables[choose(seed, TABLES)]);
    else if (fake.list)
        fail_list(kind, status, "it was answered");
}

static void submit_some(struct session *session, unsigned *seed) {
    struct change *changes[BUCKETS];
    const struct submit_options options = {.stop_on_error = choose(seed, 4) == 0};
    size_t count = 0;
    for (int number = 1; number < BUCKETS; number++)
        if (number == 1 || choose(seed, 2))
            changes[count++] = any_change(seed, number);
    bool taken = session_submit_all(session, changes, count, &options, NULL);
    if (taken)
        memset(posts, 0, sizeof posts);
    for (size_t i = 0; i < count && !taken; i++)
        change_destroy(changes[i]);
}

static void step(struct session *session, unsigned *seed) {
    switch (choose(seed, 13)) {
    case 0:
        session_load(session);
        break;
    case 1:
        fake.cancelled_change = choose(seed, 2) ? HTTP_NOT_SENT : HTTP_UNKNOWN;
        session_cancel(session);
        break;
    case 2:
        fake.token = choose(seed, 4) ? TOKEN_LOADED : TOKEN_LOOSE;
        break;
    case 3:
        fake.ms += choose(seed, 8000);
        break;
    case 4:
        if (fake.list)
            send_rows("{\"bucketname\":\"c\"},");
        break;
    case 5:
        session_tick(session);
        break;
    case 6:
    case 7:
        submit_some(session, seed);
        break;
    case 8:
        session_pause(session, choose(seed, 2));
        break;
    default:
        answer_something(seed);
        break;
    }
}

static void look_at_everything(const struct session *session) {
    struct session_status status = status_of(session);
    struct submission submission;
    struct bucket row;
    session_submission(session, &submission);
    bool at_work = submission.phase != SUBMISSION_NONE && submission.phase != SUBMISSION_DONE;
    assert_true(session_is_busy(session) == (status.loading || at_work));
    if (!session_is_busy(session))
        assert_true(fake.list == NULL && fake.change == NULL);
    assert_true(status.trouble == TROUBLE_NONE || status.text[0] != '\0');
    size_t sum = submission.waiting + submission.under_way + submission.answered;
    for (int outcome = 0; outcome < OUTCOME_COUNT; outcome++)
        sum += submission.tally[outcome];
    assert_int_equal(sum, submission.count);
    assert_int_equal(submission.under_way, under_way());
    if (submission.phase == SUBMISSION_DONE)
        assert_int_equal(submission.waiting + submission.under_way + submission.answered, 0);
    if (submission.phase == SUBMISSION_DONE && submission.count == 1)
        assert_true(strncmp(change_op_names[change_op(submission.change)], submission.text, 3) ==
                    0);
    if (submission.now != NULL)
        assert_string_equal(submission.now->value[FIELD_NAME], "b1");
    for (size_t i = 0; session_table(session) && i < table_count(session_table(session)); i++)
        table_get(session_table(session), i, &row);
    for (size_t i = 0; i < session_unsettled(session); i++) {
        struct unsettled_entry entry;
        session_unsettled_entry(session, i, &entry);
        assert_true(session_is_unsettled(session, entry.name));
    }
    for (size_t i = 0; i < submission.count; i++) {
        struct submission_item item;
        session_submission_item(session, i, &item);
        assert_true((item.state == ITEM_DONE) == (item.text[0] != '\0'));
        assert_null(strstr(item.text, "s3cr3t"));
    }
}

static void any_walk_keeps_the_promises(void **state) {
    (void)state;
    int sent = 0;
    for (unsigned walk = 0; walk < WALKS; walk++) {
        unsigned seed = walk;
        struct session *session = open_sitting(false);
        fake.posted = count_post;
        for (int i = 0; i < STEPS; i++) {
            step(session, &seed);
            look_at_everything(session);
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
