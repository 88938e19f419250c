/* pail diff: the table against the entries of a file. */
#include "commands.h"
#include "desired_file.h"
#include "names.h"
#include "pail/cli/sitting.h"
#include "planning.h"
#include "print.h"
#include "review.h"

static void print_plan(const struct cli *cli, const struct plan *plan) {
    struct review_tally tally = {{0}};
    for (size_t i = 0; i < plan->count; i++) {
        review_print_title(cli->out, plan->items[i].change);
        review_print_difference(cli->out, plan->items[i].change, plan->items[i].entry);
        review_count(&tally, plan->items[i].change);
    }
    planning_say_left(cli, plan);
    if (plan->count > 0)
        review_print_tally(cli->err, &tally);
}

/* No secret is read: the listing doesn't show what it would be compared with. */
static int compare(const struct cli *cli, const struct cli_arguments *arguments,
                   const struct sitting *sitting, const struct desired *desired) {
    const struct plan_options options = {.prune = arguments->flag[FLAG_PRUNE] != NULL};
    struct plan plan;
    plan_init(&plan);
    plan_make(&plan, desired, sitting_table(sitting), &options);
    print_plan(cli, &plan);
    bool differs = plan.count > 0 || plan.left_desired > 0;
    plan_finish(&plan);
    int status = print_end(cli);
    return status != CLI_DONE || !differs ? status : CLI_REFUSED;
}

int command_diff(const struct cli *cli, const struct cli_arguments *arguments) {
    struct sitting *sitting = NULL;
    struct desired desired;
    desired_init(&desired);
    int status = desired_file_read(cli, arguments->words[0], &desired);
    if (status == CLI_DONE)
        status = sitting_open(cli, &sitting);
    if (status == CLI_DONE)
        status = sitting_load(sitting);
    if (status == CLI_DONE) {
        names_save(cli->profile, sitting_table(sitting));
        status = compare(cli, arguments, sitting, &desired);
    }
    sitting_close(sitting);
    desired_finish(&desired);
    return status;
}
