#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "internal.h"
#include "pail/base/clock.h"
#include "pail/base/memory.h"

void log_line(struct session *session, const char *format, ...) {
    char *text = NULL;
    va_list args;
    va_start(args, format);
    int length = vasprintf(&text, format, args);
    va_end(args);
    if (length < 0)
        return;
    struct log *log = &session->log;
    if (log->lines == NULL)
        log->lines = memory_new(LOG_LINES, sizeof *log->lines);
    if (log->count == LOG_LINES) {
        free((char *)log->lines[log->first].text);
        log->first = (log->first + 1) % LOG_LINES;
        log->count--;
    }
    log->lines[(log->first + log->count++) % LOG_LINES] =
        (struct session_log_line){.when = clock_now(), .text = text};
    session->serial++;
}

void log_finish(struct log *log) {
    for (size_t i = 0; i < log->count; i++)
        free((char *)log->lines[(log->first + i) % LOG_LINES].text);
    free(log->lines);
    *log = (struct log){0};
}

size_t session_log_count(const struct session *session) {
    return session->log.count;
}

struct session_log_line session_log_line(const struct session *session, size_t index) {
    return session->log.lines[(session->log.first + index) % LOG_LINES];
}
