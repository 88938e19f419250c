/* The review of a change: confirming, waiting, the outcome. */
#include "review_screen.h"

#include <stdlib.h>
#include <string.h>

#include "pail/base/memory.h"

static struct review *of(struct screen *screen) {
    return (struct review *)screen;
}

bool review_is_under_way(const struct review *review) {
    return review->submitted && !review->done;
}

/* Asks the session what has become of the change. An unknown outcome may still be settled later. */
static void look(struct review *review, const struct app *app) {
    if (!review->submitted)
        return;
    session_submission(app->session, &review->result);
    review->done = review->result.phase == SUBMISSION_DONE;
    review->shown = review->result.change;
}

/* ---- what can be done now -------------------------------------------------------------------- */

bool review_asks_name(const struct review *review) {
    return !review->submitted && change_needs_name_typed(review->shown);
}

/* The name as it is, or as it is shown: a control character in it can't be typed. */
static bool name_fits(const struct review *review) {
    const char *name = change_name(review->shown), *typed = review->name.text.data;
    struct buffer safe;
    buffer_init(&safe);
    text_append_safe(&safe, name, strlen(name), text_charset());
    bool fits = strcmp(typed, name) == 0 || strcmp(typed, safe.data) == 0;
    buffer_finish(&safe);
    return fits;
}

/* A keyboard may compose what the name has in parts; what is shown of it looks the same. */
static bool is_beyond_ascii(const struct review *review) {
    const char *name = change_name(review->shown);
    struct buffer safe;
    buffer_init(&safe);
    text_append_safe(&safe, name, strlen(name), text_charset());
    bool beyond = text_plain(safe.data, safe.length, safe.length) < safe.length;
    buffer_finish(&safe);
    return beyond;
}

static void say_name_differs(const struct review *review, struct app *app, const char *plain) {
    app_say(app, STYLE_WARNING, "%s",
            is_beyond_ascii(review)
                ? "Not sent: paste the name, which isn't all ASCII (y on the list copies it)."
                : plain);
}

/* Once sent, only a deletion that came to nothing may be sent again from here: it has no form to go
 * back to, and its name was typed. */
bool review_can_send(const struct review *review) {
    enum submission_outcome outcome = review->result.outcome;
    if (review->locked)
        return false;
    return !review->submitted || (review->done && change_op(review->shown) == CHANGE_DELETE &&
                                  (outcome == OUTCOME_NOT_SENT || outcome == OUTCOME_REFUSED));
}

bool review_can_lock(const struct review *review) {
    return review->done && review->result.trouble == TROUBLE_FORBIDDEN && !review->locked;
}

bool review_takes_focus(const struct review *review, enum review_focus focus) {
    switch (focus) {
    case FOCUS_NAME:
        return review_asks_name(review);
    case FOCUS_SEND:
        return review_can_send(review);
    case FOCUS_LOCK:
        return review_can_lock(review);
    case FOCUS_REASON:
        return !review->submitted;
    default:
        return true;
    }
}

static void move_focus(struct review *review, int step) {
    do
        review->focus =
            (enum review_focus)(((int)review->focus + step + FOCUS_COUNT) % FOCUS_COUNT);
    while (!review_takes_focus(review, review->focus));
}

/* ---- sending --------------------------------------------------------------------------------- */

static void send_change(struct review *review, struct app *app) {
    struct error error;
    if (review_asks_name(review) && !name_fits(review)) {
        say_name_differs(review, app, "Not sent: type the bucket's name first.");
        review->focus = FOCUS_NAME;
        return;
    }
    if (review->own == NULL)
        review->own = change_delete(change_before(review->shown));
    const struct submit_options options = {.reason = review->reason.text.data};
    if (!session_submit_all(app->session, &review->own, 1, &options, &error)) {
        app_say(app, STYLE_ERROR, "%s", error.text);
        return;
    }
    for (int i = 0; i < app->depth; i++)
        if (screen_is_form(app->stack[i]))
            form_is_sent(app->stack[i]);
    review->own = NULL;
    review->submitted = true;
    review->drawn = false;
    review->focus = FOCUS_BACK;
    look(review, app);
    text_view_top(review->view);
}

static void close_applied(const struct review *review, struct app *app) {
    app_say(app, STYLE_GOOD, "%s", review->result.text);
    change_screens_close(app);
}

/* Where the service alone said so and the table could not be read after it there is nothing to
 * compare yet: the next try from the form does. */
static bool is_in_conflict(const struct review *review) {
    return review->done && review->result.outcome == OUTCOME_CONFLICT &&
           review->result.now_is_known;
}

/* The conflict takes the place of the review, and of an earlier conflict that it came from. */
static void meet_conflict(const struct review *review, struct app *app) {
    const struct submission *result = &review->result;
    struct screen *merge = merge_screen_create(result->change, result->now, result->text);
    app_pop(app);
    if (screen_is_merge(app_top(app)))
        app_pop(app);
    app_push(app, merge);
}

/* The screen that the change came from, on top by now. */
static void tell_decided(struct app *app) {
    struct screen *below = app_top(app);
    if (below->ops->decided)
        below->ops->decided(below, app);
}

/* What may have been done isn't decided again: a conflict that it came from would say that nothing
 * was sent. */
static void leave_unknown(struct app *app) {
    app_pop(app);
    if (!screen_is_merge(app_top(app)))
        return;
    app_pop(app);
    tell_decided(app);
}

static void leave(struct review *review, struct app *app) {
    look(review, app);
    if (is_in_conflict(review))
        meet_conflict(review, app);
    else if (review->done && review->result.outcome == OUTCOME_UNKNOWN)
        leave_unknown(app);
    else
        app_pop(app);
}

static void stop_or_leave(struct review *review, struct app *app) {
    if (review_is_under_way(review))
        session_cancel(app->session);
    else
        leave(review, app);
}

/* ---- keys ------------------------------------------------------------------------------------ */

/* Typing or pasting the name begins it, wherever else the focus is. */
static bool is_for_name(const struct review *review, int key) {
    bool begins = key == K_PASTE_BEGIN || (key_is_text(key) && key != K_SPACE);
    return review->focus == FOCUS_NAME || review->name.pasting ||
           (begins && review->focus != FOCUS_REASON && review_asks_name(review));
}

/* What is pasted wasn't read; only a name that can't be typed may come so. */
static bool type_name(struct review *review, struct app *app, int key) {
    bool pasted = review->name.pasting || key == K_PASTE_BEGIN;
    if (pasted && !is_beyond_ascii(review)) {
        review->name.pasting = key != K_PASTE_END;
        app_say(app, STYLE_WARNING, "A paste doesn't confirm: type the name.");
        return true;
    }
    review->focus = FOCUS_NAME;
    return app_type(app, &review->name, key);
}

static void lock(struct review *review, struct app *app) {
    session_set_read_only(app->session);
    review->locked = true;
    review->focus = FOCUS_BACK;
    app_say(app, STYLE_NORMAL, "This sitting is read-only now.");
}

static void press(struct review *review, struct app *app) {
    if (review->focus == FOCUS_SEND)
        send_change(review, app);
    else if (review->focus == FOCUS_BACK)
        stop_or_leave(review, app);
    else if (review->focus == FOCUS_LOCK)
        lock(review, app);
    else if (review->focus == FOCUS_REASON)
        move_focus(review, 1);
    else if (name_fits(review))
        review->focus = FOCUS_SEND;
    else
        say_name_differs(review, app, "That isn't the bucket's name.");
}

static bool review_key(struct screen *base, struct app *app, int key) {
    struct review *review = of(base);
    if (!review->drawn) {
        if (review_asks_name(review) && (key == K_PASTE_BEGIN || key == K_PASTE_END))
            review->name.pasting = key == K_PASTE_BEGIN; /* its rest may come once it is drawn */
        return true;
    }
    if (key == K_ENTER && !review->name.pasting && !review->reason.pasting)
        press(review, app);
    else if (key == K_MOUSE_WHEEL_UP || key == K_MOUSE_WHEEL_DOWN)
        text_view_act(review->view, app, key == K_MOUSE_WHEEL_UP ? ACTION_UP : ACTION_DOWN);
    else if (is_for_name(review, key))
        return type_name(review, app, key);
    else if (review->focus == FOCUS_REASON)
        return app_type(app, &review->reason, key);
    else if (key == K_LEFT || key == K_RIGHT)
        move_focus(review, key == K_LEFT ? -1 : 1);
    else
        return false;
    return true;
}

static bool review_typing(const struct screen *base) {
    const struct review *review = (const struct review *)base;
    return !review->drawn || review->focus == FOCUS_REASON || review_asks_name(review);
}

static void review_act(struct screen *base, struct app *app, enum action action) {
    struct review *review = of(base);
    switch (action) {
    case ACTION_NEXT_FIELD:
        move_focus(review, 1);
        break;
    case ACTION_PREVIOUS_FIELD:
        move_focus(review, -1);
        break;
    case ACTION_SCROLL_DOWN:
        text_view_act(review->view, app, ACTION_PAGE_DOWN);
        break;
    case ACTION_SCROLL_UP:
        text_view_act(review->view, app, ACTION_PAGE_UP);
        break;
    case ACTION_BACK:
    case ACTION_CANCEL:
        stop_or_leave(review, app);
        break;
    default:
        break;
    }
}

/* ---- the session has moved ------------------------------------------------------------------- */

static void review_wake(struct screen *base, struct app *app) {
    struct review *review = of(base);
    bool was_done = review->done;
    look(review, app);
    if (review->done && !was_done)
        text_view_top(review->view);
    if (!review->done || app_top(app) != base)
        return;
    if (review->result.outcome == OUTCOME_APPLIED)
        close_applied(review, app);
    else if (is_in_conflict(review))
        meet_conflict(review, app);
}

static void review_destroy(struct screen *base) {
    struct review *review = of(base);
    change_destroy(review->own);
    text_view_destroy(review->view);
    line_editor_finish(&review->name);
    line_editor_finish(&review->reason);
    free(review);
}

static const struct screen_ops review_ops = {
    .context = IN_REVIEW,
    .draw = review_draw,
    .act = review_act,
    .key = review_key,
    .typing = review_typing,
    .wake = review_wake,
    .destroy = review_destroy,
};

struct screen *review_screen_create(struct change *change) {
    struct review *review = memory_new(1, sizeof *review);
    review->base.ops = &review_ops;
    review->own = change;
    review->shown = change;
    review->view = text_view_create();
    line_editor_init(&review->name, false);
    line_editor_init(&review->reason, false);
    review->focus = change_needs_name_typed(change) ? FOCUS_BACK : FOCUS_SEND;
    return &review->base;
}

void change_screens_close(struct app *app) {
    for (const struct screen *top = app_top(app);
         app->depth > 1 && (top->ops == &review_ops || screen_is_merge(top) || screen_is_form(top));
         top = app_top(app))
        app_pop(app);
    tell_decided(app);
}
