/* How far changes are: one line on a terminal, drawn anew over itself. Nothing elsewhere. */
#ifndef PAIL_SRC_CLI_PROGRESS_H
#define PAIL_SRC_CLI_PROGRESS_H

#include <stdint.h>

#include "pail/cli/cli.h"
#include "pail/session/session.h"

struct progress {
    const struct cli *cli;
    bool shown;       /* err is a terminal */
    int64_t began;    /* clock_ms of the first POST; 0: none yet */
    int64_t drawn_at; /* clock_ms */
    int width;        /* cells of the line that stands there */
};

void progress_init(struct progress *progress, const struct cli *cli);

/* For sitting_way.watch, with the progress as its context. Takes the line away when all is done. */
void progress_watch(void *progress, const struct submission *submission, const char *happening);

#endif
