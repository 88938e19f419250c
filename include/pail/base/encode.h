/* Encodings that travel: percent-encoding for form bodies, base64 for the clipboard sequence, words
 * of commands that are there to be copied. */
#ifndef PAIL_BASE_ENCODE_H
#define PAIL_BASE_ENCODE_H

#include <stdbool.h>
#include <stddef.h>

#include "pail/base/buffer.h"

/* RFC 3986, 2.1: all but the unreserved characters A-Z a-z 0-9 - . _ ~ as %XX, a space as %20, so
 * that it means the same as a form value and in a URL. */
void encode_percent(struct buffer *out, const char *text, size_t length);

/* RFC 4648, 4: base64 with padding. */
void encode_base64(struct buffer *out, const char *data, size_t length);

/* RFC 4648, 5: base64url, with or without padding. False, and nothing appended, if it isn't that.
 */
bool decode_base64url(struct buffer *out, const char *text, size_t length);

/* One word of a POSIX shell (2.2.2), in quotes if the shell would make something else of it. */
void encode_shell_word(struct buffer *out, const char *word);

#endif
