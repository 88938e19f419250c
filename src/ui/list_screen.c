#include "list_screen.h"

#include <stdlib.h>
#include <string.h>

#include "bulk_screens.h"
#include "entry_act.h"
#include "pail/base/memory.h"
#include "pail/ui/screens.h"
#include "undo_act.h"

static struct list_screen *of(struct screen *screen) {
    return (struct list_screen *)screen;
}

struct listing *list_screen_listing(struct screen *screen) {
    return of(screen)->listing;
}

static void list_wake(struct screen *screen, struct app *app) {
    list_rows_take(of(screen), app);
}

static int list_timer(const struct screen *screen) {
    return listing_is_working(((const struct list_screen *)screen)->listing) ? 0 : -1;
}

static void set_filter(struct list_screen *list) {
    listing_filter(list->listing, list->filter.text.data);
}

static void clear_filter(struct list_screen *list) {
    line_editor_set(&list->filter, "");
    set_filter(list);
}

/* ---- actions --------------------------------------------------------------------------------- */

static void list_back(struct list_screen *list, struct app *app) {
    if (session_is_busy(app->session)) {
        session_cancel(app->session);
        app_say(app, STYLE_WARNING, "Stopped waiting; r reads the table again.");
    } else if (listing_filter_text(list->listing)[0])
        clear_filter(list);
}

static void leave_prompt(struct list_screen *list) {
    list->filtering = false;
    clear_filter(list);
}

static void list_cancel(struct list_screen *list, struct app *app) {
    if (list->filtering)
        leave_prompt(list);
    else if (session_is_busy(app->session))
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
    if (!list_screen_selected(list, &bucket))
        return;
    const char *name = bucket.value[FIELD_NAME];
    app_copy(app, "name", name, strlen(name));
}

/* Says so too, since the column may be out of view. */
static void sort_by(struct list_screen *list, struct app *app, enum column column,
                    bool descending) {
    listing_sort(list->listing, column, descending);
    app_say(app, STYLE_NORMAL, "Sorted by %s%s.", columns[column].title,
            descending ? ", the last first" : "");
}

/* What is typed ahead may come before the filter has done its work: first that. */
static void mark_all(struct list_screen *list, struct app *app) {
    list_rows_finish_work(list);
    size_t before = listing_marks(list->listing);
    bool marked = listing_mark_shown(list->listing);
    size_t after = listing_marks(list->listing);
    if (marked)
        app_say(app, STYLE_NORMAL, "Marked %zu more%s.", after - before,
                listing_filter_text(list->listing)[0] ? " of those that the filter shows" : "");
    else if (before > after)
        app_say(app, STYLE_NORMAL, "Unmarked %zu.", before - after);
    else
        app_say(app, STYLE_WARNING, "%s: there is no entry here.", actions[ACTION_MARK_ALL].name);
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
        list_rows_move(list, 1);
        return true;
    case ACTION_MARK_ALL:
        mark_all(list, app);
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

/* A deletion is of the marked entries if there are any; else of the selected one. What is typed
 * ahead may come before the filter has done its work, and the review says what it hides. */
static bool act_on_marked(struct list_screen *list, struct app *app, enum action action) {
    static const struct bulk_setting deletion = {BULK_DELETE, "", ""};
    bool deletes = action == ACTION_DELETE && listing_marks(list->listing) > 0;
    if (action != ACTION_BULK && !deletes)
        return false;
    list_rows_finish_work(list);
    if (deletes)
        bulk_review(app, list->listing, &deletion);
    else
        bulk_choose(app, list->listing);
    return true;
}

static bool act_on_position(struct list_screen *list, enum action action) {
    long page = list->page > 1 ? (long)list->page - 1 : 1;
    switch (action) {
    case ACTION_UP:
        list_rows_move(list, -1);
        return true;
    case ACTION_DOWN:
        list_rows_move(list, 1);
        return true;
    case ACTION_TOP:
        list_rows_select(list, 0);
        return true;
    case ACTION_BOTTOM:
        list_rows_select(list, SIZE_MAX);
        return true;
    case ACTION_PAGE_UP:
        list_rows_move(list, -page);
        return true;
    case ACTION_PAGE_DOWN:
        list_rows_move(list, page);
        return true;
    case ACTION_HALF_UP:
        list_rows_move(list, -(page + 1) / 2);
        return true;
    case ACTION_HALF_DOWN:
        list_rows_move(list, (page + 1) / 2);
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
        act_on_marked(list, app, action) ||
        entry_act(app, list_screen_selected(list, &bucket) ? &bucket : NULL, action))
        return;
    switch (action) {
    case ACTION_ADD:
        app_push(app, add_form_create(NULL));
        break;
    case ACTION_UNDO:
        undo_act(app, NULL);
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
    case ACTION_JOURNAL:
        app_push(app, journal_screen_create());
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
        list_rows_move(list, key == K_MOUSE_WHEEL_UP ? -3 : 3);
        return true;
    }
    if (key != K_MOUSE_CLICK)
        return false;
    terminal_mouse_position(app->terminal, &row, &column);
    if (row >= 2 && (size_t)row < 2 + list->page)
        list_rows_select(list, list->top + (size_t)row - 2);
    return true;
}

static void keep_filter(struct list_screen *list, struct app *app) {
    struct buffer doubt;
    list->filtering = false;
    buffer_init(&doubt);
    list_doubt_filter(list->listing, &doubt);
    if (doubt.length > 0)
        app_say(app, STYLE_WARNING, "%s.", doubt.data);
    buffer_finish(&doubt);
}

/* While the filter is typed; the arrows still move in the list. */
static bool list_key(struct screen *screen, struct app *app, int key) {
    struct list_screen *list = of(screen);
    if (list_mouse(list, app, key) || !list->filtering)
        return true;
    if (key == K_ESCAPE) {
        leave_prompt(list);
        return true;
    }
    if (key == K_ENTER && !list->filter.pasting) {
        keep_filter(list, app);
        return true;
    }
    if (!app_type(app, &list->filter, key))
        return false;
    if (!list->filter.pasting) /* each letter of a long paste would go through the whole table */
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
    .draw = list_screen_draw,
    .act = list_act,
    .key = list_key,
    .typing = list_typing,
    .wake = list_wake,
    .timer = list_timer,
    .destroy = list_destroy,
};

struct screen *list_screen_create(void) {
    struct list_screen *list = memory_new(1, sizeof *list);
    list->base.ops = &list_ops;
    list->listing = listing_create();
    list->selected_row = LIST_NO_ROW;
    buffer_init(&list->selected_name);
    line_editor_init(&list->filter, false);
    return &list->base;
}
