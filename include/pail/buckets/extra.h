/* The fields of an entry that we don't know (bucket.extra), one by one. */
#ifndef PAIL_BUCKETS_EXTRA_H
#define PAIL_BUCKETS_EXTRA_H

#include <stdbool.h>

/* name, and the value: a string's text, anything else as JSON. Both raw, good during the call.
 * secret: its name says so (bucket_name_is_secret). False ends the walk. */
typedef bool extra_fn(void *context, const char *name, const char *value, bool secret);

/* In the order in which they came. extra may be "". */
void extra_each(const char *extra, extra_fn *each, void *context);

#endif
