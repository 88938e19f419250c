/* Choosing one of many by typing a part of its name: the command palette, the profiles. An overlay
 * above the hint line. */
#ifndef PAIL_UI_CHOOSER_H
#define PAIL_UI_CHOOSER_H

#include "pail/ui/app.h"

struct chooser_item {
    const char *name; /* borrowed, as long as the chooser lives */
    char note[80];    /* raw */
    int value;
};

/* Called after the chooser was closed, with the chosen item's value. */
typedef void chooser_fn(struct app *app, void *context, int value);

/* Takes the items (a heap array) over; prompt is copied, context borrowed. */
struct screen *chooser_create(const char *prompt, struct chooser_item *items, size_t count,
                              chooser_fn *chosen, void *context);

#endif
