/* The journal on a screen, shared by journal_screen.c (keys, selection) and journal_draw.c. */
#ifndef PAIL_UI_JOURNAL_SCREEN_H
#define PAIL_UI_JOURNAL_SCREEN_H

#include "pail/session/journal.h"
#include "pail/ui/app.h"

struct journal_screen {
    struct screen base;
    size_t selected, top;
    char id[JOURNAL_ID_SIZE]; /* of the selected record: found again after others were read */
    size_t count;             /* when it was found */
    size_t page;              /* rows that fit, as last drawn */
    char settling[JOURNAL_ID_SIZE];
    struct error trouble; /* of the last reading; "" */
};

/* Draws it; scrolls so that the selected record is in view. */
void journal_screen_draw(struct screen *screen, struct app *app);

enum style journal_state_style(enum journal_state state);

/* One record whole, as long as the journal has it. */
struct screen *record_screen_create(const char *id);

#endif
