/* The door, the only one to a write: who comes in, the first step, stopping, the clock. */
#include "door.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "internal.h"
#include "load.h"
#include "log.h"
#include "pail/base/clock.h"
#include "pail/base/memory.h"
#include "record.h"
#include "sequel.h"

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

/* ---- the first step: is each entry what its change was made from? ---------------------------- */

static void check(struct item *item) {
    struct bucket view;
    const struct bucket *now = door_entry(item->session, item_name(item), &view);
    bool doubtful = now == NULL && door_may_have(item->session, item_name(item));
    if (change_still_fits(item->change, now) && !doubtful)
        return;
    conclusion_keep_entry(item);
    item_finish(item, OUTCOME_CONFLICT, "not sent: %s; look at it, then decide again",
                doubtful                              ? "an entry that can't be read may be it"
                : now == NULL                         ? "the entry is gone"
                : change_before(item->change) == NULL ? "an entry of this name is there now"
                                                      : "the entry was changed meanwhile");
    if (item->session->door.stop_on_error)
        batch_leave_rest(item->session, TROUBLE_NONE, "stopped after the first that failed");
}

static void check_all(struct session *session) {
    struct door *door = &session->door;
    for (size_t i = 0; i < door->count; i++)
        if (door->items[i]->state == ITEM_WAITING)
            check(door->items[i]);
    for (size_t i = 0; i < door->count; i++)
        if (door->items[i]->state == ITEM_WAITING && !door->items[i]->begun)
            sequel_begins(door->items[i]);
    door->phase = SUBMISSION_SENDING;
    door->window = WINDOW;
    door->checked_at = clock_ms();
    door->rested = false;
    session->serial++;
    sending_go_on(session);
}

void door_check_again(struct session *session) {
    struct door *door = &session->door;
    record_give_back(session, &door->items[door->next], door->count - door->next);
    door->phase = SUBMISSION_CHECKING;
    session->retries = 0;
    session->serial++;
    load_start(session);
}

/* It was the reading before that came to nothing, not the change. */
static void leave_unread(struct session *session) {
    const char *text = session->text.data;
    size_t phase = strlen(LOAD_PHASE);
    if (strncmp(text, LOAD_PHASE, phase) == 0)
        batch_leave_rest(session, session->trouble,
                         "reading the table before it: %s; send again when it can be read",
                         text + phase);
    else
        batch_leave_rest(session, session->trouble, "%s; send again when the table can be read",
                         text);
}

void door_table_was_read(struct session *session, bool good) {
    enum submission_phase phase = session->door.phase;
    if (phase == SUBMISSION_CHECKING && good)
        check_all(session);
    else if (phase == SUBMISSION_CHECKING) {
        leave_unread(session);
        session->door.phase = SUBMISSION_SENDING; /* some may be answered */
        sending_go_on(session);
    } else if (phase == SUBMISSION_RE_READING && good)
        conclusion_judge(session);
    else if (phase == SUBMISSION_RE_READING)
        conclusion_remain_unknown(session, session->text.data);
}

/* ---- stopping, and the clock ----------------------------------------------------------------- */

void door_stop(struct session *session, bool leaving) {
    struct door *door = &session->door;
    bool answered = door->answered > 0 && door->phase != SUBMISSION_RE_READING;
    door->login_expired = false;
    door->lock_since = door->lock_at = 0;
    batch_leave_rest(session, TROUBLE_STOPPED, "stopped before it was");
    for (size_t i = 0; i < door->count; i++)
        if (door->items[i]->state == ITEM_SENDING)
            sending_stop(door->items[i]);
    if (answered && !leaving)
        conclusion_read(session);
    else
        conclusion_remain_unknown(session, "stopped");
}

/* When something is to be begun; 0: nothing. */
static int64_t due(const struct door *door) {
    bool waits = door->phase == SUBMISSION_SENDING && door->waiting > 0 && !door->paused;
    if (!waits)
        return door->again_at;
    return door->held_until > door->lock_at ? door->held_until : door->lock_at;
}

int door_tick(struct session *session) {
    struct door *door = &session->door;
    int64_t at = due(door), wait = at - clock_ms();
    if (at == 0)
        return -1;
    if (wait > 0)
        return wait < INT_MAX ? (int)wait : INT_MAX;
    door->held_until = door->lock_at = 0;
    if (door->phase == SUBMISSION_SENDING)
        sending_go_on(session);
    else
        conclusion_read(session);
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
    qsort(sorted, count, sizeof(const struct change *), compare_names);
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
