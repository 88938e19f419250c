/*
 * A server on loopback that goes wrong to order. It runs in the test's own thread: its descriptors
 * are given to http_wait, and fault_step does what can be done without waiting. So what comes
 * before what is the same in every run.
 *
 * Each request that begins takes the next plan; when all are taken, requests are answered well. The
 * server counts the requests whose whole body arrived, also those of which it had enough: until
 * fault_drain has found the end of each connection, what still comes is read and counted. Only what
 * lay unread when the server closed a connection itself was received by nobody.
 */
#ifndef PAIL_TESTS_FAULT_SERVER_H
#define PAIL_TESTS_FAULT_SERVER_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pail/base/buffer.h"

enum {
    FAULT_CONNECTIONS = 8,
    FAULT_FILES = FAULT_CONNECTIONS + 1, /* at most, for http_wait */
};

#define FAULT_WHOLE SIZE_MAX

enum fault_end {
    FAULT_GO_ON, /* the connection waits for its next request */
    FAULT_FIN,   /* nothing more is sent; what comes is still read */
    FAULT_BYE,   /* the same, after TLS's close_notify */
    FAULT_CLOSE, /* close(2): a FIN if all that came was read, else Linux sends an RST */
    FAULT_RESET, /* an RST */
    FAULT_STALL, /* nothing is sent or read any more, until fault_drain */
};

struct fault_plan {
    bool at_once;       /* doesn't wait for the request's first byte */
    size_t after;       /* does nothing until so many bytes have come */
    size_t read;        /* bytes of the request that are read; FAULT_WHOLE: all */
    const char *answer; /* is sent then; borrowed */
    size_t length;      /* bytes of the answer */
    size_t send;        /* of those, sent before the end; FAULT_WHOLE: all */
    size_t again;       /* the answer never ends: it goes on from here; 0: it does end */
    size_t piece;       /* bytes that a step reads or sends at most; 0: all there are */
    enum fault_end end;
};

struct fault_connection {
    int file;           /* -1: closed */
    struct ssl_st *tls; /* NULL: without */
    enum { FAULT_IDLE, FAULT_READING, FAULT_SENDING, FAULT_READING_ON, FAULT_STALLED } state;
    const struct fault_plan *plan;
    struct buffer got; /* of the request */
    size_t at;         /* bytes of the answer that were sent */
    int requests;      /* begun on this connection */
};

struct fault_server {
    int listener, port;
    struct ssl_ctx_st *tls;         /* NULL: without */
    const struct fault_plan *plans; /* not taken yet */
    size_t plans_left;
    const char *body; /* of the requests that are looked for */
    size_t body_length;
    struct fault_connection connections[FAULT_CONNECTIONS];
    int count; /* of connections, open or not */

    /* Since fault_expect: */
    int whole;         /* requests that arrived with the whole of body */
    int strange;       /* requests that arrived with another */
    int answered;      /* answers sent from beginning to end */
    int kept;          /* requests that began on a connection that had served one before */
    bool acted;        /* a plan has come to its end, */
    bool stalled;      /* which was a stall */
    size_t length;     /* bytes of the last whole request */
    size_t sent;       /* bytes of answers */
    struct buffer saw; /* the head of the last whole request */
};

extern const struct fault_plan fault_good; /* answers 200 with "well" */

void fault_open(struct fault_server *server);
void fault_use_tls(struct fault_server *server); /* before the first connection */
void fault_close(struct fault_server *server);

/* Counts anew. Connections stay. plans are borrowed until the next call. */
void fault_expect(struct fault_server *server, const struct fault_plan *plans, size_t count,
                  const char *body);

/* Fills files; returns how many there are. */
size_t fault_files(const struct fault_server *server, struct pollfd *files);

void fault_step(struct fault_server *server);

/* Once the client has closed: reads what is left on each connection and closes it. */
void fault_drain(struct fault_server *server);

#endif
