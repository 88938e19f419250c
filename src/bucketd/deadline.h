/*
 * The open connections, each with a deadline of its own. libmicrohttpd's timeout starts again with
 * every byte, so a sender that drips would hold a connection for ever; here a request must have
 * arrived as a whole, and an answer must have left as a whole, in a given time. Where others wait
 * to be let in, the connections on which nothing happens have to go first.
 */
#ifndef BUCKETD_DEADLINE_H
#define BUCKETD_DEADLINE_H

#include <microhttpd.h>
#include <stdbool.h>
#include <stdint.h>

struct deadline; /* of one connection */

struct deadlines {
    struct deadline *first;
    int count;
    int64_t request_ms; /* from the connection's start, or the last answer's end, to the request's
                           last byte */
    int64_t answer_ms;  /* from there to the answer's end */
};

/* For MHD_OPTION_NOTIFY_CONNECTION, with the struct deadlines as its context. */
void deadlines_notify(void *deadlines, struct MHD_Connection *connection, void **socket_context,
                      enum MHD_ConnectionNotificationCode code);

/* The request's head has arrived; all of it has; the answer has been sent. */
void deadlines_head(struct MHD_Connection *connection);
void deadlines_answer(struct deadlines *deadlines, struct MHD_Connection *connection);
void deadlines_request(struct deadlines *deadlines, struct MHD_Connection *connection);

/* Cuts the connections that are late. Returns the milliseconds until the next may be, -1 if there
 * is none. */
int deadlines_enforce(struct deadlines *deadlines);

/* Cuts a connection that is idle: that has waited for the head of a request for half a second, or
 * after an answer for five. Returns 0 if there was one, else the milliseconds until there may be,
 * -1 if no connection waits for a head. */
int deadlines_make_room(struct deadlines *deadlines);

/* True while an answer is on its way. */
bool deadlines_answering(const struct deadlines *deadlines);

#endif
