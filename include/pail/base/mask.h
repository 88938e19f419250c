/* Other people's words without the secrets that they quote: a service may send back what it was
 * sent. */
#ifndef PAIL_BASE_MASK_H
#define PAIL_BASE_MASK_H

#include <stddef.h>

#include "pail/base/buffer.h"

/* Appends the text with "***" for each of those values in it: as it is, with JSON's escapes
 * (RFC 8259, 7), percent-encoded (RFC 3986, 2.1), or encoded so and then with JSON's escapes. At
 * the text's end that is also one that was cut off after 4 bytes or more. Values that are NULL or
 * "" are none. */
void mask_append(struct buffer *out, const char *text, const char *const values[], size_t count);

#endif
