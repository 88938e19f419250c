/* pail journal: what was changed, from this machine's journal; whether nobody has touched it. */
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "pail/base/clock.h"
#include "pail/base/stamp.h"
#include "pail/base/text.h"
#include "pail/session/journal.h"
#include "print.h"
#include "words.h"

const char *const journal_words[] = {"verify", NULL};
const char *const journal_formats[] = {"text", "json", NULL};
enum { FORMAT_TEXT, FORMAT_JSON };
enum { BUCKET_WIDTH = 24, FIELDS_WIDTH = 24 };

/* ---- since when ------------------------------------------------------------------------------ */

/* Seconds of a unit; 0: none. */
static int64_t seconds_of(char unit) {
    switch (unit) {
    case 's':
        return 1;
    case 'm':
        return 60;
    case 'h':
        return 3600;
    case 'd':
        return 86400;
    case 'w':
        return 604800;
    default:
        return 0;
    }
}

/* "3d": a number of up to five digits and a unit. */
static bool read_span(const char *text, int64_t *ms) {
    size_t digits = strspn(text, "0123456789");
    if (digits < 1 || digits > 5 || text[digits] == '\0' || text[digits + 1] != '\0')
        return false;
    int64_t unit = seconds_of(text[digits]);
    *ms = clock_wall_ms() - strtol(text, NULL, 10) * unit * 1000;
    return unit != 0;
}

static bool read_since(const struct cli *cli, const char *text, int64_t *since) {
    if (text == NULL || read_span(text, since) || stamp_read(text, since))
        return true;
    cli_say(cli, CLI_USAGE,
            "--since %s: not a date as 2026-03-01, nor a date and time as 2026-03-01T12:00:00Z, "
            "nor a time span as 90m, 2h, 3d, 4w",
            text);
    return false;
}

/* ---- records --------------------------------------------------------------------------------- */

struct request {
    const struct cli *cli;
    int format;
    int64_t since;
    const char *bucket; /* NULL: of any */
    size_t count;
};

/* The text made safe and filled up with blanks, two at least. */
static void append_column(struct buffer *line, const char *text, int width) {
    int used = text_width(text, strlen(text), text_charset());
    text_append_safe(line, text, strlen(text), text_charset());
    buffer_printf(line, "%*s", used < width ? width - used + 2 : 2, "");
}

static void append_who(struct buffer *line, const struct journal_record *record) {
    const char *user = record->user[0] ? record->user : "-";
    struct buffer who;
    buffer_init(&who);
    buffer_printf(&who, "%s (%s) at %s", user, record->login, record->host);
    text_append_safe(line, who.data, who.length, text_charset());
    buffer_finish(&who);
}

/* When, what came of it, what it was, by whom; behind it the reason. */
static void print_record(FILE *out, const struct journal_record *record) {
    char stamp[STAMP_SIZE];
    struct buffer line, fields;
    buffer_init(&line);
    buffer_init(&fields);
    stamp_write(record->when_ms, stamp);
    stamp[19] = stamp[0] ? '\0' : stamp[19]; /* without the milliseconds */
    buffer_printf(&line, "%sZ  %c %-8s  %-6s  ", stamp,
                  journal_is_settled(record->state) ? ' ' : '?', journal_state_names[record->state],
                  change_op_names[record->op]);
    append_column(&line, record->bucket, BUCKET_WIDTH);
    if (record->op == CHANGE_MODIFY)
        journal_record_fields(record, &fields);
    append_column(&line, fields.length > 0 ? fields.data : "-", FIELDS_WIDTH);
    append_who(&line, record);
    if (record->reason[0] != '\0') {
        buffer_append_string(&line, ": ");
        text_append_safe(&line, record->reason, strlen(record->reason), text_charset());
    }
    fprintf(out, "%s\n", line.data);
    buffer_finish(&fields);
    buffer_finish(&line);
}

static void print_json(FILE *out, const struct journal_record *record, bool first) {
    struct buffer json;
    buffer_init(&json);
    journal_record_json(record, &json);
    fprintf(out, "%s\n  %s", first ? "" : ",", json.data);
    buffer_finish(&json);
}

static bool take_record(void *context, const struct journal_record *record) {
    struct request *request = context;
    if (record->when_ms < request->since ||
        (request->bucket && strcmp(request->bucket, record->bucket) != 0))
        return true;
    if (request->format == FORMAT_JSON)
        print_json(request->cli->out, record, request->count == 0);
    else
        print_record(request->cli->out, record);
    request->count++;
    return ferror(request->cli->out) == 0;
}

static int print_records(const struct cli *cli, const struct cli_arguments *arguments,
                         const char *path) {
    struct error error = {""};
    struct request request = {
        .cli = cli,
        .format = cli_choose(cli, "--format", arguments->flag[FLAG_FORMAT], journal_formats),
        .since = INT64_MIN,
        .bucket = arguments->flag[FLAG_BUCKET],
    };
    if (request.format < 0 || !read_since(cli, arguments->flag[FLAG_SINCE], &request.since))
        return CLI_USAGE;
    struct journal_check check;
    struct error damage;
    bool whole = journal_verify(path, &check, &damage);
    if (request.format == FORMAT_JSON)
        fputs("[", cli->out);
    bool good = journal_each(path, take_record, &request, &error);
    if (request.format == FORMAT_JSON)
        fputs(request.count > 0 ? "\n]\n" : "]\n", cli->out);
    int status = print_end(cli);
    if (!good)
        return cli_say(cli, CLI_USAGE, "%s", error.text);
    return whole ? status
                 : cli_say(cli, CLI_REFUSED, "what is printed may not be what was recorded: %s",
                           damage.text);
}

/* ---- checking -------------------------------------------------------------------------------- */

static const char *plural(size_t count) {
    return count == 1 ? "" : "s";
}

static void print_check(const struct journal_check *check, const char *path, struct buffer *text) {
    if (check->files == 0) {
        buffer_printf(text, "%s: nothing has been recorded yet\n", path);
        return;
    }
    if (check->lines == 0)
        buffer_printf(text, "%s: empty: nothing has been recorded in it, or what was is gone\n",
                      path);
    else
        buffer_printf(text, "%s: whole: %zu line%s in %zu file%s\n", path, check->lines,
                      plural(check->lines), check->files, plural(check->files));
    if (check->first_file > 1)
        buffer_printf(text, "It begins with file %u: those before it aren't there.\n",
                      check->first_file);
    if (check->unfinished > 0)
        buffer_printf(text,
                      "Its last line is half-written (%zu byte%s) and counts for nothing; the next "
                      "change cuts it off.\n",
                      check->unfinished, plural(check->unfinished));
    if (check->lines > 0)
        buffer_printf(text, "SHA-256 of the last line: %s\n", check->last);
}

static int verify(const struct cli *cli, const struct cli_arguments *arguments, const char *path) {
    struct journal_check check;
    struct error error;
    for (int i = 0; i < FLAG_COUNT; i++)
        if (arguments->flag[i])
            return cli_say(cli, CLI_USAGE, "journal verify takes no --%s: it checks all",
                           flags[i].name);
    if (!journal_verify(path, &check, &error))
        return cli_say(cli, CLI_REFUSED, "%s", error.text);
    struct buffer text;
    buffer_init(&text);
    print_check(&check, path, &text);
    print_lines(cli->out, text.data);
    buffer_finish(&text);
    return print_end(cli);
}

int command_journal(const struct cli *cli, const struct cli_arguments *arguments) {
    struct error error;
    int word = -1;
    if (arguments->count > 0 &&
        (word = cli_choose(cli, "journal", arguments->words[0], journal_words)) < 0)
        return CLI_USAGE;
    char *path = journal_usual_path(&error);
    if (path == NULL)
        return cli_say(cli, CLI_USAGE, "%s", error.text);
    int status = word < 0 ? print_records(cli, arguments, path) : verify(cli, arguments, path);
    free(path);
    return status;
}
