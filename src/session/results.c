/* What came of each change of a submission: kept after its end, and as lines of JSON. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "internal.h"
#include "kept.h"
#include "pail/base/memory.h"

static const char *const outcome_names[OUTCOME_COUNT] = {"applied", "refused", "not sent",
                                                         "conflict", "unknown"};

static int append_piece(const char *data, size_t length, void *out) {
    buffer_append(out, data, length);
    return 0;
}

/* jansson leaves DEL as it is; it can only be in a string. */
static void append_clean(struct buffer *out, const char *text) {
    for (size_t length; *text; text += length) {
        length = strcspn(text, "\x7F");
        buffer_append(out, text, length);
        if (text[length] != '\0') {
            buffer_append_string(out, "\\u007F");
            length++;
        }
    }
}

static void append_line(struct buffer *out, const struct submission_item *item) {
    struct buffer text;
    json_t *line = json_object();
    json_object_set_new(line, "bucketname", kept_text(change_name(item->change)));
    json_object_set_new(line, "op", kept_text(change_op_names[change_op(item->change)]));
    json_object_set_new(line, "outcome", kept_text(outcome_names[item->outcome]));
    json_object_set_new(line, "text", kept_text(item->text));
    json_object_set_new(line, "id", kept_text(item->id));
    buffer_init(&text);
    json_dump_callback(line, append_piece, &text, JSON_ENSURE_ASCII);
    append_clean(out, text.data);
    buffer_append_char(out, '\n');
    buffer_finish(&text);
    json_decref(line);
}

void session_results(const struct session *session, struct buffer *out) {
    struct submission submission;
    struct submission_item item;
    session_submission(session, &submission);
    for (size_t i = 0; i < submission.count; i++) {
        session_submission_item(session, i, &item);
        append_line(out, &item);
    }
}

/* ---- taken out of the session ---------------------------------------------------------------- */

struct submitted {
    struct item **items;
    size_t count;
    struct buffer text; /* of several */
    struct arena arena; /* of what the items' `now` point to */
};

struct submitted *session_take_submission(struct session *session) {
    struct door *door = &session->door;
    if (door->phase != SUBMISSION_DONE)
        return NULL;
    struct submitted *submitted = memory_new(1, sizeof *submitted);
    *submitted = (struct submitted){door->items, door->count, door->text, door->arena};
    for (size_t i = 0; i < submitted->count; i++) {
        submitted->items[i]->taken = true;
        submitted->items[i]->in_batch = false;
    }
    door->items = NULL;
    door->count = 0;
    buffer_init(&door->text);
    arena_init(&door->arena);
    batch_release(session);
    return submitted;
}

void submitted_release(struct submitted *submitted) {
    if (submitted == NULL)
        return;
    for (size_t i = 0; i < submitted->count; i++) {
        submitted->items[i]->taken = false;
        item_free(submitted->items[i]);
    }
    free(submitted->items);
    buffer_finish(&submitted->text);
    arena_finish(&submitted->arena);
    free(submitted);
}

const char *submitted_text(const struct submitted *submitted) {
    const char *text = submitted->count == 1 ? submitted->items[0]->text : submitted->text.data;
    return text ? text : "";
}

void submitted_item(const struct submitted *submitted, size_t index, struct submission_item *item) {
    item_show(submitted->items[index], item);
}

void submitted_result(const struct submitted *submitted, size_t index, struct buffer *out) {
    struct submission_item item;
    submitted_item(submitted, index, &item);
    append_line(out, &item);
}
