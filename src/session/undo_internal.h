/* What undo_find.c finds, undo.c makes. */
#ifndef PAIL_SRC_SESSION_UNDO_INTERNAL_H
#define PAIL_SRC_SESSION_UNDO_INTERNAL_H

#include "pail/session/journal.h"
#include "pail/session/undo.h"

/* now: the entry of that name in the table; NULL if there is none. later: what was done since at
 * the same service and isn't settled, "modify b"; "". */
struct undo *undo_create(const struct journal_record *record, const struct bucket *now,
                         const char *later, struct error *error);

/* The journal that it comes from is damaged: its review says so. */
void undo_distrust(struct undo *undo);

#endif
