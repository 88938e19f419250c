/* What was done in this sitting: the last lines of it. */
#ifndef PAIL_SRC_SESSION_LOG_H
#define PAIL_SRC_SESSION_LOG_H

#include "pail/session/session.h"

enum { LOG_LINES = 500 };

struct log {
    struct session_log_line *lines; /* a ring of LOG_LINES; the texts are ours */
    size_t first, count;
};

__attribute__((format(printf, 2, 3))) void log_line(struct session *session, const char *format,
                                                    ...);
void log_finish(struct log *log);

#endif
