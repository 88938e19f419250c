/*
 * Reads the answer of /customerinfo as it arrives: a JSON object whose member InfinSnapBuckets is
 * the array of entries (so InfinStor's public Python client has it). Each entry is handed out as
 * soon as its last byte is there; memory doesn't grow with the answer.
 *
 * A small splitter (splitter.h) finds the array and the end of each entry. An entry of plain
 * strings, as nearly all are, is taken apart by a scanner of ours; jansson parses every other one
 * by itself, and at the end all that is not an entry (the "skeleton", at most 1 MiB). So an entry
 * that keeps to JSON's grammar but can't be taken (no object with a bucketname, a key given twice,
 * an out-of-range number, \u0000, a lone surrogate, bytes that are no UTF-8, more than 2048 levels)
 * becomes one unreadable row and costs nothing else, while an answer that is no JSON, is cut off,
 * or has no InfinSnapBuckets array (or two of them) is an error. null is an array without entries.
 * An entry may have at most 1 MiB. A number of the skeleton that is out of range counts as null.
 *
 * Where a value is kept as JSON text (odd values, unknown fields that hold objects, unreadable
 * entries), the secrets inside it are redacted (redact.h): nobody could mask them later.
 */
#ifndef PAIL_BUCKETS_READER_H
#define PAIL_BUCKETS_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "pail/base/error.h"
#include "pail/buckets/bucket.h"

struct reader;

/* Called with each entry; the view is good during the call. */
typedef void reader_entry_fn(void *context, const struct bucket *bucket);

/* Once, before anything else here: what jansson frees is overwritten first (doc/safety.md, 3). */
void reader_guard_memory(void);

struct reader *reader_create(reader_entry_fn *entry, void *context);
/* NULL is fine. Overwrites what it held. */
void reader_destroy(struct reader *reader);

/* Takes the next bytes. False: this can't become a listing any more (error has the line and column,
 * where known); further calls return false too. */
bool reader_feed(struct reader *reader, const char *data, size_t length, struct error *error);

/* Call once, when the answer has ended: was it a whole listing? */
bool reader_end(struct reader *reader, struct error *error);

/* After reader_end was true: a string member of the answer beside the buckets, such as userName or
 * customerRoleArn; NULL if absent, no string or with a NUL in it. Lives as long as the reader. */
const char *reader_account(const struct reader *reader, const char *member);

/* The same as the JSON it came as, whatever its type; the caller's to free. NULL if absent. */
char *reader_account_json(const struct reader *reader, const char *member);

#endif
