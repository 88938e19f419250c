/*
 * A growing string of bytes. It is fit for secrets: growing never leaves a copy behind, and
 * clearing or finishing it overwrites what was there. data is always NUL-terminated (an empty
 * buffer's data is ""), and may hold NULs itself: length counts.
 */
#ifndef PAIL_BASE_BUFFER_H
#define PAIL_BASE_BUFFER_H

#include <stddef.h>

struct buffer {
    char *data;
    size_t length;
    size_t capacity; /* 0: data is a constant "" */
};

void buffer_init(struct buffer *buffer);
void buffer_finish(struct buffer *buffer); /* leaves it initialised and empty */
void buffer_clear(struct buffer *buffer);  /* keeps the capacity */

void buffer_append(struct buffer *buffer, const void *data, size_t length);
void buffer_append_string(struct buffer *buffer, const char *text);
void buffer_append_char(struct buffer *buffer, char c);
__attribute__((format(printf, 2, 3))) void buffer_printf(struct buffer *buffer, const char *format,
                                                         ...);

/* For what writes by itself: a place behind the end for up to `more` bytes, and how many of them
 * were written. */
char *buffer_room(struct buffer *buffer, size_t more);
void buffer_extend(struct buffer *buffer, size_t written);

/* Replaces count bytes at offset by length bytes of data; offset + count must lie within. */
void buffer_splice(struct buffer *buffer, size_t offset, size_t count, const void *data,
                   size_t length);

/* Drops all after the first length bytes. */
void buffer_truncate(struct buffer *buffer, size_t length);

/* The content as a heap string for the caller to free; the buffer is empty afterwards. */
char *buffer_steal(struct buffer *buffer);

#endif
