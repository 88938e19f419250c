/* The values of fields as the flags give them, secrets from their files. */
#ifndef PAIL_CLI_FIELDS_H
#define PAIL_CLI_FIELDS_H

#include "pail/base/buffer.h"
#include "pail/cli/cli.h"

struct fields {
    const char *value[FIELD_COUNT];    /* NULL: not given */
    struct buffer secret[FIELD_COUNT]; /* what value views, of a secret */
};

/* Refuses what can't be meant, before anything is read or asked: a cloud that isn't one, a field
 * both set and cleared, two secrets from one input. */
int fields_check(const struct cli *cli, const struct cli_arguments *arguments);

/* Reads the secrets; call fields_finish in any case. */
int fields_read(const struct cli *cli, const struct cli_arguments *arguments,
                struct fields *fields);
void fields_finish(struct fields *fields);

/* True if one of the fields was given, and not empty. */
bool fields_have_key(const struct fields *fields);
bool fields_have_role(const struct fields *fields);

/* A key that goes with all its fields needs its secret: asks for one that wasn't given where there
 * is a person who may be asked. Elsewhere the review says that it is missing. */
int fields_need_secret(const struct cli *cli, const struct cli_arguments *arguments,
                       struct fields *fields);

#endif
