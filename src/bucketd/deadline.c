#include "deadline.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "pail/base/clock.h"
#include "pail/base/memory.h"

/* How long a connection may be idle where others wait: at its start, and after an answer. */
enum { NEW_MS = 500, KEPT_MS = 5000 };

struct deadline {
    struct deadline *next, *previous;
    int fd;
    int64_t at;
    bool idle; /* no head of a request has arrived */
    bool kept; /* after an answer */
    bool answering;
    bool cut;
};

static struct deadline *start(struct deadlines *deadlines, struct MHD_Connection *connection) {
    struct deadline *deadline = memory_new(1, sizeof *deadline);
    deadline->fd =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    deadline->idle = true;
    deadline->at = clock_ms() + deadlines->request_ms;
    deadline->next = deadlines->first;
    if (deadline->next)
        deadline->next->previous = deadline;
    deadlines->first = deadline;
    deadlines->count++;
    return deadline;
}

static void end(struct deadlines *deadlines, struct deadline *deadline) {
    if (deadline->previous)
        deadline->previous->next = deadline->next;
    else
        deadlines->first = deadline->next;
    if (deadline->next)
        deadline->next->previous = deadline->previous;
    deadlines->count--;
    free(deadline);
}

void deadlines_notify(void *deadlines, struct MHD_Connection *connection, void **socket_context,
                      enum MHD_ConnectionNotificationCode code) {
    if (code == MHD_CONNECTION_NOTIFY_STARTED)
        *socket_context = start(deadlines, connection);
    else if (*socket_context)
        end(deadlines, *socket_context);
}

static struct deadline *of(struct MHD_Connection *connection) {
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

void deadlines_head(struct MHD_Connection *connection) {
    of(connection)->idle = false;
}

void deadlines_answer(struct deadlines *deadlines, struct MHD_Connection *connection) {
    struct deadline *deadline = of(connection);
    deadline->answering = true;
    deadline->at = clock_ms() + deadlines->answer_ms;
}

void deadlines_request(struct deadlines *deadlines, struct MHD_Connection *connection) {
    struct deadline *deadline = of(connection);
    deadline->answering = false;
    deadline->idle = true;
    deadline->kept = true;
    deadline->at = clock_ms() + deadlines->request_ms;
}

/* libmicrohttpd sees the end of the stream and closes the connection itself. */
static void cut(struct deadline *deadline) {
    shutdown(deadline->fd, SHUT_RDWR);
    deadline->cut = true;
}

/* Bytes that libmicrohttpd hasn't read yet: perhaps a request, which must not be lost. It reads
 * them in its next turn. */
static bool has_spoken(const struct deadline *deadline) {
    char byte;
    return deadline->idle && recv(deadline->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

int deadlines_enforce(struct deadlines *deadlines) {
    int64_t now = clock_ms(), next = -1;
    for (struct deadline *deadline = deadlines->first; deadline; deadline = deadline->next) {
        if (deadline->cut)
            continue;
        int64_t left = deadline->at > now ? deadline->at - now : 0;
        if (left == 0 && !has_spoken(deadline)) {
            cut(deadline);
        } else if (next < 0 || left < next) {
            next = left;
        }
    }
    return next > INT_MAX ? INT_MAX : (int)next;
}

/* When an idle connection has to go, if need be. */
static int64_t end_of_grace(const struct deadlines *deadlines, const struct deadline *deadline) {
    return deadline->at - deadlines->request_ms + (deadline->kept ? KEPT_MS : NEW_MS);
}

int deadlines_make_room(struct deadlines *deadlines) {
    struct deadline *next = NULL;
    int64_t at = 0, now = clock_ms();
    for (struct deadline *deadline = deadlines->first; deadline; deadline = deadline->next)
        if (deadline->idle && !deadline->cut && !has_spoken(deadline) &&
            (!next || end_of_grace(deadlines, deadline) < at)) {
            next = deadline;
            at = end_of_grace(deadlines, deadline);
        }
    if (next == NULL)
        return -1;
    if (at > now)
        return (int)(at - now);
    cut(next);
    return 0;
}

bool deadlines_answering(const struct deadlines *deadlines) {
    for (const struct deadline *deadline = deadlines->first; deadline; deadline = deadline->next)
        if (deadline->answering && !deadline->cut)
            return true;
    return false;
}
