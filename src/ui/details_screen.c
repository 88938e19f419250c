/* All fields of one entry, also those that we don't know, with what the rules say. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "entry_act.h"
#include "pail/base/memory.h"
#include "pail/buckets/column.h"
#include "pail/buckets/extra.h"
#include "pail/buckets/rules.h"
#include "review_text.h"
#include "text_screen.h"

struct details {
    struct arena arena;
    struct bucket bucket;
    unsigned long table_serial; /* of the table that it is from; 0: the one it was opened on */
    bool gone;
};

enum { LABEL_WIDTH = 20 };

static void write_label(struct text_view *view, const char *label) {
    char text[64];
    snprintf(text, sizeof text, "%-*s  ", LABEL_WIDTH, label);
    text_view_add_string(view, STYLE_LABEL, text);
}

static void write_masked(struct text_view *view, const char *value) {
    char text[48];
    snprintf(text, sizeof text, "*** (%zu bytes)", strlen(value));
    text_view_add_string(view, STYLE_NORMAL, text);
}

static void write_verdict(struct text_view *view, const struct bucket *bucket,
                          enum bucket_field field) {
    struct verdict verdict;
    rules_check(bucket, field, &verdict);
    if (verdict.level == RULE_OK)
        return;
    enum style style = verdict.level == RULE_ERROR ? STYLE_ERROR : STYLE_WARNING;
    write_label(view, "");
    text_view_add_string(view, style, "! ");
    text_view_add_raw(view, style, verdict.text);
    text_view_add_string(view, STYLE_DIM, " (");
    text_view_add_string(view, STYLE_DIM, verdict.rule);
    text_view_add_string(view, STYLE_DIM, ")\n");
}

static void write_field(struct text_view *view, const struct bucket *bucket,
                        enum bucket_field field) {
    const struct bucket_field_info *info = &bucket_fields[field];
    const char *value = bucket->value[field];
    bool used = info->clouds & (1U << bucket_cloud(bucket));
    if (value[0] == '\0' && (!used || info->flags & FIELD_VERSION))
        return;
    write_label(view, info->label);
    if (value[0] == '\0' && (info->flags & FIELD_SECRET))
        text_view_add_string(view, STYLE_DIM, "not shown by the service");
    else if (value[0] == '\0')
        text_view_add_string(view, STYLE_DIM,
                             field == FIELD_ENDPOINT ? "the cloud's default" : "-");
    else if (info->flags & FIELD_SECRET)
        write_masked(view, value);
    else
        text_view_add_raw(view, STYLE_NORMAL, value);
    if (bucket->odd & (1U << field))
        text_view_add_string(view, STYLE_WARNING, "  (the service sent no text here)");
    text_view_add_string(view, STYLE_NORMAL, "\n");
    write_verdict(view, bucket, field);
}

static bool write_extra(void *context, const char *name, const char *value, bool secret) {
    struct text_view *view = context;
    struct buffer label;
    buffer_init(&label);
    text_append_safe(&label, name, strlen(name), text_charset());
    write_label(view, label.data);
    buffer_finish(&label);
    if (secret)
        write_masked(view, value);
    else
        text_view_add_raw(view, STYLE_NORMAL, value);
    text_view_add_string(view, STYLE_DIM, "  (a field that pail doesn't know)\n");
    return true;
}

/* The entry as another table has it; what was known stays if it is gone. In the table that it was
 * opened on, a second entry may have its name. */
static void refresh(struct details *details, struct session *session) {
    struct table *table = session_table(session);
    unsigned long serial = session_table_serial(session);
    struct bucket now;
    size_t row;
    bool same = details->table_serial == 0 || details->table_serial == serial;
    details->table_serial = serial;
    if (same || details->bucket.unreadable || table == NULL)
        return;
    bool found = table_find(table, details->bucket.value[FIELD_NAME], &row);
    details->gone = !found && !session_is_partial(session);
    if (!found)
        return;
    table_get(table, row, &now);
    struct arena arena;
    arena_init(&arena);
    details->bucket = bucket_copy(&arena, &now);
    arena_finish(&details->arena);
    details->arena = arena;
}

static void write_unsettled(const struct session *session, const char *name,
                            struct text_view *view) {
    int64_t settles_ms = session_settles_ms(session, name);
    struct buffer text;
    if (!session_is_unsettled(session, name))
        return;
    buffer_init(&text);
    buffer_append_string(
        &text, "? A change of this bucket is not settled: r on the list reads the table again.");
    if (settles_ms > 0) {
        buffer_append_char(&text, ' ');
        review_text_settling(settles_ms, &text);
    }
    text_view_add_string(view, STYLE_WARNING, text.data);
    text_view_add_string(view, STYLE_NORMAL, "\n\n");
    buffer_finish(&text);
}

static void write_details(void *data, struct app *app, struct text_view *view) {
    struct details *details = data;
    const struct bucket *bucket = &details->bucket;
    if (bucket->unreadable) {
        text_view_add_string(view, STYLE_WARNING, "This entry could not be read. It came as:\n\n");
        text_view_add_raw(view, STYLE_NORMAL, bucket->extra);
        return;
    }
    refresh(details, app->session);
    if (details->gone)
        text_view_add_string(view, STYLE_WARNING,
                             "This entry is not in the table any more. It was:\n\n");
    write_unsettled(app->session, bucket->value[FIELD_NAME], view);
    for (int field = 0; field < FIELD_COUNT; field++)
        write_field(view, bucket, (enum bucket_field)field);
    write_label(view, "Access");
    text_view_add_string(view, STYLE_NORMAL, column_text(bucket, COLUMN_ACCESS));
    text_view_add_string(view, STYLE_NORMAL, "\n");
    extra_each(bucket->extra, write_extra, view);
}

static bool details_act(void *data, struct app *app, enum action action) {
    return entry_act(app, &((struct details *)data)->bucket, action);
}

static void details_destroy(void *data) {
    struct details *details = data;
    arena_finish(&details->arena);
    free(details);
}

static const struct text_source details_source = {
    .context = IN_DETAILS,
    .title = "details",
    .follows_session = true,
    .write = write_details,
    .act = details_act,
    .destroy = details_destroy,
};

struct screen *details_screen_create(const struct bucket *bucket) {
    struct details *details = memory_new(1, sizeof *details);
    arena_init(&details->arena);
    details->bucket = bucket_copy(&details->arena, bucket);
    return text_screen_create(&details_source, details);
}
