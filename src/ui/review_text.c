#include "review_text.h"

#include <stdio.h>
#include <string.h>

#include "pail/base/stamp.h"
#include "pail/buckets/rules.h"
#include "wrap.h"

enum { INDENT = 2, LABEL_WIDTH = 17, NARROW = 58 };

struct writer {
    const struct review_text *text;
    struct text_view *view;
    enum text_charset charset;
};

/* A label, or "" for none, and from the cell `indent` on a text from outside, over as many rows as
 * it takes. Where it is narrow and one row won't do, the text goes below its label. */
static void write_beside(const struct writer *writer, const char *label, int indent,
                         enum style style, const char *raw) {
    char lead[64];
    struct buffer safe;
    buffer_init(&safe);
    text_append_safe(&safe, raw, strlen(raw), writer->charset);
    int width = writer->text->width;
    bool below = width < NARROW && label[0] &&
                 text_width(safe.data, safe.length, writer->charset) > width - indent;
    if (below) {
        snprintf(lead, sizeof lead, "%*s%s\n", INDENT, "", label);
        text_view_add_string(writer->view, STYLE_LABEL, lead);
        label = "";
        indent = 2 * INDENT;
    }
    size_t at = 0, next;
    do {
        size_t fits =
            wrap_row(safe.data + at, safe.length - at, width - indent, writer->charset, &next);
        snprintf(lead, sizeof lead, "%*s%-*s", INDENT, "", indent - INDENT, at == 0 ? label : "");
        text_view_add_string(writer->view, STYLE_LABEL, lead);
        text_view_add(writer->view, style, safe.data + at, fits);
        text_view_add_string(writer->view, STYLE_NORMAL, "\n");
        at += next;
    } while (at < safe.length);
    buffer_finish(&safe);
}

static void write_sentence(const struct writer *writer, enum style style, const char *raw) {
    write_beside(writer, "", INDENT, style, raw);
}

static void write_field(const struct writer *writer, const char *label, enum style style,
                        const char *raw) {
    write_beside(writer, label, INDENT + LABEL_WIDTH + 1, style, raw);
}

static void write_gap(const struct writer *writer) {
    text_view_add_string(writer->view, STYLE_NORMAL, "\n");
}

/* ---- the difference -------------------------------------------------------------------------- */

static enum style style_of(enum change_line_kind kind) {
    return kind == LINE_CLEARED || kind == LINE_LOST ? STYLE_WARNING
           : kind == LINE_KEPT                       ? STYLE_DIM
                                                     : STYLE_NORMAL;
}

static void write_line(const struct writer *writer, const struct change_line *line) {
    const char *arrow = writer->charset == TEXT_ASCII ? "->" : "→";
    struct buffer text;
    buffer_init(&text);
    change_describe_line(writer->text->change, line, arrow, &text);
    write_field(writer, bucket_fields[line->field].name, style_of(line->kind), text.data);
    buffer_finish(&text);
}

static void write_difference(const struct writer *writer) {
    const struct change *change = writer->text->change;
    for (size_t i = 0; i < change_line_count(change); i++) {
        struct change_line line = change_line(change, i);
        write_line(writer, &line);
    }
    if (change_op(change) == CHANGE_MODIFY)
        write_field(writer, "everything else", STYLE_DIM, "as it is");
    write_gap(writer);
}

/* ---- notes and warnings ---------------------------------------------------------------------- */

static void write_warning(const struct writer *writer, const char *field, const char *text,
                          const char *rule) {
    struct buffer line;
    buffer_init(&line);
    if (field)
        buffer_printf(&line, "! %s: %s (%s)", field, text, rule);
    else
        buffer_printf(&line, "! %s", text);
    write_sentence(writer, STYLE_WARNING, line.data);
    buffer_finish(&line);
}

static void write_warnings(const struct writer *writer) {
    const struct change *change = writer->text->change;
    const struct bucket *wanted = change_wanted(change);
    bool lacks = change_lacks_secret(change);
    size_t count = change_note_count(change) + lacks;
    if (lacks)
        write_warning(writer, NULL, CHANGE_LACKS_SECRET, NULL);
    for (size_t i = 0; i < change_note_count(change); i++)
        write_warning(writer, NULL, change_note(change, i), NULL);
    for (int field = 0; wanted && field < FIELD_COUNT; field++) {
        struct verdict verdict;
        rules_check(wanted, (enum bucket_field)field, &verdict);
        if (verdict.level == RULE_OK)
            continue;
        write_warning(writer, bucket_fields[field].name, verdict.text, verdict.rule);
        count++;
    }
    if (count > 0)
        write_gap(writer);
}

static void write_request(const struct writer *writer) {
    struct buffer line;
    buffer_init(&line);
    buffer_printf(&line, "POST %s", writer->text->url ? writer->text->url : "");
    if (writer->text->url)
        write_sentence(writer, STYLE_NORMAL, line.data);
    buffer_finish(&line);
    write_sentence(writer, STYLE_NORMAL, change_redacted_body(writer->text->change));
}

/* ---- the outcome ----------------------------------------------------------------------------- */

void review_text_settling(int64_t settles_ms, struct buffer *out) {
    char when[STAMP_SIZE];
    stamp_write_local(settles_ms, when);
    buffer_printf(out, "That it wasn't applied shows at the earliest %s.", when);
}

static void write_settling(const struct writer *writer) {
    struct buffer line;
    buffer_init(&line);
    review_text_settling(writer->text->settles_ms, &line);
    write_sentence(writer, STYLE_WARNING, line.data);
    buffer_finish(&line);
}

static void write_outcome(const struct writer *writer) {
    const struct submission *done = writer->text->done;
    bool bad = done->outcome == OUTCOME_REFUSED || done->outcome == OUTCOME_NOT_SENT;
    write_sentence(writer, bad ? STYLE_ERROR : STYLE_WARNING, done->text);
    if (done->outcome == OUTCOME_UNKNOWN)
        write_sentence(writer, STYLE_WARNING,
                       "It stays marked ? in the list until a reading of the table settles it, or "
                       "you in the journal (what a secret is, no reading tells). It "
                       "isn't sent again from here.");
    if (done->outcome == OUTCOME_UNKNOWN && writer->text->settles_ms > 0)
        write_settling(writer);
    write_gap(writer);
}

void review_text_write(const struct review_text *text, struct text_view *view) {
    struct writer writer = {text, view, text_charset()};
    text_view_clear(view);
    if (text->done)
        write_outcome(&writer);
    review_text_add(text, view);
}

void review_text_add(const struct review_text *text, struct text_view *view) {
    struct writer writer = {text, view, text_charset()};
    if (text->unsettled) {
        write_sentence(&writer, STYLE_WARNING,
                       "? An earlier change of this bucket is not settled: it may still take "
                       "effect. r on the list reads the table again.");
        write_gap(&writer);
    }
    write_difference(&writer);
    write_warnings(&writer);
    write_request(&writer);
}
