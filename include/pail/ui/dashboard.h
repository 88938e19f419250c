/*
 * The loop: wait for keys, signals and the network; hand out what happened; draw once. One thread;
 * http_wait is the only call that blocks.
 */
#ifndef PAIL_UI_DASHBOARD_H
#define PAIL_UI_DASHBOARD_H

#include "pail/ui/app.h"

struct dashboard_options {
    struct settings *settings;     /* borrowed */
    const struct profile *profile; /* NULL: the no-configuration screen */
    const char *theme;             /* from the command line; NULL: profile's, settings', default */
    long timeout_ms;               /* from the command line; 0: the profile's */
    bool read_only;
    bool thrifty; /* from the command line; the settings may say so too */
    struct terminal_settings terminal;
};

struct dashboard;

/* Draws the first frame before the network is touched. */
struct dashboard *dashboard_create(const struct dashboard_options *options, struct error *error);
void dashboard_destroy(struct dashboard *dashboard); /* gives the terminal back */

/* One turn of the loop, waiting at most wait_ms (-1: as long as nothing is due). False: over. */
bool dashboard_turn(struct dashboard *dashboard, int wait_ms);

/* Turns until it is over; the exit status. Appends lines to print after the terminal was given back
 * (raw; changes with an unknown outcome) to farewell. */
int dashboard_run(struct dashboard *dashboard, struct buffer *farewell);

struct app *dashboard_app(struct dashboard *dashboard);

#endif
