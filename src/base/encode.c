#include "pail/base/encode.h"

#include <string.h>

#include "pail/base/text.h"

enum { BLOCK = 16 };

static bool is_unreserved(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("-._~", c) != NULL);
}

void encode_percent(struct buffer *out, const char *text, size_t length) {
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0, run; i < length; i += run + 1) {
        for (run = 0; i + run < length && is_unreserved(text[i + run]);)
            run++;
        buffer_append(out, text + i, run);
        if (i + run == length)
            break;
        unsigned char byte = (unsigned char)text[i + run];
        buffer_append(out, (const char[]){'%', digits[byte >> 4], digits[byte & 15]}, 3);
    }
}

void encode_base64(struct buffer *out, const char *data, size_t length) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *s = (const unsigned char *)data;
    for (size_t i = 0; i < length; i += 3) {
        size_t have = length - i < 3 ? length - i : 3;
        unsigned group =
            s[i] * 65536U + (have > 1 ? s[i + 1] * 256U : 0) + (have > 2 ? s[i + 2] : 0);
        char four[4] = {digits[group >> 18], digits[group >> 12 & 63],
                        have > 1 ? digits[group >> 6 & 63] : '=',
                        have > 2 ? digits[group & 63] : '='};
        buffer_append(out, four, sizeof four);
    }
}

static int digit_of(char c) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const char *at = c != '\0' ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

bool decode_base64url(struct buffer *out, const char *text, size_t length) {
    size_t start = out->length;
    unsigned bits = 0, held = 0;
    if (length % 4 == 0)
        for (int i = 0; i < 2 && length > 0 && text[length - 1] == '='; i++)
            length--;
    for (size_t i = 0; i < length; i++) {
        int digit = digit_of(text[i]);
        if (digit < 0 || length % 4 == 1) {
            buffer_truncate(out, start);
            return false;
        }
        bits = bits << 6 | (unsigned)digit;
        held += 6;
        if (held >= 8) {
            held -= 8;
            buffer_append_char(out, (char)(bits >> held & 255));
        }
    }
    return true;
}

/* Plain ASCII that stands for itself in a JSON string. */
static bool is_plain(unsigned char c) {
    return (c >= ' ') & (c < 0x80) & (c != '"') & (c != '\\');
}

/* Whether the next BLOCK bytes are all plain; written so that the compiler can look at them at
 * once. */
static bool is_plain_block(const char *text) {
    unsigned char odd = 0;
    for (int i = 0; i < BLOCK; i++)
        odd |= (unsigned char)!is_plain((unsigned char)text[i]);
    return odd == 0;
}

static char *encode_escape(char *out, unsigned char c) {
    static const char letters[] = "\"\"\\\\\bb\ff\nn\rr\tt", digits[] = "0123456789ABCDEF";
    *out++ = '\\';
    for (const char *pair = letters; *pair; pair += 2)
        if ((unsigned char)*pair == c) {
            *out = pair[1];
            return out + 1;
        }
    memcpy(out, "u00", 3);
    out[3] = digits[c >> 4];
    out[4] = digits[c & 15];
    return out + 5;
}

/* What is neither plain nor escaped: one character beyond ASCII, or a byte that is none. */
static char *encode_beyond(char *out, const char **text, const char *end) {
    uint32_t code = 0;
    size_t size = text_decode(*text, (size_t)(end - *text), &code);
    memcpy(out, size ? *text : "\xEF\xBF\xBD", size ? size : 3);
    *text += size ? size : 1;
    return out + (size ? size : 3);
}

char *encode_json(char *out, const char *text, size_t length) {
    const char *end = text + length;
    *out++ = '"';
    while (text < end) {
        unsigned char c = (unsigned char)*text;
        if (end - text >= BLOCK && is_plain_block(text)) {
            memcpy(out, text, BLOCK);
            out += BLOCK;
            text += BLOCK;
        } else if (is_plain(c)) {
            *out++ = *text++;
        } else if (c < 0x80) {
            out = encode_escape(out, c);
            text++;
        } else {
            out = encode_beyond(out, &text, end);
        }
    }
    *out++ = '"';
    return out;
}

void encode_shell_word(struct buffer *out, const char *word) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "._-/+:@%,";
    if (word[0] != '\0' && word[strspn(word, plain)] == '\0') {
        buffer_append_string(out, word);
        return;
    }
    buffer_append_char(out, '\'');
    for (; *word != '\0'; word++)
        if (*word == '\'')
            buffer_append_string(out, "'\\''");
        else
            buffer_append_char(out, *word);
    buffer_append_char(out, '\'');
}
