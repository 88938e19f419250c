/*
 * The first entries of an empty table, from a JSON file: an answer of /customerinfo, any object
 * with an array InfinSnapBuckets, or that array alone. Read as a stream; all or nothing.
 */
#ifndef BUCKETD_SEED_H
#define BUCKETD_SEED_H

#include "store.h"

/* Does nothing if the table has entries. */
bool seed_load(struct store *store, const char *path, struct error *error);

#endif
