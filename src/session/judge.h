/* What a table says of a change that was sent: the rules of session/submission.h. */
#ifndef PAIL_SRC_SESSION_JUDGE_H
#define PAIL_SRC_SESSION_JUDGE_H

#include "pail/session/session.h"

struct item;

struct judgement {
    enum submission_outcome outcome;
    char text[512];     /* without operation and bucket, raw */
    bool reading_helps; /* if unknown: another reading may tell */
};

/* What the table that has just been read says of a change that was sent. Notes in the item that
 * somebody else has made the entry otherwise. */
struct judgement judge(const struct session *session, struct item *item);

/* The reading began so late after the POST that it can't take effect any more. */
bool judge_is_late(const struct session *session, const struct item *item);

/* That it is as before, as `now`, proves in such a reading that the change was not applied. */
bool judge_is_proof(const struct item *item, const struct bucket *now);

#endif
