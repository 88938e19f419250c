/* What add, modify, delete and apply share: the ways in and out of changes. */
#ifndef PAIL_CLI_SEND_H
#define PAIL_CLI_SEND_H

#include "pail/cli/sitting.h"

/* Refuses a read-only sitting unless it is a dry run, opens the sitting and reads the table.
 * *sitting is for the caller to close in any case. */
int send_open(const struct cli *cli, const struct cli_arguments *arguments,
              struct sitting **sitting);

/* Checks the change, which it takes over, against the rules, prints the review, asks unless told
 * not to, sends and waits for what comes of it. A dry run ends after the review. */
int send_change(const struct cli *cli, const struct cli_arguments *arguments,
                struct sitting *sitting, struct change *change);

/* The same for several, of which none is empty: one review that has them all, one question (with
 * deletes, how many there are must be typed), one way through the door, with progress on a
 * terminal, and a result of each where --results wants it. Takes the changes over, not the
 * array. */
int send_changes(const struct cli *cli, const struct cli_arguments *arguments,
                 struct sitting *sitting, struct change *const *changes, size_t count);

#endif
