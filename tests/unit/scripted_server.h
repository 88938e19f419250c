/*
 * A server on loopback, in a thread, that plays a script: what it does with each connection is a
 * function of the test. What it received may be looked at once it has been stopped.
 */
#ifndef PAIL_TESTS_UNIT_SCRIPTED_SERVER_H
#define PAIL_TESTS_UNIT_SCRIPTED_SERVER_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pail/base/buffer.h"
#include "tests.h"

struct server;

/* Plays on one connection, which is closed afterwards. index counts connections from 0. */
typedef void play_fn(struct server *server, int connection, int index);

struct server {
    play_fn *play;
    int listener, stop, port;
    int connections;
    struct buffer seen; /* all requests, one after the other */
    pthread_t thread;
};

/* Waits until there is something to read. False when the test stops the server, or after ms. */
static inline bool server_wait(const struct server *server, int file, int ms) {
    struct pollfd files[] = {{.fd = server->stop, .events = POLLIN},
                             {.fd = file, .events = POLLIN}};
    poll(files, 2, ms);
    return files[0].revents == 0 && files[1].revents != 0;
}

/* Does nothing for ms, unless the test stops the server. */
static inline void server_idle(const struct server *server, int ms) {
    server_wait(server, -1, ms);
}

static inline size_t body_length(const char *head) {
    const char *header = strcasestr(head, "\r\nContent-Length: ");
    return header ? strtoul(header + 18, NULL, 10) : 0;
}

/* Reads a request with its body. False when the connection ended before. */
static inline bool server_read(struct server *server, int connection) {
    size_t start = server->seen.length;
    char piece[4096];
    for (;;) {
        const char *request = server->seen.data + start, *end = strstr(request, "\r\n\r\n");
        if (end && strlen(end + 4) >= body_length(request))
            return true;
        if (!server_wait(server, connection, 5000))
            return false;
        ssize_t got = read(connection, piece, sizeof piece);
        if (got <= 0)
            return false;
        buffer_append(&server->seen, piece, (size_t)got);
    }
}

static inline void server_send(int connection, const char *data, size_t length) {
    while (length > 0) {
        ssize_t sent = send(connection, data, length, MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        data += sent;
        length -= (size_t)sent;
    }
}

static inline void server_say(int connection, const char *text) {
    server_send(connection, text, strlen(text));
}

/* Makes the close of the connection a reset. */
static inline void server_reset(int connection) {
    struct linger at_once = {.l_onoff = 1};
    setsockopt(connection, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

static inline void *server_run(void *context) {
    struct server *server = context;
    while (server_wait(server, server->listener, 20000)) {
        int connection = accept(server->listener, NULL, NULL);
        if (connection < 0)
            break;
        server->play(server, connection, server->connections++);
        close(connection);
    }
    return NULL;
}

static inline void server_start(struct server *server, play_fn *play) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    *server = (struct server){.play = play, .stop = eventfd(0, EFD_CLOEXEC)};
    buffer_init(&server->seen);
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(server->listener, (struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(server->listener, 8), 0);
    getsockname(server->listener, (struct sockaddr *)&address, &length);
    server->port = ntohs(address.sin_port);
    assert_int_equal(pthread_create(&server->thread, NULL, server_run, server), 0);
}

/* From now on connections are refused. close would not do: the thread that polls keeps it open. */
static inline void server_refuse(const struct server *server) {
    shutdown(server->listener, SHUT_RDWR);
}

/* Ends the script where it waits. */
static inline void server_stop(struct server *server) {
    uint64_t one = 1;
    assert_int_equal(write(server->stop, &one, sizeof one), sizeof one);
    pthread_join(server->thread, NULL);
    close(server->listener);
    close(server->stop);
}

static inline void server_finish(struct server *server) {
    buffer_finish(&server->seen);
}

/* How often text occurs in what was received. */
static inline int server_count(const struct server *server, const char *text) {
    int count = 0;
    for (const char *at = server->seen.data; (at = strstr(at, text)) != NULL; at += strlen(text))
        count++;
    return count;
}

#endif
