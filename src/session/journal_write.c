/* Lines of the journal, made of intents, outcomes and records (doc/journal.md). What goes in is
 * chosen field by field: a secret has no way in. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "journal_internal.h"
#include "kept.h"
#include "pail/base/clock.h"
#include "pail/base/stamp.h"

enum { LINE_FLAGS = JSON_COMPACT | JSON_ENSURE_ASCII };

/* ---- small things ---------------------------------------------------------------------------- */

void journal_make_id(char id[JOURNAL_ID_SIZE]) {
    char stamp[STAMP_SIZE];
    unsigned char random[8];
    size_t length = 0;
    stamp_write(clock_wall_ms(), stamp);
    for (const char *c = stamp; *c; c++)
        if (strchr("-:.Z", *c) == NULL)
            id[length++] = *c;
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        abort(); /* Linux has it for so few bytes */
    id[length++] = '-';
    for (size_t i = 0; i < sizeof random; i++)
        length += (size_t)snprintf(id + length, JOURNAL_ID_SIZE - length, "%02x", random[i]);
}

static void set_text(json_t *line, const char *name, const char *text) {
    if (text != NULL && text[0] != '\0')
        json_object_set_new(line, name, kept_text(text));
}

static void set_time(json_t *line, const char *name, int64_t ms) {
    char stamp[STAMP_SIZE];
    stamp_write(ms, stamp);
    set_text(line, name, stamp);
}

static void set_true(json_t *line, const char *name, bool value) {
    if (value)
        json_object_set_new(line, name, json_true());
}

static json_t *begin_line(const char *kind) {
    json_t *line = json_object();
    json_object_set_new(line, "kind", json_string(kind));
    return line;
}

static int append_piece(const char *data, size_t length, void *out) {
    buffer_append(out, data, length);
    return 0;
}

static void end_line(struct buffer *out, json_t *line) {
    json_dump_callback(line, append_piece, out, LINE_FLAGS);
    json_decref(line);
}

/* ---- entries --------------------------------------------------------------------------------- */

static void set_entries(json_t *line, const struct bucket *before, const struct bucket *after,
                        json_t *withheld) {
    json_t *was = before ? kept_entry(before, withheld) : NULL;
    json_t *is = after ? kept_entry(after, withheld) : NULL;
    for (int field = 0; field < FIELD_COUNT; field++) /* that of the entry before says nothing */
        if (bucket_fields[field].flags & FIELD_VERSION)
            json_object_del(is, bucket_fields[field].name);
    if (json_array_size(withheld) > 0)
        json_object_set(line, "withheld", withheld);
    json_decref(withheld);
    if (was != NULL)
        json_object_set_new(line, "before", was);
    if (is != NULL)
        json_object_set_new(line, "after", is);
}

static void set_fields(json_t *line, const char *name, unsigned fields) {
    if (fields == 0)
        return;
    json_t *names = json_array();
    for (int field = 0; field < FIELD_COUNT; field++)
        if (fields & 1U << field)
            json_array_append_new(names, json_string(bucket_fields[field].name));
    json_object_set_new(line, name, names);
}

/* ---- lines ----------------------------------------------------------------------------------- */

void journal_write_begin(struct buffer *line, unsigned file, const char *previous) {
    json_t *begin = begin_line("begin");
    json_object_set_new(begin, "format", json_integer(1));
    json_object_set_new(begin, "file", json_integer(file));
    set_time(begin, "when", clock_wall_ms());
    set_text(begin, "previous", previous);
    end_line(line, begin);
}

void journal_write_torn(struct buffer *line, size_t bytes) {
    json_t *torn = begin_line("torn");
    set_time(torn, "when", clock_wall_ms());
    json_object_set_new(torn, "bytes", json_integer((json_int_t)bytes));
    end_line(line, torn);
}

/* Which fields the change sets, and which of them it empties. */
static void list_changed(const struct change *change, unsigned *changed, unsigned *cleared) {
    *changed = *cleared = 0;
    for (size_t i = 0; i < change_line_count(change); i++) {
        struct change_line line = change_line(change, i);
        if (line.kind != LINE_KEPT && line.kind != LINE_LOST)
            *changed |= 1U << line.field;
        if (line.kind == LINE_CLEARED)
            *cleared |= 1U << line.field;
    }
}

/* What an intent and what is carried over have in common. */
static json_t *begin_operation(const char *kind, const struct journal_record *record) {
    json_t *line = json_object();
    set_text(line, "kind", kind);
    set_text(line, "id", record->id);
    set_time(line, "when", record->when_ms);
    set_text(line, "login", record->login);
    set_text(line, "run", record->run);
    if (record->until_ms != 0)
        set_time(line, "until", record->until_ms);
    set_text(line, "user", record->user);
    set_text(line, "profile", record->profile);
    set_text(line, "host", record->host);
    set_text(line, "op", change_op_names[record->op]);
    set_text(line, "bucket", record->bucket);
    set_text(line, "reason", record->reason);
    set_text(line, "undoes", record->undoes);
    set_fields(line, "changed", record->changed);
    set_fields(line, "cleared", record->cleared);
    return line;
}

void journal_write_intent(struct buffer *line, const struct journal_intent *intent, const char *id,
                          const struct journal *journal) {
    const struct change *change = intent->change;
    struct journal_record record = {
        .id = id,
        .when_ms = clock_wall_ms(),
        .login = journal->login,
        .run = journal->run,
        .until_ms = intent->until_ms,
        .user = intent->user,
        .profile = intent->profile,
        .host = intent->host,
        .reason = intent->reason,
        .undoes = intent->undoes,
        .op = change_op(change),
        .bucket = change_name(change),
    };
    list_changed(change, &record.changed, &record.cleared);
    json_t *operation = begin_operation("intent", &record);
    set_entries(operation, change_before(change), change_wanted(change), json_array());
    end_line(line, operation);
}

static void set_outcome(json_t *line, const struct journal_outcome *outcome) {
    set_text(line, "state", journal_state_names[outcome->state]);
    set_true(line, "accepted", outcome->accepted);
    set_true(line, "by_hand", outcome->by_hand);
    if (outcome->ended_ms != 0)
        set_time(line, "ended", outcome->ended_ms);
    set_text(line, "text", outcome->text);
}

void journal_write_outcome(struct buffer *line, const struct journal_outcome *outcome,
                           const char *login) {
    json_t *object = begin_line("outcome");
    set_text(object, "id", outcome->id);
    set_time(object, "when", clock_wall_ms());
    set_text(object, "login", login);
    set_outcome(object, outcome);
    end_line(line, object);
}

static json_t *split_names(const char *names) {
    json_t *array = json_array();
    while (*names) {
        size_t length = strcspn(names, ",");
        json_array_append_new(array, json_stringn(names, length));
        names += length + strspn(names + length, ", ");
    }
    return array;
}

/* An operation with its last outcome. */
static void write_record(struct buffer *line, const char *kind,
                         const struct journal_record *record) {
    const struct journal_outcome outcome = {
        .state = record->state,
        .accepted = record->accepted,
        .by_hand = record->by_hand,
        .ended_ms = record->ended_ms,
        .text = record->text,
    };
    json_t *operation = begin_operation(kind, record);
    set_outcome(operation, &outcome);
    set_entries(operation, record->has_before ? &record->before : NULL,
                record->has_after ? &record->after : NULL, split_names(record->withheld));
    end_line(line, operation);
}

void journal_write_carry(struct buffer *line, const struct journal_record *record) {
    write_record(line, "carry", record);
}

void journal_record_json(const struct journal_record *record, struct buffer *json) {
    write_record(json, NULL, record);
}
