/* Logging in, above whatever is there: session/login with its questions on the screen. */
#include <stdlib.h>
#include <string.h>

#include "pail/base/memory.h"
#include "pail/session/open.h"
#include "pail/ui/line_editor.h"
#include "pail/ui/screens.h"
#include "pail/ui/text_view.h"

struct login_screen {
    struct screen base;
    struct login *login;
    struct text_view *view;
    struct line_editor input;
    unsigned long followed, drawn; /* of login_serial: what input is for, what was drawn */
};

static struct login_screen *of(struct screen *screen) {
    return (struct login_screen *)screen;
}

/* ---- what is wanted -------------------------------------------------------------------------- */

static bool is_question(enum login_want want) {
    return want != LOGIN_WAITS && want != LOGIN_DONE && want != LOGIN_FAILED;
}

/* Each question begins with an empty line, but for a name that is suggested. */
static void follow(struct login_screen *screen) {
    struct login_look look;
    if (screen->followed == login_serial(screen->login))
        return;
    screen->followed = login_serial(screen->login);
    login_look(screen->login, &look);
    bool pasting = screen->input.pasting; /* what comes of a paste never confirms */
    line_editor_finish(&screen->input);
    line_editor_init(&screen->input, look.hidden);
    screen->input.pasting = pasting;
    if (look.want == LOGIN_USER_NAME)
        line_editor_set(&screen->input, look.user);
    text_view_top(screen->view);
}

static void finish(struct app *app) {
    app_pop(app);
    app_say(app, STYLE_GOOD, "Logged in.");
    session_load(app->session);
}

/* Once its end has been drawn, so that what comes then is drawn too. */
static void login_wake(struct screen *base, struct app *app) {
    struct login_screen *screen = of(base);
    struct login_look look;
    follow(screen);
    login_look(screen->login, &look);
    if (look.want == LOGIN_DONE && screen->drawn == screen->followed && app_top(app) == base)
        finish(app);
}

static int login_timer(const struct screen *base) {
    const struct login_screen *screen = (const struct login_screen *)base;
    struct login_look look;
    int wait = login_tick(screen->login);
    login_look(screen->login, &look);
    return look.want == LOGIN_DONE || screen->drawn != login_serial(screen->login) ? 0 : wait;
}

/* ---- drawing --------------------------------------------------------------------------------- */

static void add_line(struct text_view *view, enum style style, const char *before, const char *text,
                     const char *after) {
    text_view_add_string(view, style, before);
    text_view_add_raw(view, style, text);
    text_view_add_string(view, style, after);
}

static void write_page(struct text_view *view, const char *url) {
    add_line(view, STYLE_NORMAL, "", "Open this in a browser, and log in there:", "\n\n");
    add_line(view, STYLE_TITLE, "", url, "\n\n");
    add_line(view, STYLE_NORMAL, "", "The page ends with a code: paste it here.", "\n\n");
}

static void write_text(const struct login_screen *screen, const struct login_look *look) {
    struct text_view *view = screen->view;
    text_view_clear(view);
    if (look->text[0])
        add_line(view, look->trouble == LOGIN_NO_TROUBLE ? STYLE_NORMAL : STYLE_ERROR, "",
                 look->text, "\n\n");
    if (look->want == LOGIN_WAITS || look->want == LOGIN_DONE)
        add_line(view, STYLE_NORMAL, "", look->question,
                 look->want == LOGIN_WAITS ? " ...\n\n" : ".\n\n");
    if (look->want == LOGIN_BROWSER_CODE)
        write_page(view, look->url);
    if (look->note[0])
        add_line(view, STYLE_WARNING, "! ", look->note, "\n\n");
    add_line(view, STYLE_DIM, "The login is kept in ", look->token_path, ".\n");
}

/* "Password of ann: ****" on one row; a long question leaves half of it to the answer. */
static void draw_question(const struct login_screen *screen, struct app *app,
                          const struct login_look *look, int row) {
    struct buffer question;
    int width = terminal_columns(app->terminal) - 2;
    buffer_init(&question);
    buffer_printf(&question, "%s:", look->question);
    int used = text_width(question.data, question.length, terminal_charset(app->terminal));
    used = used < width / 2 ? used : width / 2;
    terminal_text(app->terminal, row, 1, used, STYLE_LABEL, question.data);
    line_editor_draw(&screen->input, app->terminal, row, used + 2, width - used - 1, STYLE_FOCUS,
                     look->hidden, true);
    buffer_finish(&question);
}

static const char *hints(const struct app *app, const struct login_look *look) {
    if (look->want == LOGIN_FAILED)
        return profile_can_log_in(app->profile) ? "Enter tries again  Escape goes back"
                                                : "Escape goes back";
    return look->want == LOGIN_BROWSER_CODE ? "Enter goes on  F2 copies the address  Escape cancels"
           : is_question(look->want)        ? "Enter goes on  Escape cancels"
                                            : "Escape cancels";
}

static void login_draw(struct screen *base, struct app *app) {
    struct login_screen *screen = of(base);
    struct login_look look;
    int rows = terminal_rows(app->terminal);
    follow(screen);
    login_look(screen->login, &look);
    struct area area = frame_draw_for_buttons(app, IN_PROMPT, "log in");
    write_text(screen, &look);
    area.column += 1;
    area.width -= 2;
    text_view_draw(screen->view, app, area);
    if (is_question(look.want))
        draw_question(screen, app, &look, rows - 2);
    if (app->message.length == 0)
        frame_prompt_hints(app, rows - 1, hints(app, &look));
    screen->drawn = screen->followed;
}

/* ---- keys ------------------------------------------------------------------------------------ */

static void enter(struct login_screen *screen) {
    struct login_look look;
    login_look(screen->login, &look);
    if (look.want == LOGIN_FAILED)
        login_again(screen->login);
    else if (is_question(look.want))
        login_answer(screen->login, screen->input.text.data);
    follow(screen);
}

static void copy_page(const struct login_screen *screen, struct app *app) {
    struct login_look look;
    login_look(screen->login, &look);
    if (look.url[0])
        app_copy(app, "address", look.url, strlen(look.url));
}

/* What is typed while nothing is asked is not an answer to what comes. */
static bool login_key(struct screen *base, struct app *app, int key) {
    struct login_screen *screen = of(base);
    struct login_look look;
    login_look(screen->login, &look);
    if (key == K_ENTER && !screen->input.pasting)
        enter(screen);
    else if (key == K_PAGE_UP || key == K_PAGE_DOWN)
        text_view_act(screen->view, app, key == K_PAGE_UP ? ACTION_PAGE_UP : ACTION_PAGE_DOWN);
    else if (is_question(look.want) || key == K_PASTE_BEGIN || key == K_PASTE_END)
        return app_type(app, &screen->input, key);
    else
        return key_is_text(key);
    return true;
}

/* The login that there was stays as good as it was. */
static void say_left(struct app *app) {
    struct session_status status;
    session_status(app->session, &status);
    if (status.trouble == TROUBLE_NO_TOKEN || status.trouble == TROUBLE_LOGIN_EXPIRED)
        app_say(app, STYLE_WARNING, "Not logged in.");
    else if (status.user[0])
        app_say(app, STYLE_NORMAL, "No new login; still %s.", status.user);
    else
        app_say(app, STYLE_NORMAL, "No new login.");
}

static void login_act(struct screen *base, struct app *app, enum action action) {
    if (action == ACTION_COPY_PAGE)
        copy_page(of(base), app);
    if (action != ACTION_BACK && action != ACTION_CANCEL)
        return;
    app_pop(app);
    say_left(app);
}

static bool login_typing(const struct screen *base) {
    (void)base;
    return true;
}

static void login_destroy_screen(struct screen *base) {
    struct login_screen *screen = of(base);
    login_destroy(screen->login);
    text_view_destroy(screen->view);
    line_editor_finish(&screen->input);
    free(screen);
}

static const struct screen_ops login_ops = {
    .context = IN_PROMPT,
    .draw = login_draw,
    .act = login_act,
    .key = login_key,
    .typing = login_typing,
    .wake = login_wake,
    .timer = login_timer,
    .destroy = login_destroy_screen,
};

struct screen *login_screen_create(const struct app *app) {
    struct login_screen *screen = memory_new(1, sizeof *screen);
    screen->base.ops = &login_ops;
    screen->view = text_view_create();
    line_editor_init(&screen->input, false);
    screen->login = login_open(app->http, app->profile, app->timeout_ms);
    return &screen->base;
}
