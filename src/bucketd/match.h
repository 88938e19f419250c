/*
 * The condition If-Match (RFC 9110, 13.1.1) on an entry's version, FIELD_ETAG: a list of entity
 * tags such as "17", or *, which any entry fulfils. Tags are compared strongly, so that a weak one
 * (W/"17") never matches (8.8.3.2). And If-None-Match: * (13.1.2), which only the absence of an
 * entry fulfils.
 */
#ifndef BUCKETD_MATCH_H
#define BUCKETD_MATCH_H

#include <microhttpd.h>
#include <stdbool.h>

#include "pail/base/buffer.h"
#include "pail/base/error.h"

/* Appends what the request demands, which is nothing without such a header; several headers are one
 * list (5.3). False if that is no list of tags. */
bool match_read(struct buffer *demand, struct MHD_Connection *connection, struct error *error);

/* Whether a demand that match_read accepted, and that isn't empty, is fulfilled by an entry of that
 * version. NULL: there is no entry. */
bool match_holds(const char *demand, const char *version);

#endif
