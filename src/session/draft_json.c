/* A draft as JSON, and back. */
#include "draft_json.h"

#include <string.h>

#include "kept.h"
#include "pail/base/stamp.h"

/* What "op" is of the form for many; of the others it is a change's. */
#define BULK_OP "bulk"

static json_t *names_of(unsigned fields) {
    json_t *names = json_array();
    for (int field = 0; field < FIELD_COUNT; field++)
        if (fields & 1U << field)
            json_array_append_new(names, json_string(bucket_fields[field].name));
    return names;
}

static void write_one(json_t *object, const struct draft *draft) {
    json_t *withheld = json_array();
    json_object_set_new(object, "op", json_string(change_op_names[draft->op]));
    json_object_set_new(object, "bucket", kept_text(draft->typed.value[FIELD_NAME]));
    if (draft->op == CHANGE_MODIFY)
        json_object_set_new(object, "opened", kept_entry(&draft->opened, withheld));
    json_object_set_new(object, "typed", kept_entry(&draft->typed, withheld));
    json_object_set_new(object, "access", json_string(bucket_access_names[draft->access]));
    json_object_set_new(object, "clear", names_of(draft->clear));
    json_decref(withheld);
}

static void write_many(json_t *object, const struct draft *draft) {
    json_t *names = json_array();
    for (size_t i = 0; i < draft->count; i++)
        json_array_append_new(names, kept_text(draft->names[i]));
    json_object_set_new(object, "op", json_string(BULK_OP));
    json_object_set_new(object, "kind", json_string(bulk_kinds[draft->kind].name));
    json_object_set_new(object, "value", kept_text(draft->value));
    json_object_set_new(object, "names", names);
}

json_t *draft_json(const struct draft *draft) {
    char stamp[STAMP_SIZE];
    json_t *object = json_object();
    stamp_write((int64_t)draft->when * 1000, stamp);
    json_object_set_new(object, "id", json_string(draft->id));
    json_object_set_new(object, "when", json_string(stamp));
    json_object_set_new(object, "profile", kept_text(draft->profile));
    json_object_set_new(object, "host", kept_text(draft->host));
    if (draft->count > 0)
        write_many(object, draft);
    else
        write_one(object, draft);
    json_object_set_new(object, "again", names_of(draft->again));
    json_object_set_new(object, "sent", json_boolean(draft->sent));
    return object;
}

const char *draft_json_text(const json_t *object, const char *name) {
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

static unsigned fields_of(const json_t *object, const char *name) {
    unsigned fields = 0;
    size_t i;
    const json_t *value;
    json_array_foreach(json_object_get(object, name), i, value) {
        const char *text = json_string_value(value);
        enum bucket_field field = text ? bucket_field_by_name(text) : FIELD_COUNT;
        if (field < FIELD_COUNT && (bucket_fields[field].flags & FIELD_SECRET))
            fields |= 1U << field;
    }
    return fields;
}

static enum bucket_access access_of(const char *name) {
    int access = ACCESS_ROLE;
    while (access < ACCESS_NONE && strcmp(bucket_access_names[access], name) != 0)
        access++;
    return access < ACCESS_NONE ? (enum bucket_access)access : ACCESS_ROLE;
}

static bool read_one(const json_t *object, struct draft *draft) {
    const char *op = draft_json_text(object, "op");
    bool edits = strcmp(op, change_op_names[CHANGE_MODIFY]) == 0;
    draft->op = edits ? CHANGE_MODIFY : CHANGE_ADD;
    if (!edits && strcmp(op, change_op_names[CHANGE_ADD]) != 0)
        return false;
    draft->access = access_of(draft_json_text(object, "access"));
    draft->clear = fields_of(object, "clear");
    return kept_entry_read(&draft->arena, json_object_get(object, "typed"), &draft->typed) &&
           (!edits ||
            (kept_entry_read(&draft->arena, json_object_get(object, "opened"), &draft->opened) &&
             draft->opened.value[FIELD_NAME][0] != '\0'));
}

static bool read_names(const json_t *names, struct draft *draft) {
    size_t i;
    const json_t *name;
    draft->names = arena_new(&draft->arena, (json_array_size(names) + 1) * sizeof *draft->names,
                             _Alignof(const char *));
    json_array_foreach(names, i, name) {
        if (!json_is_string(name))
            return false;
        draft->names[draft->count++] = arena_string(&draft->arena, json_string_value(name));
    }
    return draft->count > 0;
}

static bool read_many(const json_t *object, struct draft *draft) {
    draft->op = CHANGE_MODIFY;
    draft->kind = bulk_kind_by_name(draft_json_text(object, "kind"));
    draft->value = arena_string(&draft->arena, draft_json_text(object, "value"));
    return draft->kind != BULK_KIND_COUNT && bulk_is_typed(draft->kind) &&
           read_names(json_object_get(object, "names"), draft);
}

static bool read_all(const json_t *object, struct draft *draft) {
    int64_t ms = 0;
    const char *id = draft_json_text(object, "id");
    if (id[0] == '\0' || strlen(id) >= DRAFT_ID_SIZE ||
        !stamp_read(draft_json_text(object, "when"), &ms))
        return false;
    memcpy(draft->id, id, strlen(id) + 1);
    draft->when = (time_t)(ms / 1000);
    draft->profile = arena_string(&draft->arena, draft_json_text(object, "profile"));
    draft->host = arena_string(&draft->arena, draft_json_text(object, "host"));
    draft->again = fields_of(object, "again");
    draft->sent = json_is_true(json_object_get(object, "sent"));
    return strcmp(draft_json_text(object, "op"), BULK_OP) == 0 ? read_many(object, draft)
                                                               : read_one(object, draft);
}

bool draft_json_read(const json_t *object, struct draft *draft) {
    draft_init(draft);
    bool good = read_all(object, draft);
    if (!good)
        draft_finish(draft);
    return good;
}
