/*
 * A conflict: three versions of an entry, which are the one that a change was made from (opened),
 * the one that is there now, and the one that the change would leave (mine). In which fields they
 * differ, which side is to count in each, and the change that results, always made against the
 * entry as it is now, so that it can be reviewed and sent like any other.
 *
 * What only one side has changed is preselected as that side; where both have, or may have, nobody
 * but the person can decide. Knows no screen. Owns copies of all it was given and overwrites them
 * at its end.
 */
#ifndef PAIL_BUCKETS_MERGE_H
#define PAIL_BUCKETS_MERGE_H

#include "pail/buckets/change.h"

struct merge;

enum merge_kind {
    MERGE_CHANGED,       /* the entry was changed: an edit or a replacement meets another one */
    MERGE_GONE,          /* the entry is gone: mine adds it anew */
    MERGE_EXISTS,        /* a new entry's name is there now: mine replaces that one */
    MERGE_DELETE,        /* to be deleted, and changed: mine deletes what is there now */
    MERGE_DELETE_OF_GONE /* to be deleted, and gone: nothing is left to do */
};

enum merge_side { MERGE_UNDECIDED, MERGE_THEIRS, MERGE_MINE };

/* A field in which the versions differ. */
struct merge_row {
    enum bucket_field field; /* FIELD_COUNT: one that we don't know */
    const char *name;        /* the API's; raw */
    /* As they are shown: secrets masked, an empty value in words, a long one cut at 1000 bytes with
     * its whole length; raw */
    const char *opened, *now, *mine;
    bool changed;         /* now is not what was opened */
    bool choice;          /* mine is not what is there now, and a request can set it */
    enum merge_side side; /* of a choice */
};

/* now: the entry as it is; NULL if it is gone. */
struct merge *merge_create(const struct change *change, const struct bucket *now);
void merge_destroy(struct merge *merge); /* NULL is fine */

enum merge_kind merge_kind(const struct merge *merge);
const char *merge_name(const struct merge *merge);         /* the bucket's */
const struct bucket *merge_now(const struct merge *merge); /* NULL if it is gone */

/* True if somebody has changed the entry, and nothing that the listing shows tells what: a secret,
 * then, which mine may overwrite. */
bool merge_is_hidden(const struct merge *merge);

size_t merge_count(const struct merge *merge);
struct merge_row merge_row(const struct merge *merge, size_t index);
void merge_choose(struct merge *merge, size_t index, enum merge_side side); /* of a choice */

/* The first choice that is undecided; merge_count if there is none. */
size_t merge_undecided(const struct merge *merge);

/* All as mine; the caller's to destroy. change_is_empty if it is there already. NULL for
 * MERGE_DELETE_OF_GONE. */
struct change *merge_mine(const struct merge *merge);

/* As chosen: merge_mine if all is mine, else an edit of the entry as it is now, in which undecided
 * fields stay theirs. NULL where there is no entry to edit, or it is to be deleted. */
struct change *merge_chosen(const struct merge *merge);

#endif
