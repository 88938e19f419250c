/*
 * InfinStor's token file (reference: its public Python client): lines KEY=value, of which
 *
 *   IdToken=   goes into the Authorization header as it is (the case of the key varies)
 *   Token=     used instead if it begins with "Custom ", or if there is no IdToken
 *
 * CRLF occurs. A file that others can read or write, that isn't ours or root's, or isn't a regular
 * file is refused (doc/safety.md, 8).
 */
#ifndef PAIL_SERVICE_TOKEN_H
#define PAIL_SERVICE_TOKEN_H

#include "pail/base/buffer.h"
#include "pail/base/error.h"

enum token_state {
    TOKEN_LOADED,
    TOKEN_MISSING,  /* no such file */
    TOKEN_LOOSE,    /* others can read or write it: the error names the chmod that mends it */
    TOKEN_UNUSABLE, /* not ours or root's, not a file, too large, or no token in it */
};

/* Reads the file and appends the Authorization header's value to authorization. */
enum token_state token_load(const char *path, struct buffer *authorization, struct error *error);

/* chmod 600 on the file that token_load called loose; only on a regular file of ours. */
bool token_tighten(const char *path, struct error *error);

/* Where the token file is: directory/token if directory is not "", else
 * $INFINSTOR_TOKEN_FILE_DIR/token, else ~/.infinstor/token. */
void token_path(struct buffer *path, const char *directory);

#endif
