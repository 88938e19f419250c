/* What the files of change share: change.c makes it, change_lines.c says what it does and
 * change_find.c judges a table by it. */
#ifndef PAIL_SRC_BUCKETS_CHANGE_INTERNAL_H
#define PAIL_SRC_BUCKETS_CHANGE_INTERNAL_H

#include "pail/base/arena.h"
#include "pail/buckets/change.h"

enum { CHANGE_NOTES = 16 };

struct change {
    enum change_op op;
    bool has_before;
    bool switches; /* between role and key: an edit that is sent as an add */
    bool recalled; /* without the values of secrets */
    struct bucket before, wanted;
    enum secret_choice secrets[FIELD_COUNT]; /* in an add, SECRET_KEEP means "not given" */
    struct buffer body, redacted;
    struct change_line lines[FIELD_COUNT];
    size_t line_count;
    const char *notes[CHANGE_NOTES];
    size_t note_count;
    const char *undoes;
    struct arena arena;
};

static inline bool change_is_secret(int field) {
    return bucket_fields[field].flags & FIELD_SECRET;
}

/* A field that a request can set. */
static inline bool change_can_set(int field) {
    return !(bucket_fields[field].flags & FIELD_LISTING_ONLY);
}

/* What the listing shows of the field, for comparison: "" for a secret that it doesn't show, and
 * the cloud's name where "" stands for it. */
const char *change_seen(const struct bucket *bucket, int field);

/* Fills lines and notes of a change that is otherwise complete. */
void change_write_lines(struct change *change);
void change_write_notes(struct change *change);

#endif
