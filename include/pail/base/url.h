/*
 * An http or https URL taken apart (RFC 3986, 3), strictly: no user part, no spaces, no control
 * characters, a host of A-Z a-z 0-9 - . or a bracketed IPv6 address, a port of 1-65535.
 */
#ifndef PAIL_BASE_URL_H
#define PAIL_BASE_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "pail/base/error.h"

struct url {
    bool https;
    char host[256]; /* lower case, IPv6 without its brackets */
    int port;       /* the scheme's default if none was given */
    char path[512]; /* with query and fragment; "" if none */
};

bool url_parse(const char *text, struct url *url, struct error *error);

/* True for 127.0.0.0/8 as a dotted quad, ::1 and localhost: where plain http may go. */
bool url_is_loopback(const struct url *url);

/* Where else to connect: HOST:PORT:CONNECT-HOST:CONNECT-PORT, several with blanks or commas between
 * (a strict subset of curl's CURLOPT_CONNECT_TO, whose hosts and ports may be empty). */
bool url_check_connect_to(const char *text, struct error *error);

/* Moves text to the next entry of such a list; its length, or 0 if there is no whole one. */
size_t url_connect_entry(const char **text);

#endif
