/*
 * The inside of journal.h:
 *
 *   journal.c         what is seen from outside; taking in what is on the disk
 *   journal_append.c  intents and outcomes: an append from its lock to its fsync
 *   journal_rotate.c  how a file begins: the first, and the next when one is full
 *   journal_file.c    where the files are, who may read them, the lock, durable writing
 *   journal_chain.c   lines out of a file, and how each hangs on the one before it
 *   journal_write.c   lines made of intents, outcomes and records
 *   journal_records.c records made of lines
 *   journal_older.c   the rotated files: reading and checking them all
 *   journal_run.c     which pails are running
 */
#ifndef PAIL_SRC_SESSION_JOURNAL_INTERNAL_H
#define PAIL_SRC_SESSION_JOURNAL_INTERNAL_H

#include <sys/stat.h>
#include <sys/types.h>

#include "pail/base/arena.h"
#include "pail/base/buffer.h"
#include "pail/session/journal.h"

enum { JOURNAL_LINE_LIMIT = 4 << 20 /* bytes: a longer line isn't written, nor read */ };

/* ---- journal_file.c -------------------------------------------------------------------------- */

/* The name of a rotated file: "journal-000001.jsonl" for "journal.jsonl". */
void journal_rotated_name(const char *path, unsigned number, struct buffer *name);
void journal_new_name(const char *path, struct buffer *name); /* of the file that is to follow */

/* The numbers of the rotated files that are there; 0, 0 if there are none. */
void journal_rotated_range(const char *path, unsigned *first, unsigned *last);

/* Opens without following a link or waiting for a FIFO; refuses what isn't ours alone. -1 with
 * errno ENOENT, and no error set, if there is no such file. */
int journal_file_open(const char *path, int flags, struct error *error);

/* Opens the newest file: under its name, or, when a rotation was broken off between its two
 * renames, under that of the file that was to follow. */
int journal_newest_open(const char *path, int flags, struct error *error);

/* Writes the text there; true once it is on the disk (fsync). */
bool journal_file_write(int file, const struct buffer *text, off_t at);

/* Those above the file of that path: 0700, durable. The error begins with what is to be written
 * there, and names the folder that isn't one or can't be made. */
bool journal_make_folders(const char *what, const char *path, struct error *error);
bool journal_sync_folder(const char *path); /* of the file of that path */

enum { JOURNAL_GLANCE_MS = 30 };

/* Waits so long at most for other pails; false with errno EWOULDBLOCK after that. A reader makes no
 * lock file, and needs none that isn't there: *lock is -1 then. */
bool journal_lock(const char *path, bool to_write, int wait_ms, int *lock, struct error *error);
void journal_unlock(int lock); /* -1 is fine */

/* ---- journal_chain.c ------------------------------------------------------------------------- */

struct journal_chain {
    char last[SHA256_HEX + 1]; /* of the line before, with its newline; zeros before the first */
    bool known;                /* false: the next line may follow anything */
};
void journal_chain_init(struct journal_chain *chain);

/* Appends the line "{...}" with its end: its place in the chain, its own hash, a newline. Leaves
 * `line` empty for the next one. */
void journal_chain_append(struct journal_chain *chain, struct buffer *out, struct buffer *line);

/* NULL if the line (with its newline) is as it was written and follows the one before it, else what
 * is wrong. The chain goes on from it in any case. */
const char *journal_chain_take(struct journal_chain *chain, const char *line, size_t length);

struct journal_lines {
    int file;
    off_t at, until; /* what is to be read of the file */
    char *data;
    size_t start, end, capacity;
    bool failed, too_long;
};
void journal_lines_init(struct journal_lines *lines, int file, off_t from, off_t until);
/* The next whole line with its newline; good until the next call. False at the end, before a last
 * line without a newline, and where it can't be read (failed, too_long). */
bool journal_lines_next(struct journal_lines *lines, const char **line, size_t *length);
void journal_lines_finish(struct journal_lines *lines);

/* ---- journal_records.c ----------------------------------------------------------------------- */

struct journal_records {
    struct arena arena;
    struct journal_record *records;
    size_t count, capacity;
    size_t *slots; /* by id; 0: empty, else index + 1 */
    size_t slot_count;
    unsigned file;     /* of the last "begin" line */
    bool only_carried; /* no line yet but "begin" and "carry" */
};
void journal_records_init(struct journal_records *records);
void journal_records_finish(struct journal_records *records); /* leaves it initialised */

/* Takes a line in. False if it is no line of a journal. */
bool journal_records_take(struct journal_records *records, const char *line, size_t length);

/* The number in a file's first line; 0 if it has none. */
unsigned journal_file_number(int file);

/* NULL if there is none of that id. */
struct journal_record *journal_records_find(const struct journal_records *records, const char *id);

/* Puts those of older that aren't there in front; their strings stay in older's arena. */
void journal_records_prepend(struct journal_records *records, const struct journal_records *older);

struct journal;

/* ---- journal_write.c ------------------------------------------------------------------------- */

/* Each makes a line without its end, "{...}". */
void journal_write_begin(struct buffer *line, unsigned file, const char *previous);
void journal_write_torn(struct buffer *line, size_t bytes);
void journal_write_intent(struct buffer *line, const struct journal_intent *intent, const char *id,
                          const struct journal *journal);
void journal_write_outcome(struct buffer *line, const struct journal_outcome *outcome,
                           const char *login);
void journal_write_carry(struct buffer *line, const struct journal_record *record);
void journal_make_id(char id[JOURNAL_ID_SIZE]);

/* ---- journal_run.c --------------------------------------------------------------------------- */

/* Chooses journal->run and locks its byte; leaves it "" where that can't be done. */
void journal_run_begin(struct journal *journal);
void journal_run_end(struct journal *journal);

/* ---- journal.c ------------------------------------------------------------------------------- */

enum { JOURNAL_DAMAGE_SIZE = 512 };

/* The first damage is the one that is told. */
void journal_note_damage(char damage[JOURNAL_DAMAGE_SIZE], const char *name, size_t line,
                         const char *what);

struct journal {
    char *path, *login;
    size_t limit;
    int file; /* the newest; -1: none is there */
    dev_t device;
    ino_t inode;
    off_t end;         /* behind the last whole line that was read */
    off_t carried;     /* behind what was carried over at its beginning */
    size_t lines, cut; /* cut: bytes of a torn line, to be told by the next line */
    struct journal_chain chain;
    struct journal_records records;
    size_t bytes;    /* that were read */
    unsigned oldest; /* number of the oldest file that was read */
    struct journal_records **older;
    size_t older_count;
    char damage[JOURNAL_DAMAGE_SIZE];
    int wait_ms;                /* for the lock */
    bool busy, stale;           /* journal_is_busy, journal_is_stale */
    char run[JOURNAL_RUN_SIZE]; /* "": no intent was written */
    int running;                /* the file in which its byte is locked; -1: none */
};

/* Under the lock: takes in what is on the disk, from the newest file, if there is one. */
bool journal_catch_up(struct journal *journal, struct error *error);

/* The open file, which is now the journal's, is the newest; nothing of it has been read. */
void journal_take_over(struct journal *journal, int file, const struct stat *info);

/* Whole lines that we have written behind the last one are on the disk: takes them in. The chain is
 * the caller's to move on. */
void journal_take_text(struct journal *journal, const struct buffer *text);

/* ---- journal_rotate.c: under the lock -------------------------------------------------------- */

/* Appends the first line of a file that begins without another's end: the very first, or one after
 * the newest was moved away. Later lines are to hang on that chain. */
void journal_rotate_beginning(const struct journal *journal, struct journal_chain *chain,
                              struct buffer *out);

bool journal_rotate_is_due(const struct journal *journal);

/* Puts the next file in the place of the one that is full. If it can't be done, that one grows on;
 * what is there afterwards, journal_rotate_complete and journal_catch_up find out. */
void journal_rotate(const struct journal *journal);

/* Ends a rotation that was broken off between its two renames. */
bool journal_rotate_complete(const struct journal *journal, struct error *error);

#endif
