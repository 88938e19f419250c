/* Changes whose outcome isn't settled: read again, settled by the table or by a person. */
#ifndef PAIL_SRC_SESSION_UNSETTLED_H
#define PAIL_SRC_SESSION_UNSETTLED_H

#include <stdint.h>

#include "pail/base/buffer.h"
#include "pail/session/session.h"

struct item;

struct unsettled {
    struct item **items;   /* some may be among the door's too */
    struct item **by_name; /* the same, sorted */
    struct item **by_id;   /* and by id */
    size_t count, capacity;
    size_t settled; /* how many a reading has settled in this sitting; and the last of them: */
    bool settled_as_applied;
    struct buffer settled_text;
};

/* After the last of several has been added, or taken out (in_unsettled): unsettled_sweep. */
void unsettled_add(struct session *session, struct item *item);
void unsettled_sweep(struct session *session);

/* Those of that bucket, the oldest first. */
struct item *const *unsettled_of(const struct session *session, const char *name, size_t *count);

/* A whole table has been read: settles what it can. */
void unsettled_review(struct session *session);

/* Keeps it for session_settled: what has settled it was no key of this sitting. */
void unsettled_announce(const struct item *item);

/* Takes it out if a later change has taken its place. */
bool unsettled_replace(struct item *item);

/* clock_ms of the next reading that they want; 0: none. A reading that begins now is one of them.
 */
int64_t unsettled_reading_due(const struct session *session);
void unsettled_reading_begins(struct session *session);
void unsettled_finish(struct session *session);

/* Lets go of those that were recovered from the journal. */
void unsettled_forget_recovered(struct session *session);
bool unsettled_holds(const struct session *session, const char *id);

#endif
