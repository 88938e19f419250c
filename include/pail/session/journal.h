/*
 * What was going to be changed and what came of it, on disk before and after each POST, so that
 * neither a crash nor a cut line makes anybody guess. doc/journal.md describes the file.
 *
 * An operation is an intent and the outcomes that follow it. An intent is on the disk (fsync) when
 * journal_intend returns true; if it returns false, nothing may be sent. Several pails may write to
 * one journal at once: each appends whole lines under a lock, and takes in first what others wrote.
 *
 * No secret gets into it, not even its hash: of a field that is one, or whose name says so
 * (bucket_name_is_secret), only the name is written.
 *
 * At 4 MiB the file is renamed to journal-000001.jsonl, journal-000002.jsonl ..., which pail never
 * deletes, and the operations that aren't settled are carried over into a new one: opening reads
 * one file.
 */
#ifndef PAIL_SESSION_JOURNAL_H
#define PAIL_SESSION_JOURNAL_H

#include <stdint.h>

#include "pail/base/buffer.h"
#include "pail/base/error.h"
#include "pail/base/sha256.h"
#include "pail/buckets/change.h"

struct journal;

enum {
    JOURNAL_ID_SIZE = 40,    /* of an operation's id with its NUL; unique over processes and time */
    JOURNAL_RUN_SIZE = 17,   /* of the name of a pail that runs, with its NUL */
    JOURNAL_WAIT_MS = 10000, /* how long another pail that has the lock is waited for */
    JOURNAL_FILE_LIMIT = 4 << 20, /* bytes: a file that has them is rotated */
};

/* $XDG_STATE_HOME/pail/journal.jsonl, else ~/.local/state/pail/journal.jsonl; the caller's to free.
 * NULL with an error if neither is an absolute path. */
char *journal_usual_path(struct error *error);

/* path NULL: the usual one. Makes nothing: the file (0600) and its folder (0700) are made by the
 * first intent. NULL with an error that names what is wrong with a file that is there, and the
 * command that mends it. */
struct journal *journal_open(const char *path, struct error *error);

/* The same, for whoever can't wait for 10 s until another pail has let go of the lock: neither here
 * nor in what is called later waits longer than wait_ms. NULL with errno EWOULDBLOCK, and false
 * with journal_is_busy: it is to be tried again. */
struct journal *journal_open_within(const char *path, int wait_ms, struct error *error);
bool journal_is_busy(const struct journal *journal); /* so the last append failed */
void journal_set_wait(struct journal *journal, int wait_ms);

void journal_close(struct journal *journal);                   /* NULL is fine */
void journal_set_limit(struct journal *journal, size_t bytes); /* instead of JOURNAL_FILE_LIMIT */

/* What is wrong with what was read (a line that can't be read or doesn't follow the one before it),
 * with its file and line; "" if nothing is. Changes go on being recorded. */
const char *journal_damage(const struct journal *journal);

/* ---- writing --------------------------------------------------------------------------------- */

struct journal_intent {
    const char *user;           /* InfinStor's userName; "": not known. The login name is added. */
    const char *profile, *host; /* host: of the URL that the change is POSTed to */
    const char *reason;         /* "": none was typed */
    const char *undoes;         /* id of the operation that this one undoes; "" */
    const struct change *change;
    /* clock_wall_ms when waiting for its answer ends at the latest; 0: not known */
    int64_t until_ms;
};

/* Appends the intents and makes them durable with one fsync; ids[i] is the id of the i'th. False:
 * the journal is as it was, and nothing may be sent. */
bool journal_intend(struct journal *journal, const struct journal_intent *intents, size_t count,
                    char (*ids)[JOURNAL_ID_SIZE], struct error *error);

enum journal_state {
    JOURNAL_OPEN,    /* an intent alone: in flight, or pail died */
    JOURNAL_UNKNOWN, /* it may or may not have taken place */
    JOURNAL_APPLIED,
    JOURNAL_REFUSED,
    JOURNAL_NOT_SENT,
    JOURNAL_CONFLICT,
    JOURNAL_REPLACED, /* never known; a later change has taken its place */
    JOURNAL_STATES,
};
extern const char *const journal_state_names[JOURNAL_STATES]; /* open unknown applied ... */

/* False for those that are still to be settled: open and unknown. */
bool journal_is_settled(enum journal_state state);

struct journal_outcome {
    const char *id;
    enum journal_state state;
    bool accepted;    /* a 2xx came back */
    bool by_hand;     /* a person settled it */
    int64_t ended_ms; /* clock_wall_ms when waiting for the answer ended; 0: not known */
    const char *text; /* one line, no secrets */
};

/* Appends the outcomes, durable when it returns true (one fsync). The last outcome of an operation
 * counts. False: the journal is as it was; the operations stay open in it. */
bool journal_conclude(struct journal *journal, const struct journal_outcome *outcomes, size_t count,
                      struct error *error);

/* ---- reading --------------------------------------------------------------------------------- */

/* One operation. Strings are never NULL. */
struct journal_record {
    const char *id;
    int64_t when_ms;   /* of the intent, clock_wall_ms */
    const char *login; /* the name of who ran pail */
    const char *user, *profile, *host, *reason, *undoes;
    int64_t until_ms;  /* of the intent; 0: not known */
    const char *run;   /* for journal_is_running; "": not known */
    enum change_op op; /* as it was sent */
    const char *bucket;
    unsigned changed;     /* bit 1 << field: set, replaced, cleared or removed; secrets too */
    unsigned cleared;     /* those of them that were emptied */
    const char *withheld; /* names of secrets of the entries that aren't written, "a, b"; "" */
    bool has_before, has_after;
    struct bucket before, after; /* without secrets, also unknown ones */
    enum journal_state state;
    bool accepted, by_hand;
    int64_t ended_ms;
    const char *text; /* of the last outcome */
};

/* Takes in what other pails appended meanwhile; cheap if there is nothing, and nothing is taken in
 * while one of them is writing. */
bool journal_refresh(struct journal *journal, struct error *error);

/* The last journal_refresh took nothing in, although there was something. */
bool journal_is_stale(const struct journal *journal);

/* The operations that have been read, oldest first. Those of the newest file are, and all that
 * aren't settled. A record is good until the next call of another function than these. */
size_t journal_count(const struct journal *journal);
const struct journal_record *journal_record(const struct journal *journal, size_t index);
const struct journal_record *journal_find(const struct journal *journal, const char *id); /* NULL */

/* Whether the pail that wrote the intent is still running, another than the one that has this
 * journal open: then the outcome is its business. */
bool journal_is_running(const struct journal *journal, const struct journal_record *record);
bool journal_is_ours(const struct journal *journal, const struct journal_record *record);

/* Appends the record as a JSON object in ASCII on one line: the members of an intent and of its
 * last outcome (doc/journal.md), without those that make the chain. */
void journal_record_json(const struct journal_record *record, struct buffer *json);

/* Appends the names of the record's changed fields, "endpoint, sharedSecret". */
void journal_record_fields(const struct journal_record *record, struct buffer *names);

/* Reads the file before the oldest that has been read; its operations come first then. *more says
 * whether there was one. */
bool journal_read_older(struct journal *journal, bool *more, struct error *error);

/* Hands out the operations of all files, file by file and in each oldest first: one that wasn't
 * settled when its file was rotated comes with the file in which it was, or the newest. Holds one
 * file in memory. `each` returns false to end the walk. */
typedef bool journal_each_fn(void *context, const struct journal_record *record);
bool journal_each(const char *path, journal_each_fn *each, void *context, struct error *error);

/* ---- checking -------------------------------------------------------------------------------- */

struct journal_check {
    size_t files, lines;
    unsigned first_file; /* number of the first that is there: more than 1 if older ones aren't */
    size_t unfinished;   /* bytes of a half-written last line, which the next change cuts off */
    char last[SHA256_HEX + 1]; /* hash of the last line; "" if there is none */
};

/* Checks the chain over all files. False: the error names file and line of the first that was
 * edited or doesn't follow the one before it. Lines missing at the very end can't be found by the
 * chain: whoever keeps `last` elsewhere can. */
bool journal_verify(const char *path, struct journal_check *check, struct error *error);

#endif
