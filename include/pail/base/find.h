/* Looking for a word in much text, 16 bytes at a step where the processor can (any that gcc knows:
 * by its vector extension). */
#ifndef PAIL_BASE_FIND_H
#define PAIL_BASE_FIND_H

#include <stdbool.h>
#include <stddef.h>

/* Whether text contains the needle, in which A-Z must be written as a-z; in the text both count as
 * the same. An empty needle is everywhere. */
bool find_folded(const char *text, size_t length, const char *needle, size_t needle_length);

#endif
