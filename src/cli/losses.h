/* Secrets that a change would lose, or that an undo can't bring back. */
#ifndef PAIL_SRC_CLI_LOSSES_H
#define PAIL_SRC_CLI_LOSSES_H

#include "pail/base/buffer.h"
#include "pail/cli/cli.h"

/* True if that may be: a person sees it in the review, or wants it, or nothing is sent anyway. */
bool losses_are_allowed(const struct cli *cli, const struct cli_arguments *arguments);

/* By the API's names, by the flags that give them, by the members of a desired state that do. */
enum losses_naming { LOSSES_NAMES, LOSSES_FLAGS, LOSSES_MEMBERS };

/* Appends these (bits 1 << field) as "secretAccessKey and sharedSecret". */
void losses_append(unsigned secrets, enum losses_naming naming, struct buffer *out);

/* "NAME: so: its sharedSecret, if it has one, would be lost: give ..."; `so` says what comes of
 * it. Returns status, for tail calls. */
int losses_say(const struct cli *cli, int status, const char *name, const char *so,
               unsigned secrets, enum losses_naming naming);

#endif
