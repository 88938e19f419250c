/* Raw text over several rows. */
#ifndef PAIL_UI_WRAP_H
#define PAIL_UI_WRAP_H

#include "pail/base/text.h"

/* The bytes that a row of `width` cells takes from the text's beginning: up to a blank if there is
 * one after the first word, else as many units as fit, at least one. *next is where the next row
 * begins. */
size_t wrap_row(const char *text, size_t length, int width, enum text_charset charset,
                size_t *next);

/* How many rows the text takes; 1 for an empty one. */
int wrap_rows(const char *text, size_t length, int width, enum text_charset charset);

#endif
