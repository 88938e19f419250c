/*
 * Desired state: the entries that a file says there should be. Its JSON is an array of objects, as
 * `pail export` writes it, or an object whose one member, "buckets" or "InfinSnapBuckets", is that
 * array. An object describes a whole entry by the API's field names:
 *
 *   - bucketname must be there; each other field that a request can set is text. Absent, null and
 *     "" are the same: the field should be empty. An absent cloud is aws.
 *   - A secret isn't written here. "secretAccessKey_file": PATH (or "sharedSecret_file") names the
 *     file that holds it. null or "" there, and a secret that is absent, null, "" or asterisks,
 *     mean that nothing is known of it: it stays as it is. That is how `export` marks what it
 *     leaves out.
 *   - A field that a listing has and no request can set (ddbTable) says nothing.
 *
 * All else is refused: a field that isn't known may be a field whose name is misspelt, and that
 * would be emptied.
 */
#ifndef PAIL_BUCKETS_DESIRED_H
#define PAIL_BUCKETS_DESIRED_H

#include <stdbool.h>
#include <stddef.h>

#include "pail/base/buffer.h"
#include "pail/base/error.h"
#include "pail/buckets/bucket.h"

struct desired_entry {
    struct bucket wanted;                 /* of its secrets nothing: "" */
    const char *secret_file[FIELD_COUNT]; /* of a secret: its file's path; NULL: none is given */
    size_t number;                        /* its place in the file, from 1 */
};

/* The strings live as long as this does. */
struct desired {
    struct arena arena;
    struct desired_entry *entries; /* by name, byte by byte; no name is there twice */
    size_t count;
};

/* What is behind the API's name of a secret in the name of the member that gives its file. */
#define DESIRED_FILE_SUFFIX "_file"

void desired_init(struct desired *desired);
void desired_finish(struct desired *desired); /* overwrites what it held */

/* Reads the JSON. False: error names the line or the entry, its number and name, and the field;
 * what has been read until then isn't to be used. No value is quoted. Call it once. */
bool desired_read(struct desired *desired, const char *json, size_t length, struct error *error);

/* Appends a listed entry as such an object: ASCII, on one line, without what is empty, what no
 * request can set and what we don't know. A value that is no text becomes text, since a request has
 * nothing else. "..._file": null stands for a secret that the entry shows or, having an access key
 * or being at minio, may have. A plan that is made of the result, and of the same table, is empty.
 * Not for an unreadable entry. */
void desired_write(struct buffer *out, const struct bucket *bucket);

#endif
