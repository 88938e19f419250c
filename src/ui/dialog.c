/* A question with its answers as buttons. */
#include <stdlib.h>

#include "pail/base/memory.h"
#include "pail/ui/frame.h"
#include "pail/ui/screens.h"

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

static void dialog_draw(struct screen *screen, struct app *app) {
    const struct dialog *dialog = of(screen);
    struct terminal *terminal = app->terminal;
    int rows = terminal_rows(terminal), width = terminal_columns(terminal);
    int lines = frame_text_rows(app, width - 2, dialog->text);
    int first = lines < rows - 3 ? rows - 2 - lines : 1;
    terminal_rule(terminal, first - 1, 0, width);
    for (int row = first; row < rows; row++)
        terminal_fill(terminal, row, 0, width, STYLE_NORMAL);
    frame_text(app, (struct area){first, 1, rows - 2 - first, width - 2}, STYLE_NORMAL,
               dialog->text);
    frame_buttons(app, rows - 2, (const char *const *)dialog->buttons, dialog->count,
                  dialog->focus);
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

/* A letter goes to its button and doesn't press it: what it does elsewhere was meant, perhaps. */
static bool dialog_key(struct screen *screen, struct app *app, int key) {
    struct dialog *dialog = of(screen);
    int step = key == K_TAB || key == K_RIGHT || key == K_DOWN      ? 1
               : key == K_SHIFT_TAB || key == K_LEFT || key == K_UP ? dialog->count - 1
                                                                    : 0;
    int index = button_of(dialog, key);
    if (step > 0)
        dialog->focus = (dialog->focus + step) % dialog->count;
    else if (index >= 0)
        dialog->focus = index;
    else if (key == K_ENTER || key == K_SPACE)
        give_answer(dialog, app, dialog->focus);
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

static void answer_discard(struct app *app, void *screen, int answer) {
    if (answer == 1 && app_top(app) == screen)
        app_pop(app);
}

void dialog_ask_discard(struct app *app, struct screen *screen) {
    static const char *const buttons[] = {"Keep editing", "Discard"};
    app_push(app, dialog_create("Discard what you typed?", buttons, 2, 0, answer_discard, screen));
}
