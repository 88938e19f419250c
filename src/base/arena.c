#include "pail/base/arena.h"

#include <stdlib.h>
#include <string.h>

#include "pail/base/memory.h"

/* A block is as large as all before it: a change has an arena of its own and fills little of it. */
enum { FIRST_BLOCK_BYTES = 1024, BLOCK_BYTES = 64 * 1024 };

struct arena_block {
    struct arena_block *older;
    size_t size;
    _Alignas(16) char data[];
};

void arena_init(struct arena *arena) {
    *arena = (struct arena){0};
}

void arena_finish(struct arena *arena) {
    for (struct arena_block *block = arena->newest, *older; block != NULL; block = older) {
        older = block->older;
        explicit_bzero(block->data, block->size);
        free(block);
    }
    arena_init(arena);
}

static size_t block_bytes(const struct arena *arena) {
    return arena->total < FIRST_BLOCK_BYTES ? FIRST_BLOCK_BYTES
           : arena->total < BLOCK_BYTES     ? arena->total
                                            : BLOCK_BYTES;
}

static void add_block(struct arena *arena, size_t least) {
    size_t size = block_bytes(arena) - sizeof(struct arena_block);
    if (size < least)
        size = least;
    struct arena_block *block = memory_new(1, sizeof *block + size);
    block->size = size;
    block->older = arena->newest;
    arena->newest = block;
    arena->used = 0;
    arena->total += sizeof *block + size;
}

void *arena_new(struct arena *arena, size_t size, size_t align) {
    size_t start = (arena->used + align - 1) & ~(align - 1);
    if (arena->newest == NULL || start > arena->newest->size ||
        size > arena->newest->size - start) {
        add_block(arena, size);
        start = 0;
    }
    arena->used = start + size;
    return arena->newest->data + start;
}

char *arena_string(struct arena *arena, const char *text) {
    return arena_string_n(arena, text, strlen(text));
}

char *arena_string_n(struct arena *arena, const char *text, size_t length) {
    char *copy = arena_new(arena, length + 1, 1);
    memcpy(copy, text, length);
    return copy;
}
