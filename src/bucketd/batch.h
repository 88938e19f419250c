/*
 * The changes that arrive at about the same time. They are committed together, so that one wait for
 * the disk serves them all, and each is answered after it. Every change is judged and carried out
 * by itself, in the order of arrival: one that is refused leaves the others alone. If the database
 * fails, none of them is made and all are told so.
 *
 * A connection whose change waits is suspended. Nothing else uses the database while the
 * transaction is open, so that a listing has what was committed and no more.
 */
#ifndef BUCKETD_BATCH_H
#define BUCKETD_BATCH_H

#include <microhttpd.h>
#include <stdbool.h>
#include <stdint.h>

#include "pail/base/buffer.h"
#include "store.h"

struct waiting; /* one change */

struct batch {
    struct store *store;
    struct waiting *first, **end; /* in the order of arrival */
    int count;                    /* changes that wait */
    int seen;                     /* those that waited when it was last asked whether to commit */
    int usual;                    /* how many the last commit had */
    int64_t commit_us;            /* the time that it took */
    int64_t since_us;             /* when the first of those that wait came */
    int64_t hold_us;              /* how long that one waits at least, for rehearsals; 0 */
};

void batch_init(struct batch *batch, struct store *store); /* borrows store */

/* Takes the change that the connection's request asks for, whose body this is; what is no change is
 * answered at once. */
enum MHD_Result batch_take(struct batch *batch, struct MHD_Connection *connection,
                           const struct buffer *body);

/* How long to wait at most for what may join in, in microseconds: -1 if no change waits. A client
 * that is alone waits for nobody, but once after others have stopped. */
int64_t batch_patience_us(const struct batch *batch);

/* To be asked after each turn of the loop: true if it is time for batch_commit. */
bool batch_is_due(struct batch *batch);

/* Carries out what waits, and answers; not from within a callback of libmicrohttpd. Afterwards that
 * has connections to go on with, which no descriptor tells. */
void batch_commit(struct batch *batch);

#endif
