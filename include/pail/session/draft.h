/*
 * Unfinished forms, kept when pail is ended by a signal or its terminal goes:
 * $XDG_STATE_HOME/pail/draft.json, else ~/.local/state/pail/draft.json, of mode 0600, written anew
 * and renamed into its place. They are offered at the next start of their profile.
 *
 * Two kinds of form are kept: that of one entry, and that of a value for many marked ones.
 *
 * No secret is ever in it: of those that were typed only the names, to be given again, and of the
 * entry that was opened what the listing shows beside them. The 20 newest are kept, of 4 MiB at
 * most.
 */
#ifndef PAIL_SESSION_DRAFT_H
#define PAIL_SESSION_DRAFT_H

#include <time.h>

#include "pail/base/arena.h"
#include "pail/base/error.h"
#include "pail/buckets/bucket.h"
#include "pail/buckets/bulk.h"
#include "pail/buckets/change.h"

enum { DRAFT_ID_SIZE = 40 }; /* with its NUL */

struct draft {
    struct arena arena;         /* holds the strings */
    char id[DRAFT_ID_SIZE];     /* "" before it is kept */
    time_t when;                /* it was kept */
    const char *profile, *host; /* whose form it is */
    unsigned again;             /* bits 1 << field: secrets that had been typed */
    bool sent;                  /* and no answer to it had come; of many: others of them were */
    /* The form for many, if count > 0; what follows them doesn't count then. */
    enum bulk_kind kind; /* bulk_is_typed */
    const char *value;   /* what had been typed; of BULK_KEY the id */
    const char **names;  /* the marked entries */
    size_t count;
    enum change_op op;         /* CHANGE_ADD, or CHANGE_MODIFY of `opened` */
    struct bucket opened;      /* without secrets */
    struct bucket typed;       /* what the fields that can be set had, shown or not; the same */
    enum bucket_access access; /* what was chosen */
    unsigned clear;            /* bits: secrets that were to be cleared */
};

void draft_init(struct draft *draft);
void draft_finish(struct draft *draft); /* leaves it initialised */

/* Adds it with an id of its own, or puts it in the place of the one that has its id; the oldest
 * give way to it. One that is too large for the file is refused, and the file left as it is. A file
 * that can't be read as drafts is put aside as draft.json.bad. */
bool draft_keep(struct draft *draft, struct error *error);

/* The newest of that profile and host. False without an error set (text ""): there is none. */
bool draft_find(const char *profile, const char *host, struct draft *draft, struct error *error);

/* Forgets the one with that id: it was sent, or discarded. */
bool draft_drop(const char *id, struct error *error);

/* Fills in what `opened` was kept without, from the entry as it is now: the secrets that the
 * listing shows and, if what was kept of them is as it is now, the fields that we don't know. Views
 * now's strings. So only what differs else is a conflict. */
void draft_complete(struct bucket *opened, const struct bucket *now);

#endif
