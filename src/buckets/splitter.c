#include "pail/buckets/splitter.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum { PIECE_BYTES = 1 << 20 };

enum place {
    BEFORE_ANSWER,
    IN_SKELETON,
    BEFORE_COLON, /* of SPLITTER_MEMBER */
    BEFORE_ARRAY,
    BEFORE_FIRST, /* entry, or the end of the array */
    BEFORE_ENTRY,
    IN_ENTRY,
    IN_SCALAR, /* an entry that is a number or a word */
    AFTER_ENTRY,
    AFTER_ANSWER,
};

/* What is left of the piece that is being taken. */
struct input {
    const char *at, *end;
    struct error *error;
};

void splitter_init(struct splitter *splitter) {
    *splitter = (struct splitter){.place = BEFORE_ANSWER, .line = 1, .column = 1};
    buffer_init(&splitter->entry);
    buffer_init(&splitter->skeleton);
}

void splitter_finish(struct splitter *splitter) {
    buffer_finish(&splitter->entry);
    buffer_finish(&splitter->skeleton);
}

bool splitter_begun(const struct splitter *splitter) {
    return splitter->place != BEFORE_ANSWER;
}

bool splitter_at_end(const struct splitter *splitter) {
    return splitter->place == AFTER_ANSWER;
}

/* Moves line and column on to `at`. */
static void count_to(struct splitter *splitter, const char *at) {
    const char *from = splitter->counted, *newline;
    while ((newline = memchr(from, '\n', (size_t)(at - from))) != NULL) {
        splitter->line++;
        splitter->column = 1;
        from = newline + 1;
    }
    splitter->column += (size_t)(at - from);
    splitter->counted = at;
}

/* The next byte can't stand there. Only that byte is quoted: the answer holds secrets. */
static enum split fail(struct splitter *splitter, const struct input *input, const char *expected) {
    unsigned char byte = (unsigned char)*input->at;
    bool shown = byte > ' ' && byte < 0x7F;
    char quoted[16];
    snprintf(quoted, sizeof quoted, shown ? "'%c'" : "byte 0x%02X", byte);
    count_to(splitter, input->at);
    error_set(input->error, "not a listing: line %zu, column %zu has %s instead of %s",
              splitter->line, splitter->column, quoted, expected);
    return SPLIT_FAILED;
}

static enum split append_skeleton(struct splitter *splitter, const char *text, size_t length,
                                  struct error *error) {
    if (length > PIECE_BYTES - splitter->skeleton.length) {
        error_set(error, "the answer has more than 1 MiB beside its buckets");
        return SPLIT_FAILED;
    }
    buffer_append(&splitter->skeleton, text, length);
    return SPLIT_MORE;
}

static enum split append_entry(struct splitter *splitter, const char *text, size_t length,
                               struct error *error) {
    if (length > PIECE_BYTES - splitter->entry.length) {
        error_set(error, "entry %zu of the answer is larger than 1 MiB", splitter->entries);
        return SPLIT_FAILED;
    }
    buffer_append(&splitter->entry, text, length);
    return SPLIT_MORE;
}

/* Skips white space (RFC 8259, 2); false if that was all. */
static bool skip_space(struct input *input) {
    while (input->at < input->end &&
           (*input->at == ' ' || *input->at == '\n' || *input->at == '\r' || *input->at == '\t'))
        input->at++;
    return input->at < input->end;
}

/* Takes a string from behind its first quotation mark up to behind its last. */
static void take_string(struct splitter *splitter, struct input *input) {
    const char *at = input->at, *end = input->end;
    while (at < end && splitter->in_string) {
        if (splitter->escaped) {
            splitter->escaped = false;
            at++;
            continue;
        }
        while (at < end && *at != '"' && *at != '\\')
            at++;
        if (at < end) {
            splitter->escaped = *at == '\\';
            splitter->in_string = splitter->escaped;
            at++;
        }
    }
    input->at = at;
}

static enum split take_before_answer(struct splitter *splitter, struct input *input) {
    if (!skip_space(input))
        return SPLIT_MORE;
    if (*input->at != '{')
        return fail(splitter, input, "a JSON object");
    splitter->place = IN_SKELETON;
    splitter->key_next = true;
    return SPLIT_MORE;
}

/* One byte of the skeleton outside of strings, which stands at `offset`. */
static void skeleton_byte(struct splitter *splitter, char c, size_t offset) {
    switch (c) {
    case '"':
        splitter->in_string = true;
        splitter->in_key = splitter->key_next;
        splitter->key_next = false;
        splitter->key_at = offset;
        break;
    case '{':
    case '[':
        splitter->depth++;
        break;
    case '}':
    case ']':
        if (--splitter->depth == 0)
            splitter->place = AFTER_ANSWER;
        break;
    case ',':
        splitter->key_next = splitter->depth == 1;
        break;
    default:
        break;
    }
}

/* The key that the skeleton ends with, which may be written with escapes. */
static bool key_is_member(const struct splitter *splitter) {
    json_t *key = json_loadb(splitter->skeleton.data + splitter->key_at,
                             splitter->skeleton.length - splitter->key_at, JSON_DECODE_ANY, NULL);
    bool is = json_is_string(key) && strcmp(json_string_value(key), SPLITTER_MEMBER) == 0;
    json_decref(key);
    return is;
}

static enum split end_key(struct splitter *splitter, const struct input *input) {
    splitter->in_key = false;
    if (!key_is_member(splitter))
        return SPLIT_MORE;
    if (splitter->array_seen) {
        error_set(input->error, "the answer has " SPLITTER_MEMBER " twice");
        return SPLIT_FAILED;
    }
    splitter->array_seen = true;
    splitter->place = BEFORE_COLON;
    return SPLIT_MORE;
}

/* Up to the end of the answer or of a key of its own. */
static enum split take_skeleton(struct splitter *splitter, struct input *input) {
    const char *from = input->at;
    size_t offset = splitter->skeleton.length;
    bool key_ended = false;
    while (input->at < input->end && !key_ended && splitter->place == IN_SKELETON)
        if (splitter->in_string) {
            take_string(splitter, input);
            key_ended = splitter->in_key && !splitter->in_string;
        } else {
            skeleton_byte(splitter, *input->at, offset + (size_t)(input->at - from));
            input->at++;
        }
    enum split split = append_skeleton(splitter, from, (size_t)(input->at - from), input->error);
    return split == SPLIT_MORE && key_ended ? end_key(splitter, input) : split;
}

static enum split take_before_colon(struct splitter *splitter, struct input *input) {
    if (!skip_space(input))
        return SPLIT_MORE;
    if (*input->at != ':')
        return fail(splitter, input, "':'");
    input->at++;
    splitter->place = BEFORE_ARRAY;
    splitter->array_at = splitter->skeleton.length + 1;
    return append_skeleton(splitter, ":", 1, input->error);
}

/* null is left to whoever parses the skeleton. */
static enum split take_before_array(struct splitter *splitter, struct input *input) {
    if (!skip_space(input))
        return SPLIT_MORE;
    if (*input->at == 'n') {
        splitter->place = IN_SKELETON;
        return SPLIT_MORE;
    }
    if (*input->at != '[')
        return fail(splitter, input, "the array " SPLITTER_MEMBER);
    input->at++;
    splitter->place = BEFORE_FIRST;
    return append_skeleton(splitter, "[]", 2, input->error);
}

static bool is_scalar(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '+' || c == '.';
}

static enum split take_before_entry(struct splitter *splitter, struct input *input) {
    if (!skip_space(input))
        return SPLIT_MORE;
    char c = *input->at;
    if (c == ']' && splitter->place == BEFORE_FIRST) {
        input->at++;
        splitter->place = IN_SKELETON;
        return SPLIT_MORE;
    }
    if (c != '{' && c != '[' && c != '"' && !is_scalar(c))
        return fail(splitter, input, "an entry");
    splitter->place = is_scalar(c) ? IN_SCALAR : IN_ENTRY;
    splitter->depth = 0;
    splitter->entries++;
    buffer_truncate(&splitter->entry, 0);
    count_to(splitter, input->at);
    splitter->entry_line = splitter->line;
    splitter->entry_column = splitter->column;
    return SPLIT_MORE;
}

static enum split end_entry(struct splitter *splitter) {
    splitter->place = AFTER_ENTRY;
    splitter->depth = 1;
    return SPLIT_ENTRY;
}

static enum split take_entry(struct splitter *splitter, struct input *input) {
    const char *from = input->at;
    bool whole = false;
    while (input->at < input->end && !whole) {
        if (splitter->in_string) {
            take_string(splitter, input);
        } else {
            char c = *input->at++;
            splitter->in_string = c == '"';
            splitter->depth += c == '{' || c == '[';
            splitter->depth -= c == '}' || c == ']';
        }
        whole = splitter->depth == 0 && !splitter->in_string;
    }
    enum split split = append_entry(splitter, from, (size_t)(input->at - from), input->error);
    return split == SPLIT_MORE && whole ? end_entry(splitter) : split;
}

static enum split take_scalar(struct splitter *splitter, struct input *input) {
    const char *from = input->at;
    while (input->at < input->end && is_scalar(*input->at))
        input->at++;
    bool whole = input->at < input->end;
    enum split split = append_entry(splitter, from, (size_t)(input->at - from), input->error);
    return split == SPLIT_MORE && whole ? end_entry(splitter) : split;
}

static enum split take_after_entry(struct splitter *splitter, struct input *input) {
    if (!skip_space(input))
        return SPLIT_MORE;
    if (*input->at != ',' && *input->at != ']')
        return fail(splitter, input, "',' or ']'");
    splitter->place = *input->at++ == ',' ? BEFORE_ENTRY : IN_SKELETON;
    return SPLIT_MORE;
}

static enum split take_after_answer(struct splitter *splitter, struct input *input) {
    return skip_space(input) ? fail(splitter, input, "the end") : SPLIT_MORE;
}

static enum split take_some(struct splitter *splitter, struct input *input) {
    switch ((enum place)splitter->place) {
    case BEFORE_ANSWER:
        return take_before_answer(splitter, input);
    case IN_SKELETON:
        return take_skeleton(splitter, input);
    case BEFORE_COLON:
        return take_before_colon(splitter, input);
    case BEFORE_ARRAY:
        return take_before_array(splitter, input);
    case BEFORE_FIRST:
    case BEFORE_ENTRY:
        return take_before_entry(splitter, input);
    case IN_ENTRY:
        return take_entry(splitter, input);
    case IN_SCALAR:
        return take_scalar(splitter, input);
    case AFTER_ENTRY:
        return take_after_entry(splitter, input);
    case AFTER_ANSWER:
        return take_after_answer(splitter, input);
    }
    return SPLIT_FAILED;
}

enum split splitter_take(struct splitter *splitter, const char **at, const char *end,
                         struct error *error) {
    struct input input = {*at, end, error};
    enum split split = SPLIT_MORE;
    splitter->counted = *at;
    while (input.at < end && split == SPLIT_MORE)
        split = take_some(splitter, &input);
    if (split != SPLIT_FAILED)
        count_to(splitter, input.at);
    *at = input.at;
    return split;
}
