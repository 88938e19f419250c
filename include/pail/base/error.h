/*
 * An error is one line for a person: what failed and, where there is something, what to do next.
 * Functions that can fail return bool and take a struct error *, which they leave untouched on
 * success. error may be NULL where the caller does not care. Text from outside may be in it: make
 * it safe (base/text.h) before it reaches a terminal.
 */
#ifndef PAIL_BASE_ERROR_H
#define PAIL_BASE_ERROR_H

#include <stdbool.h>

struct error {
    char text[512];
};

/* Sets the text (cut at 511 bytes) and returns false, for tail calls. */
__attribute__((format(printf, 2, 3))) bool error_set(struct error *error, const char *format, ...);

/* Puts "prefix" before the text that is there and returns false. */
__attribute__((format(printf, 2, 3))) bool error_prefix(struct error *error, const char *format,
                                                        ...);

#endif
