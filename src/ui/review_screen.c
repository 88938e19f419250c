/* The review of a change: confirming, waiting, the outcome. */
#include <stdlib.h>
#include <string.h>

#include "pail/base/memory.h"
#include "pail/ui/screens.h"
#include "pail/ui/text_view.h"
#include "review_text.h"

enum focus { FOCUS_NAME, FOCUS_REASON, FOCUS_SEND, FOCUS_BACK, FOCUS_COUNT };

enum { ROOMY = 9 /* rows of text: else the reason is asked for only while it has the focus */ };

struct review {
    struct screen base;
    struct change *own;         /* NULL once the session has it */
    const struct change *shown; /* own's, or the session's */
    struct text_view *view;
    struct line_editor name; /* typed to confirm */
    struct line_editor reason;
    enum focus focus;
    bool drawn; /* until then no key counts: it was typed before there was something to see, or
                   pressed twice and would stop what it has just sent */
    bool submitted, done;
    struct submission result; /* once submitted */
};

static struct review *of(struct screen *screen) {
    return (struct review *)screen;
}

static bool is_under_way(const struct review *review) {
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

static bool asks_name(const struct review *review) {
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

/* Once sent, only a deletion that came to nothing may be sent again from here: it has no form to go
 * back to, and its name was typed. */
static bool can_send(const struct review *review) {
    enum submission_outcome outcome = review->result.outcome;
    return !review->submitted || (review->done && change_op(review->shown) == CHANGE_DELETE &&
                                  (outcome == OUTCOME_NOT_SENT || outcome == OUTCOME_REFUSED));
}

static bool takes_focus(const struct review *review, enum focus focus) {
    switch (focus) {
    case FOCUS_NAME:
        return asks_name(review);
    case FOCUS_SEND:
        return can_send(review);
    case FOCUS_REASON:
        return !review->submitted;
    default:
        return true;
    }
}

static void move_focus(struct review *review, int step) {
    do
        review->focus = (enum focus)(((int)review->focus + step + FOCUS_COUNT) % FOCUS_COUNT);
    while (!takes_focus(review, review->focus));
}

/* ---- drawing --------------------------------------------------------------------------------- */

static void write_title(const struct review *review, struct buffer *title) {
    bool replaces = change_op(review->shown) == CHANGE_ADD && change_before(review->shown) != NULL;
    buffer_printf(title, "review: %s %s",
                  replaces ? "replace" : change_op_names[change_op(review->shown)],
                  change_name(review->shown));
}

/* Nothing else helps then; elsewhere the text says how. */
static void append_login(const struct app *app, struct buffer *out) {
    char key[16];
    keymap_first_key(&app->settings->keymap, ACTION_FORM_LOGIN, key, sizeof key);
    if (key[0])
        buffer_printf(out, "%s logs in", key);
}

static bool wants_login(const struct review *review) {
    return review->done && (review->result.trouble == TROUBLE_NO_TOKEN ||
                            review->result.trouble == TROUBLE_LOGIN_EXPIRED);
}

/* What is beside the buttons. */
static const char *status(const struct review *review) {
    if (!is_under_way(review) && !text_view_fits(review->view))
        return text_view_status(review->view);
    if (!review->submitted)
        return "nothing was sent yet";
    switch (review->result.phase) {
    case SUBMISSION_CHECKING:
        return "checking the entry ...";
    case SUBMISSION_SENDING:
        return review->result.waits_for_journal ? "waiting for another pail's journal lock ..."
                                                : "sending ...";
    case SUBMISSION_RE_READING:
        return "reading again ...";
    default:
        return "";
    }
}

static void draw_buttons(const struct review *review, struct app *app, int row) {
    const char *const labels[] = {can_send(review) ? "Send" : NULL,
                                  is_under_way(review) ? "Stop waiting" : "Back"};
    int column = frame_buttons(app, row, labels, 2, (int)review->focus - FOCUS_SEND);
    struct buffer text;
    buffer_init(&text);
    buffer_append_string(&text, status(review));
    if (text.length == 0 && wants_login(review))
        append_login(app, &text);
    frame_status(app, row, column, text.data);
    buffer_finish(&text);
}

/* The question for the name, at the end of the area, which shrinks by it. */
static void draw_name(const struct review *review, struct app *app, struct area *area) {
    struct buffer text;
    const char *verb = change_op(review->shown) == CHANGE_DELETE ? "delete" : "replace";
    buffer_init(&text);
    buffer_printf(&text, "Type %s to %s it:", change_name(review->shown), verb);
    int used = text_width(text.data, text.length, terminal_charset(app->terminal));
    if (used > area->width - 4) {
        buffer_clear(&text);
        buffer_printf(&text, "Type its whole name to %s it:", verb);
    }
    bool beside = used + 24 < area->width;
    area->height -= beside ? 1 : 2;
    int row = area->row + area->height, column = 3 + (beside ? used + 1 : 0);
    terminal_text(app->terminal, row, 3, area->width - 4, STYLE_WARNING, text.data);
    buffer_finish(&text);
    bool focus = review->focus == FOCUS_NAME;
    line_editor_draw(&review->name, app->terminal, beside ? row : row + 1, column,
                     area->width - column - 1, focus ? STYLE_FOCUS : STYLE_FIELD, false, focus);
}

/* The same for the reason. */
static void draw_reason(const struct review *review, struct app *app, struct area *area) {
    static const char label[] = "Reason, for the journal:";
    bool focus = review->focus == FOCUS_REASON;
    if (!takes_focus(review, FOCUS_REASON) || (area->height < ROOMY && !focus))
        return;
    area->height--;
    int row = area->row + area->height, column = 4 + (int)strlen(label);
    terminal_text(app->terminal, row, 3, area->width - 4, STYLE_LABEL, label);
    line_editor_draw(&review->reason, app->terminal, row, column, area->width - column - 1,
                     focus ? STYLE_FOCUS : STYLE_FIELD, false, focus);
}

static void write_text(const struct review *review, const struct app *app, int width) {
    struct review_text text = {
        .change = review->shown,
        .url = session_change_url(app->session),
        .done = review->done ? &review->result : NULL,
        .unsettled =
            !review->submitted && session_is_unsettled(app->session, change_name(review->shown)),
        .settles_ms = session_settles_ms(app->session, change_name(review->shown)),
        .width = width,
    };
    review_text_write(&text, review->view);
}

static void review_draw(struct screen *base, struct app *app) {
    struct review *review = of(base);
    struct buffer title;
    buffer_init(&title);
    write_title(review, &title);
    struct area area = frame_draw_for_buttons(app, IN_REVIEW, title.data);
    buffer_finish(&title);
    draw_reason(review, app, &area);
    if (asks_name(review))
        draw_name(review, app, &area);
    write_text(review, app, area.width - 2);
    text_view_draw(review->view, app, area);
    draw_buttons(review, app, terminal_rows(app->terminal) - 2);
    if (!review->drawn)
        terminal_drop_keys(app->terminal);
    review->drawn = true;
}

/* ---- sending --------------------------------------------------------------------------------- */

static void send_change(struct review *review, struct app *app) {
    struct error error;
    if (asks_name(review) && !name_fits(review)) {
        app_say(app, STYLE_WARNING, "Not sent: type the bucket's name first.");
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
    if (is_under_way(review))
        session_cancel(app->session);
    else
        leave(review, app);
}

/* ---- keys ------------------------------------------------------------------------------------ */

static bool type_name(struct review *review, struct app *app, int key) {
    if (review->name.pasting || key == K_PASTE_BEGIN) {
        review->name.pasting = key != K_PASTE_END;
        app_say(app, STYLE_WARNING, "A paste doesn't confirm: type the name.");
        return true;
    }
    return line_editor_key(&review->name, key);
}

static void press(struct review *review, struct app *app) {
    if (review->focus == FOCUS_SEND)
        send_change(review, app);
    else if (review->focus == FOCUS_BACK)
        stop_or_leave(review, app);
    else if (review->focus == FOCUS_REASON)
        move_focus(review, 1);
    else if (name_fits(review))
        review->focus = FOCUS_SEND;
    else
        app_say(app, STYLE_WARNING, "That isn't the bucket's name.");
}

static bool review_key(struct screen *base, struct app *app, int key) {
    struct review *review = of(base);
    if (!review->drawn)
        return true;
    if (key == K_ENTER && !review->name.pasting && !review->reason.pasting)
        press(review, app);
    else if (key == K_MOUSE_WHEEL_UP || key == K_MOUSE_WHEEL_DOWN)
        text_view_act(review->view, app, key == K_MOUSE_WHEEL_UP ? ACTION_UP : ACTION_DOWN);
    else if (review->focus == FOCUS_NAME)
        return type_name(review, app, key);
    else if (review->focus == FOCUS_REASON)
        return app_type(app, &review->reason, key);
    else if (key == K_LEFT || key == K_RIGHT)
        move_focus(review, key == K_LEFT ? -1 : 1);
    else if (key_is_text(key) && key != K_SPACE && asks_name(review)) {
        review->focus = FOCUS_NAME; /* typing the name begins it, wherever the focus is */
        return type_name(review, app, key);
    } else
        return false;
    return true;
}

static bool review_typing(const struct screen *base) {
    const struct review *review = (const struct review *)base;
    return !review->drawn || review->focus == FOCUS_NAME || review->focus == FOCUS_REASON;
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
