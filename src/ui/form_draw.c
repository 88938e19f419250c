/* The form's drawing; form_screen.c has its keys. */
#include <stdio.h>
#include <string.h>

#include "form_screen.h"
#include "pail/ui/frame.h"
#include "wrap.h"

/* Draws line after line into the rows in view. A first pass only counts. */
struct pen {
    struct form_screen *screen;
    struct app *app;
    struct area area;
    int value_column;
    int line;
    bool counting;
    int focus_first, focus_end; /* the lines of the focused item */
};

enum {
    LABEL_COLUMN = 3,
    NARROW = 60, /* columns: below, notes are not indented to the values */
};

/* The terminal's row of the pen's line; false if it isn't in view. */
static bool row_in_view(const struct pen *pen, int *row) {
    int offset = pen->line - pen->screen->top;
    *row = pen->area.row + offset;
    return !pen->counting && offset >= 0 && offset < pen->area.height;
}

static int value_width(const struct pen *pen) {
    return pen->area.width - pen->value_column - 1;
}

/* ---- notes ----------------------------------------------------------------------------------- */

static void draw_note(struct pen *pen, enum style style, const struct buffer *text) {
    enum text_charset charset = terminal_charset(pen->app->terminal);
    int column = pen->area.width < NARROW ? LABEL_COLUMN : pen->value_column, row;
    int width = pen->area.width - column - 1;
    for (size_t at = 0, next; at < text->length; at += next, pen->line++) {
        size_t fits = wrap_row(text->data + at, text->length - at, width, charset, &next);
        if (row_in_view(pen, &row))
            terminal_text_n(pen->app->terminal, row, column, width, style, text->data + at, fits,
                            0);
    }
}

/* Of a new entry an empty field is not complained about before a review was asked for. */
static bool is_premature(const struct form_screen *screen, enum bucket_field field) {
    return screen->form.adding && !screen->tried && screen->form.text[field].text.length == 0;
}

static void draw_verdict(struct pen *pen, enum bucket_field field) {
    struct verdict verdict;
    struct buffer text;
    form_check(&pen->screen->form, field, &verdict);
    if (verdict.level == RULE_OK || is_premature(pen->screen, field))
        return;
    buffer_init(&text);
    buffer_printf(&text, "! %s (%s)", verdict.text, verdict.rule);
    draw_note(pen, verdict.level == RULE_ERROR ? STYLE_ERROR : STYLE_WARNING, &text);
    buffer_finish(&text);
}

static void draw_notes(struct pen *pen, int item) {
    struct buffer text;
    struct bucket existing;
    buffer_init(&text);
    form_note(&pen->screen->form, item, &text);
    bool asks = form_asks_again(&pen->screen->form, item);
    draw_note(pen, asks ? STYLE_WARNING : STYLE_DIM, &text);
    buffer_clear(&text);
    if (item == FIELD_NAME && form_screen_existing(pen->screen, pen->app, &existing)) {
        buffer_append_string(&text, "! this name exists: adding it replaces that entry");
        draw_note(pen, STYLE_WARNING, &text);
    }
    buffer_finish(&text);
    if (item < FIELD_COUNT)
        draw_verdict(pen, (enum bucket_field)item);
    else if (!form_shows(&pen->screen->form, FIELD_ACCESS_ROLE)) /* its place is taken by this */
        draw_verdict(pen, FIELD_ACCESS_ROLE);
}

/* ---- values ---------------------------------------------------------------------------------- */

/* One of several words; the chosen one is set off by signs, not by colour alone. */
static int draw_word(const struct pen *pen, int row, int column, const char *word, bool chosen,
                     bool focus) {
    bool ascii = terminal_charset(pen->app->terminal) == TEXT_ASCII;
    int end = pen->area.width - 1;
    if (column >= end)
        return column;
    struct buffer text;
    buffer_init(&text);
    if (chosen)
        buffer_printf(&text, ascii ? "<%s>" : "‹%s›", word);
    else
        buffer_append_string(&text, word);
    enum style style = chosen ? focus ? STYLE_FOCUS : STYLE_NORMAL : STYLE_DIM;
    column += terminal_text_n(pen->app->terminal, row, column, end - column, style, text.data,
                              text.length, 0);
    buffer_finish(&text);
    return column + 2;
}

/* All the words if they fit, else the chosen one and its number. */
static void draw_choice(const struct pen *pen, int row, const char *const *words, int count,
                        int chosen, bool focus) {
    int column = pen->value_column, needed = 0;
    for (int i = 0; i < count; i++)
        needed += 2 + text_width(words[i], strlen(words[i]), terminal_charset(pen->app->terminal));
    if (needed <= value_width(pen)) {
        for (int i = 0; i < count; i++)
            column = draw_word(pen, row, column, words[i], i == chosen, focus);
        return;
    }
    char number[32];
    snprintf(number, sizeof number, "%d of %d", chosen + 1, count);
    column = draw_word(pen, row, column, words[chosen], true, focus);
    draw_word(pen, row, column, number, false, focus);
}

static void draw_cloud(const struct pen *pen, int row, bool focus) {
    const struct form *form = &pen->screen->form;
    const char *words[CLOUD_COUNT + 1];
    int count = form_cloud_count(form);
    for (int i = 0; i < count; i++)
        words[i] = form_cloud_name(form, i);
    draw_choice(pen, row, words, count, form->cloud, focus);
}

/* An untouched secret of an entry that exists. */
static void draw_secret_choice(const struct pen *pen, int row, int field, bool focus) {
    static const char *const words[] = {"keep", "clear"};
    draw_choice(pen, row, words, 2, pen->screen->form.clear[field], focus);
    if (focus)
        terminal_cursor(pen->app->terminal, row, pen->value_column);
}

static void draw_text(const struct pen *pen, int row, int field, bool focus) {
    const struct form_screen *screen = pen->screen;
    const struct line_editor *editor = &screen->form.text[field];
    struct terminal *terminal = pen->app->terminal;
    const char *hint = bucket_fields[field].hint;
    bool revealed = focus && pen->app->reveal_until;
    int column = pen->value_column;
    line_editor_draw(editor, terminal, row, column, value_width(pen),
                     focus ? STYLE_FOCUS : STYLE_FIELD, form_is_secret(field) && !revealed, focus);
    if (editor->text.length > 0 || hint[0] == '\0')
        return;
    column += focus; /* the cursor stands before the hint */
    terminal_text(terminal, row, column, pen->area.width - column - 1, STYLE_DIM, hint);
}

static void draw_value(const struct pen *pen, int row, int item, bool focus) {
    const struct form *form = &pen->screen->form;
    if (item == FIELD_CLOUD)
        draw_cloud(pen, row, focus);
    else if (item == ITEM_ACCESS)
        draw_choice(pen, row, bucket_access_names, ACCESS_NONE, (int)form->access, focus);
    else if (form_is_choice(form, item))
        draw_secret_choice(pen, row, item, focus);
    else if (form_is_text(form, item))
        draw_text(pen, row, item, focus);
    else
        terminal_text(pen->app->terminal, row, pen->value_column, value_width(pen), STYLE_NORMAL,
                      form->start.value[item]);
}

/* ---- the whole ------------------------------------------------------------------------------- */

static void draw_item(struct pen *pen, int item) {
    bool focus = item == pen->screen->form.focus;
    struct terminal *terminal = pen->app->terminal;
    int row;
    pen->screen->line[item] = pen->line;
    if (focus)
        pen->focus_first = pen->line;
    if (row_in_view(pen, &row)) {
        if (focus)
            terminal_text(terminal, row, 1, 1, STYLE_KEY, terminal_sign(terminal, SIGN_MARKER));
        terminal_text(terminal, row, LABEL_COLUMN, pen->value_column - LABEL_COLUMN - 1,
                      STYLE_LABEL, item == ITEM_ACCESS ? "Access by" : bucket_fields[item].label);
        draw_value(pen, row, item, focus);
    }
    pen->line++;
    draw_notes(pen, item);
    if (focus)
        pen->focus_end = pen->line;
}

/* Which fields the chosen cloud has no use for. */
static void draw_unused(struct pen *pen) {
    const struct form *form = &pen->screen->form;
    struct buffer text;
    buffer_init(&text);
    for (int field = 0; field < FIELD_COUNT; field++)
        if (!form_cloud_uses(form, field) && !form_shows(form, field))
            buffer_printf(&text, "%s%s", text.length ? ", " : "", bucket_fields[field].label);
    if (text.length > 0) {
        buffer_printf(&text, "  (not for %s)", form_cloud(form));
        pen->line++;
        pen->value_column = LABEL_COLUMN;
        draw_note(pen, STYLE_DIM, &text);
    }
    buffer_finish(&text);
}

static void draw_fields(struct pen *pen) {
    int items[ITEM_COUNT], count = form_items(items);
    for (int i = 0; i < count; i++)
        if (!form_is_button(items[i]) && form_shows(&pen->screen->form, items[i]))
            draw_item(pen, items[i]);
    draw_unused(pen);
}

/* Scrolls so that the focused item is in view with its notes, or at least its first line. */
static void scroll_to_focus(const struct pen *pen) {
    int *top = &pen->screen->top, height = pen->area.height;
    if (pen->focus_end > *top + height)
        *top = pen->focus_end - height;
    if (pen->focus_first >= 0 && pen->focus_first < *top)
        *top = pen->focus_first;
    if (*top > pen->line - height)
        *top = pen->line > height ? pen->line - height : 0;
}

static const char *const button_labels[] = {"Review", "Policies", "Cancel"};

static void draw_buttons(const struct form_screen *screen, struct app *app, int row) {
    int column = frame_buttons(app, row, button_labels, 3, screen->form.focus - ITEM_REVIEW);
    frame_status(app, row, column, "nothing is sent from here");
}

static void draw_more(const struct pen *pen) {
    struct terminal *terminal = pen->app->terminal;
    int column = pen->area.width - 2;
    if (pen->screen->top > 0)
        terminal_text(terminal, pen->area.row - 1, column, 1, STYLE_KEY,
                      terminal_sign(terminal, SIGN_UP));
    if (pen->screen->top + pen->area.height < pen->line)
        terminal_text(terminal, pen->area.row + pen->area.height, column, 1, STYLE_KEY,
                      terminal_sign(terminal, SIGN_DOWN));
}

static struct area draw_frame(struct form_screen *screen, struct app *app) {
    struct buffer title;
    buffer_init(&title);
    if (screen->form.adding)
        buffer_append_string(&title, "add a bucket");
    else
        buffer_printf(&title, "edit %s", screen->form.start.value[FIELD_NAME]);
    struct area area = frame_draw_for_buttons(app, IN_FORM, title.data);
    buffer_finish(&title);
    draw_buttons(screen, app, terminal_rows(app->terminal) - 2);
    return area;
}

void form_screen_draw(struct screen *base, struct app *app) {
    struct form_screen *screen = (struct form_screen *)base;
    struct area area = draw_frame(screen, app);
    struct pen pen = {
        .screen = screen,
        .app = app,
        .area = area,
        .value_column = area.width < NARROW ? 21 : 22,
        .counting = true,
        .focus_first = -1,
    };
    struct pen counting = pen;
    draw_fields(&counting);
    scroll_to_focus(&counting);
    pen.counting = false;
    draw_fields(&pen);
    draw_more(&pen);
}

static int button_at(int column) {
    int button = frame_button_at(button_labels, 3, column);
    return button < 0 ? -1 : ITEM_REVIEW + button;
}

static int field_at(const struct form_screen *screen, int line) {
    int found = -1;
    for (int item = 0; item < ITEM_REVIEW; item++)
        if (form_shows(&screen->form, item) && screen->line[item] <= line &&
            (found < 0 || screen->line[found] < screen->line[item]))
            found = item;
    return found;
}

int form_screen_item_at(const struct form_screen *screen, const struct app *app, int row,
                        int column) {
    int rows = terminal_rows(app->terminal);
    if (row == rows - 2)
        return button_at(column);
    return row < 2 || row >= rows - 3 ? -1 : field_at(screen, row - 2 + screen->top);
}
