#include "form_screen.h"

#include <stdlib.h>
#include <string.h>

#include "pail/base/memory.h"
#include "pail/ui/screens.h"

enum { PAGE_ITEMS = 4 };

static struct form_screen *of(struct screen *screen) {
    return (struct form_screen *)screen;
}

bool form_screen_existing(const struct form_screen *screen, const struct app *app,
                          struct bucket *existing) {
    const char *name = screen->form.text[FIELD_NAME].text.data;
    struct table *table = app->session ? session_table(app->session) : NULL;
    size_t row;
    if (!screen->form.adding || name[0] == '\0' || table == NULL || !table_find(table, name, &row))
        return false;
    table_get(table, row, existing);
    return true;
}

static void move_focus(struct form_screen *screen, struct app *app, int step) {
    app_hide(app);
    form_move_focus(&screen->form, step);
}

/* ---- leaving --------------------------------------------------------------------------------- */

static void leave(struct form_screen *screen, struct app *app) {
    if (form_has_changed(&screen->form))
        dialog_ask_discard(app, &screen->base);
    else
        app_pop(app);
}

/* Errors keep the review shut: the focus goes to the first one. */
static bool say_error(struct form_screen *screen, struct app *app) {
    struct verdict verdict;
    screen->tried = true;
    enum bucket_field field = form_first_error(&screen->form, &verdict);
    if (field == FIELD_COUNT)
        return false;
    screen->form.focus = (int)field;
    app_say(app, STYLE_ERROR, "%s: %s (%s)", bucket_fields[field].label, verdict.text,
            verdict.rule);
    return true;
}

/* A secret that a draft was kept without stays as it is unless it is typed again: that is said
 * once. */
static bool ask_again(struct form_screen *screen, struct app *app) {
    struct form *form = &screen->form;
    int field = 0;
    while (field < FIELD_COUNT && !(form_asks_again(form, field) && form_shows(form, field) &&
                                    !(screen->warned & 1U << field)))
        field++;
    if (field == FIELD_COUNT)
        return false;
    screen->warned |= 1U << field;
    form->focus = field;
    app_say(app, STYLE_WARNING, "%s was typed, but not kept: type it again, or go on without.",
            bucket_fields[field].label);
    return true;
}

/* Once, so that a secret that changes from now on is a conflict. */
static void complete(struct form_screen *screen, const struct app *app) {
    struct table *table = session_table(app->session);
    struct bucket now;
    size_t row;
    bool goes_on = screen->draft_id[0] && !screen->form.adding && !screen->completed;
    if (!goes_on || table == NULL || session_is_partial(app->session) ||
        !table_find(table, screen->form.start.value[FIELD_NAME], &row))
        return;
    table_get(table, row, &now);
    form_complete(&screen->form, &now);
    screen->completed = true;
}

static void review(struct form_screen *screen, struct app *app) {
    struct bucket existing;
    app_hide(app);
    if (say_error(screen, app) || ask_again(screen, app))
        return;
    complete(screen, app);
    bool exists = form_screen_existing(screen, app, &existing);
    struct change *change = form_change(&screen->form, exists ? &existing : NULL);
    if (!change_is_empty(change)) {
        if (screen->undo != NULL)
            undo_mark(screen->undo, change);
        app_push(app, review_screen_create(change));
        return;
    }
    change_destroy(change);
    app_say(app, STYLE_NORMAL, "Nothing differs: there is nothing to send.");
}

static void show_policies(struct form_screen *screen, struct app *app) {
    struct bucket wanted;
    form_wanted(&screen->form, &wanted);
    app_push(app, policy_screen_create(&wanted));
}

/* ---- keys ------------------------------------------------------------------------------------ */

static const struct line_editor *focused_text(const struct form *form) {
    return form->focus < FIELD_COUNT ? &form->text[form->focus] : NULL;
}

static void scroll(struct form_screen *screen, struct app *app, int step) {
    for (int i = 0; i < PAGE_ITEMS; i++) {
        int focus = screen->form.focus;
        move_focus(screen, app, step);
        bool around =
            step > 0 ? screen->form.focus == FIELD_CLOUD : screen->form.focus == ITEM_CANCEL;
        if (around) {
            screen->form.focus = focus;
            return;
        }
    }
}

static void form_act(struct screen *base, struct app *app, enum action action) {
    struct form_screen *screen = of(base);
    switch (action) {
    case ACTION_NEXT_FIELD:
        move_focus(screen, app, 1);
        break;
    case ACTION_PREVIOUS_FIELD:
        move_focus(screen, app, -1);
        break;
    case ACTION_SCROLL_DOWN:
        scroll(screen, app, 1);
        break;
    case ACTION_SCROLL_UP:
        scroll(screen, app, -1);
        break;
    case ACTION_REVIEW:
        review(screen, app);
        break;
    case ACTION_FORM_POLICIES:
        show_policies(screen, app);
        break;
    case ACTION_REVEAL:
        app_reveal(app, focused_text(&screen->form));
        break;
    case ACTION_BACK:
    case ACTION_CANCEL:
        leave(screen, app);
        break;
    default:
        break;
    }
}

/* By way of the dispatch, so that a read-only sitting is refused there. */
static void press(struct form_screen *screen, struct app *app) {
    switch (screen->form.focus) {
    case ITEM_REVIEW:
        app_act(app, ACTION_REVIEW);
        break;
    case ITEM_POLICIES:
        app_act(app, ACTION_FORM_POLICIES);
        break;
    default:
        leave(screen, app);
    }
}

static bool type(struct form_screen *screen, struct app *app, int key) {
    bool used = form_type(&screen->form, key);
    app_tell_paste(app, focused_text(&screen->form), key);
    return used;
}

/* A click moves the focus, and presses nothing. */
static bool mouse(struct form_screen *screen, struct app *app, int key) {
    int row, column;
    if (key == K_MOUSE_WHEEL_UP || key == K_MOUSE_WHEEL_DOWN)
        move_focus(screen, app, key == K_MOUSE_WHEEL_UP ? -1 : 1);
    else if (key == K_MOUSE_CLICK) {
        terminal_mouse_position(app->terminal, &row, &column);
        int item = form_screen_item_at(screen, app, row, column);
        if (item >= 0 && form_takes_focus(&screen->form, item)) {
            app_hide(app);
            screen->form.focus = item;
        }
    } else
        return false;
    return true;
}

static bool form_key(struct screen *base, struct app *app, int key) {
    struct form_screen *screen = of(base);
    struct form *form = &screen->form;
    int item = form->focus;
    bool text = form_is_text(form, item);
    bool turns = key == K_LEFT || key == K_RIGHT || key == K_SPACE;
    if (text && (form->text[item].pasting || key == K_PASTE_BEGIN))
        return type(screen, app, key);
    if (mouse(screen, app, key))
        return true;
    if (form_is_button(item) && (key == K_ENTER || key == K_SPACE))
        press(screen, app);
    else if (form_is_button(item) && turns)
        move_focus(screen, app, key == K_LEFT ? -1 : 1);
    else if (key == K_ENTER)
        move_focus(screen, app, 1);
    else if (turns && form_is_choice(form, item))
        form_turn(form, key == K_LEFT ? -1 : 1);
    else if (text)
        return type(screen, app, key);
    else
        return false;
    return true;
}

static bool form_typing(const struct screen *base) {
    const struct form *form = &((const struct form_screen *)base)->form;
    return form_is_text(form, form->focus);
}

/* ---- doors ----------------------------------------------------------------------------------- */

void form_is_sent(struct screen *base) {
    struct form_screen *screen = of(base);
    if (screen->draft_id[0] && !screen->kept)
        draft_drop(screen->draft_id, NULL);
    screen->draft_id[0] = '\0';
}

static void form_destroy(struct screen *base) {
    struct form_screen *screen = of(base);
    form_is_sent(base);
    form_finish(&screen->form);
    undo_destroy(screen->undo);
    free(screen);
}

static const struct screen_ops form_ops = {
    .context = IN_FORM,
    .draw = form_screen_draw,
    .act = form_act,
    .key = form_key,
    .typing = form_typing,
    .destroy = form_destroy,
};

struct screen *add_form_create(const struct bucket *from) {
    struct form_screen *screen = memory_new(1, sizeof *screen);
    screen->base.ops = &form_ops;
    form_init_add(&screen->form, from);
    return &screen->base;
}

struct screen *edit_form_create(const struct bucket *opened) {
    struct form_screen *screen = memory_new(1, sizeof *screen);
    screen->base.ops = &form_ops;
    form_init_edit(&screen->form, opened);
    return &screen->base;
}

struct screen *draft_form_create(const struct draft *draft) {
    struct form_screen *screen = memory_new(1, sizeof *screen);
    screen->base.ops = &form_ops;
    form_init_draft(&screen->form, draft);
    memcpy(screen->draft_id, draft->id, sizeof screen->draft_id);
    return &screen->base;
}

/* The first of the secrets that are wanted has the focus. */
struct screen *undo_form_create(struct undo *undo) {
    struct screen *base =
        undo_edits(undo) ? edit_form_create(undo_now(undo)) : add_form_create(NULL);
    struct form_screen *screen = of(base);
    screen->undo = undo;
    form_fill(&screen->form, undo_wanted(undo));
    for (int field = FIELD_COUNT - 1; field >= 0; field--)
        if (undo_secrets(undo) & 1U << field && form_takes_focus(&screen->form, field))
            screen->form.focus = field;
    return base;
}

void form_rebase(struct screen *form, const struct bucket *now) {
    form_follow(&of(form)->form, now);
    of(form)->completed = true;
}

bool screen_is_form(const struct screen *screen) {
    return screen->ops == &form_ops;
}
