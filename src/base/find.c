#include "pail/base/find.h"

#include <endian.h>
#include <stdbool.h>
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

static size_t find_by_bytes(const struct find_needle *needle, const char *text, size_t starts) {
    for (size_t i = 0; i < starts; i++)
        if (begins(needle, text + i))
            return i;
    return FIND_NOWHERE;
}

static lanes lanes_at(const char *text) {
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
    return (lanes)((lanes_at(text) | needle->first_case) == needle->first) &
           (lanes)((lanes_at(text + needle->length - 1) | needle->last_case) == needle->last);
}

/* A bit for each byte, of which either all bits are set or none: the product shifts the lowest of
 * each to a place of its own in the highest byte. */
static uint32_t bits_of(lanes some) {
    uint64_t halves[2];
    uint32_t bits = 0;
    memcpy(halves, &some, sizeof halves);
    for (int i = 1; i >= 0; i--) {
        uint64_t lowest = le64toh(halves[i]) & 0x0101010101010101;
        bits = bits << 8 | (uint32_t)(lowest * 0x0102040810204080 >> 56);
    }
    return bits;
}

/* The first place at which the needle is, of those from `at` on that have a bit set. Of two bytes
 * nothing lies between its ends. */
static inline size_t first_of(const struct find_needle *needle, const char *text, size_t at,
                              uint32_t bits) {
    for (; bits != 0; bits &= bits - 1) {
        size_t place = at + (size_t)__builtin_ctz(bits);
        if (needle->length <= 2 || begins(needle, text + place))
            return place;
    }
    return FIND_NOWHERE;
}

static inline size_t find_in_step(const struct find_needle *needle, const char *text, size_t at) {
    return first_of(needle, text, at, bits_of(ends_at(needle, text + at)));
}

size_t find_folded(const struct find_needle *needle, const char *text, size_t length) {
    if (needle->length == 0 || needle->length > length)
        return needle->length == 0 ? 0 : FIND_NOWHERE;
    size_t starts = length - needle->length + 1, at = 0, place;
    if (starts < LANES)
        return find_by_bytes(needle, text, starts);
    for (; at + PAIR <= starts; at += PAIR) {
        lanes one = ends_at(needle, text + at), two = ends_at(needle, text + at + LANES);
        if (!any(one | two))
            continue;
        place = first_of(needle, text, at, bits_of(one) | bits_of(two) << LANES);
        if (place != FIND_NOWHERE)
            return place;
    }
    if (at + LANES <= starts && (place = find_in_step(needle, text, at)) != FIND_NOWHERE)
        return place;
    return find_in_step(needle, text, starts - LANES); /* the last ones, some of them once more */
}
