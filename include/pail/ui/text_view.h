/*
 * Lines to read, like less: scrolled, searched, drawn through styles. Used by the screens of text,
 * the policy documents and the review.
 */
#ifndef PAIL_UI_TEXT_VIEW_H
#define PAIL_UI_TEXT_VIEW_H

#include "pail/base/buffer.h"
#include "pail/ui/frame.h"
#include "pail/ui/line_editor.h"

struct text_view;

struct text_view *text_view_create(void);
void text_view_destroy(struct text_view *view);

bool text_view_is_empty(const struct text_view *view);
void text_view_clear(struct text_view *view); /* keeps the position and the search */
/* Adds to the last line; \n begins another. Text is raw. */
void text_view_add(struct text_view *view, enum style style, const char *text, size_t length);
void text_view_add_string(struct text_view *view, enum style style, const char *text);
/* Text from outside, made safe first, so that a newline in it can't begin a line. */
void text_view_add_raw(struct text_view *view, enum style style, const char *text);
/* The line that comes next can be chosen: Up and Down go from one such line in view to the next,
 * and scroll where there is none. The chosen one keeps its number when all is cleared and added
 * anew. */
void text_view_add_choice(struct text_view *view);
void text_view_show_choice(struct text_view *view, bool shown); /* with a mark; at first it isn't */
/* The number of the chosen line, from 0; SIZE_MAX: there is none in view. */
size_t text_view_choice(const struct text_view *view);
void text_view_find_choice(struct text_view *view); /* scrolls to it */
void text_view_top(struct text_view *view);
void text_view_bottom(struct text_view *view);

void text_view_draw(struct text_view *view, struct app *app, struct area area);

/* The search being typed, on row n-2; after frame_draw. Nothing otherwise. */
void text_view_draw_search(const struct text_view *view, struct app *app);

/* True if all of it was in view when it was drawn. */
bool text_view_fits(const struct text_view *view);

/* Handles movement, search and matches; false for any other action. */
bool text_view_act(struct text_view *view, struct app *app, enum action action);

/* While a search is typed: keys go to it. */
bool text_view_typing(const struct text_view *view);
bool text_view_key(struct text_view *view, struct app *app, int key);

/* For the status line, after text_view_draw: "lines 1-20 of 64, 9 with a match". Good until the
 * next call. */
const char *text_view_status(struct text_view *view);

/* All lines as one text, lines ended by \n. */
void text_view_text(const struct text_view *view, struct buffer *out);

#endif
