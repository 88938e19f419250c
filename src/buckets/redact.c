#include "pail/buckets/redact.h"

#include <stdlib.h>
#include <string.h>

#include "pail/base/memory.h"
#include "pail/buckets/bucket.h"

static bool is_structure(char c) {
    return c != '\0' && strchr("{}[]:,", c) != NULL;
}

/* Behind the string, the structural character or the run of other bytes that begins at `at`. */
static const char *token_end(const char *at) {
    if (is_structure(*at))
        return at + 1;
    if (*at != '"')
        return at + strcspn(at, "{}[]:,\"");
    for (at++; *at != '\0' && *at != '"'; at++)
        if (*at == '\\' && at[1] != '\0')
            at++;
    return *at != '\0' ? at + 1 : at;
}

/* Behind the value that begins at `at`. */
static const char *value_end(const char *at) {
    for (long depth = 0; *at != '\0'; at = token_end(at)) {
        if (depth == 0 && (*at == ',' || *at == '}' || *at == ']'))
            break;
        depth += *at == '{' || *at == '[';
        depth -= *at == '}' || *at == ']';
    }
    return at;
}

static bool is_secret_name(const char *name, const char *end) {
    char *copy = memory_string_n(name, (size_t)(end - name));
    bool secret = bucket_name_is_secret(copy) || strchr(copy, '\\') != NULL;
    free(copy);
    return secret;
}

void redact_walk_init(struct redact_walk *walk, const char *json) {
    *walk = (struct redact_walk){.at = json};
}

bool redact_next(struct redact_walk *walk, struct redact_piece *piece) {
    const char *at = walk->at;
    if (*at == '\0')
        return false;
    const char *end = at == walk->secret ? value_end(at) : at;
    piece->kind = REDACT_SECRET;
    if (end == at) {
        piece->kind = is_structure(*at) ? REDACT_STRUCTURE : REDACT_TEXT;
        end = token_end(at);
    }
    const char *colon = end + strspn(end, " \t\r\n");
    if (*at == '"' && *colon == ':' && is_secret_name(at, end))
        walk->secret = colon + 1;
    piece->text = at;
    piece->length = (size_t)(end - at);
    walk->at = end;
    return true;
}

void redact_append(struct buffer *out, const char *json, bool keep_outer) {
    struct redact_walk walk;
    struct redact_piece piece;
    redact_walk_init(&walk, json);
    for (long depth = 0; redact_next(&walk, &piece);) {
        if (piece.kind == REDACT_STRUCTURE) {
            depth += *piece.text == '{' || *piece.text == '[';
            depth -= *piece.text == '}' || *piece.text == ']';
        }
        if (piece.kind == REDACT_SECRET && !(keep_outer && depth == 1))
            buffer_append_string(out, "\"***\"");
        else
            buffer_append(out, piece.text, piece.length);
    }
}
