/* The conflict on a screen, shared by merge_screen.c (keys, what is decided) and merge_draw.c. */
#ifndef PAIL_UI_MERGE_SCREEN_H
#define PAIL_UI_MERGE_SCREEN_H

#include "pail/buckets/merge.h"
#include "pail/ui/screen.h"

/* In the order in which they are drawn. */
enum merge_button { BUTTON_REVIEW, BUTTON_MINE, BUTTON_THEIRS, BUTTON_CANCEL, BUTTON_COUNT };

struct merge_screen {
    struct screen base;
    struct merge *merge;
    char *text;      /* why nothing was sent; raw */
    int focus;       /* a row that is a choice, or merge_count + enum merge_button */
    int top;         /* the first line in view */
    bool follow;     /* the next drawing scrolls to the focus */
    bool drawn;      /* until then no key counts: it was typed before there was something to see */
    int lines, page; /* how many there are and how many are in view, as last drawn */
};

/* NULL: not for this kind of conflict. narrow: where the usual labels take too many cells. */
const char *merge_button_label(enum merge_kind kind, enum merge_button button, bool narrow);

void merge_screen_draw(struct screen *screen, struct app *app);

#endif
