/*
 * Several of our changes of one bucket, one after the other, of which the first wasn't settled when
 * the next was sent. What the table shows then says less: the old state may be the next one's
 * doing, and so may the new state, if both want the same. And one that was applied and has set all
 * that an unsettled one had set takes its place.
 */
#ifndef PAIL_SRC_SESSION_SEQUEL_H
#define PAIL_SRC_SESSION_SEQUEL_H

#include "pail/session/session.h"

struct item;

/* True if nothing that the older one set was left alone by the newer. */
bool sequel_covers(const struct change *newer, const struct change *older);

/* True if the table could show what the other one wanted by that change alone; what was there
 * before the other one. */
bool sequel_makes(const struct change *change, const struct change *other);
bool sequel_restores(const struct change *change, const struct change *other);

/* It will be sent; the outcome of some is known (or they stay unknown). */
void sequel_begins(struct item *newer);
void sequel_ends(struct session *session, struct item *const *ended, size_t ended_count);

/* They were taken up from the journal together, in this order, and are among the unsettled. */
void sequel_join(struct item *const *items, size_t count);

#endif
