#include "judge.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "batch.h"
#include "door.h"
#include "internal.h"

__attribute__((format(printf, 2, 3))) static struct judgement say(enum submission_outcome outcome,
                                                                  const char *format, ...) {
    struct judgement judgement = {.outcome = outcome};
    va_list args;
    va_start(args, format);
    vsnprintf(judgement.text, sizeof judgement.text, format, args);
    va_end(args);
    return judgement;
}

static struct judgement say_applied(const struct item *item) {
    const char *seen =
        change_op(item->change) == CHANGE_DELETE ? "the entry is gone" : "the table shows it";
    return item->accepted ? say(OUTCOME_APPLIED, "applied: %s", seen)
                          : say(OUTCOME_APPLIED, "applied: %s, though: %s", seen, item->why);
}

static struct judgement say_invisible(const struct item *item) {
    return item->accepted
               ? say(OUTCOME_APPLIED, "applied (accepted; not visible)%s%s",
                     item->why[0] ? ": " : "", item->why)
               : say(OUTCOME_UNKNOWN,
                     "unknown: %s, and the table can't show a secret: set it again", item->why);
}

/* "the table is as before" or what else it shows. */
static void describe(const struct item *item, enum change_finding finding, const struct bucket *now,
                     struct buffer *out) {
    if (now == NULL && door_may_have(item->session, item_name(item)))
        buffer_append_string(out, "an entry that can't be read may be it");
    else if (finding == CHANGE_LEFT_AS_WAS)
        buffer_append_string(out, "the table is as before");
    else if (now == NULL)
        buffer_append_string(out, "the entry is gone");
    else if (change_op(item->change) == CHANGE_DELETE)
        buffer_append_string(out, "the entry is still there, and changed");
    else {
        buffer_append_string(out, "not as wanted: ");
        change_describe_misses(item->change, now, out);
    }
}

bool judge_is_late(const struct session *session, const struct item *item) {
    return session->load.began >= item->ended + session->settle_after;
}

bool judge_is_proof(const struct item *item, const struct bucket *now) {
    return change_version_stands(item->change, now) ||
           (!item->disturbed && item->followers == 0 && item->restorers == 0);
}

static struct judgement say_miss(const struct item *item, enum change_finding finding,
                                 const struct bucket *now, bool late) {
    struct buffer seen;
    struct judgement judgement;
    buffer_init(&seen);
    describe(item, finding, now, &seen);
    if (item->accepted)
        judgement = say(OUTCOME_UNKNOWN, "unknown: the service accepted it%s%s%s, but %s",
                        item->why[0] ? " (" : "", item->why, item->why[0] ? ")" : "", seen.data);
    else if (!late)
        judgement = say(OUTCOME_UNKNOWN,
                        "unknown: %s; %s, but the request may still arrive: a later reading tells",
                        item->why, seen.data);
    else if (finding != CHANGE_LEFT_AS_WAS)
        judgement = say(OUTCOME_UNKNOWN, "unknown: %s, and %s", item->why, seen.data);
    else if (!judge_is_proof(item, now))
        judgement = say(OUTCOME_UNKNOWN, "unknown: %s; %s, but the entry was another one meanwhile",
                        item->why, seen.data);
    else
        judgement = say(OUTCOME_REFUSED, "not applied: %s, and %s", item->why, seen.data);
    judgement.reading_helps = true;
    buffer_finish(&seen);
    return judgement;
}

static struct judgement say_ambiguous(const struct item *item) {
    struct judgement judgement =
        say(OUTCOME_UNKNOWN,
            "unknown: %s; the table shows it, but another change of this bucket may have done it",
            item->why);
    judgement.reading_helps = true;
    return judgement;
}

/* Who may see other entries than the one who sent it. */
static bool is_of_another_user(const struct session *session, const struct item *item) {
    return session->user[0] && item->user && item->user[0] &&
           strcmp(item->user, session->user) != 0;
}

static struct judgement say_blind(const struct item *item) {
    struct judgement judgement =
        say(OUTCOME_UNKNOWN, "unknown: %s, and the table was read by another user than sent it: %s",
            item->accepted ? "the service accepted it" : item->why, item->user);
    judgement.reading_helps = true;
    return judgement;
}

struct judgement judge(const struct session *session, struct item *item) {
    struct bucket view;
    if (is_of_another_user(session, item))
        return say_blind(item);
    const struct bucket *now = door_entry(session, item_name(item), &view);
    enum change_finding finding = change_find(item->change, now);
    if (now == NULL && door_may_have(session, item_name(item)))
        finding = CHANGE_ELSE;
    if (finding == CHANGE_ELSE)
        item->disturbed = true;
    if (finding == CHANGE_TOOK_PLACE)
        return !item->accepted && item->rivals > 0 ? say_ambiguous(item) : say_applied(item);
    if (finding == CHANGE_NOT_VISIBLE)
        return say_invisible(item);
    return say_miss(item, finding, now, judge_is_late(session, item));
}
