/*
 * Sorts rows of a table by a column, in pieces, so that a long sort holds up nobody: by the
 * column's text, byte by byte, then by name, then by row. Descending turns round the comparison of
 * the column only.
 *
 * It is multikey quicksort (Bentley and Sedgewick, "Fast algorithms for sorting and searching
 * strings", 1997) over eight bytes at a time; what is sorted already costs one look.
 */
#ifndef PAIL_BUCKETS_SORTER_H
#define PAIL_BUCKETS_SORTER_H

#include <stdint.h>

#include "pail/buckets/column.h"
#include "pail/buckets/table.h"

struct sorter;

/* Borrows the table; copies rows, each of which is there once. by_name: rows are in the order of
 * COLUMN_NAME already, which makes it much easier. */
struct sorter *sorter_create(const struct table *table, const uint32_t *rows, size_t count,
                             bool by_name, enum column column, bool descending);
void sorter_destroy(struct sorter *sorter); /* NULL is fine */

/* Does work on about so many rows, at least one step. True while there is more to do. */
bool sorter_work(struct sorter *sorter, size_t rows);

/* Once nothing is left to do: writes the rows in their order. */
void sorter_take(const struct sorter *sorter, uint32_t *rows);

/* Which of two rows comes first: below, above or equal to 0 (only for the same row). */
int sorter_compare(const struct table *table, uint32_t a, uint32_t b, enum column column,
                   bool descending);

#endif
