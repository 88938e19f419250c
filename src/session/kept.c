#include "kept.h"

#include <stdlib.h>
#include <string.h>

#include "pail/base/text.h"

enum {
    /* As reader.c writes the fields that we don't know. */
    TEXT_FLAGS = JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15),
};

/* ---- writing --------------------------------------------------------------------------------- */

json_t *kept_text(const char *text) {
    json_t *value = json_string(text);
    if (value != NULL)
        return value;
    struct buffer clean;
    buffer_init(&clean);
    for (size_t length; *text; text += length) {
        uint32_t code;
        length = text_decode(text, strlen(text), &code);
        if (length > 0)
            buffer_append(&clean, text, length);
        else
            buffer_append_char(&clean, '?');
        length += length == 0;
    }
    value = json_string(clean.data);
    buffer_finish(&clean);
    return value;
}

/* Adds the name, once. */
static void withhold(json_t *withheld, const char *name) {
    size_t i;
    const json_t *other;
    json_array_foreach(withheld, i, other) if (strcmp(json_string_value(other), name) == 0) return;
    json_array_append_new(withheld, kept_text(name));
}

/* Takes the members out whose names say that they are secrets, at any depth. */
static void take_secrets_out(json_t *value, json_t *withheld) {
    size_t i;
    const char *name;
    json_t *member;
    void *next;
    json_array_foreach(value, i, member) take_secrets_out(member, withheld);
    json_object_foreach_safe(value, next, name, member) {
        if (bucket_name_is_secret(name)) {
            withhold(withheld, name);
            json_object_del(value, name);
        } else
            take_secrets_out(member, withheld);
    }
}

static json_t *field_value(const struct bucket *bucket, int field, json_t *withheld) {
    const char *text = bucket->value[field];
    json_t *value = bucket->odd & 1U << field ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL;
    if (value == NULL)
        return kept_text(text);
    take_secrets_out(value, withheld);
    return value;
}

json_t *kept_entry(const struct bucket *bucket, json_t *withheld) {
    json_t *entry = json_object(), *extra = NULL;
    for (int field = 0; field < FIELD_COUNT; field++) {
        bool filled = bucket->value[field][0] != '\0';
        if (!filled && !(bucket->present & 1U << field))
            continue;
        if (!(bucket_fields[field].flags & FIELD_SECRET))
            json_object_set_new(entry, bucket_fields[field].name,
                                field_value(bucket, field, withheld));
        else if (filled)
            withhold(withheld, bucket_fields[field].name);
    }
    if (bucket->extra[0] != '\0' && !bucket->unreadable)
        extra = json_loads(bucket->extra, 0, NULL);
    take_secrets_out(extra, withheld);
    json_object_update(entry, extra);
    json_decref(extra);
    return entry;
}

/* ---- reading --------------------------------------------------------------------------------- */

static const char *dump(struct arena *arena, const json_t *value) {
    char *json = json_dumps(value, TEXT_FLAGS);
    const char *copy = json ? arena_string(arena, json) : "";
    free(json);
    return copy;
}

static void set_field(struct arena *arena, struct bucket *bucket, enum bucket_field field,
                      const json_t *value) {
    bucket->present |= 1U << field;
    if (!json_is_string(value))
        bucket->odd |= 1U << field;
    bucket->value[field] =
        json_is_string(value) ? arena_string(arena, json_string_value(value)) : dump(arena, value);
}

bool kept_entry_read(struct arena *arena, json_t *entry, struct bucket *bucket) {
    json_t *extra = NULL, *value;
    const char *member;
    bucket_init(bucket);
    json_object_foreach(entry, member, value) {
        enum bucket_field field = bucket_field_by_name(member);
        if (field < FIELD_COUNT ? bucket_fields[field].flags & FIELD_SECRET
                                : bucket_name_is_secret(member))
            continue;
        if (field < FIELD_COUNT) {
            set_field(arena, bucket, field, value);
            continue;
        }
        if (extra == NULL)
            extra = json_object();
        json_object_set(extra, member, value);
    }
    if (extra != NULL)
        bucket->extra = dump(arena, extra);
    json_decref(extra);
    return json_is_object(entry);
}
