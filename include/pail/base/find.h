/* Looking for a word in much text, 16 bytes at a step where the processor can (any that gcc knows:
 * by its vector extension). */
#ifndef PAIL_BASE_FIND_H
#define PAIL_BASE_FIND_H

#include <stddef.h>
#include <stdint.h>

enum { FIND_LANES = 16 };
typedef unsigned char find_lanes __attribute__((vector_size(FIND_LANES)));

struct find_needle {
    const char *text; /* borrowed */
    size_t length;
    find_lanes first, first_case, last, last_case; /* its ends, and what folds their case */
};

/* A-Z must be written as a-z in it. */
void find_prepare(struct find_needle *needle, const char *text, size_t length);

/* The first place where text contains the needle, or FIND_NOWHERE; A-Z and a-z count as the same
 * there. An empty needle is everywhere. */
#define FIND_NOWHERE SIZE_MAX
size_t find_folded(const struct find_needle *needle, const char *text, size_t length);

#endif
