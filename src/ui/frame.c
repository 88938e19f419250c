#include "pail/ui/frame.h"

#include <stdio.h>
#include <string.h>

#include "pail/base/url.h"

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

/* Profile and badge are always there; the host gives way to them and to the title. */
void frame_header(struct app *app, const char *title) {
    int width = terminal_columns(app->terminal);
    const char *profile = app->profile ? app->profile->name : "no profile";
    enum style style = app->profile && app->profile->has_danger ? STYLE_DANGER : STYLE_HEADER;
    terminal_fill(app->terminal, 0, 0, width, STYLE_HEADER);
    int column = word(app, 1, width, STYLE_HEADER, "pail");
    column = word(app, column, width, style, profile);
    if (app_is_read_only(app))
        column = word(app, column, width, STYLE_BADGE, "READ-ONLY");
    int room = width - 1 - column;
    int title_width = cells(app, title);
    if (title_width > room)
        title_width = room;
    if (title_width > 0)
        terminal_text(app->terminal, 0, width - 1 - title_width, title_width, STYLE_HEADER, title);
    struct url url;
    if (app->profile && url_parse(app->profile->url, &url, NULL) &&
        strcmp(profile, url.host) != 0 && room - title_width - 2 >= 8)
        word(app, column, width - 1 - title_width - 2, STYLE_HEADER, url.host);
}

void frame_hints(struct app *app, enum context context, int row) {
    int width = terminal_columns(app->terminal), column = 1;
    char key[16];
    for (int i = 0; i < ACTION_COUNT; i++) {
        const struct action_info *info = &actions[i];
        if (!(info->contexts & context) || info->hint[0] == '\0' ||
            (info->mutates && app_is_read_only(app)))
            continue;
        keymap_first_key(&app->settings->keymap, (enum action)i, key, sizeof key);
        int needed = cells(app, key) + 1 + cells(app, info->hint);
        if (key[0] == '\0' || column + needed > width)
            continue;
        column +=
            terminal_text_n(app->terminal, row, column, width, STYLE_KEY, key, strlen(key), 0);
        column += 1 + terminal_text_n(app->terminal, row, column + 1, width, STYLE_DIM, info->hint,
                                      strlen(info->hint), 0);
        column += 2;
    }
}

void frame_message(struct app *app, int row, const char *status) {
    int width = terminal_columns(app->terminal) - 2;
    bool said = app->message.length > 0;
    terminal_text(app->terminal, row, 1, width, said ? app->message_style : STYLE_DIM,
                  said ? app->message.data : status);
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
    return (struct area){.row = 2, .column = 0, .height = rows - 5, .width = width};
}

struct area frame_draw(struct app *app, enum context context, const char *title,
                       const char *status) {
    int rows = terminal_rows(app->terminal);
    frame_message(app, rows - 2, status);
    frame_hints(app, context, rows - 1);
    return draw_head(app, title);
}

struct area frame_draw_for_buttons(struct app *app, enum context context, const char *title) {
    int row = terminal_rows(app->terminal) - 1;
    if (app->message.length > 0)
        frame_message(app, row, "");
    else
        frame_hints(app, context, row);
    return draw_head(app, title);
}

int frame_button(struct app *app, int row, int column, const char *label, bool focus) {
    char text[64];
    int used = snprintf(text, sizeof text, focus ? "[>%s<]" : "[ %s ]", label);
    if (used < 0)
        return 0;
    return terminal_text_n(app->terminal, row, column, terminal_columns(app->terminal) - column,
                           focus ? STYLE_FOCUS : STYLE_NORMAL, text, strlen(text), 0);
}
