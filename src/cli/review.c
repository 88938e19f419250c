#include "review.h"

#include <stdarg.h>
#include <string.h>

#include "pail/base/text.h"
#include "pail/buckets/merge.h"
#include "pail/buckets/rules.h"

enum { LABEL_WIDTH = 17 };

/* One line, made safe; the label may be "". */
static void print_line(FILE *out, const char *label, const char *raw) {
    struct buffer safe;
    buffer_init(&safe);
    text_append_safe(&safe, raw, strlen(raw), text_charset());
    if (label[0])
        fprintf(out, "  %-*s %s\n", LABEL_WIDTH, label, safe.data);
    else
        fprintf(out, "  %s\n", safe.data);
    buffer_finish(&safe);
}

__attribute__((format(printf, 2, 3))) static void print_sentence(FILE *out, const char *format,
                                                                 ...) {
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    print_line(out, "", text);
}

/* ---- kinds ----------------------------------------------------------------------------------- */

static const char *const kinds[REVIEW_KINDS] = {"add", "replace", "modify", "delete"};
enum { KIND_ADD, KIND_REPLACE, KIND_MODIFY, KIND_DELETE };

static int kind_of(const struct change *change) {
    switch (change_op(change)) {
    case CHANGE_ADD:
        return change_before(change) == NULL ? KIND_ADD : KIND_REPLACE;
    case CHANGE_MODIFY:
        return KIND_MODIFY;
    case CHANGE_DELETE:
        break;
    }
    return KIND_DELETE;
}

void review_count(struct review_tally *tally, const struct change *change) {
    tally->count[kind_of(change)]++;
}

void review_print_tally(FILE *out, const struct review_tally *tally) {
    const char *separator = ":";
    size_t total = 0;
    for (int kind = 0; kind < REVIEW_KINDS; kind++)
        total += tally->count[kind];
    fprintf(out, "%zu change%s", total, total == 1 ? "" : "s");
    for (int kind = 0; kind < REVIEW_KINDS; kind++)
        if (tally->count[kind] > 0) {
            fprintf(out, "%s %zu to %s", separator, tally->count[kind], kinds[kind]);
            separator = ",";
        }
    fputs("\n", out);
}

/* ---- one change ------------------------------------------------------------------------------ */

void review_print_title(FILE *out, const struct change *change) {
    struct buffer line;
    buffer_init(&line);
    text_append_safe(&line, change_name(change), strlen(change_name(change)), text_charset());
    fprintf(out, "%s %s\n", kinds[kind_of(change)], line.data);
    buffer_finish(&line);
}

void review_print_difference(FILE *out, const struct change *change,
                             const struct desired_entry *entry) {
    const char *arrow = text_charset() == TEXT_ASCII ? "->" : "→";
    struct buffer text;
    buffer_init(&text);
    for (size_t i = 0; i < change_line_count(change); i++) {
        struct change_line line = change_line(change, i);
        if (entry && entry->secret_file[line.field])
            continue;
        buffer_clear(&text);
        change_describe_line(change, &line, arrow, &text);
        print_line(out, bucket_fields[line.field].name, text.data);
    }
    for (int field = 0; entry && field < FIELD_COUNT; field++)
        if (entry->secret_file[field])
            print_line(out, bucket_fields[field].name, "given by its file");
    if (change_op(change) == CHANGE_MODIFY)
        print_line(out, "everything else", "as it is");
    buffer_finish(&text);
}

static void print_warnings(FILE *out, const struct change *change) {
    const struct bucket *wanted = change_wanted(change);
    if (change_lacks_secret(change))
        print_sentence(out, "! %s", CHANGE_LACKS_SECRET);
    for (size_t i = 0; i < change_note_count(change); i++)
        print_sentence(out, "! %s", change_note(change, i));
    for (int field = 0; wanted && field < FIELD_COUNT; field++) {
        struct verdict verdict;
        rules_check(wanted, (enum bucket_field)field, &verdict);
        if (verdict.level != RULE_OK)
            print_sentence(out, "! %s: %s (%s)", bucket_fields[field].name, verdict.text,
                           verdict.rule);
    }
}

void review_print(FILE *out, const struct change *change, const char *url) {
    struct buffer line;
    buffer_init(&line);
    review_print_title(out, change);
    review_print_difference(out, change, NULL);
    print_warnings(out, change);
    buffer_printf(&line, "POST %s", url);
    print_line(out, "", line.data);
    print_line(out, "", change_redacted_body(change));
    buffer_finish(&line);
}

/* ---- a conflict ------------------------------------------------------------------------------ */

void review_print_versions(FILE *out, const struct submission_item *done) {
    struct merge *merge = merge_create(done->change, done->now);
    for (size_t i = 0; i < merge_count(merge); i++) {
        struct merge_row row = merge_row(merge, i);
        print_line(out, "", row.name);
        print_line(out, "  opened", row.opened);
        print_line(out, "  now", row.now);
        print_line(out, "  yours", row.mine);
    }
    merge_destroy(merge);
}

/* ---- the rules ------------------------------------------------------------------------------- */

static bool differs(const struct bucket *a, const struct bucket *b, int field) {
    return a && b && strcmp(a->value[field], b->value[field]) != 0;
}

static bool is_sent(const struct change *change, const struct bucket *wanted, int field) {
    return change_op(change) == CHANGE_ADD || differs(change_before(change), wanted, field);
}

bool review_passes_rules(const struct cli *cli, const struct change *change, bool named) {
    const struct bucket *wanted = change_wanted(change);
    bool passes = true;
    for (int field = 0; wanted && field < FIELD_COUNT; field++) {
        struct verdict verdict;
        rules_check(wanted, (enum bucket_field)field, &verdict);
        if (verdict.level != RULE_ERROR || !is_sent(change, wanted, field))
            continue;
        passes = false;
        cli_say(cli, CLI_REFUSED, "%s%s%s: %s (%s): nothing was sent",
                named ? change_name(change) : "", named ? ": " : "", bucket_fields[field].name,
                verdict.text, verdict.rule);
    }
    return passes;
}
