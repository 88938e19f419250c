#include "commands.h"
#include "send.h"

static int delete_one(const struct cli *cli, const struct cli_arguments *arguments,
                      struct sitting *sitting, const char *name) {
    struct bucket opened;
    if (!sitting_find(sitting, name, &opened))
        return cli_say(cli, CLI_NO_BUCKET, "%s: no such bucket; nothing was sent", name);
    return send_change(cli, arguments, sitting, change_delete(&opened));
}

/* An unknown outcome tells more than a conflict, and that more than what failed first. */
static int worse(int before, int now) {
    if (before == CLI_UNKNOWN || now == CLI_UNKNOWN)
        return CLI_UNKNOWN;
    if (before == CLI_CONFLICT || now == CLI_CONFLICT)
        return CLI_CONFLICT;
    return before != CLI_DONE ? before : now;
}

static int delete_all(const struct cli *cli, const struct cli_arguments *arguments,
                      struct sitting *sitting) {
    int status = CLI_DONE;
    for (int i = 0; i < arguments->count; i++) {
        int one = delete_one(cli, arguments, sitting, arguments->words[i]);
        status = worse(status, one);
        if (one == CLI_USAGE) /* nobody can be asked about the others either */
            break;
        if (sitting_was_stopped(sitting) && i + 1 < arguments->count) {
            cli_say(cli, status, "stopped: the others were not sent, from %s on",
                    arguments->words[i + 1]);
            break;
        }
    }
    return status;
}

int command_delete(const struct cli *cli, const struct cli_arguments *arguments) {
    struct sitting *sitting = NULL;
    int status = send_open(cli, arguments, &sitting);
    if (status == CLI_DONE)
        status = delete_all(cli, arguments, sitting);
    sitting_close(sitting);
    return status;
}
