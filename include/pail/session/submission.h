/*
 * The door: the only way to a write, for one change or for many. A batch goes: submitted -> the
 * table is read and every entry compared -> POSTs, each at most once -> the table is read again ->
 * an outcome each. Included by session/session.h.
 *
 * The rest of a batch that was paused or held is compared once more, with another reading, if the
 * last is older than 30 s.
 *
 * Intents are written to the journal before anything is sent, 64 at most with one fsync, and are
 * given back if they were not sent within 10 s. Another pail that is writing is waited for between
 * calls, 10 s, and then nothing is sent. Outcomes are written as soon as it has let go. One change
 * takes a connection of its own; several share `parallel` (session_settings) kept ones.
 *
 * What came of a change is what the table says (doc/safety.md has the reasons):
 *
 *   - An answer that says no is believed: any 4xx but 408, and the login page. So is 412: the entry
 *     was changed meanwhile. 408 speaks of time, not of the change, and counts as no clear answer.
 *     After 429, and where the service asks to wait (Retry-After), what isn't begun waits so long,
 *     1 to 60 s; that one change is refused, and isn't sent again by itself.
 *   - The new state in the table is applied, whatever the answer was.
 *   - A 2xx whose new state doesn't show is read again after 0.5, 1, 2 and 4 s, then it is unknown.
 *     A change of secrets alone can't show: with a 2xx it is applied, "accepted; not visible".
 *   - Without a clear answer the old state settles it as not applied, but only if its reading began
 *     settle_after after waiting for the answer had ended, since a request may take effect late,
 *     and only if nobody else was seen to change the entry meanwhile. Secrets alone stay unknown.
 *   - Anything else in the table is unknown, with what differs.
 *   - A table that another user has read, by their userName, tells nothing: it may be another one.
 *
 * What is unknown is read again by session_tick 1, 2, 4, 8 ... s after the answer had ended, up to
 * settle_after, and once right then; and every other whole reading settles what it can too.
 */
#ifndef PAIL_SESSION_SUBMISSION_H
#define PAIL_SESSION_SUBMISSION_H

#include <stdint.h>
#include <time.h>

#include "pail/base/buffer.h"
#include "pail/buckets/change.h"

struct session;

/* What stands in the way of a fresh table, or of a change. */
enum session_trouble {
    TROUBLE_NONE,
    TROUBLE_NO_TOKEN,
    TROUBLE_LOOSE_TOKEN, /* session_tighten_token mends it */
    TROUBLE_LOGIN_EXPIRED,
    TROUBLE_FORBIDDEN,
    TROUBLE_UNREADABLE,
    TROUBLE_REFUSED, /* the service said no: 4xx, or another status that is no answer */
    TROUBLE_BUSY,    /* 429, or 503 with the wish to wait */
    TROUBLE_SERVICE, /* 5xx, or Cognito is away */
    TROUBLE_NETWORK,
    TROUBLE_STOPPED, /* by Esc */
};

enum submission_phase {
    SUBMISSION_NONE,
    SUBMISSION_CHECKING,
    SUBMISSION_SENDING,
    SUBMISSION_RE_READING,
    SUBMISSION_DONE
};
enum submission_outcome {
    OUTCOME_APPLIED,
    OUTCOME_REFUSED,  /* the service said no, or it surely wasn't applied */
    OUTCOME_NOT_SENT, /* nothing left this machine */
    OUTCOME_CONFLICT, /* nothing was changed: the entry is not what the change was made from */
    OUTCOME_UNKNOWN,  /* marked in the list until a reading of the table or a person settles it */
    OUTCOME_COUNT
};

struct submit_options {
    /* After the first that is refused, in conflict or without a clear answer nothing more is begun:
     * the rest is OUTCOME_NOT_SENT. */
    bool stop_on_error;
    const char *reason; /* for the journal; NULL or "": none; copied */
    const char *undoes; /* the journal's id of what this undoes; NULL or "": nothing; copied */
};

/* The door. Takes the changes (not the array) over if it returns true (the submission may be done
 * by then, if it could not even start); false (read-only, others under way, nothing to change, two
 * of one name) leaves them to the caller and nothing is sent. A load under way is dropped: the
 * reading before reads for itself. options: NULL for none. */
bool session_submit_all(struct session *session, struct change *const *changes, size_t count,
                        const struct submit_options *options, struct error *error);
bool session_submit(struct session *session, struct change *change, struct error *error);

/* The changes under way or the last ones; valid until the next submit. */
struct submission {
    enum submission_phase phase;
    size_t count;                /* changes; 0 before the first submit */
    size_t waiting, under_way;   /* not begun; POSTs in flight */
    size_t answered;             /* judged by the reading that follows */
    size_t tally[OUTCOME_COUNT]; /* those that are done; these add up to count */
    bool paused;
    bool waits_for_journal; /* another pail is writing to it: nothing is sent before */
    int64_t held_until; /* clock_ms: the service asked to wait with the rest until then; 0: no */
    /* Of the first change: */
    enum submission_outcome outcome; /* once the phase is SUBMISSION_DONE */
    enum session_trouble trouble;    /* as in struct submission_item */
    const char *text; /* one line, raw: what became of it; of several: how many of each outcome */
    const struct change *change;
    const struct bucket *now; /* as in struct submission_item */
    bool now_is_known;
};
void session_submission(const struct session *session, struct submission *submission);

enum item_state { ITEM_WAITING, ITEM_SENDING, ITEM_ANSWERED, ITEM_DONE };
struct submission_item {
    const struct change *change;
    enum item_state state;
    enum submission_outcome outcome; /* once ITEM_DONE; unknown may become another one later */
    /* What a refused or unsent change met with; TROUBLE_NONE: neither login nor connection. */
    enum session_trouble trouble;
    const char
        *text; /* one line: operation, bucket, what happened, what next; raw; "" until done */
    /* On a conflict: the entry as it is, or NULL if it is gone. It is not known where the service
     * said so (412) and the table could not be read after it. */
    const struct bucket *now;
    bool now_is_known;
    const char *id; /* the journal's; "" before its intent */
};
/* index < submission.count, in the order of session_submit_all. */
void session_submission_item(const struct session *session, size_t index,
                             struct submission_item *item);

/* Appends what came of each change, once they are done: a JSON object a line, with bucketname, op,
 * outcome (applied, refused, not sent, conflict, unknown), text, and id, the journal's. No secrets;
 * ASCII. */
void session_results(const struct session *session, struct buffer *out);

/* The last submission once it is done, taken out of the session, which has none then: what came of
 * it can still be looked at while others are submitted, and what is settled of it later shows. The
 * caller's to release, before or after the session's end. NULL if there is none that is done. */
struct submitted;
struct submitted *session_take_submission(struct session *session);
void submitted_release(struct submitted *submitted);           /* NULL is fine */
const char *submitted_text(const struct submitted *submitted); /* as in struct submission */
void submitted_item(const struct submitted *submitted, size_t index, struct submission_item *item);
void submitted_result(const struct submitted *submitted, size_t index, struct buffer *out);

/* Between changes: no POST begins while paused. Does nothing unless a submission is under way. */
void session_pause(struct session *session, bool paused);

/* Changes whose outcome isn't settled: of this sitting and, from the journal, of earlier ones at
 * the same host. A later change that was applied and set all that one of them had set takes its
 * place. */
struct unsettled_entry {
    const char *id, *name; /* raw */
    const char *text;      /* as in struct submission_item */
    enum change_op op;
    time_t since; /* when it was to be sent */
    /* Calendar, as clock_wall_ms: if a reading that begins then or later finds the entry as it was,
     * the change was not applied. 0: that would prove nothing. */
    int64_t settles_ms;
};
size_t session_unsettled(const struct session *session);

/* At the end of a sitting, after session_stop: what came of so many changes isn't in the journal,
 * since another pail is writing to it, and remains open there. It is tried a last time before. */
size_t session_unrecorded(struct session *session);

/* The same of the last submission, which is done: false if the journal lacks an outcome of it that
 * is known. why: "" where another pail is writing. */
bool session_is_recorded(struct session *session, struct error *why);

/* Takes up what pails have left that ended meanwhile, and what others have settled: as each reading
 * does, but now. */
void session_look_at_journal(struct session *session);
void session_unsettled_entry(const struct session *session, size_t index,
                             struct unsettled_entry *entry);

/* True while a change of that bucket has an unknown outcome. */
bool session_is_unsettled(const struct session *session, const char *name);

/* The last settles_ms of its changes that aren't settled; 0: there is none. */
int64_t session_settles_ms(const struct session *session, const char *name);

/* A person says what came of it. False if none has that id, or the journal can't be written: then
 * it stays unsettled. */
bool session_settle_by_hand(struct session *session, const char *id, bool applied,
                            struct error *error);

#endif
