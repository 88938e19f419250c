/* What the files of merge share: merge.c chooses and makes the change, merge_rows.c says in which
 * fields the versions differ. */
#ifndef PAIL_SRC_BUCKETS_MERGE_INTERNAL_H
#define PAIL_SRC_BUCKETS_MERGE_INTERNAL_H

#include "pail/base/arena.h"
#include "pail/buckets/merge.h"

struct merge {
    enum merge_kind kind;
    bool has_opened, has_now;
    bool replaces; /* mine sets every field anew: a secret that it doesn't give is lost */
    bool hidden;   /* merge_is_hidden */
    struct bucket opened, now, mine; /* all "" where there is none */
    enum secret_choice secrets[FIELD_COUNT];
    const char *undoes;
    struct merge_row *rows;
    size_t count, room;
    struct arena arena;
};

/* The field looks the same in both, for comparison: as change_still_fits sees it. */
bool merge_same(const struct bucket *a, const struct bucket *b, int field);

/* Fills the rows, without sides; change is the one that met the conflict. */
void merge_write_rows(struct merge *merge, const struct change *change);

#endif
