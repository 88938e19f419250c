/*
 * Text from outside, made safe for a terminal (doc/safety.md, 4). Whatever could drive, reorder or
 * hide what a terminal shows becomes a visible stand-in of plain ASCII:
 *
 *   C0 and DEL                                          ^[ ^M ^?
 *   C1, bidi controls, zero-width and tag characters,
 *   variation selectors, unassigned code points         <U+202E>
 *   bytes that are no UTF-8                             <FF>
 *
 * A combining mark stays with the character before it, up to four; one without a base, or beyond
 * the fourth, is shown as <U+0301>. Widths are wcwidth's, so setlocale must have been called; in
 * the C locale (TEXT_ASCII) all beyond ASCII is a stand-in.
 */
#ifndef PAIL_BASE_TEXT_H
#define PAIL_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pail/base/buffer.h"

enum text_charset { TEXT_ASCII, TEXT_UTF8 };

/* What fills one or more cells together: a character with its marks, or a stand-in. */
struct text_unit {
    char out[28];    /* NUL-terminated, safe to print */
    int width;       /* cells: 1 or 2; a stand-in's width is its length */
    bool stand_in;   /* drawn otherwise than it came */
    size_t consumed; /* bytes of the source that it stands for */
};

/* TEXT_UTF8 if the current locale's character set is UTF-8. */
enum text_charset text_charset(void);

/* Decodes one code point of UTF-8 (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF).
 * Returns its length in bytes, or 0 where the bytes are not UTF-8. */
size_t text_decode(const char *text, size_t length, uint32_t *code);

/* Writes the code point (at most U+10FFFF) as UTF-8 without a NUL; returns its length. */
size_t text_encode(uint32_t code, char out[4]);

/* The first unit of text, which must not be empty. */
void text_unit(const char *text, size_t length, enum text_charset charset, struct text_unit *unit);

/* How many bytes at its beginning, of which it looks at the first `most`, are printable ASCII: each
 * of them is a unit of one cell, drawn as it came. */
size_t text_plain(const char *text, size_t length, size_t most);

/* Cells that the text takes when drawn safely. */
int text_width(const char *text, size_t length, enum text_charset charset);

/* How many bytes at its beginning, whole units, take at most so many cells. */
size_t text_fitting(const char *text, size_t length, enum text_charset charset, int cells);

/* Appends the text made safe. Newlines are stand-ins too. */
void text_append_safe(struct buffer *buffer, const char *text, size_t length,
                      enum text_charset charset);

/* True if the text is valid UTF-8 without C0, DEL or C1 controls (what a field may hold). */
bool text_is_clean(const char *text, size_t length);

#endif
