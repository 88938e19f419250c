#include "ask.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "pail/base/restore.h"
#include "pail/base/signals.h"
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

/* Those that end or stop pail in order; they wait until the terminal is as it was. */
static void list_signals(sigset_t *signals) {
    sigemptyset(signals);
    static const int interrupting[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
    for (size_t i = 0; i < sizeof interrupting / sizeof *interrupting; i++)
        signals_add_heeded(signals, interrupting[i]);
}

/* The question comes when nothing is echoed any more. What is typed before it or after the line is
 * thrown away: it is no answer, nor anything for the shell. */
static bool ask_silently(const struct cli *cli, const char *question, int interrupt,
                         struct buffer *line) {
    int input = fileno(cli->in);
    if (!restore_prepare(input, fileno(cli->err)))
        return false;
    struct termios silent = restore_found();
    silent.c_lflag &= ~(tcflag_t)ECHO;
    silent.c_lflag |= ECHONL;
    bool answered = restore_take(&silent);
    if (answered) {
        tcflush(input, TCIFLUSH);
        print_question(cli, question);
        answered = read_line(input, interrupt, line);
        tcflush(input, TCIFLUSH);
    }
    restore_finish();
    return answered;
}

/* The signal that has come; 0: none has. */
static int signal_of(int file) {
    struct signalfd_siginfo info;
    return read(file, &info, sizeof info) == (ssize_t)sizeof info ? (int)info.ssi_signo : 0;
}

/* One that stops pail (^Z) has it ask again when it goes on. */
static bool ask_hidden(const struct cli *cli, const char *question, struct buffer *line) {
    sigset_t signals, mask;
    bool answered;
    int came;
    list_signals(&signals);
    do {
        sigprocmask(SIG_BLOCK, &signals, &mask);
        int interrupt = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
        buffer_clear(line);
        answered = ask_silently(cli, question, interrupt, line);
        came = answered ? 0 : signal_of(interrupt);
        close(interrupt);
        if (came == SIGTSTP)
            fputc('\n', cli->err);
        sigprocmask(SIG_SETMASK, &mask, NULL);
        if (came != 0)
            raise(came);
    } while (came == SIGTSTP);
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
