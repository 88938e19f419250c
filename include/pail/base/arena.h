/*
 * Memory that is given back all at once. Blocks grow from 1 KiB to 64 KiB (larger for a larger
 * request) and are overwritten before they are freed, since a service may send secrets.
 */
#ifndef PAIL_BASE_ARENA_H
#define PAIL_BASE_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
    struct arena_block *newest;
    size_t used;  /* bytes of the newest block in use */
    size_t total; /* bytes of all blocks */
};

void arena_init(struct arena *arena);
void arena_finish(struct arena *arena); /* leaves it initialised and empty */

/* size bytes, zeroed, aligned to align (a power of two, at most 16). */
void *arena_new(struct arena *arena, size_t size, size_t align);

/* Copies that live as long as the arena. */
char *arena_string(struct arena *arena, const char *text);
char *arena_string_n(struct arena *arena, const char *text, size_t length);

#endif
