/* The journal as it is seen from outside; taking in what is new; an append, whole or not at all. */
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

static void take_over(struct journal *journal, int file, const struct stat *info) {
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
    take_over(journal, file, info);
    if (!next)
        journal->oldest = number;
    return read_on(journal, error);
}

/* Under the lock. What is on the disk is taken in. */
static bool catch_up(struct journal *journal, struct error *error) {
    struct stat info;
    int file = journal_newest_open(journal->path, O_RDWR, error);
    if (file < 0 && errno == EROFS)
        file = journal_newest_open(journal->path, O_RDONLY, error);
    if (file < 0 && errno != ENOENT)
        return false;
    if (file < 0 || fstat(file, &info) != 0) {
        forget(journal);
        return true;
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
        good = catch_up(journal, error);
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

const char *journal_path(const struct journal *journal) {
    return journal->path;
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
    bool good = catch_up(journal, error);
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

/* ---- writing to the disk --------------------------------------------------------------------- */

static bool write_at(int file, const char *data, size_t length, off_t at) {
    while (length > 0) {
        ssize_t wrote = pwrite(file, data, length, at);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0) {
            errno = wrote == 0 ? ENOSPC : errno;
            return false;
        }
        data += wrote;
        length -= (size_t)wrote;
        at += wrote;
    }
    return true;
}

static bool write_durably(int file, const struct buffer *text, off_t at) {
    return write_at(file, text->data, text->length, at) && fsync(file) == 0;
}

/* The text, a file of its own under another name, whole and durable. */
static bool write_file(const char *name, const struct buffer *text) {
    int file = open(name, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file < 0)
        return false;
    bool good = fchmod(file, 0600) == 0 && write_durably(file, text, 0);
    if (close(file) != 0 || !good) {
        unlink(name);
        return false;
    }
    return true;
}

/* ---- the first file, and the next one -------------------------------------------------------- */

static void append_sealed(struct journal_chain *chain, struct buffer *out, struct buffer *line) {
    journal_chain_seal(chain, line);
    buffer_append(out, line->data, line->length);
    buffer_clear(line);
}

/* The hash of a rotated file's last line; zeros if it can't be told. */
static void last_of(const char *name, struct journal_chain *chain) {
    struct journal_lines lines;
    const char *line;
    size_t length;
    struct stat info;
    journal_chain_init(chain);
    int file = journal_file_open(name, O_RDONLY, NULL);
    if (file < 0)
        return;
    journal_lines_init(&lines, file, 0, fstat(file, &info) == 0 ? info.st_size : 0);
    while (journal_lines_next(&lines, &line, &length))
        journal_chain_take(chain, line, length);
    journal_lines_finish(&lines);
    close(file);
}

/* The first line of a file that begins without another's end: the very first, or one after the
 * newest was moved away. */
static void compose_beginning(const struct journal *journal, struct journal_chain *chain,
                              struct buffer *out) {
    unsigned first, last;
    struct buffer name, line;
    buffer_init(&name);
    buffer_init(&line);
    journal_chain_init(chain);
    journal_rotated_range(journal->path, &first, &last);
    if (last > 0) {
        journal_rotated_name(journal->path, last, &name);
        last_of(name.data, chain);
    }
    const char *slash = strrchr(name.data, '/');
    journal_write_begin(&line, last + 1, slash ? slash + 1 : name.data);
    append_sealed(chain, out, &line);
    buffer_finish(&name);
    buffer_finish(&line);
}

/* The file that is to follow: where it comes from, and all that isn't settled. */
static void compose_next(const struct journal *journal, const char *rotated,
                         struct journal_chain *chain, struct buffer *out) {
    struct buffer line;
    const char *slash = strrchr(rotated, '/');
    buffer_init(&line);
    journal_write_begin(&line, journal->records.file + 1, slash ? slash + 1 : rotated);
    append_sealed(chain, out, &line);
    for (size_t i = 0; i < journal->records.count; i++) {
        const struct journal_record *record = &journal->records.records[i];
        if (journal_is_settled(record->state))
            continue;
        journal_write_carry(&line, record);
        append_sealed(chain, out, &line);
    }
    buffer_finish(&line);
}

/* Puts the new file into the old one's place. Broken off in between, it is the newest all the same
 * (journal_newest_open), and the next writer gives it its name (complete_rotation). */
static bool exchange(const struct journal *journal, const char *next, const char *rotated) {
    return access(rotated, F_OK) != 0 && errno == ENOENT && journal_sync_folder(next) &&
           rename(journal->path, rotated) == 0 && rename(next, journal->path) == 0 &&
           journal_sync_folder(journal->path);
}

/* If it can't be done, the file that is there grows on. */
static void rotate(const struct journal *journal) {
    struct journal_chain chain = journal->chain;
    struct buffer text, next, rotated;
    buffer_init(&text);
    buffer_init(&next);
    buffer_init(&rotated);
    journal_new_name(journal->path, &next);
    journal_rotated_name(journal->path, journal->records.file, &rotated);
    compose_next(journal, rotated.data, &chain, &text);
    if (write_file(next.data, &text) && !exchange(journal, next.data, rotated.data) &&
        access(journal->path, F_OK) == 0)
        unlink(next.data);
    buffer_finish(&text);
    buffer_finish(&next);
    buffer_finish(&rotated);
}

static bool is_full(const struct journal *journal) {
    return journal->file >= 0 && journal->records.file > 0 &&
           journal->end - journal->carried >= (off_t)journal->limit;
}

/* ---- an append ------------------------------------------------------------------------------- */

/* A rotation that was broken off between its two renames. */
static bool complete_rotation(const struct journal *journal, struct error *error) {
    struct buffer next;
    if (access(journal->path, F_OK) == 0)
        return true;
    buffer_init(&next);
    journal_new_name(journal->path, &next);
    bool good = access(next.data, F_OK) != 0 ||
                (rename(next.data, journal->path) == 0 && journal_sync_folder(journal->path)) ||
                error_set(error, "journal %s: %s", next.data, strerror(errno));
    buffer_finish(&next);
    return good;
}

static bool create(struct journal *journal, struct error *error) {
    struct stat info;
    int file = journal_file_open(journal->path, O_RDWR | O_CREAT | O_EXCL, error);
    if (file < 0)
        return false;
    if (fchmod(file, 0600) != 0 || fstat(file, &info) != 0) {
        close(file);
        return error_set(error, "journal %s: %s", journal->path, strerror(errno));
    }
    take_over(journal, file, &info);
    return true;
}

/* Locks, and makes the journal ready for lines behind its last whole one. */
static bool begin_append(struct journal *journal, int *lock, struct error *error) {
    journal->busy = false;
    if (!journal_make_folders("journal", journal->path, error))
        return false;
    if (!journal_lock(journal->path, true, journal->wait_ms, lock, error)) {
        journal->busy = errno == EWOULDBLOCK;
        return false;
    }
    bool good = complete_rotation(journal, error) && catch_up(journal, error);
    if (good && is_full(journal)) {
        rotate(journal);
        good = complete_rotation(journal, error) && catch_up(journal, error);
    }
    if (good && journal->file < 0)
        good = create(journal, error);
    if (!good)
        journal_unlock(*lock);
    return good;
}

/* A half-written last line was never durable, and nothing was done after it: it makes room for a
 * line that says so. */
static bool cut_torn_line(struct journal *journal, struct error *error) {
    struct stat info;
    if (fstat(journal->file, &info) != 0 ||
        (info.st_size > journal->end && ftruncate(journal->file, journal->end) != 0))
        return error_set(error, "journal %s: %s", journal->path, strerror(errno));
    if (info.st_size > journal->end)
        journal->cut += (size_t)(info.st_size - journal->end);
    return true;
}

static void compose_head(struct journal *journal, struct journal_chain *chain, struct buffer *out) {
    struct buffer line;
    buffer_init(&line);
    if (journal->end == 0)
        compose_beginning(journal, chain, out);
    if (journal->cut > 0) {
        journal_write_torn(&line, journal->cut);
        append_sealed(chain, out, &line);
    }
    buffer_finish(&line);
}

/* What was appended is on the disk: it is part of what was read. */
static void take_text(struct journal *journal, const struct buffer *text) {
    for (const char *at = text->data, *end = at + text->length; at < end;) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        take_line(journal, at, (size_t)(newline + 1 - at));
        at = newline + 1;
    }
}

static bool write_text(struct journal *journal, const struct buffer *text, struct error *error) {
    bool is_new = journal->end == 0;
    if (write_durably(journal->file, text, journal->end) &&
        (!is_new || journal_sync_folder(journal->path)))
        return true;
    int reason = errno;
    bool undone = ftruncate(journal->file, journal->end) == 0;
    return error_set(error, "journal %s: %s%s", journal->path, strerror(reason),
                     undone ? "" : "; and what was written could not be taken back");
}

/* Writes one of the lines, "{...}". */
typedef void compose_fn(const void *context, size_t index, struct buffer *line);

static bool append(struct journal *journal, compose_fn *compose, const void *context, size_t count,
                   struct error *error) {
    int lock;
    struct buffer text, line;
    if (!begin_append(journal, &lock, error))
        return false;
    bool good = cut_torn_line(journal, error);
    struct journal_chain chain = journal->chain;
    buffer_init(&text);
    buffer_init(&line);
    if (good)
        compose_head(journal, &chain, &text);
    for (size_t i = 0; i < count && good; i++) {
        compose(context, i, &line);
        if (line.length > JOURNAL_LINE_LIMIT - 1024)
            good = error_set(error, "journal %s: the entry is too large to be recorded (4 MiB)",
                             journal->path);
        append_sealed(&chain, &text, &line);
    }
    if (good && write_text(journal, &text, error)) {
        journal->chain = chain;
        journal->cut = 0;
        bool first = journal->end == 0;
        take_text(journal, &text);
        if (first && journal->oldest == 0)
            journal->oldest = journal->records.file;
    } else
        good = false;
    buffer_finish(&line);
    buffer_finish(&text);
    journal_unlock(lock);
    return good;
}

struct intents {
    const struct journal *journal;
    const struct journal_intent *intents;
    char (*ids)[JOURNAL_ID_SIZE];
};

static void compose_intent(const void *context, size_t index, struct buffer *line) {
    const struct intents *intents = context;
    journal_make_id(intents->ids[index]);
    journal_write_intent(line, &intents->intents[index], intents->ids[index], intents->journal);
}

bool journal_intend(struct journal *journal, const struct journal_intent *intents, size_t count,
                    char (*ids)[JOURNAL_ID_SIZE], struct error *error) {
    const struct intents context = {journal, intents, ids};
    if (count == 0)
        return true;
    journal->busy = false;
    if (!journal_make_folders("journal", journal->path, error))
        return false;
    journal_run_begin(journal);
    return append(journal, compose_intent, &context, count, error);
}

struct outcomes {
    const struct journal *journal;
    const struct journal_outcome *outcomes;
};

static void compose_outcome(const void *context, size_t index, struct buffer *line) {
    const struct outcomes *outcomes = context;
    journal_write_outcome(line, &outcomes->outcomes[index], outcomes->journal->login);
}

bool journal_conclude(struct journal *journal, const struct journal_outcome *outcomes, size_t count,
                      struct error *error) {
    const struct outcomes context = {journal, outcomes};
    return count == 0 || append(journal, compose_outcome, &context, count, error);
}
