/*
 * The book that three pails and the proxy between them and bucketd keep together, in memory that
 * their processes share: what each pail asked and claims, and what the service did. Every member
 * has one writer; the test reads when the pails have ended.
 *
 * An operation is known by its token: before each submission a pail writes another token into its
 * file, "op-FIRST-COUNT", which each of its requests carries then. With the bucket's name that is
 * one operation, deletes included.
 */
#ifndef PAIL_TESTS_LEDGER_BOOK_H
#define PAIL_TESTS_LEDGER_BOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pail/session/journal.h"
#include "pail/session/session.h"

enum {
    PAILS = 3,
    BUCKETS = 9,
    OPS = 8192,    /* of a run, at most */
    BATCH = 3,     /* changes submitted together, at most */
    NO_CLAIM = -1, /* the pail was ended before */
    TEXT_SIZE = 256,
};

/* What a listing shows of an entry. 7 is the endpoint http://e/7 or the key K7; 0: empty. */
struct shown {
    bool there;
    int endpoint, key;
    char etag[24]; /* "" : it isn't shown, or not known */
};

struct state {
    struct shown shown;
    int serial; /* of the applied change that made it; 0: none has */
};

struct op {
    /* The pail's: */
    bool submitted;
    int pail, bucket, first; /* first: of its submission */
    enum change_op kind;
    bool only_secrets; /* no listing shows it */
    bool opened_is_known;
    struct shown opened; /* what it was made from */
    bool deaf;           /* the pail stopped waiting or was left: it may have heard no answer */
    int outcome;         /* when its submission ended; NO_CLAIM */
    char text[TEXT_SIZE];
    int status; /* of a pail from the command line; NO_CLAIM */
    bool alone; /* the status is of this one only */

    /* The proxy's: */
    int arrived, applied, fate;
    bool checked; /* a whole listing was given to the submission before */
    bool others;  /* that listing wasn't empty */
    bool clear;   /* the answer was given whole, and says yes or no */
    struct state check, replaced;
    int64_t check_ms, applied_ms;
    int serial; /* of the state that it made */

    /* Out of the journal, at the end: */
    int records;
    enum journal_state state;
    char final[TEXT_SIZE];
};

struct run {
    unsigned long seed;
    bool versions; /* listings show the etag */
    bool one_journal;
    bool owned;    /* only one pail adds and deletes an entry: see ledger_test.c */
    bool commands; /* real processes */
    int ops;
};

struct book {
    struct run run;
    char folder[64]; /* scratch: tokens, journals, bucketd's table */
    char bucketd[512], pail[512];
    int port; /* the proxy's */
    long limit_ms, settle_after_ms;
    volatile bool calm; /* no more faults */
    struct op ops[OPS];

    /* The proxy's: */
    struct state now[BUCKETS];
    int serial;
    int made[OPS]; /* by serial: the operation */
    int fates[16]; /* by enum fate: how often */
    int readings, spoilt, late, dropped;
    int strange; /* requests of nobody, and listings that aren't as the book says */
    char strange_text[TEXT_SIZE];
};

static inline int book_number(const char *text) {
    return (int)strtol(text, NULL, 10);
}

/* The number behind a word in text, "op-" or "b"; -1: text doesn't begin with it. */
static inline int book_number_behind(const char *word, const char *text) {
    size_t length = strlen(word);
    return strncmp(text, word, length) == 0 ? book_number(text + length) : -1;
}

/* The next pseudo-random number below count: Marsaglia's xorshift64. */
static inline unsigned book_choose(uint64_t *seed, unsigned count) {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return (unsigned)((*seed >> 20) % count);
}

static inline uint64_t book_seed(const struct book *book, unsigned who) {
    return (book->run.seed + 1) * 0x9E3779B97F4A7C15U + who * 0xD1B54A32D192ED03U + 1;
}

#endif
