/*
 * FNV-1a (Fowler, Noll, Vo), 64 bits: to tell things apart quickly, not against somebody who wants
 * them to be taken for each other.
 */
#ifndef PAIL_BASE_HASH_H
#define PAIL_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_START UINT64_C(0xcbf29ce484222325)

uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t length);
uint64_t hash_string(uint64_t hash, const char *text); /* with its end */
uint64_t hash_number(uint64_t hash, uint64_t number);  /* never 0 */

#endif
