#include "pail/service/head.h"

#include <string.h>
#include <strings.h>

/* A header's value without the blanks around it, and its length. */
struct value {
    const char *text;
    size_t length;
};

void head_init(struct head *head) {
    *head = (struct head){.length = -1};
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool read_value(const char *line, size_t length, const char *name, struct value *value) {
    size_t skip = strlen(name);
    if (length <= skip || strncasecmp(line, name, skip) != 0 || line[skip] != ':')
        return false;
    for (skip++; skip < length && is_blank(line[skip]); skip++)
        ;
    while (length > skip && is_blank(line[length - 1]))
        length--;
    *value = (struct value){line + skip, length - skip};
    return true;
}

/* Digits only: -1 if it is anything else, or too large. */
static int64_t read_number(const struct value *value) {
    int64_t number = 0;
    if (value->length == 0)
        return -1;
    for (size_t i = 0; i < value->length; i++) {
        int digit = value->text[i] - '0';
        if (digit < 0 || digit > 9 || number > (INT64_MAX - digit) / 10)
            return -1;
        number = number * 10 + digit;
    }
    return number;
}

static const char *take_length(struct head *head, const struct value *value) {
    int64_t length = read_number(value);
    if (length < 0)
        return "the answer's Content-Length is no number";
    if (head->length >= 0 && head->length != length)
        return "the answer has two different Content-Lengths";
    head->length = length;
    return NULL;
}

static bool is_word(const struct value *value, const char *word) {
    return value->length == strlen(word) && strncasecmp(value->text, word, value->length) == 0;
}

static void take_encoding(struct head *head, const struct value *value) {
    size_t room = sizeof head->encoding - 1, length = value->length < room ? value->length : room;
    if (length == 0 || is_word(value, "identity"))
        return;
    memcpy(head->encoding, value->text, length);
    head->encoding[length] = '\0';
}

const char *head_line(struct head *head, const char *line, size_t length) {
    struct value value;
    head->bytes += length;
    if (head->bytes > HEAD_BYTES)
        return "the answer's head is larger than 256 KiB";
    if (length >= 5 && memcmp(line, "HTTP/", 5) == 0) {
        *head = (struct head){.bytes = head->bytes, .length = -1};
        return NULL;
    }
    if (head->whole) /* a trailer */
        return NULL;
    if (length > 0 && (line[0] == '\r' || line[0] == '\n'))
        head->whole = true;
    else if (read_value(line, length, "Content-Length", &value))
        return take_length(head, &value);
    else if (read_value(line, length, "Transfer-Encoding", &value) && !is_word(&value, "chunked"))
        return "the answer is encoded in a way that wasn't asked for (Transfer-Encoding)";
    else if (read_value(line, length, "Content-Encoding", &value))
        take_encoding(head, &value);
    return NULL;
}
