#include "losses.h"

#include "ask.h"
#include "pail/buckets/desired.h"

bool losses_are_allowed(const struct cli *cli, const struct cli_arguments *arguments) {
    bool asked = ask_is_possible(cli) && !arguments->flag[FLAG_YES];
    return asked || arguments->flag[FLAG_WITHOUT_SECRETS] || arguments->flag[FLAG_DRY_RUN];
}

static void append_one(int field, enum losses_naming naming, struct buffer *out) {
    char flag[64];
    cli_field_flag((enum bucket_field)field, flag, sizeof flag);
    if (naming == LOSSES_FLAGS)
        buffer_printf(out, "--%s", flag);
    else
        buffer_printf(out, "%s%s", bucket_fields[field].name,
                      naming == LOSSES_MEMBERS ? DESIRED_FILE_SUFFIX : "");
}

void losses_append(unsigned secrets, enum losses_naming naming, struct buffer *out) {
    const char *separator = "";
    for (int field = 0; field < FIELD_COUNT; field++)
        if (secrets & 1U << field) {
            buffer_append_string(out, separator);
            append_one(field, naming, out);
            separator = " and ";
        }
}

int losses_say(const struct cli *cli, int status, const char *name, const char *so,
               unsigned secrets, enum losses_naming naming) {
    struct buffer names, ways;
    bool several = secrets & (secrets - 1);
    buffer_init(&names);
    buffer_init(&ways);
    losses_append(secrets, LOSSES_NAMES, &names);
    losses_append(secrets, naming, &ways);
    cli_say(cli, status,
            "%s: %s: its %s, if it has %s, would be lost: give %s, or --without-secrets to go on "
            "without",
            name, so, names.data, several ? "them" : "one", ways.data);
    buffer_finish(&names);
    buffer_finish(&ways);
    return status;
}
