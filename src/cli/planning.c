#include "planning.h"

#include "losses.h"

static const char *entries(size_t count) {
    return count == 1 ? "entry" : "entries";
}

static void say_left(const struct cli *cli, const struct plan_left *left) {
    switch (left->why) {
    case PLAN_TWICE:
        cli_say(cli, CLI_DONE, "%s: left alone: the table has several entries of this name",
                left->name);
        break;
    case PLAN_UNREADABLE:
        cli_say(cli, CLI_DONE, "%s: left alone: an entry that could not be read may have this name",
                left->name);
        break;
    case PLAN_LOSES:
        losses_say(cli, CLI_DONE, left->name, "left alone", left->loses, LOSSES_MEMBERS);
        break;
    }
}

void planning_say_left(const struct cli *cli, const struct plan *plan) {
    for (size_t i = 0; i < plan->left_count; i++)
        say_left(cli, &plan->left[i]);
    if (plan->unreadable > 0)
        cli_say(cli, CLI_DONE, "%zu %s of the table could not be read: left alone",
                plan->unreadable, entries(plan->unreadable));
    if (plan->others > 0)
        cli_say(cli, CLI_DONE, "%zu %s of the table %s not in the file: left alone without --prune",
                plan->others, entries(plan->others), plan->others == 1 ? "is" : "are");
}
