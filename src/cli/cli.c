#include "pail/cli/cli.h"

#include <ctype.h>
#include <getopt.h>
#include <stdarg.h>
#include <string.h>

#include "commands.h"
#include "completion.h"
#include "pail/base/buffer.h"
#include "pail/base/text.h"
#include "pail/cli/options.h"
#include "print.h"

#define COMMAND_INFO(id, name, arguments, help) {name, arguments, help},
const struct command_info commands[COMMAND_COUNT] = {COMMANDS(COMMAND_INFO)};

#define FLAG_INFO(id, name, value, commands, help) {name, value, help, commands},
const struct flag_info flags[FLAG_COUNT] = {FLAGS(FLAG_INFO)};

typedef int command_fn(const struct cli *cli, const struct cli_arguments *arguments);

/* How many words each takes; most -1: any number. */
static const struct {
    command_fn *run;
    int least, most;
} doors[COMMAND_COUNT] = {
    [COMMAND_LIST] = {command_list, 0, -1},
    [COMMAND_SHOW] = {command_show, 1, 1},
    [COMMAND_ADD] = {command_add, 1, 1},
    [COMMAND_MODIFY] = {command_modify, 1, 1},
    [COMMAND_DELETE] = {command_delete, 1, -1},
    [COMMAND_EXPORT] = {command_export, 0, -1},
    [COMMAND_APPLY] = {command_apply, 1, 1},
    [COMMAND_DIFF] = {command_diff, 1, 1},
    [COMMAND_POLICY] = {command_policy, 2, 2},
    [COMMAND_JOURNAL] = {command_journal, 0, 1},
    [COMMAND_LOGIN] = {command_login, 0, 0},
    [COMMAND_LOGOUT] = {command_logout, 0, 0},
    [COMMAND_WHOAMI] = {command_whoami, 0, 0},
    [COMMAND_CONFIG] = {command_config, 1, 1},
    [COMMAND_COMPLETION] = {command_completion, 1, 1},
    [COMMAND_UNDO] = {command_undo, 0, 1},
};

/* COMMAND_COUNT if there is none of that name. */
static enum command command_of(const char *name) {
    enum command command = 0;
    while (command < COMMAND_COUNT && strcmp(commands[command].name, name) != 0)
        command++;
    return command;
}

int cli_say(const struct cli *cli, int status, const char *format, ...) {
    char text[1024];
    struct buffer line;
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    buffer_init(&line);
    text_append_safe(&line, text, strlen(text), text_charset());
    fprintf(cli->err, "pail: %s\n", line.data);
    buffer_finish(&line);
    return status;
}

int cli_choose(const struct cli *cli, const char *what, const char *text,
               const char *const *allowed) {
    struct buffer list;
    if (text == NULL)
        return 0;
    for (int i = 0; allowed[i]; i++)
        if (strcmp(allowed[i], text) == 0)
            return i;
    buffer_init(&list);
    for (int i = 0; allowed[i]; i++)
        buffer_printf(&list, " %s", allowed[i]);
    cli_say(cli, CLI_USAGE, "%s \"%s\" is not one of:%s", what, text, list.data);
    buffer_finish(&list);
    return -1;
}

int cli_no_profile(const struct cli *cli, const char *otherwise) {
    struct buffer names;
    if (cli->settings->profile_count == 0)
        return cli_say(cli, CLI_USAGE, "no service is configured: %s", otherwise);
    buffer_init(&names);
    for (size_t i = 0; i < cli->settings->profile_count; i++)
        buffer_printf(&names, " %s", cli->settings->profiles[i].name);
    cli_say(cli, CLI_USAGE,
            "no profile is the usual one: give --profile before the command, or set "
            "default_profile; there are:%s",
            names.data);
    buffer_finish(&names);
    return CLI_USAGE;
}

/* ---- flags ----------------------------------------------------------------------------------- */

void cli_field_flag(enum bucket_field field, char *name, size_t size) {
    const struct bucket_field_info *info = &bucket_fields[field];
    size_t used = 0;
    if (field != FIELD_NAME && !(info->flags & FIELD_LISTING_ONLY))
        for (const char *at = info->name; *at && used + 2 < size; at++) {
            if (isupper((unsigned char)*at))
                name[used++] = '-';
            name[used++] = (char)tolower((unsigned char)*at);
        }
    name[used] = '\0';
    if (used > 0 && (info->flags & FIELD_SECRET))
        snprintf(name + used, size - used, "-file");
}

bool cli_has_field(enum command command, enum bucket_field field) {
    unsigned flags_of_field = bucket_fields[field].flags;
    bool all = command == COMMAND_ADD || command == COMMAND_MODIFY;
    bool secrets = command == COMMAND_UNDO && (flags_of_field & FIELD_SECRET);
    return (all || secrets) && field != FIELD_NAME && !(flags_of_field & FIELD_LISTING_ONLY);
}

/* The numbers that getopt returns: flags from FIRST_FLAG on, fields from FIRST_FIELD on. */
enum { FIRST_FLAG = 1000, FIRST_FIELD = 2000, NAME_SIZE = 40, HELP = 3000 };
enum { HELP_COLUMN = 37, HELP_WIDTH = 80 };

struct option_table {
    struct option options[FLAG_COUNT + FIELD_COUNT + 2];
    char names[FIELD_COUNT][NAME_SIZE];
};

static void make_options(struct option_table *table, enum command command) {
    int count = 0;
    memset(table, 0, sizeof *table);
    for (int i = 0; i < FLAG_COUNT; i++)
        if (flags[i].commands & (1U << command))
            table->options[count++] =
                (struct option){flags[i].name, flags[i].value != NULL, NULL, FIRST_FLAG + i};
    for (int i = 0; i < FIELD_COUNT; i++) {
        cli_field_flag((enum bucket_field)i, table->names[i], NAME_SIZE);
        if (cli_has_field(command, (enum bucket_field)i))
            table->options[count++] = (struct option){table->names[i], 1, NULL, FIRST_FIELD + i};
    }
    table->options[count] = (struct option){"help", 0, NULL, HELP};
}

/* --clear takes the API's name of a field or its flag's. */
static bool clear_field(const struct cli *cli, struct cli_arguments *arguments, const char *text) {
    char name[NAME_SIZE];
    for (int i = 0; i < FIELD_COUNT; i++) {
        cli_field_flag((enum bucket_field)i, name, sizeof name);
        char *file = strstr(name, "-file");
        if (file)
            *file = '\0';
        if (name[0] && i != FIELD_CLOUD &&
            (strcmp(text, name) == 0 || strcmp(text, bucket_fields[i].name) == 0)) {
            arguments->clear[i] = true;
            return true;
        }
    }
    cli_say(cli, CLI_USAGE, "--clear %s: no field that can be empty has that name", text);
    return false;
}

/* Words in a column of their own, the rest of the line. */
static void print_column(FILE *out, const char *text) {
    size_t used = 0;
    for (size_t length; *text; text += length + strspn(text + length, " ")) {
        length = strcspn(text, " ");
        if (used > 0 && HELP_COLUMN + used + 1 + length > HELP_WIDTH) {
            fprintf(out, "\n%*s", HELP_COLUMN, "");
            used = 0;
        }
        used += (size_t)fprintf(out, "%s%.*s", used > 0 ? " " : "", (int)length, text);
    }
    fputc('\n', out);
}

static void print_flag(void *context, const struct completion_flag *flag) {
    char left[64];
    struct buffer text;
    buffer_init(&text);
    buffer_append_string(&text, flag->help);
    if (flag->kind == COMPLETE_WORDS || flag->kind == COMPLETE_LIST)
        buffer_printf(&text, ": %s", flag->words);
    snprintf(left, sizeof left, "--%s %s", flag->name, flag->value);
    fprintf(context, "  %-*s ", HELP_COLUMN - 3, left);
    print_column(context, text.data);
    buffer_finish(&text);
}

static void print_usage(FILE *out, enum command command) {
    fprintf(out, "usage: pail [options] %s%s%s\n\n%s.\n\n", commands[command].name,
            commands[command].arguments[0] ? " " : "", commands[command].arguments,
            commands[command].help);
    completion_flags(command, print_flag, out);
}

/* What getopt didn't take. A value isn't repeated: it may be a secret. */
static int say_misuse(const struct cli *cli, enum command command, const char *typed, bool value) {
    const char *name = commands[command].name;
    return cli_say(cli, CLI_USAGE, "%s: %.*s %s; pail %s --help lists the flags", name,
                   (int)strcspn(typed, "="), typed,
                   value ? "needs a value" : "is not a flag of it, or not used so", name);
}

/* -1 to go on, else the exit status. */
static int parse(const struct cli *cli, enum command command, int argc, char **argv,
                 struct cli_arguments *arguments) {
    struct option_table table;
    int got, which = 0;
    make_options(&table, command);
    optind = 0;
    while ((got = getopt_long(argc, argv, ":", table.options, &which)) != -1) {
        if (got == HELP) {
            print_usage(cli->out, command);
            return print_end(cli);
        }
        if (got == '?' || got == ':')
            return say_misuse(cli, command, option_refused(argv), got == ':');
        if (!option_is_whole(argv, table.options[which].name))
            return cli_say(cli, CLI_USAGE, "flags are typed in full: --%s",
                           table.options[which].name);
        if (got >= FIRST_FIELD)
            arguments->field[got - FIRST_FIELD] = optarg;
        else
            arguments->flag[got - FIRST_FLAG] = optarg ? optarg : "";
        if (got == FIRST_FLAG + FLAG_CLEAR &&
            !clear_field(cli, arguments, arguments->flag[FLAG_CLEAR]))
            return CLI_USAGE;
    }
    arguments->words = argv + optind;
    arguments->count = argc - optind;
    return -1;
}

int cli_run(struct cli *cli, int argc, char **argv) {
    struct cli_arguments arguments = {0};
    enum command command = command_of(argv[0]);
    arguments.command = command;
    if (command == COMMAND_COUNT)
        return cli_say(cli, CLI_USAGE, "there is no command \"%s\"; pail --help lists them",
                       argv[0]);
    int status = parse(cli, command, argc, argv, &arguments);
    if (status >= 0)
        return status;
    if (arguments.count < doors[command].least ||
        (doors[command].most >= 0 && arguments.count > doors[command].most))
        return cli_say(cli, CLI_USAGE, "usage: pail %s%s%s", commands[command].name,
                       commands[command].arguments[0] ? " " : "", commands[command].arguments);
    return doors[command].run(cli, &arguments);
}
