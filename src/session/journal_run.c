/* Which pails are running. Each that has written an intent holds a lock on one byte of
 * journal.jsonl.running, and its intents say which: the kernel gives it up however pail ends. No
 * flock, because some file systems make that of a lock on the whole file. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "journal_internal.h"

enum { TRIES = 4 };
#define OFFSETS ((1ULL << 62) - 1)

static int open_running(const struct journal *journal, int flags) {
    struct buffer name;
    struct error error;
    buffer_init(&name);
    buffer_printf(&name, "%s.running", journal->path);
    int file = journal_file_open(name.data, flags, &error);
    buffer_finish(&name);
    return file;
}

static struct flock byte_at(unsigned long long offset, short type) {
    return (struct flock){
        .l_type = type, .l_whence = SEEK_SET, .l_start = (off_t)offset, .l_len = 1};
}

void journal_run_begin(struct journal *journal) {
    if (journal->run[0] != '\0')
        return;
    int file = open_running(journal, O_RDWR | O_CREAT);
    for (int i = 0; i < TRIES && file >= 0 && journal->run[0] == '\0'; i++) {
        unsigned long long offset = 0;
        if (getrandom(&offset, sizeof offset, 0) != (ssize_t)sizeof offset)
            abort(); /* Linux has it for so few bytes */
        offset &= OFFSETS;
        struct flock lock = byte_at(offset, F_WRLCK);
        if (fcntl(file, F_OFD_SETLK, &lock) == 0)
            snprintf(journal->run, sizeof journal->run, "%016llx", offset);
    }
    if (journal->run[0] != '\0')
        journal->running = file;
    else if (file >= 0)
        close(file);
}

void journal_run_end(struct journal *journal) {
    if (journal->running >= 0)
        close(journal->running);
    journal->running = -1;
}

bool journal_is_ours(const struct journal *journal, const struct journal_record *record) {
    return journal->run[0] != '\0' && strcmp(journal->run, record->run) == 0;
}

bool journal_is_running(const struct journal *journal, const struct journal_record *record) {
    char *end;
    unsigned long long offset = strtoull(record->run, &end, 16);
    if (record->run[0] == '\0' || *end != '\0' || offset > OFFSETS)
        return false;
    /* Our own lock isn't in the way of our own file. */
    int file = journal->running >= 0 ? journal->running : open_running(journal, O_RDWR);
    struct flock lock = byte_at(offset, F_WRLCK);
    bool running = file >= 0 && fcntl(file, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
    if (file >= 0 && file != journal->running)
        close(file);
    return running;
}
