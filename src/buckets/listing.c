#include "pail/buckets/listing.h"

#include <stdlib.h>
#include <string.h>

#include "pail/base/memory.h"
#include "pail/buckets/query.h"
#include "pail/buckets/sorter.h"

struct listing {
    struct table *table;
    uint8_t *match;  /* by row: 1 if the query matches it, else 0 */
    uint32_t *order; /* all rows, sorted */
    uint32_t *shown; /* those of them that match, in the same order */
    uint32_t *names; /* the first named_rows rows by name, once another order was asked for */
    size_t named_rows;
    size_t total, count, capacity;
    char *filter;
    struct query *query;
    enum column column;
    bool descending;
    struct marks marks;
    size_t hidden;         /* marks that the filter hides, */
    bool hidden_is_known;  /* if neither they nor what is shown have changed since */
    bool matching;         /* rows are being looked at: */
    size_t matched;        /* up to this one, */
    bool narrower;         /* of which those that didn't match before can't match */
    struct sorter *sorter; /* at work; or NULL. Until its end `order` is the one before */
};

struct listing *listing_create(void) {
    struct listing *listing = memory_new(1, sizeof *listing);
    listing->column = COLUMN_NAME;
    listing->filter = memory_string("");
    listing->query = query_create("");
    marks_init(&listing->marks);
    return listing;
}

void listing_destroy(struct listing *listing) {
    if (listing == NULL)
        return;
    marks_finish(&listing->marks);
    query_destroy(listing->query);
    free(listing->filter);
    sorter_destroy(listing->sorter);
    free(listing->match);
    free(listing->order);
    free(listing->shown);
    free(listing->names);
    free(listing);
}

/* ---- order ----------------------------------------------------------------------------------- */

static int compare(const struct listing *listing, uint32_t a, uint32_t b) {
    return sorter_compare(listing->table, a, b, listing->column, listing->descending);
}

/* A few rows, at once. */
static void sort_rows(const struct listing *listing, uint32_t *rows, size_t count) {
    struct sorter *sorter =
        sorter_create(listing->table, rows, count, false, listing->column, listing->descending);
    while (sorter_work(sorter, count))
        continue;
    sorter_take(sorter, rows);
    sorter_destroy(sorter);
}

/* How many of the sorted rows come before that one. What comes last is tried first: rows mostly
 * arrive in order. */
static size_t rows_before(const struct listing *listing, const uint32_t *rows, size_t count,
                          uint32_t row) {
    size_t low = 0;
    if (count > 0 && compare(listing, rows[count - 1], row) < 0)
        return count;
    while (low < count) {
        size_t middle = low + (count - low) / 2;
        if (compare(listing, rows[middle], row) < 0)
            low = middle + 1;
        else
            count = middle;
    }
    return low;
}

/* Merges sorted rows into sorted rows, which have room for them. From the end on: what comes after
 * the last added row is moved once to where it stays, and so on. */
static void merge_rows(const struct listing *listing, uint32_t *rows, size_t count,
                       const uint32_t *added, size_t more) {
    for (; more > 0; more--) {
        size_t before = rows_before(listing, rows, count, added[more - 1]);
        memmove(rows + before + more, rows + before, (count - before) * sizeof *rows);
        rows[before + more - 1] = added[more - 1];
        count = before;
    }
}

/* ---- filter ---------------------------------------------------------------------------------- */

/* Copies the rows that match, in their order; `to` may be `from`. Returns how many. */
static size_t pick_matching(const struct listing *listing, const uint32_t *from, size_t count,
                            uint32_t *to) {
    size_t matching = 0;
    for (size_t i = 0; i < count; i++) {
        to[matching] = from[i];
        matching += listing->match[from[i]];
    }
    return matching;
}

static void show_matching(struct listing *listing) {
    listing->hidden_is_known = false;
    listing->count = pick_matching(listing, listing->order, listing->total, listing->shown);
}

/* What a narrower query finds is among what is shown. */
static void show_narrower(struct listing *listing) {
    listing->hidden_is_known = false;
    listing->count = pick_matching(listing, listing->shown, listing->count, listing->shown);
}

static void match_some(struct listing *listing, size_t rows) {
    size_t left = listing->total - listing->matched;
    size_t end = listing->matched + (rows < left ? rows : left);
    if (left == 0)
        return; /* there may be no table */
    query_match_rows(listing->query, listing->table, listing->matched, end, listing->narrower,
                     listing->match);
    listing->matched = end;
}

/* What an unfinished look has left undone can only be relied on if it was itself narrower. */
void listing_filter(struct listing *listing, const char *text) {
    struct query *query = query_create(text);
    bool reliable = !listing->matching || listing->narrower;
    listing->narrower = reliable && query_narrows(query, listing->query);
    query_destroy(listing->query);
    listing->query = query;
    char *filter = memory_string(text); /* text may be the old one */
    free(listing->filter);
    listing->filter = filter;
    listing->matching = true;
    listing->matched = 0;
}

const char *listing_filter_text(const struct listing *listing) {
    return listing->filter;
}

const struct query *listing_query(const struct listing *listing) {
    return listing->query;
}

/* ---- sorting, and the pieces of work --------------------------------------------------------- */

/* The order by name is what other orders are made from, and costs the most to find. */
static void keep_names(struct listing *listing) {
    bool by_name = listing->column == COLUMN_NAME && !listing->descending;
    if (!by_name || listing->sorter != NULL || listing->named_rows == listing->total)
        return;
    listing->names = memory_resize(listing->names, listing->total, sizeof *listing->names);
    memcpy(listing->names, listing->order, listing->total * sizeof *listing->names);
    listing->named_rows = listing->total;
}

void listing_sort(struct listing *listing, enum column column, bool descending) {
    if (listing->total > 0)
        keep_names(listing);
    bool by_name = listing->named_rows == listing->total;
    const uint32_t *rows = by_name ? listing->names : listing->order;
    listing->column = column;
    listing->descending = descending;
    sorter_destroy(listing->sorter);
    listing->sorter =
        sorter_create(listing->table, rows, listing->total, by_name, column, descending);
}

static void drop_sorter(struct listing *listing) {
    sorter_destroy(listing->sorter);
    listing->sorter = NULL;
}

bool listing_is_working(const struct listing *listing) {
    return listing->matching || listing->sorter != NULL;
}

/* First what is to be shown, then in what order. */
bool listing_work(struct listing *listing, size_t rows) {
    if (listing->matching) {
        match_some(listing, rows);
        if (listing->matched < listing->total)
            return true;
        listing->matching = false;
        if (listing->narrower)
            show_narrower(listing);
        else
            show_matching(listing);
    } else if (listing->sorter != NULL && !sorter_work(listing->sorter, rows)) {
        sorter_take(listing->sorter, listing->order);
        drop_sorter(listing);
        show_matching(listing);
    }
    return listing_is_working(listing);
}

enum column listing_sort_column(const struct listing *listing) {
    return listing->column;
}

bool listing_sort_descending(const struct listing *listing) {
    return listing->descending;
}

/* ---- rows ------------------------------------------------------------------------------------ */

static void reserve(struct listing *listing, size_t rows) {
    if (rows <= listing->capacity)
        return;
    listing->capacity = rows < 2 * listing->capacity ? 2 * listing->capacity : rows;
    listing->match = memory_resize(listing->match, listing->capacity, sizeof *listing->match);
    listing->order = memory_resize(listing->order, listing->capacity, sizeof *listing->order);
    listing->shown = memory_resize(listing->shown, listing->capacity, sizeof *listing->shown);
}

void listing_rows_added(struct listing *listing) {
    size_t rows = listing->table ? table_count(listing->table) : 0, more = rows - listing->total;
    if (more == 0 || listing->sorter != NULL)
        return;
    reserve(listing, rows);
    uint32_t *added = memory_new(more, sizeof *added);
    for (size_t i = 0; i < more; i++)
        added[i] = (uint32_t)(listing->total + i);
    query_match_rows(listing->query, listing->table, listing->total, rows, false, listing->match);
    sort_rows(listing, added, more);
    merge_rows(listing, listing->order, listing->total, added, more);
    listing->total = rows;
    listing->hidden_is_known = false;
    size_t matching = pick_matching(listing, added, more, added);
    merge_rows(listing, listing->shown, listing->count, added, matching);
    listing->count += matching;
    free(added);
}

size_t listing_count(const struct listing *listing) {
    return listing->count;
}

size_t listing_total(const struct listing *listing) {
    return listing->total;
}

size_t listing_row(const struct listing *listing, size_t position) {
    return listing->shown[position];
}

void listing_get(const struct listing *listing, size_t position, struct bucket *bucket) {
    table_get(listing->table, listing->shown[position], bucket);
}

bool listing_find_row(const struct listing *listing, size_t row, size_t *position) {
    if (row >= listing->total)
        return false;
    size_t at = 0;
    if (listing->sorter == NULL)
        *position = at = rows_before(listing, listing->shown, listing->count, (uint32_t)row);
    else /* the order is still the one before */
        while (at < listing->count && listing->shown[at] != row)
            at++;
    if (at == listing->count || listing->shown[at] != row)
        return false;
    *position = at;
    return true;
}

bool listing_find(const struct listing *listing, const char *name, size_t *position) {
    size_t row, at;
    if (listing->table == NULL || !table_find(listing->table, name, &row) ||
        !listing_find_row(listing, row, &at))
        return false;
    *position = at;
    return true;
}

/* ---- marks ----------------------------------------------------------------------------------- */

static const char *name_at(const struct listing *listing, size_t position) {
    return table_name(listing->table, listing->shown[position]);
}

/* What could not be read has no name. */
static bool takes_mark(const struct listing *listing, size_t position) {
    return name_at(listing, position)[0] != '\0';
}

bool listing_is_marked(const struct listing *listing, size_t position) {
    return marks_has(&listing->marks, name_at(listing, position));
}

static void set_mark(struct listing *listing, const char *name, bool marked) {
    marks_set(&listing->marks, name, marked);
    listing->hidden_is_known = false;
}

void listing_mark(struct listing *listing, size_t position, bool marked) {
    if (takes_mark(listing, position))
        set_mark(listing, name_at(listing, position), marked);
}

static bool all_are_marked(const struct listing *listing) {
    for (size_t i = 0; i < listing->count; i++)
        if (takes_mark(listing, i) && !listing_is_marked(listing, i))
            return false;
    return true;
}

bool listing_mark_shown(struct listing *listing) {
    bool marked = !all_are_marked(listing);
    for (size_t i = 0; i < listing->count; i++)
        listing_mark(listing, i, marked);
    return marked;
}

size_t listing_marks(const struct listing *listing) {
    return listing->marks.count;
}

const struct marks *listing_marked(const struct listing *listing) {
    return &listing->marks;
}

void listing_mark_name(struct listing *listing, const char *name) {
    set_mark(listing, name, true);
}

void listing_unmark(struct listing *listing, const char *name) {
    set_mark(listing, name, false);
}

void listing_clear_marks(struct listing *listing) {
    marks_finish(&listing->marks);
    listing->hidden_is_known = false;
}

/* A row that is not taken in yet was looked at by no filter. */
bool listing_hides(const struct listing *listing, const char *name) {
    size_t row;
    return listing->count < listing->total && table_find(listing->table, name, &row) &&
           row < listing->total && !listing->match[row];
}

static bool hides(const void *listing, const char *name) {
    return listing_hides(listing, name);
}

size_t listing_hidden_marks(struct listing *listing) {
    if (!listing->hidden_is_known && !listing->matching) {
        listing->hidden = marks_count(&listing->marks, hides, listing);
        listing->hidden_is_known = true;
    }
    return listing->hidden < listing->marks.count ? listing->hidden : listing->marks.count;
}

static bool is_in_table(void *table, const char *name) {
    size_t row;
    return table_find(table, name, &row);
}

void listing_set_table(struct listing *listing, struct table *table, bool partial) {
    listing->table = table;
    listing->total = listing->count = listing->named_rows = 0;
    listing->matching = false;
    listing->hidden_is_known = false;
    drop_sorter(listing);
    listing_rows_added(listing);
    if (table != NULL && !partial)
        marks_filter(&listing->marks, is_in_table, table);
}
