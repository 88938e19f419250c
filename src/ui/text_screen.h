/* A full screen of text: what the help, the log, the details and the no-configuration screen share.
 * Each brings what it writes and, if it has any, its own actions. */
#ifndef PAIL_UI_TEXT_SCREEN_H
#define PAIL_UI_TEXT_SCREEN_H

#include "pail/ui/screens.h"
#include "pail/ui/text_view.h"

struct text_source {
    enum context context;
    const char *title;
    bool from_end;        /* opens at its last lines */
    bool follows_session; /* written anew when the session has moved */
    void (*write)(void *data, struct app *app, struct text_view *view);
    bool (*act)(void *data, struct app *app, enum action action); /* true if done; or NULL */
    void (*destroy)(void *data);                                  /* or NULL */
};

/* Takes data over; source is borrowed and constant. */
struct screen *text_screen_create(const struct text_source *source, void *data);

#endif
