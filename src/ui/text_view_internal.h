/* What the text view's files share: text_view.c (text, rows, search, drawing, keys) and
 * text_view_choice.c (lines that can be chosen). */
#ifndef PAIL_UI_TEXT_VIEW_INTERNAL_H
#define PAIL_UI_TEXT_VIEW_INTERNAL_H

#include "pail/ui/text_view.h"

struct span {
    enum style style;
    size_t start, end; /* bytes of text */
};

/* What is drawn in one row: a line, or as much of it as fits. */
struct row {
    size_t start, end; /* bytes of text, without the \n */
    int indent;        /* cells */
    size_t first_span;
};

struct text_view {
    struct buffer text; /* lines, each but perhaps the last ended by \n */
    struct span *spans;
    size_t span_count, span_room;
    struct row *rows; /* the lines wrapped to `width` cells */
    size_t row_count, row_room;
    int width;      /* 0: the rows are out of date */
    size_t wrapped; /* bytes of text that have rows */
    /* The lines before that have their \n: bytes, rows, and spans that they are done with. */
    size_t whole, whole_rows, whole_spans;
    size_t top, page;
    size_t *choices; /* where the lines that can be chosen start in the text */
    size_t choice_count, choice_room, chosen;
    bool choice_shown;
    struct line_editor search;
    bool searching; /* the search is being typed */
    char status[96];
};

/* Brings that row to the top, or as far as there are rows. */
void text_view_scroll(struct text_view *view, size_t top);

/* The first row of the chosen line; SIZE_MAX if none is in view, or it isn't to be shown. */
size_t text_view_chosen_row(const struct text_view *view);

/* What is out of view gives way to the nearest that is in it, if one is. */
void text_view_choose_in_view(struct text_view *view);

/* Up or Down to the next in view; false for other actions, and if there is none on that side. */
bool text_view_choose_next(struct text_view *view, enum action action);

#endif
