/* A secret from a file, since one in argv is seen by everybody on the machine. */
#ifndef PAIL_CLI_SECRET_H
#define PAIL_CLI_SECRET_H

#include "pail/base/buffer.h"
#include "pail/cli/cli.h"

/* Appends what the file holds, without one LF or CRLF at its end. "-" is the input, or on a
 * terminal a question. Others that can read the file are warned of. CLI_USAGE, said on err, if it
 * can't be read, is empty or is larger than a secret may be; CLI_REFUSED if it holds a NUL.
 * clears: the command has --clear, which is pointed at where it is empty. */
int secret_read(const struct cli *cli, enum bucket_field field, const char *path, bool clears,
                struct buffer *secret);

/* The same for a password; "-" is the input. */
int secret_read_password(const struct cli *cli, const char *path, struct buffer *password);

/* The same where it belongs to a bucket, which is named, and the path is always a file's; a
 * relative one is seen from the folder, which is "" or ends with "/". */
int secret_read_file(const struct cli *cli, const char *bucket, enum bucket_field field,
                     const char *folder, const char *path, struct buffer *secret);

/* Asks for it without an echo; what is empty is none. False at the end of the input. */
bool secret_ask(const struct cli *cli, enum bucket_field field, struct buffer *secret);

#endif
