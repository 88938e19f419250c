#include "chooser.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "pail/base/memory.h"
#include "pail/ui/frame.h"
#include "pail/ui/line_editor.h"

struct chooser {
    struct screen base;
    char *prompt;
    struct chooser_item *items;
    size_t count;
    chooser_fn *chosen;
    void *context;
    struct line_editor input;
    size_t selected; /* among those that match */
};

static struct chooser *of(struct screen *screen) {
    return (struct chooser *)screen;
}

static bool matches(const struct chooser *chooser, const struct chooser_item *item) {
    return strcasestr(item->name, chooser->input.text.data) != NULL;
}

static size_t match_count(const struct chooser *chooser) {
    size_t count = 0;
    for (size_t i = 0; i < chooser->count; i++)
        count += matches(chooser, &chooser->items[i]);
    return count;
}

static bool begins(const struct chooser *chooser, const struct chooser_item *item) {
    return strncasecmp(item->name, chooser->input.text.data, chooser->input.text.length) == 0;
}

/* The n'th item that matches, those that begin so first; NULL beyond the last. */
static const struct chooser_item *match(const struct chooser *chooser, size_t n) {
    for (int beginning = 1; beginning >= 0; beginning--)
        for (size_t i = 0; i < chooser->count; i++) {
            const struct chooser_item *item = &chooser->items[i];
            if (matches(chooser, item) && begins(chooser, item) == beginning && n-- == 0)
                return item;
        }
    return NULL;
}

static void draw_item(const struct chooser *chooser, struct app *app, int row, size_t n) {
    const struct chooser_item *item = match(chooser, n);
    struct terminal *terminal = app->terminal;
    int width = terminal_columns(terminal);
    bool selected = n == chooser->selected;
    terminal_text(terminal, row, 1, 1, STYLE_KEY,
                  selected ? terminal_sign(terminal, SIGN_MARKER) : " ");
    terminal_text(terminal, row, 3, 18, selected ? STYLE_SELECTED : STYLE_NORMAL, item->name);
    terminal_text(terminal, row, 22, width - 23, STYLE_DIM, item->note);
}

static void chooser_draw(struct screen *screen, struct app *app) {
    const struct chooser *chooser = of(screen);
    struct terminal *terminal = app->terminal;
    int rows = terminal_rows(terminal), width = terminal_columns(terminal);
    int room = rows - 6 < 10 ? rows - 6 : 10; /* the header and a few rows below stay in view */
    int count = (int)match_count(chooser), shown = count < room ? count : room;
    int first = rows - 2 - shown;
    terminal_rule(terminal, first - 1, 0, width);
    for (int row = first; row < rows; row++)
        terminal_fill(terminal, row, 0, width, STYLE_NORMAL);
    size_t page = (size_t)shown;
    size_t top = chooser->selected >= page ? chooser->selected - page + 1 : 0;
    for (int i = 0; i < shown; i++)
        draw_item(chooser, app, first + i, top + (size_t)i);
    terminal_text(terminal, rows - 2, 1, width - 2, STYLE_KEY, chooser->prompt);
    int column = 2 + (int)strlen(chooser->prompt);
    line_editor_draw(&chooser->input, terminal, rows - 2, column, width - column - 1, STYLE_FIELD,
                     false, true);
    frame_prompt_message(app, rows - 1,
                         count ? "Enter chooses  Tab completes  Esc back"
                               : "Nothing has that name.  Esc back");
}

static void choose(struct chooser *chooser, struct app *app) {
    const struct chooser_item *item = match(chooser, chooser->selected);
    if (item == NULL)
        return;
    chooser_fn *chosen = chooser->chosen;
    void *context = chooser->context;
    int value = item->value;
    app_pop(app);
    chosen(app, context, value);
}

static bool chooser_key(struct screen *screen, struct app *app, int key) {
    struct chooser *chooser = of(screen);
    size_t count = match_count(chooser);
    const struct chooser_item *item = match(chooser, chooser->selected);
    switch (key) {
    case K_ENTER:
        if (!chooser->input.pasting)
            choose(chooser, app);
        return true;
    case K_TAB:
        if (item)
            line_editor_set(&chooser->input, item->name);
        chooser->selected = 0;
        return true;
    case K_UP:
    case KEY_CTRL('p'):
        chooser->selected -= chooser->selected > 0;
        return true;
    case K_DOWN:
    case KEY_CTRL('n'):
        chooser->selected += chooser->selected + 1 < count;
        return true;
    default:
        if (!app_type(app, &chooser->input, key))
            return false;
        chooser->selected = 0;
        return true;
    }
}

static void chooser_act(struct screen *screen, struct app *app, enum action action) {
    (void)screen;
    if (action == ACTION_BACK || action == ACTION_CANCEL)
        app_pop(app);
}

static bool chooser_typing(const struct screen *screen) {
    (void)screen;
    return true;
}

static void chooser_destroy(struct screen *screen) {
    struct chooser *chooser = of(screen);
    line_editor_finish(&chooser->input);
    free(chooser->prompt);
    free(chooser->items);
    free(chooser);
}

static const struct screen_ops chooser_ops = {
    .context = IN_PROMPT,
    .overlay = true,
    .draw = chooser_draw,
    .act = chooser_act,
    .key = chooser_key,
    .typing = chooser_typing,
    .destroy = chooser_destroy,
};

struct screen *chooser_create(const char *prompt, struct chooser_item *items, size_t count,
                              chooser_fn *chosen, void *context) {
    struct chooser *chooser = memory_new(1, sizeof *chooser);
    chooser->base.ops = &chooser_ops;
    chooser->prompt = memory_string(prompt);
    chooser->items = items;
    chooser->count = count;
    chooser->chosen = chosen;
    chooser->context = context;
    line_editor_init(&chooser->input, false);
    return &chooser->base;
}
