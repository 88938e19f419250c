/* Questions on the terminal, for commands that weren't told to go on without them. */
#ifndef PAIL_CLI_ASK_H
#define PAIL_CLI_ASK_H

#include "pail/base/buffer.h"
#include "pail/cli/cli.h"

/* True if there is a person: input and err are a terminal. */
bool ask_is_possible(const struct cli *cli);

/* Prints the question, made safe, on err and appends the line that is typed then; what was typed
 * before doesn't count. With `hidden` it isn't echoed; the terminal is set back also on a signal,
 * which takes effect afterwards. False at the end of the input. */
bool ask_line(const struct cli *cli, const char *question, bool hidden, struct buffer *line);

#endif
