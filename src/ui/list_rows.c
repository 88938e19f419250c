/* The rows of the list: taken in as they come, and which of them is selected. */
#include "list_screen.h"

#include "pail/base/clock.h"

enum {
    FEW_ROWS = 2048,   /* are taken in as they come */
    ROWS_MS = 100,     /* of more, no more often */
    PIECE_MS = 8,      /* of work between two looks at the keyboard */
    PIECE_ROWS = 8192, /* between two looks at the clock */
};

/* ---- selection ------------------------------------------------------------------------------- */

bool list_screen_selected(const struct list_screen *list, struct bucket *bucket) {
    if (list->selected >= listing_count(list->listing))
        return false;
    listing_get(list->listing, list->selected, bucket);
    return true;
}

static void remember_selected(struct list_screen *list) {
    struct bucket bucket;
    if (!list_screen_selected(list, &bucket))
        return;
    list->selected_row = listing_row(list->listing, list->selected);
    buffer_clear(&list->selected_name);
    buffer_append_string(&list->selected_name, bucket.value[FIELD_NAME]);
}

void list_rows_select(struct list_screen *list, size_t position) {
    size_t count = listing_count(list->listing);
    list->selected = count == 0 ? 0 : position < count ? position : count - 1;
    remember_selected(list);
}

/* After the shown rows have changed: the same entry if it is there, else the one after it. */
static void find_selected_again(struct list_screen *list) {
    size_t count = listing_count(list->listing);
    listing_find_row(list->listing, list->selected_row, &list->selected);
    if (list->selected >= count)
        list->selected = count > 0 ? count - 1 : 0;
}

/* In another table it is known by its name alone. */
static void find_selected_in_table(struct list_screen *list) {
    size_t position;
    list->selected_row = LIST_NO_ROW;
    if (list->selected_name.length > 0 &&
        listing_find(list->listing, list->selected_name.data, &position))
        list->selected_row = listing_row(list->listing, position);
    find_selected_again(list);
}

void list_rows_move(struct list_screen *list, long rows) {
    size_t step = (size_t)(rows < 0 ? -rows : rows);
    if (rows < 0)
        list_rows_select(list, list->selected > step ? list->selected - step : 0);
    else
        list_rows_select(list, list->selected + step);
}

/* ---- the table ------------------------------------------------------------------------------- */

/* Shows what was just added or edited, if it was one entry. */
static void follow_change(struct list_screen *list, const struct session *session) {
    struct submission now;
    size_t position;
    session_submission(session, &now);
    bool under_way = now.phase != SUBMISSION_NONE && now.phase != SUBMISSION_DONE;
    bool applied = list->awaits_change && now.phase == SUBMISSION_DONE && now.count == 1 &&
                   now.outcome == OUTCOME_APPLIED;
    list->awaits_change = under_way;
    if (applied && listing_find(list->listing, change_name(now.change), &position))
        list_rows_select(list, position);
}

/* Rows that arrive are taken in ten times a second, since each time costs a look at all of them. */
static bool wants_rows(struct list_screen *list, const struct app *app) {
    size_t total = listing_total(list->listing);
    int64_t now = clock_ms();
    bool due = total < FEW_ROWS || !session_is_partial(app->session) || now >= list->rows_due;
    if (due)
        list->rows_due = now + ROWS_MS;
    return due;
}

static void take_table(struct list_screen *list, const struct app *app) {
    struct table *table = session_table(app->session);
    unsigned long serial = session_table_serial(app->session);
    if (serial != list->table_serial) {
        listing_set_table(list->listing, table, session_is_partial(app->session));
        list->table_serial = serial;
        find_selected_in_table(list);
    } else if (table != NULL && table_count(table) != listing_total(list->listing) &&
               wants_rows(list, app)) {
        listing_rows_added(list->listing);
        find_selected_again(list);
    }
}

/* A piece of what filtering and sorting have left to do, short enough for keys to be answered. */
static void work(struct list_screen *list) {
    if (!listing_is_working(list->listing))
        return;
    int64_t until = clock_ms() + PIECE_MS;
    while (listing_work(list->listing, PIECE_ROWS))
        if (clock_ms() >= until)
            return;
    find_selected_again(list);
}

void list_rows_take(struct list_screen *list, const struct app *app) {
    take_table(list, app);
    work(list);
    follow_change(list, app->session);
}

void list_rows_finish_work(struct list_screen *list) {
    while (listing_work(list->listing, PIECE_ROWS))
        continue;
    find_selected_again(list);
}
