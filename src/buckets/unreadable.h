/* The names that the unreadable entries of a table may have: what stands behind "bucketname" in
 * text that could not be taken for an entry. */
#ifndef PAIL_SRC_BUCKETS_UNREADABLE_H
#define PAIL_SRC_BUCKETS_UNREADABLE_H

#include "pail/base/arena.h"
#include "pail/buckets/bucket.h"

struct unreadable {
    const char **names; /* once sorted: byte by byte */
    size_t count;
    struct arena arena; /* theirs */
};

void unreadable_init(struct unreadable *unreadable);
void unreadable_finish(struct unreadable *unreadable);

/* json: bucket.extra of an unreadable entry. */
void unreadable_add(struct unreadable *unreadable, const char *json);

/* Between the last unreadable_add and the first unreadable_has. */
void unreadable_sort(struct unreadable *unreadable);
bool unreadable_has(const struct unreadable *unreadable, const char *name);

#endif
