/* Drawing of bulk_screen.c. */
#include <stdio.h>
#include <string.h>

#include "bulk_screen.h"
#include "pail/ui/frame.h"

enum {
    ROOMY = 10, /* rows of the body: all that can be typed has a row of its own */
    SOME = 200, /* changes */
};

static void write_title(const struct bulk_screen *screen, char *title, size_t size) {
    static const char *const stages[] = {"review: ", "sending: ", "result: "};
    snprintf(title, size, "%s%s %zu %s", stages[screen->stage],
             screen->kind == BULK_DELETE ? "delete" : "modify", screen->count,
             screen->count == 1 ? "entry" : "entries");
}

/* ---- what can be typed ----------------------------------------------------------------------- */

static void draw_line(const struct bulk_screen *screen, struct app *app, int row,
                      enum bulk_focus item, const char *label, const struct line_editor *editor) {
    struct terminal *terminal = app->terminal;
    int width = terminal_columns(terminal), column = 4 + (int)strlen(label);
    bool focus = screen->focus == item;
    terminal_text(terminal, row, 3, width - 4, item == FOCUS_COUNT ? STYLE_WARNING : STYLE_LABEL,
                  label);
    line_editor_draw(editor, terminal, row, column, width - column - 1,
                     focus ? STYLE_FOCUS : STYLE_FIELD, false, focus);
}

static void draw_item(const struct bulk_screen *screen, struct app *app, int row,
                      enum bulk_focus item) {
    char label[64];
    if (item == FOCUS_COUNT) {
        snprintf(label, sizeof label, "Type %zu to %s %s:", screen->to_confirm,
                 screen->kind == BULK_DELETE ? "delete" : "replace",
                 screen->to_confirm == 1 ? "it" : "them");
        draw_line(screen, app, row, item, label, &screen->typed);
    } else if (item == FOCUS_REASON) {
        draw_line(screen, app, row, item, "Reason, for the journal:", &screen->reason);
    } else {
        snprintf(label, sizeof label, "[%c] stop after the first that fails",
                 screen->stop_on_error ? 'x' : ' ');
        bool focus = screen->focus == FOCUS_STOP;
        terminal_text_n(app->terminal, row, 3, terminal_columns(app->terminal) - 4,
                        focus ? STYLE_FOCUS : STYLE_NORMAL, label, strlen(label), 0);
    }
}

/* At the end of the area, which shrinks by it; where it is small, only the one that matters. */
static void draw_items(const struct bulk_screen *screen, struct app *app, struct area *area) {
    bool roomy = area->height >= ROOMY;
    enum bulk_focus only = screen->focus <= FOCUS_STOP ? screen->focus : FOCUS_COUNT;
    for (int item = FOCUS_STOP; item >= FOCUS_COUNT; item--) {
        if (!bulk_takes_focus(screen, (enum bulk_focus)item) || (!roomy && item != (int)only))
            continue;
        area->height--;
        draw_item(screen, app, area->row + area->height, (enum bulk_focus)item);
    }
}

/* ---- buttons --------------------------------------------------------------------------------- */

static const char *const labels[][2] = {
    [STAGE_REVIEW] = {"Send", "Cancel"},
    [STAGE_SENDING] = {"Pause", "Stop"},
    [STAGE_DONE] = {"Save", "Close"},
};

/* What is beside the buttons. */
static const char *status(const struct bulk_screen *screen) {
    if (screen->stage == STAGE_SENDING)
        return "";
    if (!text_view_fits(screen->view))
        return text_view_status(screen->view);
    if (screen->focus == FOCUS_CONFLICTS)
        return "Enter opens the conflict";
    return screen->stage == STAGE_REVIEW ? "nothing was sent yet" : "";
}

static void draw_buttons(const struct bulk_screen *screen, struct app *app, int row) {
    bool paused = screen->progress.submission.paused && screen->stage == STAGE_SENDING;
    const char *const *label = labels[screen->stage];
    const char *const shown[] = {paused ? "Go on" : label[0], label[1]};
    int column = frame_buttons(app, row, shown, 2, (int)screen->focus - FOCUS_SEND);
    frame_status(app, row, column, status(screen));
}

/* ---- all of it ------------------------------------------------------------------------------- */

static void draw_progress(const struct bulk_screen *screen, struct app *app, struct area area) {
    struct buffer text;
    buffer_init(&text);
    area.column += 2;
    area.width -= 4;
    bulk_text_progress(screen, area.width, &text);
    frame_text(app, area, STYLE_NORMAL, text.data);
    buffer_finish(&text);
}

/* Of many changes only some at first; at another width all, so that what is in view stays. */
static void write_review(struct bulk_screen *screen, struct app *app, int width) {
    bool first = screen->width == 0;
    if (screen->width == width)
        return;
    screen->width = width;
    bulk_text_review(screen, app);
    bulk_text_review_more(screen, app, first ? SOME : SIZE_MAX);
}

void bulk_draw(struct screen *base, struct app *app) {
    struct bulk_screen *screen = (struct bulk_screen *)base;
    char title[64];
    write_title(screen, title, sizeof title);
    struct area area = frame_draw_for_buttons(app, IN_BULK, title);
    if (screen->stage == STAGE_REVIEW) {
        draw_items(screen, app, &area);
        write_review(screen, app, area.width - 2);
    }
    if (screen->stage == STAGE_SENDING)
        draw_progress(screen, app, area);
    else {
        text_view_show_choice(screen->view, screen->focus == FOCUS_CONFLICTS);
        text_view_draw(screen->view, app, area);
    }
    draw_buttons(screen, app, terminal_rows(app->terminal) - 2);
    text_view_draw_search(screen->view, app);
    save_prompt_draw(&screen->prompt, app);
    if (!screen->drawn)
        terminal_drop_keys(app->terminal);
    screen->drawn = true;
}
