/* A folder of its own for a journal, removed after the test, and changes to record in it. */
#ifndef PAIL_TESTS_UNIT_JOURNAL_PLACE_H
#define PAIL_TESTS_UNIT_JOURNAL_PLACE_H

#include "tests.h"

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pail/base/buffer.h"
#include "pail/session/journal.h"

#define SECRET "s3cr3t-of-the-test"

struct place {
    char folder[64], path[128];
    struct error error;
};

static inline int open_place(void **state) {
    struct place *place = calloc(1, sizeof *place);
    /* In memory where there is such a place: each operation is an fsync or two. */
    snprintf(place->folder, sizeof place->folder, "%s/pail-journal-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    assert_non_null(mkdtemp(place->folder));
    snprintf(place->path, sizeof place->path, "%s/state/pail/journal.jsonl", place->folder);
    *state = place;
    return 0;
}

static inline int remove_one(const char *path, const struct stat *info, int type,
                             struct FTW *walk) {
    (void)info, (void)type, (void)walk;
    return remove(path);
}

static inline int close_place(void **state) {
    struct place *place = *state;
    nftw(place->folder, remove_one, 4, FTW_DEPTH | FTW_PHYS);
    free(place);
    return 0;
}

static inline struct journal *open_journal(struct place *place) {
    struct journal *journal = journal_open(place->path, &place->error);
    if (journal == NULL)
        fail_msg("%s", place->error.text);
    return journal;
}

/* ---- changes --------------------------------------------------------------------------------- */

static inline struct bucket entry(const char *name, const char *endpoint) {
    struct bucket bucket;
    bucket_init(&bucket);
    bucket.value[FIELD_NAME] = name;
    bucket.value[FIELD_CLOUD] = "minio";
    bucket.value[FIELD_ACCESS_KEY_ID] = "KEY";
    bucket.value[FIELD_ENDPOINT] = endpoint;
    return bucket;
}

static inline struct change *endpoint_edit(const char *name) {
    struct bucket opened = entry(name, "http://old"), wanted = entry(name, "http://new");
    enum secret_choice secrets[FIELD_COUNT] = {SECRET_KEEP};
    return change_edit(&opened, &wanted, secrets);
}

static inline struct journal_intent intent_of(const struct change *change) {
    return (struct journal_intent){
        "admin@example.com", "prod", "api.example.com", "", "", change, 0};
}

/* Records the intent of an edit of that bucket. */
static inline void intend(struct place *place, struct journal *journal, const char *name,
                          char id[JOURNAL_ID_SIZE]) {
    struct change *change = endpoint_edit(name);
    struct journal_intent intent = intent_of(change);
    if (!journal_intend(journal, &intent, 1, (char(*)[JOURNAL_ID_SIZE])id, &place->error))
        fail_msg("%s", place->error.text);
    change_destroy(change);
}

static inline void conclude(struct place *place, struct journal *journal, const char *id,
                            enum journal_state state) {
    struct journal_outcome outcome = {id, state, true, false, 1772366671250, "what came of it"};
    if (!journal_conclude(journal, &outcome, 1, &place->error))
        fail_msg("%s", place->error.text);
}

/* An operation from its intent to its end. */
static inline void record(struct place *place, struct journal *journal, const char *name) {
    char id[JOURNAL_ID_SIZE];
    intend(place, journal, name, id);
    conclude(place, journal, id, JOURNAL_APPLIED);
}

/* ---- bytes ----------------------------------------------------------------------------------- */

/* The caller's to free; NUL-terminated. */
static inline char *read_file(const char *path, size_t *length) {
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    struct stat info;
    assert_int_equal(fstat(fileno(file), &info), 0);
    char *data = calloc(1, (size_t)info.st_size + 1);
    *length = fread(data, 1, (size_t)info.st_size, file);
    fclose(file);
    return data;
}

static inline void write_file(const char *path, const char *data, size_t length) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, 0600), 0);
}

static inline void rotated(const struct place *place, unsigned number, char path[192]) {
    snprintf(path, 192, "%s/state/pail/journal-%06u.jsonl", place->folder, number);
}

/* Verifies; false if it is broken. */
static inline bool verify(struct place *place, struct journal_check *check) {
    return journal_verify(place->path, check, &place->error);
}

static inline void expect_whole(struct place *place, size_t lines) {
    struct journal_check check;
    if (!verify(place, &check))
        fail_msg("%s", place->error.text);
    assert_int_equal(check.lines, lines);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, open_place, close_place)

#endif
