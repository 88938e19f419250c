#include "commands.h"
#include "fields.h"
#include "losses.h"
#include "send.h"

static void drop(struct bucket *wanted, enum secret_choice *secrets, enum bucket_field field) {
    wanted->value[field] = "";
    secrets[field] = SECRET_CLEAR;
}

/* Flags of one way of access on an entry of the other alone switch it: what was the other's goes,
 * as in the dashboard's form. True if they do. */
static bool switch_access(const struct bucket *opened, const struct fields *fields,
                          struct bucket *wanted, enum secret_choice *secrets) {
    bool key = fields_have_key(fields), role = fields_have_role(fields);
    enum bucket_access access = bucket_access(opened);
    if (access == ACCESS_ROLE && key && !role) {
        drop(wanted, secrets, FIELD_ACCESS_ROLE);
        drop(wanted, secrets, FIELD_ACCESS_ROLE_EXT);
        return true;
    }
    if (access == ACCESS_KEY && role && !key) {
        drop(wanted, secrets, FIELD_ACCESS_KEY_ID);
        drop(wanted, secrets, FIELD_SECRET_ACCESS_KEY);
        return true;
    }
    return false;
}

static void apply(const struct fields *fields, struct bucket *wanted, enum secret_choice *secrets) {
    for (int field = 0; field < FIELD_COUNT; field++) {
        const char *value = fields->value[field];
        if (value == NULL)
            continue;
        wanted->value[field] = value;
        secrets[field] = value[0] ? SECRET_REPLACE : SECRET_CLEAR;
    }
}

/* Nobody is asked: a secret isn't lost unless that is said. */
static int send_edit(const struct cli *cli, const struct cli_arguments *arguments,
                     struct sitting *sitting, struct change *change) {
    unsigned loses = change_loses(change);
    if (loses == 0 || losses_are_allowed(cli, arguments))
        return send_change(cli, arguments, sitting, change);
    losses_say(cli, CLI_USAGE, change_name(change), "nothing was sent", loses, LOSSES_FLAGS);
    change_destroy(change);
    return CLI_USAGE;
}

static int modify(const struct cli *cli, const struct cli_arguments *arguments,
                  struct sitting *sitting, struct fields *fields) {
    enum secret_choice secrets[FIELD_COUNT] = {SECRET_KEEP};
    struct bucket opened, wanted;
    if (!sitting_find(sitting, arguments->words[0], &opened))
        return sitting_say_missing(sitting, arguments->words[0], "; nothing was sent");
    int status = fields_read(cli, arguments, fields);
    if (status != CLI_DONE)
        return status;
    wanted = opened;
    if (switch_access(&opened, fields, &wanted, secrets))
        status = fields_need_secret(cli, arguments, fields);
    if (status != CLI_DONE)
        return status;
    apply(fields, &wanted, secrets);
    return send_edit(cli, arguments, sitting, change_edit(&opened, &wanted, secrets));
}

/* An empty value is more likely a variable that isn't set than the wish to empty a field. */
static int check_filled(const struct cli *cli, const struct cli_arguments *arguments) {
    for (int field = 0; field < FIELD_COUNT; field++)
        if (arguments->field[field] && arguments->field[field][0] == '\0')
            return cli_say(cli, CLI_USAGE, "%s: what was given is empty; --clear %s empties it",
                           bucket_fields[field].name, bucket_fields[field].name);
    return CLI_DONE;
}

int command_modify(const struct cli *cli, const struct cli_arguments *arguments) {
    struct sitting *sitting = NULL;
    struct fields fields = {0};
    int status = fields_check(cli, arguments);
    if (status == CLI_DONE)
        status = check_filled(cli, arguments);
    if (status == CLI_DONE)
        status = send_open(cli, arguments, &sitting);
    if (status == CLI_DONE)
        status = modify(cli, arguments, sitting, &fields);
    fields_finish(&fields);
    sitting_close(sitting);
    return status;
}
