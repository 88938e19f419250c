/* What a reading needs before it can be asked for: the service's hosts, and a token that isn't
 * due. Each step continues with the next; the last one is load_send. */
#ifndef PAIL_SRC_SESSION_ACCESS_H
#define PAIL_SRC_SESSION_ACCESS_H

#include <stdint.h>

#include "pail/base/buffer.h"
#include "pail/service/cognito.h"
#include "pail/service/discovery.h"
#include "pail/session/session.h"

struct access {
    struct http *http;
    char *service, *base_url, *region, *client_id; /* of the settings; "" where not given */
    char *list_path, *list_body;                   /* NULL: the usual */
    long timeout_ms;
    enum token_scheme scheme;
    bool asked; /* the service has named its hosts */
    struct discovery found;
    struct discovery_call *discovery; /* under way, or NULL */
    bool in_memory;                   /* the token came from the environment and stays here */
    struct token token;               /* else only while it is looked at */
    struct cognito *cognito;
    bool renewing, forced; /* forced: the service wants another one */
    int64_t used;          /* when the token that was sent last was issued */
    int lock;              /* on the token file; -1: none */
    /* clock_ms: another program has the lock: when to look again, and until when; 0: no waiting */
    int64_t lock_at, lock_until;
};

void access_init(struct access *access, struct http *http, const struct session_settings *settings);
void access_finish(struct access *access);

/* Before the first reading: the hosts as they should be. */
void access_open(struct session *session);

bool access_is_busy(const struct access *access);
void access_drop(struct access *access); /* forgets what is under way */

/* Goes on with load_send or load_fail, now or later. forced: renews a token that isn't due. */
void access_prepare(struct session *session, bool forced);

/* Looks again at what it waits for. Milliseconds until the next need, -1: never. */
int access_tick(struct session *session);

/* Whether there is something to renew the login by, as far as is known. */
bool access_can_renew(struct session *session);

/* Reads the token and tells infinstor the id token. False with the trouble and its line set. */
bool access_authorization(struct session *session, struct buffer *authorization,
                          enum session_trouble *trouble, struct error *error);

#endif
