/* The way of changes: checked, sent once, read again. The only door to a write. */
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "pail/base/clock.h"
#include "pail/base/memory.h"

enum {
    HOLD_LEAST_MS = 1000, /* after a 429 */
    HOLD_MOST_MS = 60000,
    UNCONNECTED = 8, /* POSTs in a row without a connection: no more are tried */
    RE_READINGS = 5, /* of a 2xx that doesn't show */
    RE_READ_FIRST_MS = 500,
};

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

bool door_may_have(const struct session *session, const char *name) {
    return session->table != NULL && table_may_have(session->table, name);
}

/* ---- the end --------------------------------------------------------------------------------- */

static void sum_up(struct session *session) {
    static const char *const words[OUTCOME_COUNT] = {"applied", "refused", "not sent",
                                                     "in conflict", "unknown"};
    struct door *door = &session->door;
    if (door->count == 1)
        return;
    buffer_clear(&door->text);
    buffer_printf(&door->text, "%zu changes:", door->count);
    const char *separator = " ";
    for (int outcome = 0; outcome < OUTCOME_COUNT; outcome++)
        if (door->tally[outcome] > 0) {
            buffer_printf(&door->text, "%s%zu %s", separator, door->tally[outcome], words[outcome]);
            separator = ", ";
        }
    log_line(session, "%s", door->text.data);
}

static void say_not_recorded(struct door *door, const char *why) {
    struct buffer *text = &door->text;
    if (door->count > 1) {
        buffer_printf(text, "; not recorded: %s", why);
        return;
    }
    struct item *item = door->items[0];
    buffer_printf(text, "%s; not recorded: %s", item->text + item->before, why);
    item_say(item, text->data);
}

static void end_batch(struct session *session) {
    struct door *door = &session->door;
    struct error error = {""};
    door->phase = SUBMISSION_DONE;
    door->paused = false;
    bool recorded = record_conclude(session, door->items, door->count, &error);
    sequel_ends(session, door->items, door->count);
    for (size_t i = 0; i < door->count; i++)
        if (door->items[i]->outcome == OUTCOME_UNKNOWN)
            unsettled_add(session, door->items[i]);
    unsettled_sweep(session);
    sum_up(session);
    if (!recorded)
        say_not_recorded(door, error.text);
    session->serial++;
    if (door->login_expired)
        load_renew(session);
}

/* All that wait aren't sent. */
__attribute__((format(printf, 3, 4))) static void
leave_rest(struct session *session, enum session_trouble trouble, const char *format, ...) {
    struct door *door = &session->door;
    struct error why;
    va_list args;
    if (door->waiting == 0)
        return;
    va_start(args, format);
    vsnprintf(why.text, sizeof why.text, format, args);
    va_end(args);
    for (size_t i = 0; i < door->count; i++)
        if (door->items[i]->state == ITEM_WAITING) {
            door->items[i]->trouble = trouble;
            item_finish(door->items[i], OUTCOME_NOT_SENT, "not sent: %s", why.text);
        }
}

/* ---- the third step: what does the table say? ------------------------------------------------ */

static void read_again(struct session *session) {
    session->door.phase = SUBMISSION_RE_READING;
    session->door.again_at = 0;
    session->door.re_readings++;
    session->retries = 0;
    session->serial++;
    load_start(session);
}

static void keep_entry(struct item *item) {
    struct door *door = &item->session->door;
    struct bucket view;
    const struct bucket *now = door_entry(item->session, item_name(item), &view);
    item->has_now = now != NULL;
    item->now_is_known = now != NULL || !door_may_have(item->session, item_name(item));
    if (now != NULL)
        item->now = bucket_copy(&door->arena, now);
}

static void finish_unmatched(struct item *item) {
    item_finish(item, OUTCOME_CONFLICT,
                "refused: %s (412); nothing was changed; look at it, then decide again",
                item->now_is_known && !item->has_now ? "the entry is gone"
                                                     : "the entry was changed meanwhile");
}

/* False if it is better judged by another reading. */
static bool judge_item(struct item *item) {
    struct session *session = item->session;
    if (item->unmatched) {
        keep_entry(item);
        finish_unmatched(item);
        return true;
    }
    struct judgement judgement = judge(session, item);
    if (judgement.outcome == OUTCOME_UNKNOWN && item->accepted && judgement.reading_helps &&
        session->door.re_readings < RE_READINGS)
        return false;
    item->hopeless = !judgement.reading_helps;
    item_finish(item, judgement.outcome, "%s", judgement.text);
    return true;
}

static void judge_all(struct session *session) {
    struct door *door = &session->door;
    door->login_expired = false; /* this reading has renewed it */
    for (size_t i = 0; i < door->count; i++)
        if (door->items[i]->state == ITEM_ANSWERED)
            judge_item(door->items[i]);
    if (door->answered == 0)
        end_batch(session);
    else
        door->again_at = clock_ms() + ((int64_t)RE_READ_FIRST_MS << (door->re_readings - 1));
}

/* Those that were sent, without a reading to judge them by. */
static void remain_unknown(struct session *session, const char *reading) {
    struct door *door = &session->door;
    for (size_t i = 0; i < door->count; i++) {
        struct item *item = door->items[i];
        if (item->state != ITEM_ANSWERED)
            continue;
        if (item->unmatched)
            finish_unmatched(item);
        else if (!item->finished && door->re_readings == 0)
            item_finish(item, OUTCOME_UNKNOWN, "unknown: %s; the table is read again", item->why);
        else
            item_finish(item, OUTCOME_UNKNOWN,
                        "unknown: %s, and the table could not be read again (%s); the next reading "
                        "tells",
                        item->accepted ? "the service accepted it" : item->why, reading);
    }
    end_batch(session);
}

/* ---- the second step: POSTs ------------------------------------------------------------------ */

static void send_more(struct session *session);

static const char *way_on(struct session *session) {
    return access_can_renew(session) ? "it is renewed now: wait for that" : "log in again";
}

static void believe(struct item *item, const struct answer *answer) {
    switch (answer->kind) {
    case ANSWER_LOGIN_EXPIRED:
        item->trouble = TROUBLE_LOGIN_EXPIRED;
        item_finish(item, OUTCOME_REFUSED,
                    "refused: the login has expired; nothing was changed; %s, then send again",
                    way_on(item->session));
        leave_rest(item->session, TROUBLE_LOGIN_EXPIRED,
                   "the login has expired; %s, then send again", way_on(item->session));
        item->session->door.login_expired = true;
        break;
    case ANSWER_FORBIDDEN:
        item->trouble = TROUBLE_FORBIDDEN;
        item_finish(item, OUTCOME_REFUSED,
                    "refused: not an administrator: the service refused it (403); nothing was "
                    "changed; ask an administrator of the service");
        leave_rest(item->session, TROUBLE_FORBIDDEN, "not an administrator (403)");
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
        leave_rest(session, TROUBLE_NONE, "stopped after the first that failed");
    else if (door->unconnected >= UNCONNECTED)
        leave_rest(session, TROUBLE_NETWORK, "%s", item->why);
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
    send_more(session);
}

/* What the entry must still be for the service to accept the change; "" : it has no version. */
static const char *version_of(const struct change *change) {
    const struct bucket *before = change_before(change);
    return before ? before->value[FIELD_ETAG] : "";
}

/* The only call of infinstor_change in pail. */
static void send_item(struct item *item) {
    struct session *session = item->session;
    const struct infinstor_change_listener listener = {end_sending, item};
    struct error error = {""};
    struct buffer authorization;
    struct infinstor_post post = {.if_match = version_of(item->change),
                                  .own_connection = session->door.count == 1};
    buffer_init(&authorization);
    post.body = change_body(item->change, &post.length);
    item->trouble = TROUBLE_NETWORK;
    if (load_authorization(session, &authorization, &item->trouble, &error))
        item->call =
            infinstor_change(session->infinstor, authorization.data, &post, &listener, &error);
    buffer_finish(&authorization);
    if (item->call == NULL) {
        item_finish(item, OUTCOME_NOT_SENT, "not sent: %s", error.text);
        if (item->trouble != TROUBLE_NETWORK || session->door.stop_on_error ||
            ++session->door.unconnected >= UNCONNECTED)
            leave_rest(session, item->trouble, "%s", error.text);
        return;
    }
    item->trouble = TROUBLE_NONE;
    session->door.sent_of_window++;
    batch_move(item, ITEM_SENDING);
}

/* Those that wait and were not sent in time: their intents say so. The next window is as large as
 * what was sent of this one, so that a slow service doesn't fill the journal. */
static void give_back(struct session *session) {
    struct door *door = &session->door;
    size_t least = (size_t)session->parallel;
    record_give_back(session, &door->items[door->next], door->count - door->next);
    if (door->sent_of_window < door->window)
        door->window = door->sent_of_window > least ? door->sent_of_window : least;
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
    door->sent_of_window = 0;
    if (!record_intend(session, window, count, &error))
        leave_rest(session, TROUBLE_NONE, "%s", error.text);
}

static struct item *next_item(struct door *door) {
    while (door->next < door->count && door->items[door->next]->state != ITEM_WAITING)
        door->next++;
    return door->next < door->count ? door->items[door->next] : NULL;
}

static void begin_next(struct session *session, struct item *item) {
    bool intended = item->id[0] != '\0';
    if (session->read_only)
        leave_rest(session, TROUBLE_NONE, "this sitting is read-only");
    else if (!intended)
        intend_window(session);
    else if (clock_ms() >= item->intended + INTENT_MS)
        give_back(session);
    else
        send_item(item);
}

static bool is_held(const struct door *door) {
    return door->paused || clock_ms() < door->held_until;
}

static void send_more(struct session *session) {
    struct door *door = &session->door;
    struct item *item;
    while (!is_held(door) && door->under_way < (size_t)session->parallel &&
           (item = next_item(door)) != NULL)
        begin_next(session, item);
    if (door->under_way > 0 || door->waiting > 0)
        return;
    if (door->answered > 0)
        read_again(session);
    else
        end_batch(session);
}

void session_pause(struct session *session, bool paused) {
    struct door *door = &session->door;
    if (!door_is_busy(session) || door->paused == paused)
        return;
    door->paused = paused;
    session->serial++;
    if (door->phase != SUBMISSION_SENDING)
        return;
    if (paused)
        record_give_back(session, &door->items[door->next], door->count - door->next);
    else
        send_more(session);
}

/* ---- the first step: is each entry what its change was made from? ---------------------------- */

static void check(struct item *item) {
    struct bucket view;
    const struct bucket *now = door_entry(item->session, item_name(item), &view);
    bool doubtful = now == NULL && door_may_have(item->session, item_name(item));
    if (change_still_fits(item->change, now) && !doubtful)
        return;
    keep_entry(item);
    item_finish(item, OUTCOME_CONFLICT, "not sent: %s; look at it, then decide again",
                doubtful                              ? "an entry that can't be read may be it"
                : now == NULL                         ? "the entry is gone"
                : change_before(item->change) == NULL ? "an entry of this name is there now"
                                                      : "the entry was changed meanwhile");
    if (item->session->door.stop_on_error)
        leave_rest(item->session, TROUBLE_NONE, "stopped after the first that failed");
}

static void check_all(struct session *session) {
    struct door *door = &session->door;
    for (size_t i = 0; i < door->count; i++)
        if (door->items[i]->state == ITEM_WAITING)
            check(door->items[i]);
    for (size_t i = 0; i < door->count; i++)
        if (door->items[i]->state == ITEM_WAITING)
            sequel_begins(door->items[i]);
    door->phase = SUBMISSION_SENDING;
    door->window = WINDOW;
    session->serial++;
    send_more(session);
}

void door_table_was_read(struct session *session, bool good) {
    enum submission_phase phase = session->door.phase;
    if (phase == SUBMISSION_CHECKING && good)
        check_all(session);
    else if (phase == SUBMISSION_CHECKING) {
        leave_rest(session, session->trouble, "%s; send again when the table can be read",
                   session->text.data);
        end_batch(session);
    } else if (phase == SUBMISSION_RE_READING && good)
        judge_all(session);
    else if (phase == SUBMISSION_RE_READING)
        remain_unknown(session, session->text.data);
}

/* ---- stopping, and the clock ----------------------------------------------------------------- */

static void stop_sending(struct item *item) {
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

void door_stop(struct session *session, bool leaving) {
    struct door *door = &session->door;
    bool answered = door->answered > 0 && door->phase == SUBMISSION_SENDING;
    door->login_expired = false;
    leave_rest(session, TROUBLE_STOPPED, "stopped before it was");
    for (size_t i = 0; i < door->count; i++)
        if (door->items[i]->state == ITEM_SENDING)
            stop_sending(door->items[i]);
    if (answered && !leaving)
        read_again(session);
    else
        remain_unknown(session, "stopped");
}

/* When something is to be begun; 0: nothing. */
static int64_t due(const struct door *door) {
    bool waits = door->phase == SUBMISSION_SENDING && door->waiting > 0 && !door->paused;
    return waits ? door->held_until : door->again_at;
}

int door_tick(struct session *session) {
    struct door *door = &session->door;
    int64_t at = due(door), wait = at - clock_ms();
    if (at == 0)
        return -1;
    if (wait > 0)
        return wait < INT_MAX ? (int)wait : INT_MAX;
    door->held_until = 0;
    if (door->phase == SUBMISSION_SENDING)
        send_more(session);
    else
        read_again(session);
    return 0;
}

/* ---- the door -------------------------------------------------------------------------------- */

static bool refuse(struct error *error, const struct change *change, const char *why) {
    return error_set(error, "%s %s: %s: nothing was sent", change_op_names[change_op(change)],
                     change_name(change), why);
}

static int compare_names(const void *a, const void *b) {
    return strcmp(change_name(*(const struct change *const *)a),
                  change_name(*(const struct change *const *)b));
}

/* Two of one name: each would be judged by what the other does. */
static const struct change *find_twin(struct change *const *changes, size_t count) {
    const struct change **sorted = memory_new(count, sizeof(const struct change *));
    const struct change *twin = NULL;
    for (size_t i = 0; i < count; i++)
        sorted[i] = changes[i];
    qsort(sorted, count, sizeof *sorted, compare_names);
    for (size_t i = 1; i < count && twin == NULL; i++)
        if (compare_names(&sorted[i - 1], &sorted[i]) == 0)
            twin = sorted[i];
    free(sorted);
    return twin;
}

bool session_submit_all(struct session *session, struct change *const *changes, size_t count,
                        const struct submit_options *options, struct error *error) {
    if (count == 0)
        return error_set(error, "there is no change: nothing was sent");
    const char *why = session->read_only      ? "read-only"
                      : door_is_busy(session) ? "another change is under way"
                                              : NULL;
    if (why != NULL)
        return refuse(error, changes[0], why);
    for (size_t i = 0; i < count; i++)
        if (change_is_empty(changes[i]))
            return refuse(error, changes[i], "nothing differs");
    const struct change *twin = find_twin(changes, count);
    if (twin != NULL)
        return refuse(error, twin, "two changes of one bucket can't be sent together");
    batch_take(session, changes, count, options);
    session->retries = 0;
    if (count == 1)
        log_line(session, "%s %s: submitted: %s", change_op_names[change_op(changes[0])],
                 change_name(changes[0]), change_redacted_body(changes[0]));
    else
        log_line(session, "%zu changes: submitted", count);
    load_start(session);
    return true;
}

bool session_submit(struct session *session, struct change *change, struct error *error) {
    return session_submit_all(session, &change, 1, NULL, error);
}
