/* What `diff` and `apply` say of a plan. */
#ifndef PAIL_SRC_CLI_PLANNING_H
#define PAIL_SRC_CLI_PLANNING_H

#include "pail/buckets/plan.h"
#include "pail/cli/cli.h"

/* Says what the plan leaves alone and what it doesn't look at. */
void planning_say_left(const struct cli *cli, const struct plan *plan);

#endif
