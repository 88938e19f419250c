/* pail apply: makes the table as the entries of a file. */
#include <stdlib.h>

#include "commands.h"
#include "desired_file.h"
#include "losses.h"
#include "names.h"
#include "outcomes.h"
#include "planning.h"
#include "send.h"

/* Where secrets are read from, and what came of it. */
struct secrets {
    const struct cli *cli;
    const char *path; /* of the file that names their files */
    int status;
};

static bool read_secret(void *context, const struct desired_entry *entry, enum bucket_field field,
                        struct buffer *secret) {
    struct secrets *secrets = context;
    secrets->status = desired_file_secret(secrets->cli, secrets->path, entry, field, secret);
    return secrets->status == CLI_DONE;
}

/* The results of no changes: what an earlier run left must not pass for them. */
static int save_nothing(const struct cli *cli, const struct cli_arguments *arguments) {
    const char *path = arguments->flag[FLAG_RESULTS];
    if (path == NULL || arguments->flag[FLAG_DRY_RUN])
        return CLI_DONE;
    FILE *results = outcomes_create(cli, path);
    return results ? outcomes_save(cli, NULL, results) : CLI_USAGE;
}

static void say_nothing(const struct cli *cli, const struct plan *plan) {
    const char *are = plan->same == 1 ? "entry is" : "entries are";
    if (plan->left_desired > 0)
        cli_say(cli, CLI_DONE, "nothing was sent: %zu %s as desired, %zu %s left alone", plan->same,
                are, plan->left_desired, plan->left_desired == 1 ? "is" : "are");
    else
        cli_say(cli, CLI_DONE, "nothing to change: %zu %s as desired; nothing was sent", plan->same,
                are);
}

static int send_plan(const struct cli *cli, const struct cli_arguments *arguments,
                     struct sitting *sitting, struct plan *plan) {
    size_t count = plan->count;
    if (count == 0) {
        say_nothing(cli, plan);
        return save_nothing(cli, arguments);
    }
    struct change **changes = plan_steal(plan);
    int status = send_changes(cli, arguments, sitting, changes, count);
    free(changes);
    return status;
}

static int apply(const struct cli *cli, const struct cli_arguments *arguments,
                 struct sitting *sitting, const struct desired *desired) {
    struct secrets secrets = {cli, arguments->words[0], CLI_DONE};
    const struct plan_options options = {
        .prune = arguments->flag[FLAG_PRUNE] != NULL,
        .secrets = arguments->flag[FLAG_SECRETS] != NULL,
        .spare_secrets = !losses_are_allowed(cli, arguments),
        .read_secret = read_secret,
        .context = &secrets,
    };
    struct plan plan;
    plan_init(&plan);
    if (plan_make(&plan, desired, sitting_table(sitting), &options)) {
        planning_say_left(cli, &plan);
        secrets.status = send_plan(cli, arguments, sitting, &plan);
        if (secrets.status == CLI_DONE && plan.left_desired > 0)
            secrets.status = CLI_REFUSED;
    }
    plan_finish(&plan);
    return secrets.status;
}

int command_apply(const struct cli *cli, const struct cli_arguments *arguments) {
    struct sitting *sitting = NULL;
    struct desired desired;
    desired_init(&desired);
    int status = desired_file_read(cli, arguments->words[0], &desired);
    if (status == CLI_DONE)
        status = send_open(cli, arguments, &sitting);
    if (status == CLI_DONE) {
        names_save(cli->profile, sitting_table(sitting));
        status = apply(cli, arguments, sitting, &desired);
    }
    sitting_close(sitting);
    desired_finish(&desired);
    return status;
}
