/* The rotated files: reading them, and checking the chain over all. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal_internal.h"
#include "pail/base/memory.h"

/* ---- older records --------------------------------------------------------------------------- */

/* damage: the first that is found, unless there is one; NULL: verify tells. */
static bool read_records(int file, const char *name, struct journal_records *records, char *damage,
                         struct error *error) {
    struct journal_lines lines;
    struct journal_chain chain;
    struct stat info;
    const char *line, *wrong = NULL;
    size_t length, number = 0;
    journal_chain_init(&chain);
    chain.known = false;
    journal_lines_init(&lines, file, 0, fstat(file, &info) == 0 ? info.st_size : 0);
    while (journal_lines_next(&lines, &line, &length)) {
        bool good = journal_records_take(records, line, length);
        number++;
        if (damage != NULL)
            wrong = good ? journal_chain_take(&chain, line, length) : "can't be read";
        if (wrong != NULL)
            journal_note_damage(damage, name, number, wrong);
    }
    bool good = !lines.failed && !lines.too_long;
    if (!good)
        error_set(error, "journal %s: %s", name,
                  lines.failed ? strerror(errno) : "a line is longer than 4 MiB");
    journal_lines_finish(&lines);
    return good;
}

/* *found is false, and no error set, if there is no such file. */
static bool read_rotated(const char *path, unsigned number, struct journal_records *records,
                         char *damage, bool *found, struct error *error) {
    struct buffer name;
    buffer_init(&name);
    journal_rotated_name(path, number, &name);
    int file = journal_file_open(name.data, O_RDONLY, error);
    *found = file >= 0;
    bool good = file < 0 ? errno == ENOENT : read_records(file, name.data, records, damage, error);
    if (file >= 0)
        close(file);
    buffer_finish(&name);
    return good;
}

bool journal_read_older(struct journal *journal, bool *more, struct error *error) {
    *more = false;
    if (journal->oldest < 2)
        return true;
    struct journal_records *older = memory_new(1, sizeof *older);
    journal_records_init(older);
    if (!read_rotated(journal->path, journal->oldest - 1, older, journal->damage, more, error) ||
        !*more) {
        bool good = !*more;
        journal_records_finish(older);
        free(older);
        *more = false;
        return good;
    }
    journal->oldest--;
    journal_records_prepend(&journal->records, older);
    journal->older =
        memory_resize(journal->older, journal->older_count + 1, sizeof(struct journal_records *));
    journal->older[journal->older_count++] = older;
    return true;
}

/* ---- all files, one after the other ---------------------------------------------------------- */

/* The newest file as it was at one moment. */
struct newest {
    int file; /* -1: there is none */
    off_t size;
    unsigned first, last; /* of the rotated files; 0: there are none */
};

static bool look(const char *path, struct newest *newest, struct error *error) {
    int lock;
    struct stat info = {.st_size = 0};
    *newest = (struct newest){.file = -1};
    if (!journal_lock(path, false, JOURNAL_WAIT_MS, &lock, error))
        return false;
    newest->file = journal_newest_open(path, O_RDONLY, error);
    bool good = newest->file >= 0 || errno == ENOENT;
    if (newest->file >= 0 && fstat(newest->file, &info) != 0)
        good = error_set(error, "journal %s: %s", path, strerror(errno));
    newest->size = info.st_size;
    journal_rotated_range(path, &newest->first, &newest->last);
    journal_unlock(lock);
    return good;
}

/* Those that aren't settled come again in the file that follows. */
static bool hand_out(const struct journal_records *records, bool last, journal_each_fn *each,
                     void *context) {
    for (size_t i = 0; i < records->count; i++)
        if ((last || journal_is_settled(records->records[i].state)) &&
            !each(context, &records->records[i]))
            return false;
    return true;
}

bool journal_each(const char *path, journal_each_fn *each, void *context, struct error *error) {
    struct newest newest;
    struct journal_records records;
    bool found, good = look(path, &newest, error), more = good;
    for (unsigned number = newest.first; more && number > 0 && number <= newest.last; number++) {
        journal_records_init(&records);
        good = read_rotated(path, number, &records, NULL, &found, error);
        more = good && hand_out(&records, false, each, context);
        journal_records_finish(&records);
    }
    if (more && newest.file >= 0) {
        journal_records_init(&records);
        good = read_records(newest.file, path, &records, NULL, error);
        if (good)
            hand_out(&records, true, each, context);
        journal_records_finish(&records);
    }
    if (newest.file >= 0)
        close(newest.file);
    return good;
}

/* ---- checking -------------------------------------------------------------------------------- */

static bool is_beginning(const char *line, size_t length) {
    static const char wanted[] = "{\"kind\":\"begin\",";
    return length > sizeof wanted && memcmp(line, wanted, sizeof wanted - 1) == 0;
}

static bool check_line(const char *line, size_t length, size_t number, const char *name,
                       struct journal_chain *chain, struct error *error) {
    const char *wrong = journal_chain_take(chain, line, length);
    if (wrong == NULL && (number == 1) != is_beginning(line, length))
        wrong = number == 1 ? "is not the beginning of a file: lines before it were removed"
                            : "is the beginning of another file";
    return wrong == NULL || error_set(error, "%s:%zu: the line %s", name, number, wrong);
}

static bool check_file(int file, off_t size, const char *name, struct journal_chain *chain,
                       struct journal_check *check, struct error *error) {
    struct journal_lines lines;
    const char *line;
    size_t length, number = 0;
    bool good = true;
    off_t seen = 0;
    journal_lines_init(&lines, file, 0, size);
    while (good && journal_lines_next(&lines, &line, &length)) {
        good = check_line(line, length, ++number, name, chain, error);
        seen += (off_t)length;
    }
    if (good && (lines.failed || lines.too_long))
        good = error_set(error, "%s:%zu: %s", name, number + 1,
                         lines.failed ? strerror(errno) : "the line is longer than 4 MiB");
    journal_lines_finish(&lines);
    check->files++;
    check->lines += number;
    check->unfinished = (size_t)(size - seen);
    return good;
}

static bool check_rotated(const char *path, unsigned number, struct journal_chain *chain,
                          struct journal_check *check, struct error *error) {
    struct buffer name;
    struct stat info;
    buffer_init(&name);
    journal_rotated_name(path, number, &name);
    int file = journal_file_open(name.data, O_RDONLY, error);
    bool good = file >= 0 && fstat(file, &info) == 0;
    size_t lines = check->lines;
    if (file < 0 && errno == ENOENT)
        error_set(error, "%s: the file is missing", name.data);
    if (good)
        good = check_file(file, info.st_size, name.data, chain, check, error);
    if (good && check->unfinished > 0)
        good = error_set(error, "%s:%zu: the line isn't whole: its end was removed", name.data,
                         check->lines - lines + 1);
    if (file >= 0)
        close(file);
    buffer_finish(&name);
    return good;
}

/* Says which file is the first, and whether any is missing behind the rotated ones. */
static bool check_range(const char *path, const struct newest *newest, struct journal_check *check,
                        struct error *error) {
    unsigned number = newest->file >= 0 ? journal_file_number(newest->file) : 0;
    check->first_file = newest->first > 0 ? newest->first : number > 0 ? number : 1;
    if (newest->last == 0)
        return true;
    if (newest->file < 0 || newest->size == 0)
        return error_set(error, "%s: the file is %s", path, newest->file < 0 ? "missing" : "empty");
    if (number <= newest->last + 1)
        return true; /* its first line tells the rest */
    struct buffer name;
    buffer_init(&name);
    journal_rotated_name(path, newest->last + 1, &name);
    error_set(error, "%s: the file is missing", name.data);
    buffer_finish(&name);
    return false;
}

bool journal_verify(const char *path, struct journal_check *check, struct error *error) {
    struct newest newest;
    struct journal_chain chain;
    *check = (struct journal_check){.first_file = 1};
    journal_chain_init(&chain);
    bool good = look(path, &newest, error) && check_range(path, &newest, check, error);
    chain.known = check->first_file == 1;
    for (unsigned number = newest.first; good && number > 0 && number <= newest.last; number++)
        good = check_rotated(path, number, &chain, check, error);
    if (good && newest.file >= 0)
        good = check_file(newest.file, newest.size, path, &chain, check, error);
    if (newest.file >= 0)
        close(newest.file);
    if (good && check->lines > 0)
        memcpy(check->last, chain.last, sizeof chain.last);
    return good;
}
