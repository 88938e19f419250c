/* bucketd: InfinStor's buckets service in one small process. Options, then the loop. */
#include <errno.h>
#include <getopt.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "access.h"
#include "address.h"
#include "pail/base/text.h"
#include "seed.h"
#include "service.h"
#include "store.h"

enum { EXIT_USAGE = 2, REQUEST_SECONDS = 30, SECONDS_MAX = 3600 };

enum option_name {
    DB,
    LISTEN,
    ADMIN_TOKEN_FILE,
    READER_TOKEN_FILE,
    SEED,
    DEADLINE,
    HOLD,
    VALUES,
    HELP,
    VERSION
};

struct options {
    const char *value[VALUES]; /* as given, or NULL */
    int request_seconds, hold_seconds;
    struct address address;
};

static const char usage[] =
    "usage: bucketd --db FILE --listen ADDRESS:PORT [--admin-token-file FILE]\n"
    "               [--reader-token-file FILE] [--seed FILE.json] [--deadline SECONDS]\n"
    "               [--hold SECONDS]\n"
    "       bucketd --help | --version\n"
    "\n"
    "Serves InfinStor's buckets table from an SQLite file, to this machine only.\n"
    "\n"
    "  --db FILE                 the table; made if it isn't there\n"
    "  --listen ADDRESS:PORT     a loopback address; port 0 takes a free one, which the first\n"
    "                            line of output tells\n"
    "  --admin-token-file FILE   the token of those who may change the table\n"
    "  --reader-token-file FILE  the token of those who may read it; one of both is needed\n"
    "  --seed FILE.json          the first entries, if the table is empty\n"
    "  --deadline SECONDS        time for a request to arrive, 1-3600 (30)\n"
    "  --hold SECONDS            let changes wait so long, 1-3600, to rehearse an outage\n";

/* text NULL: *seconds stays. */
static bool parse_seconds(const char *name, const char *text, int *seconds, struct error *error) {
    if (text == NULL)
        return true;
    char *end = NULL;
    long value = strtol(text, &end, 10);
    if (end == text || *end != '\0' || value < 1 || value > SECONDS_MAX)
        return error_set(error, "%s %s: expected 1 to %d seconds", name, text, SECONDS_MAX);
    *seconds = (int)value;
    return true;
}

static bool check_options(struct options *options, struct error *error) {
    const char **value = options->value;
    if (value[DB] == NULL)
        return error_set(error, "--db FILE is missing");
    if (value[LISTEN] == NULL)
        return error_set(error, "--listen ADDRESS:PORT is missing");
    if (value[ADMIN_TOKEN_FILE] == NULL && value[READER_TOKEN_FILE] == NULL)
        return error_set(error, "--admin-token-file or --reader-token-file is missing");
    options->request_seconds = REQUEST_SECONDS;
    return parse_seconds("--deadline", value[DEADLINE], &options->request_seconds, error) &&
           parse_seconds("--hold", value[HOLD], &options->hold_seconds, error) &&
           address_parse(value[LISTEN], &options->address, error);
}

static _Noreturn void print_and_exit(const char *text) {
    fputs(text, stdout);
    exit(EXIT_SUCCESS);
}

static bool parse_options(int argc, char **argv, struct options *options, struct error *error) {
    const struct option known[] = {
        {"db", required_argument, NULL, DB},
        {"listen", required_argument, NULL, LISTEN},
        {"admin-token-file", required_argument, NULL, ADMIN_TOKEN_FILE},
        {"reader-token-file", required_argument, NULL, READER_TOKEN_FILE},
        {"seed", required_argument, NULL, SEED},
        {"deadline", required_argument, NULL, DEADLINE},
        {"hold", required_argument, NULL, HOLD},
        {"help", no_argument, NULL, HELP},
        {"version", no_argument, NULL, VERSION},
        {0},
    };
    int name = 0;
    while ((name = getopt_long(argc, argv, ":", known, NULL)) != -1) {
        if (name == HELP)
            print_and_exit(usage);
        if (name == VERSION)
            print_and_exit("bucketd " PAIL_VERSION "\n");
        if (name == ':')
            return error_set(error, "%s needs a value", argv[optind - 1]);
        if (name == '?')
            return error_set(error, "%s: no such option; see --help", argv[optind - 1]);
        options->value[name] = optarg;
    }
    if (optind < argc)
        return error_set(error, "%s: expected no more; see --help", argv[optind]);
    return check_options(options, error);
}

/* It holds secrets: no core dumps, no files for others (doc/safety.md, Process). */
static void harden(void) {
    const struct rlimit none = {0, 0};
    umask(077);
    prctl(PR_SET_DUMPABLE, 0);
    setrlimit(RLIMIT_CORE, &none);
}

/* SIGTERM and SIGINT become readable on a descriptor. */
static bool open_signals(int *fd, struct error *error) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    signal(SIGPIPE, SIG_IGN);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    *fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    return *fd >= 0 || error_set(error, "signalfd: %s", strerror(errno));
}

static bool load_tokens(struct access *access, const struct options *options, struct error *error) {
    if (options->value[ADMIN_TOKEN_FILE] &&
        !access_load(&access->admin, options->value[ADMIN_TOKEN_FILE], error))
        return false;
    if (options->value[READER_TOKEN_FILE] &&
        !access_load(&access->reader, options->value[READER_TOKEN_FILE], error))
        return false;
    if (access_caller(access, access->reader.data) == CALLER_ADMIN)
        return error_set(error, "the administrator's token and the reader's are the same");
    return true;
}

static bool announce(const struct address *address, struct error *error) {
    char text[80];
    address_write(address, text, sizeof text);
    printf("bucketd listening on http://%s\n", text);
    return fflush(stdout) == 0 || error_set(error, "standard output: %s", strerror(errno));
}

static bool serve(struct store *store, const struct access *access, struct options *options,
                  int stop_fd, struct error *error) {
    int listen_fd = -1;
    if (!address_listen(&options->address, &listen_fd, error))
        return false;
    struct service *service =
        service_create(store, access, listen_fd, options->request_seconds, error);
    if (service)
        service_hold(service, options->hold_seconds);
    bool ok = service && announce(&options->address, error) && service_run(service, stop_fd, error);
    service_destroy(service);
    return ok;
}

static bool run(struct options *options, struct error *error) {
    int stop_fd = -1;
    struct access access;
    struct store *store = NULL;
    access_init(&access);
    bool ok = open_signals(&stop_fd, error) && load_tokens(&access, options, error) &&
              (store = store_open(options->value[DB], error)) != NULL &&
              (!options->value[SEED] || seed_load(store, options->value[SEED], error)) &&
              serve(store, &access, options, stop_fd, error);
    store_close(store);
    access_finish(&access);
    if (stop_fd >= 0)
        close(stop_fd);
    return ok;
}

/* Names from a seed file may be in the text. */
static int fail(const struct error *error, int status) {
    struct buffer line;
    buffer_init(&line);
    text_append_safe(&line, error->text, strlen(error->text), text_charset());
    fprintf(stderr, "bucketd: %s\n", line.data);
    buffer_finish(&line);
    return status;
}

int main(int argc, char **argv) {
    setlocale(LC_CTYPE, "");
    struct options options = {0};
    struct error error = {""};
    if (!parse_options(argc, argv, &options, &error))
        return fail(&error, EXIT_USAGE);
    harden();
    return run(&options, &error) ? EXIT_SUCCESS : fail(&error, EXIT_FAILURE);
}
