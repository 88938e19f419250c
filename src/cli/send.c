#include "send.h"

#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "print.h"
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

static bool ask(const struct cli *cli, const struct change *change) {
    struct buffer question, line;
    bool by_name = change_needs_name_typed(change);
    buffer_init(&question);
    buffer_init(&line);
    if (by_name)
        buffer_printf(&question, "Type the name \"%s\" to send it: ", change_name(change));
    else
        buffer_append_string(&question, "Send it? [y/N] ");
    bool yes = ask_line(cli, question.data, false, &line);
    if (by_name)
        yes = yes && strcmp(line.data, change_name(change)) == 0;
    else
        yes = yes && (strcmp(line.data, "y") == 0 || strcmp(line.data, "Y") == 0 ||
                      strcmp(line.data, "yes") == 0);
    buffer_finish(&question);
    buffer_finish(&line);
    return yes;
}

/* CLI_DONE if it may be sent. */
static int confirm(const struct cli *cli, const struct cli_arguments *arguments,
                   const struct change *change) {
    if (arguments->flag[FLAG_YES])
        return CLI_DONE;
    if (!ask_is_possible(cli))
        return cli_say(cli, CLI_USAGE,
                       "nobody can be asked here: give --yes to send it; nothing was sent");
    if (!ask(cli, change))
        return cli_say(cli, CLI_REFUSED, "cancelled: nothing was sent");
    return CLI_DONE;
}

/* ---- sending --------------------------------------------------------------------------------- */

/* CLI_DONE if the change may go on; *ends: it needn't. */
static int review(const struct cli *cli, const struct cli_arguments *arguments,
                  const struct sitting *sitting, const struct change *change, bool *ends) {
    bool dry = arguments->flag[FLAG_DRY_RUN];
    *ends = true;
    if (change_is_empty(change))
        return cli_say(cli, CLI_DONE, "%s: nothing to change; nothing was sent",
                       change_name(change));
    if (!review_passes_rules(cli, change))
        return CLI_REFUSED;
    review_print(dry ? cli->out : cli->err, change, session_change_url(sitting_session(sitting)));
    if (dry)
        return print_end(cli);
    *ends = false;
    return confirm(cli, arguments, change);
}

int send_change(const struct cli *cli, const struct cli_arguments *arguments,
                struct sitting *sitting, struct change *change) {
    long seconds;
    bool ends;
    int status = review(cli, arguments, sitting, change, &ends);
    if (status != CLI_DONE || ends) {
        change_destroy(change);
        return status;
    }
    parse_settle(arguments->flag[FLAG_SETTLE], &seconds);
    return sitting_submit(sitting, change, seconds * 1000);
}
