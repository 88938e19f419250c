/*
 * Which rows are shown and in what order: the filter, the sort and the marks over a table. A
 * position is an index among the shown rows, a row an index into the table. The listing borrows the
 * table. Marks belong to names, so they survive a reload; a marked row that is filtered away stays
 * marked.
 *
 * Sorting compares the column's text byte by byte, then the name, then the row: a stable order.
 * Descending turns round the comparison of the column only.
 */
#ifndef PAIL_BUCKETS_LISTING_H
#define PAIL_BUCKETS_LISTING_H

#include <stdbool.h>
#include <stddef.h>

#include "pail/buckets/column.h"
#include "pail/buckets/table.h"

struct listing;

struct listing *listing_create(void); /* no table: nothing is shown; sorted by name */
void listing_destroy(struct listing *listing);

/* Takes another table (or NULL), keeping filter, sort and marks. Marks of names that are not in it
 * are dropped unless there is no table, or it is `partial` (still being filled). */
void listing_set_table(struct listing *listing, struct table *table, bool partial);

/* The table has grown: take its new rows in. */
void listing_rows_added(struct listing *listing);

void listing_filter(struct listing *listing, const char *text);
const char *listing_filter_text(const struct listing *listing);

void listing_sort(struct listing *listing, enum column column, bool descending);
enum column listing_sort_column(const struct listing *listing);
bool listing_sort_descending(const struct listing *listing);

size_t listing_count(const struct listing *listing); /* shown rows */
size_t listing_total(const struct listing *listing); /* rows of the table */
size_t listing_row(const struct listing *listing, size_t position);
void listing_get(const struct listing *listing, size_t position, struct bucket *bucket);

/* Where the entry of that name (the first of them) is shown; false if it isn't. */
bool listing_find(const struct listing *listing, const char *name, size_t *position);

bool listing_is_marked(const struct listing *listing, size_t position);
void listing_mark(struct listing *listing, size_t position, bool marked); /* not if unreadable */
size_t listing_marks(const struct listing *listing); /* marked names, shown or not */
void listing_clear_marks(struct listing *listing);

#endif
