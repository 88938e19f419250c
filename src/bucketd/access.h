/*
 * Who is asking. A caller is known by the token in its Authorization header, as it stands there:
 * InfinStor's clients send the IdToken without "Bearer". The tokens are read once, at the start,
 * from files that nobody else may read (doc/safety.md, 8).
 */
#ifndef BUCKETD_ACCESS_H
#define BUCKETD_ACCESS_H

#include "pail/base/buffer.h"
#include "pail/base/error.h"

enum caller { CALLER_NOBODY, CALLER_READER, CALLER_ADMIN };

struct access {
    struct buffer admin, reader; /* empty: there is none */
};

void access_init(struct access *access);
void access_finish(struct access *access); /* overwrites the tokens */

/* Reads a token file: one bare token on a line of its own, or InfinStor's lines KEY=value, of which
 * IdToken counts, or Token where that begins with "Custom " or where there is no IdToken. */
bool access_load(struct buffer *token, const char *path, struct error *error);

/* authorization: the header's value, or NULL. Takes the same time for every wrong token of one
 * length. */
enum caller access_caller(const struct access *access, const char *authorization);

#endif
