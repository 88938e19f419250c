#include "pail/base/find.h"

#include <stdint.h>
#include <string.h>

enum { LANES = 16 };
typedef unsigned char lanes __attribute__((vector_size(LANES)));

static unsigned char fold(char c) {
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static bool begins(const char *text, const char *needle, size_t length) {
    size_t i = 0;
    while (i < length && fold(text[i]) == (unsigned char)needle[i])
        i++;
    return i == length;
}

static bool find_by_bytes(const char *text, size_t starts, const char *needle, size_t length) {
    for (size_t i = 0; i < starts; i++)
        if (begins(text + i, needle, length))
            return true;
    return false;
}

static lanes load(const char *text) {
    lanes some;
    memcpy(&some, text, sizeof some);
    return some;
}

static lanes all(unsigned char byte) {
    return (lanes){0} + byte;
}

/* Setting this bit makes A-Z a-z, and nothing else a letter (ASCII). */
static unsigned char case_bit(char c) {
    return c >= 'a' && c <= 'z' ? 'a' - 'A' : 0;
}

static bool any(lanes some) {
    uint64_t halves[2];
    memcpy(halves, &some, sizeof halves);
    return (halves[0] | halves[1]) != 0;
}

struct needle {
    const char *text;
    size_t length;
    lanes first, first_case, last, last_case; /* its bytes, and what folds their case */
};

/* Only where the needle's first and last byte are at their places the rest is looked at. */
static bool find_at(const char *text, const struct needle *needle) {
    lanes here = (lanes)((load(text) | needle->first_case) == needle->first) &
                 (lanes)((load(text + needle->length - 1) | needle->last_case) == needle->last);
    return any(here) && find_by_bytes(text, LANES, needle->text, needle->length);
}

bool find_folded(const char *text, size_t length, const char *needle, size_t needle_length) {
    if (needle_length == 0 || needle_length > length)
        return needle_length == 0;
    size_t starts = length - needle_length + 1, at = 0;
    char last = needle[needle_length - 1];
    const struct needle wanted = {.text = needle,
                                  .length = needle_length,
                                  .first = all((unsigned char)*needle),
                                  .first_case = all(case_bit(*needle)),
                                  .last = all((unsigned char)last),
                                  .last_case = all(case_bit(last))};
    if (starts < LANES)
        return find_by_bytes(text, starts, needle, needle_length);
    for (; at + LANES <= starts; at += LANES)
        if (find_at(text + at, &wanted))
            return true;
    return at < starts && find_at(text + starts - LANES, &wanted);
}
