/* What the list screen says and where its columns go: all of it that has no state of its own. */
#ifndef PAIL_UI_LIST_LAYOUT_H
#define PAIL_UI_LIST_LAYOUT_H

#include "pail/buckets/listing.h"
#include "pail/ui/app.h"

enum column_set { SET_USUAL, SET_ACCESS, SET_ALL, COLUMN_SETS };

struct column_place {
    enum column column;
    int start, width; /* cells */
};

struct column_layout {
    struct column_place places[COLUMN_COUNT];
    int count;
    int scrolled; /* as asked for, but never past the last column */
    bool more_left, more_right;
};

/* The name stays; `scrolled` columns after it are left out. Two cells at the left are for marks. */
void column_layout(struct column_layout *layout, enum column_set set, int scrolled, int width);

/* On the header's right: the user and how fresh the table is. */
void list_title(const struct app *app, struct buffer *out);

/* For the line below the table: what the selected row doesn't show, or not whole; first what is cut
 * off of its name. */
void list_describe(const struct app *app, const struct column_layout *layout,
                   const struct bucket *bucket, struct buffer *out);

/* "12 of 63, 5 marked, 2 hidden, 1 ?": those are marked ones that the filter hides. */
void list_count(const struct app *app, struct listing *listing, struct buffer *out);

/* That a word of the filter looks like a field's and is none; nothing if all is well. */
void list_doubt_filter(const struct listing *listing, struct buffer *out);

/* Why there is no row to show, and what to do; lines end in \n. total: rows of the table. */
void list_explain_nothing(const struct app *app, size_t total, struct buffer *out);

/* The rule below the table, or what lasts: progress, a stale table, a login that has expired, each
 * with the way on, in up to three rows. explained: list_explain_nothing is there to be read. */
int list_state_rows(const struct app *app, bool explained);
void list_draw_state(struct app *app, bool explained, int row, int rows);

#endif
