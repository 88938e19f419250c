/* pail show: all fields of an entry. */
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "entry_json.h"
#include "names.h"
#include "pail/base/text.h"
#include "pail/buckets/column.h"
#include "pail/buckets/rules.h"
#include "pail/cli/sitting.h"
#include "print.h"
#include "words.h"

const char *const show_formats[] = {"text", "json", NULL};
enum format { FORMAT_TEXT, FORMAT_JSON };

/* ---- text ------------------------------------------------------------------------------------ */

static const char *shown_value(const struct bucket *bucket, enum bucket_field field) {
    bool is_secret = bucket_fields[field].flags & FIELD_SECRET;
    if (bucket->value[field][0])
        return is_secret ? PRINT_MASK : bucket->value[field];
    if (is_secret)
        return "(not shown by the service)";
    return field == FIELD_ENDPOINT ? "(the cloud's default)" : "-";
}

static void write_field(FILE *out, const struct bucket *bucket, enum bucket_field field) {
    const struct bucket_field_info *info = &bucket_fields[field];
    struct verdict verdict;
    bool used = info->clouds & (1U << bucket_cloud(bucket));
    if (bucket->value[field][0] == '\0' && (!used || info->flags & FIELD_VERSION))
        return;
    print_pair(out, info->label, shown_value(bucket, field),
               bucket->odd & (1U << field) ? "  (the service sent no text here)" : "");
    rules_check(bucket, field, &verdict);
    if (verdict.level != RULE_OK)
        fprintf(out, "  ! %s (%s)\n", verdict.text, verdict.rule);
}

/* As entry_json has them: with their secrets masked, also those within other values. */
static void write_unknown(FILE *out, const struct bucket *bucket) {
    json_t *entry = entry_json(bucket), *value;
    const char *name;
    json_object_foreach(entry, name, value) {
        if (bucket_field_by_name(name) < FIELD_COUNT)
            continue;
        char *json =
            json_is_string(value)
                ? NULL
                : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(15));
        const char *text = json ? json : json_string_value(value);
        print_pair(out, name, text && text[0] ? text : "-", "  (a field that pail doesn't know)");
        free(json);
    }
    json_decref(entry);
}

static void write_text(FILE *out, const struct bucket *bucket) {
    for (int field = 0; field < FIELD_COUNT; field++)
        write_field(out, bucket, (enum bucket_field)field);
    print_pair(out, "Access", column_text(bucket, COLUMN_ACCESS), "");
    write_unknown(out, bucket);
}

/* ---- all ------------------------------------------------------------------------------------- */

static void write_json(FILE *out, const struct bucket *bucket) {
    json_t *entry = entry_json(bucket);
    entry_json_write(out, entry, JSON_INDENT(2));
    fputs("\n", out);
    json_decref(entry);
}

/* A service may list a name twice. */
static void say_others(const struct cli *cli, const struct sitting *sitting, const char *name) {
    size_t count = sitting_count(sitting, name);
    if (count > 1)
        cli_say(cli, CLI_DONE, "%s: the table has %zu entries of this name; this is the first",
                name, count);
}

int command_show(const struct cli *cli, const struct cli_arguments *arguments) {
    const char *name = arguments->words[0];
    struct sitting *sitting;
    struct bucket bucket;
    int format = cli_choose(cli, "--format", arguments->flag[FLAG_FORMAT], show_formats);
    if (format < 0)
        return CLI_USAGE;
    int status = sitting_open(cli, &sitting);
    if (status == CLI_DONE)
        status = sitting_load(sitting);
    if (status == CLI_DONE) {
        names_save(cli->profile, sitting_table(sitting));
        if (!sitting_find(sitting, name, &bucket)) {
            status = sitting_say_missing(sitting, name, "");
        } else {
            if (format == FORMAT_JSON)
                write_json(cli->out, &bucket);
            else
                write_text(cli->out, &bucket);
            say_others(cli, sitting, name);
            status = print_end(cli);
        }
    }
    sitting_close(sitting);
    return status;
}
