#include "pail/cli/options.h"

#include <getopt.h>
#include <string.h>

bool option_is_whole(char **argv, const char *name) {
    const char *typed = argv[optind - (optarg && optarg == argv[optind - 1] ? 2 : 1)];
    size_t length = strlen(name);
    return strncmp(typed, "--", 2) == 0 && strncmp(typed + 2, name, length) == 0 &&
           (typed[2 + length] == '\0' || typed[2 + length] == '=');
}

const char *option_refused(char **argv) {
    const char *next = argv[optind];
    if (next && next[0] == '-' && next[1] != '-' && optopt && strchr(next, optopt))
        return next;
    return argv[optind - 1];
}
