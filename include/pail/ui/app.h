/*
 * What every screen is given: the floors below, the stack of screens, and the one line that says
 * what happened. Passed explicitly; there is one.
 */
#ifndef PAIL_UI_APP_H
#define PAIL_UI_APP_H

#include "pail/base/buffer.h"
#include "pail/buckets/bucket.h"
#include "pail/session/draft.h"
#include "pail/session/session.h"
#include "pail/settings/settings.h"
#include "pail/ui/line_editor.h"
#include "pail/ui/screen.h"
#include "pail/ui/terminal.h"

enum { APP_SCREENS = 12 };

struct app {
    struct terminal *terminal;
    struct settings *settings;
    const struct profile *profile; /* NULL: none configured */
    long timeout_ms;               /* from the command line; 0: the profile's */
    struct http *http;
    struct session *session; /* NULL without a profile */
    struct screen *stack[APP_SCREENS];
    int depth;
    struct buffer message; /* stays until the next key */
    enum style message_style;
    bool mouse;
    bool thrifty; /* what changes with every key is left out, but for where the selection is */
    /* clock_ms: until then the secret that has the focus shows; 0: it doesn't */
    int64_t reveal_until;
    bool quit;
    struct draft *offer;                /* the unfinished form that is asked about; NULL: none */
    const struct profile *next_profile; /* dashboard: open its session; NULL: stay */
};

/* Takes the screen over and shows it; a full stack refuses with a message and destroys it. */
void app_push(struct app *app, struct screen *screen);
void app_pop(struct app *app); /* destroys the top screen; the last one stays */
struct screen *app_top(const struct app *app);

/* One line for the person: what happened, what next. Raw text is fine: drawing makes it safe. */
__attribute__((format(printf, 3, 4))) void app_say(struct app *app, enum style style,
                                                   const char *format, ...);

/* Shows the secret for 10 s, or hides it again; or says why there is none to show. text: what has
 * the focus; NULL: no text has it. Moving the focus is for the caller to end it by app_hide. */
void app_reveal(struct app *app, const struct line_editor *text);
void app_hide(struct app *app);

/* After a key for it: says what a paste that has ended left out. */
void app_tell_paste(struct app *app, const struct line_editor *text, int key);
/* line_editor_key, and that. */
bool app_type(struct app *app, struct line_editor *text, int key);

/* Copies to the terminal's clipboard, and says so; what: "name", "text". */
void app_copy(struct app *app, const char *what, const char *text, size_t length);

bool app_is_read_only(const struct app *app);

/* Runs the action on the top screen: refused with a message if it mutates and the sitting is
 * read-only, or if the screen's context doesn't have it. */
void app_act(struct app *app, enum action action);

#endif
