#include "ask.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "pail/base/text.h"

enum { LINE_LIMIT = 4096 /* as much as a terminal gives in a line (termios(3)) */ };

bool ask_is_possible(const struct cli *cli) {
    return cli->in_is_terminal && isatty(fileno(cli->err));
}

static void print_question(const struct cli *cli, const char *question) {
    struct buffer safe;
    buffer_init(&safe);
    text_append_safe(&safe, question, strlen(question), text_charset());
    fputs(safe.data, cli->err);
    fflush(cli->err);
    buffer_finish(&safe);
}

/* Until the end of a line, or until `interrupt` can be read (-1: never). */
static bool read_line(int input, int interrupt, struct buffer *line) {
    while (line->length < LINE_LIMIT) {
        char c;
        struct pollfd wait[] = {{input, POLLIN, 0}, {interrupt, POLLIN, 0}};
        if (poll(wait, 2, -1) < 0)
            continue;
        if (wait[1].revents || read(input, &c, 1) != 1)
            return false;
        if (c == '\n')
            return true;
        buffer_append_char(line, c);
    }
    return true;
}

/* The question comes when nothing is echoed any more; signals wait until the terminal is as it
 * was. */
static bool ask_hidden(const struct cli *cli, const char *question, struct buffer *line) {
    int input = fileno(cli->in);
    struct termios before, silent;
    sigset_t signals, mask;
    if (tcgetattr(input, &before) != 0)
        return false;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGHUP);
    sigaddset(&signals, SIGQUIT);
    sigaddset(&signals, SIGTSTP);
    sigprocmask(SIG_BLOCK, &signals, &mask);
    int interrupt = signalfd(-1, &signals, SFD_CLOEXEC);
    silent = before;
    silent.c_lflag &= ~(tcflag_t)ECHO;
    silent.c_lflag |= ECHONL;
    bool answered = tcsetattr(input, TCSAFLUSH, &silent) == 0;
    if (answered) {
        print_question(cli, question);
        answered = read_line(input, interrupt, line);
    }
    tcsetattr(input, TCSAFLUSH, &before);
    close(interrupt);
    sigprocmask(SIG_SETMASK, &mask, NULL);
    return answered;
}

bool ask_line(const struct cli *cli, const char *question, bool hidden, struct buffer *line) {
    bool answered;
    if (hidden)
        answered = ask_hidden(cli, question, line);
    else {
        tcflush(fileno(cli->in), TCIFLUSH);
        print_question(cli, question);
        answered = read_line(fileno(cli->in), -1, line);
    }
    if (!answered)
        fputc('\n', cli->err);
    return answered;
}
