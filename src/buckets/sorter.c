#include "pail/buckets/sorter.h"

#include <stdlib.h>
#include <string.h>

#include "pail/base/memory.h"

enum { CHUNK = 8 /* bytes of a text that are compared at once */, FEW = 12 };

struct item {
    uint64_t chunk;   /* the bytes at the group's depth, so that a number compares as they do */
    const char *text; /* the column's, then the name */
    uint32_t row;
    uint32_t rank; /* among the rows as they were given */
};

/* Items that have been found equal so far. */
struct group {
    size_t low, high; /* up to, not including */
    size_t depth;     /* bytes of the text that are the same */
    bool by_name;     /* their column's text is the same; the name is compared */
    bool ready;       /* their chunks are of this depth */
};

struct sorter {
    const struct table *table;
    enum column column;
    bool descending;
    bool ranked; /* they were given by name: what has the same text goes by its rank */
    struct item *items;
    size_t count;
    size_t filled;        /* items whose text is known */
    bool ordered;         /* those are in order already */
    struct group *groups; /* still to be sorted */
    size_t group_count, group_capacity;
};

static const char *text_of(const struct table *table, uint32_t row, enum column column) {
    if (column == COLUMN_NAME) {
        const char *name = table_name(table, row);
        if (*name) /* an unreadable entry has a text instead */
            return name;
    }
    struct bucket bucket;
    table_get(table, row, &bucket);
    return column_text(&bucket, column);
}

static int compare_rows(const struct table *table, uint32_t a, uint32_t b) {
    int order = strcmp(text_of(table, a, COLUMN_NAME), text_of(table, b, COLUMN_NAME));
    return order != 0 ? order : (a > b) - (a < b);
}

int sorter_compare(const struct table *table, uint32_t a, uint32_t b, enum column column,
                   bool descending) {
    int order = strcmp(text_of(table, a, column), text_of(table, b, column));
    if (order != 0)
        return descending ? -order : order;
    return compare_rows(table, a, b);
}

/* ---- groups ---------------------------------------------------------------------------------- */

static void push(struct sorter *sorter, struct group group) {
    if (group.high - group.low < 2)
        return;
    if (sorter->group_count == sorter->group_capacity) {
        sorter->group_capacity = sorter->group_capacity ? sorter->group_capacity * 2 : 64;
        sorter->groups =
            memory_resize(sorter->groups, sorter->group_capacity, sizeof *sorter->groups);
    }
    sorter->groups[sorter->group_count++] = group;
}

static bool turns_round(const struct sorter *sorter, const struct group *group) {
    return sorter->descending && !group->by_name;
}

/* The text's bytes from depth on as a number, zeros after its end. */
static uint64_t chunk_of(const char *text, size_t depth) {
    uint64_t chunk = 0;
    for (int i = 0; i < CHUNK; i++) {
        unsigned char byte = (unsigned char)text[depth];
        chunk = chunk << 8 | byte;
        depth += byte != 0;
    }
    return chunk;
}

static void take_chunks(struct sorter *sorter, const struct group *group) {
    uint64_t turn = turns_round(sorter, group) ? UINT64_MAX : 0;
    for (size_t i = group->low; i < group->high; i++)
        sorter->items[i].chunk = chunk_of(sorter->items[i].text, group->depth) ^ turn;
}

static void swap(struct item *a, struct item *b) {
    struct item kept = *a;
    *a = *b;
    *b = kept;
}

static uint64_t middle_of(uint64_t a, uint64_t b, uint64_t c) {
    return a < b ? (b < c ? b : a < c ? c : a) : (a < c ? a : b < c ? c : b);
}

static uint64_t pivot_of(const struct item *items, const struct group *group) {
    size_t count = group->high - group->low, step = count / 9;
    const struct item *at = items + group->low;
    if (count < 64)
        return at[count / 2].chunk;
    return middle_of(middle_of(at[0].chunk, at[step].chunk, at[2 * step].chunk),
                     middle_of(at[3 * step].chunk, at[4 * step].chunk, at[5 * step].chunk),
                     middle_of(at[6 * step].chunk, at[7 * step].chunk, at[8 * step].chunk));
}

/* ---- sorting --------------------------------------------------------------------------------- */

static int compare_numbers(uint32_t a, uint32_t b) {
    return (a > b) - (a < b);
}

/* Which comes first of two items of a group. */
static int compare_items(const struct sorter *sorter, const struct group *group,
                         const struct item *a, const struct item *b) {
    if (sorter->ranked && group->by_name)
        return compare_numbers(a->rank, b->rank);
    int order = strcmp(a->text + group->depth, b->text + group->depth);
    if (order != 0)
        return turns_round(sorter, group) ? -order : order;
    return sorter->ranked ? compare_numbers(a->rank, b->rank)
                          : compare_rows(sorter->table, a->row, b->row);
}

static void insert_few(struct sorter *sorter, const struct group *group) {
    struct item *items = sorter->items;
    for (size_t i = group->low + 1; i < group->high; i++)
        for (size_t j = i;
             j > group->low && compare_items(sorter, group, &items[j - 1], &items[j]) > 0; j--)
            swap(&items[j - 1], &items[j]);
}

static int compare_row_numbers(const void *left, const void *right) {
    return compare_numbers(((const struct item *)left)->row, ((const struct item *)right)->row);
}

static void go_by_name(const struct sorter *sorter, struct item *item) {
    if (sorter->ranked)
        item->chunk = item->rank;
    else
        item->text = text_of(sorter->table, item->row, COLUMN_NAME);
}

/* Items whose chunks are the same: deeper, or, if their texts have ended, by what comes next. */
static void push_equal(struct sorter *sorter, const struct group *group, size_t low, size_t high,
                       uint64_t chunk) {
    struct group equal = {low, high, group->depth + CHUNK, group->by_name, false};
    bool ended = ((turns_round(sorter, group) ? ~chunk : chunk) & 0xFF) == 0;
    if (sorter->ranked && group->by_name)
        return; /* no rank is there twice */
    if (ended && group->by_name) {
        qsort(sorter->items + low, high - low, sizeof *sorter->items, compare_row_numbers);
        return;
    }
    if (ended) {
        for (size_t i = low; i < high; i++)
            go_by_name(sorter, &sorter->items[i]);
        equal.depth = 0;
        equal.by_name = true;
        equal.ready = sorter->ranked;
    }
    push(sorter, equal);
}

/* Splits it into what comes before, with and after a pivot. */
static void split(struct sorter *sorter, const struct group *group) {
    struct item *items = sorter->items;
    uint64_t pivot = pivot_of(items, group);
    size_t low = group->low, at = low, high = group->high;
    while (at < high)
        if (items[at].chunk < pivot)
            swap(&items[low++], &items[at++]);
        else if (items[at].chunk > pivot)
            swap(&items[at], &items[--high]);
        else
            at++;
    push(sorter, (struct group){group->low, low, group->depth, group->by_name, true});
    push(sorter, (struct group){high, group->high, group->depth, group->by_name, true});
    push_equal(sorter, group, low, high, pivot);
}

static size_t sort_group(struct sorter *sorter) {
    struct group group = sorter->groups[--sorter->group_count];
    if (group.high - group.low <= FEW)
        insert_few(sorter, &group);
    else {
        if (!group.ready)
            take_chunks(sorter, &group);
        split(sorter, &group);
    }
    return group.high - group.low;
}

/* ---- the pieces ------------------------------------------------------------------------------ */

static size_t fill(struct sorter *sorter, size_t rows) {
    const struct group whole = {0, sorter->count, 0, false, false};
    size_t from = sorter->filled, left = sorter->count - from,
           end = from + (rows < left ? rows : left);
    for (; sorter->filled < end; sorter->filled++) {
        struct item *item = &sorter->items[sorter->filled];
        item->text = text_of(sorter->table, item->row, sorter->column);
        sorter->ordered = sorter->ordered && (sorter->filled == 0 ||
                                              compare_items(sorter, &whole, item - 1, item) <= 0);
    }
    if (sorter->filled == sorter->count && !sorter->ordered)
        push(sorter, whole);
    return end - from;
}

bool sorter_work(struct sorter *sorter, size_t rows) {
    size_t done = 0;
    do {
        if (sorter->filled < sorter->count)
            done += fill(sorter, rows - done);
        else if (sorter->group_count > 0)
            done += sort_group(sorter);
        else
            return false;
    } while (done < rows);
    return sorter->filled < sorter->count || sorter->group_count > 0;
}

struct sorter *sorter_create(const struct table *table, const uint32_t *rows, size_t count,
                             bool by_name, enum column column, bool descending) {
    struct sorter *sorter = memory_new(1, sizeof *sorter);
    sorter->table = table;
    sorter->column = column;
    sorter->descending = descending;
    sorter->ordered = true;
    sorter->ranked = by_name;
    sorter->count = count;
    sorter->items = memory_new(count ? count : 1, sizeof *sorter->items);
    bool all = count > 0 &&
               count == table_count(table); /* then in the order in which they lie in memory */
    for (size_t i = 0; i < count; i++) {
        struct item *item = &sorter->items[all ? rows[i] : i];
        item->row = rows[i];
        item->rank = (uint32_t)i;
    }
    return sorter;
}

void sorter_destroy(struct sorter *sorter) {
    if (sorter == NULL)
        return;
    free(sorter->items);
    free(sorter->groups);
    free(sorter);
}

void sorter_take(const struct sorter *sorter, uint32_t *rows) {
    for (size_t i = 0; i < sorter->count; i++)
        rows[i] = sorter->items[i].row;
}
