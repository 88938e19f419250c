#include "fields.h"

#include <string.h>

#include "ask.h"
#include "secret.h"

static bool is_secret(int field) {
    return bucket_fields[field].flags & FIELD_SECRET;
}

/* ---- what can't be meant --------------------------------------------------------------------- */

static int check_cloud(const struct cli *cli, const char *cloud) {
    const char *allowed[CLOUD_COUNT + 1] = {NULL};
    memcpy(allowed, bucket_cloud_names, sizeof bucket_cloud_names);
    return cli_choose(cli, "--cloud", cloud, allowed) < 0 ? CLI_USAGE : CLI_DONE;
}

int fields_check(const struct cli *cli, const struct cli_arguments *arguments) {
    int from_input = 0;
    for (int field = 0; field < FIELD_COUNT; field++) {
        const char *given = arguments->field[field];
        if (given && arguments->clear[field])
            return cli_say(cli, CLI_USAGE, "%s: both set and cleared", bucket_fields[field].name);
        from_input += given && is_secret(field) && strcmp(given, "-") == 0;
    }
    if (from_input > 1)
        return cli_say(cli, CLI_USAGE, "only one secret can be read from the input");
    return check_cloud(cli, arguments->field[FIELD_CLOUD]);
}

/* ---- reading --------------------------------------------------------------------------------- */

int fields_read(const struct cli *cli, const struct cli_arguments *arguments,
                struct fields *fields) {
    bool clears = flags[FLAG_CLEAR].commands & 1U << arguments->command;
    int status = CLI_DONE;
    for (int field = 0; field < FIELD_COUNT; field++) {
        fields->value[field] = arguments->clear[field] ? "" : arguments->field[field];
        buffer_init(&fields->secret[field]);
    }
    for (int field = 0; status == CLI_DONE && field < FIELD_COUNT; field++) {
        if (!is_secret(field) || arguments->field[field] == NULL)
            continue;
        status = secret_read(cli, (enum bucket_field)field, arguments->field[field], clears,
                             &fields->secret[field]);
        fields->value[field] = fields->secret[field].data;
    }
    return status;
}

void fields_finish(struct fields *fields) {
    for (int field = 0; field < FIELD_COUNT; field++)
        buffer_finish(&fields->secret[field]);
}

/* ---- the two ways of access ------------------------------------------------------------------ */

static bool has(const struct fields *fields, enum bucket_field field) {
    return fields->value[field] && fields->value[field][0];
}

bool fields_have_key(const struct fields *fields) {
    return has(fields, FIELD_ACCESS_KEY_ID) || has(fields, FIELD_SECRET_ACCESS_KEY);
}

bool fields_have_role(const struct fields *fields) {
    return has(fields, FIELD_ACCESS_ROLE);
}

int fields_need_secret(const struct cli *cli, const struct cli_arguments *arguments,
                       struct fields *fields) {
    const enum bucket_field field = FIELD_SECRET_ACCESS_KEY;
    struct buffer *secret = &fields->secret[field];
    if (!has(fields, FIELD_ACCESS_KEY_ID) || fields->value[field])
        return CLI_DONE;
    if (ask_is_possible(cli) && !arguments->flag[FLAG_YES] && !arguments->flag[FLAG_DRY_RUN]) {
        if (!secret_ask(cli, field, secret))
            return cli_say(cli, CLI_REFUSED, "cancelled: nothing was sent");
        fields->value[field] = secret->data;
    }
    return CLI_DONE;
}
