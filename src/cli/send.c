#include "send.h"

#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "outcomes.h"
#include "pail/base/memory.h"
#include "print.h"
#include "progress.h"
#include "review.h"

enum { SETTLE_S = 10, SETTLE_LIMIT_S = 600 };

static bool parse_settle(const char *text, long *seconds) {
    char *end;
    *seconds = SETTLE_S;
    if (text == NULL)
        return true;
    *seconds = strtol(text, &end, 10);
    return text[0] != '\0' && *end == '\0' && *seconds >= 0 && *seconds <= SETTLE_LIMIT_S;
}

int send_open(const struct cli *cli, const struct cli_arguments *arguments,
              struct sitting **sitting) {
    long seconds;
    *sitting = NULL;
    if (!parse_settle(arguments->flag[FLAG_SETTLE], &seconds))
        return cli_say(cli, CLI_USAGE, "--settle takes 0 to %d seconds", SETTLE_LIMIT_S);
    int status = sitting_open(cli, sitting);
    if (status != CLI_DONE)
        return status;
    if (session_is_read_only(sitting_session(*sitting)) && !arguments->flag[FLAG_DRY_RUN])
        return cli_say(cli, CLI_READ_ONLY, "read-only: nothing was sent");
    return sitting_load(*sitting);
}

/* ---- asking ---------------------------------------------------------------------------------- */

/* What is to be sent, and how it is spoken of. */
struct load {
    struct change *const *changes;
    size_t count;
    bool several; /* of many, though it may be one */
};

static size_t count_op(const struct load *load, enum change_op op) {
    size_t count = 0;
    for (size_t i = 0; i < load->count; i++)
        count += change_op(load->changes[i]) == op;
    return count;
}

/* The question, and the answer that it wants: "" for a yes. */
static void question_one(const struct change *change, struct buffer *question,
                         struct buffer *wanted) {
    if (change_needs_name_typed(change)) {
        buffer_printf(question, "Type the name \"%s\" to send it: ", change_name(change));
        buffer_append_string(wanted, change_name(change));
    } else {
        buffer_append_string(question, "Send it? [y/N] ");
    }
}

static void question_many(const struct load *load, struct buffer *question, struct buffer *wanted) {
    size_t deletes = count_op(load, CHANGE_DELETE);
    if (deletes > 0) {
        buffer_printf(question, "Type the number of entries to delete, %zu, to send %s: ", deletes,
                      load->count == 1 ? "it" : "all");
        buffer_printf(wanted, "%zu", deletes);
    } else if (load->count == 1) {
        buffer_append_string(question, "Send it? [y/N] ");
    } else {
        buffer_printf(question, "Send all %zu? [y/N] ", load->count);
    }
}

static bool ask(const struct cli *cli, const struct load *load) {
    struct buffer question, wanted, line;
    buffer_init(&question);
    buffer_init(&wanted);
    buffer_init(&line);
    if (load->several)
        question_many(load, &question, &wanted);
    else
        question_one(load->changes[0], &question, &wanted);
    bool yes = ask_line(cli, question.data, false, &line);
    if (wanted.length > 0)
        yes = yes && strcmp(line.data, wanted.data) == 0;
    else
        yes = yes && (strcmp(line.data, "y") == 0 || strcmp(line.data, "Y") == 0 ||
                      strcmp(line.data, "yes") == 0);
    buffer_finish(&question);
    buffer_finish(&wanted);
    buffer_finish(&line);
    return yes;
}

/* CLI_DONE if it may be sent. */
static int confirm(const struct cli *cli, const struct cli_arguments *arguments,
                   const struct load *load) {
    if (arguments->flag[FLAG_YES])
        return CLI_DONE;
    if (!ask_is_possible(cli))
        return cli_say(cli, CLI_USAGE,
                       "nobody can be asked here: give --yes to send it; nothing was sent");
    if (!ask(cli, load))
        return cli_say(cli, CLI_REFUSED, "cancelled: nothing was sent");
    return CLI_DONE;
}

/* ---- the review ------------------------------------------------------------------------------ */

static bool passes_rules(const struct cli *cli, const struct load *load) {
    bool passes = true;
    for (size_t i = 0; i < load->count; i++)
        passes = review_passes_rules(cli, load->changes[i], load->several) && passes;
    return passes;
}

static void print_review(FILE *out, const struct load *load, const char *url) {
    struct review_tally tally = {{0}};
    for (size_t i = 0; i < load->count; i++) {
        review_print(out, load->changes[i], url);
        review_count(&tally, load->changes[i]);
    }
    if (load->several)
        review_print_tally(out, &tally);
}

static int compare_names(const void *left, const void *right) {
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* A change names its bucket and no more. The names are sorted. */
static void say_others_of(const struct cli *cli, const struct table *table,
                          const char *const *names, size_t count) {
    size_t *found = memory_new(count, sizeof *found);
    for (size_t row = 0; row < table_count(table); row++) {
        const char *name = table_name(table, row);
        const char *const *at = bsearch(&name, names, count, sizeof *names, compare_names);
        if (at != NULL)
            found[at - names]++;
    }
    for (size_t i = 0; i < count; i++)
        if (found[i] > 1)
            cli_say(cli, CLI_DONE,
                    "%s: the table has %zu entries of this name, and this is the first: which one "
                    "is changed is the service's choice",
                    names[i], found[i]);
    free(found);
}

static void say_others(const struct cli *cli, const struct sitting *sitting,
                       const struct load *load) {
    const char **names = memory_new(load->count, sizeof *names);
    for (size_t i = 0; i < load->count; i++)
        names[i] = change_name(load->changes[i]);
    qsort(names, load->count, sizeof *names, compare_names);
    say_others_of(cli, sitting_table(sitting), names, load->count);
    free(names);
}

static void say_unsettled(const struct cli *cli, const struct sitting *sitting,
                          const struct load *load) {
    for (size_t i = 0; i < load->count; i++)
        if (session_is_unsettled(sitting_session(sitting), change_name(load->changes[i])))
            cli_say(cli, CLI_DONE,
                    "%s: what came of an earlier change of it is not known yet: pail journal has "
                    "it",
                    change_name(load->changes[i]));
}

/* CLI_DONE if it may go on; *ends: it needn't. */
static int review(const struct cli *cli, const struct cli_arguments *arguments,
                  const struct sitting *sitting, const struct load *load, bool *ends) {
    bool dry = arguments->flag[FLAG_DRY_RUN];
    *ends = true;
    if (!passes_rules(cli, load))
        return CLI_REFUSED;
    print_review(dry ? cli->out : cli->err, load, session_change_url(sitting_session(sitting)));
    say_others(cli, sitting, load);
    say_unsettled(cli, sitting, load);
    if (dry)
        return print_end(cli);
    *ends = false;
    return confirm(cli, arguments, load);
}

/* ---- sending --------------------------------------------------------------------------------- */

static void drop(const struct load *load) {
    for (size_t i = 0; i < load->count; i++)
        change_destroy(load->changes[i]);
}

static int submit(const struct cli *cli, const struct cli_arguments *arguments,
                  struct sitting *sitting, const struct load *load, FILE *results) {
    const struct submit_options options = {.stop_on_error = arguments->flag[FLAG_STOP_ON_ERROR],
                                           .reason = arguments->flag[FLAG_REASON]};
    struct progress progress;
    long seconds;
    progress_init(&progress, cli);
    parse_settle(arguments->flag[FLAG_SETTLE], &seconds);
    struct sitting_way way = {.options = &options, .settle_ms = seconds * 1000, .results = results};
    if (load->several) {
        way.watch = progress_watch;
        way.context = &progress;
    }
    return sitting_submit(sitting, load->changes, load->count, &way);
}

/* The results' file is made before anything is sent. */
static int submit_and_save(const struct cli *cli, const struct cli_arguments *arguments,
                           struct sitting *sitting, const struct load *load) {
    const char *path = arguments->flag[FLAG_RESULTS];
    FILE *results = path ? outcomes_create(cli, path) : NULL;
    if (path && results == NULL) {
        drop(load);
        return CLI_USAGE;
    }
    return submit(cli, arguments, sitting, load, results);
}

static int send(const struct cli *cli, const struct cli_arguments *arguments,
                struct sitting *sitting, const struct load *load) {
    bool ends;
    int status = review(cli, arguments, sitting, load, &ends);
    if (status == CLI_DONE && !ends)
        return submit_and_save(cli, arguments, sitting, load);
    drop(load);
    return status;
}

int send_change(const struct cli *cli, const struct cli_arguments *arguments,
                struct sitting *sitting, struct change *change) {
    const struct load load = {.changes = &change, .count = 1};
    if (!change_is_empty(change))
        return send(cli, arguments, sitting, &load);
    cli_say(cli, CLI_DONE, "%s: nothing to change; nothing was sent", change_name(change));
    change_destroy(change);
    return CLI_DONE;
}

int send_changes(const struct cli *cli, const struct cli_arguments *arguments,
                 struct sitting *sitting, struct change *const *changes, size_t count) {
    const struct load load = {.changes = changes, .count = count, .several = true};
    return send(cli, arguments, sitting, &load);
}
