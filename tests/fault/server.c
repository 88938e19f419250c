#include "server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../unit/tests.h"
#include "tls.h"

#define GOOD "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nwell"

enum {
    PIECE = 16 * 1024,
    HEAD = 16 * 1024,
    STEPS = 64 /* of one connection, before the client's turn comes */
};

const struct fault_plan fault_good = {
    .read = FAULT_WHOLE, .answer = GOOD, .length = sizeof GOOD - 1, .send = FAULT_WHOLE};

void fault_open(struct fault_server *server) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    *server = (struct fault_server){0};
    buffer_init(&server->saw);
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(server->listener, (struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(server->listener, FAULT_CONNECTIONS), 0);
    assert_int_equal(getsockname(server->listener, (struct sockaddr *)&address, &length), 0);
    server->port = ntohs(address.sin_port);
}

void fault_use_tls(struct fault_server *server) {
    server->tls = tls_create();
}

void fault_close(struct fault_server *server) {
    fault_drain(server);
    tls_destroy(server->tls);
    close(server->listener);
    buffer_finish(&server->saw);
}

void fault_expect(struct fault_server *server, const struct fault_plan *plans, size_t count,
                  const char *body) {
    server->plans = plans;
    server->plans_left = count;
    server->body = body;
    server->body_length = strlen(body);
    server->whole = server->strange = server->answered = server->kept = 0;
    server->acted = server->stalled = false;
    server->length = server->sent = 0;
    buffer_clear(&server->saw);
}

/* ---- what has come --------------------------------------------------------------------------- */

static ssize_t look(const struct fault_connection *connection, void *data, size_t length) {
    return connection->tls ? tls_read(connection->tls, data, length, true)
                           : recv(connection->file, data, length, MSG_PEEK);
}

static ssize_t receive(const struct fault_connection *connection, void *data, size_t length) {
    return connection->tls ? tls_read(connection->tls, data, length, false)
                           : recv(connection->file, data, length, 0);
}

static ssize_t give(const struct fault_connection *connection, const void *data, size_t length) {
    return connection->tls ? tls_write(connection->tls, data, length)
                           : sendto(connection->file, data, length, MSG_NOSIGNAL, NULL, 0);
}

/* Bytes of the request's head; 0 while it isn't whole. Heads have HEAD bytes at most. */
static size_t head_length(const struct buffer *got) {
    const char *end = memmem(got->data, got->length < HEAD ? got->length : HEAD, "\r\n\r\n", 4);
    return end ? (size_t)(end + 4 - got->data) : 0;
}

/* With its body. */
static size_t request_length(const struct buffer *got) {
    static const char name[] = "\r\nContent-Length: ";
    size_t head = head_length(got);
    const char *length = memmem(got->data, head, name, sizeof name - 1);
    return head + (length ? strtoul(length + sizeof name - 1, NULL, 10) : 0);
}

static void count_request(struct fault_server *server, struct fault_connection *connection) {
    const struct buffer *got = &connection->got;
    size_t head = head_length(got), length = got->length - head;
    bool is_it =
        length == server->body_length && memcmp(got->data + head, server->body, length) == 0;
    *(is_it ? &server->whole : &server->strange) += 1;
    server->length = got->length;
    buffer_clear(&server->saw);
    buffer_append(&server->saw, got->data, head);
    buffer_clear(&connection->got);
}

static void close_connection(struct fault_connection *connection) {
    if (connection->tls)
        tls_free(connection->tls);
    close(connection->file);
    connection->file = -1;
    buffer_finish(&connection->got);
}

enum came { CAME_NOTHING, CAME_PART, CAME_WHOLE, CAME_END };

/* Reads limit bytes at most, and not beyond the request. */
static enum came take(struct fault_server *server, struct fault_connection *connection,
                      size_t limit) {
    char piece[PIECE];
    size_t whole = request_length(&connection->got);
    size_t wanted = whole ? whole - connection->got.length : 1;
    if (whole == 0) { /* a head is looked at before it is read */
        ssize_t seen = look(connection, piece, sizeof piece);
        size_t used = connection->got.length;
        buffer_append(&connection->got, piece, seen > 0 ? (size_t)seen : 0);
        whole = request_length(&connection->got);
        wanted = whole ? whole - used : sizeof piece;
        buffer_truncate(&connection->got, used);
    }
    wanted = wanted < limit ? wanted : limit;
    ssize_t got = receive(connection, piece, wanted < sizeof piece ? wanted : sizeof piece);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return CAME_NOTHING;
    if (got <= 0)
        return CAME_END;
    buffer_append(&connection->got, piece, (size_t)got);
    if (connection->got.length != request_length(&connection->got))
        return CAME_PART;
    count_request(server, connection);
    return CAME_WHOLE;
}

/* ---- what is done ---------------------------------------------------------------------------- */

static void end_plan(struct fault_server *server, struct fault_connection *connection) {
    struct linger at_once = {.l_onoff = 1};
    server->acted = true;
    switch (connection->plan->end) {
    case FAULT_GO_ON:
        connection->state = FAULT_IDLE;
        break;
    case FAULT_BYE:
        if (connection->tls)
            tls_say_end(connection->tls);
        /* fall through */
    case FAULT_FIN:
        shutdown(connection->file, SHUT_WR);
        connection->state = FAULT_READING_ON;
        break;
    case FAULT_RESET:
        setsockopt(connection->file, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        /* fall through */
    case FAULT_CLOSE:
        close_connection(connection);
        break;
    case FAULT_STALL:
        connection->state = FAULT_STALLED;
        server->stalled = true;
        break;
    }
}

static void answer(struct fault_server *server, struct fault_connection *connection) {
    if (connection->plan->send > 0)
        connection->state = FAULT_SENDING;
    else
        end_plan(server, connection);
}

/* Whether a first byte of the request, and so many, have. Closes when the client has gone. */
static bool has_come(struct fault_connection *connection, size_t least) {
    char byte;
    int waiting = 0;
    ssize_t seen = look(connection, &byte, 1);
    if (seen == 0 || (seen < 0 && errno != EAGAIN && errno != EINTR))
        close_connection(connection);
    if (seen <= 0)
        return false;
    ioctl(connection->file, FIONREAD, &waiting);
    return connection->tls || (size_t)waiting >= least;
}

/* Each returns whether there may be more to do at once. */
static bool begin(struct fault_server *server, struct fault_connection *connection) {
    const struct fault_plan *plan = server->plans_left ? server->plans : &fault_good;
    if (!plan->at_once && !has_come(connection, plan->after))
        return false;
    if (server->plans_left) {
        server->plans++;
        server->plans_left--;
    }
    connection->plan = plan;
    server->kept += connection->requests++ > 0;
    connection->at = 0;
    connection->state = FAULT_READING;
    if (plan->read == 0)
        answer(server, connection);
    return true;
}

static bool read_request(struct fault_server *server, struct fault_connection *connection) {
    const struct fault_plan *plan = connection->plan;
    size_t limit = plan->read == FAULT_WHOLE ? PIECE : plan->read - connection->got.length;
    if (plan->piece && plan->piece < limit)
        limit = plan->piece;
    enum came came = take(server, connection, limit);
    if (came == CAME_END)
        close_connection(connection);
    if (came == CAME_WHOLE || (came == CAME_PART && connection->got.length == plan->read))
        answer(server, connection);
    return (came == CAME_PART || came == CAME_WHOLE) && plan->piece == 0;
}

static bool send_answer(struct fault_server *server, struct fault_connection *connection) {
    const struct fault_plan *plan = connection->plan;
    size_t until = plan->send < plan->length ? plan->send : plan->length;
    size_t left = until - connection->at;
    size_t now = plan->piece && plan->piece < left ? plan->piece : left;
    ssize_t sent = now ? give(connection, plan->answer + connection->at, now) : 0;
    if (sent < 0) {
        if (errno != EAGAIN && errno != EINTR)
            close_connection(connection);
        return false;
    }
    connection->at += (size_t)sent;
    server->sent += (size_t)sent;
    if (connection->at == until && plan->again)
        connection->at = plan->again;
    else if (connection->at == until) {
        server->answered += until == plan->length;
        end_plan(server, connection);
        return true;
    }
    return plan->piece == 0;
}

static bool step(struct fault_server *server, struct fault_connection *connection) {
    switch (connection->state) {
    case FAULT_IDLE:
        return begin(server, connection);
    case FAULT_READING:
        return read_request(server, connection);
    case FAULT_SENDING:
        return send_answer(server, connection);
    case FAULT_READING_ON: {
        enum came came = take(server, connection, PIECE);
        if (came == CAME_END)
            close_connection(connection);
        return came == CAME_PART || came == CAME_WHOLE;
    }
    case FAULT_STALLED:
        break;
    }
    return false;
}

static void accept_connections(struct fault_server *server) {
    int file, yes = 1;
    while ((file = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0) {
        assert_in_range(server->count, 0, FAULT_CONNECTIONS - 1);
        setsockopt(file, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        struct fault_connection *connection = &server->connections[server->count++];
        *connection = (struct fault_connection){.file = file};
        if (server->tls)
            connection->tls = tls_accept(server->tls, file);
        buffer_init(&connection->got);
    }
}

void fault_step(struct fault_server *server) {
    accept_connections(server);
    for (int i = 0; i < server->count; i++) {
        struct fault_connection *connection = &server->connections[i];
        for (int steps = 0; steps < STEPS && connection->file >= 0; steps++)
            if (!step(server, connection))
                break;
    }
}

size_t fault_files(const struct fault_server *server, struct pollfd *files) {
    size_t count = 0;
    files[count++] = (struct pollfd){.fd = server->listener, .events = POLLIN};
    for (int i = 0; i < server->count; i++) {
        const struct fault_connection *connection = &server->connections[i];
        if (connection->file >= 0 && connection->state != FAULT_STALLED)
            files[count++] =
                (struct pollfd){.fd = connection->file,
                                .events = connection->state == FAULT_SENDING ? POLLOUT : POLLIN};
    }
    return count;
}

void fault_drain(struct fault_server *server) {
    accept_connections(server);
    for (int i = 0; i < server->count; i++) {
        struct fault_connection *connection = &server->connections[i];
        if (connection->file < 0)
            continue;
        enum came came = CAME_PART;
        while (came == CAME_PART || came == CAME_WHOLE)
            came = take(server, connection, PIECE);
        close_connection(connection);
    }
    server->count = 0;
}
