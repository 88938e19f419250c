#include "form.h"

#include <string.h>
#include <strings.h>

#include "pail/base/text.h"

enum { KEY_MAX = 1024 };

static const char type[] = "application/x-www-form-urlencoded";

/* What the post-processor's callback works on. */
struct reading {
    struct form *form;
    const char *twice; /* the field that was given twice; NULL: none */
};

void form_init(struct form *form) {
    *form = (struct form){0};
    buffer_init(&form->op);
    for (int field = 0; field < FIELD_COUNT; field++)
        buffer_init(&form->value[field]);
}

void form_finish(struct form *form) {
    buffer_finish(&form->op);
    for (int field = 0; field < FIELD_COUNT; field++)
        buffer_finish(&form->value[field]);
}

/* Notes that the field has begun: false if it had before. */
static bool begin_op(struct form *form) {
    bool first = !form->op_sent;
    form->op_sent = true;
    return first;
}

static bool begin_field(struct form *form, enum bucket_field field) {
    bool first = !(form->sent & 1U << field);
    form->sent |= 1U << field;
    return first;
}

/* A value comes in pieces of some hundred bytes; offset is 0 in the first one alone. */
/* NOLINTNEXTLINE(readability-function-size): the nine parameters are libmicrohttpd's. */
static enum MHD_Result take(void *context, enum MHD_ValueKind kind, const char *key,
                            const char *file, const char *content_type, const char *encoding,
                            const char *data, uint64_t offset, size_t size) {
    (void)kind, (void)file, (void)content_type, (void)encoding;
    struct reading *reading = context;
    struct form *form = reading->form;
    enum bucket_field field = bucket_field_by_name(key);
    bool is_op = strcmp(key, "op") == 0;
    if (!is_op && (field == FIELD_COUNT || bucket_fields[field].flags & FIELD_LISTING_ONLY))
        return MHD_YES;
    if (offset == 0 && !(is_op ? begin_op(form) : begin_field(form, field))) {
        reading->twice = is_op ? "op" : bucket_fields[field].name;
        return MHD_NO;
    }
    buffer_append(is_op ? &form->op : &form->value[field], data, size);
    return MHD_YES;
}

static bool is_form(struct MHD_Connection *connection) {
    const char *given = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Content-Type");
    return given && strncasecmp(given, type, sizeof type - 1) == 0;
}

static bool process(struct reading *reading, struct MHD_Connection *connection,
                    const struct buffer *body) {
    struct MHD_PostProcessor *processor =
        MHD_create_post_processor(connection, KEY_MAX, take, reading);
    if (processor == NULL)
        return false;
    /* One piece with an end mark: otherwise the processor calls `take` twice with offset 0 where a
     * piece ends just behind a '='. */
    struct buffer whole;
    buffer_init(&whole);
    buffer_append(&whole, body->data, body->length);
    buffer_append_char(&whole, '&');
    bool ok = MHD_post_process(processor, whole.data, whole.length) == MHD_YES;
    ok = MHD_destroy_post_processor(processor) == MHD_YES && ok;
    buffer_finish(&whole);
    return ok;
}

static bool is_text(const struct buffer *value) {
    for (size_t at = 0, size; at < value->length; at += size) {
        uint32_t code = 0;
        size = text_decode(value->data + at, value->length - at, &code);
        if (size == 0 || code == 0)
            return false;
    }
    return true;
}

bool form_read(struct form *form, struct MHD_Connection *connection, const struct buffer *body,
               struct error *error) {
    struct reading reading = {.form = form};
    if (!is_form(connection))
        return error_set(error, "the body must be of type %s", type);
    if (!process(&reading, connection, body)) {
        if (reading.twice)
            return error_set(error, "%s is given twice", reading.twice);
        return error_set(error,
                         "the body is no form of name=value, percent-encoded, with & between");
    }
    if (!is_text(&form->op))
        return error_set(error, "op is not UTF-8 text");
    for (int field = 0; field < FIELD_COUNT; field++)
        if (!is_text(&form->value[field]))
            return error_set(error, "%s is not UTF-8 text", bucket_fields[field].name);
    return true;
}
