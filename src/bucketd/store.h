/*
 * The buckets table in an SQLite file. Of each entry it keeps what the listing has of it, as the
 * JSON that is sent, and beside that its secrets: a listing then is a copy (doc/performance.md),
 * and what it copies can't have a secret in it. Files of earlier versions of bucketd are brought up
 * to date when they are opened. What was committed survives kill -9 and a power cut: write-ahead
 * log, synchronous=FULL (doc/safety.md, Process). It holds secrets: main sets an umask that keeps
 * its files to their owner.
 */
#ifndef BUCKETD_STORE_H
#define BUCKETD_STORE_H

#include <stdbool.h>

#include "pail/base/arena.h"
#include "pail/base/buffer.h"
#include "pail/base/error.h"
#include "pail/buckets/bucket.h"

struct store;

/* Creates the file if need be. NULL with an error if it can't be opened or isn't bucketd's. */
struct store *store_open(const char *path, struct error *error);
void store_close(struct store *store); /* NULL is fine */

/* Writes belong between begin and commit. Where commit fails, nothing was written. */
bool store_begin(struct store *store, struct error *error);
bool store_commit(struct store *store, struct error *error);
void store_rollback(struct store *store);

/* The entry with that name, secrets and all, copied into the arena. */
bool store_find(struct store *store, const char *name, struct arena *arena, struct bucket *bucket,
                bool *found, struct error *error);

/* Writes the entry, also in the place of another of its name, with a version (FIELD_ETAG) that no
 * entry of this file has ever had. */
bool store_put(struct store *store, const struct bucket *bucket, struct error *error);
bool store_remove(struct store *store, const char *name, struct error *error); /* if it is there */
bool store_is_empty(struct store *store, bool *empty, struct error *error);

/* Gets each entry in turn, as a JSON object (RFC 8259) with the fields of the listing, no NUL
 * behind it; false stops. It is good during the call. */
typedef bool store_row_fn(void *context, const char *entry, size_t length);

/* Hands out the entries whose names come after *last ("" for all), in the order of their names'
 * bytes. Where row stopped it, *more is true and *last the name of the entry that row got then;
 * otherwise all were handed out. */
bool store_list(struct store *store, struct buffer *last, bool *more, store_row_fn *row,
                void *context, struct error *error);

#endif
