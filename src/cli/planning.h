/* What `diff` and `apply` share: the way to a plan, and what is said of it. */
#ifndef PAIL_SRC_CLI_PLANNING_H
#define PAIL_SRC_CLI_PLANNING_H

#include "pail/buckets/plan.h"
#include "pail/cli/sitting.h"

/* Says what the plan leaves alone and what it doesn't look at. */
void planning_say_left(const struct cli *cli, const struct plan *plan);

/* Appends "2 to add, 1 to modify, 3 to delete", without what there is none of. */
void planning_count(const struct plan *plan, struct buffer *out);

#endif
