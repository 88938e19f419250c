/* Entries as they are kept on the disk: JSON without secrets, by the journal and by drafts. */
#ifndef PAIL_SRC_SESSION_KEPT_H
#define PAIL_SRC_SESSION_KEPT_H

#include <jansson.h>
#include <stdbool.h>

#include "pail/base/arena.h"
#include "pail/buckets/bucket.h"

/* As it is, but bytes that are no UTF-8 as "?": JSON can't hold them. */
json_t *kept_text(const char *text);

/* The shape in which it came (reader.h), without its secrets, at any depth; their names are added
 * to the array `withheld`, each once. */
json_t *kept_entry(const struct bucket *bucket, json_t *withheld);

/* False if that is no object; NULL is fine. A secret in it is left out. */
bool kept_entry_read(struct arena *arena, json_t *entry, struct bucket *bucket);

#endif
