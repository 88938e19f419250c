/* The conflict's drawing: three versions side by side, or one below the other where it is narrow.
 */
#include <stdio.h>
#include <string.h>

#include "merge_screen.h"
#include "pail/ui/frame.h"
#include "wrap.h"

enum {
    NARROW = 70, /* columns: below, the versions are stacked */
    NAME_COLUMN = 3,
    NAME_WIDTH = 16,
    RADIO_WIDTH = 4, /* "(*) " */
};

/* Draws line after line into the rows in view. A first pass only counts. */
struct pen {
    struct merge_screen *screen;
    struct app *app;
    struct area area;
    int line;
    bool counting;
    int focus_first, focus_end; /* the lines of the focused row; -1: it has none */
};

/* One of the three versions of a field. */
struct version {
    const char *label, *text;
    enum merge_side side; /* MERGE_UNDECIDED: opened, which can't be chosen */
    enum style style;
};

/* ---- text in lines --------------------------------------------------------------------------- */

/* The terminal's row of a line; false if it isn't in view. */
static bool row_in_view(const struct pen *pen, int line, int *row) {
    int offset = line - pen->screen->top;
    *row = pen->area.row + offset;
    return !pen->counting && offset >= 0 && offset < pen->area.height;
}

static void draw_at(const struct pen *pen, int line, int column, int width, enum style style,
                    const char *text, size_t length) {
    int row;
    if (row_in_view(pen, line, &row))
        terminal_text_n(pen->app->terminal, row, column, width, style, text, length, 0);
}

/* Raw text, wrapped, from that line on; returns the lines used. */
static int draw_wrapped(const struct pen *pen, int line, int column, int width, enum style style,
                        const char *raw) {
    enum text_charset charset = terminal_charset(pen->app->terminal);
    size_t length = strlen(raw), at = 0, next;
    int used = 0;
    do {
        size_t fits = wrap_row(raw + at, length - at, width, charset, &next);
        draw_at(pen, line + used++, column, width, style, raw + at, fits);
        at += next;
    } while (at < length);
    return used;
}

static void draw_sentence(struct pen *pen, enum style style, const char *raw) {
    pen->line +=
        draw_wrapped(pen, pen->line, NAME_COLUMN, pen->area.width - NAME_COLUMN - 1, style, raw);
}

/* ---- the sentences above --------------------------------------------------------------------- */

static const char *advice(enum merge_kind kind) {
    switch (kind) {
    case MERGE_CHANGED:
        return "Left takes theirs and Right yours, field by field; then Review. Nothing is sent "
               "before its review.";
    case MERGE_EXISTS:
        return "Mine replaces the entry that is there. Or choose field by field, Left theirs and "
               "Right yours; then Review. Nothing is sent before its review.";
    case MERGE_GONE:
        return "It can be added anew, in its review. Cancel leads back.";
    case MERGE_DELETE:
        return "It can still be deleted as it is now, in its review.";
    default:
        return "Nothing is left to delete.";
    }
}

static void draw_sentences(struct pen *pen) {
    const struct merge *merge = pen->screen->merge;
    draw_sentence(pen, STYLE_WARNING, pen->screen->text);
    if (merge_is_hidden(merge))
        draw_sentence(pen, STYLE_WARNING,
                      "! No field that the listing shows has changed: it may be a secret.");
    draw_sentence(pen, STYLE_NORMAL, advice(merge_kind(merge)));
    pen->line++;
}

/* ---- a field --------------------------------------------------------------------------------- */

static enum style style_of(const struct merge_row *row, enum merge_side side, bool focus) {
    if (row->choice && row->side == side)
        return focus ? STYLE_FOCUS : STYLE_NORMAL;
    if (row->choice && row->side != MERGE_UNDECIDED)
        return STYLE_DIM;
    return side == MERGE_THEIRS && row->changed ? STYLE_WARNING : STYLE_NORMAL;
}

static void versions_of(const struct merge_row *row, bool focus, struct version versions[3]) {
    versions[0] = (struct version){"opened", row->opened, MERGE_UNDECIDED, STYLE_DIM};
    versions[1] =
        (struct version){"now", row->now, MERGE_THEIRS, style_of(row, MERGE_THEIRS, focus)};
    versions[2] =
        (struct version){"yours", row->mine, MERGE_MINE, style_of(row, MERGE_MINE, focus)};
}

/* Which of the two is chosen shows without colours too. */
static void draw_radio(const struct pen *pen, int line, int column, const struct merge_row *row,
                       enum merge_side side, bool focus) {
    bool chosen = row->side == side;
    int terminal_row;
    if (!row->choice || side == MERGE_UNDECIDED)
        return;
    draw_at(pen, line, column, RADIO_WIDTH, chosen ? STYLE_KEY : STYLE_DIM, chosen ? "(*)" : "( )",
            3);
    bool here = chosen || (row->side == MERGE_UNDECIDED && side == MERGE_THEIRS);
    if (focus && here && row_in_view(pen, line, &terminal_row))
        terminal_cursor(pen->app->terminal, terminal_row, column + 1);
}

static int text_width_of(const struct pen *pen) {
    return (pen->area.width - NAME_COLUMN - NAME_WIDTH - 2 - 2 * RADIO_WIDTH) / 3;
}

static void draw_heads(struct pen *pen) {
    static const char *const heads[] = {"opened", "now (theirs)", "yours"};
    int width = text_width_of(pen), column = NAME_COLUMN + NAME_WIDTH + 1, row;
    if (pen->area.width < NARROW || merge_count(pen->screen->merge) == 0)
        return;
    for (int i = 0; i < 3; i++) {
        column += i > 0 ? RADIO_WIDTH : 0;
        if (row_in_view(pen, pen->line, &row))
            terminal_text(pen->app->terminal, row, column, width - 1, STYLE_TITLE, heads[i]);
        column += width;
    }
    pen->line++;
}

static int draw_beside(const struct pen *pen, const struct merge_row *row,
                       const struct version versions[3], bool focus) {
    int width = text_width_of(pen), column = NAME_COLUMN + NAME_WIDTH + 1, used = 1;
    if (row->choice && row->side == MERGE_UNDECIDED) {
        draw_at(pen, pen->line + 1, NAME_COLUMN, NAME_WIDTH, STYLE_WARNING, "! choose", 8);
        used = 2;
    }
    for (int i = 0; i < 3; i++) {
        draw_radio(pen, pen->line, column, row, versions[i].side, focus);
        column += i > 0 ? RADIO_WIDTH : 0;
        int lines =
            draw_wrapped(pen, pen->line, column, width - 1, versions[i].style, versions[i].text);
        used = lines > used ? lines : used;
        column += width;
    }
    return used;
}

static int draw_below(const struct pen *pen, const struct merge_row *row,
                      const struct version versions[3], bool focus) {
    enum { LABEL_WIDTH = 7, TEXT_COLUMN = NAME_COLUMN + RADIO_WIDTH + LABEL_WIDTH };
    int line = pen->line + 1, right = pen->area.width - 1 - 8;
    if (row->choice && row->side == MERGE_UNDECIDED)
        draw_at(pen, pen->line, right, 8, STYLE_WARNING, "! choose", 8);
    for (int i = 0; i < 3; i++) {
        const struct version *version = &versions[i];
        draw_radio(pen, line, NAME_COLUMN, row, version->side, focus);
        draw_at(pen, line, NAME_COLUMN + RADIO_WIDTH, LABEL_WIDTH, STYLE_LABEL, version->label,
                strlen(version->label));
        line += draw_wrapped(pen, line, TEXT_COLUMN, pen->area.width - TEXT_COLUMN - 1,
                             version->style, version->text);
    }
    return line - pen->line;
}

static void draw_row(struct pen *pen, size_t index) {
    struct merge_row row = merge_row(pen->screen->merge, index);
    struct terminal *terminal = pen->app->terminal;
    bool focus = (int)index == pen->screen->focus, narrow = pen->area.width < NARROW;
    int at, name_width = narrow ? pen->area.width - NAME_COLUMN - 10 : NAME_WIDTH;
    struct version versions[3];
    versions_of(&row, focus, versions);
    if (row_in_view(pen, pen->line, &at)) {
        if (focus)
            terminal_text(terminal, at, 1, 1, STYLE_KEY, terminal_sign(terminal, SIGN_MARKER));
        terminal_text(terminal, at, NAME_COLUMN, name_width, STYLE_LABEL, row.name);
    }
    if (focus)
        pen->focus_first = pen->line;
    pen->line += (narrow ? draw_below : draw_beside)(pen, &row, versions, focus);
    if (focus)
        pen->focus_end = pen->line;
}

static void draw_lines(struct pen *pen) {
    draw_sentences(pen);
    draw_heads(pen);
    for (size_t i = 0; i < merge_count(pen->screen->merge); i++)
        draw_row(pen, i);
}

/* ---- scrolling and buttons ------------------------------------------------------------------- */

/* Brings the focused row into view, or at least its first line; for a button the end. */
static void scroll(const struct pen *pen) {
    struct merge_screen *screen = pen->screen;
    int height = pen->area.height, end = pen->focus_first < 0 ? pen->line : pen->focus_end;
    if (screen->follow && end > screen->top + height)
        screen->top = end - height;
    if (screen->follow && pen->focus_first >= 0 && pen->focus_first < screen->top)
        screen->top = pen->focus_first;
    if (screen->top > pen->line - height)
        screen->top = pen->line > height ? pen->line - height : 0;
    screen->lines = pen->line;
    screen->page = height;
    screen->follow = false;
}

const char *merge_button_label(enum merge_kind kind, enum merge_button button, bool narrow) {
    static const char *const labels[][BUTTON_COUNT] = {
        [MERGE_CHANGED] = {"Review", "Keep mine", "Take theirs", "Cancel"},
        [MERGE_GONE] = {NULL, "Add it anew", "Leave it gone", "Cancel"},
        [MERGE_EXISTS] = {"Review", "Keep mine", "Take theirs", "Cancel"},
        [MERGE_DELETE] = {NULL, "Delete it", "Keep it", "Cancel"},
        [MERGE_DELETE_OF_GONE] = {NULL, NULL, "Close", NULL},
    };
    static const char *const narrow_labels[][BUTTON_COUNT] = {
        /* of 38 cells, with a gap of one */
        [MERGE_CHANGED] = {"Review", "Mine", "Theirs", "Back"},
        [MERGE_GONE] = {NULL, "Add anew", "Leave it", "Cancel"},
        [MERGE_EXISTS] = {"Review", "Mine", "Theirs", "Back"},
        [MERGE_DELETE] = {NULL, "Delete", "Keep it", "Cancel"},
        [MERGE_DELETE_OF_GONE] = {NULL, NULL, "Close", NULL},
    };
    return (narrow ? narrow_labels : labels)[kind][button];
}

static void draw_buttons(const struct merge_screen *screen, struct app *app, int row) {
    int width = terminal_columns(app->terminal), column = 1;
    bool narrow = width < NARROW;
    for (int i = 0; i < BUTTON_COUNT; i++) {
        const char *label =
            merge_button_label(merge_kind(screen->merge), (enum merge_button)i, narrow);
        bool focus = screen->focus == (int)merge_count(screen->merge) + i;
        if (label)
            column += (narrow ? 1 : 2) + frame_button(app, row, column, label, focus);
    }
    char text[48];
    int last =
        screen->top + screen->page < screen->lines ? screen->top + screen->page : screen->lines;
    snprintf(text, sizeof text, "lines %d-%d of %d", screen->top + 1, last, screen->lines);
    if (screen->page < screen->lines)
        frame_status(app, row, column, text);
}

static void draw_more(const struct merge_screen *screen, struct app *app, struct area area) {
    struct terminal *terminal = app->terminal;
    if (screen->top > 0)
        terminal_text(terminal, area.row - 1, area.width - 2, 1, STYLE_KEY,
                      terminal_sign(terminal, SIGN_UP));
    if (screen->top + area.height < screen->lines)
        terminal_text(terminal, area.row + area.height, area.width - 2, 1, STYLE_KEY,
                      terminal_sign(terminal, SIGN_DOWN));
}

void merge_screen_draw(struct screen *base, struct app *app) {
    struct merge_screen *screen = (struct merge_screen *)base;
    struct buffer title;
    buffer_init(&title);
    buffer_printf(&title, "conflict: %s", merge_name(screen->merge));
    struct area area = frame_draw_for_buttons(app, IN_REVIEW, title.data);
    buffer_finish(&title);
    struct pen pen = {.screen = screen, .app = app, .area = area, .focus_first = -1};
    struct pen counting = pen;
    counting.counting = true;
    draw_lines(&counting);
    scroll(&counting);
    draw_lines(&pen);
    draw_buttons(screen, app, terminal_rows(app->terminal) - 2);
    draw_more(screen, app, area);
    if (!screen->drawn)
        terminal_drop_keys(app->terminal);
    screen->drawn = true;
}
