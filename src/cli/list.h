/* What `list` and `export` share. */
#ifndef PAIL_SRC_CLI_LIST_H
#define PAIL_SRC_CLI_LIST_H

#include "pail/buckets/listing.h"
#include "pail/cli/cli.h"

/* The entries that the words match, sorted by a column. The words are one filter, as if they had
 * been typed in the dashboard. */
struct listing *list_matching(const struct cli *cli, struct table *table,
                              const struct cli_arguments *arguments, enum column sort);

#endif
