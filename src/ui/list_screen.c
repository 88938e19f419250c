/* The table: rows, columns, filter, sort, marks. */
#include <stdlib.h>
#include <string.h>

#include "entry_act.h"
#include "list_layout.h"
#include "pail/base/memory.h"
#include "pail/buckets/listing.h"
#include "pail/buckets/rules.h"
#include "pail/ui/frame.h"
#include "pail/ui/line_editor.h"
#include "pail/ui/screens.h"

struct list_screen {
    struct screen base;
    struct listing *listing;
    unsigned long table_serial;
    size_t selected, top;        /* positions among the shown rows */
    struct buffer selected_name; /* found again after a reload */
    size_t page;                 /* rows that fit, as last drawn */
    enum column_set set;
    int scrolled; /* columns to the left of the shown ones, the name aside */
    struct line_editor filter;
    bool filtering; /* the filter is being typed */
    bool asked_to_quit;
    bool awaits_change; /* a change is under way: when it was applied, its entry is selected */
};

static struct list_screen *of(struct screen *screen) {
    return (struct list_screen *)screen;
}

/* ---- selection ------------------------------------------------------------------------------- */

static bool selected_bucket(const struct list_screen *list, struct bucket *bucket) {
    if (list->selected >= listing_count(list->listing))
        return false;
    listing_get(list->listing, list->selected, bucket);
    return true;
}

static void remember_selected(struct list_screen *list) {
    struct bucket bucket;
    if (!selected_bucket(list, &bucket))
        return;
    buffer_clear(&list->selected_name);
    buffer_append_string(&list->selected_name, bucket.value[FIELD_NAME]);
}

static void select_row(struct list_screen *list, size_t position) {
    size_t count = listing_count(list->listing);
    list->selected = count == 0 ? 0 : position < count ? position : count - 1;
    remember_selected(list);
}

/* After the shown rows have changed: the same entry if it is there, else about the same place. */
static void find_selected_again(struct list_screen *list) {
    size_t position, count = listing_count(list->listing);
    if (listing_find(list->listing, list->selected_name.data, &position))
        list->selected = position;
    else if (list->selected >= count)
        list->selected = count > 0 ? count - 1 : 0;
}

static void move_by(struct list_screen *list, long rows) {
    size_t step = (size_t)(rows < 0 ? -rows : rows);
    if (rows < 0)
        select_row(list, list->selected > step ? list->selected - step : 0);
    else
        select_row(list, list->selected + step);
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

/* ---- the table ------------------------------------------------------------------------------- */

/* Shows what was just added or edited. */
static void follow_change(struct list_screen *list, const struct session *session) {
    struct submission now;
    size_t position;
    session_submission(session, &now);
    bool under_way = now.phase != SUBMISSION_NONE && now.phase != SUBMISSION_DONE;
    bool applied =
        list->awaits_change && now.phase == SUBMISSION_DONE && now.outcome == OUTCOME_APPLIED;
    list->awaits_change = under_way;
    if (applied && listing_find(list->listing, change_name(now.change), &position))
        select_row(list, position);
}

static void take_table(struct list_screen *list, const struct app *app) {
    struct table *table = session_table(app->session);
    unsigned long serial = session_table_serial(app->session);
    bool other = serial != list->table_serial;
    if (other)
        listing_set_table(list->listing, table, session_is_partial(app->session));
    else if (table == NULL || table_count(table) == listing_total(list->listing))
        return;
    else
        listing_rows_added(list->listing);
    list->table_serial = serial;
    find_selected_again(list);
}

static void list_wake(struct screen *screen, struct app *app) {
    take_table(of(screen), app);
    follow_change(of(screen), app->session);
}

static void set_filter(struct list_screen *list) {
    listing_filter(list->listing, list->filter.text.data);
    find_selected_again(list);
}

static void clear_filter(struct list_screen *list) {
    line_editor_set(&list->filter, "");
    set_filter(list);
}

/* ---- drawing --------------------------------------------------------------------------------- */

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
    if (selected_bucket(list, &bucket))
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

static void list_draw(struct screen *screen, struct app *app) {
    struct list_screen *list = of(screen);
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

/* ---- actions --------------------------------------------------------------------------------- */

static void list_back(struct list_screen *list, struct app *app) {
    if (session_is_busy(app->session)) {
        session_cancel(app->session);
        app_say(app, STYLE_WARNING, "Stopped waiting; r reads the table again.");
    } else if (listing_filter_text(list->listing)[0])
        clear_filter(list);
}

static void list_cancel(struct list_screen *list, struct app *app) {
    if (session_is_busy(app->session))
        session_cancel(app->session);
    else if (list->asked_to_quit)
        app->quit = true;
    else {
        app_say(app, STYLE_WARNING, "^C again quits.");
        list->asked_to_quit = true;
    }
}

static void list_copy(const struct list_screen *list, struct app *app) {
    struct bucket bucket;
    if (!selected_bucket(list, &bucket))
        return;
    const char *name = bucket.value[FIELD_NAME];
    app_copy(app, "name", name, strlen(name));
}

/* Says so too, since the column may be out of view. */
static void sort_by(struct list_screen *list, struct app *app, enum column column,
                    bool descending) {
    listing_sort(list->listing, column, descending);
    find_selected_again(list);
    app_say(app, STYLE_NORMAL, "Sorted by %s%s.", columns[column].title,
            descending ? ", the last first" : "");
}

static void tighten_token(struct app *app) {
    struct session_status status;
    struct error error;
    session_status(app->session, &status);
    if (status.trouble != TROUBLE_LOOSE_TOKEN)
        app_say(app, STYLE_NORMAL, "The token file is private enough.");
    else if (session_tighten_token(app->session, &error))
        app_say(app, STYLE_GOOD, "chmod 600 %s: done.", session_token_path(app->session));
    else
        app_say(app, STYLE_ERROR, "%s", error.text);
}

static bool act_on_view(struct list_screen *list, struct app *app, enum action action) {
    enum column column = listing_sort_column(list->listing);
    bool descending = listing_sort_descending(list->listing);
    switch (action) {
    case ACTION_SORT:
        sort_by(list, app, (column + 1) % COLUMN_COUNT, false);
        return true;
    case ACTION_REVERSE:
        sort_by(list, app, column, !descending);
        return true;
    case ACTION_COLUMNS:
        list->set = (list->set + 1) % COLUMN_SETS;
        list->scrolled = 0;
        return true;
    case ACTION_LEFT:
        list->scrolled -= list->scrolled > 0;
        return true;
    case ACTION_RIGHT:
        list->scrolled++;
        return true;
    case ACTION_MARK:
        if (list->selected < listing_count(list->listing))
            listing_mark(list->listing, list->selected,
                         !listing_is_marked(list->listing, list->selected));
        move_by(list, 1);
        return true;
    case ACTION_CLEAR_MARKS:
        listing_clear_marks(list->listing);
        return true;
    case ACTION_FILTER:
        list->filtering = true;
        return true;
    default:
        return false;
    }
}

static bool act_on_position(struct list_screen *list, enum action action) {
    long page = list->page > 1 ? (long)list->page - 1 : 1;
    switch (action) {
    case ACTION_UP:
        move_by(list, -1);
        return true;
    case ACTION_DOWN:
        move_by(list, 1);
        return true;
    case ACTION_TOP:
        select_row(list, 0);
        return true;
    case ACTION_BOTTOM:
        select_row(list, SIZE_MAX);
        return true;
    case ACTION_PAGE_UP:
        move_by(list, -page);
        return true;
    case ACTION_PAGE_DOWN:
        move_by(list, page);
        return true;
    case ACTION_HALF_UP:
        move_by(list, -(page + 1) / 2);
        return true;
    case ACTION_HALF_DOWN:
        move_by(list, (page + 1) / 2);
        return true;
    default:
        return false;
    }
}

static void list_act(struct screen *screen, struct app *app, enum action action) {
    struct list_screen *list = of(screen);
    if (action != ACTION_CANCEL)
        list->asked_to_quit = false;
    struct bucket bucket;
    if (act_on_position(list, action) || act_on_view(list, app, action) ||
        entry_act(app, selected_bucket(list, &bucket) ? &bucket : NULL, action))
        return;
    switch (action) {
    case ACTION_ADD:
        app_push(app, add_form_create(NULL));
        break;
    case ACTION_RELOAD:
        session_load(app->session);
        break;
    case ACTION_PROFILE:
        app_push(app, profile_screen_create(app->settings, app->profile));
        break;
    case ACTION_LOG:
        app_push(app, log_screen_create());
        break;
    case ACTION_TIGHTEN:
        tighten_token(app);
        break;
    case ACTION_LOCK:
        session_set_read_only(app->session);
        app_say(app, STYLE_NORMAL, "This sitting is read-only now.");
        break;
    case ACTION_COPY:
        list_copy(list, app);
        break;
    case ACTION_BACK:
        list_back(list, app);
        break;
    case ACTION_CANCEL:
        list_cancel(list, app);
        break;
    case ACTION_QUIT:
        app->quit = true;
        break;
    default:
        break;
    }
}

static bool list_mouse(struct list_screen *list, struct app *app, int key) {
    int row, column;
    if (key == K_MOUSE_WHEEL_UP || key == K_MOUSE_WHEEL_DOWN) {
        move_by(list, key == K_MOUSE_WHEEL_UP ? -3 : 3);
        return true;
    }
    if (key != K_MOUSE_CLICK)
        return false;
    terminal_mouse_position(app->terminal, &row, &column);
    if (row >= 2 && (size_t)row < 2 + list->page)
        select_row(list, list->top + (size_t)row - 2);
    return true;
}

/* While the filter is typed; the arrows still move in the list. */
static bool list_key(struct screen *screen, struct app *app, int key) {
    struct list_screen *list = of(screen);
    if (list_mouse(list, app, key) || !list->filtering)
        return true;
    if (key == K_ESCAPE || (key == K_ENTER && !list->filter.pasting)) {
        list->filtering = false;
        if (key == K_ESCAPE)
            clear_filter(list);
        return true;
    }
    if (!line_editor_key(&list->filter, key))
        return false;
    set_filter(list);
    return true;
}

static bool list_typing(const struct screen *screen) {
    return ((const struct list_screen *)screen)->filtering;
}

static void list_destroy(struct screen *screen) {
    struct list_screen *list = of(screen);
    listing_destroy(list->listing);
    buffer_finish(&list->selected_name);
    line_editor_finish(&list->filter);
    free(list);
}

static const struct screen_ops list_ops = {
    .context = IN_LIST,
    .draw = list_draw,
    .act = list_act,
    .key = list_key,
    .typing = list_typing,
    .wake = list_wake,
    .destroy = list_destroy,
};

struct screen *list_screen_create(void) {
    struct list_screen *list = memory_new(1, sizeof *list);
    list->base.ops = &list_ops;
    list->listing = listing_create();
    buffer_init(&list->selected_name);
    line_editor_init(&list->filter, false);
    return &list->base;
}
