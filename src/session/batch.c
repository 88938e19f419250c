#include "batch.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "log.h"
#include "pail/base/clock.h"
#include "pail/base/memory.h"

const char *item_name(const struct item *item) {
    return change_name(item->change);
}

void item_free(struct item *item) {
    if (item->in_batch || item->in_unsettled || item->taken)
        return;
    change_destroy(item->change);
    free(item->user);
    free(item->text);
    free(item);
}

static int compare(const void *a, const void *b) {
    const struct item *first = *(struct item *const *)a, *second = *(struct item *const *)b;
    int order = strcmp(item_name(first), item_name(second));
    return order != 0 ? order : first->order < second->order ? -1 : first->order > second->order;
}

void items_sort(struct item **items, size_t count) {
    if (count > 1)
        qsort(items, count, sizeof(struct item *), compare);
}

/* ---- the batch ------------------------------------------------------------------------------- */

static struct item *create(struct session *session, struct change *change) {
    struct item *item = memory_new(1, sizeof *item);
    item->session = session;
    item->change = change;
    item->order = ++session->last_order;
    item->since = clock_now();
    item->in_batch = true;
    return item;
}

void batch_release(struct session *session) {
    struct door *door = &session->door;
    for (size_t i = 0; i < door->count; i++) {
        door->items[i]->in_batch = false;
        item_free(door->items[i]);
    }
    free(door->items);
    free(door->reason);
    free(door->undoes);
    arena_finish(&door->arena);
    buffer_finish(&door->text);
    *door = (struct door){0};
    arena_init(&door->arena);
    buffer_init(&door->text);
}

void batch_take(struct session *session, struct change *const *changes, size_t count,
                const struct submit_options *options) {
    struct door *door = &session->door;
    batch_release(session);
    door->items = memory_new(count, sizeof(struct item *));
    for (size_t i = 0; i < count; i++)
        door->items[i] = create(session, changes[i]);
    door->count = door->waiting = count;
    door->phase = SUBMISSION_CHECKING;
    door->stop_on_error = options && options->stop_on_error;
    door->reason = memory_string(options && options->reason ? options->reason : "");
    door->undoes = memory_string(options && options->undoes ? options->undoes : "");
}

/* ---- one of them ----------------------------------------------------------------------------- */

static size_t *counter(struct door *door, const struct item *item) {
    switch (item->state) {
    case ITEM_WAITING:
        return &door->waiting;
    case ITEM_SENDING:
        return &door->under_way;
    case ITEM_ANSWERED:
        return &door->answered;
    case ITEM_DONE:
        break;
    }
    return &door->tally[item->outcome];
}

void batch_move(struct item *item, enum item_state state) {
    struct door *door = &item->session->door;
    --*counter(door, item);
    item->state = state;
    ++*counter(door, item);
    item->session->serial++;
}

void item_say(struct item *item, const char *text) {
    struct buffer line;
    buffer_init(&line);
    buffer_printf(&line, "%s %s: ", change_op_names[change_op(item->change)], item_name(item));
    item->before = line.length;
    buffer_append_string(&line, text);
    free(item->text);
    item->text = buffer_steal(&line);
}

void item_finish(struct item *item, enum submission_outcome outcome, const char *format, ...) {
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    item_say(item, text);
    item->outcome = outcome;
    --*counter(&item->session->door, item);
    item->state = ITEM_DONE;
    ++*counter(&item->session->door, item);
    log_line(item->session, "%s", item->text);
}

void item_settle(struct item *item, enum submission_outcome outcome, const char *text) {
    item_say(item, text);
    if (item->in_batch) {
        item->session->door.tally[item->outcome]--;
        item->session->door.tally[outcome]++;
    }
    item->outcome = outcome;
    log_line(item->session, "%s %s: settled: %s", change_op_names[change_op(item->change)],
             item_name(item), text);
}

void batch_leave_rest(struct session *session, enum session_trouble trouble, const char *format,
                      ...) {
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

/* ---- what is seen ---------------------------------------------------------------------------- */

void item_show(const struct item *item, struct submission_item *out) {
    *out = (struct submission_item){
        .change = item->change,
        .state = item->state,
        .outcome = item->outcome,
        .trouble = item->trouble,
        .text = item->text ? item->text : "",
        .now = item->has_now ? &item->now : NULL,
        .now_is_known = item->now_is_known,
        .id = item->id,
    };
}

void session_submission_item(const struct session *session, size_t index,
                             struct submission_item *out) {
    item_show(session->door.items[index], out);
}

void session_submission(const struct session *session, struct submission *submission) {
    const struct door *door = &session->door;
    *submission = (struct submission){
        .phase = door->phase,
        .count = door->count,
        .waiting = door->waiting,
        .under_way = door->under_way,
        .answered = door->answered,
        .paused = door->paused,
        .waits_for_journal = door->lock_since != 0,
        .held_until = door->waiting > 0 ? door->held_until : 0,
        .text = door->text.data,
    };
    memcpy(submission->tally, door->tally, sizeof submission->tally);
    if (door->count == 0)
        return;
    struct submission_item first;
    session_submission_item(session, 0, &first);
    submission->outcome = first.outcome;
    submission->trouble = first.trouble;
    submission->change = first.change;
    submission->now = first.now;
    submission->now_is_known = first.now_is_known;
    if (door->count == 1)
        submission->text = first.text;
}
