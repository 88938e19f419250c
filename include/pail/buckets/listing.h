/*
 * Which rows are shown and in what order: the filter, the sort and the marks over a table. A
 * position is an index among the shown rows, a row an index into the table. The listing borrows the
 * table. Marks belong to names, so they survive a reload; a marked row that is filtered away stays
 * marked.
 *
 * Filtering and sorting go on in pieces: what is shown stays as it was until listing_work has
 * nothing left to do, and another call replaces what it makes stale. The order is sorter.h's.
 */
#ifndef PAIL_BUCKETS_LISTING_H
#define PAIL_BUCKETS_LISTING_H

#include <stdbool.h>
#include <stddef.h>

#include "pail/buckets/column.h"
#include "pail/buckets/marks.h"
#include "pail/buckets/table.h"

struct listing;
struct query;

struct listing *listing_create(void); /* no table: nothing is shown; sorted by name */
void listing_destroy(struct listing *listing);

/* Takes another table (or NULL), keeping filter, sort and marks. Marks of names that are not in it
 * are dropped unless there is no table, or it is `partial` (still being filled). */
void listing_set_table(struct listing *listing, struct table *table, bool partial);

/* The table has grown: takes its new rows in. While a sort is going on they wait: call again. */
void listing_rows_added(struct listing *listing);

/* Does work on about so many rows. True while there is more to do. */
bool listing_work(struct listing *listing, size_t rows);
bool listing_is_working(const struct listing *listing);

/* Begins showing just what matches; of a filter that narrows the last one, if it had left few rows,
 * only those are looked at. */
void listing_filter(struct listing *listing, const char *text);
const char *listing_filter_text(const struct listing *listing);
const struct query *listing_query(const struct listing *listing); /* what it was read as */

/* Begins sorting; column and direction are the new ones at once. */
void listing_sort(struct listing *listing, enum column column, bool descending);
enum column listing_sort_column(const struct listing *listing);
bool listing_sort_descending(const struct listing *listing);

size_t listing_count(const struct listing *listing); /* shown rows */
size_t listing_total(const struct listing *listing); /* rows of the table */
size_t listing_row(const struct listing *listing, size_t position);
void listing_get(const struct listing *listing, size_t position, struct bucket *bucket);

/* Where the entry of that name (the first of them) is shown; false if it isn't. The first time in a
 * table this goes through all of it. */
bool listing_find(const struct listing *listing, const char *name, size_t *position);
/* The same for a row of the table. If it isn't shown, *position becomes where it would be, or, for
 * a row that there isn't and while a sort is going on, stays as it is. */
bool listing_find_row(const struct listing *listing, size_t row, size_t *position);

bool listing_is_marked(const struct listing *listing, size_t position);
void listing_mark(struct listing *listing, size_t position, bool marked); /* not if unreadable */
/* Marks all shown rows; or, if they all are, unmarks them. Returns which: true if it marked. */
bool listing_mark_shown(struct listing *listing);
size_t listing_marks(const struct listing *listing); /* marked names, shown or not */
/* Those of them whose entries the filter hides. While rows are being looked through it stays as it
 * was, as what is shown does. It is counted when the marks or the shown rows have changed. */
size_t listing_hidden_marks(struct listing *listing);
/* Once there is no work left. False too if the table has no entry of that name. */
bool listing_hides(const struct listing *listing, const char *name);
const struct marks *listing_marked(const struct listing *listing);
void listing_mark_name(struct listing *listing, const char *name); /* in the table or not yet */
void listing_unmark(struct listing *listing, const char *name);    /* shown or not */
void listing_clear_marks(struct listing *listing);

#endif
