/* One record of the journal, whole. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "journal_screen.h"
#include "pail/base/memory.h"
#include "pail/base/stamp.h"
#include "pail/buckets/extra.h"
#include "text_screen.h"

enum { LABEL_WIDTH = 20 };

static void write_label(struct text_view *view, const char *label) {
    char text[64];
    snprintf(text, sizeof text, "%-*s  ", LABEL_WIDTH, label);
    text_view_add_string(view, STYLE_LABEL, text);
}

static void write_line(struct text_view *view, const char *label, enum style style,
                       const char *text) {
    if (text[0] == '\0')
        return;
    write_label(view, label);
    text_view_add_raw(view, style, text);
    text_view_add_string(view, STYLE_NORMAL, "\n");
}

static void write_time(struct text_view *view, const char *label, int64_t ms) {
    char when[STAMP_SIZE];
    if (ms == 0)
        return;
    stamp_write_local(ms, when);
    write_line(view, label, STYLE_NORMAL, when);
}

/* ---- what was changed ------------------------------------------------------------------------ */

static void write_secret(struct text_view *view, const struct journal_record *record, int field) {
    if (!(record->changed & 1U << field))
        return;
    write_line(view, bucket_fields[field].label, STYLE_NORMAL,
               record->cleared & 1U << field ? "cleared"
               : record->op == CHANGE_DELETE ? "removed; it isn't recorded"
                                             : "given anew; it isn't recorded");
}

static void write_field(struct text_view *view, const struct app *app,
                        const struct journal_record *record, int field) {
    const char *before = record->before.value[field], *after = record->after.value[field];
    bool changed = record->changed & 1U << field;
    if (before[0] == '\0' && after[0] == '\0')
        return;
    write_label(view, bucket_fields[field].label);
    if (changed && record->has_before) {
        text_view_add_raw(view, STYLE_NORMAL, before[0] ? before : "empty");
        text_view_add_string(view, STYLE_DIM, "  ");
        text_view_add_string(view, STYLE_DIM, terminal_sign(app->terminal, SIGN_ARROW));
        text_view_add_string(view, STYLE_DIM, "  ");
    }
    if (record->op == CHANGE_DELETE)
        text_view_add_raw(view, changed ? STYLE_DIM : STYLE_NORMAL, changed ? "removed" : before);
    else
        text_view_add_raw(view, changed ? STYLE_NORMAL : STYLE_DIM, after[0] ? after : "empty");
    text_view_add_string(view, STYLE_NORMAL, "\n");
}

/* No request sets it, so that the one afterwards isn't known. */
static void write_version(struct text_view *view, const struct journal_record *record, int field) {
    struct buffer text;
    const char *before = record->before.value[field];
    if (before[0] == '\0')
        return;
    buffer_init(&text);
    buffer_printf(&text, "%s, before the change", before);
    write_line(view, bucket_fields[field].label, STYLE_NORMAL, text.data);
    buffer_finish(&text);
}

static bool write_extra(void *context, const char *name, const char *value, bool secret) {
    struct text_view *view = context;
    struct buffer label;
    (void)secret; /* there are none in the journal */
    buffer_init(&label);
    text_append_safe(&label, name, strlen(name), text_charset());
    write_line(view, label.data, STYLE_DIM, value[0] ? value : "-");
    buffer_finish(&label);
    return true;
}

static void write_entry(struct text_view *view, const struct app *app,
                        const struct journal_record *record) {
    for (int field = 0; field < FIELD_COUNT; field++)
        if (bucket_fields[field].flags & FIELD_SECRET)
            write_secret(view, record, field);
        else if (bucket_fields[field].flags & FIELD_VERSION)
            write_version(view, record, field);
        else if (field != FIELD_NAME)
            write_field(view, app, record, field);
    extra_each(record->before.extra, write_extra, view);
    write_line(view, "Not recorded", STYLE_DIM, record->withheld);
}

/* ---- who, when, what came of it -------------------------------------------------------------- */

static void write_outcome(struct text_view *view, const struct journal *journal,
                          const struct journal_record *record) {
    bool running = !journal_is_settled(record->state) && journal_is_running(journal, record);
    write_label(view, "Outcome");
    text_view_add_string(view, journal_state_style(record->state),
                         journal_state_names[record->state]);
    if (running)
        text_view_add_string(view, STYLE_WARNING, "; another pail that is running is at it");
    if (record->by_hand)
        text_view_add_string(view, STYLE_NORMAL, ", as somebody said");
    if (record->accepted)
        text_view_add_string(view, STYLE_NORMAL, "; the service accepted it");
    text_view_add_string(view, STYLE_NORMAL, "\n");
    write_line(view, "", STYLE_NORMAL, record->text);
    write_time(view, "Ended", record->ended_ms);
}

/* While it isn't settled. */
static void write_settling(struct text_view *view, const struct session *session, const char *id) {
    struct unsettled_entry entry;
    for (size_t i = 0; i < session_unsettled(session); i++) {
        session_unsettled_entry(session, i, &entry);
        if (entry.settles_ms == 0 || strcmp(entry.id, id) != 0)
            continue;
        char when[STAMP_SIZE];
        stamp_write_local(entry.settles_ms, when);
        write_label(view, "Settles");
        text_view_add_string(view, STYLE_NORMAL, "as not applied at the earliest ");
        text_view_add_string(view, STYLE_NORMAL, when);
        text_view_add_string(view, STYLE_NORMAL, ", if the table is as before then\n");
    }
}

static void write_undo(struct text_view *view, const struct journal *journal,
                       const struct journal_record *record) {
    char when[STAMP_SIZE];
    struct buffer text;
    const struct journal_record *undone = journal_find(journal, record->undoes);
    if (record->undoes[0] == '\0')
        return;
    buffer_init(&text);
    if (undone != NULL) {
        stamp_write_local(undone->when_ms, when);
        buffer_printf(&text, "%s %s, of %s", change_op_names[undone->op], undone->bucket, when);
    } else
        buffer_append_string(&text, record->undoes);
    write_line(view, "Undoes", STYLE_NORMAL, text.data);
    buffer_finish(&text);
}

static void write_record(void *data, struct app *app, struct text_view *view) {
    struct journal *journal = session_journal(app->session);
    const struct journal_record *record = journal ? journal_find(journal, data) : NULL;
    if (record == NULL) {
        text_view_add_string(view, STYLE_WARNING, "The journal that is read here lacks it now.\n");
        return;
    }
    write_line(view, "What", STYLE_TITLE, change_op_names[record->op]);
    write_line(view, "Bucket name", STYLE_TITLE, record->bucket);
    write_time(view, "When", record->when_ms);
    write_outcome(view, journal, record);
    write_settling(view, app->session, record->id);
    write_line(view, "User", STYLE_NORMAL, record->user);
    write_line(view, "Login name", STYLE_NORMAL, record->login);
    write_line(view, "Profile", STYLE_NORMAL, record->profile);
    write_line(view, "Service", STYLE_NORMAL, record->host);
    write_line(view, "Reason", STYLE_NORMAL, record->reason);
    write_undo(view, journal, record);
    write_line(view, "Id", STYLE_NORMAL, record->id);
    text_view_add_string(view, STYLE_NORMAL, "\n");
    write_entry(view, app, record);
}

static const struct text_source record_source = {
    .context = IN_TEXT,
    .title = "record",
    .follows_session = true,
    .write = write_record,
    .destroy = free,
};

struct screen *record_screen_create(const char *id) {
    return text_screen_create(&record_source, memory_string(id));
}
