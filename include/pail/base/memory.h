/*
 * The heap, without a failure path: when there is no memory the program says so on standard error
 * and abort()s, which gives the terminal back (ui/terminal catches SIGABRT). So none of these
 * returns NULL and no caller checks.
 */
#ifndef PAIL_BASE_MEMORY_H
#define PAIL_BASE_MEMORY_H

#include <stddef.h>

/* count objects of size bytes, zeroed; the caller frees. */
void *memory_new(size_t count, size_t size);

/* Like realloc for count objects of size bytes; new bytes are not zeroed. Not for secrets. */
void *memory_resize(void *old, size_t count, size_t size);

/* A copy of a string, or of its first length bytes; the caller frees. */
char *memory_string(const char *text);
char *memory_string_n(const char *text, size_t length);

/* free for libraries that keep secrets on the heap: overwrites the block first. NULL is fine. */
void memory_free_wiped(void *memory);

#endif
