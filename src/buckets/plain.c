#include "plain.h"

#include <string.h>

enum { MOST_UNKNOWN = 16 /* keys: they are compared with each other */ };

struct span {
    char *text; /* NULL: the value is null */
    size_t length;
};

struct scan {
    char *at, *end;
    struct span value[FIELD_COUNT];
    unsigned seen; /* bit 1 << field: the key was there */
    struct span unknown[MOST_UNKNOWN];
    int unknown_count;
    int next; /* the field that is looked for first: entries of one service have one order */
};

/* White space of RFC 8259, 2. */
static void skip_space(struct scan *scan) {
    while (scan->at < scan->end &&
           (*scan->at == ' ' || *scan->at == '\n' || *scan->at == '\r' || *scan->at == '\t'))
        scan->at++;
}

static bool take(struct scan *scan, char c) {
    skip_space(scan);
    if (scan->at == scan->end || *scan->at != c)
        return false;
    scan->at++;
    return true;
}

/* What may stand in a string as itself, and needs no look at its encoding. */
static bool is_plain(char c) {
    return (unsigned char)c >= ' ' && (unsigned char)c < 0x80 && c != '"' && c != '\\';
}

static bool take_string(struct scan *scan, struct span *string) {
    if (!take(scan, '"'))
        return false;
    char *from = scan->at;
    while (scan->at < scan->end && is_plain(*scan->at))
        scan->at++;
    *string = (struct span){from, (size_t)(scan->at - from)};
    return scan->at < scan->end && *scan->at++ == '"';
}

static bool take_value(struct scan *scan, struct span *value) {
    skip_space(scan);
    if (scan->end - scan->at < 4 || memcmp(scan->at, "null", 4) != 0)
        return take_string(scan, value);
    scan->at += 4;
    *value = (struct span){NULL, 0};
    return true;
}

static bool is_named(const struct span *key, int field) {
    const char *name = bucket_fields[field].name;
    return strncmp(name, key->text, key->length) == 0 && name[key->length] == '\0';
}

/* FIELD_COUNT if it is none of ours. */
static int field_of(struct scan *scan, const struct span *key) {
    for (int i = 0; i < FIELD_COUNT; i++) {
        int field = (scan->next + i) % FIELD_COUNT;
        if (is_named(key, field)) {
            scan->next = (field + 1) % FIELD_COUNT;
            return field;
        }
    }
    return FIELD_COUNT;
}

/* Writes it as jansson would, compact; a key that is there already ends it. */
static bool take_unknown(struct scan *scan, const struct span *key, const struct span *value,
                         struct buffer *extra) {
    for (int i = 0; i < scan->unknown_count; i++)
        if (scan->unknown[i].length == key->length &&
            memcmp(scan->unknown[i].text, key->text, key->length) == 0)
            return false;
    if (scan->unknown_count == MOST_UNKNOWN)
        return false;
    scan->unknown[scan->unknown_count++] = *key;
    buffer_append_string(extra, extra->length > 0 ? ",\"" : "{\"");
    buffer_append(extra, key->text, key->length);
    buffer_append_string(extra, value->text ? "\":\"" : "\":null");
    if (value->text) {
        buffer_append(extra, value->text, value->length);
        buffer_append_char(extra, '"');
    }
    return true;
}

static bool take_member(struct scan *scan, struct buffer *extra) {
    struct span key, value;
    if (!take_string(scan, &key) || !take(scan, ':') || !take_value(scan, &value))
        return false;
    int field = field_of(scan, &key);
    if (field == FIELD_COUNT)
        return take_unknown(scan, &key, &value, extra);
    if (scan->seen & 1U << field)
        return false;
    scan->seen |= 1U << field;
    scan->value[field] = value;
    return true;
}

static bool take_object(struct scan *scan, struct buffer *extra) {
    if (!take(scan, '{'))
        return false;
    do
        if (!take_member(scan, extra))
            return false;
    while (take(scan, ','));
    if (!take(scan, '}'))
        return false;
    skip_space(scan);
    return scan->at == scan->end && scan->value[FIELD_NAME].length > 0;
}

bool plain_entry(struct buffer *json, struct buffer *extra, struct bucket *bucket) {
    struct scan scan = {.at = json->data, .end = json->data + json->length};
    buffer_clear(extra);
    if (!take_object(&scan, extra))
        return false;
    bucket_init(bucket);
    for (int field = 0; field < FIELD_COUNT; field++)
        if (scan.value[field].text) {
            scan.value[field].text[scan.value[field].length] = '\0';
            bucket->value[field] = scan.value[field].text;
            bucket->present |= 1U << field;
        }
    if (extra->length > 0) {
        buffer_append_char(extra, '}');
        bucket->extra = extra->data;
    }
    return true;
}
