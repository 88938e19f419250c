#include "pail/ui/app.h"

#include <stdarg.h>
#include <stdio.h>

#include "pail/base/clock.h"
#include "pail/ui/screens.h"

enum { REVEAL_MS = 10000 };

void app_push(struct app *app, struct screen *screen) {
    if (app->depth == APP_SCREENS) {
        app_say(app, STYLE_WARNING, "Too many screens are open: close one first.");
        screen->ops->destroy(screen);
        return;
    }
    app_hide(app);
    app->stack[app->depth++] = screen;
}

void app_pop(struct app *app) {
    if (app->depth <= 1)
        return;
    struct screen *top = app->stack[--app->depth];
    app->stack[app->depth] = NULL;
    app_hide(app);
    top->ops->destroy(top);
}

struct screen *app_top(const struct app *app) {
    return app->stack[app->depth - 1];
}

void app_say(struct app *app, enum style style, const char *format, ...) {
    char line[512];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    buffer_clear(&app->message);
    buffer_append_string(&app->message, line);
    app->message_style = style;
}

void app_reveal(struct app *app, const struct line_editor *text) {
    if (text == NULL || !text->secret)
        app_say(app, STYLE_NORMAL, "Put the focus on a secret to show it.");
    else if (text->text.length == 0)
        app_say(app, STYLE_NORMAL, "Nothing was typed here; the service doesn't show its secrets.");
    else
        app->reveal_until = app->reveal_until ? 0 : clock_ms() + REVEAL_MS;
}

void app_hide(struct app *app) {
    app->reveal_until = 0;
}

void app_tell_paste(struct app *app, const struct line_editor *text, int key) {
    if (key == K_PASTE_END && text->dropped > 0)
        app_say(app, STYLE_WARNING, "%u control character%s left out of what was pasted.",
                text->dropped, text->dropped == 1 ? " was" : "s were");
}

bool app_type(struct app *app, struct line_editor *text, int key) {
    bool used = line_editor_key(text, key);
    app_tell_paste(app, text, key);
    return used;
}

void app_copy(struct app *app, const char *what, const char *text, size_t length) {
    struct error error;
    if (terminal_copy(app->terminal, text, length, &error))
        app_say(app, STYLE_NORMAL, "Sent the %s (%zu bytes) to the terminal's clipboard.", what,
                length);
    else
        app_say(app, STYLE_WARNING, "%s", error.text);
}

bool app_is_read_only(const struct app *app) {
    return app->session && session_is_read_only(app->session);
}

/* What is the same on every screen. */
static bool act_everywhere(struct app *app, enum action action) {
    switch (action) {
    case ACTION_REDRAW:
        terminal_redraw(app->terminal);
        return true;
    case ACTION_SUSPEND:
        terminal_suspend(app->terminal);
        return true;
    case ACTION_HELP:
    case ACTION_FORM_HELP:
        app_push(app, help_screen_create(app_top(app)->ops->context));
        return true;
    case ACTION_PALETTE:
        app_push(app, palette_screen_create(app_top(app)->ops->context));
        return true;
    case ACTION_LOGIN:
    case ACTION_FORM_LOGIN:
        app_push(app, login_screen_create(app));
        return true;
    case ACTION_MOUSE:
        app->mouse = !app->mouse;
        terminal_set_mouse(app->terminal, app->mouse);
        app_say(app, STYLE_NORMAL, "The mouse is %s.", app->mouse ? "on" : "off");
        return true;
    case ACTION_THRIFTY:
        app->thrifty = !app->thrifty;
        terminal_set_thrifty(app->terminal, app->thrifty);
        app_say(app, STYLE_NORMAL, app->thrifty ? "Drawing less." : "Drawing all.");
        return true;
    default:
        return false;
    }
}

void app_act(struct app *app, enum action action) {
    struct screen *top = app_top(app);
    const struct action_info *info = &actions[action];
    if (!(info->contexts & top->ops->context))
        app_say(app, STYLE_WARNING, "%s: not on this screen.", info->name);
    else if (info->mutates && app_is_read_only(app))
        app_say(app, STYLE_WARNING, "%s: this sitting is read-only; nothing was done.", info->name);
    else if (!act_everywhere(app, action))
        top->ops->act(top, app, action);
}
