/* The table on a screen, shared by list_screen.c (keys), list_rows.c (its rows, and the selected
 * one) and list_draw.c. */
#ifndef PAIL_UI_LIST_SCREEN_H
#define PAIL_UI_LIST_SCREEN_H

#include "list_layout.h"
#include "pail/buckets/listing.h"
#include "pail/ui/line_editor.h"
#include "pail/ui/screen.h"

struct list_screen {
    struct screen base;
    struct listing *listing;
    unsigned long table_serial;
    size_t selected, top;        /* positions among the shown rows */
    size_t selected_row;         /* of the table; found again after filtering and sorting */
    struct buffer selected_name; /* found again after a reload */
    int64_t rows_due;            /* clock_ms: rows that arrive aren't taken in before */
    size_t page;                 /* rows that fit, as last drawn */
    enum column_set set;
    int scrolled; /* columns to the left of the shown ones, the name aside */
    struct line_editor filter;
    bool filtering; /* the filter is being typed */
    bool asked_to_quit;
    bool awaits_change; /* a change is under way: when it was applied, its entry is selected */
};

#define LIST_NO_ROW SIZE_MAX /* as selected_row: there is none */

struct listing *list_screen_listing(struct screen *screen);

/* False if no row is shown. */
bool list_screen_selected(const struct list_screen *list, struct bucket *bucket);

/* Takes in what the session has read, does a piece of the work that is left, and shows what was
 * just added or edited. */
void list_rows_take(struct list_screen *list, const struct app *app);
void list_rows_finish_work(struct list_screen *list); /* all that is left, however long it takes */

/* By its position among the shown rows; the last one if there are fewer. */
void list_rows_select(struct list_screen *list, size_t position);
void list_rows_move(struct list_screen *list, long rows);

/* Draws it; scrolls so that the selected row is in view. */
void list_screen_draw(struct screen *screen, struct app *app);

#endif
