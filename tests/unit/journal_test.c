/* The journal's file: what is written, who may read it, what is read of it. */
#include "journal_place.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>

#include "pail/base/clock.h"
#include "pail/base/stamp.h"

/* ---- what is written ------------------------------------------------------------------------- */

static void opening_makes_nothing(void **state) {
    struct place *place = *state;
    struct stat info;
    struct journal *journal = open_journal(place);
    assert_int_equal(journal_count(journal), 0);
    assert_string_equal(journal_damage(journal), "");
    assert_int_equal(stat(place->path, &info), -1);
    expect_whole(place, 0);
    journal_close(journal);
    char folder[96];
    snprintf(folder, sizeof folder, "%s/state", place->folder);
    assert_int_equal(stat(folder, &info), -1);
}

static void an_operation_is_two_lines(void **state) {
    struct place *place = *state;
    struct stat info;
    char folder[128], id[JOURNAL_ID_SIZE];
    size_t length;
    struct journal *journal = open_journal(place);
    mode_t old = umask(0);
    intend(place, journal, "b1", id);
    umask(old);
    assert_int_equal(stat(place->path, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0600);
    snprintf(folder, sizeof folder, "%s/state/pail", place->folder);
    assert_int_equal(stat(folder, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0700);
    expect_whole(place, 2); /* the beginning and the intent */
    assert_int_equal(journal_count(journal), 1);
    const struct journal_record *record = journal_record(journal, 0);
    assert_string_equal(record->id, id);
    assert_int_equal(record->state, JOURNAL_OPEN);
    conclude(place, journal, id, JOURNAL_APPLIED);
    expect_whole(place, 3);
    char *text = read_file(place->path, &length);
    static const char *const wanted[] = {
        "{\"kind\":\"begin\",\"format\":1,\"file\":1,\"when\":\"20",
        "\"user\":\"admin@example.com\",\"profile\":\"prod\",\"host\":\"api.example.com\","
        "\"op\":\"modify\",\"bucket\":\"b1\",\"changed\":[\"endpoint\"],\"before\":"
        "{\"bucketname\":\"b1\",\"cloud\":\"minio\",\"endpoint\":\"http://old\","
        "\"accessKeyId\":\"KEY\"},\"after\":{\"bucketname\":\"b1\",\"cloud\":\"minio\","
        "\"endpoint\":\"http://new\",\"accessKeyId\":\"KEY\"},\"prev\":\"",
        "\"state\":\"applied\",\"accepted\":true,\"ended\":\"2026-03-01T12:04:31.250Z\","
        "\"text\":\"what came of it\",\"prev\":\"",
    };
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (strstr(text, wanted[i]) == NULL)
            fail_msg("no %s in %s", wanted[i], text);
    free(text);
    journal_close(journal);
}

static void a_record_is_read_as_it_was_written(void **state) {
    struct place *place = *state;
    char id[1][JOURNAL_ID_SIZE];
    struct bucket before = entry("b\"\\\n\xe2\x80\xae", "http://old"), after = before;
    before.value[FIELD_DDB_TABLE] = "t";
    before.value[FIELD_ACCESS_ROLE_EXT] = "[1,{\"a\":2.5}]";
    before.odd = 1U << FIELD_ACCESS_ROLE_EXT;
    before.present = 1U << FIELD_ENDPOINT | 1U << FIELD_ACCESS_ROLE;
    before.extra = "{\"region\":\"eu\",\"n\":1.5,\"list\":[null,true]}";
    after.value[FIELD_ENDPOINT] = "";
    after.value[FIELD_ACCESS_ROLE_EXT] = "x";
    enum secret_choice secrets[FIELD_COUNT] = {SECRET_KEEP};
    secrets[FIELD_SHARED_SECRET] = SECRET_CLEAR;
    struct change *change = change_edit(&before, &after, secrets);
    struct journal_intent intent = {"u\xff",   "p",    "h",          "because \xc3\xa9",
                                    "earlier", change, 1772366671250};
    struct journal *journal = open_journal(place);
    assert_true(journal_intend(journal, &intent, 1, id, &place->error));
    change_destroy(change);
    journal_close(journal);

    journal = open_journal(place);
    assert_int_equal(journal_count(journal), 1);
    const struct journal_record *record = journal_find(journal, id[0]);
    assert_ptr_equal(record, journal_record(journal, 0));
    assert_string_equal(record->user, "u?");
    assert_int_equal(record->until_ms, 1772366671250);
    assert_string_equal(record->reason, "because \xc3\xa9");
    assert_string_equal(record->undoes, "earlier");
    assert_string_equal(record->bucket, before.value[FIELD_NAME]);
    assert_true(record->login[0] != '\0' && record->when_ms > 1700000000000);
    assert_int_equal(record->op, CHANGE_MODIFY);
    assert_int_equal(record->changed, 1U << FIELD_ENDPOINT | 1U << FIELD_ACCESS_ROLE_EXT |
                                          1U << FIELD_SHARED_SECRET);
    assert_int_equal(record->cleared, 1U << FIELD_ENDPOINT | 1U << FIELD_SHARED_SECRET);
    assert_true(record->has_before && record->has_after);
    for (int field = 0; field < FIELD_COUNT; field++)
        assert_string_equal(record->before.value[field], before.value[field]);
    assert_int_equal(record->before.odd, before.odd);
    assert_true((record->before.present & before.present) == before.present);
    assert_string_equal(record->before.extra, before.extra);
    assert_string_equal(record->after.value[FIELD_ENDPOINT], "");
    journal_close(journal);
}

static void a_window_of_changes_is_recorded(void **state) {
    struct place *place = *state;
    struct change *changes[64];
    struct journal_intent intents[64];
    char ids[64][JOURNAL_ID_SIZE];
    struct journal_outcome outcomes[64];
    struct journal *journal = open_journal(place);
    for (int i = 0; i < 64; i++) {
        char name[16];
        snprintf(name, sizeof name, "b%02d", i);
        changes[i] = endpoint_edit(name);
        intents[i] = intent_of(changes[i]);
    }
    assert_true(journal_intend(journal, intents, 64, ids, &place->error));
    for (int i = 0; i < 64; i++) {
        assert_string_equal(journal_record(journal, (size_t)i)->bucket, change_name(changes[i]));
        assert_string_equal(journal_record(journal, (size_t)i)->id, ids[i]);
        outcomes[i] = (struct journal_outcome){
            .id = ids[i], .state = (enum journal_state)(1 + i % 5), .by_hand = i % 2, .text = "t"};
        change_destroy(changes[i]);
    }
    assert_true(journal_conclude(journal, outcomes, 64, &place->error));
    journal_close(journal);
    journal = open_journal(place);
    assert_int_equal(journal_count(journal), 64);
    for (int i = 0; i < 64; i++) {
        const struct journal_record *record = journal_find(journal, ids[i]);
        assert_int_equal(record->state, 1 + i % 5);
        assert_int_equal(record->by_hand, i % 2);
        assert_false(record->accepted);
    }
    expect_whole(place, 129);
    journal_close(journal);
}

/* ---- secrets --------------------------------------------------------------------------------- */

static void no_secret_gets_in(void **state) {
    struct place *place = *state;
    char ids[3][JOURNAL_ID_SIZE], digits[SHA256_HEX + 1];
    size_t length;
    struct bucket before = entry("b1", "http://old"), after = entry("b1", "http://new");
    before.value[FIELD_SECRET_ACCESS_KEY] = SECRET;
    before.value[FIELD_ACCESS_ROLE] = "{\"deep\":{\"myPassword\":\"" SECRET "\",\"n\":1}}";
    before.odd = 1U << FIELD_ACCESS_ROLE;
    before.extra = "{\"api\\u0054oken\":\"" SECRET
                   "\",\"region\":\"eu\",\"list\":[{\"PrivateKey\":[\"" SECRET "\"],\"kept\":1}]}";
    after.value[FIELD_SECRET_ACCESS_KEY] = SECRET;
    after.value[FIELD_SHARED_SECRET] = SECRET;
    enum secret_choice secrets[FIELD_COUNT] = {SECRET_KEEP};
    secrets[FIELD_SECRET_ACCESS_KEY] = secrets[FIELD_SHARED_SECRET] = SECRET_REPLACE;
    struct change *changes[3] = {change_edit(&before, &after, secrets), change_delete(&before),
                                 change_add(&after, &before)};
    struct journal_intent intents[3];
    struct journal *journal = open_journal(place);
    for (int i = 0; i < 3; i++)
        intents[i] = intent_of(changes[i]);
    assert_true(journal_intend(journal, intents, 3, ids, &place->error));
    for (int i = 0; i < 3; i++) {
        const struct journal_record *record = journal_find(journal, ids[i]);
        assert_string_equal(record->before.value[FIELD_SECRET_ACCESS_KEY], "");
        assert_string_equal(record->before.extra, "{\"region\":\"eu\",\"list\":[{\"kept\":1}]}");
        assert_string_equal(record->before.value[FIELD_ACCESS_ROLE], "{\"deep\":{\"n\":1}}");
        assert_non_null(strstr(record->withheld, "secretAccessKey"));
        assert_non_null(strstr(record->withheld, "apiToken"));
        assert_non_null(strstr(record->withheld, "PrivateKey"));
        assert_non_null(strstr(record->withheld, "myPassword"));
        change_destroy(changes[i]);
    }
    assert_true(journal_find(journal, ids[0])->changed & 1U << FIELD_SHARED_SECRET);
    char *text = read_file(place->path, &length);
    sha256_hex(SECRET, strlen(SECRET), digits);
    assert_null(strstr(text, SECRET));
    assert_null(strstr(text, digits));
    assert_null(strstr(text, "s3cr3t"));
    free(text);
    journal_close(journal);
}

/* ---- files that aren't taken ----------------------------------------------------------------- */

static void refused(struct place *place, const char *what, const char *command) {
    char id[1][JOURNAL_ID_SIZE];
    struct journal *journal = journal_open(place->path, &place->error);
    if (journal != NULL) { /* a fault of the lock file is met when something is written */
        struct change *change = endpoint_edit("b");
        struct journal_intent intent = intent_of(change);
        assert_false(journal_intend(journal, &intent, 1, id, &place->error));
        change_destroy(change);
        journal_close(journal);
    }
    if (strstr(place->error.text, what) == NULL || strstr(place->error.text, command) == NULL)
        fail_msg("%s", place->error.text);
    assert_null(strchr(place->error.text, '\n'));
}

static void loose_files_are_refused(void **state) {
    struct place *place = *state;
    char folder[128], other[160];
    struct journal *journal = open_journal(place);
    record(place, journal, "b");
    journal_close(journal);
    assert_int_equal(chmod(place->path, 0640), 0);
    refused(place, "others may read or write it", "chmod 600 /");
    assert_int_equal(chmod(place->path, 0600), 0);
    snprintf(folder, sizeof folder, "%s/state/pail", place->folder);
    assert_int_equal(chmod(folder, 0770), 0);
    refused(place, "others may write to the folder", "chmod 700 /");
    assert_int_equal(chmod(folder, 0700), 0);
    snprintf(other, sizeof other, "%s/other", folder);
    assert_int_equal(rename(place->path, other), 0);
    assert_int_equal(symlink(other, place->path), 0);
    refused(place, "a symbolic link", "move it away");
    assert_int_equal(unlink(place->path), 0);
    assert_int_equal(mkfifo(place->path, 0600), 0);
    refused(place, "not a regular file", "move it away");
    assert_int_equal(unlink(place->path), 0);
    assert_int_equal(rename(other, place->path), 0);
    expect_whole(place, 3);
    if (geteuid() == 0) {
        assert_int_equal(chown(place->path, 12345, 0), 0);
        refused(place, "belongs to another user", "chown \"$(id -un)\" /");
    }
}

static void the_usual_place_is_xdg(void **state) {
    (void)state;
    struct error error = {""};
    const char *old = getenv("HOME");
    char *home = old ? strdup(old) : NULL;
    setenv("XDG_STATE_HOME", "/s", 1);
    char *path = journal_usual_path(&error);
    assert_string_equal(path, "/s/pail/journal.jsonl");
    free(path);
    setenv("XDG_STATE_HOME", "not/absolute", 1);
    setenv("HOME", "/h", 1);
    path = journal_usual_path(&error);
    assert_string_equal(path, "/h/.local/state/pail/journal.jsonl");
    free(path);
    unsetenv("XDG_STATE_HOME");
    unsetenv("HOME");
    assert_null(journal_usual_path(&error));
    assert_non_null(strstr(error.text, "no place for the journal"));
    if (home)
        setenv("HOME", home, 1);
    free(home);
}

/* ---- several at once ------------------------------------------------------------------------- */

enum { WRITERS = 4, EACH = 25 };

static void write_some(struct place *place, int writer) {
    struct journal *journal = journal_open(place->path, &place->error);
    if (journal == NULL)
        _exit(1);
    journal_set_limit(journal, 20000); /* rotates several times */
    for (int i = 0; i < EACH; i++) {
        char name[32], ids[2][JOURNAL_ID_SIZE];
        snprintf(name, sizeof name, "w%d-%02d", writer, i);
        struct change *change = endpoint_edit(name);
        struct journal_intent intents[2] = {intent_of(change), intent_of(change)};
        struct journal_outcome outcome = {.state = JOURNAL_APPLIED, .text = name};
        if (!journal_intend(journal, intents, 2, ids, &place->error))
            _exit(2);
        outcome.id = ids[0];
        if (!journal_conclude(journal, &outcome, 1, &place->error))
            _exit(3);
        const struct journal_record *first = journal_find(journal, ids[0]);
        const struct journal_record *second = journal_find(journal, ids[1]);
        if (first == NULL || first->state != JOURNAL_APPLIED || second == NULL ||
            second->state != JOURNAL_OPEN)
            _exit(4);
        outcome.id = ids[1];
        if (i % 2 && !journal_conclude(journal, &outcome, 1, &place->error))
            _exit(5);
        change_destroy(change);
    }
    journal_close(journal);
    _exit(0);
}

struct tally {
    size_t open, applied;
    int seen[WRITERS][EACH];
};

static bool count_record(void *context, const struct journal_record *record) {
    struct tally *tally = context;
    int writer = record->bucket[1] - '0', number = (int)strtol(record->bucket + 3, NULL, 10);
    tally->seen[writer][number]++;
    tally->open += record->state == JOURNAL_OPEN;
    tally->applied += record->state == JOURNAL_APPLIED;
    return true;
}

static void several_write_at_once(void **state) {
    struct place *place = *state;
    pid_t children[WRITERS];
    struct tally tally = {.open = 0};
    struct journal_check check;
    for (int i = 0; i < WRITERS; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0)
            write_some(place, i);
    }
    for (int i = 0; i < WRITERS; i++) {
        int status;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    if (!verify(place, &check))
        fail_msg("%s", place->error.text);
    assert_true(check.files > 3);
    assert_true(journal_each(place->path, count_record, &tally, &place->error));
    assert_int_equal(tally.open, WRITERS * (EACH / 2 + 1));
    assert_int_equal(tally.open + tally.applied, WRITERS * EACH * 2);
    for (int i = 0; i < WRITERS * EACH; i++)
        assert_int_equal(tally.seen[i / EACH][i % EACH], 2);
}

static void what_others_write_is_taken_in(void **state) {
    struct place *place = *state;
    char id[JOURNAL_ID_SIZE];
    struct journal *mine = open_journal(place), *other = open_journal(place);
    intend(place, other, "b1", id);
    assert_int_equal(journal_count(mine), 0);
    assert_true(journal_refresh(mine, &place->error));
    assert_int_equal(journal_count(mine), 1);
    conclude(place, other, id, JOURNAL_REFUSED);
    record(place, mine, "b2");
    assert_int_equal(journal_find(mine, id)->state, JOURNAL_REFUSED);
    assert_true(journal_refresh(other, &place->error));
    assert_int_equal(journal_count(other), 2);
    expect_whole(place, 5);
    journal_close(mine);
    journal_close(other);
}

static void a_held_lock_holds_up(void **state) {
    struct place *place = *state;
    char name[160];
    struct journal *journal = open_journal(place);
    record(place, journal, "b1");
    snprintf(name, sizeof name, "%s.lock", place->path);
    int lock = open(name, O_RDWR | O_CLOEXEC);
    assert_int_equal(flock(lock, LOCK_EX), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        char id[JOURNAL_ID_SIZE];
        close(lock); /* else it would hold its own */
        intend(place, journal, "b2", id);
        _exit(0);
    }
    struct stat before, after;
    int status;
    assert_int_equal(stat(place->path, &before), 0);
    usleep(50000);
    assert_int_equal(waitpid(child, NULL, WNOHANG), 0);
    assert_int_equal(stat(place->path, &after), 0);
    assert_true(before.st_size == after.st_size);
    int64_t began = clock_ms();
    FILE *file = fopen(place->path, "a"); /* as if half of a line were there */
    assert_non_null(file);
    fputs("{", file);
    fclose(file);
    assert_true(journal_refresh(journal, &place->error)); /* whoever only looks doesn't wait */
    assert_true(clock_ms() - began < 1000);
    assert_int_equal(journal_count(journal), 1);
    close(lock);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_true(journal_refresh(journal, &place->error));
    assert_int_equal(journal_count(journal), 2);
    journal_close(journal);
}

/* Which pails are running is known by a lock, however they end: also by SIGKILL. */
static void who_is_running_is_known(void **state) {
    struct place *place = *state;
    char id[JOURNAL_ID_SIZE];
    int ready[2], status;
    char byte;
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        intend(place, open_journal(place), "b1", id);
        if (write(ready[1], "x", 1) != 1)
            _exit(1);
        pause();
        _exit(0);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    struct journal *journal = open_journal(place);
    const struct journal_record *record = journal_record(journal, 0);
    assert_true(record->run[0] != '\0');
    assert_true(journal_is_running(journal, record));
    intend(place, journal, "b2", id);
    assert_true(journal_is_running(journal, journal_record(journal, 0)));
    assert_false(journal_is_running(journal, journal_record(journal, 1)));
    assert_true(journal_is_ours(journal, journal_record(journal, 1)));
    assert_false(journal_is_ours(journal, journal_record(journal, 0)));
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_false(journal_is_running(journal, journal_record(journal, 0)));
    journal_close(journal);
    close(ready[0]);
    close(ready[1]);
}

static void what_says_nothing_is_not_running(void **state) {
    struct place *place = *state;
    static const char *const runs[] = {"", "x", "ffffffffffffffffff", "8000000000000000"};
    struct journal *journal = open_journal(place);
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++)
        assert_false(journal_is_running(journal, &(struct journal_record){.run = runs[i]}));
    journal_close(journal);
}

/* A later change has taken its place: settled, and not carried over. */
static void replaced_is_settled(void **state) {
    struct place *place = *state;
    char id[JOURNAL_ID_SIZE];
    struct journal *journal = open_journal(place);
    intend(place, journal, "b1", id);
    conclude(place, journal, id, JOURNAL_REPLACED);
    journal_close(journal);
    journal = open_journal(place);
    assert_int_equal(journal_find(journal, id)->state, JOURNAL_REPLACED);
    assert_true(journal_is_settled(JOURNAL_REPLACED));
    assert_string_equal(journal_state_names[JOURNAL_REPLACED], "replaced");
    journal_close(journal);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(opening_makes_nothing),
        TEST(an_operation_is_two_lines),
        TEST(a_record_is_read_as_it_was_written),
        TEST(a_window_of_changes_is_recorded),
        TEST(no_secret_gets_in),
        TEST(loose_files_are_refused),
        TEST(the_usual_place_is_xdg),
        TEST(several_write_at_once),
        TEST(what_others_write_is_taken_in),
        TEST(a_held_lock_holds_up),
        TEST(who_is_running_is_known),
        TEST(what_says_nothing_is_not_running),
        TEST(replaced_is_settled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
