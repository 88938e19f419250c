/* pail config: looks at the configuration, which has been read by now without an error. */
#include "commands.h"
#include "print.h"
#include "words.h"

const char *const config_words[] = {"check", "path", "profiles", NULL};
enum { WORD_CHECK, WORD_PATH, WORD_PROFILES };

static void print_searched(const struct settings *settings, FILE *out) {
    for (int i = 0; i < SETTINGS_PATHS && settings->searched[i][0]; i++)
        print_lines(out, settings->searched[i]);
}

static bool check_theme(const struct cli *cli, const char *name) {
    struct theme theme;
    struct error error;
    if (name[0] == '\0' || theme_load(&theme, name, &error))
        return true;
    cli_say(cli, CLI_USAGE, "%s", error.text);
    return false;
}

static int check(const struct cli *cli) {
    const struct settings *settings = cli->settings;
    if (settings->path[0] == '\0') {
        cli_say(cli, CLI_USAGE, "there is no configuration; looked for:");
        print_searched(settings, cli->err);
        return CLI_USAGE;
    }
    bool good = check_theme(cli, settings->theme);
    for (size_t i = 0; i < settings->profile_count; i++)
        good = check_theme(cli, settings->profiles[i].theme) && good;
    if (!good)
        return CLI_USAGE;
    struct buffer line;
    buffer_init(&line);
    buffer_printf(&line, "%s: OK", settings->path);
    print_lines(cli->out, line.data);
    buffer_finish(&line);
    return print_end(cli);
}

static int print_path(const struct cli *cli) {
    if (cli->settings->path[0] != '\0') {
        print_lines(cli->out, cli->settings->path);
    } else {
        cli_say(cli, CLI_DONE, "none of these is there:");
        print_searched(cli->settings, cli->out);
    }
    return print_end(cli);
}

/* ---- profiles -------------------------------------------------------------------------------- */

static const char *const titles[] = {"NAME", "URL", "READ-ONLY", "DEFAULT"};
enum { TITLES = sizeof titles / sizeof *titles };

static void profile_row(const void *context, size_t row, const char **texts) {
    const struct settings *settings = context;
    const struct profile *profile = &settings->profiles[row];
    texts[0] = profile->name;
    texts[1] = profile->url[0] ? profile->url : profile->service;
    texts[2] = profile->read_only ? "yes" : "-";
    texts[3] = profile == settings_profile(settings, NULL, NULL) ? "yes" : "-";
}

int command_config(const struct cli *cli, const struct cli_arguments *arguments) {
    switch (cli_choose(cli, "config", arguments->words[0], config_words)) {
    case WORD_CHECK:
        return check(cli);
    case WORD_PATH:
        return print_path(cli);
    case WORD_PROFILES:
        print_table(cli, titles, TITLES, cli->settings->profile_count, profile_row, cli->settings);
        return print_end(cli);
    default:
        return CLI_USAGE;
    }
}
