/*
 * The filter expression. Words are separated by spaces and must all match; case is ignored for
 * A-Z.
 *
 *   word         anywhere in the row: any column, any field but secrets, also unknown fields
 *   field:word   in that field (its API name, or a column's word: name cloud access endpoint ...)
 *   field:       that field is empty
 *   !word        must not match (also !field:word)
 *
 * A prefix that is no field's name is plain text: arn:aws, https://host. It may be a mistyped one,
 * and !clowd:aws matches all: query_misnamed tells. A lone "!" is ignored.
 *
 * No query finds what is in a secret: not in the fields that are, nor in what redact.h calls secret
 * within a value that is JSON, an unknown field or the text of an unreadable entry.
 */
#ifndef PAIL_BUCKETS_QUERY_H
#define PAIL_BUCKETS_QUERY_H

#include <stdbool.h>
#include <stdint.h>

#include "pail/buckets/bucket.h"
#include "pail/buckets/table.h"

struct query;

struct query *query_create(const char *text);
void query_destroy(struct query *query); /* NULL is fine */

bool query_is_empty(const struct query *query); /* matches all */

/* The first prefix that looks like a field's name and is none, in small letters; NULL if there is
 * none. Of letters alone, and neither arn nor before "//" (a scheme) or before digits alone (a
 * port). Not NUL-terminated: *length bytes; borrowed from the query. */
const char *query_misnamed(const struct query *query, size_t *length);
#define QUERY_MISNAMED "%.*s: is no field: looked for as text"

bool query_matches(const struct query *query, const struct bucket *bucket);

/* The same for the rows of a table from `row` to before `end`. match: becomes 1 or 0, by row. If it
 * holds already what a query said of them that this one narrows, `narrower` says so: no other rows
 * can match then. */
void query_match_rows(const struct query *query, const struct table *table, size_t row, size_t end,
                      bool narrower, uint8_t *match);

/* True if every row that `narrow` matches is certain to be matched by `wide`: then only wide's
 * survivors need be looked at. */
bool query_narrows(const struct query *narrow, const struct query *wide);

#endif
