/*
 * A sitting without a screen: the session of the dashboard, driven until what was asked for has
 * come. So a script's changes go the same way: check, one POST, read again.
 */
#ifndef PAIL_CLI_SITTING_H
#define PAIL_CLI_SITTING_H

#include "pail/cli/cli.h"
#include "pail/session/session.h"

struct sitting;

/* CLI_USAGE, said on err, where no service is configured. *sitting is NULL unless CLI_DONE. */
int sitting_open(const struct cli *cli, struct sitting **sitting);
void sitting_close(struct sitting *sitting); /* NULL is fine */

/* Reads the table; a failure is said on err and gives CLI_LOGIN, CLI_REFUSED or
 * CLI_NO_CONNECTION. */
int sitting_load(struct sitting *sitting);

struct table *sitting_table(const struct sitting *sitting); /* after a load that was CLI_DONE */
struct session *sitting_session(const struct sitting *sitting);

/* The entry of that name in the table that was read; false if there is none that can be read. */
bool sitting_find(const struct sitting *sitting, const char *name, struct bucket *bucket);

/* That there is none of that name, and `sent` behind it ("" or what was sent). Returns
 * CLI_NO_BUCKET. */
int sitting_say_missing(const struct sitting *sitting, const char *name, const char *sent);

/* How many entries of that name there are: a service may list one twice. */
size_t sitting_count(const struct sitting *sitting, const char *name);

/* Called while changes are under way, and once when all are done. happening: as in struct
 * session_status. */
typedef void sitting_watch_fn(void *context, const struct submission *submission,
                              const char *happening);

struct sitting_way {
    const struct submit_options *options; /* NULL: none */
    long settle_ms;                       /* how long to read again while an outcome is unknown */
    sitting_watch_fn *watch;              /* NULL: nobody watches */
    void *context;
    FILE *results; /* where outcomes_save writes, and closes it; NULL: nowhere */
};

/* Sends the changes, which it takes over (not the array), waits for their outcomes and says on err
 * what came of them (outcomes_say). SIGINT, SIGTERM and SIGHUP stop the waiting and no more: what
 * has not begun isn't sent, and what is known then is said and saved, and is the status. After one
 * they stay held, since what is left to do waits for nothing: a second one must not take the
 * status away. */
int sitting_submit(struct sitting *sitting, struct change *const *changes, size_t count,
                   const struct sitting_way *way);

#endif
