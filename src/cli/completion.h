/* What the scripts for the shells are made from: every flag, and what may stand behind it. */
#ifndef PAIL_SRC_CLI_COMPLETION_H
#define PAIL_SRC_CLI_COMPLETION_H

#include <stdio.h>

#include "pail/cli/cli.h"

enum completion_kind {
    COMPLETE_NOTHING,
    COMPLETE_TEXT,
    COMPLETE_WORDS,
    COMPLETE_LIST,
    COMPLETE_FILES,
    COMPLETE_PROFILES,
    COMPLETE_BUCKETS
};

struct completion_flag {
    const char *name, *help;
    const char *value;         /* what its value is called; "": it takes none */
    enum completion_kind kind; /* of its value; COMPLETE_NOTHING: it takes none */
    const char *words; /* of COMPLETE_WORDS and COMPLETE_LIST (commas join them), by blanks */
};

typedef void completion_fn(void *context, const struct completion_flag *flag);

/* The flags of a command; those that come before it for COMMAND_COUNT. */
void completion_flags(enum command command, completion_fn *each, void *context);

/* What stands behind a command: the words for COMPLETE_WORDS; names of buckets where `buckets`. */
struct completion_words {
    bool buckets, repeated;   /* a bucket's name comes first; any number of them */
    bool file;                /* a file comes first */
    const char *const *words; /* then one of these; NULL: nothing */
};
struct completion_words completion_words(enum command command);

void completion_write_sh(FILE *out, bool zsh); /* bash, or zsh */
void completion_write_fish(FILE *out);

#endif
