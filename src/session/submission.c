/* The way of a change: checked, sent once, read again. The only door to a write. */
#include <stdarg.h>
#include <stdio.h>

#include "internal.h"
#include "pail/base/clock.h"

void door_init(struct door *door) {
    buffer_init(&door->text);
    arena_init(&door->arena);
}

/* Lets go of the last submission. */
static void release(struct session *session) {
    struct door *door = &session->door;
    if (door->sent.change != NULL && !unsettled_holds(session, door->sent.change))
        change_destroy(door->sent.change);
    arena_finish(&door->arena);
    buffer_finish(&door->text);
    *door = (struct door){0};
    door_init(door);
}

void door_finish(struct session *session) {
    if (session->door.call != NULL)
        infinstor_cancel(session->infinstor, session->door.call);
    release(session);
}

bool door_is_busy(const struct session *session) {
    enum submission_phase phase = session->door.phase;
    return phase != SUBMISSION_NONE && phase != SUBMISSION_DONE;
}

const struct bucket *door_entry(const struct session *session, const char *name,
                                struct bucket *view) {
    size_t row;
    if (session->table == NULL || !table_find(session->table, name, &row))
        return NULL;
    table_get(session->table, row, view);
    return view;
}

/* ---- outcomes -------------------------------------------------------------------------------- */

static void set_outcome(struct door *door, enum submission_outcome outcome, const char *text) {
    const struct change *change = door->sent.change;
    buffer_clear(&door->text);
    buffer_printf(&door->text, "%s %s: %s", change_op_names[change_op(change)], change_name(change),
                  text);
    door->outcome = outcome;
    door->phase = SUBMISSION_DONE;
}

__attribute__((format(printf, 3, 4))) static void
finish(struct session *session, enum submission_outcome outcome, const char *format, ...) {
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    set_outcome(&session->door, outcome, text);
    log_line(session, "%s", session->door.text.data);
    if (outcome == OUTCOME_UNKNOWN)
        unsettled_add(session, &session->door.sent);
}

void door_settle(struct door *door, const struct judgement *judgement) {
    set_outcome(door, judgement->outcome, judgement->text);
}

/* ---- the third step: what does the table say? ------------------------------------------------ */

static void read_again(struct session *session) {
    session->door.phase = SUBMISSION_RE_READING;
    session->retries = 0;
    load_start(session);
}

static void conclude(struct session *session) {
    struct judgement judgement = unsettled_judge(session, &session->door.sent);
    if (judgement.outcome == OUTCOME_APPLIED)
        unsettled_supersede(session, session->door.sent.change);
    finish(session, judgement.outcome, "%s", judgement.text);
    load_ask(session, judgement.again_at);
}

static void remain_unknown(struct session *session, const char *reading) {
    const struct sent *sent = &session->door.sent;
    finish(session, OUTCOME_UNKNOWN,
           "unknown: %s, and the table could not be read again (%s); the next reading tells",
           sent->accepted ? "the service accepted it" : sent->why, reading);
}

/* ---- the second step: one POST --------------------------------------------------------------- */

static void end_sending(void *context, const struct answer *answer) {
    struct session *session = context;
    struct door *door = &session->door;
    door->call = NULL;
    door->sent.ended = clock_ms();
    door->sent.accepted = answer->kind == ANSWER_OK;
    const char *why = door->sent.why;
    quote_answer(door->sent.change, answer->text, door->sent.why, sizeof door->sent.why);
    session->serial++;
    switch (answer->kind) {
    case ANSWER_LOGIN_EXPIRED:
        door->trouble = TROUBLE_LOGIN_EXPIRED;
        finish(session, OUTCOME_REFUSED,
               "refused: the login has expired; nothing was changed; %s, then send again",
               access_can_renew(session) ? "it is renewed now: wait for that"
                                         : "log in again (pail login)");
        load_renew(session);
        break;
    case ANSWER_FORBIDDEN:
        door->trouble = TROUBLE_FORBIDDEN;
        finish(session, OUTCOME_REFUSED,
               "refused: not an administrator: the service refused it (403); nothing was changed; "
               "ask an administrator of the service");
        break;
    case ANSWER_REFUSED:
        finish(session, OUTCOME_REFUSED, "refused: %s; nothing was changed", why);
        break;
    case ANSWER_NOT_SENT:
        door->trouble = TROUBLE_NETWORK;
        finish(session, OUTCOME_NOT_SENT, "not sent: %s; send again when the service is there",
               why);
        break;
    default:
        read_again(session);
    }
}

/* The only call of infinstor_change in pail. */
static void send_change(struct session *session) {
    const struct infinstor_change_listener listener = {end_sending, session};
    struct door *door = &session->door;
    struct error error = {""};
    struct buffer authorization;
    buffer_init(&authorization);
    size_t length;
    const char *body = change_body(door->sent.change, &length);
    door->phase = SUBMISSION_SENDING;
    session->serial++;
    door->trouble = TROUBLE_NETWORK;
    if (load_authorization(session, &authorization, &door->trouble, &error))
        door->call = infinstor_change(session->infinstor, authorization.data, body, length,
                                      &listener, &error);
    buffer_finish(&authorization);
    if (door->call == NULL)
        finish(session, OUTCOME_NOT_SENT, "not sent: %s", error.text);
    else
        door->trouble = TROUBLE_NONE;
}

/* ---- the first step: is the entry what the change was made from? ----------------------------- */

static void keep_entry(struct door *door, const struct bucket *now) {
    door->has_now = now != NULL;
    if (now != NULL)
        door->now = bucket_copy(&door->arena, now);
}

static void check(struct session *session) {
    struct door *door = &session->door;
    struct bucket view;
    const struct bucket *now = door_entry(session, change_name(door->sent.change), &view);
    if (session->read_only)
        finish(session, OUTCOME_NOT_SENT, "not sent: this sitting is read-only");
    else if (change_still_fits(door->sent.change, now))
        send_change(session);
    else {
        keep_entry(door, now);
        finish(session, OUTCOME_CONFLICT, "not sent: %s; look at it, then decide again",
               now == NULL                                ? "the entry is gone"
               : change_before(door->sent.change) == NULL ? "an entry of this name is there now"
                                                          : "the entry was changed meanwhile");
    }
}

void door_table_was_read(struct session *session, bool good) {
    enum submission_phase phase = session->door.phase;
    if (phase == SUBMISSION_CHECKING && good)
        check(session);
    else if (phase == SUBMISSION_CHECKING) {
        session->door.trouble = session->trouble;
        finish(session, OUTCOME_NOT_SENT, "not sent: %s; send again when the table can be read",
               session->text.data);
    } else if (phase == SUBMISSION_RE_READING && good)
        conclude(session);
    else if (phase == SUBMISSION_RE_READING)
        remain_unknown(session, session->text.data);
}

void door_stop(struct session *session) {
    struct door *door = &session->door;
    if (door->phase == SUBMISSION_CHECKING) {
        door->trouble = TROUBLE_STOPPED;
        finish(session, OUTCOME_NOT_SENT, "not sent: stopped before it was");
    } else if (door->phase == SUBMISSION_RE_READING)
        remain_unknown(session, "stopped");
    else if (infinstor_cancel(session->infinstor, door->call) == HTTP_NOT_SENT) {
        door->call = NULL;
        door->trouble = TROUBLE_STOPPED;
        finish(session, OUTCOME_NOT_SENT, "not sent: stopped before it was");
    } else {
        door->call = NULL;
        door->sent.ended = clock_ms();
        snprintf(door->sent.why, sizeof door->sent.why, "stopped waiting for the answer");
        finish(session, OUTCOME_UNKNOWN,
               "unknown: stopped waiting for the answer; the next reading of the table tells");
    }
}

/* ---- the door -------------------------------------------------------------------------------- */

static const char *reason_to_refuse(const struct session *session, const struct change *change) {
    return session->read_only        ? "read-only"
           : door_is_busy(session)   ? "another change is under way"
           : change_is_empty(change) ? "nothing differs"
                                     : NULL;
}

bool session_submit(struct session *session, struct change *change, struct error *error) {
    const char *op = change_op_names[change_op(change)];
    const char *reason = reason_to_refuse(session, change);
    if (reason != NULL)
        return error_set(error, "%s %s: %s: nothing was sent", op, change_name(change), reason);
    release(session);
    session->door.sent.change = change;
    session->door.phase = SUBMISSION_CHECKING;
    session->retries = 0;
    log_line(session, "%s %s: submitted: %s", op, change_name(change),
             change_redacted_body(change));
    load_start(session);
    return true;
}

void session_submission(const struct session *session, struct submission *submission) {
    const struct door *door = &session->door;
    *submission = (struct submission){
        .phase = door->phase,
        .outcome = door->outcome,
        .trouble = door->trouble,
        .text = door->text.data,
        .change = door->sent.change,
        .now = door->has_now ? &door->now : NULL,
    };
}
