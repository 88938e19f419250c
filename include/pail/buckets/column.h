/*
 * The columns of the list, written once: what each shows of an entry, the word that names it in a
 * query and in a sort, and how wide it would like to be.
 *
 *   X(id, word, title, least cells, cells it would like)
 *
 * Texts are raw: whoever draws them makes them safe (base/text.h).
 */
#ifndef PAIL_BUCKETS_COLUMN_H
#define PAIL_BUCKETS_COLUMN_H

#include <stdbool.h>

#include "pail/buckets/bucket.h"

#define BUCKET_COLUMNS(X)                             \
    X(NAME, "name", "NAME", 12, 40)                   \
    X(CLOUD, "cloud", "CLOUD", 5, 5)                  \
    X(ACCESS, "access", "ACCESS", 6, 6)               \
    X(ENDPOINT, "endpoint", "ENDPOINT", 12, 48)       \
    X(IDENTITY, "identity", "ROLE OR KEY ID", 12, 60) \
    X(SNAP, "snap", "SNAP", 5, 5)

#define BUCKET_COLUMN_ID(id, word, title, least, wanted) COLUMN_##id,
enum column { BUCKET_COLUMNS(BUCKET_COLUMN_ID) COLUMN_COUNT };
#undef BUCKET_COLUMN_ID

struct column_info {
    const char *word;
    const char *title;
    int least, wanted; /* cells */
};

extern const struct column_info columns[COLUMN_COUNT];

/*
 * What the column shows; borrowed from the entry or constant.
 *   access    role, key, both or none, derived (bucket_access)
 *   endpoint  "default" where it is empty
 *   identity  the role, else the access key id
 *   snap      "yes" if ddbTable is set (the bucket is enabled for InfinSnap), else "-"
 * An unreadable entry shows "(unreadable)" as its name, and "" in the other columns.
 */
const char *column_text(const struct bucket *bucket, enum column column);

/* True where the entry has nothing that the column could show, so that its text is "" or a word
 * that stands for nothing: default, none, -. */
bool column_is_empty(const struct bucket *bucket, enum column column);

#endif
