/*
 * What must change so that a table is as desired: an add for each entry that it lacks, an edit for
 * each that differs, and with `prune` a delete for each that isn't desired. Two fields are the same
 * as a change compares them: absent, null and "" are one, and an absent cloud is aws. A plan made
 * of the table that a plan led to is empty.
 *
 * A secret that the listing doesn't show can't be compared. One that is given by a file is sent
 * with an entry that is new or differs otherwise, and with `secrets` always; one that the listing
 * shows is compared. Where an entry ceases to have a key, its secret access key is emptied.
 *
 * Left alone, and named: entries that the table has twice, since no request can tell them apart,
 * an entry whose name may be that of one that could not be read: an add would replace it, and with
 * `spare_secrets` one that would lose a secret, since its edit is sent with all fields.
 */
#ifndef PAIL_BUCKETS_PLAN_H
#define PAIL_BUCKETS_PLAN_H

#include "pail/buckets/change.h"
#include "pail/buckets/desired.h"
#include "pail/buckets/table.h"

/* Appends the secret of that field; false, for a reason that has been told, ends the planning. */
typedef bool plan_secret_fn(void *context, const struct desired_entry *entry,
                            enum bucket_field field, struct buffer *secret);

struct plan_options {
    bool prune;
    bool secrets;                /* send those that are given by files also where nothing differs */
    bool spare_secrets;          /* leave entries alone that would lose one */
    plan_secret_fn *read_secret; /* NULL: none is read, and no change has one */
    void *context;
};

struct plan_item {
    struct change *change;
    const struct desired_entry *entry; /* what it makes; NULL for a delete */
};

/* A name that is left alone, and why: the table has it twice, or perhaps in what can't be read, or
 * its entry would lose a secret. */
enum plan_why { PLAN_TWICE, PLAN_UNREADABLE, PLAN_LOSES };
struct plan_left {
    const char *name;
    enum plan_why why;
    bool desired;   /* so the table isn't as desired after the plan either */
    unsigned loses; /* of PLAN_LOSES: change_loses */
};

/* Views of desired and of the table, which both must live as long; the changes are the plan's. */
struct plan {
    struct plan_item *items; /* adds and edits by name, byte by byte; then deletes by name */
    size_t count;
    size_t adds, edits, deletes;
    struct plan_left *left; /* by name */
    size_t left_count;
    size_t left_desired; /* of these, those that are desired */
    size_t same;         /* desired entries that are as they should be */
    size_t others;       /* entries that aren't desired, and without `prune` stay */
    size_t unreadable;   /* entries that could not be read */
};

void plan_init(struct plan *plan);
void plan_finish(struct plan *plan);

/* Once, on a plan that was just initialised. False: a secret could not be read. O(n log n). */
bool plan_make(struct plan *plan, const struct desired *desired, const struct table *table,
               const struct plan_options *options);

/* The changes in the plan's order, `count` of them, for the caller to destroy and the array to
 * free; the plan's own are NULL then. */
struct change **plan_steal(struct plan *plan);

#endif
