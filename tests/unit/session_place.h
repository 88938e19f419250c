/* A journal on the disk, in a folder of the test's own, and the sittings that write to it. */
#ifndef PAIL_TESTS_UNIT_SESSION_PLACE_H
#define PAIL_TESTS_UNIT_SESSION_PLACE_H

#include "session_stage.h"

#include <ftw.h>
#include <unistd.h>

#include "pail/session/journal.h"

static struct { char folder[64], path[128]; } place;

static inline int open_place(void **state) {
    (void)state;
    snprintf(place.folder, sizeof place.folder, "/tmp/pail-place-XXXXXX");
    assert_non_null(mkdtemp(place.folder));
    snprintf(place.path, sizeof place.path, "%s/pail/journal.jsonl", place.folder);
    reset_fake();
    return 0;
}

static inline int remove_one(const char *path, const struct stat *info, int type,
                             struct FTW *walk) {
    (void)info, (void)type, (void)walk;
    return remove(path);
}

static inline int close_place(void **state) {
    (void)state;
    nftw(place.folder, remove_one, 4, FTW_DEPTH | FTW_PHYS);
    return 0;
}

/* A sitting of the same clock as the last one. */
static inline struct session *sitting_at(const char *url) {
    struct session_settings settings = usual;
    settings.base_url = url;
    settings.journal_path = place.path;
    return session_create(NULL, &settings);
}

static inline struct session *sitting(void) {
    return sitting_at(usual.base_url);
}

static inline struct session *sitting_sends(struct change *change) {
    struct session *session = sitting();
    submit(session, change);
    answer_rows(OLD);
    if (fake.change == NULL)
        fail_msg("%s", submission_of(session).text);
    return session;
}

/* The journal's last operation, as another reader sees it. */
static inline struct journal *look(struct journal_record *record) {
    struct journal *journal = journal_open(place.path, NULL);
    assert_non_null(journal);
    assert_true(journal_count(journal) > 0);
    *record = *journal_record(journal, journal_count(journal) - 1);
    return journal;
}

static inline void expect_recorded(enum journal_state state, const char *text) {
    struct journal_record record;
    struct journal *journal = look(&record);
    if (record.state != state || strstr(record.text, text) == NULL)
        fail_msg("%s: %s", journal_state_names[record.state], record.text);
    journal_close(journal);
}

static inline struct journal *write_intent(const struct change *change, int64_t until_ms) {
    char ids[1][JOURNAL_ID_SIZE];
    struct journal *journal = journal_open(place.path, NULL);
    const struct journal_intent intent = {
        "admin@example.com", "prod", "127.0.0.1", "", "", change, until_ms};
    assert_true(journal_intend(journal, &intent, 1, ids, NULL));
    return journal;
}

/* Leaves an unknown one behind. */
static inline void leave_unknown(struct change *change) {
    struct session *session = sitting_sends(change);
    lose_answer(OLD);
    assert_int_equal(session_unsettled(session), 1);
    session_destroy(session);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, open_place, close_place)

#endif
