/* A question with its answers as buttons. */
#include <stdlib.h>
#include <string.h>

#include "pail/base/memory.h"
#include "pail/ui/frame.h"
#include "pail/ui/screens.h"
#include "wrap.h"

enum { DIALOG_BUTTONS = 4 };

struct dialog {
    struct screen base;
    char *text;
    char *buttons[DIALOG_BUTTONS];
    int count, focus;
    dialog_answer_fn *answer;
    void *context;
};

static struct dialog *of(struct screen *screen) {
    return (struct dialog *)screen;
}

/* Draws the text's lines from row on, or just counts them if row is negative; returns how many. */
static int draw_text(const struct dialog *dialog, struct app *app, int row) {
    int width = terminal_columns(app->terminal) - 2, used = 0;
    enum text_charset charset = terminal_charset(app->terminal);
    for (const char *line = dialog->text; line;) {
        const char *end = strchrnul(line, '\n');
        size_t length = (size_t)(end - line), at = 0, next;
        do {
            size_t fits = wrap_row(line + at, length - at, width, charset, &next);
            if (row >= 0)
                terminal_text_n(app->terminal, row + used, 1, width, STYLE_NORMAL, line + at, fits,
                                0);
            used++;
            at += next;
        } while (at < length);
        line = *end ? end + 1 : NULL;
    }
    return used;
}

static void dialog_draw(struct screen *screen, struct app *app) {
    const struct dialog *dialog = of(screen);
    struct terminal *terminal = app->terminal;
    int rows = terminal_rows(terminal), width = terminal_columns(terminal);
    int first = rows - 2 - draw_text(dialog, app, -1), column = 1;
    if (first < 1)
        first = 1;
    terminal_rule(terminal, first - 1, 0, width);
    for (int row = first; row < rows; row++)
        terminal_fill(terminal, row, 0, width, STYLE_NORMAL);
    draw_text(dialog, app, first);
    terminal_fill(terminal, rows - 2, 0, width, STYLE_NORMAL);
    terminal_fill(terminal, rows - 1, 0, width, STYLE_NORMAL);
    for (int i = 0; i < dialog->count; i++)
        column += 2 + frame_button(app, rows - 2, column, dialog->buttons[i], i == dialog->focus);
    terminal_text(terminal, rows - 1, 1, width - 2, STYLE_DIM,
                  "Tab next  Enter chooses  Escape goes back");
}

static void give_answer(struct dialog *dialog, struct app *app, int index) {
    dialog_answer_fn *answer = dialog->answer;
    void *context = dialog->context;
    app_pop(app);
    answer(app, context, index);
}

/* The button whose label begins with that letter; -1 if none does. */
static int button_of(const struct dialog *dialog, int key) {
    for (int i = 0; i < dialog->count && key < 128; i++)
        if ((dialog->buttons[i][0] | 32) == (key | 32))
            return i;
    return -1;
}

static bool dialog_key(struct screen *screen, struct app *app, int key) {
    struct dialog *dialog = of(screen);
    int step = key == K_TAB || key == K_RIGHT || key == K_DOWN      ? 1
               : key == K_SHIFT_TAB || key == K_LEFT || key == K_UP ? dialog->count - 1
                                                                    : 0;
    int index = key == K_ENTER || key == K_SPACE ? dialog->focus : button_of(dialog, key);
    if (step > 0)
        dialog->focus = (dialog->focus + step) % dialog->count;
    else if (index >= 0)
        give_answer(dialog, app, index);
    else
        return false;
    return true;
}

static void dialog_act(struct screen *screen, struct app *app, enum action action) {
    if (action == ACTION_BACK || action == ACTION_CANCEL)
        give_answer(of(screen), app, -1);
}

static void dialog_destroy(struct screen *screen) {
    struct dialog *dialog = of(screen);
    for (int i = 0; i < dialog->count; i++)
        free(dialog->buttons[i]);
    free(dialog->text);
    free(dialog);
}

static const struct screen_ops dialog_ops = {
    .context = IN_PROMPT,
    .overlay = true,
    .draw = dialog_draw,
    .act = dialog_act,
    .key = dialog_key,
    .destroy = dialog_destroy,
};

struct screen *dialog_create(const char *text, const char *const *buttons, int count, int focused,
                             dialog_answer_fn *answer, void *context) {
    struct dialog *dialog = memory_new(1, sizeof *dialog);
    dialog->base.ops = &dialog_ops;
    dialog->text = memory_string(text);
    dialog->count = count < DIALOG_BUTTONS ? count : DIALOG_BUTTONS;
    for (int i = 0; i < dialog->count; i++)
        dialog->buttons[i] = memory_string(buttons[i]);
    dialog->focus = focused;
    dialog->answer = answer;
    dialog->context = context;
    return &dialog->base;
}
