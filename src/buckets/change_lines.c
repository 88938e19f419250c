/* The difference, line by line, and the notes that a review shows. */
#include <stdio.h>
#include <string.h>

#include "change_internal.h"
#include "pail/buckets/extra.h"

size_t change_line_count(const struct change *change) {
    return change->line_count;
}

struct change_line change_line(const struct change *change, size_t index) {
    return change->lines[index];
}

size_t change_note_count(const struct change *change) {
    return change->note_count;
}

const char *change_note(const struct change *change, size_t index) {
    return change->notes[index];
}

/* ---- lines ----------------------------------------------------------------------------------- */

static const char *masked(struct change *change, const struct bucket *bucket, int field) {
    const char *value = bucket->value[field];
    if (!change_is_secret(field) || value[0] == '\0')
        return value;
    char text[48];
    snprintf(text, sizeof text, "*** (%zu bytes)", strlen(value));
    return arena_string(&change->arena, text);
}

static void add_line(struct change *change, enum change_line_kind kind, int field,
                     const char *before, const char *after) {
    change->lines[change->line_count++] =
        (struct change_line){kind, (enum bucket_field)field, before, after};
}

/* Whether the entry may hold a secret there, though the listing doesn't show it, or just that it is
 * there, by asterisks. */
static bool may_hold(const struct change *change, int field) {
    if (change->before.value[field][0] != '\0')
        return true;
    if (field == FIELD_SECRET_ACCESS_KEY)
        return bucket_access(&change->before) != ACCESS_ROLE ||
               bucket_access(&change->wanted) != ACCESS_ROLE;
    return bucket_fields[field].clouds &
           (1U << bucket_cloud(&change->before) | 1U << bucket_cloud(&change->wanted));
}

static void list_secret(struct change *change, int field) {
    bool seen = change_seen(&change->before, field)[0] != '\0';
    const char *before = seen ? masked(change, &change->before, field) : "not shown";
    if (change->secrets[field] == SECRET_REPLACE)
        add_line(change, LINE_CHANGED, field, before, masked(change, &change->wanted, field));
    else if (change->secrets[field] == SECRET_CLEAR)
        add_line(change, LINE_CLEARED, field, before, "");
    else if (may_hold(change, field))
        add_line(change, change->op == CHANGE_ADD ? LINE_LOST : LINE_KEPT, field, "", "");
}

static void list_value(struct change *change, int field) {
    const char *before = change->before.value[field], *after = change->wanted.value[field];
    if (strcmp(change_seen(&change->before, field), change_seen(&change->wanted, field)) != 0)
        add_line(change,
                 before[0] == '\0'  ? LINE_SET
                 : after[0] == '\0' ? LINE_CLEARED
                                    : LINE_CHANGED,
                 field, before, after);
    else if (change->op == CHANGE_ADD && after[0] != '\0')
        add_line(change, LINE_KEPT, field, before, after);
}

static void list_difference(struct change *change) {
    for (int field = 0; field < FIELD_COUNT; field++)
        if (change_is_secret(field))
            list_secret(change, field);
        else if (change_can_set(field) && field != FIELD_NAME)
            list_value(change, field);
}

void change_write_lines(struct change *change) {
    if (change->op != CHANGE_DELETE && change->has_before) {
        list_difference(change);
        return;
    }
    bool removes = change->op == CHANGE_DELETE;
    const struct bucket *bucket = removes ? &change->before : &change->wanted;
    for (int field = 0; field < FIELD_COUNT; field++) {
        const char *value = masked(change, bucket, field);
        if (bucket_fields[field].flags & FIELD_VERSION)
            continue;
        if (value[0] != '\0' && removes)
            add_line(change, LINE_REMOVED, field, value, "");
        else if (value[0] != '\0')
            add_line(change, LINE_SET, field, "", value);
    }
}

/* ---- in words -------------------------------------------------------------------------------- */

const char *change_shown(enum bucket_field field, const char *value) {
    if (value[0] != '\0')
        return value;
    return field == FIELD_ENDPOINT ? "default" : "empty";
}

void change_describe_line(const struct change *change, const struct change_line *line,
                          const char *arrow, struct buffer *out) {
    const char *before = change_shown(line->field, line->before);
    const char *after = change_shown(line->field, line->after);
    switch (line->kind) {
    case LINE_SET:
    case LINE_CHANGED:
        if (change->has_before)
            buffer_printf(out, "%s  %s  ", before, arrow);
        buffer_append_string(out, after);
        break;
    case LINE_CLEARED:
        if (line->before[0] != '\0')
            buffer_printf(out, "%s  %s  ", before, arrow);
        buffer_append_string(out, "cleared");
        break;
    case LINE_KEPT:
        buffer_append_string(out, line->after[0] != '\0' ? line->after : "kept");
        break;
    case LINE_LOST:
        buffer_append_string(out, "! lost unless it is given again");
        break;
    case LINE_REMOVED:
        buffer_printf(out, "%s  %s  removed", before, arrow);
        break;
    }
}

/* ---- notes ----------------------------------------------------------------------------------- */

void change_add_note(struct change *change, const char *text) {
    if (change->note_count < CHANGE_NOTES)
        change->notes[change->note_count++] = arena_string(&change->arena, text);
}

static void note_secrets(struct change *change) {
    for (int field = 0; field < FIELD_COUNT; field++) {
        if (!change_is_secret(field) || change->secrets[field] != SECRET_KEEP)
            continue;
        /* Of a sharedSecret no other field tells whether there is one. */
        if (field != FIELD_SHARED_SECRET && !may_hold(change, field))
            continue;
        char text[128];
        snprintf(text, sizeof text, "a %s, if one is set, must be given again or it is lost",
                 bucket_fields[field].name);
        change_add_note(change, text);
    }
}

static bool name_field(void *context, const char *name, const char *value, bool secret) {
    struct buffer *names = context;
    (void)value, (void)secret;
    buffer_printf(names, "%s%s", names->length > 0 ? ", " : "", name);
    return true;
}

static void note_unknown_fields(struct change *change) {
    struct buffer names, text;
    buffer_init(&names);
    buffer_init(&text);
    if (change->before.value[FIELD_DDB_TABLE][0] != '\0')
        name_field(&names, bucket_fields[FIELD_DDB_TABLE].name, "", false);
    extra_each(change->before.extra, name_field, &names);
    buffer_printf(&text, "not sent, so that the service decides whether it stays: %s", names.data);
    if (names.length > 0)
        change_add_note(change, text.data);
    buffer_finish(&names);
    buffer_finish(&text);
}

static void note_clearing(struct change *change) {
    for (size_t i = 0; i < change->line_count; i++)
        if (change->lines[i].kind == LINE_CLEARED) {
            change_add_note(change,
                            "an empty value is sent to clear a field; InfinStor's page doesn't "
                            "say that it does: the table read afterwards tells");
            return;
        }
}

void change_write_notes(struct change *change) {
    if (change->op == CHANGE_MODIFY)
        note_clearing(change);
    if (change->op != CHANGE_ADD || !change->has_before)
        return;
    change_add_note(change,
                    change->switches
                        ? "replaces the entry: the documented way to switch between role and key"
                        : "replaces the entry that has this name: every field is set anew");
    note_secrets(change);
    note_unknown_fields(change);
}
