/* A service's own words, without the secrets that they quote. */
#ifndef PAIL_SRC_SESSION_QUOTE_H
#define PAIL_SRC_SESSION_QUOTE_H

#include <stddef.h>

#include "pail/buckets/change.h"

/* The service's words with "***" for each secret of the change that they quote, whole or cut off at
 * their end. */
void quote_answer(const struct change *change, const char *text, char *out, size_t size);

#endif
