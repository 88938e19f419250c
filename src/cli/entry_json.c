#include "entry_json.h"

#include <string.h>

#include "pail/base/text.h"
#include "pail/buckets/redact.h"
#include "print.h"

static bool holds_something(const json_t *value) {
    return !json_is_null(value) && !(json_is_string(value) && json_string_length(value) == 0);
}

/* Masks what names call secret, at any depth. */
static void mask_members(json_t *value) {
    const char *name;
    json_t *member;
    size_t index;
    json_object_foreach(value, name, member) {
        if (!bucket_name_is_secret(name))
            mask_members(member);
        else if (holds_something(member))
            json_object_set_new_nocheck(value, name, json_string(PRINT_MASK));
    }
    json_array_foreach(value, index, member) {
        mask_members(member);
    }
}

static json_t *field_json(const struct bucket *bucket, enum bucket_field field) {
    const char *text = bucket->value[field];
    bool is_secret = bucket_fields[field].flags & FIELD_SECRET;
    json_t *value = NULL;
    if (is_secret && *text)
        return json_string(PRINT_MASK);
    if (bucket->odd & 1U << field)
        value = json_loads(text, JSON_DECODE_ANY, NULL);
    mask_members(value);
    return value ? value : json_string(text);
}

/* The text as it came, its secrets masked; bytes that JSON can't hold are shown as <FF>. */
static json_t *unreadable_json(const char *text) {
    struct buffer out;
    struct redact_walk walk;
    struct redact_piece piece;
    buffer_init(&out);
    redact_walk_init(&walk, text);
    while (redact_next(&walk, &piece)) {
        if (piece.kind == REDACT_SECRET) {
            buffer_append_string(&out, "\"" PRINT_MASK "\"");
            continue;
        }
        for (size_t at = 0, size; at < piece.length; at += size) {
            uint32_t code;
            size = text_decode(piece.text + at, piece.length - at, &code);
            if (size > 0)
                buffer_append(&out, piece.text + at, size);
            else
                buffer_printf(&out, "<%02X>", (unsigned char)piece.text[at]);
            size += size == 0;
        }
    }
    json_t *json = json_pack("{s:s}", "unreadable", out.data);
    buffer_finish(&out);
    return json;
}

json_t *entry_json(const struct bucket *bucket) {
    if (bucket->unreadable)
        return unreadable_json(bucket->extra);
    json_t *object = json_object();
    for (int field = 0; field < FIELD_COUNT; field++)
        if (bucket->present & 1U << field)
            json_object_set_new(object, bucket_fields[field].name,
                                field_json(bucket, (enum bucket_field)field));
    json_t *extra = bucket->extra[0] ? json_loads(bucket->extra, 0, NULL) : NULL;
    mask_members(extra);
    json_object_update(object, extra);
    json_decref(extra);
    return object;
}

static int append_text(const char *data, size_t length, void *out) {
    buffer_append(out, data, length);
    return 0;
}

void entry_json_write(FILE *out, const json_t *json, size_t how) {
    struct buffer text;
    buffer_init(&text);
    json_dump_callback(json, append_text, &text, how | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(15));
    /* jansson leaves DEL as it is; it can only be in a string. */
    for (const char *at = text.data; *at;) {
        size_t length = strcspn(at, "\x7F");
        fwrite(at, 1, length, out);
        at += length;
        if (*at) {
            fputs("\\u007F", out);
            at++;
        }
    }
    buffer_finish(&text);
}
