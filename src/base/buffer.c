#include "pail/base/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pail/base/memory.h"

static char nothing[1] = "";

void buffer_init(struct buffer *buffer) {
    *buffer = (struct buffer){.data = nothing};
}

void buffer_finish(struct buffer *buffer) {
    if (buffer->capacity > 0) {
        explicit_bzero(buffer->data, buffer->capacity);
        free(buffer->data);
    }
    buffer_init(buffer);
}

void buffer_clear(struct buffer *buffer) {
    if (buffer->capacity > 0)
        explicit_bzero(buffer->data, buffer->capacity);
    buffer->length = 0;
}

/* Room for `more` bytes and the NUL. Not realloc: it would leave the old block as it was. */
static void reserve(struct buffer *buffer, size_t more) {
    size_t needed = buffer->length + more + 1;
    if (needed <= buffer->capacity)
        return;
    size_t capacity = buffer->capacity ? buffer->capacity : 32;
    while (capacity < needed)
        capacity *= 2;
    struct buffer grown = {memory_new(capacity, 1), buffer->length, capacity};
    memcpy(grown.data, buffer->data, buffer->length + 1);
    buffer_finish(buffer);
    *buffer = grown;
}

void buffer_append(struct buffer *buffer, const void *data, size_t length) {
    buffer_splice(buffer, buffer->length, 0, data, length);
}

void buffer_append_string(struct buffer *buffer, const char *text) {
    buffer_append(buffer, text, strlen(text));
}

void buffer_append_char(struct buffer *buffer, char c) {
    buffer_append(buffer, &c, 1);
}

void buffer_printf(struct buffer *buffer, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (length > 0) {
        reserve(buffer, (size_t)length);
        vsnprintf(buffer->data + buffer->length, (size_t)length + 1, format, again);
        buffer->length += (size_t)length;
    }
    va_end(again);
}

char *buffer_room(struct buffer *buffer, size_t more) {
    reserve(buffer, more);
    return buffer->data + buffer->length;
}

void buffer_extend(struct buffer *buffer, size_t written) {
    buffer->length += written;
    buffer->data[buffer->length] = '\0';
}

void buffer_splice(struct buffer *buffer, size_t offset, size_t count, const void *data,
                   size_t length) {
    if (length == 0 && count == 0)
        return;
    reserve(buffer, length);
    char *at = buffer->data + offset;
    memmove(at + length, at + count, buffer->length - offset - count + 1);
    if (length > 0)
        memcpy(at, data, length);
    buffer->length = buffer->length - count + length;
    if (count > length)
        explicit_bzero(buffer->data + buffer->length, count - length);
}

void buffer_truncate(struct buffer *buffer, size_t length) {
    if (length < buffer->length)
        buffer_splice(buffer, length, buffer->length - length, NULL, 0);
}

char *buffer_steal(struct buffer *buffer) {
    char *data = buffer->capacity ? buffer->data : memory_string("");
    buffer_init(buffer);
    return data;
}
