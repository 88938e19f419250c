#include "unreadable.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "pail/base/memory.h"
#include "pail/buckets/redact.h"

static const char space[] = " \t\r\n";

void unreadable_init(struct unreadable *unreadable) {
    *unreadable = (struct unreadable){0};
    arena_init(&unreadable->arena);
}

void unreadable_finish(struct unreadable *unreadable) {
    free(unreadable->names);
    arena_finish(&unreadable->arena);
    unreadable_init(unreadable);
}

/* Room for one more, at a count that is a power of two. */
static void add_name(struct unreadable *unreadable, const char *name, size_t length) {
    size_t count = unreadable->count;
    if ((count & (count - 1)) == 0)
        unreadable->names = memory_resize(unreadable->names, count ? count * 2 : 1, sizeof(char *));
    unreadable->names[unreadable->count++] = arena_string_n(&unreadable->arena, name, length);
}

/* What stands there and is no string, such as a number. */
static void add_bare(struct unreadable *unreadable, const char *text, size_t length) {
    size_t begin = strspn(text, space);
    while (length > begin && strchr(space, text[length - 1]))
        length--;
    if (length > begin)
        add_name(unreadable, text + begin, length - begin);
}

/* A string that no parser takes can't be a name that is wanted. */
static void add_value(struct unreadable *unreadable, const struct redact_piece *piece) {
    if (*piece->text != '"') {
        add_bare(unreadable, piece->text, piece->length);
        return;
    }
    json_t *string = json_loadb(piece->text, piece->length, JSON_DECODE_ANY, NULL);
    if (string != NULL)
        add_name(unreadable, json_string_value(string), json_string_length(string));
    json_decref(string);
}

static bool is(const struct redact_piece *piece, const char *text) {
    return piece->length == strlen(text) && memcmp(piece->text, text, piece->length) == 0;
}

static bool is_space(const struct redact_piece *piece) {
    return strspn(piece->text, space) >= piece->length;
}

void unreadable_add(struct unreadable *unreadable, const char *json) {
    enum { ELSEWHERE, BEHIND_KEY, BEHIND_COLON } place = ELSEWHERE;
    struct redact_walk walk;
    struct redact_piece piece;
    redact_walk_init(&walk, json);
    while (redact_next(&walk, &piece)) {
        if (is_space(&piece))
            continue;
        if (place == BEHIND_COLON && piece.kind == REDACT_TEXT)
            add_value(unreadable, &piece);
        place = place == BEHIND_KEY && is(&piece, ":") ? BEHIND_COLON
                : is(&piece, "\"bucketname\"")         ? BEHIND_KEY
                                                       : ELSEWHERE;
    }
}

static int compare(const void *left, const void *right) {
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

void unreadable_sort(struct unreadable *unreadable) {
    if (unreadable->count > 1)
        qsort(unreadable->names, unreadable->count, sizeof *unreadable->names, compare);
}

bool unreadable_has(const struct unreadable *unreadable, const char *name) {
    return unreadable->count > 0 && bsearch(&name, unreadable->names, unreadable->count,
                                            sizeof *unreadable->names, compare) != NULL;
}
