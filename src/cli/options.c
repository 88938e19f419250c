#include "pail/cli/options.h"

#include <getopt.h>
#include <string.h>

bool option_is_whole(char **argv, const char *name) {
    const char *typed = argv[optind - (optarg && optarg == argv[optind - 1] ? 2 : 1)];
    size_t length = strlen(name);
    return strncmp(typed, "--", 2) == 0 && strncmp(typed + 2, name, length) == 0 &&
           (typed[2 + length] == '\0' || typed[2 + length] == '=');
}
