#include "pail/base/memory.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *or_die(void *block) {
    static const char text[] = "pail: out of memory\n";
    if (block == NULL) {
        ssize_t written = write(STDERR_FILENO, text, sizeof text - 1);
        (void)written;
        abort();
    }
    return block;
}

void *memory_new(size_t count, size_t size) {
    return or_die(calloc(count ? count : 1, size ? size : 1));
}

void *memory_resize(void *old, size_t count, size_t size) {
    return or_die(reallocarray(old, count ? count : 1, size ? size : 1));
}

char *memory_string(const char *text) {
    return memory_string_n(text, strlen(text));
}

char *memory_string_n(const char *text, size_t length) {
    char *copy = memory_new(length + 1, 1);
    memcpy(copy, text, length);
    return copy;
}

void memory_free_wiped(void *memory) {
    if (memory)
        explicit_bzero(memory, malloc_usable_size(memory));
    free(memory);
}
