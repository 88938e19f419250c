/* What was changed, by whom, and what came of it: the journal of this account on this machine. */
#include "journal_screen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pail/base/memory.h"
#include "pail/base/stamp.h"
#include "pail/ui/screens.h"
#include "undo_act.h"

enum { LOOK_MS = 2000 /* at what other pails write */ };

static struct journal_screen *of(struct screen *screen) {
    return (struct journal_screen *)screen;
}

static const struct screen_ops journal_ops;

/* ---- selection ------------------------------------------------------------------------------- */

static void select_record(struct journal_screen *screen, const struct journal *journal,
                          size_t index) {
    size_t count = journal_count(journal);
    screen->count = count;
    screen->selected = count == 0 ? 0 : index < count ? index : count - 1;
    screen->id[0] = '\0';
    if (count > 0)
        snprintf(screen->id, sizeof screen->id, "%s",
                 journal_record(journal, screen->selected)->id);
}

/* After records were read: the same one, or the last if it was that. */
static void find_selected_again(struct journal_screen *screen, const struct journal *journal) {
    const struct journal_record *record = journal_find(journal, screen->id);
    bool last = screen->selected + 1 >= screen->count;
    if (record == NULL || last)
        select_record(screen, journal, SIZE_MAX);
    else
        select_record(screen, journal, (size_t)(record - journal_record(journal, 0)));
}

static void look(struct journal_screen *screen, struct app *app) {
    struct journal *journal = session_journal(app->session);
    if (journal == NULL)
        return;
    screen->trouble.text[0] = '\0';
    journal_refresh(journal, &screen->trouble);
    session_look_at_journal(app->session);
    size_t count = journal_count(journal);
    if (count != screen->count || (count > 0 && journal_find(journal, screen->id) == NULL))
        find_selected_again(screen, journal);
}

/* Those of the file before the oldest that was read come first then. */
static void read_older(struct journal_screen *screen, struct app *app, struct journal *journal) {
    struct error error;
    bool more;
    size_t before = journal_count(journal);
    if (!journal_read_older(journal, &more, &error)) {
        app_say(app, STYLE_ERROR, "%s", error.text);
        return;
    }
    screen->count = SIZE_MAX; /* the selected one isn't the last by being alone */
    find_selected_again(screen, journal);
    if (more)
        app_say(app, STYLE_NORMAL, "Read the file before: %zu more.",
                journal_count(journal) - before);
    else
        app_say(app, STYLE_NORMAL, "The journal begins here.");
}

static void move_by(struct journal_screen *screen, struct app *app, long rows) {
    struct journal *journal = session_journal(app->session);
    size_t step = (size_t)(rows < 0 ? -rows : rows);
    if (journal == NULL)
        return;
    if (rows < 0 && screen->selected == 0)
        read_older(screen, app, journal);
    if (rows < 0)
        select_record(screen, journal, screen->selected > step ? screen->selected - step : 0);
    else
        select_record(screen, journal, screen->selected + step);
}

static bool act_on_position(struct journal_screen *screen, struct app *app, enum action action) {
    long page = screen->page > 1 ? (long)screen->page - 1 : 1;
    switch (action) {
    case ACTION_UP:
        move_by(screen, app, -1);
        return true;
    case ACTION_DOWN:
        move_by(screen, app, 1);
        return true;
    case ACTION_TOP:
        move_by(screen, app, -1000000000);
        return true;
    case ACTION_BOTTOM:
        move_by(screen, app, 1000000000);
        return true;
    case ACTION_PAGE_UP:
        move_by(screen, app, -page);
        return true;
    case ACTION_PAGE_DOWN:
        move_by(screen, app, page);
        return true;
    case ACTION_HALF_UP:
        move_by(screen, app, -(page + 1) / 2);
        return true;
    case ACTION_HALF_DOWN:
        move_by(screen, app, (page + 1) / 2);
        return true;
    default:
        return false;
    }
}

/* ---- settling by hand ------------------------------------------------------------------------ */

static bool is_of_session(const struct session *session, const char *id) {
    struct unsettled_entry entry;
    for (size_t i = 0; i < session_unsettled(session); i++) {
        session_unsettled_entry(session, i, &entry);
        if (strcmp(entry.id, id) == 0)
            return true;
    }
    return false;
}

static void settled(struct app *app, void *context, int answer) {
    struct screen *top = app_top(app);
    struct error error;
    (void)context;
    if (answer < 0 || answer > 1 || top->ops != &journal_ops)
        return;
    if (!session_settle_by_hand(app->session, of(top)->settling, answer == 0, &error))
        app_say(app, STYLE_ERROR, "%s", error.text);
    else
        app_say(app, STYLE_GOOD, "Recorded: you said that it was %sapplied.",
                answer == 0 ? "" : "not ");
}

static void ask_what_came(struct journal_screen *screen, struct app *app,
                          const struct journal_record *record) {
    static const char *const buttons[] = {"Yes, applied", "No, not applied", "Back"};
    char when[STAMP_SIZE];
    struct buffer text;
    buffer_init(&text);
    stamp_write_local(record->when_ms, when);
    buffer_printf(&text,
                  "%s %s, of %s. Was it applied?\nLook at the table, or ask who runs the service. "
                  "Your answer is recorded as yours.",
                  change_op_names[record->op], record->bucket, when);
    snprintf(screen->settling, sizeof screen->settling, "%s", record->id);
    app_push(app, dialog_create(text.data, buttons, 3, 2, settled, NULL));
    buffer_finish(&text);
}

static void settle(struct journal_screen *screen, struct app *app,
                   const struct journal_record *record, const struct journal *journal) {
    if (journal_is_settled(record->state))
        app_say(app, STYLE_NORMAL, "%s %s: it is settled: %s.", change_op_names[record->op],
                record->bucket, journal_state_names[record->state]);
    else if (is_of_session(app->session, record->id))
        ask_what_came(screen, app, record);
    else if (journal_is_ours(journal, record))
        app_say(app, STYLE_WARNING, "%s %s: it is under way.", change_op_names[record->op],
                record->bucket);
    else if (journal_is_running(journal, record))
        app_say(app, STYLE_WARNING, "%s %s: another pail that is running is at it.",
                change_op_names[record->op], record->bucket);
    else
        app_say(app, STYLE_WARNING, "%s %s: it is of another service, %s: open that to settle it.",
                change_op_names[record->op], record->bucket, record->host);
}

/* ---- keys ------------------------------------------------------------------------------------ */

static void act_on_record(struct journal_screen *screen, struct app *app, enum action action) {
    struct journal *journal = session_journal(app->session);
    if (journal == NULL || screen->selected >= journal_count(journal)) {
        app_say(app, STYLE_WARNING, "%s: there is no record here.", actions[action].name);
        return;
    }
    const struct journal_record *record = journal_record(journal, screen->selected);
    if (action == ACTION_RECORD)
        app_push(app, record_screen_create(record->id));
    else if (action == ACTION_SETTLE)
        settle(screen, app, record, journal);
    else if (action == ACTION_UNDO_RECORD)
        undo_act(app, screen->id);
    else if (action == ACTION_COPY)
        app_copy(app, "name", record->bucket, strlen(record->bucket));
}

static void journal_act(struct screen *base, struct app *app, enum action action) {
    struct journal_screen *screen = of(base);
    look(screen, app);
    if (act_on_position(screen, app, action))
        return;
    if (action == ACTION_BACK || action == ACTION_CLOSE || action == ACTION_CANCEL)
        app_pop(app);
    else
        act_on_record(screen, app, action);
}

static bool journal_key(struct screen *base, struct app *app, int key) {
    struct journal_screen *screen = of(base);
    struct journal *journal = session_journal(app->session);
    int row, column;
    if (key == K_MOUSE_WHEEL_UP || key == K_MOUSE_WHEEL_DOWN)
        move_by(screen, app, key == K_MOUSE_WHEEL_UP ? -3 : 3);
    if (key != K_MOUSE_CLICK)
        return key == K_MOUSE_WHEEL_UP || key == K_MOUSE_WHEEL_DOWN;
    terminal_mouse_position(app->terminal, &row, &column);
    if (journal && row >= 3 && (size_t)row < 3 + screen->page)
        select_record(screen, journal, screen->top + (size_t)row - 3);
    return true;
}

static void journal_wake(struct screen *base, struct app *app) {
    look(of(base), app);
}

static int journal_timer(const struct screen *base) {
    (void)base;
    return LOOK_MS;
}

static void journal_destroy(struct screen *base) {
    free(of(base));
}

static const struct screen_ops journal_ops = {
    .context = IN_JOURNAL,
    .draw = journal_screen_draw,
    .act = journal_act,
    .key = journal_key,
    .wake = journal_wake,
    .timer = journal_timer,
    .destroy = journal_destroy,
};

struct screen *journal_screen_create(void) {
    struct journal_screen *screen = memory_new(1, sizeof *screen);
    screen->base.ops = &journal_ops;
    return &screen->base;
}
