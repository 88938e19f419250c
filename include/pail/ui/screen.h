/*
 * A screen: a file of ui/ with an ops struct and its state, whose first member is a struct screen.
 * Screens lie in a stack (ui/app.h); the top one gets the keys. Screens don't know each other but
 * by their create functions.
 */
#ifndef PAIL_UI_SCREEN_H
#define PAIL_UI_SCREEN_H

#include <stdbool.h>

#include "pail/settings/action.h"

struct app;
struct screen;

struct screen_ops {
    enum context context;
    bool overlay; /* leaves the screen below visible, which is drawn first */

    /* Draws a frame's content; the terminal has been emptied. */
    void (*draw)(struct screen *screen, struct app *app);

    /* An action of this context whose key was pressed, or that was chosen in the palette. */
    void (*act)(struct screen *screen, struct app *app, enum action action);

    /* A key without an action here; false if it means nothing. While typing() keys come here first,
     * and only those that aren't used are looked up. NULL: none are used. */
    bool (*key)(struct screen *screen, struct app *app, int key);
    bool (*typing)(const struct screen *screen); /* NULL: never */

    /* The session has moved or some time has passed. NULL: nothing to do. Called for every screen
     * of the stack. */
    void (*wake)(struct screen *screen, struct app *app);

    /* Milliseconds until wake wants to be called again, -1 for never. NULL: never. */
    int (*timer)(const struct screen *screen);

    /* The change that this screen has led to is done with: it was applied, or nothing was left to
     * send. The screens that it went through are closed. NULL: nothing to do. */
    void (*decided)(struct screen *screen, struct app *app);

    void (*destroy)(struct screen *screen);
};

struct screen {
    const struct screen_ops *ops;
};

#endif
