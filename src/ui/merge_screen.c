/* A conflict: what is decided about it, and where that leads. Its drawing is in merge_draw.c. */
#include "merge_screen.h"

#include <stdlib.h>

#include "pail/base/memory.h"
#include "pail/ui/screens.h"

static struct merge_screen *of(struct screen *screen) {
    return (struct merge_screen *)screen;
}

static int count_of(const struct merge_screen *screen) {
    return (int)merge_count(screen->merge);
}

/* ---- the focus ------------------------------------------------------------------------------- */

static bool takes_focus(const struct merge_screen *screen, int item) {
    int count = count_of(screen);
    if (item < count)
        return merge_row(screen->merge, (size_t)item).choice;
    return merge_button_label(merge_kind(screen->merge), (enum merge_button)(item - count), false);
}

static void move_focus(struct merge_screen *screen, int step) {
    int items = count_of(screen) + BUTTON_COUNT;
    do
        screen->focus = (screen->focus + step + items) % items;
    while (!takes_focus(screen, screen->focus));
    screen->follow = true;
}

/* The first choice, where Enter does nothing but go on; else the button that changes nothing. */
static void place_focus(struct merge_screen *screen) {
    screen->focus = 0;
    if (!takes_focus(screen, 0))
        move_focus(screen, 1);
    if (screen->focus >= count_of(screen))
        screen->focus = count_of(screen) + BUTTON_CANCEL;
    if (!takes_focus(screen, screen->focus))
        move_focus(screen, -1);
}

static void choose(struct merge_screen *screen, int key) {
    size_t index = (size_t)screen->focus;
    enum merge_side side = merge_row(screen->merge, index).side;
    bool mine = key == K_RIGHT || (key == K_SPACE && side == MERGE_THEIRS);
    merge_choose(screen->merge, index, mine ? MERGE_MINE : MERGE_THEIRS);
    screen->follow = true;
}

/* ---- where it leads -------------------------------------------------------------------------- */

/* Nothing is to be sent. Said first, since closing forgets the name. */
static void end(struct merge_screen *screen, struct app *app, const char *why) {
    const char *name = merge_name(screen->merge);
    if (session_is_unsettled(app->session, name))
        app_say(app, STYLE_WARNING, "%s %s What was sent before isn't settled yet.", name, why);
    else
        app_say(app, STYLE_NORMAL, "Nothing was sent: %s %s", name, why);
    change_screens_close(app);
}

static void take_theirs(struct merge_screen *screen, struct app *app) {
    bool gone = merge_now(screen->merge) == NULL;
    end(screen, app, gone ? "is gone, and that was left so." : "was left as it is now.");
}

/* Takes the change over. */
static void go_to_review(struct merge_screen *screen, struct app *app, struct change *change) {
    if (!change_is_empty(change)) {
        app_push(app, review_screen_create(change));
        return;
    }
    change_destroy(change);
    end(screen, app, "is already as you want it.");
}

static void review_choices(struct merge_screen *screen, struct app *app) {
    size_t undecided = merge_undecided(screen->merge);
    if (undecided == merge_count(screen->merge)) {
        go_to_review(screen, app, merge_chosen(screen->merge));
        return;
    }
    screen->focus = (int)undecided;
    screen->follow = true;
    app_say(app, STYLE_WARNING, "Choose a side for %s: Left is theirs, Right is yours.",
            merge_row(screen->merge, undecided).name);
}

/* Back to the form with all that was typed. What was not typed follows the entry as it is, which
 * has been seen here; so what is sent from there is compared with that. */
static void cancel(struct merge_screen *screen, struct app *app) {
    const struct bucket *now = merge_now(screen->merge);
    struct screen *below = app->depth > 1 ? app->stack[app->depth - 2] : NULL;
    enum merge_kind kind = merge_kind(screen->merge);
    if (below && screen_is_form(below)) {
        form_rebase(below, now);
        if (kind == MERGE_CHANGED)
            app_say(app, STYLE_NORMAL,
                    "The form now begins with the entry as it is; what you typed stays.");
        else if (kind == MERGE_GONE)
            app_say(app, STYLE_WARNING, "The entry is gone: this form would add it anew.");
    }
    app_pop(app);
}

static void press(struct merge_screen *screen, struct app *app) {
    switch (screen->focus - count_of(screen)) {
    case BUTTON_REVIEW:
        review_choices(screen, app);
        break;
    case BUTTON_MINE:
        go_to_review(screen, app, merge_mine(screen->merge));
        break;
    case BUTTON_THEIRS:
        take_theirs(screen, app);
        break;
    default:
        cancel(screen, app);
    }
}

/* ---- keys ------------------------------------------------------------------------------------ */

static void scroll(struct merge_screen *screen, int lines) {
    int most = screen->lines > screen->page ? screen->lines - screen->page : 0;
    screen->top += lines;
    screen->top = screen->top < 0 ? 0 : screen->top > most ? most : screen->top;
    screen->follow = false;
}

static bool merge_key(struct screen *base, struct app *app, int key) {
    struct merge_screen *screen = of(base);
    bool on_button = screen->focus >= count_of(screen);
    if (!screen->drawn)
        return true;
    if (key == K_MOUSE_WHEEL_UP || key == K_MOUSE_WHEEL_DOWN)
        scroll(screen, key == K_MOUSE_WHEEL_UP ? -1 : 1);
    else if (on_button && (key == K_ENTER || key == K_SPACE))
        press(screen, app);
    else if (on_button && (key == K_LEFT || key == K_RIGHT))
        move_focus(screen, key == K_LEFT ? -1 : 1);
    else if (key == K_ENTER)
        move_focus(screen, 1);
    else if (key == K_LEFT || key == K_RIGHT || key == K_SPACE)
        choose(screen, key);
    else
        return false;
    return true;
}

static bool merge_typing(const struct screen *base) {
    return !((const struct merge_screen *)base)->drawn;
}

static void merge_act(struct screen *base, struct app *app, enum action action) {
    struct merge_screen *screen = of(base);
    switch (action) {
    case ACTION_NEXT_FIELD:
        move_focus(screen, 1);
        break;
    case ACTION_PREVIOUS_FIELD:
        move_focus(screen, -1);
        break;
    case ACTION_SCROLL_DOWN:
        scroll(screen, screen->page);
        break;
    case ACTION_SCROLL_UP:
        scroll(screen, -screen->page);
        break;
    case ACTION_BACK:
    case ACTION_CANCEL:
        cancel(screen, app);
        break;
    default:
        break;
    }
}

/* ---- doors ----------------------------------------------------------------------------------- */

static void merge_screen_destroy(struct screen *base) {
    struct merge_screen *screen = of(base);
    merge_destroy(screen->merge);
    free(screen->text);
    free(screen);
}

static const struct screen_ops merge_ops = {
    .context = IN_REVIEW,
    .draw = merge_screen_draw,
    .act = merge_act,
    .key = merge_key,
    .typing = merge_typing,
    .destroy = merge_screen_destroy,
};

struct screen *merge_screen_create(const struct change *change, const struct bucket *now,
                                   const char *text) {
    struct merge_screen *screen = memory_new(1, sizeof *screen);
    screen->base.ops = &merge_ops;
    screen->merge = merge_create(change, now);
    screen->text = memory_string(text);
    place_focus(screen);
    screen->follow = false; /* it opens with the sentences at its top */
    return &screen->base;
}

bool screen_is_merge(const struct screen *screen) {
    return screen->ops == &merge_ops;
}
