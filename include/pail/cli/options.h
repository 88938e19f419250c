/*
 * What comes before a command, or stands alone for the dashboard. Written once: for getopt, for
 * --help, for completion.
 *
 *   X(name, letter for getopt, value (NULL: none), help)
 */
#ifndef PAIL_CLI_OPTIONS_H
#define PAIL_CLI_OPTIONS_H

#include <stdbool.h>

#define OPTIONS(X)                                                                             \
    X("profile", 'p', "NAME", "use this profile of the configuration")                         \
    X("url", 'u', "BASE", "use this service, such as https://api.infinstor.example.com")       \
    X("read-only", 'r', NULL, "change nothing in this sitting")                                \
    X("theme", 't', "NAME", "look like this: default light high-contrast solarized-dark mono") \
    X("thrifty", 'f', NULL, "send few bytes to the terminal: it is at the end of a slow line") \
    X("config", 'c', "FILE", "read this configuration instead of pail.conf")                   \
    X("timeout", 'T', "SECONDS", "patience with a silent read and with a write (1-3600)")      \
    X("help", 'h', NULL, "this")                                                               \
    X("version", 'V', NULL, "print the version")

/* True if the option of this name, which getopt_long has just returned, was typed in full. It takes
 * any beginning of a name, and a secret's flag without "-file" would be a secret in argv. */
bool option_is_whole(char **argv, const char *name);

/* The word that getopt_long has just refused. It is still at it where several letters stand behind
 * one dash. */
const char *option_refused(char **argv);

#endif
