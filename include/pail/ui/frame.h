/*
 * What all full screens share: the first line (pail, profile, host, badges, title), the frame
 * lines, the message line and the hint line made from the action table.
 *
 *   row 0        header          | row 1             frame line (but on the list: column titles)
 *   rows 2..n-4  body            | row n-3           frame line
 *   row n-2      message         | row n-1           hints
 */
#ifndef PAIL_UI_FRAME_H
#define PAIL_UI_FRAME_H

#include "pail/ui/app.h"

struct area {
    int row, column, height, width;
};

enum { FRAME_LEAST_ROWS = 10, FRAME_LEAST_COLUMNS = 40 };

struct area frame_body(const struct app *app);

/* The header with the title on its right (raw), the frame lines, the hints of this context; returns
 * frame_body. status: what row n-2 shows while there is no message; may be "". */
struct area frame_draw(struct app *app, enum context context, const char *title,
                       const char *status);

/* The same for screens with buttons: row n-2 is left to them, and a message takes the hints' row.
 */
struct area frame_draw_for_buttons(struct app *app, enum context context, const char *title);

/* The parts, for screens that lay out otherwise. */
void frame_header(struct app *app, const char *title);
void frame_hints(struct app *app, enum context context, int row);
/* While letters type: what ends that. */
void frame_prompt_hints(struct app *app, int row, const char *hints);
/* The same where the prompt covers the rows of messages: one goes before the hints. */
void frame_prompt_message(struct app *app, int row, const char *hints);
/* A message that is longer than the row takes up to two rows above it as well. */
void frame_message(struct app *app, int row, const char *status);

/* Raw text in lines, wrapped into the area; returns the rows used. frame_text_rows: how many it
 * would like. */
int frame_text(struct app *app, struct area area, enum style style, const char *text);
int frame_text_rows(const struct app *app, int width, const char *text);

/* "[ Label ]" with focus shown by STYLE_FOCUS and, without colours, by > <; returns cells used. */
int frame_button(struct app *app, int row, int column, const char *label, bool focus);

/* Buttons side by side from the left, but those that are NULL; returns the column where another one
 * would begin. */
int frame_buttons(struct app *app, int row, const char *const *labels, int count, int focus);

/* Which of them has this column; -1 if none does. */
int frame_button_at(const char *const *labels, int count, int column);

/* At the right end of the row of buttons, from the column where they end: cut off where there isn't
 * room for all of it, and left out where there is none for half of it. */
void frame_status(struct app *app, int row, int column, const char *text);

#endif
