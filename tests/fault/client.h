/*
 * The client of these tests: service/http and service/infinstor as they are, one request at a time,
 * against a fault_server in the same thread. Two things of the system are the tests' own: the clock
 * by which limits of time pass, and how many bytes a socket takes from libcurl.
 */
#ifndef PAIL_TESTS_FAULT_CLIENT_H
#define PAIL_TESTS_FAULT_CLIENT_H

#include "../unit/tests.h"

#include "pail/service/http.h"
#include "pail/service/infinstor.h"
#include "server.h"

enum way { WAY_HTTP, WAY_CHANGE, WAY_LIST };

enum { CLIENT_LIMIT_MS = 30000 /* of what is asked, unless client_open was given another */ };

struct client {
    struct fault_server server;
    struct http *http;
    struct infinstor *infinstor;
    struct http_call *call;
    struct infinstor_call *infinstor_call; /* one of the two, while ends is 0 */
    long limit_ms;
    struct buffer body;

    /* What came of the last request: */
    int ends;
    enum http_end end;         /* what it amounts to, by whichever way */
    struct http_result result; /* of WAY_HTTP */
    struct answer answer;      /* of the others */
    size_t came;               /* bytes of the answer's body, of WAY_HTTP */
    int entries;               /* of WAY_LIST */
    int64_t took_ms;           /* of real time */
};

/* Added to the time that limits go by. */
extern int64_t client_passed_ms;
/* How many bytes a socket still takes from libcurl; SIZE_MAX: as many as it can. */
extern size_t client_budget;
/* Called once, when libcurl has sent its next bytes and before it does anything else; or NULL. */
extern void (*client_after_send)(void *context);
extern void *client_context;

/* With its server, which may be given TLS before client_open. */
void client_init(struct client *client);
void client_finish(struct client *client);

/* A new http, without connections; idle and total limits are limit_ms (0: CLIENT_LIMIT_MS), that of
 * connecting is 5 s. body, which is copied, is what is POSTed, by a listing too. */
void client_open(struct client *client, long limit_ms, const char *body);
/* With all its connections; what still lies unread on the server's side is counted. */
void client_close(struct client *client);

/* own: of the connection; a listing has none of its own. */
void client_start(struct client *client, enum way way, bool own);
void client_cancel(struct client *client);

/* Waits once, at most timeout_ms, then lets the server do what it can. */
void client_turn(struct client *client, int timeout_ms);
/* Takes turns until there is an outcome; 20 s at most. */
void client_run(struct client *client);
int64_t client_real_ms(void);

#endif
