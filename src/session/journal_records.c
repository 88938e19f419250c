/* Records, made of the journal's lines. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "journal_internal.h"
#include "kept.h"
#include "pail/base/memory.h"
#include "pail/base/stamp.h"

void journal_records_init(struct journal_records *records) {
    *records = (struct journal_records){.only_carried = true};
    arena_init(&records->arena);
}

void journal_records_finish(struct journal_records *records) {
    arena_finish(&records->arena);
    free(records->records);
    free(records->slots);
    journal_records_init(records);
}

/* ---- by id ----------------------------------------------------------------------------------- */

/* FNV-1a. Where the id is, or would be. */
static size_t slot_of(const struct journal_records *records, const char *id) {
    uint64_t hash = 14695981039346656037U;
    for (const char *c = id; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 1099511628211U;
    size_t slot = (size_t)hash & (records->slot_count - 1);
    while (records->slots[slot] != 0 &&
           strcmp(records->records[records->slots[slot] - 1].id, id) != 0)
        slot = (slot + 1) & (records->slot_count - 1);
    return slot;
}

/* Every record in a table that is at most half full. */
static void index_records(struct journal_records *records) {
    free(records->slots);
    records->slot_count = 64;
    while (records->slot_count < 2 * records->capacity)
        records->slot_count *= 2;
    records->slots = memory_new(records->slot_count, sizeof *records->slots);
    for (size_t i = 0; i < records->count; i++)
        records->slots[slot_of(records, records->records[i].id)] = i + 1;
}

struct journal_record *journal_records_find(const struct journal_records *records, const char *id) {
    if (records->count == 0)
        return NULL;
    size_t index = records->slots[slot_of(records, id)];
    return index ? &records->records[index - 1] : NULL;
}

static void reserve(struct journal_records *records, size_t count) {
    if (count <= records->capacity)
        return;
    while (records->capacity < count)
        records->capacity = records->capacity ? records->capacity * 2 : 32;
    records->records = memory_resize(records->records, records->capacity, sizeof *records->records);
    index_records(records);
}

static void add(struct journal_records *records, const struct journal_record *record) {
    reserve(records, records->count + 1);
    struct journal_record *place = &records->records[records->count++];
    *place = *record;
    records->slots[slot_of(records, record->id)] = records->count;
}

void journal_records_prepend(struct journal_records *records, const struct journal_records *older) {
    struct journal_records all;
    if (older->records == NULL)
        return;
    journal_records_init(&all);
    reserve(&all, older->count + records->count);
    for (size_t i = 0; i < older->count; i++)
        if (journal_records_find(records, older->records[i].id) == NULL)
            add(&all, &older->records[i]);
    for (size_t i = 0; records->records != NULL && i < records->count; i++)
        add(&all, &records->records[i]);
    free(records->records);
    free(records->slots);
    records->records = all.records;
    records->slots = all.slots;
    records->slot_count = all.slot_count;
    records->count = all.count;
    records->capacity = all.capacity;
}

/* ---- members --------------------------------------------------------------------------------- */

static const char *text(struct journal_records *records, const json_t *line, const char *name) {
    const char *value = json_string_value(json_object_get(line, name));
    return value && value[0] ? arena_string(&records->arena, value) : "";
}

static int64_t time_of(const json_t *line, const char *name) {
    const char *value = json_string_value(json_object_get(line, name));
    int64_t ms = 0;
    return value && stamp_read(value, &ms) ? ms : 0;
}

static bool is_true(const json_t *line, const char *name) {
    return json_is_true(json_object_get(line, name));
}

static unsigned fields_of(const json_t *line, const char *name) {
    unsigned fields = 0;
    size_t i;
    const json_t *value;
    json_array_foreach(json_object_get(line, name), i, value) {
        enum bucket_field field =
            json_is_string(value) ? bucket_field_by_name(json_string_value(value)) : FIELD_COUNT;
        if (field < FIELD_COUNT)
            fields |= 1U << field;
    }
    return fields;
}

static const char *names_of(struct journal_records *records, const json_t *line, const char *name) {
    struct buffer names;
    size_t i;
    const json_t *value;
    buffer_init(&names);
    json_array_foreach(json_object_get(line, name), i, value) if (json_is_string(value))
        buffer_printf(&names, "%s%s", names.length > 0 ? ", " : "", json_string_value(value));
    const char *copy = names.length > 0 ? arena_string(&records->arena, names.data) : "";
    buffer_finish(&names);
    return copy;
}

/* The index of the member's word among those, or -1. */
static int choice_of(const json_t *line, const char *name, const char *const *words, int count) {
    const char *value = json_string_value(json_object_get(line, name));
    for (int i = 0; value && i < count; i++)
        if (strcmp(value, words[i]) == 0)
            return i;
    return -1;
}

void journal_record_fields(const struct journal_record *record, struct buffer *names) {
    const char *separator = "";
    for (int field = 0; field < FIELD_COUNT; field++)
        if (record->changed & 1U << field) {
            buffer_printf(names, "%s%s", separator, bucket_fields[field].name);
            separator = ", ";
        }
}

/* ---- lines ----------------------------------------------------------------------------------- */

static bool take_state(struct journal_records *records, const json_t *line,
                       struct journal_record *record) {
    int state = choice_of(line, "state", journal_state_names, JOURNAL_STATES);
    if (state < 0)
        return false;
    record->state = (enum journal_state)state;
    record->accepted = is_true(line, "accepted");
    record->by_hand = is_true(line, "by_hand");
    record->ended_ms = time_of(line, "ended");
    record->text = text(records, line, "text");
    return true;
}

static bool take_operation(struct journal_records *records, const json_t *line, bool carried) {
    const char *id = json_string_value(json_object_get(line, "id"));
    int op = choice_of(line, "op", change_op_names, CHANGE_DELETE + 1);
    if (id == NULL || id[0] == '\0' || strlen(id) >= JOURNAL_ID_SIZE || op < 0)
        return false;
    if (journal_records_find(records, id) != NULL)
        return carried; /* known from the file before */
    struct journal_record record = {
        .id = text(records, line, "id"),
        .when_ms = time_of(line, "when"),
        .login = text(records, line, "login"),
        .run = text(records, line, "run"),
        .until_ms = time_of(line, "until"),
        .user = text(records, line, "user"),
        .profile = text(records, line, "profile"),
        .host = text(records, line, "host"),
        .reason = text(records, line, "reason"),
        .undoes = text(records, line, "undoes"),
        .op = (enum change_op)op,
        .bucket = text(records, line, "bucket"),
        .changed = fields_of(line, "changed"),
        .cleared = fields_of(line, "cleared"),
        .withheld = names_of(records, line, "withheld"),
        .text = "",
    };
    record.has_before =
        kept_entry_read(&records->arena, json_object_get(line, "before"), &record.before);
    record.has_after =
        kept_entry_read(&records->arena, json_object_get(line, "after"), &record.after);
    if (carried && !take_state(records, line, &record))
        return false;
    add(records, &record);
    return true;
}

static bool take_outcome(struct journal_records *records, const json_t *line) {
    const char *id = json_string_value(json_object_get(line, "id"));
    if (id == NULL)
        return false;
    struct journal_record *record = journal_records_find(records, id);
    return record == NULL || take_state(records, line, record); /* NULL: of a file before */
}

static bool take(struct journal_records *records, const json_t *line) {
    enum { BEGIN, INTENT, OUTCOME, CARRY, TORN, KINDS };
    static const char *const kinds[KINDS] = {"begin", "intent", "outcome", "carry", "torn"};
    int kind = choice_of(line, "kind", kinds, KINDS);
    records->only_carried = records->only_carried && (kind == BEGIN || kind == CARRY);
    switch (kind) {
    case BEGIN:
        records->file = (unsigned)json_integer_value(json_object_get(line, "file"));
        return true;
    case INTENT:
    case CARRY:
        return take_operation(records, line, kind == CARRY);
    case OUTCOME:
        return take_outcome(records, line);
    default:
        return kind == TORN;
    }
}

bool journal_records_take(struct journal_records *records, const char *line, size_t length) {
    json_t *object = json_loadb(line, length, 0, NULL);
    bool good = object != NULL && take(records, object);
    json_decref(object);
    return good;
}

unsigned journal_file_number(int file) {
    struct journal_lines lines;
    struct journal_records records;
    struct stat info;
    const char *line;
    size_t length;
    journal_lines_init(&lines, file, 0, fstat(file, &info) == 0 ? info.st_size : 0);
    journal_records_init(&records);
    if (journal_lines_next(&lines, &line, &length))
        journal_records_take(&records, line, length);
    unsigned number = records.file;
    journal_records_finish(&records);
    journal_lines_finish(&lines);
    return number;
}
