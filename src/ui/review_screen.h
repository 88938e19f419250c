/* The review of a change: review_screen.c has its keys, and what becomes of it; review_draw.c draws
 * it. */
#ifndef PAIL_UI_REVIEW_SCREEN_H
#define PAIL_UI_REVIEW_SCREEN_H

#include "pail/ui/line_editor.h"
#include "pail/ui/screens.h"
#include "pail/ui/text_view.h"

enum review_focus { FOCUS_NAME, FOCUS_REASON, FOCUS_SEND, FOCUS_BACK, FOCUS_LOCK, FOCUS_COUNT };

struct review {
    struct screen base;
    struct change *own;         /* NULL once the session has it */
    const struct change *shown; /* own's, or the session's */
    struct text_view *view;
    struct line_editor name; /* typed to confirm */
    struct line_editor reason;
    enum review_focus focus;
    bool drawn; /* until then no key counts: it was typed before there was something to see, or
                   pressed twice and would stop what it has just sent */
    bool submitted, done;
    bool locked;              /* from here the sitting was made read-only */
    struct submission result; /* once submitted */
};

bool review_is_under_way(const struct review *review); /* sent, and nothing has come of it yet */
bool review_asks_name(const struct review *review);    /* which confirms it */
bool review_can_send(const struct review *review);
bool review_can_lock(const struct review *review); /* to those who may only read it is offered */
bool review_takes_focus(const struct review *review, enum review_focus focus);

void review_draw(struct screen *base, struct app *app);

#endif
