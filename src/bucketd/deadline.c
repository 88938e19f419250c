#include "deadline.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "pail/base/clock.h"
#include "pail/base/memory.h"

struct deadline {
    struct deadline *next, *previous;
    int fd;
    int64_t at;
    bool answering;
    bool cut;
};

static struct deadline *start(struct deadlines *deadlines, struct MHD_Connection *connection) {
    struct deadline *deadline = memory_new(1, sizeof *deadline);
    deadline->fd =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
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

void deadlines_answer(struct deadlines *deadlines, struct MHD_Connection *connection) {
    struct deadline *deadline = of(connection);
    deadline->answering = true;
    deadline->at = clock_ms() + deadlines->answer_ms;
}

void deadlines_request(struct deadlines *deadlines, struct MHD_Connection *connection) {
    struct deadline *deadline = of(connection);
    deadline->answering = false;
    deadline->at = clock_ms() + deadlines->request_ms;
}

int deadlines_enforce(struct deadlines *deadlines) {
    int64_t now = clock_ms(), next = -1;
    for (struct deadline *deadline = deadlines->first; deadline; deadline = deadline->next) {
        if (deadline->cut)
            continue;
        int64_t left = deadline->at - now;
        if (left <= 0) {
            /* libmicrohttpd sees the end of the stream and closes the connection itself. */
            shutdown(deadline->fd, SHUT_RDWR);
            deadline->cut = true;
        } else if (next < 0 || left < next) {
            next = left;
        }
    }
    return next > INT_MAX ? INT_MAX : (int)next;
}

bool deadlines_answering(const struct deadlines *deadlines) {
    for (const struct deadline *deadline = deadlines->first; deadline; deadline = deadline->next)
        if (deadline->answering && !deadline->cut)
            return true;
    return false;
}
