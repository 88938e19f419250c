/* What came of changes: in words, as exit statuses, and as a file. */
#ifndef PAIL_SRC_CLI_OUTCOMES_H
#define PAIL_SRC_CLI_OUTCOMES_H

#include "pail/cli/cli.h"
#include "pail/session/session.h"

/* CLI_DONE for none. */
int outcomes_trouble_status(enum session_trouble trouble);

/* Of several: an unknown outcome tells more than a conflict, and that more than what failed
 * first. */
int outcomes_worse(int before, int now);

/* Says on err what came of the last submission, which is done, and returns its status: of a single
 * change a line; of several a line for each that wasn't applied, of those that weren't sent one
 * after the other just the first, and then how many came to what. */
int outcomes_say(const struct cli *cli, struct session *session);

/* Makes a new file, for the user alone; NULL, said on err, if it is there already or can't be made.
 */
FILE *outcomes_create(const struct cli *cli, const char *path);

/* Writes session_results, nothing where the session is NULL. Closes the file; CLI_REFUSED, said, if
 * it can't be written. */
int outcomes_save(const struct cli *cli, struct session *session, FILE *file);

#endif
