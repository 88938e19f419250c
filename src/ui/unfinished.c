#include "unfinished.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bulk_form.h"
#include "form_screen.h"
#include "list_screen.h"
#include "pail/base/clock.h"
#include "pail/base/memory.h"
#include "pail/base/text.h"
#include "pail/base/url.h"
#include "pail/ui/screens.h"

/* What of a profile tells its service from others, known before anything is asked: the host of its
 * URL, with a port of its own, or the service's domain. */
static void append_host(const struct profile *profile, struct buffer *out) {
    struct url url;
    if (!profile->url[0] || !url_parse(profile->url, &url, NULL)) {
        buffer_append_string(out, profile->service);
        return;
    }
    buffer_append_string(out, url.host);
    if (url.port != (url.https ? 443 : 80))
        buffer_printf(out, ":%d", url.port);
}

/* ---- keeping --------------------------------------------------------------------------------- */

/* False if nothing was submitted by the name that the form is about. */
static bool last_submission(const struct app *app, const struct form *form,
                            struct submission *last) {
    session_submission(app->session, last);
    return last->count > 0 && last->change &&
           strcmp(change_name(last->change), form->text[FIELD_NAME].text.data) == 0;
}

/* Whether the form's change has left, or may have, and what came of it isn't known. */
static bool is_sent(const struct app *app, const struct form *form) {
    struct submission last;
    return last_submission(app, form, &last) &&
           (last.phase == SUBMISSION_SENDING || last.phase == SUBMISSION_RE_READING ||
            (last.phase == SUBMISSION_DONE && last.outcome == OUTCOME_UNKNOWN));
}

/* Done with, though what lies above it has kept it open. */
static bool is_applied(const struct app *app, const struct form *form) {
    struct submission last;
    return last_submission(app, form, &last) && last.phase == SUBMISSION_DONE &&
           last.outcome == OUTCOME_APPLIED;
}

/* In words, raw: what the form does to what. */
static void append_what(const struct draft *draft, struct buffer *out) {
    const char *name = draft->typed.value[FIELD_NAME];
    if (draft->count > 0)
        buffer_printf(out, "%s of %zu marked", bulk_kinds[draft->kind].name, draft->count);
    else
        buffer_printf(out, "%s %s", change_op_names[draft->op], name[0] ? name : "a bucket");
}

/* Finishes the draft. */
static bool keep(const struct app *app, struct draft *draft, const char *id,
                 struct buffer *farewell) {
    struct buffer host;
    struct error error;
    buffer_init(&host);
    append_host(app->profile, &host);
    snprintf(draft->id, sizeof draft->id, "%s", id);
    draft->profile = app->profile->name;
    draft->host = host.data;
    bool kept = draft_keep(draft, &error);
    buffer_printf(farewell, "pail: %s: the unfinished form, ", app->profile->name);
    append_what(draft, farewell);
    if (kept)
        buffer_append_string(farewell, ", is offered at the next start\n");
    else
        buffer_printf(farewell, ", could not be kept: %s\n", error.text);
    draft_finish(draft);
    buffer_finish(&host);
    return kept;
}

static void keep_form(const struct app *app, struct form_screen *screen, struct buffer *farewell) {
    struct draft draft;
    if (!form_has_changed(&screen->form) || is_applied(app, &screen->form))
        return;
    form_to_draft(&screen->form, &draft);
    draft.sent = is_sent(app, &screen->form);
    screen->kept = keep(app, &draft, screen->draft_id, farewell);
}

static void keep_bulk(const struct app *app, struct bulk_form *form, const struct screen *above,
                      struct buffer *farewell) {
    struct draft draft;
    if (bulk_form_to_draft(form, above, app->session, &draft))
        form->kept = keep(app, &draft, form->draft_id, farewell);
}

void unfinished_keep(struct app *app, struct buffer *farewell) {
    for (int i = 0; app->session && i < app->depth; i++) {
        struct screen *screen = app->stack[i];
        if (screen_is_form(screen))
            keep_form(app, (struct form_screen *)screen, farewell);
        else if (screen_is_bulk_form(screen))
            keep_bulk(app, (struct bulk_form *)screen,
                      i + 1 < app->depth ? app->stack[i + 1] : NULL, farewell);
    }
}

/* ---- offering -------------------------------------------------------------------------------- */

static void append_time(time_t when, struct buffer *out) {
    char text[32] = "";
    struct tm then, now;
    time_t today = clock_now();
    localtime_r(&when, &then);
    localtime_r(&today, &now);
    bool same_day = then.tm_year == now.tm_year && then.tm_yday == now.tm_yday;
    strftime(text, sizeof text, same_day ? "%H:%M" : "%Y-%m-%d %H:%M", &then);
    buffer_append_string(out, text);
}

static void append_secrets(const struct draft *draft, struct buffer *out) {
    const char *separator = "\nSecrets aren't kept; to be typed again: ";
    for (int field = 0; field < FIELD_COUNT; field++)
        if (draft->again & 1U << field) {
            buffer_printf(out, "%s%s", separator, bucket_fields[field].label);
            separator = ", ";
        }
}

/* As much of what is unfinished as a row has room for: a name may be longer than the screen. */
static void append_start(const struct terminal *terminal, const struct buffer *what,
                         struct buffer *out) {
    enum text_charset charset = text_charset();
    int room = terminal_columns(terminal) - 2;
    bool cut = text_width(what->data, what->length, charset) > room;
    size_t shown = text_fitting(what->data, what->length, charset, cut ? room - 1 : room);
    text_append_safe(out, what->data, shown, charset);
    if (cut)
        buffer_append_string(out, terminal_sign(terminal, SIGN_MORE));
}

static void write_question(const struct terminal *terminal, const struct draft *draft,
                           struct buffer *out) {
    struct buffer what;
    buffer_init(&what);
    append_what(draft, &what);
    buffer_append_string(out, "An unfinished form, ");
    append_start(terminal, &what, out);
    buffer_append_string(out, ", from ");
    append_time(draft->when, out);
    if (draft->sent)
        buffer_append_string(out, draft->count > 0
                                      ? "\nThe others had been sent: what came of them is in the "
                                        "journal."
                                      : "\nIt had been sent, and no answer had come: look at the "
                                        "entry before it is sent again.");
    append_secrets(draft, out);
    buffer_finish(&what);
}

/* The first screen of a sitting is its list. */
static void go_on(struct app *app) {
    if (app->offer->count > 0) {
        app_push(app, bulk_form_create_draft(list_screen_listing(app->stack[0]), app->offer));
        app_say(app, STYLE_NORMAL, "Its entries are marked again; the review has each of them.");
        return;
    }
    app_push(app, draft_form_create(app->offer));
    app_say(app, STYLE_NORMAL, "Before it is sent it is compared with the entry as it is.");
}

static void take_answer(struct app *app, void *context, int answer) {
    struct error error;
    (void)context;
    if (answer == 0)
        go_on(app);
    else if (answer == 1 && !draft_drop(app->offer->id, &error))
        app_say(app, STYLE_WARNING, "%s", error.text);
    else if (answer < 0)
        app_say(app, STYLE_NORMAL, "The unfinished form is offered again at the next start.");
    unfinished_forget_offer(app);
}

bool unfinished_offer(struct app *app) {
    static const char *const buttons[] = {"Go on", "Discard"};
    struct error error = {""};
    struct draft draft;
    struct buffer text;
    if (app->session == NULL || app_is_read_only(app))
        return false;
    buffer_init(&text);
    append_host(app->profile, &text);
    bool found = draft_find(app->profile->name, text.data, &draft, &error);
    if (found) {
        app->offer = memory_new(1, sizeof *app->offer);
        *app->offer = draft;
        buffer_clear(&text);
        write_question(app->terminal, app->offer, &text);
        app_push(app, dialog_create(text.data, buttons, 2, 0, take_answer, NULL));
    } else if (error.text[0])
        app_say(app, STYLE_WARNING, "%s", error.text);
    buffer_finish(&text);
    return found;
}

void unfinished_forget_offer(struct app *app) {
    if (app->offer)
        draft_finish(app->offer);
    free(app->offer);
    app->offer = NULL;
}
