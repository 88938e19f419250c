/* Where bucketd listens. It speaks plain http, so only this machine may reach it. */
#ifndef BUCKETD_ADDRESS_H
#define BUCKETD_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

#include "pail/base/error.h"

struct address {
    struct sockaddr_storage socket;
    socklen_t length;
};

/* "127.0.0.1:PORT" (any of 127.0.0.0/8) or "[::1]:PORT"; port 0 means a free one. */
bool address_parse(const char *text, struct address *address, struct error *error);

/* Opens a listening socket; *address then has the port that was picked. */
bool address_listen(struct address *address, int *fd, struct error *error);

/* As in a URL: "127.0.0.1:8080", "[::1]:8080". */
void address_write(const struct address *address, char *out, size_t size);

#endif
