#include "pail/base/find.h"

#include <stdint.h>
#include <string.h>

enum { LANES = FIND_LANES, PAIR = 2 * LANES };
typedef find_lanes lanes;

static unsigned char fold(char c) {
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static bool begins(const struct find_needle *needle, const char *text) {
    size_t i = 0;
    while (i < needle->length && fold(text[i]) == (unsigned char)needle->text[i])
        i++;
    return i == needle->length;
}

static bool find_by_bytes(const struct find_needle *needle, const char *text, size_t starts) {
    for (size_t i = 0; i < starts; i++)
        if (begins(needle, text + i))
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

void find_prepare(struct find_needle *needle, const char *text, size_t length) {
    char first = length > 0 ? text[0] : '\0', last = length > 0 ? text[length - 1] : '\0';
    *needle = (struct find_needle){.text = text,
                                   .length = length,
                                   .first = all((unsigned char)first),
                                   .first_case = all(case_bit(first)),
                                   .last = all((unsigned char)last),
                                   .last_case = all(case_bit(last))};
}

/* Where the needle's first and last byte are at their places. */
static inline lanes ends_at(const struct find_needle *needle, const char *text) {
    return (lanes)((load(text) | needle->first_case) == needle->first) &
           (lanes)((load(text + needle->length - 1) | needle->last_case) == needle->last);
}

/* Of two bytes nothing lies between its ends. */
static inline bool is_at(const struct find_needle *needle, const char *text, size_t starts,
                         lanes ends) {
    return any(ends) && (needle->length <= 2 || find_by_bytes(needle, text, starts));
}

bool find_folded(const struct find_needle *needle, const char *text, size_t length) {
    if (needle->length == 0 || needle->length > length)
        return needle->length == 0;
    size_t starts = length - needle->length + 1, at = 0;
    if (starts < LANES)
        return find_by_bytes(needle, text, starts);
    for (; at + PAIR <= starts; at += PAIR)
        if (is_at(needle, text + at, PAIR,
                  ends_at(needle, text + at) | ends_at(needle, text + at + LANES)))
            return true;
    if (at + LANES <= starts && is_at(needle, text + at, LANES, ends_at(needle, text + at)))
        return true;
    at = starts - LANES; /* the last ones, some of them once more */
    return is_at(needle, text + at, LANES, ends_at(needle, text + at));
}
