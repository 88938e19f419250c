/*
 * The entries that nearly all listings consist of: an object of strings and nulls in plain ASCII
 * without escapes, with a bucketname, no key twice. They are taken apart here, at a tenth of the
 * cost of a parser's tree; whatever is otherwise is left to jansson. tests/unit/plain_test.c holds
 * both against each other.
 */
#ifndef PAIL_BUCKETS_PLAIN_H
#define PAIL_BUCKETS_PLAIN_H

#include <stdbool.h>

#include "pail/base/buffer.h"
#include "pail/buckets/bucket.h"

/* Views the entry that is the whole of json, whose bytes it then makes into strings; fields that
 * we don't know go to extra, as a JSON object (cleared first), which bucket then views. False, and
 * json is as it was, if the entry isn't plain. */
bool plain_entry(struct buffer *json, struct buffer *extra, struct bucket *bucket);

#endif
