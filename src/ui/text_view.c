#include "text_view_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "pail/base/memory.h"
#include "pail/ui/frame.h"
#include "wrap.h"

struct text_view *text_view_create(void) {
    struct text_view *view = memory_new(1, sizeof *view);
    buffer_init(&view->text);
    line_editor_init(&view->search, false);
    return view;
}

void text_view_destroy(struct text_view *view) {
    buffer_finish(&view->text);
    line_editor_finish(&view->search);
    free(view->spans);
    free(view->rows);
    free(view->choices);
    free(view);
}

static void forget_rows(struct text_view *view) {
    view->row_count = view->wrapped = view->whole = view->whole_rows = view->whole_spans = 0;
}

void text_view_clear(struct text_view *view) {
    buffer_clear(&view->text);
    view->span_count = view->choice_count = 0;
    view->width = 0;
    forget_rows(view);
}

bool text_view_is_empty(const struct text_view *view) {
    return view->text.length == 0;
}

void text_view_top(struct text_view *view) {
    view->top = 0;
}

void text_view_bottom(struct text_view *view) {
    view->top = SIZE_MAX; /* the next draw takes it back to the last page */
}

void text_view_add(struct text_view *view, enum style style, const char *text, size_t length) {
    if (length == 0)
        return;
    if (view->span_count == view->span_room) {
        view->span_room = view->span_room ? view->span_room * 2 : 128;
        view->spans = memory_resize(view->spans, view->span_room, sizeof *view->spans);
    }
    size_t start = view->text.length;
    view->spans[view->span_count++] = (struct span){style, start, start + length};
    buffer_append(&view->text, text, length);
}

void text_view_add_string(struct text_view *view, enum style style, const char *text) {
    text_view_add(view, style, text, strlen(text));
}

void text_view_add_raw(struct text_view *view, enum style style, const char *text) {
    struct buffer safe;
    buffer_init(&safe);
    text_append_safe(&safe, text, strlen(text), text_charset());
    text_view_add(view, style, safe.data, safe.length);
    buffer_finish(&safe);
}

void text_view_text(const struct text_view *view, struct buffer *out) {
    buffer_append(out, view->text.data, view->text.length);
    if (view->text.length > 0 && view->text.data[view->text.length - 1] != '\n')
        buffer_append_char(out, '\n');
}

/* ---- rows ------------------------------------------------------------------------------------ */

static void add_row(struct text_view *view, size_t start, size_t end, int indent, size_t *span) {
    if (view->row_count == view->row_room) {
        view->row_room = view->row_room ? view->row_room * 2 : 64;
        view->rows = memory_resize(view->rows, view->row_room, sizeof *view->rows);
    }
    while (*span < view->span_count && view->spans[*span].end <= start)
        ++*span;
    view->rows[view->row_count++] = (struct row){start, end, indent, *span};
}

/* How far the rows after a line's first are set in: below what follows a label (a gap of two
 * blanks), if that leaves half of the width; else a little more than the line itself. *label is
 * how many bytes of the line the label and its gap are, 0 where nothing is set below it. */
static int hanging(const char *line, size_t length, int width, enum text_charset charset,
                   size_t *label) {
    size_t indent = 0, at;
    while (indent < length && line[indent] == ' ')
        indent++;
    const char *gap = memmem(line + indent, length - indent, "  ", 2);
    for (at = gap ? (size_t)(gap - line) : length; at < length && line[at] == ' ';)
        at++;
    int column = text_width(line, at, charset);
    bool labelled = at < length && column <= width / 2;
    *label = labelled ? at : 0;
    if (labelled)
        return column;
    bool plain = indent == 0 && at == length;
    return plain || (int)indent > width / 2 ? 0 : (int)indent + 2;
}

static void wrap_line(struct text_view *view, size_t start, size_t end, enum text_charset charset,
                      size_t *span) {
    const char *text = view->text.data;
    size_t at = start, label, next;
    int indent = hanging(text + start, end - start, view->width, charset, &label);
    do {
        int first = at == start ? 0 : indent, column = label > 0 ? indent : first;
        size_t fits =
            wrap_row(text + at + label, end - at - label, view->width - column, charset, &next);
        add_row(view, at, at + label + fits, first, span);
        at += label + next;
        label = 0; /* it is on the first row */
    } while (at < end);
}

/* Cuts what has no rows yet into them; also the last line again, which may have grown. */
static void wrap_rest(struct text_view *view, enum text_charset charset) {
    const char *text = view->text.data;
    size_t span = view->whole_spans;
    view->row_count = view->whole_rows;
    for (size_t start = view->whole, end; start < view->text.length; start = end + 1) {
        const char *newline = memchr(text + start, '\n', view->text.length - start);
        end = newline ? (size_t)(newline - text) : view->text.length;
        wrap_line(view, start, end, charset, &span);
        if (newline) {
            view->whole = end + 1;
            view->whole_rows = view->row_count;
            view->whole_spans = span;
        }
    }
    view->wrapped = view->text.length;
}

/* Cuts the lines into rows. At another width the row at the top stays where it was in the text. */
static void wrap(struct text_view *view, int width, enum text_charset charset) {
    if (view->width == width && view->wrapped == view->text.length)
        return;
    bool anew = view->width != width;
    size_t kept = anew && view->top < view->row_count ? view->rows[view->top].start : SIZE_MAX;
    if (anew)
        forget_rows(view);
    view->width = width;
    wrap_rest(view, charset);
    for (size_t i = 0; kept != SIZE_MAX && i < view->row_count && view->rows[i].start <= kept; i++)
        view->top = i;
}

/* The first match at or after `from` within the row; SIZE_MAX if there is none. */
static size_t match_in_row(const struct text_view *view, size_t row, size_t from) {
    const struct buffer *needle = &view->search.text;
    for (size_t at = from; needle->length > 0 && at + needle->length <= view->rows[row].end; at++)
        if (strncasecmp(view->text.data + at, needle->data, needle->length) == 0)
            return at;
    return SIZE_MAX;
}

static bool has_match(const struct text_view *view, size_t row) {
    return match_in_row(view, row, view->rows[row].start) != SIZE_MAX;
}

static size_t last_top(const struct text_view *view) {
    return view->row_count > view->page ? view->row_count - view->page : 0;
}

void text_view_scroll(struct text_view *view, size_t top) {
    view->top = top < last_top(view) ? top : last_top(view);
}

/* Brings the next row with a match (from `from` on, around the end) to the top. */
static bool find_match(struct text_view *view, size_t from, bool backwards) {
    size_t count = view->row_count;
    for (size_t i = 0; i < count; i++) {
        size_t row = backwards ? (from + count - i) % count : (from + i) % count;
        if (has_match(view, row)) {
            view->top = row;
            return true;
        }
    }
    return false;
}

/* ---- drawing --------------------------------------------------------------------------------- */

static void draw_matches(const struct text_view *view, struct app *app, size_t index,
                         struct area area) {
    enum text_charset charset = terminal_charset(app->terminal);
    size_t start = view->rows[index].start, length = view->search.text.length;
    for (size_t at = match_in_row(view, index, start); at != SIZE_MAX;
         at = match_in_row(view, index, at + length)) {
        int column = text_width(view->text.data + start, at - start, charset);
        terminal_text_n(app->terminal, area.row, area.column + column, area.width - column,
                        STYLE_MATCH, view->text.data + at, length, 0);
    }
}

static void draw_row(const struct text_view *view, struct app *app, size_t index,
                     struct area area) {
    const struct row *piece = &view->rows[index];
    int column = 0;
    for (size_t i = piece->first_span; i < view->span_count; i++) {
        const struct span *span = &view->spans[i];
        if (span->start >= piece->end)
            break;
        size_t start = span->start > piece->start ? span->start : piece->start;
        size_t end = span->end < piece->end ? span->end : piece->end;
        column +=
            terminal_text_n(app->terminal, area.row, area.column + column, area.width - column,
                            span->style, view->text.data + start, end - start, 0);
    }
}

void text_view_draw_search(const struct text_view *view, struct app *app) {
    if (!view->searching)
        return;
    struct terminal *terminal = app->terminal;
    int row = terminal_rows(terminal) - 2, width = terminal_columns(terminal);
    terminal_fill(terminal, row, 0, width, STYLE_NORMAL);
    terminal_text(terminal, row, 1, 1, STYLE_KEY, "/");
    line_editor_draw(&view->search, terminal, row, 2, width - 3, STYLE_FIELD, false, true);
    frame_prompt_message(app, row + 1, "Enter searches  Esc back");
}

void text_view_draw(struct text_view *view, struct app *app, struct area area) {
    area.column++;
    area.width -= 2;
    view->page = (size_t)area.height;
    wrap(view, area.width, terminal_charset(app->terminal));
    if (view->top > last_top(view) && view->search.text.length == 0)
        text_view_scroll(view, view->top);
    text_view_choose_in_view(view);
    size_t chosen = text_view_chosen_row(view);
    for (int i = 0; i < area.height && view->top + (size_t)i < view->row_count; i++) {
        size_t index = view->top + (size_t)i;
        int indent = view->rows[index].indent;
        struct area row = {area.row + i, area.column + indent, 1, area.width - indent};
        if (index == chosen)
            terminal_text(app->terminal, row.row, area.column - 1, 1, STYLE_KEY,
                          terminal_sign(app->terminal, SIGN_MARKER));
        draw_row(view, app, index, row);
        draw_matches(view, app, index, row);
    }
}

bool text_view_fits(const struct text_view *view) {
    return view->row_count <= view->page;
}

const char *text_view_status(struct text_view *view) {
    size_t matches = 0;
    for (size_t row = 0; view->search.text.length > 0 && row < view->row_count; row++)
        matches += has_match(view, row);
    size_t last =
        view->top + view->page < view->row_count ? view->top + view->page : view->row_count;
    int used = snprintf(view->status, sizeof view->status, "lines %zu-%zu of %zu",
                        view->row_count ? view->top + 1 : 0, last, view->row_count);
    if (view->search.text.length > 0 && used > 0)
        snprintf(view->status + used, sizeof view->status - (size_t)used,
                 matches ? ", %zu with a match" : ", no match", matches);
    return view->status;
}

/* ---- keys ------------------------------------------------------------------------------------ */

static bool move(struct text_view *view, enum action action) {
    size_t page = view->page > 1 ? view->page - 1 : 1, half = (view->page + 1) / 2;
    size_t down = 0, up = 0;
    switch (action) {
    case ACTION_UP:
        up = 1;
        break;
    case ACTION_DOWN:
        down = 1;
        break;
    case ACTION_TOP:
        up = view->top;
        break;
    case ACTION_BOTTOM:
        down = view->row_count;
        break;
    case ACTION_PAGE_UP:
    case ACTION_TEXT_PAGE_UP:
        up = page;
        break;
    case ACTION_PAGE_DOWN:
    case ACTION_TEXT_PAGE_DOWN:
        down = page;
        break;
    case ACTION_HALF_UP:
        up = half;
        break;
    case ACTION_HALF_DOWN:
        down = half;
        break;
    default:
        return false;
    }
    text_view_scroll(view, view->top + down - (up < view->top ? up : view->top));
    return true;
}

static void leave_search(struct text_view *view) {
    line_editor_set(&view->search, "");
    view->searching = false;
}

bool text_view_act(struct text_view *view, struct app *app, enum action action) {
    if (view->searching && (action == ACTION_BACK || action == ACTION_CANCEL)) {
        leave_search(view);
        return true;
    }
    if (view->width > 0)
        wrap(view, view->width, terminal_charset(app->terminal)); /* what was added since */
    if (text_view_choose_next(view, action) || move(view, action)) {
        text_view_choose_in_view(view);
        return true;
    }
    switch (action) {
    case ACTION_SEARCH:
        line_editor_set(&view->search, "");
        view->searching = true;
        return true;
    case ACTION_NEXT_MATCH:
    case ACTION_PREVIOUS_MATCH:
        if (view->row_count > 0)
            find_match(
                view, action == ACTION_NEXT_MATCH ? view->top + 1 : view->top + view->row_count - 1,
                action == ACTION_PREVIOUS_MATCH);
        if (view->search.text.length == 0)
            app_say(app, STYLE_NORMAL, "Nothing was searched for yet: / begins.");
        return true;
    default:
        return false;
    }
}

bool text_view_typing(const struct text_view *view) {
    return view->searching;
}

bool text_view_key(struct text_view *view, struct app *app, int key) {
    if (!view->searching)
        return false;
    if (key == K_ESCAPE) {
        leave_search(view);
        return true;
    }
    if (key != K_ENTER || view->search.pasting)
        return app_type(app, &view->search, key);
    view->searching = false;
    if (view->search.text.length > 0 && !find_match(view, view->top, false))
        app_say(app, STYLE_WARNING, "Not found: %s", view->search.text.data);
    return true;
}
