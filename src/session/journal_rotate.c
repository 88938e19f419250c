/* How a file begins: the first, and the next, when one that is full is rotated. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal_internal.h"

/* ---- the first line -------------------------------------------------------------------------- */

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

void journal_rotate_beginning(const struct journal *journal, struct journal_chain *chain,
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
    journal_chain_append(chain, out, &line);
    buffer_finish(&name);
    buffer_finish(&line);
}

/* ---- rotation -------------------------------------------------------------------------------- */

bool journal_rotate_is_due(const struct journal *journal) {
    return journal->file >= 0 && journal->records.file > 0 &&
           journal->end - journal->carried >= (off_t)journal->limit;
}

/* The file that is to follow: where it comes from, and all that isn't settled. */
static void compose_next(const struct journal *journal, const char *rotated,
                         struct journal_chain *chain, struct buffer *out) {
    struct buffer line;
    const char *slash = strrchr(rotated, '/');
    buffer_init(&line);
    journal_write_begin(&line, journal->records.file + 1, slash ? slash + 1 : rotated);
    journal_chain_append(chain, out, &line);
    for (size_t i = 0; i < journal->records.count; i++) {
        const struct journal_record *record = &journal->records.records[i];
        if (journal_is_settled(record->state))
            continue;
        journal_write_carry(&line, record);
        journal_chain_append(chain, out, &line);
    }
    buffer_finish(&line);
}

/* The text, a file of its own under another name, whole and durable. */
static bool write_file(const char *name, const struct buffer *text) {
    int file = open(name, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file < 0)
        return false;
    bool good = fchmod(file, 0600) == 0 && journal_file_write(file, text, 0);
    if (close(file) != 0 || !good) {
        unlink(name);
        return false;
    }
    return true;
}

/* Puts the new file into the old one's place. Broken off in between, it is the newest all the same
 * (journal_newest_open), and the next writer gives it its name (journal_rotate_complete). */
static bool exchange(const struct journal *journal, const char *next, const char *rotated) {
    return access(rotated, F_OK) != 0 && errno == ENOENT && journal_sync_folder(next) &&
           rename(journal->path, rotated) == 0 && rename(next, journal->path) == 0 &&
           journal_sync_folder(journal->path);
}

void journal_rotate(const struct journal *journal) {
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

bool journal_rotate_complete(const struct journal *journal, struct error *error) {
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
