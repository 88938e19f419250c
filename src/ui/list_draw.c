/* The list's drawing; list_screen.c has its keys. */
#include <string.h>

#include "list_screen.h"
#include "pail/base/hash.h"
#include "pail/buckets/rules.h"
#include "pail/ui/frame.h"

/* Where columns are, and what a row looks like, as far as it isn't the entry's. */
static uint64_t key_of_layout(const struct column_layout *layout) {
    return hash_bytes(HASH_START, layout, sizeof *layout);
}

static uint64_t key_of_row(const struct list_screen *list, uint64_t layout, size_t position,
                           unsigned state) {
    uint64_t key = hash_number(layout, list->table_serial);
    return hash_number(hash_number(key, listing_row(list->listing, position)), state);
}

static void draw_cells(struct app *app, const struct column_layout *layout, int row,
                       const struct bucket *bucket, enum style name_style) {
    struct terminal *terminal = app->terminal;
    for (int i = 0; i < layout->count; i++) {
        const struct column_place *place = &layout->places[i];
        bool name = place->column == COLUMN_NAME;
        const char *text = column_text(bucket, place->column);
        int used = terminal_text_n(terminal, row, place->start, place->width,
                                   name ? name_style : STYLE_NORMAL, text, strlen(text), 0);
        if (place->column == COLUMN_ACCESS && used + 2 <= place->width && rules_any(bucket))
            terminal_text(terminal, row, place->start + used + 1, 1, STYLE_WARNING, "!");
    }
}

static void draw_row(struct list_screen *list, struct app *app, const struct column_layout *layout,
                     uint64_t layout_key, int row, size_t position) {
    struct terminal *terminal = app->terminal;
    struct bucket bucket;
    listing_get(list->listing, position, &bucket);
    bool selected = position == list->selected;
    bool marked = listing_is_marked(list->listing, position);
    bool unsettled = session_is_unsettled(app->session, bucket.value[FIELD_NAME]);
    bool lit = selected && !app->thrifty;
    unsigned state =
        (unsigned)selected | (unsigned)marked << 1 | (unsigned)unsettled << 2 | (unsigned)lit << 3;
    if (terminal_keep_row(terminal, row, key_of_row(list, layout_key, position, state)))
        return;
    if (selected)
        terminal_text(terminal, row, 0, 1, STYLE_NORMAL, terminal_sign(terminal, SIGN_MARKER));
    if (unsettled || marked)
        terminal_text(terminal, row, 1, 1, unsettled ? STYLE_WARNING : STYLE_MARKED,
                      unsettled ? "?" : terminal_sign(terminal, SIGN_MARKED));
    draw_cells(app, layout, row, &bucket,
               lit      ? STYLE_SELECTED
               : marked ? STYLE_MARKED
                        : STYLE_NORMAL);
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
    uint64_t key = hash_number(key_of_layout(layout), listing_sort_column(list->listing));
    if (terminal_keep_row(terminal, 1, hash_number(key, listing_sort_descending(list->listing))))
        return;
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

static void draw_detail(const struct list_screen *list, struct app *app,
                        const struct column_layout *layout, int row) {
    struct bucket bucket;
    struct buffer text;
    buffer_init(&text);
    if (!app->thrifty && list_screen_selected(list, &bucket))
        list_describe(app, layout, &bucket, &text);
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

static void draw_prompt_hints(const struct list_screen *list, struct app *app, int row) {
    struct buffer doubt;
    buffer_init(&doubt);
    list_doubt_filter(list->listing, &doubt);
    frame_prompt_hints(app, row, "Enter keeps the filter  Esc clears it");
    if (doubt.length > 0)
        terminal_text(app->terminal, row, 1, terminal_columns(app->terminal) - 2, STYLE_WARNING,
                      doubt.data);
    buffer_finish(&doubt);
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

static void draw_table(struct list_screen *list, struct app *app, struct column_layout *layout,
                       int first, int height) {
    size_t count = listing_count(list->listing);
    list->page = (size_t)height;
    keep_selected_in_view(list);
    column_layout(layout, list->set, list->scrolled, terminal_columns(app->terminal));
    list->scrolled = layout->scrolled;
    draw_titles(list, app, layout);
    uint64_t key = key_of_layout(layout);
    for (int i = 0; i < height && list->top + (size_t)i < count; i++)
        draw_row(list, app, layout, key, first + i, list->top + (size_t)i);
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

    struct column_layout layout;
    draw_table(list, app, &layout, first, state - first);
    if (state_rows > 0)
        list_draw_state(app, explained, state, state_rows);
    if (nothing)
        draw_nothing(list, app, (struct area){first, 2, state - first, width - 4});
    else
        draw_detail(list, app, &layout, rows - 3);
    if (app->message.length > 0)
        frame_message(app, rows - 3, "");
    draw_filter(list, app, rows - 2);
    if (list->filtering)
        draw_prompt_hints(list, app, rows - 1);
    else
        frame_hints(app, IN_LIST, rows - 1);
}
