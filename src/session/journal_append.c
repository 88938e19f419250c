/* An append, whole or not at all: from its lock to its fsync. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal_internal.h"

static bool create(struct journal *journal, struct error *error) {
    struct stat info;
    int file = journal_file_open(journal->path, O_RDWR | O_CREAT | O_EXCL, error);
    if (file < 0)
        return false;
    if (fchmod(file, 0600) != 0 || fstat(file, &info) != 0) {
        close(file);
        return error_set(error, "journal %s: %s", journal->path, strerror(errno));
    }
    journal_take_over(journal, file, &info);
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
    bool good = journal_rotate_complete(journal, error) && journal_catch_up(journal, error);
    if (good && journal_rotate_is_due(journal)) {
        journal_rotate(journal);
        good = journal_rotate_complete(journal, error) && journal_catch_up(journal, error);
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
        journal_rotate_beginning(journal, chain, out);
    if (journal->cut > 0) {
        journal_write_torn(&line, journal->cut);
        journal_chain_append(chain, out, &line);
    }
    buffer_finish(&line);
}

static bool write_text(struct journal *journal, const struct buffer *text, struct error *error) {
    bool is_new = journal->end == 0;
    if (journal_file_write(journal->file, text, journal->end) &&
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
        journal_chain_append(&chain, &text, &line);
    }
    if (good && write_text(journal, &text, error)) {
        journal->chain = chain;
        journal->cut = 0;
        bool first = journal->end == 0;
        journal_take_text(journal, &text);
        if (first && journal->oldest == 0)
            journal->oldest = journal->records.file;
    } else
        good = false;
    buffer_finish(&line);
    buffer_finish(&text);
    journal_unlock(lock);
    return good;
}

/* ---- what is appended ------------------------------------------------------------------------ */

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
    journal_run_begin(journal); /* has a file in that folder */
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
