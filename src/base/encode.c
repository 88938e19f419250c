#include "pail/base/encode.h"

#include <string.h>

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
