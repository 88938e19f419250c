#include "pail/session/undo.h"

#include <stdlib.h>

#include "ask.h"
#include "commands.h"
#include "fields.h"
#include "losses.h"
#include "secret.h"
#include "send.h"

enum { MOST = 1000000 };

static int read_count(const struct cli *cli, const struct cli_arguments *arguments, size_t *count) {
    const char *text = arguments->count > 0 ? arguments->words[0] : "1";
    char *end;
    long number = strtol(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || number < 1 || number > MOST)
        return cli_say(
            cli, CLI_USAGE,
            "undo takes a number: 1 for the last applied change, 2 for the one before it");
    *count = (size_t)number;
    return CLI_DONE;
}

/* Those that were not given, where somebody may be asked; an empty answer goes on without. */
static int ask_secrets(const struct cli *cli, const struct cli_arguments *arguments,
                       const struct undo *undo, struct fields *fields) {
    if (!ask_is_possible(cli) || arguments->flag[FLAG_YES] || arguments->flag[FLAG_DRY_RUN])
        return CLI_DONE;
    for (int field = 0; field < FIELD_COUNT; field++) {
        if (!(undo_secrets(undo) & 1U << field) || fields->value[field])
            continue;
        cli_say(cli, CLI_DONE,
                "%s: the %s that it had, if any, is not recorded; an empty one goes on without",
                undo_name(undo), bucket_fields[field].name);
        if (!secret_ask(cli, (enum bucket_field)field, &fields->secret[field]))
            return cli_say(cli, CLI_REFUSED, "cancelled: nothing was sent");
        fields->value[field] = fields->secret[field].data;
    }
    return CLI_DONE;
}

/* Names the secrets that are needed, and the flags that give them. */
static int say_lacks(const struct cli *cli, const struct undo *undo, unsigned secrets,
                     const char *lead, const char *way_out) {
    struct buffer names, ways;
    buffer_init(&names);
    buffer_init(&ways);
    losses_append(secrets, LOSSES_NAMES, &names);
    losses_append(secrets, LOSSES_FLAGS, &ways);
    cli_say(cli, CLI_USAGE, "%s: nothing was sent: %s %s that it had is not recorded: give %s%s",
            undo_name(undo), lead, names.data, ways.data, way_out);
    buffer_finish(&names);
    buffer_finish(&ways);
    return CLI_USAGE;
}

/* Nobody is asked: what would come back without a secret that it had isn't sent unless that is
 * said. */
static int check_secrets(const struct cli *cli, const struct cli_arguments *arguments,
                         const struct undo *undo, const struct fields *fields) {
    unsigned lacks = undo_lacks(undo, fields->value);
    if (lacks == 0 || losses_are_allowed(cli, arguments))
        return CLI_DONE;
    return say_lacks(cli, undo, lacks, "the", ", or --without-secrets to go on without");
}

static int send_undo(const struct cli *cli, const struct cli_arguments *arguments,
                     struct sitting *sitting, const struct undo *undo, struct fields *fields) {
    struct error error;
    int status = fields_read(cli, arguments, fields);
    if (status == CLI_DONE)
        status = ask_secrets(cli, arguments, undo, fields);
    if (status != CLI_DONE)
        return status;
    struct change *change = undo_change(undo, fields->value, &error);
    if (change == NULL)
        return undo_secrets(undo)
                   ? say_lacks(cli, undo, undo_secrets(undo), "nothing else differs, and the", "")
                   : cli_say(cli, CLI_REFUSED, "%s; nothing was sent", error.text);
    status = check_secrets(cli, arguments, undo, fields);
    if (status == CLI_DONE)
        return send_change(cli, arguments, sitting, change);
    change_destroy(change);
    return status;
}

int command_undo(const struct cli *cli, const struct cli_arguments *arguments) {
    struct sitting *sitting = NULL;
    struct fields fields = {0};
    struct error error;
    size_t count = 1;
    int status = read_count(cli, arguments, &count);
    if (status == CLI_DONE)
        status = fields_check(cli, arguments);
    if (status == CLI_DONE)
        status = send_open(cli, arguments, &sitting);
    if (status == CLI_DONE) {
        struct undo *undo = undo_last(sitting_session(sitting), count, &error);
        status = undo ? send_undo(cli, arguments, sitting, undo, &fields)
                      : cli_say(cli, CLI_REFUSED, "%s; nothing was sent", error.text);
        undo_destroy(undo);
    }
    fields_finish(&fields);
    sitting_close(sitting);
    return status;
}
