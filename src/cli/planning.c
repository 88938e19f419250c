#include "planning.h"

static const char *entries(size_t count) {
    return count == 1 ? "entry" : "entries";
}

void planning_say_left(const struct cli *cli, const struct plan *plan) {
    for (size_t i = 0; i < plan->left_count; i++)
        cli_say(cli, CLI_DONE, "%s: left alone: %s", plan->left[i].name,
                plan->left[i].why == PLAN_TWICE
                    ? "the table has several entries of this name"
                    : "an entry that could not be read may have this name");
    if (plan->unreadable > 0)
        cli_say(cli, CLI_DONE, "%zu %s of the table could not be read: left alone",
                plan->unreadable, entries(plan->unreadable));
    if (plan->others > 0)
        cli_say(cli, CLI_DONE, "%zu %s of the table %s not in the file: left alone without --prune",
                plan->others, entries(plan->others), plan->others == 1 ? "is" : "are");
}
