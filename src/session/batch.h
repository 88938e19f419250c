/* Changes that were submitted together, and what came of each. */
#ifndef PAIL_SRC_SESSION_BATCH_H
#define PAIL_SRC_SESSION_BATCH_H

#include <stdint.h>
#include <time.h>

#include "pail/session/journal.h"
#include "pail/session/session.h"

struct infinstor_call;

/* One change: from its submission until its outcome is settled and nobody looks at it any more. */
struct item {
    struct session *session;
    struct change *change;
    char id[JOURNAL_ID_SIZE]; /* "" : no intent is written */
    int64_t intended;         /* clock_ms */
    time_t since;
    char *user; /* who sent it, as the service calls them; NULL or "": not known */
    enum item_state state;
    struct infinstor_call *call; /* while ITEM_SENDING */

    /* From ITEM_ANSWERED on */
    bool accepted, unmatched; /* a 2xx came; a 412 */
    bool finished;            /* the waiting for the answer wasn't broken off */
    int64_t ended;            /* clock_ms: when it was over */
    char why[256];            /* what was answered or happened instead, raw, no secrets */

    /* From ITEM_DONE on */
    enum submission_outcome outcome;
    enum session_trouble trouble;
    char *text;    /* of struct submission_item; NULL: "" */
    size_t before; /* bytes in it before what follows "modify b: " */
    bool has_now, now_is_known;
    struct bucket now; /* in the door's arena */

    /* While its outcome is unknown */
    bool in_batch, in_unsettled, taken; /* who holds it; nobody: it is freed */
    unsigned long order;                /* in which changes are sent */
    bool begun;                         /* it was to be sent: sequel_begins */
    size_t followers; /* later changes of this bucket that may have been applied */
    size_t rivals;    /* changes that may have made the entry what this one wanted */
    size_t restorers; /* earlier ones that may make it again what it was before this one */
    bool disturbed; /* somebody has made the entry otherwise: that it is as before proves nothing */
    bool covered;   /* a later change was applied that set all that this one had set */
    bool replaced;  /* and it was */
    bool recovered; /* it is of an earlier sitting */
    bool hopeless;  /* no reading can tell */
    int64_t read_at; /* clock_ms: when the next reading may tell; 0: none will */
};

/* Makes them the door's batch, in SUBMISSION_CHECKING, in place of the last one. */
void batch_take(struct session *session, struct change *const *changes, size_t count,
                const struct submit_options *options);
void batch_release(struct session *session);
void batch_move(struct item *item, enum item_state state); /* but not to ITEM_DONE */
void item_free(struct item *item);                         /* unless somebody holds it */
void item_show(const struct item *item, struct submission_item *out);

/* ITEM_DONE; the text follows "modify b: ". */
__attribute__((format(printf, 3, 4))) void
item_finish(struct item *item, enum submission_outcome outcome, const char *format, ...);

/* Another outcome for one that was done as unknown. */
void item_settle(struct item *item, enum submission_outcome outcome, const char *text);
void item_say(struct item *item, const char *text); /* another text, the outcome stays */
const char *item_name(const struct item *item);

void items_sort(struct item **items, size_t count); /* by name, and of one by their order */

/* All that wait aren't sent. */
__attribute__((format(printf, 3, 4))) void
batch_leave_rest(struct session *session, enum session_trouble trouble, const char *format, ...);

#endif
