/* The form's state on a screen, shared by form_screen.c (keys) and form_draw.c. */
#ifndef PAIL_UI_FORM_SCREEN_H
#define PAIL_UI_FORM_SCREEN_H

#include "pail/session/undo.h"
#include "pail/ui/form.h"
#include "pail/ui/screen.h"

struct form_screen {
    struct screen base;
    struct form form;
    char draft_id[DRAFT_ID_SIZE]; /* of the draft that it goes on with; "" if it isn't one */
    unsigned warned;              /* bits: of secrets to be typed again it was said */
    bool completed;               /* its draft, by the entry as it was in the table */
    bool kept;                    /* as a draft, for the next start */
    bool tried;                   /* a review was asked for: empty fields are judged too */
    int top;                      /* the first line of the fields that is in view */
    struct undo *undo;            /* what it was filled from; NULL: nothing */
    int line[ITEM_COUNT];         /* of the fields, where each was drawn last: for the mouse */
};

/* The entry that has the name which the form is about to add; false if there is none. */
bool form_screen_existing(const struct form_screen *screen, const struct app *app,
                          struct bucket *existing);

/* The field or button that was drawn there, or -1. */
int form_screen_item_at(const struct form_screen *screen, const struct app *app, int row,
                        int column);

void form_screen_draw(struct screen *screen, struct app *app);

#endif
