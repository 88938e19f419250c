#include "pail/buckets/reader.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "pail/base/buffer.h"
#include "pail/base/memory.h"
#include "pail/buckets/redact.h"
#include "pail/buckets/splitter.h"
#include "plain.h"

enum {
    VIEWS_BYTES = 1 << 20,
    /* A key given twice leaves open which value counts: such an entry isn't shown as if we knew. */
    ENTRY_FLAGS = JSON_DECODE_ANY | JSON_REJECT_DUPLICATES,
    /* 15 digits: a number of up to 15 decimal digits is shown as it came. */
    TEXT_FLAGS = JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15),
};

struct reader {
    reader_entry_fn *entry;
    void *context;
    struct splitter splitter;
    struct buffer extra; /* of the plain entry that was handed out */
    struct arena views;  /* of entries that were handed out; emptied at VIEWS_BYTES */
    size_t entries;      /* handed out */
    bool failed;
    struct error failure;
    json_t *account; /* the skeleton, parsed */
};

void reader_guard_memory(void) {
    json_set_alloc_funcs(malloc, memory_free_wiped);
}

struct reader *reader_create(reader_entry_fn *entry, void *context) {
    struct reader *reader = memory_new(1, sizeof *reader);
    reader->entry = entry;
    reader->context = context;
    splitter_init(&reader->splitter);
    buffer_init(&reader->extra);
    arena_init(&reader->views);
    return reader;
}

void reader_destroy(struct reader *reader) {
    if (reader == NULL)
        return;
    splitter_finish(&reader->splitter);
    buffer_finish(&reader->extra);
    arena_finish(&reader->views);
    json_decref(reader->account);
    free(reader);
}

static int append_text(const char *data, size_t length, void *out) {
    buffer_append(out, data, length);
    return 0;
}

/* The JSON text with its secrets redacted (redact.h); by way of a buffer since that overwrites what
 * it held. */
static const char *redacted(struct arena *arena, const char *json, bool keep_outer) {
    struct buffer text;
    buffer_init(&text);
    redact_append(&text, json, keep_outer);
    const char *copy = arena_string_n(arena, text.data, text.length);
    buffer_finish(&text);
    return copy;
}

static const char *value_text(struct arena *arena, const json_t *value, bool keep_outer) {
    struct buffer text;
    buffer_init(&text);
    json_dump_callback(value, append_text, &text, TEXT_FLAGS);
    const char *copy = redacted(arena, text.data, keep_outer);
    buffer_finish(&text);
    return copy;
}

static void set_field(struct arena *arena, struct bucket *bucket, enum bucket_field field,
                      const json_t *value) {
    if (json_is_null(value))
        return;
    bucket->present |= 1U << field;
    if (json_is_string(value)) {
        bucket->value[field] = arena_string(arena, json_string_value(value));
    } else {
        bucket->odd |= 1U << field;
        bucket->value[field] = value_text(arena, value, false);
    }
}

static void set_fields(struct arena *arena, struct bucket *bucket, json_t *object) {
    json_t *extra = NULL, *value;
    const char *name;
    json_object_foreach(object, name, value) {
        enum bucket_field field = bucket_field_by_name(name);
        if (field < FIELD_COUNT) {
            set_field(arena, bucket, field, value);
            continue;
        }
        if (extra == NULL)
            extra = json_object();
        json_object_set_nocheck(extra, name, value);
    }
    if (extra != NULL)
        bucket->extra = value_text(arena, extra, true); /* its own are flagged by name */
    json_decref(extra);
}

/* Whether jansson's complaint is about what a value holds, not about the grammar around it. */
static bool is_about_value(const json_error_t *error) {
    switch (json_error_code(error)) {
    case json_error_duplicate_key:
    case json_error_invalid_utf8:
    case json_error_null_byte_in_key:
    case json_error_null_character:
    case json_error_numeric_overflow:
    case json_error_stack_overflow:
        return true;
    default:
        /* A lone surrogate (\ud800), which Python's json writes for odd file names. */
        return strncmp(error->text, "invalid Unicode", 15) == 0;
    }
}

/* False if the text breaks JSON's grammar: then nothing around it can be trusted either. */
static bool parse_entry(struct arena *arena, const char *json, size_t length, struct bucket *bucket,
                        json_error_t *error) {
    bucket_init(bucket);
    json_t *object = json_loadb(json, length, ENTRY_FLAGS, error);
    const json_t *name = json_object_get(object, bucket_fields[FIELD_NAME].name);
    if (json_is_string(name) && json_string_length(name) > 0) {
        set_fields(arena, bucket, object);
    } else {
        bucket->unreadable = true;
        bucket->extra = redacted(arena, arena_string_n(arena, json, length), false);
    }
    bool grammatical = object != NULL || is_about_value(error);
    json_decref(object);
    return grammatical;
}

/* jansson's reason without its quotation of what it saw: that may be a secret. */
static const char *reason(json_error_t *error) {
    char *quotation = strstr(error->text, " near '");
    if (quotation != NULL)
        *quotation = '\0';
    return error->text;
}

/* False if it breaks JSON's grammar. */
static bool read_entry(struct reader *reader, struct bucket *bucket, json_error_t *error) {
    struct buffer *json = &reader->splitter.entry;
    return plain_entry(json, &reader->extra, bucket) ||
           parse_entry(&reader->views, json->data, json->length, bucket, error);
}

static bool hand_out(struct reader *reader) {
    struct bucket bucket;
    json_error_t error;
    const struct splitter *splitter = &reader->splitter;
    if (!read_entry(reader, &bucket, &error))
        return error_set(&reader->failure, "not JSON: entry %zu, from line %zu, column %zu: %s",
                         splitter->entries, splitter->entry_line, splitter->entry_column,
                         reason(&error));
    reader->entries++;
    reader->entry(reader->context, &bucket);
    if (reader->views.total > VIEWS_BYTES)
        arena_finish(&reader->views);
    return true;
}

static bool take(struct reader *reader, const char *at, const char *end) {
    /* jansson overlooks some of them. */
    if (memchr(at, '\0', (size_t)(end - at)) != NULL)
        return error_set(&reader->failure, "not JSON: it has a NUL byte");
    for (;;)
        switch (splitter_take(&reader->splitter, &at, end, &reader->failure)) {
        case SPLIT_MORE:
            return true;
        case SPLIT_ENTRY:
            if (!hand_out(reader))
                return false;
            break;
        case SPLIT_FAILED:
            return false;
        }
}

bool reader_feed(struct reader *reader, const char *data, size_t length, struct error *error) {
    if (!reader->failed && length > 0)
        reader->failed = !take(reader, data, data + length);
    return !reader->failed || error_set(error, "%s", reader->failure.text);
}

/* Behind the string that begins at `at`, or at the end. */
static char *skip_string(char *at, const char *end) {
    for (at++; at < end && *at != '"'; at++)
        at += *at == '\\' && at + 1 < end;
    return at < end ? at + 1 : at;
}

/* Numbers beyond jansson's range become null, which is as good as any value that nobody can have
 * meant; without it they would cost the whole table. */
static void soften_numbers(char *at, const char *end) {
    while (at < end) {
        if (*at == '"') {
            at = skip_string(at, end);
            continue;
        }
        size_t length = strspn(at, "+-.0123456789eE");
        json_error_t error;
        json_decref(json_loadb(at, length, JSON_DECODE_ANY, &error));
        if (length >= 4 && json_error_code(&error) == json_error_numeric_overflow) {
            memset(at, ' ', length);
            memcpy(at, "null", 4);
        }
        at += length > 0 ? length : 1;
    }
}

/* Positions in the skeleton are positions in the answer as far as the array. */
static bool parse_skeleton(struct reader *reader, struct error *error) {
    const struct splitter *splitter = &reader->splitter;
    const struct buffer *skeleton = &splitter->skeleton;
    json_error_t reported;
    reader->account = json_loadb(skeleton->data, skeleton->length, JSON_ALLOW_NUL, &reported);
    if (reader->account == NULL && json_error_code(&reported) == json_error_numeric_overflow) {
        soften_numbers(skeleton->data, skeleton->data + skeleton->length);
        reader->account = json_loadb(skeleton->data, skeleton->length, JSON_ALLOW_NUL, &reported);
    }
    if (reader->account != NULL)
        return true;
    bool known = !splitter->array_seen || (size_t)reported.position < splitter->array_at;
    if (!known)
        return error_set(error, "not JSON, from InfinSnapBuckets on: %s", reason(&reported));
    return error_set(error, "not JSON: line %d, column %d: %s", reported.line, reported.column,
                     reason(&reported));
}

bool reader_end(struct reader *reader, struct error *error) {
    if (reader->failed)
        return error_set(error, "%s", reader->failure.text);
    const struct splitter *splitter = &reader->splitter;
    if (!splitter_begun(splitter))
        return error_set(error, "the answer is empty");
    if (!splitter_at_end(splitter))
        return error_set(error, "the answer is cut off at line %zu, column %zu, after %zu entries",
                         splitter->line, splitter->column, reader->entries);
    if (!parse_skeleton(reader, error))
        return false;
    const json_t *array = json_object_get(reader->account, SPLITTER_MEMBER);
    if (array == NULL)
        return error_set(error, "the answer has no " SPLITTER_MEMBER);
    return json_is_array(array) || json_is_null(array) ||
           error_set(error, "the answer's " SPLITTER_MEMBER " is not an array");
}

const char *reader_account(const struct reader *reader, const char *member) {
    const json_t *value = json_object_get(reader->account, member);
    const char *text = json_string_value(value);
    return text && strlen(text) == json_string_length(value) ? text : NULL;
}

char *reader_account_json(const struct reader *reader, const char *member) {
    const json_t *value = json_object_get(reader->account, member);
    return value ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
}
