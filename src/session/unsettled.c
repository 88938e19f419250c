/* What the table says of changes that were sent, now or later. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "pail/base/memory.h"

/* How long a request without an answer may still take effect: a reading that began sooner after it
 * and doesn't show what was wanted says nothing. InfinStor's pages give no time. */
enum { SETTLE_MS = 5000 };

/* ---- judging --------------------------------------------------------------------------------- */

__attribute__((format(printf, 2, 3))) static struct judgement judge(enum submission_outcome outcome,
                                                                    const char *format, ...) {
    struct judgement judgement = {.outcome = outcome};
    va_list args;
    va_start(args, format);
    vsnprintf(judgement.text, sizeof judgement.text, format, args);
    va_end(args);
    return judgement;
}

static struct judgement judge_success(const struct sent *sent) {
    const char *seen =
        change_op(sent->change) == CHANGE_DELETE ? "the entry is gone" : "the table shows it";
    return sent->accepted ? judge(OUTCOME_APPLIED, "applied: %s", seen)
                          : judge(OUTCOME_APPLIED, "applied: %s, though: %s", seen, sent->why);
}

static struct judgement judge_invisible(const struct sent *sent) {
    return sent->accepted
               ? judge(OUTCOME_APPLIED, "accepted; the listing doesn't show secrets")
               : judge(OUTCOME_UNKNOWN,
                       "unknown: %s, and the table can't show a secret: set the secret again",
                       sent->why);
}

static bool sets(const struct change *change, enum bucket_field field) {
    for (size_t i = 0; i < change_line_count(change); i++) {
        struct change_line line = change_line(change, i);
        if (line.field == field && line.kind != LINE_KEPT)
            return true;
    }
    return false;
}

static bool sets_secret(const struct change *change, enum bucket_field field) {
    return bucket_fields[field].flags & FIELD_SECRET && sets(change, field);
}

/* Somebody may have changed what can be seen after a secret arrived that can't. */
static bool hides(const struct sent *sent, const struct bucket *now) {
    if (sent->accepted || now == NULL || change_op(sent->change) == CHANGE_DELETE)
        return false;
    for (int field = 0; field < FIELD_COUNT; field++)
        if (sets_secret(sent->change, (enum bucket_field)field))
            return true;
    return false;
}

/* "the table is as before" or what else it shows. */
static void describe(const struct sent *sent, enum change_finding finding, const struct bucket *now,
                     struct buffer *out) {
    if (finding == CHANGE_LEFT_AS_WAS)
        buffer_append_string(out, "the table is as before");
    else if (now == NULL)
        buffer_append_string(out, "the entry is gone");
    else if (change_op(sent->change) == CHANGE_DELETE)
        buffer_append_string(out, "the entry is still there, and changed");
    else {
        buffer_append_string(out, "not as wanted: ");
        change_describe_misses(sent->change, now, out);
    }
}

static struct judgement judge_miss(const struct sent *sent, enum change_finding finding,
                                   const char *seen, bool late) {
    if (sent->accepted && finding == CHANGE_LEFT_AS_WAS)
        return judge(OUTCOME_REFUSED, "refused: the service accepted it (200), but %s", seen);
    if (sent->accepted)
        return judge(OUTCOME_REFUSED, "partly: the service accepted it (200), but %s", seen);
    if (late && finding == CHANGE_LEFT_AS_WAS)
        return judge(OUTCOME_REFUSED, "not applied: %s, and %s", sent->why, seen);
    if (late)
        return judge(OUTCOME_REFUSED, "not as sent: %s, and %s", sent->why, seen);
    struct judgement judgement =
        judge(OUTCOME_UNKNOWN,
              "unknown: %s; %s, but the request may still arrive: the table is read again",
              sent->why, seen);
    judgement.again_at = sent->ended + SETTLE_MS;
    return judgement;
}

static bool is_late(const struct session *session, const struct sent *sent) {
    return session->load.began >= sent->ended + SETTLE_MS;
}

struct judgement unsettled_judge(const struct session *session, const struct sent *sent) {
    struct bucket view;
    const struct bucket *now = door_entry(session, change_name(sent->change), &view);
    enum change_finding finding = change_find(sent->change, now);
    if (finding == CHANGE_TOOK_PLACE)
        return judge_success(sent);
    if (finding == CHANGE_NOT_VISIBLE || (finding == CHANGE_ELSE && hides(sent, now)))
        return judge_invisible(sent);
    struct buffer seen;
    buffer_init(&seen);
    describe(sent, finding, now, &seen);
    struct judgement judgement = judge_miss(sent, finding, seen.data, is_late(session, sent));
    buffer_finish(&seen);
    return judgement;
}

/* ---- the set --------------------------------------------------------------------------------- */

void unsettled_add(struct session *session, const struct sent *sent) {
    if (session->unsettled_count == session->unsettled_capacity) {
        size_t capacity = session->unsettled_capacity ? session->unsettled_capacity * 2 : 4;
        session->unsettled = memory_resize(session->unsettled, capacity, sizeof *sent);
        session->unsettled_capacity = capacity;
    }
    session->unsettled[session->unsettled_count++] = *sent;
}

bool unsettled_holds(const struct session *session, const struct change *change) {
    for (size_t i = 0; i < session->unsettled_count; i++)
        if (session->unsettled[i].change == change)
            return true;
    return false;
}

/* Takes the index'th out; the others keep their order. */
static void settle(struct session *session, size_t index, const struct judgement *judgement) {
    struct change *change = session->unsettled[index].change;
    session->unsettled_count--;
    memmove(&session->unsettled[index], &session->unsettled[index + 1],
            (session->unsettled_count - index) * sizeof *session->unsettled);
    log_line(session, "%s %s: settled: %s", change_op_names[change_op(change)], change_name(change),
             judgement->text);
    if (change == session->door.sent.change)
        door_settle(&session->door, judgement);
    else
        change_destroy(change);
}

void unsettled_review(struct session *session) {
    for (size_t i = 0; i < session->unsettled_count;) {
        struct judgement judgement = unsettled_judge(session, &session->unsettled[i]);
        if (judgement.outcome != OUTCOME_UNKNOWN)
            settle(session, i, &judgement);
        else {
            load_ask(session, judgement.again_at);
            i++;
        }
    }
}

/* ---- superseded changes ---------------------------------------------------------------------- */

/* True if nothing that the older one set was left alone by the newer. */
static bool covers(const struct change *newer, const struct change *older) {
    if (strcmp(change_name(newer), change_name(older)) != 0)
        return false;
    for (int field = 0; field < FIELD_COUNT; field++)
        if (sets_secret(older, (enum bucket_field)field) &&
            !sets_secret(newer, (enum bucket_field)field) && change_op(newer) == CHANGE_MODIFY)
            return false;
    return true;
}

void unsettled_supersede(struct session *session, const struct change *newer) {
    const struct judgement judgement = {OUTCOME_UNKNOWN, "a later change has taken its place", 0};
    for (size_t i = 0; i < session->unsettled_count;)
        if (is_late(session, &session->unsettled[i]) && covers(newer, session->unsettled[i].change))
            settle(session, i, &judgement);
        else
            i++;
}

void unsettled_finish(struct session *session) {
    for (size_t i = 0; i < session->unsettled_count; i++)
        change_destroy(session->unsettled[i].change);
    free(session->unsettled);
    session->unsettled = NULL;
    session->unsettled_count = session->unsettled_capacity = 0;
}

bool session_is_unsettled(const struct session *session, const char *name) {
    for (size_t i = 0; i < session->unsettled_count; i++)
        if (strcmp(change_name(session->unsettled[i].change), name) == 0)
            return true;
    return false;
}

size_t session_unsettled(const struct session *session) {
    return session->unsettled_count;
}
