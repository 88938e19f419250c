#include "address.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BACKLOG = 128 };

static bool parse_port(const char *text, in_port_t *port) {
    char *end = NULL;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (!isdigit((unsigned char)text[0]) || *end != '\0' || errno != 0 || value > 65535)
        return false;
    *port = htons((uint16_t)value);
    return true;
}

static bool set_v4(struct address *address, const char *host, in_port_t port) {
    struct sockaddr_in *v4 = (struct sockaddr_in *)&address->socket;
    v4->sin_family = AF_INET;
    v4->sin_port = port;
    address->length = sizeof *v4;
    return inet_pton(AF_INET, host, &v4->sin_addr) == 1 && ntohl(v4->sin_addr.s_addr) >> 24 == 127;
}

static bool set_v6(struct address *address, const char *host, in_port_t port) {
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&address->socket;
    v6->sin6_family = AF_INET6;
    v6->sin6_port = port;
    address->length = sizeof *v6;
    return strcmp(host, "[::1]") == 0 && inet_pton(AF_INET6, "::1", &v6->sin6_addr) == 1;
}

bool address_parse(const char *text, struct address *address, struct error *error) {
    memset(address, 0, sizeof *address);
    char host[64];
    in_port_t port = 0;
    const char *colon = strrchr(text, ':');
    if (!colon || (size_t)(colon - text) >= sizeof host || !parse_port(colon + 1, &port))
        return error_set(error, "--listen %s: expected ADDRESS:PORT, such as 127.0.0.1:8080", text);
    memcpy(host, text, (size_t)(colon - text));
    host[colon - text] = '\0';
    if (host[0] == '[' ? set_v6(address, host, port) : set_v4(address, host, port))
        return true;
    return error_set(error, "--listen %s: plain http only to this machine: 127.0.0.1 or [::1]",
                     text);
}

static bool open_socket(int fd, struct address *address) {
    int on = 1;
    struct sockaddr *socket_address = (struct sockaddr *)&address->socket;
    return setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
           bind(fd, socket_address, address->length) == 0 && listen(fd, BACKLOG) == 0 &&
           getsockname(fd, socket_address, &address->length) == 0;
}

bool address_listen(struct address *address, int *fd, struct error *error) {
    *fd = socket(address->socket.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (*fd >= 0 && open_socket(*fd, address))
        return true;
    int why = errno;
    char text[80];
    address_write(address, text, sizeof text);
    if (*fd >= 0)
        close(*fd);
    return error_set(error, "can't listen on %s: %s", text, strerror(why));
}

void address_write(const struct address *address, char *out, size_t size) {
    char host[INET6_ADDRSTRLEN] = "";
    if (address->socket.ss_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&address->socket;
        inet_ntop(AF_INET6, &v6->sin6_addr, host, sizeof host);
        snprintf(out, size, "[%s]:%d", host, ntohs(v6->sin6_port));
    } else {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)&address->socket;
        inet_ntop(AF_INET, &v4->sin_addr, host, sizeof host);
        snprintf(out, size, "%s:%d", host, ntohs(v4->sin_port));
    }
}
