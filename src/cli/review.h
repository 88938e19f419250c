/* The review of a change as lines of text: what the dashboard's review says, in its words. */
#ifndef PAIL_CLI_REVIEW_H
#define PAIL_CLI_REVIEW_H

#include <stdio.h>

#include "pail/cli/cli.h"
#include "pail/session/session.h"

/* The difference, notes, warnings, and the request with its secrets masked. */
void review_print(FILE *out, const struct change *change, const char *url);

/* After a conflict: opened, now and yours of each field in which they aren't all the same. */
void review_print_versions(FILE *out, const struct submission *done);

/* Says on err which values may not be sent, and why; true if there is none. What an edit leaves as
 * it was isn't sent and doesn't count. */
bool review_passes_rules(const struct cli *cli, const struct change *change);

#endif
