/* A file of desired state, and the secrets whose files it names. */
#ifndef PAIL_SRC_CLI_DESIRED_FILE_H
#define PAIL_SRC_CLI_DESIRED_FILE_H

#include "pail/buckets/desired.h"
#include "pail/cli/cli.h"

/* Reads the file, or the input for "-"; desired was just initialised. CLI_USAGE, said on err, if it
 * can't be read, has more than 256 MiB, or isn't desired state. */
int desired_file_read(const struct cli *cli, const char *path, struct desired *desired);

/* Appends the secret that the entry gives for a field by a file, whose path is seen from the folder
 * of the file at `path`. A status as secret_read's. */
int desired_file_secret(const struct cli *cli, const char *path, const struct desired_entry *entry,
                        enum bucket_field field, struct buffer *secret);

#endif
