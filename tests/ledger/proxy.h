/*
 * What stands between the pails and bucketd, and goes wrong by chance. It runs in one thread and
 * forwards one request at a time, so that the order in which bucketd did things is known.
 *
 * A late change is forwarded after its client has given up, but within settle_after of its arrival:
 * pail is told that the service is no slower than that. So that this is so on a busy machine too, a
 * request counts as arrived before the last look at its socket that found nothing, and what would
 * be later is dropped.
 */
#ifndef PAIL_TESTS_LEDGER_PROXY_H
#define PAIL_TESTS_LEDGER_PROXY_H

#include "book.h"

/* What becomes of a change. Those that end without an answer do so by a FIN, an RST, or silence.
 *
 *   X(id, in per mille, words) */
#define FATES(X)                                          \
    X(WELL, 466, "as they should")                        \
    X(LOST_BEFORE, 90, "lost before bucketd had them")    \
    X(LOST_AFTER, 90, "applied, the answer lost")         \
    X(CUT_ANSWER, 80, "applied, the answer cut")          \
    X(LATE, 110, "applied late")                          \
    X(REFUSED, 60, "refused")                             \
    X(BROKEN, 50, "answered 5xx or 408, not applied")     \
    X(APPLIED_BROKEN, 50, "applied, answered 5xx or 408") \
    X(LIE, 4, "answered 200, not applied")

#define FATE_ID(id, share, words) FATE_##id,
enum fate { FATES(FATE_ID) FATE_COUNT };
#undef FATE_ID
extern const char *const fate_words[FATE_COUNT];

struct proxy;

struct proxy *proxy_create(struct book *book, int bucketd_port); /* sets book->port */
void proxy_destroy(struct proxy *proxy);

/* Waits once, at most timeout_ms, and does what can be done. */
void proxy_turn(struct proxy *proxy, int timeout_ms);

/* Late changes that haven't been forwarded yet. */
size_t proxy_late(const struct proxy *proxy);

/* Asks bucketd for its table and compares it with the book. */
void proxy_compare(struct proxy *proxy);

#endif
