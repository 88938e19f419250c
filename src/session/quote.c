#include "quote.h"

#include <stdio.h>
#include <string.h>

#include "pail/base/encode.h"

enum { FEWEST_CUT = 4 /* bytes that are taken for the beginning of a secret at the text's end */ };

/* How much of the text's beginning is that value, with or without JSON's backslashes; 0 if it
 * isn't. */
static size_t quoted(const char *text, const char *value) {
    size_t common = 0, at = 0;
    while (value[common] != '\0') {
        at += text[at] == '\\' && value[common] != '\\';
        if (value[common] != text[at])
            break;
        common++, at++;
        at += value[common - 1] == '\\' && text[at] == '\\' && value[common] != '\\';
    }
    bool whole = value[common] == '\0', cut = text[at] == '\0' && common >= FEWEST_CUT;
    return whole || cut ? at : 0;
}

/* The same for any secret of the entry, in clear or as a body has it. */
static size_t secret_quoted(const struct bucket *bucket, const char *text) {
    size_t longest = 0;
    struct buffer encoded;
    if (bucket == NULL)
        return 0;
    buffer_init(&encoded);
    for (int field = 0; field < FIELD_COUNT; field++) {
        if (!(bucket_fields[field].flags & FIELD_SECRET))
            continue;
        const char *value = bucket->value[field];
        buffer_clear(&encoded);
        encode_percent(&encoded, value, strlen(value));
        size_t clear = quoted(text, value), other = quoted(text, encoded.data);
        longest = clear > longest ? clear : longest;
        longest = other > longest ? other : longest;
    }
    buffer_finish(&encoded);
    return longest;
}

void quote_answer(const struct change *change, const char *text, char *out, size_t size) {
    const struct bucket *sent = change_wanted(change), *opened = change_before(change);
    struct buffer masked;
    buffer_init(&masked);
    while (*text != '\0') {
        size_t secret = secret_quoted(sent, text), old = secret_quoted(opened, text);
        secret = old > secret ? old : secret;
        if (secret > 0)
            buffer_append_string(&masked, "***");
        else
            buffer_append_char(&masked, *text);
        text += secret > 0 ? secret : 1;
    }
    snprintf(out, size, "%s", masked.data);
    buffer_finish(&masked);
}
