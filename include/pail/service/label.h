/* Names that a URL is made of: what isn't one of these could lead a token to a made-up host. */
#ifndef PAIL_SERVICE_LABEL_H
#define PAIL_SERVICE_LABEL_H

#include <stdbool.h>
#include <stddef.h>

enum { LABEL_SIZE = 64, DOMAIN_SIZE = 190, HOST_SIZE = LABEL_SIZE + DOMAIN_SIZE };

/* One label of a host's name, or a region: [a-z0-9-]{1,63}, without a - at either end (RFC 1123).
 */
bool label_is_valid(const char *text);

/* Labels with dots between, at most DOMAIN_SIZE - 1 bytes. */
bool label_is_domain(const char *text);

/* A Cognito client id: [A-Za-z0-9_+]{1,128} (its API reference, ClientId). */
bool label_is_client_id(const char *text);

#endif
