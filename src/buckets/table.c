#include "pail/buckets/table.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pail/base/arena.h"
#include "pail/base/hash.h"
#include "pail/base/memory.h"
#include "unreadable.h"

/* The strings that aren't empty stand one after the other, each with its NUL, in the order of the
 * fields and then extra; `filled` has a bit for each of them. In a searchable record a version is
 * the last of them: no word is looked for in it, so that `length` ends before it. */
_Static_assert(FIELD_ETAG == FIELD_COUNT - 1, "the version is the last field");
struct record {
    unsigned filled : FIELD_COUNT + 1;
    unsigned present : FIELD_COUNT;
    unsigned unreadable : 1;
    unsigned odd : FIELD_COUNT;
    unsigned searchable : 1; /* table_strings gives its strings */
    uint32_t length;         /* of what is looked through; an entry has at most some MiB */
    char strings[];
};

enum {
    EXTRA = FIELD_COUNT, /* its bit in filled */
    FIELDS_MASK = (1U << FIELD_COUNT) - 1,
    FEWEST_RECORDS = 64,
    FEWEST_SLOTS = 256,
    CACHE_LINE = 64, /* bytes */
    PREFETCHED = 3 * CACHE_LINE,
};

struct table {
    struct arena arena;
    const struct record **records;
    size_t count, capacity;
    const char *end; /* of the last record */
    uint32_t *runs;  /* the rows whose records don't follow the one before in memory */
    size_t run_count, run_capacity;
    /* Open addressing by name: a slot holds a row + 1, or 0. Half of them stay free. */
    uint32_t *slots;
    size_t slot_count; /* 0 or a power of two */
    size_t indexed;    /* rows that have been looked at */
    struct unreadable unreadable;
    bool has_unreadable, is_sorted; /* rows that could not be read; all names are in there */
};

struct table *table_create(void) {
    struct table *table = memory_new(1, sizeof *table);
    arena_init(&table->arena);
    unreadable_init(&table->unreadable);
    return table;
}

void table_destroy(struct table *table) {
    if (table == NULL)
        return;
    arena_finish(&table->arena);
    unreadable_finish(&table->unreadable);
    free(table->records);
    free(table->runs);
    free(table->slots);
    free(table);
}

static const char *string_of(const struct bucket *bucket, int index) {
    return index == EXTRA ? bucket->extra : bucket->value[index];
}

/* What a query may look at as it stands: neither secrets nor JSON. */
static bool is_searchable(const struct bucket *bucket) {
    for (int field = 0; field < FIELD_COUNT; field++)
        if (bucket_fields[field].flags & FIELD_SECRET && bucket->value[field][0] != '\0')
            return false;
    return !bucket->odd && !bucket->unreadable && bucket->extra[0] == '\0';
}

static void note_run(struct table *table, size_t row) {
    if (table->run_count == table->run_capacity) {
        table->run_capacity = table->run_capacity ? table->run_capacity * 2 : FEWEST_RECORDS;
        table->runs = memory_resize(table->runs, table->run_capacity, sizeof *table->runs);
    }
    table->runs[table->run_count++] = (uint32_t)row;
}

/* Nothing but padding is between two records that follow each other: else a run begins. */
static const struct record *pack(struct table *table, const struct bucket *bucket) {
    size_t length[FIELD_COUNT + 1], size = 0;
    for (int i = 0; i <= EXTRA; i++) {
        const char *string = string_of(bucket, i);
        length[i] = string[0] ? strlen(string) + 1 : 0;
        size += length[i];
    }
    struct record *record =
        arena_new(&table->arena, sizeof(struct record) + size, _Alignof(struct record));
    if (table->count == 0 || (uintptr_t)record - (uintptr_t)table->end >= _Alignof(struct record))
        note_run(table, table->count);
    table->end = record->strings + size;
    record->present = bucket->present & FIELDS_MASK;
    record->odd = bucket->odd & FIELDS_MASK;
    record->unreadable = bucket->unreadable;
    record->searchable = is_searchable(bucket);
    record->length = (uint32_t)(record->searchable ? size - length[FIELD_ETAG] : size);
    unsigned filled = 0;
    char *to = record->strings;
    for (int i = 0; i <= EXTRA; i++) {
        memcpy(to, string_of(bucket, i), length[i]);
        to += length[i];
        filled |= (length[i] > 0) * (1U << i);
    }
    record->filled = filled & (FIELDS_MASK << 1 | 1U);
    return record;
}

void table_add(struct table *table, const struct bucket *bucket) {
    if (table->count == table->capacity) {
        table->capacity = table->capacity ? table->capacity * 2 : FEWEST_RECORDS;
        table->records = memory_resize(table->records, table->capacity, sizeof(struct record *));
    }
    table->records[table->count] = pack(table, bucket);
    table->count++;
    table->has_unreadable |= bucket->unreadable;
    table->is_sorted = false;
}

size_t table_count(const struct table *table) {
    return table->count;
}

void table_get(const struct table *table, size_t row, struct bucket *bucket) {
    const struct record *record = table->records[row];
    const char *at = record->strings;
    bucket_init(bucket);
    bucket->present = record->present;
    bucket->odd = record->odd;
    bucket->unreadable = record->unreadable;
    for (int i = 0; i <= EXTRA; i++)
        if (record->filled & 1U << i) {
            *(i == EXTRA ? &bucket->extra : &bucket->value[i]) = at;
            at += strlen(at) + 1;
        }
}

const char *table_name(const struct table *table, size_t row) {
    _Static_assert(FIELD_NAME == 0, "a name is the first string of its record");
    const struct record *record = table->records[row];
    return record->filled & 1U << FIELD_NAME ? record->strings : "";
}

const char *table_strings(const struct table *table, size_t row, size_t *length, unsigned *filled) {
    const struct record *record = table->records[row];
    *length = record->length;
    *filled = record->filled;
    return record->searchable ? record->strings : NULL;
}

/* Rows whose records follow each other are one text, with the records' heads in between. */
static void search_run(const struct record *const *records, size_t count,
                       const struct find_needle *needle, uint8_t *found) {
    const char *at = records[0]->strings;
    const char *end = records[count - 1]->strings + records[count - 1]->length;
    size_t row = 0, place;
    memset(found, TABLE_NOWHERE, count);
    while ((place = find_folded(needle, at, (size_t)(end - at))) != FIND_NOWHERE) {
        at += place;
        while (row + 1 < count && (const char *)records[row + 1] <= at)
            row++;
        const struct record *record = records[row];
        bool behind = at >= record->strings + record->length;
        if (at >= record->strings && !behind)
            found[row] = record->searchable ? TABLE_FOUND : TABLE_UNSURE;
        row += behind || found[row] != TABLE_NOWHERE;
        if (row == count)
            return;
        at = records[row]->strings;
    }
}

/* The first run that begins after that row. */
static size_t run_after(const struct table *table, size_t row) {
    size_t low = 0, high = table->run_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (table->runs[middle] <= row)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void table_search(const struct table *table, size_t row, size_t end,
                  const struct find_needle *needle, uint8_t *found) {
    for (size_t run = run_after(table, row), next; row < end; run++, row = next) {
        next = run < table->run_count && table->runs[run] < end ? table->runs[run] : end;
        search_run(table->records + row, next - row, needle, found + row);
        for (size_t i = row; table->has_unreadable && i < next; i++)
            if (table->records[i]->unreadable)
                found[i] = TABLE_UNSURE;
    }
}

/* As much as most records have. */
void table_prefetch(const struct table *table, size_t row) {
    const char *record = (const char *)table->records[row];
    for (size_t at = 0; at < PREFETCHED; at += CACHE_LINE)
        __builtin_prefetch(record + at);
}

/* Begun at the table's address, so that a service can't know which names collide. */
static size_t hash(const struct table *table, const char *name) {
    uint64_t whole = hash_string(HASH_START ^ (uintptr_t)table, name);
    return (size_t)(whole ^ whole >> 32);
}

/* The slot of that name, or the free one where it would go. */
static uint32_t *slot_of(const struct table *table, const char *name) {
    size_t mask = table->slot_count - 1, at = hash(table, name) & mask;
    while (table->slots[at] != 0 && strcmp(table_name(table, table->slots[at] - 1), name) != 0)
        at = (at + 1) & mask;
    return &table->slots[at];
}

/* Only the first row of a name gets a slot. */
static void index_rows(struct table *table) {
    if (table->count > table->slot_count / 2) {
        size_t slot_count = table->slot_count ? table->slot_count : FEWEST_SLOTS;
        while (table->count > slot_count / 2)
            slot_count *= 2;
        free(table->slots);
        table->slots = memory_new(slot_count, sizeof *table->slots);
        table->slot_count = slot_count;
        table->indexed = 0;
    }
    for (; table->indexed < table->count; table->indexed++) {
        uint32_t *slot = slot_of(table, table_name(table, table->indexed));
        if (*slot == 0)
            *slot = (uint32_t)table->indexed + 1;
    }
}

bool table_find(struct table *table, const char *name, size_t *row) {
    if (table->indexed < table->count)
        index_rows(table);
    if (table->count == 0)
        return false;
    size_t slot = *slot_of(table, name);
    if (slot == 0)
        return false;
    *row = slot - 1;
    return true;
}

static void sort_unreadable(struct table *table) {
    struct bucket bucket;
    unreadable_finish(&table->unreadable);
    for (size_t row = 0; row < table->count; row++)
        if (table->records[row]->unreadable) {
            table_get(table, row, &bucket);
            unreadable_add(&table->unreadable, bucket.extra);
        }
    unreadable_sort(&table->unreadable);
    table->is_sorted = true;
}

bool table_may_have(struct table *table, const char *name) {
    if (!table->has_unreadable)
        return false;
    if (!table->is_sorted)
        sort_unreadable(table);
    return unreadable_has(&table->unreadable, name);
}
