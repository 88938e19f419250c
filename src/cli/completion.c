/* pail completion: scripts for a shell, made from the lists of commands, flags and fields. */
#include "completion.h"

#include <string.h>

#include "commands.h"
#include "list_columns.h"
#include "pail/base/buffer.h"
#include "pail/cli/options.h"
#include "print.h"
#include "words.h"

static const char *const shells[] = {"bash", "zsh", "fish", NULL};
enum { SHELL_BASH, SHELL_ZSH, SHELL_FISH };

enum { NAME_SIZE = 40 };

static void append_word(struct buffer *words, const char *word) {
    buffer_printf(words, words->length > 0 ? " %s" : "%s", word);
}

static void append_words(struct buffer *words, const char *const *list) {
    for (int i = 0; list[i]; i++)
        append_word(words, list[i]);
}

static void append_formats(struct buffer *words, enum command command) {
    append_words(words, command == COMMAND_LIST      ? list_formats
                        : command == COMMAND_POLICY  ? policy_formats
                        : command == COMMAND_JOURNAL ? journal_formats
                                                     : show_formats);
}

/* Those that --clear takes: what a flag can set, but the cloud. */
static void append_fields(struct buffer *words) {
    char name[NAME_SIZE];
    for (int i = 0; i < FIELD_COUNT; i++) {
        cli_field_flag((enum bucket_field)i, name, sizeof name);
        if (name[0] && i != FIELD_CLOUD)
            append_word(words, bucket_fields[i].name);
    }
}

static void append_values(struct buffer *words, enum command command, enum flag flag) {
    switch (flag) {
    case FLAG_FORMAT:
        append_formats(words, command);
        break;
    case FLAG_COLUMNS:
    case FLAG_SORT:
        for (int i = 0; i < LIST_COLUMN_COUNT; i++)
            if (flag == FLAG_COLUMNS || list_columns[i].column < COLUMN_COUNT)
                append_word(words, list_columns[i].name);
        break;
    case FLAG_CLEAR:
        append_fields(words);
        break;
    default:
        break;
    }
}

/* ---- flags ----------------------------------------------------------------------------------- */

static void options_before(completion_fn *each, void *context) {
#define OPTION(name, letter, value, help) {name, value, help},
    static const struct { const char *name, *value, *help; } options[] = {OPTIONS(OPTION)};
#undef OPTION
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        struct completion_flag flag = {options[i].name, options[i].help,
                                       options[i].value ? options[i].value : "", COMPLETE_TEXT, ""};
        if (options[i].value == NULL)
            flag.kind = COMPLETE_NOTHING;
        else if (strcmp(flag.name, "profile") == 0)
            flag.kind = COMPLETE_PROFILES;
        else if (strcmp(flag.name, "config") == 0)
            flag.kind = COMPLETE_FILES;
        else if (strcmp(flag.name, "theme") == 0) { /* its help names them, behind a colon */
            flag.kind = COMPLETE_WORDS;
            flag.words = strrchr(flag.help, ':') + 2;
        }
        each(context, &flag);
    }
}

static void command_flags(enum command command, completion_fn *each, void *context) {
    for (int i = 0; i < FLAG_COUNT; i++) {
        struct buffer words;
        if (!(flags[i].commands & (1U << command)))
            continue;
        buffer_init(&words);
        append_values(&words, command, (enum flag)i);
        enum completion_kind kind = flags[i].value == NULL ? COMPLETE_NOTHING
                                    : i == FLAG_COLUMNS    ? COMPLETE_LIST
                                    : words.length > 0     ? COMPLETE_WORDS
                                    : i == FLAG_BUCKET     ? COMPLETE_BUCKETS
                                    : i == FLAG_PASSWORD_FILE || i == FLAG_RESULTS ? COMPLETE_FILES
                                                                                   : COMPLETE_TEXT;
        each(context,
             &(struct completion_flag){flags[i].name, flags[i].help,
                                       flags[i].value ? flags[i].value : "", kind, words.data});
        buffer_finish(&words);
    }
}

static void field_flags(enum command command, completion_fn *each, void *context) {
    char name[NAME_SIZE];
    struct buffer clouds;
    buffer_init(&clouds);
    for (int i = 0; i < CLOUD_COUNT; i++)
        append_word(&clouds, bucket_cloud_names[i]);
    for (int i = 0; i < FIELD_COUNT; i++) {
        struct completion_flag flag = {name, bucket_fields[i].label, "VALUE", COMPLETE_TEXT,
                                       clouds.data};
        if (bucket_fields[i].flags & FIELD_SECRET) {
            flag.kind = COMPLETE_FILES;
            flag.value = "FILE|-";
        } else if (i == FIELD_CLOUD)
            flag.kind = COMPLETE_WORDS;
        cli_field_flag((enum bucket_field)i, name, sizeof name);
        if (cli_has_field(command, (enum bucket_field)i))
            each(context, &flag);
    }
    buffer_finish(&clouds);
}

void completion_flags(enum command command, completion_fn *each, void *context) {
    if (command == COMMAND_COUNT) {
        options_before(each, context);
        return;
    }
    field_flags(command, each, context);
    command_flags(command, each, context);
    each(context, &(struct completion_flag){"help", "this", "", COMPLETE_NOTHING, ""});
}

/* ---- words ----------------------------------------------------------------------------------- */

struct completion_words completion_words(enum command command) {
    switch (command) {
    case COMMAND_SHOW:
    case COMMAND_MODIFY:
        return (struct completion_words){.buckets = true};
    case COMMAND_DELETE:
        return (struct completion_words){.buckets = true, .repeated = true};
    case COMMAND_DIFF:
    case COMMAND_APPLY:
        return (struct completion_words){.file = true};
    case COMMAND_POLICY:
        return (struct completion_words){.buckets = true, .words = policy_words};
    case COMMAND_JOURNAL:
        return (struct completion_words){.words = journal_words};
    case COMMAND_CONFIG:
        return (struct completion_words){.words = config_words};
    case COMMAND_COMPLETION:
        return (struct completion_words){.words = shells};
    default:
        return (struct completion_words){.words = NULL};
    }
}

int command_completion(const struct cli *cli, const struct cli_arguments *arguments) {
    switch (cli_choose(cli, "shell", arguments->words[0], shells)) {
    case SHELL_BASH:
        completion_write_sh(cli->out, false);
        break;
    case SHELL_ZSH:
        completion_write_sh(cli->out, true);
        break;
    case SHELL_FISH:
        completion_write_fish(cli->out);
        break;
    default:
        return CLI_USAGE;
    }
    return print_end(cli);
}
