/* Many changes at once: the review, pausing and cancelling, and what becomes of the marks. */
#include "bulk_screen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pail/base/clock.h"
#include "pail/base/memory.h"

enum {
    SELDOM_MS = 1000, /* on a slow line */
    PIECE_MS = 10,    /* the review is written so long at a time */
    PIECE = 50,       /* changes, between two looks at the clock */
    HASTE_MS = 1000, /* after the end: Escape was meant to stop, and must not close what it tells */
};

static struct bulk_screen *of(struct screen *screen) {
    return (struct bulk_screen *)screen;
}

/* ---- what can have the focus ----------------------------------------------------------------- */

bool bulk_takes_focus(const struct bulk_screen *screen, enum bulk_focus focus) {
    if (focus == FOCUS_SEND || focus == FOCUS_LEAVE)
        return true;
    if (focus == FOCUS_CONFLICTS)
        return screen->stage == STAGE_DONE && screen->conflicts > 0;
    return screen->stage == STAGE_REVIEW && (focus != FOCUS_COUNT || screen->to_confirm > 0);
}

static void move_focus(struct bulk_screen *screen, int step) {
    do
        screen->focus = (enum bulk_focus)(((int)screen->focus + step + FOCUSES) % FOCUSES);
    while (!bulk_takes_focus(screen, screen->focus));
}

static bool types(const struct bulk_screen *screen) {
    return screen->stage == STAGE_REVIEW &&
           (screen->focus == FOCUS_COUNT || screen->focus == FOCUS_REASON);
}

/* ---- what came of it ------------------------------------------------------------------------- */

static void end_sending(struct bulk_screen *screen, struct app *app) {
    screen->stage = STAGE_DONE;
    screen->ended = clock_ms();
    screen->drawn = false;
    bulk_result_take(screen, app);
    screen->focus = screen->conflicts > 0 ? FOCUS_CONFLICTS : FOCUS_LEAVE;
    text_view_top(screen->view);
}

/* ---- the review, in pieces ------------------------------------------------------------------- */

static bool is_unwritten(const struct bulk_screen *screen) {
    return screen->stage == STAGE_REVIEW && screen->width > 0 && screen->written < screen->count;
}

/* A piece of what has no lines yet: a key is answered between two of them. */
static void write_piece(struct bulk_screen *screen, const struct app *app) {
    int64_t until = clock_ms() + PIECE_MS;
    while (is_unwritten(screen) && clock_ms() <= until)
        bulk_text_review_more(screen, app, PIECE);
}

static bool is_about_all(enum action action) {
    return action == ACTION_BOTTOM || action == ACTION_SEARCH || action == ACTION_NEXT_MATCH ||
           action == ACTION_PREVIOUS_MATCH || action == ACTION_SAVE || action == ACTION_COPY;
}

/* ---- the session has moved ------------------------------------------------------------------- */

static void bulk_wake(struct screen *base, struct app *app) {
    struct bulk_screen *screen = of(base);
    write_piece(screen, app);
    struct bulk_progress *progress = &screen->progress;
    unsigned long serial = session_serial(app->session);
    if (screen->stage == STAGE_DONE && screen->serial != serial)
        bulk_result_write(screen, app);
    if (screen->stage != STAGE_SENDING || progress->serial == serial)
        return;
    struct submission now;
    session_submission(app->session, &now);
    progress->due = progress->taken + (app->thrifty ? SELDOM_MS : BULK_LOOK_MS);
    if (now.phase != progress->submission.phase || clock_ms() >= progress->due)
        bulk_progress_take(&screen->progress, app->session);
    if (now.phase == SUBMISSION_DONE)
        end_sending(screen, app);
}

/* What was not worth a look when it came. */
static int bulk_timer(const struct screen *base) {
    if (is_unwritten((const struct bulk_screen *)base))
        return 0;
    int64_t due = ((const struct bulk_screen *)base)->progress.due, now = clock_ms();
    return due == 0 ? -1 : due > now ? (int)(due - now) : 0;
}

/* ---- sending --------------------------------------------------------------------------------- */

static bool count_fits(const struct bulk_screen *screen) {
    char wanted[24];
    snprintf(wanted, sizeof wanted, "%zu", screen->to_confirm);
    return screen->to_confirm == 0 || strcmp(screen->typed.text.data, wanted) == 0;
}

static void send(struct bulk_screen *screen, struct app *app) {
    const struct submit_options options = {.stop_on_error = screen->stop_on_error,
                                           .reason = screen->reason.text.data};
    struct error error;
    if (!count_fits(screen)) {
        app_say(app, STYLE_WARNING, "Not sent: type the count first.");
        screen->focus = FOCUS_COUNT;
        return;
    }
    if (!session_submit_all(app->session, screen->bulk.changes, screen->count, &options, &error)) {
        app_say(app, STYLE_ERROR, "%s", error.text);
        return;
    }
    struct screen *below = app->stack[app->depth - 2];
    if (screen_is_bulk_form(below))
        bulk_form_is_sent(below);
    free(bulk_steal(&screen->bulk));
    screen->stage = STAGE_SENDING;
    screen->focus = FOCUS_SEND;
    screen->drawn = false;
    bulk_progress_take(&screen->progress, app->session);
    if (screen->progress.submission.phase == SUBMISSION_DONE)
        end_sending(screen, app);
}

static void pause(struct bulk_screen *screen, struct app *app) {
    struct submission now;
    session_submission(app->session, &now);
    session_pause(app->session, !now.paused);
    bulk_progress_take(&screen->progress, app->session);
}

/* Back to the list if it was sent, else to where it came from. */
static void close_screen(const struct bulk_screen *screen, struct app *app) {
    bool sent = screen->stage == STAGE_DONE;
    app_pop(app);
    if (sent && screen_is_bulk_form(app_top(app)))
        app_pop(app);
}

static void stop_or_close(const struct bulk_screen *screen, struct app *app) {
    if (screen->stage == STAGE_SENDING)
        session_cancel(app->session);
    else
        close_screen(screen, app);
}

static void escape(const struct bulk_screen *screen, struct app *app) {
    if (screen->stage != STAGE_DONE || clock_ms() >= screen->ended + HASTE_MS)
        stop_or_close(screen, app);
}

/* ---- keys ------------------------------------------------------------------------------------ */

static void save(struct bulk_screen *screen, struct app *app) {
    if (screen->stage == STAGE_SENDING)
        app_say(app, STYLE_NORMAL, "The results can be saved once there are all.");
    else
        save_prompt_open(&screen->prompt,
                         screen->stage == STAGE_DONE ? "results.jsonl" : "review.txt");
}

static void press(struct bulk_screen *screen, struct app *app) {
    switch (screen->focus) {
    case FOCUS_COUNT:
        if (count_fits(screen))
            screen->focus = FOCUS_SEND;
        else
            app_say(app, STYLE_WARNING, "That isn't the count: it is %zu.", screen->to_confirm);
        break;
    case FOCUS_REASON:
        move_focus(screen, 1);
        break;
    case FOCUS_STOP:
        screen->stop_on_error = !screen->stop_on_error;
        break;
    case FOCUS_SEND:
        if (screen->stage == STAGE_REVIEW)
            send(screen, app);
        else if (screen->stage == STAGE_SENDING)
            pause(screen, app);
        else
            save(screen, app);
        break;
    case FOCUS_CONFLICTS:
        bulk_result_open(screen, app);
        break;
    case FOCUS_LEAVE:
    case FOCUSES:
        stop_or_close(screen, app);
    }
}

/* A paste never confirms. */
static bool type_count(struct bulk_screen *screen, struct app *app, int key) {
    if (!screen->typed.pasting && key != K_PASTE_BEGIN)
        return line_editor_key(&screen->typed, key);
    screen->typed.pasting = key != K_PASTE_END;
    app_say(app, STYLE_WARNING, "A paste doesn't confirm: type the count.");
    return true;
}

static bool type(struct bulk_screen *screen, struct app *app, int key) {
    struct line_editor *editor = screen->focus == FOCUS_COUNT ? &screen->typed : &screen->reason;
    if (key == K_ENTER && !editor->pasting)
        press(screen, app);
    else if (screen->focus == FOCUS_COUNT)
        return type_count(screen, app, key);
    else
        return app_type(app, editor, key);
    return true;
}

/* What s saves: what there is to read, or, of the results, a line of JSON each. */
static bool type_file(struct bulk_screen *screen, struct app *app, int key) {
    struct buffer text;
    buffer_init(&text);
    if (screen->stage == STAGE_DONE)
        bulk_result_append(screen, &text);
    else
        text_view_text(screen->view, &text);
    bool used = save_prompt_key(&screen->prompt, app, key, &text);
    buffer_finish(&text);
    return used;
}

static bool bulk_key(struct screen *base, struct app *app, int key) {
    struct bulk_screen *screen = of(base);
    if (screen->prompt.open)
        return type_file(screen, app, key);
    if (!screen->drawn)
        return true;
    if (text_view_typing(screen->view))
        return text_view_key(screen->view, app, key);
    if (types(screen))
        return type(screen, app, key);
    if (key == K_ENTER)
        press(screen, app);
    else if (key == K_MOUSE_WHEEL_UP || key == K_MOUSE_WHEEL_DOWN)
        text_view_act(screen->view, app, key == K_MOUSE_WHEEL_UP ? ACTION_UP : ACTION_DOWN);
    else if (key >= '0' && key <= '9' && bulk_takes_focus(screen, FOCUS_COUNT)) {
        screen->focus = FOCUS_COUNT; /* typing the count begins it, wherever the focus is */
        return type_count(screen, app, key);
    } else
        return false;
    return true;
}

static bool bulk_typing(const struct screen *base) {
    const struct bulk_screen *screen = (const struct bulk_screen *)base;
    return screen->prompt.open || !screen->drawn || types(screen) || text_view_typing(screen->view);
}

static void copy(const struct bulk_screen *screen, struct app *app) {
    struct buffer text;
    buffer_init(&text);
    text_view_text(screen->view, &text);
    app_copy(app, "text", text.data, text.length);
    buffer_finish(&text);
}

/* Space is also the key that presses a button. */
static void pause_or_press(struct bulk_screen *screen, struct app *app) {
    if (screen->stage == STAGE_SENDING)
        pause(screen, app);
    else if (screen->focus == FOCUS_STOP)
        press(screen, app);
    else
        app_say(app, STYLE_NORMAL, "There is nothing to pause.");
}

static void bulk_act(struct screen *base, struct app *app, enum action action) {
    struct bulk_screen *screen = of(base);
    bool reads = screen->stage != STAGE_SENDING;
    if (is_unwritten(screen) && is_about_all(action))
        bulk_text_review_more(screen, app, SIZE_MAX);
    if (reads && text_view_act(screen->view, app, action)) {
        if (bulk_takes_focus(screen, FOCUS_CONFLICTS) &&
            (action == ACTION_UP || action == ACTION_DOWN))
            screen->focus = FOCUS_CONFLICTS;
        return;
    }
    switch (action) {
    case ACTION_NEXT_BUTTON:
        move_focus(screen, 1);
        break;
    case ACTION_PREVIOUS_BUTTON:
        move_focus(screen, -1);
        break;
    case ACTION_PAUSE:
        pause_or_press(screen, app);
        break;
    case ACTION_SAVE:
        save(screen, app);
        break;
    case ACTION_COPY:
        copy(screen, app);
        break;
    case ACTION_CLOSE:
        if (reads)
            close_screen(screen, app);
        else
            app_say(app, STYLE_NORMAL, "Escape stops it first.");
        break;
    case ACTION_BACK:
    case ACTION_CANCEL:
        if (screen->prompt.open)
            screen->prompt.open = false;
        else
            escape(screen, app);
        break;
    default:
        break;
    }
}

/* ---- the door -------------------------------------------------------------------------------- */

static void bulk_decided(struct screen *base, struct app *app) {
    bulk_result_decided(of(base), app);
}

static void bulk_destroy(struct screen *base) {
    struct bulk_screen *screen = of(base);
    bulk_result_finish(screen);
    bulk_finish(&screen->bulk);
    text_view_destroy(screen->view);
    line_editor_finish(&screen->typed);
    line_editor_finish(&screen->reason);
    buffer_finish(&screen->progress.under_way);
    save_prompt_finish(&screen->prompt);
    free(screen);
}

static const struct screen_ops bulk_ops = {
    .context = IN_BULK,
    .draw = bulk_draw,
    .act = bulk_act,
    .key = bulk_key,
    .typing = bulk_typing,
    .wake = bulk_wake,
    .timer = bulk_timer,
    .decided = bulk_decided,
    .destroy = bulk_destroy,
};

struct screen *bulk_screen_create(struct listing *listing, struct bulk *bulk, enum bulk_kind kind) {
    struct bulk_screen *screen = memory_new(1, sizeof *screen);
    screen->base.ops = &bulk_ops;
    screen->listing = listing;
    screen->bulk = *bulk;
    bulk_init(bulk);
    screen->kind = kind;
    screen->count = screen->bulk.count;
    for (size_t i = 0; i < screen->count; i++) {
        screen->to_confirm += change_needs_name_typed(screen->bulk.changes[i]);
        screen->hidden += listing_hides(listing, change_name(screen->bulk.changes[i]));
    }
    screen->view = text_view_create();
    line_editor_init(&screen->typed, false);
    line_editor_init(&screen->reason, false);
    buffer_init(&screen->progress.under_way);
    save_prompt_init(&screen->prompt);
    screen->focus = FOCUS_LEAVE;
    return &screen->base;
}

size_t bulk_screen_sent(const struct screen *base) {
    const struct bulk_screen *screen = (const struct bulk_screen *)base;
    return base->ops == &bulk_ops && screen->stage != STAGE_REVIEW ? screen->count : 0;
}

const char *bulk_screen_left(const struct screen *base, const struct session *session,
                             size_t index) {
    const struct bulk_screen *screen = (const struct bulk_screen *)base;
    struct submission_item item;
    if (screen->stage == STAGE_DONE)
        return bulk_result_left(screen, session, index);
    session_submission_item(session, index, &item);
    return bulk_had_no_effect(&item) ? change_name(item.change) : NULL;
}
