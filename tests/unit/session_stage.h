/* One entry, b1, changes of it, and a sitting in which they are sent. */
#ifndef PAIL_TESTS_UNIT_SESSION_STAGE_H
#define PAIL_TESTS_UNIT_SESSION_STAGE_H

#include "session_fakes.h"

#include "pail/buckets/change.h"

#define ENTRY(endpoint)                                                                         \
    "{\"bucketname\":\"b1\",\"cloud\":\"minio\",\"accessKeyId\":\"K\",\"endpoint\":\"" endpoint \
    "\"}"
#define OLD    ENTRY("http://old")
#define NEW    ENTRY("http://new")
#define ELSE   ENTRY("http://else")
#define SECRET "s3cr3t/+value"

static inline struct bucket entry(const char *endpoint) {
    struct bucket bucket;
    bucket_init(&bucket);
    bucket.value[FIELD_NAME] = "b1";
    bucket.value[FIELD_CLOUD] = "minio";
    bucket.value[FIELD_ACCESS_KEY_ID] = "K";
    bucket.value[FIELD_ENDPOINT] = endpoint;
    return bucket;
}

/* Of the entry OLD: another endpoint, another secret, either or both. */
static inline struct change *edit(const char *endpoint, const char *secret) {
    struct bucket opened = entry("http://old"), wanted = entry(endpoint);
    enum secret_choice secrets[FIELD_COUNT] = {SECRET_KEEP};
    wanted.value[FIELD_SECRET_ACCESS_KEY] = secret;
    if (secret[0])
        secrets[FIELD_SECRET_ACCESS_KEY] = SECRET_REPLACE;
    return change_edit(&opened, &wanted, secrets);
}

static inline struct change *endpoint_edit(void) {
    return edit("http://new", "");
}

static inline struct change *secret_edit(void) {
    return edit("http://old", SECRET);
}

static inline struct submission submission_of(const struct session *session) {
    struct submission submission;
    session_submission(session, &submission);
    return submission;
}

static inline void expect(const struct session *session, enum submission_outcome outcome,
                          const char *text) {
    struct submission submission = submission_of(session);
    assert_int_equal(submission.phase, SUBMISSION_DONE);
    if (submission.outcome != outcome || strstr(submission.text, text) == NULL)
        fail_msg("outcome %d: %s", (int)submission.outcome, submission.text);
    assert_null(strchr(submission.text, '\n'));
    assert_false(session_is_busy(session));
    assert_true(session_is_unsettled(session, "b1") == (outcome == OUTCOME_UNKNOWN));
}

static inline void read_table(struct session *session, const char *rows) {
    session_load(session);
    answer_rows(rows);
}

/* A sitting that has read OLD. */
static inline struct session *with_table(void) {
    struct session *session = open_sitting(false);
    read_table(session, OLD);
    return session;
}

static inline void submit(struct session *session, struct change *change) {
    struct error error = {""};
    if (!session_submit(session, change, &error))
        fail_msg("%s", error.text);
}

/* A sitting whose change has been checked and is being sent. */
static inline struct session *sending(struct change *change) {
    struct session *session = with_table();
    submit(session, change);
    answer_rows(OLD);
    assert_int_equal(submission_of(session).phase, SUBMISSION_SENDING);
    assert_int_equal(fake.changes, 1);
    return session;
}

/* No answer comes, and the reading after that shows these rows. */
static inline void lose_answer(const char *rows) {
    answer_change(ANSWER_UNKNOWN, 0, "connection reset");
    answer_rows(rows);
}

/* A reading that begins settle_after later. */
static inline void read_late(struct session *session, const char *rows) {
    fake.ms += SETTLE_AFTER;
    read_table(session, rows);
}

/* The back-off: after each wait a reading, with these rows. */
static inline void read_back_off(struct session *session, const char *rows) {
    static const int waits[] = {500, 1000, 2000, 4000};
    for (size_t i = 0; i < sizeof waits / sizeof *waits; i++) {
        assert_int_equal(submission_of(session).phase, SUBMISSION_RE_READING);
        assert_null(fake.list);
        session_tick(session);
        assert_int_equal(session_tick(session), waits[i]);
        fake.ms += waits[i];
        assert_int_equal(session_tick(session), 0);
        answer_rows(rows);
    }
}

#endif
