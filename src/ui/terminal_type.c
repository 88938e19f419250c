/* Opening curses for a type of terminal, and what terminfo says about it. */
#include "terminal_internal.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>

const char *terminal_capability(const char *name) {
    const char *text = tigetstr(name);
    return text == NULL || text == (char *)-1 ? "" : text;
}

void terminal_append_capability(struct buffer *out, const char *text) {
    const char *end;
    while ((end = strstr(text, "$<")) != NULL && strchr(end, '>') != NULL) {
        buffer_append(out, text, (size_t)(end - text));
        text = strchr(end, '>') + 1;
    }
    buffer_append_string(out, text);
}

/* Asked before newterm, which leaks when it fails. */
static bool is_usable(const char *type, int frame, struct error *error) {
    static const char advice[] = "set TERM to what it is, for example TERM=xterm-256color";
    int found = 0;
    if (setupterm(type, frame, &found) == ERR)
        return error_set(error, "The terminal type \"%s\" is not known here: %s", type, advice);
    bool able = terminal_capability("cup")[0] != '\0' && terminal_capability("clear")[0] != '\0';
    del_curterm(cur_term);
    return able ||
           error_set(error, "The terminal type \"%s\" can't move its cursor: %s", type, advice);
}

/* newterm takes signals over that are the dashboard's. */
static SCREEN *open_curses(const char *type, FILE *frame) {
    static const int taken[] = {SIGINT, SIGTERM, SIGTSTP, SIGWINCH};
    struct sigaction before[sizeof taken / sizeof *taken];
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        sigaction(taken[i], NULL, &before[i]);
    SCREEN *screen = newterm(type, frame, frame);
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        sigaction(taken[i], &before[i], NULL);
    return screen;
}

SCREEN *terminal_type_open(const char *type, FILE *frame, struct error *error) {
    if (type == NULL)
        type = getenv("TERM");
    if (type == NULL || type[0] == '\0') {
        error_set(error, "TERM is not set: set it to the terminal's type, for example "
                         "TERM=xterm-256color");
        return NULL;
    }
    if (!is_usable(type, fileno(frame), error))
        return NULL;
    SCREEN *screen = open_curses(type, frame);
    if (screen == NULL)
        error_set(error, "curses can't use a terminal of type \"%s\"", type);
    return screen;
}
