/* The journal's chain: what verify finds, half-written lines, rotation. */
#include "journal_place.h"

#include <unistd.h>

enum { OPERATIONS = 4, LINES = 1 + 2 * OPERATIONS };

static void write_operations(struct place *place) {
    struct journal *journal = open_journal(place);
    for (int i = 0; i < OPERATIONS; i++) {
        char name[16];
        snprintf(name, sizeof name, "b%d", i);
        record(place, journal, name);
    }
    journal_close(journal);
    expect_whole(place, LINES);
}

/* The lines of a text: where each begins, and one more. */
static size_t split(const char *text, size_t length, size_t starts[]) {
    size_t count = 0;
    for (size_t at = 0; at < length; at = (size_t)(strchr(text + at, '\n') - text) + 1)
        starts[count++] = at;
    starts[count] = length;
    return count;
}

/* The journal with this text is broken, at that line. */
static void expect_broken(struct place *place, const char *text, size_t length, size_t line) {
    struct journal_check check;
    char wanted[192];
    write_file(place->path, text, length);
    snprintf(wanted, sizeof wanted, "%s:%zu: the line ", place->path, line);
    if (verify(place, &check))
        fail_msg("whole, with a fault in line %zu", line);
    if (strncmp(place->error.text, wanted, strlen(wanted)) != 0)
        fail_msg("not %s but %s", wanted, place->error.text);
}

/* ---- edits ----------------------------------------------------------------------------------- */

static void every_byte_counts(void **state) {
    struct place *place = *state;
    size_t length, starts[LINES + 1] = {0};
    write_operations(place);
    char *text = read_file(place->path, &length);
    assert_int_equal(split(text, length, starts), LINES);
    size_t line = 0;
    for (size_t at = 0; at < length; at += 1 + at % 3) {
        char was = text[at];
        while (at >= starts[line + 1])
            line++;
        if (was == '\n')
            continue; /* the next test's */
        text[at] = was == 'x' ? 'y' : 'x';
        expect_broken(place, text, length, line + 1);
        text[at] = was;
    }
    write_file(place->path, text, length);
    expect_whole(place, LINES);
    free(text);
}

/* The text with so many bytes at one place replaced by others. */
static char *edited(const char *text, size_t *length, size_t at, size_t count, const char *by,
                    size_t by_length) {
    char *copy = calloc(1, *length - count + by_length + 1);
    memcpy(copy, text, at);
    memcpy(copy + at, by, by_length);
    memcpy(copy + at + by_length, text + at + count, *length - at - count);
    *length += by_length - count;
    return copy;
}

static void expect_edit_found(struct place *place, const char *text, size_t length, size_t at,
                              size_t count, const char *by, size_t by_length, size_t line) {
    char *copy = edited(text, &length, at, count, by, by_length);
    expect_broken(place, copy, length, line);
    free(copy);
}

static void every_line_counts(void **state) {
    struct place *place = *state;
    size_t length, starts[LINES + 1] = {0};
    write_operations(place);
    char *text = read_file(place->path, &length);
    split(text, length, starts);
    for (size_t i = 0; i < LINES; i++) {
        size_t own = starts[i + 1] - starts[i];
        if (i < LINES - 1) { /* that the last is gone can't be seen */
            expect_edit_found(place, text, length, starts[i], own, "", 0, i + 1);
            expect_edit_found(place, text, length, starts[i + 1] - 1, 1, "", 0, i + 1);
        }
        expect_edit_found(place, text, length, starts[i + 1], 0, text + starts[i], own, i + 2);
        expect_edit_found(place, text, length, starts[i], 0, "\n", 1, i + 1);
        expect_edit_found(place, text, length, starts[i + 1] - 1, 0, " ", 1, i + 1);
        expect_edit_found(place, text, length, starts[i + 1] - 1, 0, "\r", 1, i + 1);
        expect_edit_found(place, text, length, starts[i], 0, "{}\n", 3, i + 1);
    }
    for (size_t i = 1; i + 2 <= LINES; i++) { /* two neighbours change places */
        size_t first = starts[i + 1] - starts[i], second = starts[i + 2] - starts[i + 1];
        char *moved = malloc(first + second);
        memcpy(moved, text + starts[i + 1], second);
        memcpy(moved + second, text + starts[i], first);
        expect_edit_found(place, text, length, starts[i], first + second, moved, first + second,
                          i + 1);
        free(moved);
    }
    free(text);
}

/* A journal that somebody edited still opens, says so, and goes on. */
static void damage_is_told_and_survived(void **state) {
    struct place *place = *state;
    struct journal_check check;
    size_t length;
    write_operations(place);
    char *text = read_file(place->path, &length);
    memcpy(strstr(text, "\"b2\""), "\"xx\"", 4);
    write_file(place->path, text, length);
    free(text);
    struct journal *journal = open_journal(place);
    assert_non_null(strstr(journal_damage(journal), "line 6 was changed"));
    assert_int_equal(journal_count(journal), OPERATIONS);
    record(place, journal, "b9");
    assert_int_equal(journal_count(journal), OPERATIONS + 1);
    journal_close(journal);
    assert_false(verify(place, &check));
    assert_non_null(strstr(place->error.text, "jsonl:6: the line was changed"));
    write_file(place->path, "not a journal\n{\"kind\":\"begin\"}\n[]\n", 35);
    journal = open_journal(place);
    assert_non_null(strstr(journal_damage(journal), "line 1 can't be read"));
    record(place, journal, "b1");
    assert_int_equal(journal_count(journal), 1);
    journal_close(journal);
}

/* ---- half-written lines ---------------------------------------------------------------------- */

static bool has_torn_line(const char *path, size_t bytes) {
    size_t length;
    char wanted[32];
    char *text = read_file(path, &length);
    snprintf(wanted, sizeof wanted, "\"bytes\":%zu,", bytes);
    const char *torn = strstr(text, "{\"kind\":\"torn\",");
    bool found = torn != NULL && strstr(torn, wanted) != NULL;
    free(text);
    return found;
}

static void a_line_may_be_cut_anywhere(void **state) {
    struct place *place = *state;
    size_t length, starts[LINES + 1] = {0};
    struct journal_check check;
    write_operations(place);
    char *text = read_file(place->path, &length);
    split(text, length, starts);
    for (size_t cut = starts[LINES - 1]; cut < length; cut++) {
        size_t torn = cut - starts[LINES - 1];
        write_file(place->path, text, cut);
        if (!verify(place, &check))
            fail_msg("%s", place->error.text);
        assert_int_equal(check.lines, LINES - 1);
        assert_int_equal(check.unfinished, torn);
        struct journal *journal = open_journal(place);
        assert_int_equal(journal_count(journal), OPERATIONS);
        assert_int_equal(journal_record(journal, OPERATIONS - 1)->state, JOURNAL_OPEN);
        record(place, journal, "after");
        assert_int_equal(journal_count(journal), OPERATIONS + 1);
        assert_string_equal(journal_damage(journal), "");
        journal_close(journal);
        expect_whole(place, LINES - 1 + (torn > 0) + 2);
        assert_true(torn == 0 || has_torn_line(place->path, torn));
        size_t now;
        char *after = read_file(place->path, &now);
        assert_memory_equal(after, text, starts[LINES - 1]);
        free(after);
    }
    free(text);
}

/* Longer than what is written in its place. */
static void a_long_torn_line_goes_whole(void **state) {
    struct place *place = *state;
    char torn[5000];
    memset(torn, 'x', sizeof torn);
    write_operations(place);
    FILE *file = fopen(place->path, "a");
    assert_non_null(file);
    assert_int_equal(fwrite(torn, 1, sizeof torn, file), sizeof torn);
    assert_int_equal(fclose(file), 0);
    struct journal *journal = open_journal(place);
    record(place, journal, "after");
    journal_close(journal);
    expect_whole(place, LINES + 3);
    assert_true(has_torn_line(place->path, sizeof torn));
}

static void even_the_first_line_may_be_cut(void **state) {
    struct place *place = *state;
    size_t length;
    struct journal *journal = open_journal(place);
    record(place, journal, "b");
    journal_close(journal);
    char *text = read_file(place->path, &length);
    size_t first = (size_t)(strchr(text, '\n') - text);
    for (size_t cut = 0; cut <= first; cut++) {
        write_file(place->path, text, cut);
        journal = open_journal(place);
        assert_int_equal(journal_count(journal), 0);
        record(place, journal, "b");
        journal_close(journal);
        expect_whole(place, 3 + (cut > 0));
    }
    free(text);
}

/* ---- rotation -------------------------------------------------------------------------------- */

struct walk {
    size_t count, open;
    char names[512];
};

static bool note(void *context, const struct journal_record *record) {
    struct walk *walk = context;
    walk->count++;
    walk->open += record->state == JOURNAL_OPEN;
    size_t used = strlen(walk->names);
    snprintf(walk->names + used, sizeof walk->names - used, "%s ", record->bucket);
    return true;
}

static void files_follow_each_other(void **state) {
    struct place *place = *state;
    char open_id[JOURNAL_ID_SIZE], unknown_id[JOURNAL_ID_SIZE], first[192];
    struct stat info;
    struct journal_check check;
    struct walk walk = {.count = 0};
    struct journal *journal = open_journal(place);
    journal_set_limit(journal, 1);
    intend(place, journal, "open", open_id); /* file 1 */
    intend(place, journal, "unknown", unknown_id);
    conclude(place, journal, unknown_id, JOURNAL_UNKNOWN);
    for (int i = 0; i < 3; i++)
        record(place, journal, "done");
    rotated(place, 1, first);
    assert_int_equal(stat(first, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0600);
    if (!verify(place, &check))
        fail_msg("%s", place->error.text);
    assert_int_equal(check.files, 9);
    journal_close(journal);

    journal = open_journal(place);               /* reads the newest alone: what is open is there */
    assert_int_equal(journal_count(journal), 3); /* and what was concluded in it */
    const struct journal_record *record = journal_find(journal, open_id);
    assert_int_equal(record->state, JOURNAL_OPEN);
    assert_string_equal(record->before.value[FIELD_ENDPOINT], "http://old");
    assert_string_equal(record->after.value[FIELD_ENDPOINT], "http://new");
    assert_string_equal(record->host, "api.example.com");
    record = journal_find(journal, unknown_id);
    assert_int_equal(record->state, JOURNAL_UNKNOWN);
    assert_true(record->accepted && record->ended_ms == 1772366671250);
    assert_string_equal(record->text, "what came of it");
    assert_true(journal_each(place->path, note, &walk, &place->error));
    assert_string_equal(walk.names, "done done open unknown done ");
    conclude(place, journal, open_id, JOURNAL_REFUSED);
    journal_close(journal);
    walk = (struct walk){.count = 0};
    assert_true(journal_each(place->path, note, &walk, &place->error));
    assert_int_equal(walk.open, 0);
    assert_int_equal(walk.count, 5);
}

static void what_is_carried_does_not_fill_a_file(void **state) {
    struct place *place = *state;
    char id[JOURNAL_ID_SIZE];
    struct journal_check check;
    struct journal *journal = open_journal(place);
    journal_set_limit(journal, 3000);
    for (int i = 0; i < 40; i++)
        intend(place, journal, "b", id); /* all stay open */
    assert_true(verify(place, &check));
    assert_true(check.files > 4 && check.files < 20);
    assert_int_equal(journal_count(journal), 40);
    journal_close(journal);
    journal = open_journal(place);
    assert_int_equal(journal_count(journal), 40);
    journal_close(journal);
}

static void older_files_are_read_on_demand(void **state) {
    struct place *place = *state;
    char open_id[JOURNAL_ID_SIZE], id[JOURNAL_ID_SIZE], name[16];
    bool more = true;
    struct journal *journal = open_journal(place);
    journal_set_limit(journal, 4000);
    intend(place, journal, "open", open_id);
    for (int i = 0; i < 30; i++) {
        snprintf(name, sizeof name, "b%02d", i);
        record(place, journal, name);
    }
    journal_close(journal);
    journal = open_journal(place);
    size_t before = journal_count(journal);
    assert_true(before < 20);
    while (more) {
        size_t count = journal_count(journal);
        assert_true(journal_read_older(journal, &more, &place->error));
        assert_true(more ? journal_count(journal) > count : journal_count(journal) == count);
    }
    assert_int_equal(journal_count(journal), 31);
    for (int i = 0; i < 30; i++) { /* the open one came with the newest file */
        size_t index = (size_t)i + (i >= 31 - (int)before);
        snprintf(name, sizeof name, "b%02d", i);
        assert_string_equal(journal_record(journal, index)->bucket, name);
    }
    intend(place, journal, "b99", id);
    assert_int_equal(journal_count(journal), 32);
    assert_string_equal(journal_find(journal, id)->bucket, "b99");
    assert_string_equal(journal_find(journal, open_id)->bucket, "open");
    journal_close(journal);
}

static void damage_of_older_files_is_told(void **state) {
    struct place *place = *state;
    char first[192];
    size_t length;
    bool more;
    struct journal *journal = open_journal(place);
    journal_set_limit(journal, 1);
    record(place, journal, "b");
    record(place, journal, "b");
    journal_close(journal);
    rotated(place, 2, first);
    char *text = read_file(first, &length);
    memcpy(strstr(text, "http://old"), "http://xxx", 10);
    write_file(first, text, length);
    free(text);
    journal = open_journal(place);
    for (more = true; more;) {
        assert_true(journal_read_older(journal, &more, &place->error));
        bool damaged = journal_damage(journal)[0] != '\0';
        assert_true(!damaged || strstr(journal_damage(journal), "-000002.jsonl: line "));
    }
    assert_non_null(strstr(journal_damage(journal), " was changed after pail wrote it"));
    journal_close(journal);
}

/* Another pail rotates, once or often, while this one watches. */
static void rotations_of_others_are_followed(void **state) {
    struct place *place = *state;
    struct journal *mine = open_journal(place), *other = open_journal(place);
    journal_set_limit(other, 2500);
    for (int i = 0; i < 12; i++) {
        record(place, other, "theirs");
        assert_true(journal_refresh(mine, &place->error));
        assert_int_equal(journal_count(mine), i + 1);
    }
    for (int i = 0; i < 12; i++) /* unwatched: more than one file is missed */
        record(place, other, "theirs");
    record(place, mine, "mine");
    size_t count = journal_count(mine);
    assert_true(count >= 1 && count < 25);
    assert_string_equal(journal_record(mine, count - 1)->bucket, "mine");
    assert_int_equal(journal_record(mine, count - 1)->state, JOURNAL_APPLIED);
    assert_string_equal(journal_damage(mine), "");
    journal_close(mine);
    journal_close(other);
    struct journal_check check;
    assert_true(verify(place, &check));
}

/* Stopped before, between and after the two renames. */
static void a_rotation_may_break_off(void **state) {
    struct place *place = *state;
    char next[192], first[192], id[JOURNAL_ID_SIZE];
    size_t old_length, new_length;
    struct journal_check check;
    struct journal *journal = open_journal(place);
    intend(place, journal, "b0", id);
    char *old = read_file(place->path, &old_length);
    journal_set_limit(journal, 1);
    conclude(place, journal, id, JOURNAL_APPLIED);
    journal_close(journal);
    char *new = read_file(place->path, &new_length);
    size_t starts[8];
    assert_int_equal(split(new, new_length, starts), 3); /* begin, carry, outcome */
    snprintf(next, sizeof next, "%s.new", place->path);
    rotated(place, 1, first);

    assert_int_equal(unlink(first), 0); /* the new file half written, nothing renamed */
    write_file(place->path, old, old_length);
    write_file(next, new, 40);
    journal = open_journal(place);
    assert_int_equal(journal_count(journal), 1);
    conclude(place, journal, id, JOURNAL_APPLIED);
    journal_close(journal);
    expect_whole(place, 3);

    write_file(first, old, old_length); /* the old one renamed, the new one not yet */
    write_file(next, new, starts[2]);
    assert_int_equal(unlink(place->path), 0);
    expect_whole(place, 4);
    journal = open_journal(place);
    assert_int_equal(journal_count(journal), 1);
    assert_int_equal(journal_find(journal, id)->state, JOURNAL_OPEN);
    conclude(place, journal, id, JOURNAL_APPLIED);
    journal_close(journal);
    expect_whole(place, 5);
    assert_int_equal(access(next, F_OK), -1);
    assert_true(verify(place, &check));
    assert_int_equal(check.files, 2);
    free(old);
    free(new);
}

/* ---- files as a whole ------------------------------------------------------------------------ */

static void expect_fault(struct place *place, const char *text) {
    struct journal_check check;
    if (verify(place, &check))
        fail_msg("whole, but: %s", text);
    if (strstr(place->error.text, text) == NULL)
        fail_msg("not %s but %s", text, place->error.text);
}

static void a_missing_file_is_found(void **state) {
    struct place *place = *state;
    char names[3][192], aside[192];
    struct journal_check check;
    size_t length;
    struct journal *journal = open_journal(place);
    journal_set_limit(journal, 1);
    for (int i = 0; i < 2; i++)
        record(place, journal, "b"); /* files 1 to 3, and the newest */
    journal_close(journal);
    snprintf(aside, sizeof aside, "%s/aside", place->folder);
    for (unsigned i = 0; i < 3; i++)
        rotated(place, i + 1, names[i]);
    assert_int_equal(rename(names[1], aside), 0);
    expect_fault(place, "journal-000002.jsonl: the file is missing");
    assert_int_equal(rename(aside, names[1]), 0);

    char *text = read_file(names[1], &length); /* its last line is gone */
    const char *second = strchr(text, '\n') + 1;
    write_file(names[1], text, (size_t)(second - text));
    expect_fault(place, "journal-000003.jsonl:1: the line doesn't follow");
    write_file(names[1], text, length - 1);
    expect_fault(place, "journal-000002.jsonl:3: the line isn't whole");
    write_file(names[1], text, length);
    free(text);

    assert_int_equal(rename(names[0], aside), 0); /* the oldest may be kept elsewhere */
    assert_true(verify(place, &check));
    assert_int_equal(check.first_file, 2);
    assert_int_equal(check.files, 3);
    assert_int_equal(rename(aside, names[0]), 0);
    assert_int_equal(rename(names[2], aside), 0);
    expect_fault(place, "journal-000003.jsonl: the file is missing");
    assert_int_equal(rename(aside, names[2]), 0);
    assert_true(verify(place, &check));
    assert_int_equal(check.first_file, 1);
    assert_int_equal(strlen(check.last), SHA256_HEX);

    assert_int_equal(rename(place->path, aside), 0);
    expect_fault(place, "journal.jsonl: the file is missing");
    journal = open_journal(place); /* begins another, which hangs on what is there */
    record(place, journal, "b");
    journal_close(journal);
    assert_true(verify(place, &check));
    assert_int_equal(check.files, 4);
}

static void a_cut_file_is_read_anew(void **state) {
    struct place *place = *state;
    size_t length, starts[LINES + 1] = {0};
    write_operations(place);
    struct journal *journal = open_journal(place);
    char *text = read_file(place->path, &length);
    split(text, length, starts);
    assert_int_equal(truncate(place->path, (off_t)starts[3]), 0);
    assert_true(journal_refresh(journal, &place->error));
    assert_int_equal(journal_count(journal), 1);
    record(place, journal, "b");
    expect_whole(place, 5);
    journal_close(journal);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(every_byte_counts),
        TEST(every_line_counts),
        TEST(damage_is_told_and_survived),
        TEST(a_line_may_be_cut_anywhere),
        TEST(a_long_torn_line_goes_whole),
        TEST(even_the_first_line_may_be_cut),
        TEST(files_follow_each_other),
        TEST(what_is_carried_does_not_fill_a_file),
        TEST(older_files_are_read_on_demand),
        TEST(damage_of_older_files_is_told),
        TEST(rotations_of_others_are_followed),
        TEST(a_rotation_may_break_off),
        TEST(a_missing_file_is_found),
        TEST(a_cut_file_is_read_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
