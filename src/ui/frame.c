#include "pail/ui/frame.h"

#include <stdio.h>
#include <string.h>

#include "pail/base/hash.h"
#include "pail/base/url.h"
#include "wrap.h"

static int cells(const struct app *app, const char *text) {
    return text_width(text, strlen(text), terminal_charset(app->terminal));
}

/* Draws a word of the header and a gap; what is left of the width shrinks by it. */
static int word(struct app *app, int column, int end, enum style style, const char *text) {
    if (column >= end || text[0] == '\0')
        return column;
    int width = cells(app, text);
    if (width > end - column)
        width = end - column;
    terminal_text(app->terminal, 0, column, width, style, text);
    return column + width + 2;
}

/* The title, or as many of its last parts (set apart by two blanks) as there is room for. */
static const char *fitting_title(const struct app *app, const char *title, int room) {
    const char *gap;
    while (cells(app, title) > room && (gap = strstr(title, "  ")) != NULL)
        title = gap + 2;
    return title;
}

static const char *host_of(const struct app *app, struct url *url) {
    url->host[0] = '\0';
    if (app->profile == NULL)
        return "";
    if (app->profile->url[0] && url_parse(app->profile->url, url, NULL))
        return url->host;
    return app->profile->service;
}

/* What must not be missed: a read-only sitting, changes whose outcome isn't known. */
static void write_badge(const struct app *app, char *badge, size_t size) {
    size_t open = app->session ? session_unsettled(app->session) : 0;
    const char *mode = app_is_read_only(app) ? "READ-ONLY" : "";
    if (open > 0)
        snprintf(badge, size, "%s%s%zu ?", mode, mode[0] ? "  " : "", open);
    else
        snprintf(badge, size, "%s", mode);
}

/* Profile and badge are always there; the host gives way to them and to the title. */
void frame_header(struct app *app, const char *title) {
    char badge[40];
    int width = terminal_columns(app->terminal);
    write_badge(app, badge, sizeof badge);
    if (terminal_keep_row(app->terminal, 0,
                          hash_number(hash_string(hash_string(HASH_START, title), badge), 1)))
        return;
    int badge_width = badge[0] ? (int)strlen(badge) + 2 : 0;
    const char *profile = app->profile ? app->profile->name : "no profile";
    enum style style = app->profile && app->profile->has_danger ? STYLE_DANGER : STYLE_HEADER;
    terminal_fill(app->terminal, 0, 0, width, STYLE_HEADER);
    int column = word(app, 1, width, STYLE_HEADER, "pail");
    column = word(app, column, width - 1 - badge_width, style, profile);
    if (badge_width > 0)
        column = word(app, column, width, STYLE_BADGE, badge);
    int room = width - 1 - column;
    title = fitting_title(app, title, room);
    int title_width = cells(app, title);
    if (title_width > room)
        title_width = room;
    if (title_width > 0)
        terminal_text(app->terminal, 0, width - 1 - title_width, title_width, STYLE_HEADER, title);
    struct url url;
    const char *host = host_of(app, &url);
    if (host[0] && strcmp(profile, host) != 0 && room - title_width - 2 >= 8)
        word(app, column, width - 1 - title_width - 2, STYLE_HEADER, host);
}

static bool has_hint(const struct app *app, enum action action, enum context context) {
    const struct action_info *info = &actions[action];
    return (info->contexts & context) && info->hint[0] && !(info->mutates && app_is_read_only(app));
}

/* The first screen can't be left but by quitting. */
static const char *hint_of(const struct app *app, enum action action) {
    return actions[action == ACTION_CLOSE && app->depth == 1 ? ACTION_QUIT : action].hint;
}

/* Cells that the hint takes with its gap; 0 if the action has no key. */
static int hint_width(const struct app *app, enum action action, char *key, size_t size) {
    keymap_first_key(&app->settings->keymap, action, key, size);
    return key[0] ? cells(app, key) + 1 + cells(app, hint_of(app, action)) + 2 : 0;
}

/* How to get help and out comes last, and is left out last. */
static bool is_kept(enum action action) {
    return action == ACTION_HELP || action == ACTION_CLOSE || action == ACTION_QUIT;
}

void frame_hints(struct app *app, enum context context, int row) {
    struct terminal *terminal = app->terminal;
    int width = terminal_columns(terminal), column = 1, kept = 0;
    char key[16];
    unsigned state = (unsigned)app_is_read_only(app) | (unsigned)(app->depth == 1) << 1;
    if (terminal_keep_row(terminal, row, hash_number(hash_number(HASH_START, context), state)))
        return;
    for (int i = 0; i < ACTION_COUNT; i++)
        if (has_hint(app, (enum action)i, context) && is_kept((enum action)i))
            kept += hint_width(app, (enum action)i, key, sizeof key);
    for (int i = 0; i < ACTION_COUNT; i++) {
        const char *hint = hint_of(app, (enum action)i);
        if (!has_hint(app, (enum action)i, context))
            continue;
        int needed = hint_width(app, (enum action)i, key, sizeof key);
        if (is_kept((enum action)i))
            kept -= needed;
        if (needed == 0 || column + needed - 2 + kept > width)
            continue;
        int used = terminal_text_n(terminal, row, column, width, STYLE_KEY, key, strlen(key), 0);
        terminal_text_n(terminal, row, column + used + 1, width, STYLE_DIM, hint, strlen(hint), 0);
        column += needed;
    }
}

void frame_prompt_hints(struct app *app, int row, const char *hints) {
    int width = terminal_columns(app->terminal);
    terminal_fill(app->terminal, row, 0, width, STYLE_NORMAL);
    terminal_text(app->terminal, row, 1, width - 2, STYLE_DIM, hints);
    terminal_forget_row(app->terminal, row); /* the usual hints may be below */
}

/* Wraps one line into the area; returns the rows used. */
static int draw_line(struct app *app, struct area area, enum style style, const char *text,
                     size_t length) {
    int row = 0;
    for (size_t at = 0, next; row < area.height && (at < length || row == 0); at += next) {
        size_t fits =
            wrap_row(text + at, length - at, area.width, terminal_charset(app->terminal), &next);
        bool last = row + 1 == area.height; /* what is cut off shows that it is */
        terminal_fill(app->terminal, area.row + row, area.column, area.width, STYLE_NORMAL);
        terminal_text_n(app->terminal, area.row + row, area.column, area.width, style, text + at,
                        last ? length - at : fits, 0);
        row++;
    }
    return row;
}

int frame_text(struct app *app, struct area area, enum style style, const char *text) {
    int rows = area.height;
    for (size_t line; *text && area.height > 0; text += line + (text[line] == '\n')) {
        line = strcspn(text, "\n");
        int used = draw_line(app, area, style, text, line);
        area.row += used;
        area.height -= used;
    }
    return rows - area.height;
}

int frame_text_rows(const struct app *app, int width, const char *text) {
    int rows = 0;
    for (size_t line; *text; text += line + (text[line] == '\n')) {
        line = strcspn(text, "\n");
        rows += wrap_rows(text, line, width, terminal_charset(app->terminal));
    }
    return rows;
}

static void draw_message(struct app *app, int row, int most) {
    int width = terminal_columns(app->terminal) - 2;
    int rows =
        wrap_rows(app->message.data, app->message.length, width, terminal_charset(app->terminal));
    rows = rows < most ? rows : most;
    for (int i = 1; i < rows; i++) {
        terminal_fill(app->terminal, row - i, 0, width + 2, STYLE_NORMAL);
        terminal_forget_row(app->terminal, row - i);
    }
    draw_line(app, (struct area){row - rows + 1, 1, rows, width}, app->message_style,
              app->message.data, app->message.length);
}

void frame_prompt_message(struct app *app, int row, const char *hints) {
    bool tells = app->message.length > 0;
    frame_prompt_hints(app, row, tells ? "" : hints);
    if (tells)
        draw_message(app, row, 1);
}

void frame_message(struct app *app, int row, const char *status) {
    if (app->message.length > 0)
        draw_message(app, row, 3);
    else
        terminal_text(app->terminal, row, 1, terminal_columns(app->terminal) - 2, STYLE_DIM,
                      status);
}

struct area frame_body(const struct app *app) {
    return (struct area){.row = 2,
                         .column = 0,
                         .height = terminal_rows(app->terminal) - 5,
                         .width = terminal_columns(app->terminal)};
}

static struct area draw_head(struct app *app, const char *title) {
    int rows = terminal_rows(app->terminal), width = terminal_columns(app->terminal);
    frame_header(app, title);
    terminal_rule(app->terminal, 1, 0, width);
    terminal_rule(app->terminal, rows - 3, 0, width);
    return frame_body(app);
}

struct area frame_draw(struct app *app, enum context context, const char *title,
                       const char *status) {
    int rows = terminal_rows(app->terminal);
    struct area body = draw_head(app, title);
    frame_message(app, rows - 2, status);
    frame_hints(app, context, rows - 1);
    return body;
}

struct area frame_draw_for_buttons(struct app *app, enum context context, const char *title) {
    int row = terminal_rows(app->terminal) - 1;
    struct area body = draw_head(app, title);
    if (app->message.length > 0)
        draw_message(app, row, 1); /* the buttons are above */
    else
        frame_hints(app, context, row);
    return body;
}

int frame_button(struct app *app, int row, int column, const char *label, bool focus) {
    char text[64];
    int used = snprintf(text, sizeof text, focus ? "[>%s<]" : "[ %s ]", label);
    if (used < 0)
        return 0;
    return terminal_text_n(app->terminal, row, column, terminal_columns(app->terminal) - column,
                           focus ? STYLE_FOCUS : STYLE_NORMAL, text, strlen(text), 0);
}

int frame_buttons(struct app *app, int row, const char *const *labels, int count, int focus) {
    int column = 1;
    for (int i = 0; i < count; i++)
        if (labels[i])
            column += 2 + frame_button(app, row, column, labels[i], i == focus);
    return column;
}

int frame_button_at(const char *const *labels, int count, int column) {
    int start = 1;
    for (int i = 0; i < count; i++) {
        if (labels[i] == NULL)
            continue;
        int end = start + (int)strlen(labels[i]) + 4; /* the brackets and their blanks */
        if (column >= start && column < end)
            return i;
        start = end + 2;
    }
    return -1;
}

void frame_status(struct app *app, int row, int column, const char *text) {
    int width = terminal_columns(app->terminal), room = width - column - 1;
    int length = (int)strlen(text), used = length < room ? length : room;
    if (length > 0 && 2 * room >= length)
        terminal_text(app->terminal, row, width - 1 - used, used, STYLE_DIM, text);
}
