#include "pail/buckets/listing.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "pail/base/memory.h"
#include "pail/buckets/query.h"

struct listing {
    struct table *table;
    bool *match;   /* by row: does the query match it? */
    size_t *order; /* all rows, sorted */
    size_t *shown; /* those of them that match, in the same order */
    size_t total, count, capacity;
    char *filter;
    struct query *query;
    enum column column;
    bool descending;
    void *marks; /* a tree (tsearch) of names */
    size_t mark_count;
};

/* What a row is sorted by. */
struct key {
    const char *text;
    size_t row;
};

struct listing *listing_create(void) {
    struct listing *listing = memory_new(1, sizeof *listing);
    listing->column = COLUMN_NAME;
    listing->filter = memory_string("");
    listing->query = query_create("");
    return listing;
}

void listing_destroy(struct listing *listing) {
    if (listing == NULL)
        return;
    listing_clear_marks(listing);
    query_destroy(listing->query);
    free(listing->filter);
    free(listing->match);
    free(listing->order);
    free(listing->shown);
    free(listing);
}

/* ---- order ----------------------------------------------------------------------------------- */

static struct key key_of(const struct listing *listing, size_t row) {
    struct bucket bucket;
    table_get(listing->table, row, &bucket);
    return (struct key){column_text(&bucket, listing->column), row};
}

static int compare_keys(const void *left, const void *right, void *context) {
    const struct key *a = left, *b = right;
    const struct listing *listing = context;
    int order = strcmp(a->text, b->text);
    if (order != 0)
        return (order < 0) == listing->descending ? 1 : -1;
    order = strcmp(table_name(listing->table, a->row), table_name(listing->table, b->row));
    return order != 0 ? order : (a->row > b->row) - (a->row < b->row);
}

static void sort_rows(struct listing *listing, size_t *rows, size_t count) {
    struct key *keys = memory_new(count, sizeof *keys);
    for (size_t i = 0; i < count; i++)
        keys[i] = key_of(listing, rows[i]);
    qsort_r(keys, count, sizeof *keys, compare_keys, listing);
    for (size_t i = 0; i < count; i++)
        rows[i] = keys[i].row;
    free(keys);
}

/* How many of the sorted rows come before the key. */
static size_t rows_before(const struct listing *listing, const size_t *rows, size_t count,
                          const struct key *key) {
    size_t low = 0;
    while (low < count) {
        size_t middle = low + (count - low) / 2;
        struct key other = key_of(listing, rows[middle]);
        if (compare_keys(&other, key, (void *)listing) < 0)
            low = middle + 1;
        else
            count = middle;
    }
    return low;
}

/* Merges sorted rows into sorted rows, which have room for them. From the end on: what comes after
 * the last added row is moved once to where it stays, and so on. */
static void merge_rows(const struct listing *listing, size_t *rows, size_t count,
                       const size_t *added, size_t more) {
    for (; more > 0; more--) {
        struct key last = key_of(listing, added[more - 1]);
        size_t before = rows_before(listing, rows, count, &last);
        memmove(rows + before + more, rows + before, (count - before) * sizeof *rows);
        rows[before + more - 1] = last.row;
        count = before;
    }
}

/* ---- filter ---------------------------------------------------------------------------------- */

static bool query_matches_row(const struct listing *listing, size_t row) {
    if (query_is_empty(listing->query))
        return true;
    struct bucket bucket;
    table_get(listing->table, row, &bucket);
    return query_matches(listing->query, &bucket);
}

/* Copies the rows that match, in their order; `to` may be `from`. Returns how many. */
static size_t pick_matching(const struct listing *listing, const size_t *from, size_t count,
                            size_t *to) {
    size_t matching = 0;
    for (size_t i = 0; i < count; i++)
        if (listing->match[from[i]])
            to[matching++] = from[i];
    return matching;
}

static void show_matching(struct listing *listing) {
    listing->count = pick_matching(listing, listing->order, listing->total, listing->shown);
}

/* Rows are matched in the order in which they lie in memory: that is twice as fast. */
void listing_filter(struct listing *listing, const char *text) {
    struct query *query = query_create(text);
    bool narrower = query_narrows(query, listing->query);
    query_destroy(listing->query);
    listing->query = query;
    char *filter = memory_string(text); /* text may be the old one */
    free(listing->filter);
    listing->filter = filter;
    for (size_t row = 0; row < listing->total; row++)
        if (listing->match[row] || !narrower)
            listing->match[row] = query_matches_row(listing, row);
    show_matching(listing);
}

const char *listing_filter_text(const struct listing *listing) {
    return listing->filter;
}

void listing_sort(struct listing *listing, enum column column, bool descending) {
    listing->column = column;
    listing->descending = descending;
    sort_rows(listing, listing->order, listing->total);
    show_matching(listing);
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
    if (more == 0)
        return;
    reserve(listing, rows);
    size_t *added = memory_new(more, sizeof *added);
    for (size_t i = 0; i < more; i++) {
        added[i] = listing->total + i;
        listing->match[added[i]] = query_matches_row(listing, added[i]);
    }
    sort_rows(listing, added, more);
    merge_rows(listing, listing->order, listing->total, added, more);
    listing->total = rows;
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

bool listing_find(const struct listing *listing, const char *name, size_t *position) {
    size_t row;
    if (listing->table == NULL || !table_find(listing->table, name, &row) ||
        row >= listing->total || !listing->match[row])
        return false;
    struct key key = key_of(listing, row);
    *position = rows_before(listing, listing->shown, listing->count, &key);
    return true;
}

/* ---- marks ----------------------------------------------------------------------------------- */

static int compare_names(const void *a, const void *b) {
    return strcmp(a, b);
}

static const char *name_at(const struct listing *listing, size_t position) {
    return table_name(listing->table, listing->shown[position]);
}

static void add_mark(void **marks, char *name) {
    if (tsearch(name, marks, compare_names) == NULL)
        abort(); /* no memory: as base/memory.h does */
}

bool listing_is_marked(const struct listing *listing, size_t position) {
    return tfind(name_at(listing, position), &listing->marks, compare_names) != NULL;
}

void listing_mark(struct listing *listing, size_t position, bool marked) {
    const char *name = name_at(listing, position);
    char **node = tfind(name, &listing->marks, compare_names);
    if ((node != NULL) == marked || *name == '\0')
        return;
    if (marked) {
        add_mark(&listing->marks, memory_string(name));
        listing->mark_count++;
    } else {
        char *copy = *node;
        tdelete(name, &listing->marks, compare_names);
        free(copy);
        listing->mark_count--;
    }
}

size_t listing_marks(const struct listing *listing) {
    return listing->mark_count;
}

void listing_clear_marks(struct listing *listing) {
    tdestroy(listing->marks, free);
    listing->marks = NULL;
    listing->mark_count = 0;
}

struct kept_marks {
    struct table *table;
    void *marks;
    size_t count;
};

static void keep_mark(const void *node, VISIT visit, void *context) {
    struct kept_marks *kept = context;
    char *name = *(char *const *)node;
    size_t row;
    if (visit != postorder && visit != leaf)
        return;
    if (table_find(kept->table, name, &row)) {
        add_mark(&kept->marks, name);
        kept->count++;
    } else {
        free(name);
    }
}

static void leave(void *name) {
    (void)name; /* moved or freed by keep_mark */
}

static void drop_marks_not_in(struct listing *listing, struct table *table) {
    struct kept_marks kept = {.table = table};
    twalk_r(listing->marks, keep_mark, &kept);
    tdestroy(listing->marks, leave);
    listing->marks = kept.marks;
    listing->mark_count = kept.count;
}

void listing_set_table(struct listing *listing, struct table *table, bool partial) {
    listing->table = table;
    listing->total = listing->count = 0;
    listing_rows_added(listing);
    if (table != NULL && !partial)
        drop_marks_not_in(listing, table);
}
