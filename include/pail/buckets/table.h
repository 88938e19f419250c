/*
 * The loaded rows: compact records in one arena, in the order in which they came, filled entry by
 * entry as an answer streams in. Rows are never changed or removed: a reload fills a new table.
 * The aim is 1,000,000 rows in 200 MB: a record holds its strings back to back. A table has at most
 * 4,294,967,294 rows.
 */
#ifndef PAIL_BUCKETS_TABLE_H
#define PAIL_BUCKETS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pail/base/find.h"
#include "pail/buckets/bucket.h"

struct table;

struct table *table_create(void);
void table_destroy(struct table *table); /* NULL is fine; overwrites what it held */

void table_add(struct table *table, const struct bucket *bucket); /* copies */
size_t table_count(const struct table *table);

/* Views the row'th entry; the strings live as long as the table. row < table_count. */
void table_get(const struct table *table, size_t row, struct bucket *bucket);

/* Just its name: cheaper than table_get. */
const char *table_name(const struct table *table, size_t row);

/* All strings of the entry that aren't empty but its version, one after the other, each with its
 * NUL: length bytes in which a word can be looked for at once. filled: bit 1 << field for each that
 * isn't empty. NULL if there are secrets or JSON among them, which must be looked at one by one
 * (table_get). */
const char *table_strings(const struct table *table, size_t row, size_t *length, unsigned *filled);

/* What is known of a row: that a word isn't in any of its strings, but perhaps a version; that it
 * is in one of those that table_strings gives; or that they must be looked at one by one, since it
 * is among secrets or JSON, or the entry is unreadable. */
enum table_found { TABLE_NOWHERE = 0, TABLE_FOUND = 1, TABLE_UNSURE };

/* Says it of the rows from `row` to before `end`, reading their memory from one end to the other.
 * The needle isn't empty and has no NUL. found: by row. */
void table_search(const struct table *table, size_t row, size_t end,
                  const struct find_needle *needle, uint8_t *found);

/* That the row will be looked at soon: the processor may fetch it. */
void table_prefetch(const struct table *table, size_t row);

/* The row of the entry with exactly this name (the first, if a service lists it twice). Builds an
 * index at the first call after rows were added. */
bool table_find(struct table *table, const char *name, size_t *row);

/* True if an entry that could not be read may have that name: then it isn't sure that there is
 * none. */
bool table_may_have(struct table *table, const char *name);

#endif
