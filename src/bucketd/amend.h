/*
 * What an accepted form does to the table (InfinStor, "Manage S3 Buckets"): add makes an entry, or
 * replaces the one of that name (example 4); modify changes just the fields sent, an empty value
 * clears; delete removes.
 */
#ifndef BUCKETD_AMEND_H
#define BUCKETD_AMEND_H

#include "form.h"
#include "store.h"

enum amend_end {
    AMEND_DONE,      /* once the transaction is committed */
    AMEND_REFUSED,   /* the form can't be carried out; the error says why */
    AMEND_UNMATCHED, /* the entry is not what was demanded */
    AMEND_FAILED,    /* the database couldn't do it */
};

/* To be called within a transaction. demand: of the entry's version, as match_read took it; ""
 * demands nothing. What is refused or unmatched has changed nothing; after AMEND_FAILED the
 * transaction must be rolled back. */
enum amend_end amend(struct store *store, const struct form *form, const char *demand,
                     struct error *error);

/* What every entry must have: a name and a cloud of the four. */
bool amend_check_entry(const struct bucket *bucket, struct error *error);

#endif
