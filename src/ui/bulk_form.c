/* The value that the marked entries are to get; of an access key its secret too. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bulk_form.h"
#include "pail/base/memory.h"
#include "pail/ui/frame.h"
#include "pail/ui/screens.h"

enum { LABEL_AT = 3, LABEL_WIDTH = 18 };
enum { ITEM_REVIEW = BULK_FIELDS, ITEM_CANCEL, ITEMS }; /* after the fields */

static struct bulk_form *of(struct screen *screen) {
    return (struct bulk_form *)screen;
}

static enum bucket_field field_of(const struct bulk_form *form, int index) {
    return index == 0 ? bulk_kinds[form->kind].field : FIELD_SECRET_ACCESS_KEY;
}

/* Views the form's text. */
static struct bulk_setting setting_of(const struct bulk_form *form) {
    return (struct bulk_setting){form->kind, form->text[0].text.data, form->text[1].text.data};
}

static void check(const struct bulk_form *form, int index, struct verdict *verdict) {
    const struct bulk_setting setting = setting_of(form);
    bulk_check(&setting, form->clouds, field_of(form, index), verdict);
}

static void move_focus(struct bulk_form *form, struct app *app, int step) {
    app_hide(app);
    do
        form->focus = (form->focus + step + ITEMS) % ITEMS;
    while (form->focus < BULK_FIELDS && form->focus >= form->fields);
}

/* ---- drawing --------------------------------------------------------------------------------- */

static void append_verdict(const struct bulk_form *form, int index, struct buffer *out) {
    struct verdict verdict;
    check(form, index, &verdict);
    if (verdict.level != RULE_OK)
        buffer_printf(out, "! %s (%s)", verdict.text, verdict.rule);
}

/* The field, and below it what the rules say; returns the rows used. */
static int draw_field(const struct bulk_form *form, struct app *app, int row, int index) {
    struct terminal *terminal = app->terminal;
    const struct bucket_field_info *info = &bucket_fields[field_of(form, index)];
    int column = LABEL_AT + LABEL_WIDTH + 1, width = terminal_columns(terminal) - column - 1;
    bool focus = form->focus == index, masked = form->text[index].secret && !app->reveal_until;
    struct buffer text;
    terminal_text(terminal, row, 1, 1, STYLE_KEY,
                  focus ? terminal_sign(terminal, SIGN_MARKER) : " ");
    terminal_text(terminal, row, LABEL_AT, LABEL_WIDTH, STYLE_LABEL, info->label);
    if (form->text[index].text.length == 0 && !focus)
        terminal_text(terminal, row, column, width, STYLE_DIM, info->hint);
    else
        line_editor_draw(&form->text[index], terminal, row, column, width,
                         focus ? STYLE_FOCUS : STYLE_FIELD, masked, focus);
    buffer_init(&text);
    append_verdict(form, index, &text);
    int used =
        1 + frame_text(app, (struct area){row + 1, column, 3, width}, STYLE_WARNING, text.data);
    buffer_finish(&text);
    return used;
}

static void draw_buttons(const struct bulk_form *form, struct app *app, int row) {
    static const char *const labels[] = {"Review", "Cancel"};
    int column = frame_buttons(app, row, labels, 2, form->focus - ITEM_REVIEW);
    frame_status(app, row, column, "nothing is sent from here");
}

static void form_draw(struct screen *base, struct app *app) {
    const struct bulk_form *form = of(base);
    int rows = terminal_rows(app->terminal);
    char title[64];
    snprintf(title, sizeof title, "%s of the %zu marked", bulk_kinds[form->kind].name,
             listing_marks(form->listing));
    struct area area = frame_draw_for_buttons(app, IN_FORM, title);
    if (app->message.length == 0)
        frame_prompt_hints(app, rows - 1, "Tab next  F2 review  Esc back");
    int row = area.row;
    for (int i = 0; i < form->fields; i++)
        row += draw_field(form, app, row, i);
    row++;
    if (row < area.row + area.height)
        frame_text(
            app,
            (struct area){row, LABEL_AT, area.row + area.height - row, area.width - LABEL_AT - 1},
            STYLE_DIM, bulk_kinds[form->kind].help);
    draw_buttons(form, app, rows - 2);
}

/* ---- keys ------------------------------------------------------------------------------------ */

/* Of each whole table once: which clouds the marked entries are of. */
static void look_at_table(struct bulk_form *form, struct app *app) {
    struct table *table = session_table(app->session);
    unsigned long serial = session_table_serial(app->session);
    if (table == NULL || session_is_partial(app->session) || form->table_serial == serial)
        return;
    form->table_serial = serial;
    if (form->awaited.count > 0)
        bulk_form_find_marked(form, app);
    form->clouds = bulk_clouds(listing_marked(form->listing), table);
}

/* An error of the rules keeps the review shut. */
static void review(struct bulk_form *form, struct app *app) {
    app_hide(app);
    look_at_table(form, app); /* keys that were typed ahead come before a wake */
    for (int i = 0; i < form->fields; i++) {
        struct verdict verdict;
        check(form, i, &verdict);
        if (verdict.level != RULE_ERROR)
            continue;
        form->focus = i;
        app_say(app, STYLE_ERROR, "%s: %s (%s)", bucket_fields[field_of(form, i)].label,
                verdict.text, verdict.rule);
        return;
    }
    const struct bulk_setting setting = setting_of(form);
    bulk_review(app, form->listing, &setting);
}

static void leave(struct bulk_form *form, struct app *app) {
    if (bulk_form_has_changed(form))
        dialog_ask_discard(app, &form->base);
    else
        app_pop(app);
}

static void form_act(struct screen *base, struct app *app, enum action action) {
    struct bulk_form *form = of(base);
    switch (action) {
    case ACTION_NEXT_FIELD:
    case ACTION_SCROLL_DOWN:
        move_focus(form, app, 1);
        break;
    case ACTION_PREVIOUS_FIELD:
    case ACTION_SCROLL_UP:
        move_focus(form, app, -1);
        break;
    case ACTION_REVIEW:
        review(form, app);
        break;
    case ACTION_REVEAL:
        app_reveal(app, form->focus < BULK_FIELDS ? &form->text[form->focus] : NULL);
        break;
    case ACTION_BACK:
    case ACTION_CANCEL:
        leave(form, app);
        break;
    default:
        app_say(app, STYLE_NORMAL, "%s: not of many entries at once.", actions[action].name);
        break;
    }
}

static bool form_key(struct screen *base, struct app *app, int key) {
    struct bulk_form *form = of(base);
    bool text = form->focus < BULK_FIELDS;
    if (text && form->text[form->focus].pasting)
        return app_type(app, &form->text[form->focus], key);
    if (text && key == K_ENTER)
        move_focus(form, app, 1);
    else if (text)
        return app_type(app, &form->text[form->focus], key);
    else if (key == K_LEFT || key == K_RIGHT)
        move_focus(form, app, key == K_LEFT ? -1 : 1);
    else if (key != K_ENTER && key != K_SPACE)
        return false;
    else if (form->focus == ITEM_REVIEW)
        app_act(app, ACTION_REVIEW); /* where a read-only sitting is refused */
    else
        leave(form, app);
    return true;
}

static bool form_typing(const struct screen *base) {
    return ((const struct bulk_form *)base)->focus < BULK_FIELDS;
}

/* ---- time, and the door ---------------------------------------------------------------------- */

static void form_wake(struct screen *base, struct app *app) {
    look_at_table(of(base), app);
}

void bulk_form_is_sent(struct screen *base) {
    struct bulk_form *form = of(base);
    if (form->draft_id[0] && !form->kept)
        draft_drop(form->draft_id, NULL);
    form->draft_id[0] = '\0';
}

static void form_destroy(struct screen *base) {
    struct bulk_form *form = of(base);
    bulk_form_is_sent(base);
    for (int i = 0; i < BULK_FIELDS; i++)
        line_editor_finish(&form->text[i]);
    marks_finish(&form->awaited);
    free(form);
}

static const struct screen_ops form_ops = {
    .context = IN_FORM,
    .draw = form_draw,
    .act = form_act,
    .key = form_key,
    .typing = form_typing,
    .wake = form_wake,
    .destroy = form_destroy,
};

struct screen *bulk_form_create(struct listing *listing, enum bulk_kind kind) {
    struct bulk_form *form = memory_new(1, sizeof *form);
    form->base.ops = &form_ops;
    form->listing = listing;
    form->kind = kind;
    form->fields = kind == BULK_KEY ? 2 : 1;
    line_editor_init(&form->text[0], false);
    line_editor_init(&form->text[1], true);
    return &form->base;
}

struct screen *bulk_form_create_draft(struct listing *listing, const struct draft *draft) {
    struct screen *base = bulk_form_create(listing, draft->kind);
    bulk_form_fill(of(base), draft);
    return base;
}

bool screen_is_bulk_form(const struct screen *screen) {
    return screen->ops == &form_ops;
}
