/*
 * Takes the answer of /customerinfo apart as it arrives: each element of its member
 * InfinSnapBuckets by itself, and the rest (the "skeleton"), in which the array stands as []. Only
 * brackets, strings and what stands between the elements are looked at; whoever parses the pieces
 * finds what is wrong inside them. Each piece has at most 1 MiB.
 */
#ifndef PAIL_BUCKETS_SPLITTER_H
#define PAIL_BUCKETS_SPLITTER_H

#include <stdbool.h>
#include <stddef.h>

#include "pail/base/buffer.h"
#include "pail/base/error.h"

#define SPLITTER_MEMBER "InfinSnapBuckets"

enum split {
    SPLIT_MORE,   /* all is taken: give it more */
    SPLIT_ENTRY,  /* entry is whole: call again for what is left */
    SPLIT_FAILED, /* this is no listing: don't call again */
};

struct splitter {
    struct buffer entry;    /* JSON of the entry in work */
    size_t entries;         /* begun so far */
    struct buffer skeleton; /* JSON of all that isn't an entry */
    bool array_seen;        /* the member has come, */
    size_t array_at;        /* and its value is here in the skeleton */

    /* What follows is the splitter's own. */
    int place;               /* what is expected: enum place of splitter.c */
    size_t depth;            /* open brackets: of the skeleton, or within the entry */
    bool in_string, escaped; /* the next byte is in a string; is behind a backslash */
    bool key_next, in_key;   /* the next string, this string is a key of the answer itself */
    size_t key_at;           /* in the skeleton */
    size_t line, column;     /* of `counted`, from 1, in bytes */
    const char *counted;     /* in the piece that is being taken */
    size_t entry_line, entry_column;
};

void splitter_init(struct splitter *splitter);
void splitter_finish(struct splitter *splitter); /* overwrites what it held */

/* Takes bytes from *at on, which it moves, up to end. */
enum split splitter_take(struct splitter *splitter, const char **at, const char *end,
                         struct error *error);

/* True if the answer's first bracket, its last bracket has come. */
bool splitter_begun(const struct splitter *splitter);
bool splitter_at_end(const struct splitter *splitter);

#endif
