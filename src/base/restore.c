/*
 * Giving the terminal back, also from a crash. The record is the one thing here that a signal
 * handler must find by itself, hence static; all that the handler does is write and tcsetattr.
 */
#include "pail/base/restore.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

enum { RESET_BYTES = 512, STACK_BYTES = 65536, STALL_MS = 500 };

static const int fatal[] = {SIGSEGV, SIGBUS,  SIGABRT, SIGFPE,  SIGILL,  SIGSYS,
                            SIGTRAP, SIGXCPU, SIGXFSZ, SIGALRM, SIGUSR1, SIGUSR2};
enum { FATAL = sizeof fatal / sizeof *fatal };

static struct {
    bool prepared;
    int input, output;
    struct termios found;
    char reset[RESET_BYTES];
    size_t reset_length;
    volatile sig_atomic_t taken;
    struct sigaction old[FATAL];
    stack_t old_stack;
    char stack[STACK_BYTES]; /* a stack that has overflowed can't run a handler */
} record;

/* Gives the terminal back, then leaves the signal to whoever had it before us: the system, or a
 * sanitizer with its report. */
static void die(int signal, siginfo_t *info, void *context) {
    (void)context;
    restore_give();
    for (size_t i = 0; i < FATAL; i++)
        if (fatal[i] == signal)
            sigaction(signal, &record.old[i], NULL);
    if (info->si_code <= 0)
        raise(signal); /* sent: by kill, raise or abort */
    /* else the instruction at fault is run again and meets the old handler */
}

static void catch_fatal(void) {
    sigaltstack(NULL, &record.old_stack);
    if (record.old_stack.ss_flags & SS_DISABLE)
        sigaltstack(&(stack_t){.ss_sp = record.stack, .ss_size = sizeof record.stack}, NULL);
    struct sigaction action = {.sa_sigaction = die, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigfillset(&action.sa_mask);
    for (size_t i = 0; i < FATAL; i++)
        sigaction(fatal[i], &action, &record.old[i]);
}

bool restore_prepare(int input, int output) {
    if (tcgetattr(input, &record.found) != 0)
        return false;
    record.input = input;
    record.output = output;
    record.reset_length = 0;
    record.prepared = true;
    catch_fatal();
    return true;
}

struct termios restore_found(void) {
    return record.found;
}

bool restore_take(const struct termios *modes) {
    if (!record.prepared)
        return false;
    record.taken = 1;
    return tcsetattr(record.input, TCSANOW, modes) == 0; /* one that reads nothing never drains */
}

void restore_set_reset(const char *reset) {
    size_t length = strlen(reset);
    if (length > RESET_BYTES)
        return;
    record.reset_length = 0;
    memcpy(record.reset, reset, length);
    record.reset_length = length;
}

/* A terminal that is slow is waited for, one that takes nothing is not. */
static void write_reset(void) {
    size_t done = 0;
    bool able = true;
    while (done < record.reset_length && able) {
        ssize_t written = write(record.output, record.reset + done, record.reset_length - done);
        if (written > 0)
            done += (size_t)written;
        else
            able = errno == EINTR || (errno == EAGAIN &&
                                      poll(&(struct pollfd){.fd = record.output, .events = POLLOUT},
                                           1, STALL_MS) > 0);
    }
}

void restore_give(void) {
    if (!record.taken)
        return;
    record.taken = 0;
    write_reset();
    tcsetattr(record.input, TCSANOW, &record.found);
}

void restore_finish(void) {
    restore_give();
    if (!record.prepared)
        return;
    record.prepared = false;
    for (size_t i = 0; i < FATAL; i++)
        sigaction(fatal[i], &record.old[i], NULL);
    sigaltstack(&record.old_stack, NULL);
}
