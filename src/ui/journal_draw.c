/* The journal's drawing; journal_screen.c has its keys. */
#include <stdio.h>
#include <string.h>

#include "journal_screen.h"
#include "pail/base/stamp.h"
#include "pail/ui/frame.h"

enum style journal_state_style(enum journal_state state) {
    switch (state) {
    case JOURNAL_APPLIED:
        return STYLE_GOOD;
    case JOURNAL_REFUSED:
    case JOURNAL_NOT_SENT:
    case JOURNAL_CONFLICT:
        return STYLE_ERROR;
    case JOURNAL_REPLACED:
        return STYLE_DIM;
    default:
        return STYLE_WARNING;
    }
}

/* Where columns begin, and how many cells they have; 0: left out. */
struct places {
    int when, outcome, op, bucket, who;
    int when_width, bucket_width, who_width;
};

enum { OUTCOME_WIDTH = 8, OP_WIDTH = 6, GAP = 2, NARROW = 72 };

static struct places find_places(int width) {
    struct places places = {.when = 2, .when_width = width < NARROW ? 11 : 19};
    places.outcome = places.when + places.when_width + GAP;
    int next = places.outcome + OUTCOME_WIDTH + GAP;
    if (width >= NARROW) {
        places.op = next;
        next += OP_WIDTH + GAP;
        places.who_width = (width - next) * 2 / 5;
    }
    places.bucket = next;
    places.bucket_width = width - 1 - next - (places.who_width ? places.who_width + GAP : 0);
    places.who = places.bucket + places.bucket_width + GAP;
    return places;
}

static void draw_titles(struct app *app, const struct places *places, int row) {
    struct terminal *terminal = app->terminal;
    terminal_text(terminal, row, places->when, places->when_width, STYLE_TITLE, "WHEN");
    terminal_text(terminal, row, places->outcome, OUTCOME_WIDTH, STYLE_TITLE, "OUTCOME");
    if (places->op > 0)
        terminal_text(terminal, row, places->op, OP_WIDTH, STYLE_TITLE, "WHAT");
    terminal_text(terminal, row, places->bucket, places->bucket_width, STYLE_TITLE, "BUCKET");
    if (places->who_width > 0)
        terminal_text(terminal, row, places->who, places->who_width, STYLE_TITLE, "WHO");
}

static void draw_record(struct app *app, const struct places *places, int row,
                        const struct journal_record *record, bool selected) {
    struct terminal *terminal = app->terminal;
    char when[STAMP_SIZE];
    stamp_write_local(record->when_ms, when);
    if (selected)
        terminal_text(terminal, row, 0, 1, STYLE_NORMAL, terminal_sign(terminal, SIGN_MARKER));
    if (!journal_is_settled(record->state))
        terminal_text(terminal, row, 1, 1, STYLE_WARNING, "?");
    if (places->when_width < 19) { /* month, day, hour and minute are enough */
        memmove(when, when + 5, 11);
        when[11] = '\0';
    }
    terminal_text(terminal, row, places->when, places->when_width, STYLE_NORMAL, when);
    terminal_text(terminal, row, places->outcome, OUTCOME_WIDTH, journal_state_style(record->state),
                  journal_state_names[record->state]);
    if (places->op > 0)
        terminal_text(terminal, row, places->op, OP_WIDTH, STYLE_NORMAL,
                      change_op_names[record->op]);
    terminal_text(terminal, row, places->bucket, places->bucket_width,
                  selected ? STYLE_SELECTED : STYLE_NORMAL, record->bucket);
    if (places->who_width > 0)
        terminal_text(terminal, row, places->who, places->who_width, STYLE_NORMAL,
                      record->user[0] ? record->user : record->login);
}

/* "3 of 12  endpoint, accessRole: because" */
static void describe(const struct journal_screen *screen, const struct journal *journal,
                     struct buffer *text) {
    size_t count = journal_count(journal);
    if (screen->selected >= count)
        return;
    const struct journal_record *record = journal_record(journal, screen->selected);
    buffer_printf(text, "%zu of %zu  ", screen->selected + 1, count);
    if (record->op == CHANGE_MODIFY)
        journal_record_fields(record, text);
    else
        buffer_printf(text, "at %s", record->host);
    if (record->undoes[0] != '\0')
        buffer_append_string(text, ", an undo");
    if (record->reason[0] != '\0')
        buffer_printf(text, ": %s", record->reason);
}

static void keep_in_view(struct journal_screen *screen, size_t count) {
    size_t page = screen->page > 0 ? screen->page : 1;
    if (screen->selected < screen->top)
        screen->top = screen->selected;
    if (screen->selected >= screen->top + page)
        screen->top = screen->selected - page + 1;
    if (screen->top + page > count)
        screen->top = count > page ? count - page : 0;
}

/* What is wrong, or why there is nothing; "" if all is well. */
static const char *remark(const struct journal_screen *screen, const struct app *app,
                          const struct journal *journal) {
    if (journal == NULL) {
        const char *trouble = session_journal_trouble(app->session);
        return trouble[0] ? trouble : "This sitting keeps no journal.";
    }
    if (screen->trouble.text[0] != '\0')
        return screen->trouble.text;
    if (journal_damage(journal)[0] != '\0')
        return journal_damage(journal);
    return journal_count(journal) == 0 ? "Nothing was changed yet." : "";
}

static void draw_records(struct journal_screen *screen, struct app *app,
                         const struct journal *journal, struct area area) {
    const struct places places = find_places(area.width);
    size_t count = journal_count(journal);
    draw_titles(app, &places, area.row);
    screen->page = area.height > 1 ? (size_t)area.height - 1 : 0;
    keep_in_view(screen, count);
    for (size_t i = 0; i < screen->page && screen->top + i < count; i++)
        draw_record(app, &places, area.row + 1 + (int)i, journal_record(journal, screen->top + i),
                    screen->top + i == screen->selected);
}

void journal_screen_draw(struct screen *base, struct app *app) {
    struct journal_screen *screen = (struct journal_screen *)base;
    const struct journal *journal = session_journal(app->session);
    struct area body = frame_body(app);
    const char *wrong = remark(screen, app, journal);
    struct buffer status;
    buffer_init(&status);
    if (wrong[0] != '\0') {
        int rows = frame_text_rows(app, body.width - 2, wrong);
        rows = rows < body.height ? rows : body.height;
        body.height -= rows;
        frame_text(app, (struct area){body.row + body.height, 1, rows, body.width - 2},
                   STYLE_WARNING, wrong);
    }
    if (journal != NULL) {
        draw_records(screen, app, journal, body);
        describe(screen, journal, &status);
    }
    frame_draw(app, IN_JOURNAL, "journal", status.data);
    buffer_finish(&status);
}
