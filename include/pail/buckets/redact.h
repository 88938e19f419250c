/*
 * JSON text in which some values are secrets: those of names that are by bucket_name_is_secret, at
 * any depth. The text is told apart without parsing it, since text that no parser takes is shown
 * too. A name written with an escape might hide one of the words: it counts as secret.
 */
#ifndef PAIL_BUCKETS_REDACT_H
#define PAIL_BUCKETS_REDACT_H

#include <stdbool.h>
#include <stddef.h>

#include "pail/base/buffer.h"

enum redact_kind {
    REDACT_STRUCTURE, /* one of {}[]:, */
    REDACT_TEXT,      /* a name, or a value that is no secret; a string has its quotation marks */
    REDACT_SECRET,    /* a whole value with all that is in it */
};

struct redact_piece {
    enum redact_kind kind;
    const char *text;
    size_t length;
};

struct redact_walk {
    const char *at;
    const char *secret; /* where the next secret begins, once its name has been seen */
};

void redact_walk_init(struct redact_walk *walk, const char *json);

/* The next piece; false at the end. All pieces together are the text. */
bool redact_next(struct redact_walk *walk, struct redact_piece *piece);

/* Appends the text with "***" for each secret; keep_outer leaves those that are members of the
 * outermost object itself. */
void redact_append(struct buffer *out, const char *json, bool keep_outer);

#endif
