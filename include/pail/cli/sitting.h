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

/* The entry of that name in the table that was read; false if there is none. */
bool sitting_find(const struct sitting *sitting, const char *name, struct bucket *bucket);

/* Sends the change, which it takes over, and waits for its outcome, which it says on err. While the
 * outcome is unknown it reads again for settle_ms. SIGINT, SIGTERM and SIGHUP stop the waiting and
 * no more: what is known then is said, and is the status. */
int sitting_submit(struct sitting *sitting, struct change *change, long settle_ms);

/* True once a signal has stopped a waiting: nothing else should be sent. */
bool sitting_was_stopped(const struct sitting *sitting);

#endif
