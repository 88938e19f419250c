/* The journal as it is seen from outside; taking in what is on the disk. */
#include "pail/session/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal_internal.h"
#include "pail/base/memory.h"

/* How many files' worth of records a long sitting keeps before it lets the older ones go. */
enum { FILES_KEPT = 4 };

const char *const journal_state_names[JOURNAL_STATES] = {
    "open", "unknown", "applied", "refused", "not sent", "conflict", "replaced"};

bool journal_is_settled(enum journal_state state) {
    return state != JOURNAL_OPEN && state != JOURNAL_UNKNOWN;
}

/* ---- taking in what is there ----------------------------------------------------------------- */

static void forget(struct journal *journal) {
    if (journal->file >= 0)
        close(journal->file);
    for (size_t i = 0; i < journal->older_count; i++) {
        journal_records_finish(journal->older[i]);
        free(journal->older[i]);
    }
    free(journal->older);
    journal->older = NULL;
    journal->older_count = 0;
    journal_records_finish(&journal->records);
    journal->file = -1;
    journal->end = journal->carried = 0;
    journal->lines = journal->bytes = 0;
    journal->oldest = 0;
    journal_chain_init(&journal->chain);
    journal->chain.known = false;
}

void journal_note_damage(char damage[JOURNAL_DAMAGE_SIZE], const char *name, size_t line,
                         const char *what) {
    if (damage[0] == '\0')
        snprintf(damage, JOURNAL_DAMAGE_SIZE, "journal %s: line %zu %s; see pail journal verify",
                 name, line, what);
}

static void note_damage(struct journal *journal, const char *what) {
    journal_note_damage(journal->damage, journal->path, journal->lines, what);
}

static void take_line(struct journal *journal, const char *line, size_t length) {
    bool good = journal_records_take(&journal->records, line, length);
    journal->lines++;
    journal->end += (off_t)length;
    journal->bytes += length;
    if (journal->records.only_carried)
        journal->carried = journal->end;
    if (!good)
        note_damage(journal, "can't be read");
}

void journal_take_text(struct journal *journal, const struct buffer *text) {
    for (const char *at = text->data, *end = at + text->length; at < end;) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        take_line(journal, at, (size_t)(newline + 1 - at));
        at = newline + 1;
    }
}

/* Reads what stands behind the last line that was read, as far as whole lines go. */
static bool read_on(struct journal *journal, struct error *error) {
    struct stat info;
    struct journal_lines lines;
    const char *line;
    size_t length;
    if (fstat(journal->file, &info) != 0)
        return error_set(error, "journal %s: %s", journal->path, strerror(errno));
    journal_lines_init(&lines, journal->file, journal->end, info.st_size);
    while (journal_lines_next(&lines, &line, &length)) {
        const char *wrong = journal_chain_take(&journal->chain, line, length);
        take_line(journal, line, length);
        if (wrong != NULL)
            note_damage(journal, wrong);
    }
    bool good = !lines.failed && !lines.too_long;
    if (!good)
        error_set(error, "journal %s: line %zu: %s; move the file away", journal->path,
                  journal->lines + 1, lines.failed ? strerror(errno) : "longer than 4 MiB");
    journal_lines_finish(&lines);
    return good;
}

void journal_take_over(struct journal *journal, int file, const struct stat *info) {
    if (journal->file >= 0)
        close(journal->file);
    journal->file = file;
    journal->device = info->st_dev;
    journal->inode = info->st_ino;
    journal->end = journal->carried = 0;
    journal->lines = 0;
    journal->records.only_carried = true;
}

/* Another file is the newest now. If it follows the one that we have, after reading the rest of
 * that, we go on; else, and when much has been read, we start anew. */
static bool follow(struct journal *journal, int file, const struct stat *info,
                   struct error *error) {
    unsigned number = journal_file_number(file);
    bool next = journal->file >= 0 && number == journal->records.file + 1 &&
                journal->bytes <= FILES_KEPT * journal->limit && read_on(journal, error);
    if (!next)
        forget(journal);
    journal_take_over(journal, file, info);
    if (!next)
        journal->oldest = number;
    return read_on(journal, error);
}

bool journal_catch_up(struct journal *journal, struct error *error) {
    struct stat info;
    int file = journal_newest_open(journal->path, O_RDWR, error);
    if (file < 0 && errno == EROFS)
        file = journal_newest_open(journal->path, O_RDONLY, error);
    if (file < 0 && errno != ENOENT)
        return false;
    if (file < 0) {
        forget(journal);
        return true;
    }
    if (fstat(file, &info) != 0) {
        error_set(error, "journal %s: %s", journal->path, strerror(errno));
        close(file);
        return false;
    }
    bool same =
        journal->file >= 0 && journal->device == info.st_dev && journal->inode == info.st_ino;
    if (same && info.st_size < journal->end) /* cut by somebody else */
        forget(journal);
    else if (same) {
        close(file);
        return read_on(journal, error);
    }
    return follow(journal, file, &info, error);
}

/* ---- opening --------------------------------------------------------------------------------- */

static char *login_name(void) {
    const struct passwd *user = getpwuid(getuid());
    char number[32];
    snprintf(number, sizeof number, "%lu", (unsigned long)getuid());
    return memory_string(user && user->pw_name[0] ? user->pw_name : number);
}

struct journal *journal_open(const char *path, struct error *error) {
    return journal_open_within(path, JOURNAL_WAIT_MS, error);
}

struct journal *journal_open_within(const char *path, int wait_ms, struct error *error) {
    char *own = path ? memory_string(path) : journal_usual_path(error);
    if (own == NULL)
        return NULL;
    struct journal *journal = memory_new(1, sizeof *journal);
    journal->path = own;
    journal->login = login_name();
    journal->limit = JOURNAL_FILE_LIMIT;
    journal->wait_ms = wait_ms;
    journal->file = journal->running = -1;
    journal_records_init(&journal->records);
    forget(journal);
    int lock;
    bool good = journal_lock(own, false, wait_ms, &lock, error);
    int reason = good ? 0 : errno;
    if (good) {
        good = journal_catch_up(journal, error);
        journal_unlock(lock);
    }
    if (good)
        return journal;
    journal_close(journal);
    errno = reason;
    return NULL;
}

void journal_close(struct journal *journal) {
    if (journal == NULL)
        return;
    forget(journal);
    journal_run_end(journal);
    journal_records_finish(&journal->records);
    free(journal->path);
    free(journal->login);
    free(journal);
}

void journal_set_limit(struct journal *journal, size_t bytes) {
    journal->limit = bytes;
}

void journal_set_wait(struct journal *journal, int wait_ms) {
    journal->wait_ms = wait_ms;
}

bool journal_is_busy(const struct journal *journal) {
    return journal->busy;
}

const char *journal_damage(const struct journal *journal) {
    return journal->damage;
}

bool journal_refresh(struct journal *journal, struct error *error) {
    struct error why;
    struct stat info;
    int lock;
    journal->stale = false;
    if (stat(journal->path, &info) == 0 && journal->file >= 0 && info.st_dev == journal->device &&
        info.st_ino == journal->inode && info.st_size == journal->end)
        return true;
    journal->stale = true;
    if (!journal_lock(journal->path, false, JOURNAL_GLANCE_MS, &lock, &why))
        return errno == EWOULDBLOCK || error_set(error, "%s", why.text); /* the next look tells */
    bool good = journal_catch_up(journal, error);
    journal_unlock(lock);
    journal->stale = !good;
    return good;
}

bool journal_is_stale(const struct journal *journal) {
    return journal->stale;
}

size_t journal_count(const struct journal *journal) {
    return journal->records.count;
}

const struct journal_record *journal_record(const struct journal *journal, size_t index) {
    return &journal->records.records[index];
}

const struct journal_record *journal_find(const struct journal *journal, const char *id) {
    return journal_records_find(&journal->records, id);
}
