/* The review of a change drawn: its text, what is asked, the buttons. */
#include "review_screen.h"

#include <string.h>

#include "review_text.h"

enum { ROOMY = 9 /* rows of text: else the reason is asked for only while it has the focus */ };

static void write_title(const struct review *review, struct buffer *title) {
    bool replaces = change_op(review->shown) == CHANGE_ADD && change_before(review->shown) != NULL;
    buffer_printf(title, "review: %s %s",
                  replaces ? "replace" : change_op_names[change_op(review->shown)],
                  change_name(review->shown));
}

/* Nothing else helps then; elsewhere the text says how. */
static void append_login(const struct app *app, struct buffer *out) {
    char key[16];
    if (!profile_can_log_in(app->profile)) {
        buffer_append_string(out, "log in with InfinStor's own client");
        return;
    }
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
    if (!review_is_under_way(review) && !text_view_fits(review->view))
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

/* How far the reading before or after it is. */
static void append_rows(const struct app *app, struct buffer *out) {
    struct session_status status;
    session_status(app->session, &status);
    if (status.loading && status.rows > 0 && !app->thrifty)
        buffer_printf(out, " %zu rows", status.rows);
}

static void draw_buttons(const struct review *review, struct app *app, int row) {
    const char *const labels[] = {review_can_send(review) ? "Send" : NULL,
                                  review_is_under_way(review) ? "Stop waiting" : "Back",
                                  review_can_lock(review) ? "Make read-only" : NULL};
    int column = frame_buttons(app, row, labels, 3, (int)review->focus - FOCUS_SEND);
    struct buffer text;
    buffer_init(&text);
    buffer_append_string(&text, status(review));
    if (review_is_under_way(review))
        append_rows(app, &text);
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
    if (!review_takes_focus(review, FOCUS_REASON) || (area->height < ROOMY && !focus))
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

void review_draw(struct screen *base, struct app *app) {
    struct review *review = (struct review *)base;
    struct buffer title;
    buffer_init(&title);
    write_title(review, &title);
    struct area area = frame_draw_for_buttons(app, IN_REVIEW, title.data);
    buffer_finish(&title);
    draw_reason(review, app, &area);
    if (review_asks_name(review))
        draw_name(review, app, &area);
    write_text(review, app, area.width - 2);
    text_view_draw(review->view, app, area);
    draw_buttons(review, app, terminal_rows(app->terminal) - 2);
    if (!review->drawn)
        terminal_drop_keys(app->terminal);
    review->drawn = true;
}
