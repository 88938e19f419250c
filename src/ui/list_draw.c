/* The list's drawing; list_screen.c has its keys. */
#include <string.h>

#include "list_screen.h"
#include "pail/buckets/rules.h"
#include "pail/ui/frame.h"

static void draw_row(struct list_screen *list, struct app *app, const struct column_layout *layout,
                     int row, size_t position) {
    struct terminal *terminal = app->terminal;
    struct bucket bucket;
    listing_get(list->listing, position, &bucket);
    bool selected = position == list->selected;
    bool marked = listing_is_marked(list->listing, position);
    bool unsettled = session_is_unsettled(app->session, bucket.value[FIELD_NAME]);
    terminal_text(terminal, row, 0, 1, STYLE_KEY,
                  selected ? terminal_sign(terminal, SIGN_MARKER) : " ");
    terminal_text(terminal, row, 1, 1, unsettled ? STYLE_WARNING : STYLE_MARKED,
                  unsettled ? "?"
                  : marked  ? terminal_sign(terminal, SIGN_MARKED)
                            : " ");
    for (int i = 0; i < layout->count; i++) {
        const struct column_place *place = &layout->places[i];
        const char *text = column_text(&bucket, place->column);
        enum style style = place->column == COLUMN_NAME && selected ? STYLE_SELECTED
                           : place->column == COLUMN_NAME && marked ? STYLE_MARKED
                                                                    : STYLE_NORMAL;
        int used = terminal_text(terminal, row, place->start, place->width, style, text);
        if (place->column == COLUMN_ACCESS && used + 2 <= place->width &&
            rules_check_all(&bucket, NULL, NULL) != RULE_OK)
            terminal_text(terminal, row, place->start + used + 1, 1, STYLE_WARNING, "!");
    }
}

/* The mark of the order goes into the gap after a column that is no wider than its title. */
static void draw_sort_mark(const struct list_screen *list, struct terminal *terminal,
                           const struct column_place *place) {
    bool down = listing_sort_descending(list->listing);
    int after = (int)strlen(columns[place->column].title) + 1;
    int column = place->start + (after < place->width ? after : place->width);
    int last = terminal_columns(terminal) - 1;
    terminal_text(terminal, 1, column < last ? column : last, 1, STYLE_TITLE,
                  terminal_sign(terminal, down ? SIGN_DOWN : SIGN_UP));
}

static void draw_titles(const struct list_screen *list, struct app *app,
                        const struct column_layout *layout) {
    struct terminal *terminal = app->terminal;
    for (int i = 0; i < layout->count; i++) {
        const struct column_place *place = &layout->places[i];
        terminal_text(terminal, 1, place->start, place->width, STYLE_TITLE,
                      columns[place->column].title);
        if (place->column == listing_sort_column(list->listing))
            draw_sort_mark(list, terminal, place);
    }
    int width = terminal_columns(terminal);
    if (layout->more_left)
        terminal_text(terminal, 1, 0, 1, STYLE_DIM, terminal_sign(terminal, SIGN_LEFT));
    if (layout->more_right)
        terminal_text(terminal, 1, width - 1, 1, STYLE_DIM, terminal_sign(terminal, SIGN_RIGHT));
}

/* Takes the empty lines out. */
static void squeeze(struct buffer *text) {
    size_t kept = 0;
    for (size_t at = 0; at < text->length; at++)
        if (text->data[at] != '\n' || (kept > 0 && text->data[kept - 1] != '\n'))
            text->data[kept++] = text->data[at];
    buffer_truncate(text, kept);
}

/* No rows to show: why, and what to do. */
static void draw_nothing(const struct list_screen *list, struct app *app, struct area area) {
    struct buffer text;
    buffer_init(&text);
    list_explain_nothing(app, listing_total(list->listing), &text);
    if (frame_text_rows(app, area.width, text.data) < area.height) {
        area.row++;
        area.height--;
    } else
        squeeze(&text);
    frame_text(app, area, STYLE_NORMAL, text.data);
    buffer_finish(&text);
}

static void draw_detail(const struct list_screen *list, struct app *app, int row) {
    struct bucket bucket;
    struct buffer text;
    buffer_init(&text);
    if (list_screen_selected(list, &bucket))
        list_describe(&bucket, &text);
    terminal_text(app->terminal, row, 1, terminal_columns(app->terminal) - 2, STYLE_NORMAL,
                  text.data);
    buffer_finish(&text);
}

static void draw_filter(const struct list_screen *list, struct app *app, int row) {
    struct terminal *terminal = app->terminal;
    struct buffer counts;
    buffer_init(&counts);
    list_count(app, list->listing, &counts);
    int width = terminal_columns(terminal);
    int counted = text_width(counts.data, counts.length, terminal_charset(terminal));
    int room = width - 2 - (counted > 0 ? counted + 2 : 0);
    if (list->filtering || listing_filter_text(list->listing)[0]) {
        terminal_text(terminal, row, 1, 1, STYLE_KEY, "/");
        line_editor_draw(&list->filter, terminal, row, 3, room > 2 ? room - 2 : 1, STYLE_FIELD,
                         false, list->filtering);
    }
    terminal_text(terminal, row, width - 1 - counted, counted, STYLE_DIM, counts.data);
    buffer_finish(&counts);
}

static void keep_selected_in_view(struct list_screen *list) {
    size_t count = listing_count(list->listing);
    if (list->selected < list->top)
        list->top = list->selected;
    if (list->page > 0 && list->selected >= list->top + list->page)
        list->top = list->selected - list->page + 1;
    if (list->page > 0 && list->top + list->page > count)
        list->top = count > list->page ? count - list->page : 0;
}

static void draw_table(struct list_screen *list, struct app *app, int first, int height) {
    struct column_layout layout;
    size_t count = listing_count(list->listing);
    list->page = (size_t)height;
    keep_selected_in_view(list);
    column_layout(&layout, list->set, list->scrolled, terminal_columns(app->terminal));
    list->scrolled = layout.scrolled;
    draw_titles(list, app, &layout);
    for (int i = 0; i < height && list->top + (size_t)i < count; i++)
        draw_row(list, app, &layout, first + i, list->top + (size_t)i);
}

enum { ROOMY = 16 /* rows */ };

void list_screen_draw(struct screen *screen, struct app *app) {
    struct list_screen *list = (struct list_screen *)screen;
    int rows = terminal_rows(app->terminal), width = terminal_columns(app->terminal), first = 2;
    bool nothing = listing_count(list->listing) == 0;
    bool explained = nothing && listing_total(list->listing) == 0;
    int state_rows = list_state_rows(app, explained), state = rows - 3 - state_rows;
    if (explained && rows < ROOMY && !session_is_busy(app->session))
        state = rows - 2, state_rows = 0; /* nothing else is worth the room */
    struct buffer title;
    buffer_init(&title);
    list_title(app, &title);
    frame_header(app, title.data);
    buffer_finish(&title);

    draw_table(list, app, first, state - first);
    if (state_rows > 0)
        list_draw_state(app, explained, state, state_rows);
    if (nothing)
        draw_nothing(list, app, (struct area){first, 2, state - first, width - 4});
    else
        draw_detail(list, app, rows - 3);
    if (app->message.length > 0)
        frame_message(app, rows - 3, "");
    draw_filter(list, app, rows - 2);
    if (list->filtering)
        frame_prompt_hints(app, rows - 1, "Enter keeps the filter  Esc clears it");
    else
        frame_hints(app, IN_LIST, rows - 1);
}
