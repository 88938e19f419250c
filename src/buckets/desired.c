#include "pail/buckets/desired.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "pail/base/memory.h"

enum {
    FEWEST_ENTRIES = 64,
    /* A member given twice leaves open which counts. */
    ENTRY_FLAGS = JSON_DECODE_ANY | JSON_DISABLE_EOF_CHECK | JSON_REJECT_DUPLICATES,
};

/* Where the reading is; entries go to jansson one at a time, so memory is that of one entry. */
struct cursor {
    const char *at, *end;
    size_t line; /* of `at`, from 1 */
};

void desired_init(struct desired *desired) {
    *desired = (struct desired){0};
    arena_init(&desired->arena);
}

void desired_finish(struct desired *desired) {
    arena_finish(&desired->arena);
    free(desired->entries);
    desired_init(desired);
}

/* ---- one entry ------------------------------------------------------------------------------- */

/* "entry 3 (testb3)", for the beginning of an error. */
static bool refuse(const struct desired_entry *entry, struct error *error, const char *why) {
    const char *name = entry->wanted.value[FIELD_NAME];
    if (name[0] == '\0')
        return error_set(error, "entry %zu: %s", entry->number, why);
    return error_set(error, "entry %zu (%s): %s", entry->number, name, why);
}

static bool refuse_member(const struct desired_entry *entry, const char *member, const char *why,
                          struct error *error) {
    struct error reason;
    error_set(&reason, "%.80s: %s", member, why);
    return refuse(entry, error, reason.text);
}

/* Text, or null for "": false for anything else. */
static bool text_of(const json_t *value, const char **text) {
    *text = json_is_null(value) ? "" : json_string_value(value);
    return *text != NULL;
}

/* Asterisks are how a listing shows that there is a secret. */
static bool is_mask(const char *text) {
    return text[strspn(text, "*")] == '\0';
}

static bool refuse_secret(const struct desired_entry *entry, const char *member,
                          struct error *error) {
    struct error why;
    error_set(&why,
              "a secret isn't taken from here: put it into a file of its own and write "
              "\"%s" DESIRED_FILE_SUFFIX "\": PATH",
              member);
    return refuse_member(entry, member, why.text, error);
}

/* The secret whose file the member gives; FIELD_COUNT if it gives none. */
static enum bucket_field field_of_file(const char *member) {
    static const size_t suffix = sizeof DESIRED_FILE_SUFFIX - 1;
    size_t length = strlen(member);
    for (int field = 0; field < FIELD_COUNT; field++)
        if ((bucket_fields[field].flags & FIELD_SECRET) && length > suffix &&
            strncmp(member, bucket_fields[field].name, length - suffix) == 0 &&
            strcmp(member + length - suffix, DESIRED_FILE_SUFFIX) == 0 &&
            bucket_fields[field].name[length - suffix] == '\0')
            return (enum bucket_field)field;
    return FIELD_COUNT;
}

static bool refuse_unknown(const struct desired_entry *entry, const char *member,
                           struct error *error) {
    struct buffer known;
    buffer_init(&known);
    buffer_append_string(&known, "is none of:");
    for (int field = 0; field < FIELD_COUNT; field++)
        if (!(bucket_fields[field].flags & FIELD_LISTING_ONLY))
            buffer_printf(&known, " %s%s", bucket_fields[field].name,
                          bucket_fields[field].flags & FIELD_SECRET ? DESIRED_FILE_SUFFIX : "");
    refuse_member(entry, member, known.data, error);
    buffer_finish(&known);
    return false;
}

static bool take_member(struct arena *arena, struct desired_entry *entry, const char *member,
                        const json_t *value, struct error *error) {
    enum bucket_field field = bucket_field_by_name(member), of_file = field_of_file(member);
    const char *text;
    if (field == FIELD_COUNT && of_file == FIELD_COUNT)
        return refuse_unknown(entry, member, error);
    if (field < FIELD_COUNT && (bucket_fields[field].flags & FIELD_LISTING_ONLY))
        return true;
    if (!text_of(value, &text))
        return refuse_member(entry, member, "must be text, or null for none", error);
    if (of_file < FIELD_COUNT)
        entry->secret_file[of_file] = text[0] ? arena_string(arena, text) : NULL;
    else if (!(bucket_fields[field].flags & FIELD_SECRET))
        entry->wanted.value[field] = arena_string(arena, text);
    else if (!is_mask(text))
        return refuse_secret(entry, member, error);
    return true;
}

/* The name first, so that errors can have it. */
static bool take_name(struct arena *arena, struct desired_entry *entry, json_t *object,
                      struct error *error) {
    const char *member = bucket_fields[FIELD_NAME].name;
    const json_t *value = json_object_get(object, member);
    const char *text;
    if (!json_is_object(object))
        return refuse(entry, error, "must be an object");
    if (value == NULL)
        return refuse_member(entry, member, "is missing", error);
    if (!text_of(value, &text) || text[0] == '\0')
        return refuse_member(entry, member, "must be text that isn't empty", error);
    entry->wanted.value[FIELD_NAME] = arena_string(arena, text);
    return true;
}

static bool take_entry(struct arena *arena, struct desired_entry *entry, json_t *object,
                       struct error *error) {
    const char *member;
    json_t *value;
    if (!take_name(arena, entry, object, error))
        return false;
    json_object_foreach(object, member, value) {
        if (!take_member(arena, entry, member, value, error))
            return false;
    }
    return true;
}

/* ---- the text around them -------------------------------------------------------------------- */

static void skip(struct cursor *cursor, const char *to) {
    for (; cursor->at < to; cursor->at++)
        cursor->line += *cursor->at == '\n';
}

static void skip_space(struct cursor *cursor) {
    while (cursor->at < cursor->end && strchr(" \t\r\n", *cursor->at))
        skip(cursor, cursor->at + 1);
}

/* True, and moves on, if the text goes on with this, behind white space. */
static bool take(struct cursor *cursor, const char *text) {
    size_t length = strlen(text);
    skip_space(cursor);
    if ((size_t)(cursor->end - cursor->at) < length || memcmp(cursor->at, text, length) != 0)
        return false;
    cursor->at += length;
    return true;
}

static bool refuse_here(const struct cursor *cursor, const char *wanted, struct error *error) {
    return error_set(error, "line %zu: %s", cursor->line, wanted);
}

/* jansson's reason without its quotation of what it saw: that may be a secret. */
static bool refuse_json(const struct cursor *cursor, size_t number, json_error_t *reported,
                        struct error *error) {
    char *quotation = strstr(reported->text, " near '");
    if (quotation != NULL)
        *quotation = '\0';
    return error_set(error, "line %zu: entry %zu is not JSON: %s",
                     cursor->line + (size_t)(reported->line > 0 ? reported->line - 1 : 0), number,
                     reported->text);
}

static struct desired_entry *add_entry(struct desired *desired, size_t *capacity) {
    if (desired->count == *capacity) {
        *capacity = *capacity ? *capacity * 2 : FEWEST_ENTRIES;
        desired->entries = memory_resize(desired->entries, *capacity, sizeof *desired->entries);
    }
    struct desired_entry *entry = &desired->entries[desired->count++];
    *entry = (struct desired_entry){.number = desired->count};
    bucket_init(&entry->wanted);
    return entry;
}

static bool read_entry(struct desired *desired, struct cursor *cursor, size_t *capacity,
                       struct error *error) {
    struct desired_entry *entry = add_entry(desired, capacity);
    json_error_t reported;
    json_t *object =
        json_loadb(cursor->at, (size_t)(cursor->end - cursor->at), ENTRY_FLAGS, &reported);
    if (object == NULL)
        return refuse_json(cursor, entry->number, &reported, error);
    bool good = take_entry(&desired->arena, entry, object, error);
    json_decref(object);
    skip(cursor, cursor->at + reported.position);
    return good;
}

static bool read_array(struct desired *desired, struct cursor *cursor, struct error *error) {
    size_t capacity = 0;
    if (take(cursor, "]"))
        return true;
    do {
        skip_space(cursor);
        if (!read_entry(desired, cursor, &capacity, error))
            return false;
    } while (take(cursor, ","));
    return take(cursor, "]") ||
           refuse_here(cursor, "a comma or ] is missing behind an entry", error);
}

static bool read_all(struct desired *desired, struct cursor *cursor, struct error *error) {
    static const char *const shape =
        "an array of entries is wanted, or an object with just \"buckets\" or \"InfinSnapBuckets\"";
    bool wrapped = take(cursor, "{");
    if (wrapped && !((take(cursor, "\"buckets\"") || take(cursor, "\"InfinSnapBuckets\"")) &&
                     take(cursor, ":")))
        return refuse_here(cursor, shape, error);
    if (!take(cursor, "["))
        return refuse_here(cursor, shape, error);
    if (!read_array(desired, cursor, error))
        return false;
    if (wrapped && !take(cursor, "}"))
        return refuse_here(cursor, shape, error);
    skip_space(cursor);
    return cursor->at == cursor->end || refuse_here(cursor, "there is more behind the end", error);
}

/* ---- order ----------------------------------------------------------------------------------- */

static int compare(const void *left, const void *right) {
    const struct desired_entry *a = left, *b = right;
    int order = strcmp(a->wanted.value[FIELD_NAME], b->wanted.value[FIELD_NAME]);
    return order != 0 ? order : a->number < b->number ? -1 : a->number > b->number;
}

static bool sort(struct desired *desired, struct error *error) {
    if (desired->count > 1)
        qsort(desired->entries, desired->count, sizeof *desired->entries, compare);
    for (size_t i = 1; i < desired->count; i++) {
        const struct desired_entry *one = &desired->entries[i - 1], *other = one + 1;
        const char *name = other->wanted.value[FIELD_NAME];
        if (strcmp(one->wanted.value[FIELD_NAME], name) == 0)
            return error_set(error, "entries %zu and %zu have the same bucketname, %s", one->number,
                             other->number, name);
    }
    return true;
}

bool desired_read(struct desired *desired, const char *json, size_t length, struct error *error) {
    struct cursor cursor = {json, json + length, 1};
    /* jansson overlooks some of them. */
    if (memchr(json, '\0', length) != NULL)
        return error_set(error, "not JSON: it has a NUL byte");
    return read_all(desired, &cursor, error) && sort(desired, error);
}
