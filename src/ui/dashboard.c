#include "pail/ui/dashboard.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "pail/base/clock.h"
#include "pail/base/memory.h"
#include "pail/base/signals.h"
#include "pail/session/open.h"
#include "pail/ui/frame.h"
#include "pail/ui/screens.h"
#include "unfinished.h"

enum { FAREWELL_LINES = 20 /* of one sitting */ };

enum { LOCK_WAIT_MS = 20 /* no key waits longer for another pail that writes */ };
enum { SLOW_MS = 500 /* a frame that is not taken for so long is slow */ };

struct dashboard {
    struct app app;
    struct dashboard_options options;
    struct theme theme;
    int signals; /* a signalfd */
    sigset_t old_mask;
    unsigned long drawn_serial;
    bool dirty;
    bool offered_thrift;
    size_t told_settled;    /* of session_settled's count */
    bool pasting;           /* what comes is text: it never becomes an action */
    struct buffer farewell; /* of sittings that were left for another profile */
    int status;             /* of the process, at the end */
};

static bool open_signals(struct dashboard *dashboard, struct error *error) {
    sigset_t mask;
    sigemptyset(&mask);
    static const int caught[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGWINCH, SIGTSTP, SIGCONT};
    for (size_t i = 0; i < sizeof caught / sizeof *caught; i++)
        signals_add_heeded(&mask, caught[i]);
    sigprocmask(SIG_BLOCK, &mask, &dashboard->old_mask);
    signal(SIGPIPE, SIG_IGN);
    dashboard->signals = signalfd(-1, &mask, SFD_NONBLOCK | SFD_CLOEXEC);
    return dashboard->signals >= 0 || error_set(error, "signalfd: error %d", errno);
}

static bool load_theme(struct dashboard *dashboard, struct error *error) {
    const struct dashboard_options *options = &dashboard->options;
    const struct profile *profile = dashboard->app.profile;
    const char *name = options->theme                 ? options->theme
                       : profile && profile->theme[0] ? profile->theme
                       : options->settings->theme[0]  ? options->settings->theme
                                                      : NULL;
    theme_init(&dashboard->theme);
    return name == NULL || theme_load(&dashboard->theme, name, error);
}

static void close_sitting(struct app *app) {
    unfinished_forget_offer(app);
    while (app->depth > 0) {
        struct screen *top = app->stack[--app->depth];
        top->ops->destroy(top);
    }
    session_destroy(app->session);
    http_destroy(app->http);
    app->session = NULL;
    app->http = NULL;
}

/* Opens a session for app->profile, with its first screen. Nothing is sent yet. */
static void open_sitting(struct dashboard *dashboard) {
    struct app *app = &dashboard->app;
    const struct profile *profile = app->profile;
    terminal_set_danger(app->terminal, profile && profile->has_danger ? &profile->danger : NULL);
    if (profile == NULL) {
        app->http = http_create(&(struct http_settings){0}); /* to wait in */
        app_push(app, no_profile_screen_create());
        return;
    }
    const struct session_options options = {dashboard->options.timeout_ms,
                                            dashboard->options.read_only, LOCK_WAIT_MS};
    app->session = session_open(profile, &options, &app->http);
    dashboard->told_settled = 0;
    app_push(app, list_screen_create());
}

/* Nothing of a screen is drawn then, so no key may act on it either. */
static bool is_too_small(const struct terminal *terminal) {
    return terminal_rows(terminal) < FRAME_LEAST_ROWS ||
           terminal_columns(terminal) < FRAME_LEAST_COLUMNS;
}

static void draw(struct dashboard *dashboard) {
    struct app *app = &dashboard->app;
    struct terminal *terminal = app->terminal;
    terminal_begin(terminal);
    if (is_too_small(terminal)) {
        char text[64];
        snprintf(text, sizeof text, "pail needs 40x10; this is %dx%d", terminal_columns(terminal),
                 terminal_rows(terminal));
        terminal_text(terminal, 0, 0, terminal_columns(terminal), STYLE_WARNING, text);
    } else {
        int first = app->depth - 1;
        while (first > 0 && app->stack[first]->ops->overlay)
            first--;
        for (int i = first; i < app->depth; i++)
            app->stack[i]->ops->draw(app->stack[i], app);
        if (first < app->depth - 1)
            terminal_forget(terminal); /* a row may be covered in part */
    }
    terminal_end(terminal);
    dashboard->dirty = false;
    dashboard->drawn_serial = app->session ? session_serial(app->session) : 0;
}

/* What is typed ahead doesn't answer a question that nobody has seen. */
static void begin_sitting(struct dashboard *dashboard) {
    struct app *app = &dashboard->app;
    bool asks = unfinished_offer(app);
    draw(dashboard);
    if (asks)
        terminal_drop_keys(app->terminal);
    if (app->session)
        session_load(app->session);
}

struct dashboard *dashboard_create(const struct dashboard_options *options, struct error *error) {
    struct dashboard *dashboard = memory_new(1, sizeof *dashboard);
    struct app *app = &dashboard->app;
    dashboard->options = *options;
    dashboard->signals = -1;
    app->settings = options->settings;
    app->profile = options->profile;
    app->timeout_ms = options->timeout_ms;
    buffer_init(&app->message);
    buffer_init(&dashboard->farewell);
    if (!load_theme(dashboard, error) || !open_signals(dashboard, error) ||
        (app->terminal = terminal_create(&options->terminal, &dashboard->theme, error)) == NULL) {
        dashboard_destroy(dashboard);
        return NULL;
    }
    app->thrifty = options->thrifty || options->settings->thrifty;
    terminal_set_thrifty(app->terminal, app->thrifty);
    app->mouse = options->settings->mouse;
    terminal_set_mouse(app->terminal, app->mouse);
    open_sitting(dashboard);
    begin_sitting(dashboard);
    return dashboard;
}

/* A second one, of somebody impatient, would end pail before it has told what is unsettled. */
static void forget_signals(const struct dashboard *dashboard) {
    struct signalfd_siginfo info;
    while (read(dashboard->signals, &info, sizeof info) == (ssize_t)sizeof info)
        continue;
}

void dashboard_destroy(struct dashboard *dashboard) {
    terminal_destroy(dashboard->app.terminal);
    close_sitting(&dashboard->app);
    buffer_finish(&dashboard->app.message);
    buffer_finish(&dashboard->farewell);
    if (dashboard->signals >= 0) {
        forget_signals(dashboard);
        close(dashboard->signals);
        sigprocmask(SIG_SETMASK, &dashboard->old_mask, NULL);
    }
    free(dashboard);
}

struct app *dashboard_app(struct dashboard *dashboard) {
    return &dashboard->app;
}

static bool is_typing(const struct screen *screen) {
    return screen->ops->typing && screen->ops->typing(screen);
}

/* A key goes to the text being typed; else to the action that it has here; else to the screen.
 * What is pasted goes to a text or is dropped. */
static void take_key(struct dashboard *dashboard, int key) {
    struct app *app = &dashboard->app;
    struct screen *top = app_top(app);
    if (dashboard->pasting && key == K_ESCAPE)
        return;
    bool typing = is_typing(top), pasted = dashboard->pasting || key == K_PASTE_BEGIN;
    if (key == K_PASTE_BEGIN || key == K_PASTE_END)
        dashboard->pasting = key == K_PASTE_BEGIN;
    if (is_too_small(app->terminal)) {
        if (keymap_find(&app->settings->keymap, top->ops->context, key) == ACTION_SUSPEND)
            app_act(app, ACTION_SUSPEND);
        return;
    }
    buffer_clear(&app->message);
    if ((typing && top->ops->key(top, app, key)) || pasted)
        return;
    enum action action = keymap_find(&app->settings->keymap, top->ops->context, key);
    if (action != ACTION_NONE)
        app_act(app, action);
    else if (!typing && top->ops->key)
        top->ops->key(top, app, key);
}

static void take_keys(struct dashboard *dashboard) {
    bool hung_up = false;
    int key;
    while (!dashboard->app.quit && !dashboard->app.next_profile &&
           (key = terminal_key(dashboard->app.terminal, &hung_up)) != K_NONE) {
        take_key(dashboard, key);
        dashboard->dirty = true;
    }
    if (hung_up) {
        dashboard->app.quit = true;
        dashboard->status = 128 + SIGHUP;
    }
}

static void take_signals(struct dashboard *dashboard) {
    struct signalfd_siginfo info;
    while (read(dashboard->signals, &info, sizeof info) == (ssize_t)sizeof info) {
        dashboard->dirty = true;
        switch (info.ssi_signo) {
        case SIGWINCH:
            terminal_check_size(dashboard->app.terminal);
            break;
        case SIGCONT:
            terminal_check_size(dashboard->app.terminal);
            terminal_redraw(dashboard->app.terminal);
            break;
        case SIGTSTP:
            terminal_suspend(dashboard->app.terminal);
            break;
        default:
            dashboard->app.quit = true;
            dashboard->status = 128 + (int)info.ssi_signo;
        }
    }
}

static void tell_unrecorded(const struct app *app, struct buffer *farewell) {
    size_t count = session_unrecorded(app->session);
    if (count > 0)
        buffer_printf(farewell,
                      "pail: %s: not recorded: what came of %zu change%s: another pail is writing "
                      "to the journal; the next start reads on\n",
                      app->profile->name, count, count == 1 ? "" : "s");
}

/* Ends what is under way. What isn't settled must not be missed: lines for the shell, after the
 * screen is gone. Returns how many changes that is. */
static size_t leave_sitting(struct app *app, struct buffer *farewell) {
    if (app->session == NULL)
        return 0;
    session_stop(app->session);
    tell_unrecorded(app, farewell);
    size_t unsettled = session_unsettled(app->session);
    if (unsettled == 0)
        return 0;
    buffer_printf(farewell, "pail: %s: %zu change%s an unknown outcome; the next start reads on:\n",
                  app->profile->name, unsettled, unsettled == 1 ? " has" : "s have");
    for (size_t i = 0; i < unsettled && i < FAREWELL_LINES; i++) {
        struct unsettled_entry entry;
        session_unsettled_entry(app->session, i, &entry);
        buffer_printf(farewell, "  %s\n", entry.text);
    }
    if (unsettled > FAREWELL_LINES)
        buffer_printf(farewell, "  and %zu more\n", unsettled - FAREWELL_LINES);
    return unsettled;
}

static void change_profile(struct dashboard *dashboard) {
    struct app *app = &dashboard->app;
    struct error error;
    const char *left = app->profile->name;
    size_t unsettled = leave_sitting(app, &dashboard->farewell);
    close_sitting(app);
    app->profile = app->next_profile;
    app->next_profile = NULL;
    bool good = load_theme(dashboard, &error);
    terminal_set_theme(app->terminal, &dashboard->theme);
    open_sitting(dashboard);
    if (!good)
        app_say(app, STYLE_WARNING, "%s", error.text);
    if (unsettled > 0)
        app_say(app, STYLE_WARNING,
                "%s: %zu change%s an unknown outcome; pail says so again at its end.", left,
                unsettled, unsettled == 1 ? " has" : "s have");
    begin_sitting(dashboard);
}

static int sooner(int a, int b) {
    return a < 0 ? b : b < 0 || a < b ? a : b;
}

static int ms_until(int64_t when) {
    int64_t now = clock_ms();
    return when > now ? (int)(when - now) : 0;
}

/* Milliseconds until something is due by the clock. */
static int next_timer(const struct app *app) {
    int wait = app->session ? session_tick(app->session) : -1;
    if (app->reveal_until)
        wait = sooner(wait, ms_until(app->reveal_until));
    for (int i = 0; i < app->depth; i++)
        if (app->stack[i]->ops->timer)
            wait = sooner(wait, app->stack[i]->ops->timer(app->stack[i]));
    return wait;
}

/* Wherever the person is by now; a review of the same change says so itself. */
static void tell_settled(struct dashboard *dashboard) {
    struct app *app = &dashboard->app;
    if (app->session == NULL)
        return;
    struct settled settled = session_settled(app->session);
    size_t new = settled.count - dashboard->told_settled;
    struct submission submission;
    session_submission(app->session, &submission);
    dashboard->told_settled = settled.count;
    if (new == 0 ||
        (app_top(app)->ops->context == IN_REVIEW && strcmp(submission.text, settled.text) == 0))
        return;
    if (new == 1)
        app_say(app, settled.applied ? STYLE_GOOD : STYLE_WARNING, "%s", settled.text);
    else
        app_say(app, STYLE_NORMAL, "%zu changes are settled; the last: %s", new, settled.text);
}

/* The session shows something that has not been drawn yet. */
static bool has_moved(const struct dashboard *dashboard) {
    const struct session *session = dashboard->app.session;
    return session && session_serial(session) != dashboard->drawn_serial;
}

/* Once, and only of a frame: a large answer may take long on any line. */
static void offer_thrift(struct dashboard *dashboard, int stalled_ms) {
    struct app *app = &dashboard->app;
    char key[16];
    if (app->thrifty || dashboard->offered_thrift || stalled_ms < SLOW_MS)
        return;
    dashboard->offered_thrift = true;
    keymap_first_key(&app->settings->keymap, ACTION_THRIFTY, key, sizeof key);
    app_say(app, STYLE_WARNING, "This terminal takes long to draw: %s%sdraws less.",
            key[0] ? key : ":thrifty", key[0] ? " on the list " : " ");
}

bool dashboard_turn(struct dashboard *dashboard, int wait_ms) {
    struct app *app = &dashboard->app;
    struct pollfd extra[] = {
        {.fd = terminal_input(app->terminal), .events = POLLIN},
        {.fd = dashboard->signals, .events = POLLIN},
        {.fd = terminal_output(app->terminal), .events = POLLOUT},
    };
    int stalled = terminal_stalled(app->terminal);
    int timer = has_moved(dashboard) ? 0 : next_timer(app);
    int64_t due = timer < 0 ? INT64_MAX : clock_ms() + timer;
    http_wait(app->http, extra, stalled >= 0 ? 3 : 2, sooner(wait_ms, timer));
    if (extra[1].revents)
        take_signals(dashboard);
    take_keys(dashboard); /* also those that were read before a profile changed */
    if (app->next_profile && !app->quit)
        change_profile(dashboard);
    if (clock_ms() >= app->reveal_until)
        app_hide(app);
    for (int i = 0; i < app->depth; i++)
        if (app->stack[i]->ops->wake)
            app->stack[i]->ops->wake(app->stack[i], app);
    tell_settled(dashboard);
    if (extra[2].revents)
        offer_thrift(dashboard, terminal_stalled(app->terminal));
    if (dashboard->dirty || clock_ms() >= due || has_moved(dashboard) || extra[2].revents)
        draw(dashboard);
    return !app->quit;
}

int dashboard_run(struct dashboard *dashboard, struct buffer *farewell) {
    while (!dashboard->app.quit)
        dashboard_turn(dashboard, -1);
    if (dashboard->status != 0)
        unfinished_keep(&dashboard->app, &dashboard->farewell);
    leave_sitting(&dashboard->app, &dashboard->farewell);
    buffer_append(farewell, dashboard->farewell.data, dashboard->farewell.length);
    return dashboard->status;
}
