/* Arguments, locale, guarded memory; then a command or the dashboard. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "pail/buckets/reader.h"
#include "pail/cli/cli.h"
#include "pail/cli/options.h"
#include "pail/ui/dashboard.h"

struct arguments {
    const char *profile, *url, *theme, *config;
    long timeout_s; /* 0: the profile's */
    bool read_only, thrifty;
    char **command; /* NULL: the dashboard */
    int command_count;
};

static void print_help(void) {
    puts("usage: pail [options] [command ...]\n\n"
         "InfinStor's table of buckets: without a command, the dashboard.\n");
#define PRINT_OPTION(name, letter, value, help) \
    printf("  --%-10s %-8s %s\n", name, (value) ? (value) : "", help);
    OPTIONS(PRINT_OPTION)
#undef PRINT_OPTION
    puts("\nCommands, each with a --help of its own:\n");
    for (int i = 0; i < COMMAND_COUNT; i++)
        printf("  %-10s %-26s %s\n", commands[i].name, commands[i].arguments, commands[i].help);
    puts("\nA command's exit status:\n");
#define PRINT_STATUS(id, status, text) printf("  %d  %s\n", status, text);
    CLI_STATUSES(PRINT_STATUS)
#undef PRINT_STATUS
    puts(
        "\nThe keys of the dashboard are on its screen: ? shows all of them. The manual is pail(1).");
}

static bool parse_timeout(const char *text, long *seconds) {
    char *end;
    *seconds = strtol(text, &end, 10);
    return text[0] != '\0' && *end == '\0' && *seconds >= 1 && *seconds <= 3600;
}

static void print_safe(const char *before, const char *text) {
    struct buffer line;
    buffer_init(&line);
    for (size_t length; *text; text += length + (text[length] == '\n')) {
        length = strcspn(text, "\n");
        text_append_safe(&line, text, length, text_charset());
        buffer_append_char(&line, '\n');
    }
    fprintf(stderr, "%s%s", before, line.data);
    buffer_finish(&line);
}

static int usage_error(const char *option, const char *what) {
    struct error line;
    error_set(&line, "%s %s; pail --help lists the options", option, what);
    print_safe("pail: ", line.text);
    return CLI_USAGE;
}

static int end_output(void) {
    if (fflush(stdout) == 0 && !ferror(stdout))
        return EXIT_SUCCESS;
    fprintf(stderr, "pail: the output could not be written: %s\n", strerror(errno));
    return CLI_REFUSED;
}

/* -1 to go on, else the exit status. */
static int parse_arguments(int argc, char **argv, struct arguments *arguments) {
#define OPTION(name, letter, value, help) {name, (value) != NULL, NULL, letter},
    static const struct option options[] = {OPTIONS(OPTION){NULL, 0, NULL, 0}};
#undef OPTION
    int letter, which = 0;
    while ((letter = getopt_long(argc, argv, "+:", options, &which)) != -1) {
        if (letter != ':' && letter != '?' && !option_is_whole(argv, options[which].name))
            return usage_error(argv[optind - 1], "is not an option; they are typed in full");
        switch (letter) {
        case 'p':
            arguments->profile = optarg;
            break;
        case 'u':
            arguments->url = optarg;
            break;
        case 'r':
            arguments->read_only = true;
            break;
        case 't':
            arguments->theme = optarg;
            break;
        case 'f':
            arguments->thrifty = true;
            break;
        case 'c':
            arguments->config = optarg;
            break;
        case 'T':
            if (!parse_timeout(optarg, &arguments->timeout_s))
                return usage_error("--timeout", "takes 1 to 3600 seconds");
            break;
        case 'h':
            print_help();
            return end_output();
        case 'V':
            puts("pail " PAIL_VERSION);
            return end_output();
        case ':':
            return usage_error(argv[optind - 1], "needs a value");
        default:
            return usage_error(option_refused(argv), "is not an option, or not used so");
        }
    }
    if (optind < argc) {
        arguments->command = argv + optind;
        arguments->command_count = argc - optind;
    }
    return -1;
}

/* What is printed on a closed descriptor would go into the file or the connection that is opened
 * next. Here it can be written as little as before: reading is all that it is open for. */
static void hold_streams(void) {
    for (int file = STDIN_FILENO; file <= STDERR_FILENO; file++)
        if (fcntl(file, F_GETFD) < 0 && errno == EBADF)
            (void)open("/dev/null", file == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

/* A UTF-8 locale that isn't installed becomes C.UTF-8; C itself stays ASCII. */
static void set_locale(void) {
    if (setlocale(LC_ALL, ""))
        return;
    static const char *const variables[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        const char *value = getenv(variables[i]);
        if (value == NULL || value[0] == '\0')
            continue;
        if (strcasestr(value, "utf-8") || strcasestr(value, "utf8"))
            setlocale(LC_ALL, "C.UTF-8");
        return;
    }
}

/* Secrets stay out of core files and away from debuggers of the same user. */
static void guard_memory(void) {
    reader_guard_memory();
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
#ifndef __SANITIZE_ADDRESS__ /* its leak check looks into the process */
    prctl(PR_SET_DUMPABLE, 0);
#endif
}

static bool choose_profile(struct settings *settings, const struct arguments *arguments,
                           const struct profile **profile, struct error *error) {
    struct error why = {""};
    bool named = arguments->profile || !arguments->url;
    *profile = named ? settings_profile(settings, arguments->profile, &why) : NULL;
    if (arguments->url && why.text[0] == '\0')
        *profile = settings_profile_for_url(settings, *profile, arguments->url, &why);
    return why.text[0] == '\0' || error_set(error, "%s", why.text);
}

static int run_command(const struct arguments *arguments, struct settings *settings,
                       const struct profile *profile) {
    struct cli cli = {
        .settings = settings,
        .profile = profile,
        .read_only = arguments->read_only,
        .timeout_ms = arguments->timeout_s * 1000,
        .in = stdin,
        .out = stdout,
        .err = stderr,
        .in_is_terminal = isatty(STDIN_FILENO),
        .out_is_terminal = isatty(STDOUT_FILENO),
    };
    return cli_run(&cli, arguments->command_count, arguments->command);
}

static int run_dashboard(const struct arguments *arguments, struct settings *settings,
                         const struct profile *profile) {
    struct error error = {""};
    const char *no_color = getenv("NO_COLOR");
    struct dashboard *dashboard = dashboard_create(
        &(struct dashboard_options){
            .settings = settings,
            .profile = profile,
            .theme = arguments->theme,
            .thrifty = arguments->thrifty,
            .timeout_ms = arguments->timeout_s * 1000,
            .read_only = arguments->read_only,
            .terminal = {.input = STDIN_FILENO,
                         .output = STDOUT_FILENO,
                         .no_colour = no_color && no_color[0]},
        },
        &error);
    if (dashboard == NULL) {
        print_safe("pail: ", error.text);
        return CLI_USAGE;
    }
    struct buffer farewell;
    buffer_init(&farewell);
    int status = dashboard_run(dashboard, &farewell);
    dashboard_destroy(dashboard);
    print_safe("", farewell.data);
    buffer_finish(&farewell);
    return status;
}

static int run(const struct arguments *arguments, struct settings *settings) {
    struct error error = {""};
    const struct profile *profile = NULL;
    if (!settings_load(settings, arguments->config, &error) ||
        !choose_profile(settings, arguments, &profile, &error)) {
        print_safe("pail: ", error.text);
        return CLI_USAGE;
    }
    return arguments->command ? run_command(arguments, settings, profile)
                              : run_dashboard(arguments, settings, profile);
}

int main(int argc, char **argv) {
    struct arguments arguments = {0};
    hold_streams();
    set_locale();
    int status = parse_arguments(argc, argv, &arguments);
    if (status >= 0)
        return status;
    guard_memory();
    struct settings settings;
    settings_init(&settings);
    status = run(&arguments, &settings);
    settings_finish(&settings);
    return status;
}
