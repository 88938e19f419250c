/* The second step of changes: their intents, and a POST for each. */
#include "door.h"

#include <stdio.h>
#include <stdlib.h>

#include "access.h"
#include "batch.h"
#include "internal.h"
#include "pail/base/clock.h"
#include "pail/base/memory.h"
#include "quote.h"
#include "record.h"

enum {
    HOLD_LEAST_MS = 1000, /* after a 429 */
    HOLD_MOST_MS = 60000,
    CHECK_MS = 30000, /* after a rest a reading before that is older is made again */
    UNCONNECTED = 8,  /* POSTs in a row without a connection: no more are tried */
};

/* ---- answers --------------------------------------------------------------------------------- */

static const char *way_on(struct session *session) {
    return access_can_renew(session) ? "it is renewed now: wait for that" : "log in again";
}

static void believe(struct item *item, const struct answer *answer) {
    switch (answer->kind) {
    case ANSWER_LOGIN_EXPIRED:
        item->trouble = TROUBLE_LOGIN_EXPIRED;
        item_finish(item, OUTCOME_REFUSED,
                    "refused: " ANSWER_LOGIN_EXPIRED_TEXT
                    "; nothing was changed; %s, then send again",
                    way_on(item->session));
        batch_leave_rest(item->session, TROUBLE_LOGIN_EXPIRED,
                         ANSWER_LOGIN_EXPIRED_TEXT "; %s, then send again", way_on(item->session));
        item->session->door.login_expired = true;
        break;
    case ANSWER_FORBIDDEN:
        item->trouble = TROUBLE_FORBIDDEN;
        item_finish(item, OUTCOME_REFUSED,
                    "refused: not an administrator: the service refused it (403); nothing was "
                    "changed; ask an administrator of the service");
        batch_leave_rest(item->session, TROUBLE_FORBIDDEN, "not an administrator (403)");
        break;
    case ANSWER_REFUSED:
        item_finish(item, OUTCOME_REFUSED, "refused: %s; nothing was changed", item->why);
        break;
    default:
        item->trouble = TROUBLE_NETWORK;
        item_finish(item, OUTCOME_NOT_SENT, "not sent: %s; send again when the service is there",
                    item->why);
    }
}

static bool is_believed(enum answer_kind kind) {
    return kind == ANSWER_LOGIN_EXPIRED || kind == ANSWER_FORBIDDEN || kind == ANSWER_REFUSED ||
           kind == ANSWER_NOT_SENT;
}

/* The service has too much to do: what waits isn't begun before. */
static void hold(struct door *door, long asked_s) {
    int64_t wait = asked_s < HOLD_MOST_MS / 1000 ? asked_s * 1000 : HOLD_MOST_MS;
    int64_t until = clock_ms() + (wait > HOLD_LEAST_MS ? wait : HOLD_LEAST_MS);
    door->held_until = until > door->held_until ? until : door->held_until;
}

/* Whether the others are still worth a try. */
static void consider_rest(struct item *item, const struct answer *answer) {
    struct session *session = item->session;
    struct door *door = &session->door;
    door->unconnected = answer->kind == ANSWER_NOT_SENT ? door->unconnected + 1 : 0;
    if (answer->status == 429 || answer->retry_after > 0)
        hold(door, answer->retry_after);
    if (door->stop_on_error && answer->kind != ANSWER_OK)
        batch_leave_rest(session, TROUBLE_NONE, "stopped after the first that failed");
    else if (door->unconnected >= UNCONNECTED)
        batch_leave_rest(session, TROUBLE_NETWORK, "%s", item->why);
}

static void end_sending(void *context, const struct answer *answer) {
    struct item *item = context;
    struct session *session = item->session;
    item->call = NULL;
    item->ended = clock_ms();
    item->finished = true;
    item->accepted = answer->kind == ANSWER_OK;
    item->unmatched = answer->kind == ANSWER_UNMATCHED;
    quote_answer(item->change, answer->text, item->why, sizeof item->why);
    if (is_believed(answer->kind))
        believe(item, answer);
    else
        batch_move(item, ITEM_ANSWERED);
    consider_rest(item, answer);
    sending_go_on(session);
}

/* ---- sending --------------------------------------------------------------------------------- */

/* What the entry must still be for the service to accept the change; "" : it has no version. */
static const char *version_of(const struct change *change) {
    const struct bucket *before = change_before(change);
    return before ? before->value[FIELD_ETAG] : "";
}

/* A service whose entries have versions is told that there must be none yet. */
static bool wants_none(const struct item *item) {
    struct table *table = item->session->table;
    struct bucket first;
    if (change_before(item->change) != NULL || table == NULL || table_count(table) == 0)
        return false;
    table_get(table, 0, &first);
    return first.value[FIELD_ETAG][0] != '\0';
}

/* The only call of infinstor_change in pail. */
static void send_item(struct item *item) {
    struct session *session = item->session;
    const struct infinstor_change_listener listener = {end_sending, item};
    struct error error = {""};
    struct buffer authorization;
    struct infinstor_post post = {.if_match = version_of(item->change),
                                  .if_none = wants_none(item),
                                  .own_connection = session->door.count == 1};
    buffer_init(&authorization);
    post.body = change_body(item->change, &post.length);
    item->trouble = TROUBLE_NETWORK;
    free(item->user);
    item->user = memory_string(session->user);
    if (access_authorization(session, &authorization, &item->trouble, &error))
        item->call =
            infinstor_change(session->infinstor, authorization.data, &post, &listener, &error);
    buffer_finish(&authorization);
    if (item->call == NULL) {
        item_finish(item, OUTCOME_NOT_SENT, "not sent: %s", error.text);
        if (item->trouble != TROUBLE_NETWORK || session->door.stop_on_error ||
            ++session->door.unconnected >= UNCONNECTED)
            batch_leave_rest(session, item->trouble, "%s", error.text);
        return;
    }
    item->trouble = TROUBLE_NONE;
    session->door.sent_of_window++;
    batch_move(item, ITEM_SENDING);
}

/* ---- windows of intents ---------------------------------------------------------------------- */

/* Those that wait and were not sent in time: their intents say so. The next window is as large as
 * what was sent of this one, so that a slow service doesn't fill the journal. */
static void give_back(struct session *session) {
    struct door *door = &session->door;
    size_t least = (size_t)session->parallel;
    record_give_back(session, &door->items[door->next], door->count - door->next);
    if (door->sent_of_window < door->window)
        door->window = door->sent_of_window > least ? door->sent_of_window : least;
}

/* Between calls, so that nobody is held up. False: it has been long enough. */
static bool wait_for_journal(struct session *session, int64_t since, struct error *error) {
    struct door *door = &session->door;
    if (door->lock_since == 0)
        door->lock_since = since;
    int64_t now = clock_ms();
    if (now >= door->lock_since + JOURNAL_WAIT_MS)
        return error_set(error,
                         "another pail has been writing to the journal for %d s; look for one that "
                         "hangs",
                         JOURNAL_WAIT_MS / 1000);
    door->lock_at = now + LOCK_AGAIN_MS;
    session->serial++;
    return true;
}

/* Writes the intents of the next that wait; those that can't be written aren't sent. */
static void intend_window(struct session *session) {
    struct door *door = &session->door;
    struct item *window[WINDOW];
    struct error error = {""};
    size_t count = 0;
    for (size_t i = door->next; i < door->count && count < door->window; i++)
        if (door->items[i]->state == ITEM_WAITING)
            window[count++] = door->items[i];
    bool busy;
    int64_t began = clock_ms();
    door->sent_of_window = 0;
    if (!record_intend(session, window, count, &busy, &error)) {
        if (busy && wait_for_journal(session, began, &error))
            return;
        batch_leave_rest(session, TROUBLE_NONE, "%s", error.text);
    }
    door->lock_since = door->lock_at = 0;
    session->serial++;
}

static struct item *next_item(struct door *door) {
    while (door->next < door->count && door->items[door->next]->state != ITEM_WAITING)
        door->next++;
    return door->next < door->count ? door->items[door->next] : NULL;
}

static void begin_next(struct session *session, struct item *item) {
    bool intended = item->id[0] != '\0';
    if (session->read_only)
        batch_leave_rest(session, TROUBLE_NONE, "this sitting is read-only");
    else if (!intended)
        intend_window(session);
    else if (clock_ms() >= item->intended + INTENT_MS)
        give_back(session);
    else
        send_item(item);
}

static bool is_held(const struct door *door) {
    return door->paused || clock_ms() < door->held_until || clock_ms() < door->lock_at;
}

/* After a rest the entries may be others by now. */
static bool is_outdated(const struct door *door) {
    return door->rested && clock_ms() - door->checked_at >= CHECK_MS;
}

void sending_go_on(struct session *session) {
    struct door *door = &session->door;
    struct item *item;
    door->rested |= is_held(door);
    bool outdated = !is_held(door) && is_outdated(door);
    if (outdated && door->waiting > 0 && door->under_way == 0) {
        door_check_again(session);
        return;
    }
    while (!is_held(door) && !outdated && door->under_way < (size_t)session->parallel &&
           (item = next_item(door)) != NULL)
        begin_next(session, item);
    if (door->under_way > 0 || door->waiting > 0)
        return;
    if (door->answered > 0)
        conclusion_read(session);
    else
        conclusion_end(session);
}

/* ---- pausing and stopping -------------------------------------------------------------------- */

void session_pause(struct session *session, bool paused) {
    struct door *door = &session->door;
    if (!door_is_busy(session) || door->paused == paused)
        return;
    door->paused = paused;
    door->rested = true;
    session->serial++;
    door->lock_since = door->lock_at = 0;
    if (door->phase != SUBMISSION_SENDING)
        return;
    if (paused)
        record_give_back(session, &door->items[door->next], door->count - door->next);
    else
        sending_go_on(session);
}

void sending_stop(struct item *item) {
    enum http_end end = infinstor_cancel(item->session->infinstor, item->call);
    item->call = NULL;
    item->ended = clock_ms();
    if (end == HTTP_NOT_SENT) {
        item->trouble = TROUBLE_STOPPED;
        item_finish(item, OUTCOME_NOT_SENT, "not sent: stopped before it was");
        return;
    }
    snprintf(item->why, sizeof item->why, "stopped waiting for the answer");
    batch_move(item, ITEM_ANSWERED);
}
