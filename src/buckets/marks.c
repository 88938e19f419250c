#include "pail/buckets/marks.h"

#include <stdlib.h>
#include <string.h>

#include "pail/base/hash.h"
#include "pail/base/memory.h"

enum { FIRST_ROOM = 64 };

void marks_init(struct marks *marks) {
    *marks = (struct marks){0};
}

void marks_finish(struct marks *marks) {
    for (size_t i = 0; i < marks->room; i++)
        free(marks->slots[i]);
    free(marks->slots);
    marks_init(marks);
}

static size_t home(const struct marks *marks, const char *name) {
    return (size_t)hash_string(HASH_START, name) & (marks->room - 1);
}

static size_t after(const struct marks *marks, size_t slot) {
    return (slot + 1) & (marks->room - 1);
}

/* Where the name is, or would be. There is room. */
static size_t place(const struct marks *marks, const char *name) {
    size_t slot = home(marks, name);
    while (marks->slots[slot] != NULL && strcmp(marks->slots[slot], name) != 0)
        slot = after(marks, slot);
    return slot;
}

bool marks_has(const struct marks *marks, const char *name) {
    return marks->count > 0 && marks->slots[place(marks, name)] != NULL;
}

/* Moves the names over into so many slots. */
static void rehash(struct marks *marks, size_t room) {
    struct marks larger = {memory_new(room, sizeof *larger.slots), room, marks->count};
    for (size_t i = 0; i < marks->room; i++)
        if (marks->slots[i] != NULL)
            larger.slots[place(&larger, marks->slots[i])] = marks->slots[i];
    free(marks->slots);
    *marks = larger;
}

static void add(struct marks *marks, const char *name) {
    if (2 * (marks->count + 1) > marks->room)
        rehash(marks, marks->room ? 2 * marks->room : FIRST_ROOM);
    char **slot = &marks->slots[place(marks, name)];
    if (*slot != NULL)
        return;
    *slot = memory_string(name);
    marks->count++;
}

/* No free slot may come between a name and its home: those behind the one that goes move up. */
static void take_out(struct marks *marks, const char *name) {
    size_t gap = place(marks, name);
    if (marks->slots[gap] == NULL)
        return;
    free(marks->slots[gap]);
    marks->slots[gap] = NULL;
    marks->count--;
    for (size_t at = after(marks, gap); marks->slots[at] != NULL; at = after(marks, at)) {
        char *moved = marks->slots[at];
        marks->slots[at] = NULL;
        marks->slots[place(marks, moved)] = moved;
    }
}

void marks_set(struct marks *marks, const char *name, bool marked) {
    if (marked)
        add(marks, name);
    else if (marks->count > 0)
        take_out(marks, name);
}

void marks_filter(struct marks *marks, bool (*keep)(void *context, const char *name),
                  void *context) {
    for (size_t i = 0; i < marks->room; i++)
        if (marks->slots[i] != NULL && !keep(context, marks->slots[i])) {
            free(marks->slots[i]);
            marks->slots[i] = NULL;
            marks->count--;
        }
    if (marks->room > 0)
        rehash(marks, marks->room);
}

size_t marks_count(const struct marks *marks, bool (*is)(const void *context, const char *name),
                   const void *context) {
    size_t count = 0;
    for (size_t i = 0; i < marks->room; i++)
        count += marks->slots[i] != NULL && is(context, marks->slots[i]);
    return count;
}

static int compare(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char **marks_names(const struct marks *marks) {
    const char **names = memory_new(marks->count + 1, sizeof *names);
    size_t count = 0;
    for (size_t i = 0; i < marks->room; i++)
        if (marks->slots[i] != NULL)
            names[count++] = marks->slots[i];
    qsort(names, count, sizeof *names, compare);
    return names;
}
