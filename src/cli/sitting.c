#include "pail/cli/sitting.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "outcomes.h"
#include "pail/base/clock.h"
#include "pail/base/memory.h"
#include "pail/base/signals.h"
#include "pail/session/open.h"

struct sitting {
    const struct cli *cli;
    struct http *http;
    struct session *session;
    struct buffer told; /* what was said last of what is happening */
    bool on_terminal;   /* err is: somebody is waiting there */
    bool watched;       /* somebody else says what is happening */
    bool stopped;       /* by a signal */
};

int sitting_open(const struct cli *cli, struct sitting **out) {
    const struct profile *profile = cli->profile;
    *out = NULL;
    if (profile == NULL)
        return cli_no_profile(cli, "give --url, or a profile in pail.conf");
    struct sitting *sitting = memory_new(1, sizeof *sitting);
    sitting->cli = cli;
    sitting->on_terminal = isatty(fileno(cli->err)) == 1;
    buffer_init(&sitting->told);
    const struct session_options options = {cli->timeout_ms, cli->read_only, 0};
    sitting->session = session_open(profile, &options, &sitting->http);
    *out = sitting;
    return CLI_DONE;
}

void sitting_close(struct sitting *sitting) {
    if (sitting == NULL)
        return;
    session_stop(sitting->session);
    size_t unrecorded = session_unrecorded(sitting->session);
    if (unrecorded > 0)
        cli_say(sitting->cli, CLI_DONE,
                "not recorded: what came of %zu change%s: another pail is writing to the journal; "
                "the next command reads the table to tell",
                unrecorded, unrecorded == 1 ? "" : "s");
    session_destroy(sitting->session);
    http_destroy(sitting->http);
    buffer_finish(&sitting->told);
    free(sitting);
}

/* Why it takes longer than usual; a script isn't bothered with it. */
static void tell(struct sitting *sitting) {
    struct session_status status;
    session_status(sitting->session, &status);
    if (!sitting->on_terminal || sitting->watched ||
        strcmp(status.happening, sitting->told.data) == 0)
        return;
    buffer_clear(&sitting->told);
    buffer_append_string(&sitting->told, status.happening);
    if (status.happening[0])
        cli_say(sitting->cli, CLI_DONE, "%s ...", status.happening);
}

/* A login is had by a command that names this profile, or where pail can't, by InfinStor's client.
 */
static void append_login(const struct cli *cli, const char *before, struct buffer *next) {
    if (profile_can_log_in(cli->profile)) {
        buffer_append_string(next, before);
        settings_login_command(cli->settings, cli->profile, next);
    } else {
        buffer_append_string(next, "log in with InfinStor's own client");
    }
}

static void append_next(const struct cli *cli, const struct session_status *status,
                        struct buffer *next) {
    switch (status->trouble) {
    case TROUBLE_NO_TOKEN:
        append_login(cli, "the command is: ", next);
        break;
    case TROUBLE_LOGIN_EXPIRED:
        append_login(cli, "log in again: ", next);
        break;
    case TROUBLE_FORBIDDEN:
        buffer_append_string(next, "ask the service's administrator");
        break;
    default:
        buffer_append_string(next, status->next);
    }
}

static int say_trouble(const struct sitting *sitting, const struct session_status *status) {
    struct buffer next;
    buffer_init(&next);
    append_next(sitting->cli, status, &next);
    cli_say(sitting->cli, CLI_DONE, "%s%s%s", status->text, next.length > 0 ? "; " : "", next.data);
    buffer_finish(&next);
    return outcomes_trouble_status(status->trouble);
}

int sitting_load(struct sitting *sitting) {
    struct session_status status;
    session_load(sitting->session);
    for (;;) {
        int wait = session_tick(sitting->session);
        session_status(sitting->session, &status);
        if (!status.loading)
            break;
        tell(sitting);
        http_wait(sitting->http, NULL, 0, wait);
    }
    if (status.remark[0])
        cli_say(sitting->cli, CLI_DONE, "%s", status.remark);
    return status.trouble == TROUBLE_NONE ? CLI_DONE : say_trouble(sitting, &status);
}

struct table *sitting_table(const struct sitting *sitting) {
    return session_table(sitting->session);
}

struct session *sitting_session(const struct sitting *sitting) {
    return sitting->session;
}

bool sitting_find(const struct sitting *sitting, const char *name, struct bucket *bucket) {
    struct table *table = session_table(sitting->session);
    size_t row;
    if (table == NULL || !table_find(table, name, &row))
        return false;
    table_get(table, row, bucket);
    return !bucket->unreadable;
}

int sitting_say_missing(const struct sitting *sitting, const char *name, const char *sent) {
    struct table *table = session_table(sitting->session);
    bool hidden = table != NULL && table_may_have(table, name);
    return cli_say(sitting->cli, CLI_NO_BUCKET, "%s: no such bucket%s%s",
                   name[0] ? name : "(an empty name)",
                   hidden ? ", unless it is an entry that can't be read" : "", sent);
}

size_t sitting_count(const struct sitting *sitting, const char *name) {
    struct table *table = session_table(sitting->session);
    size_t count = 0;
    for (size_t row = 0; table != NULL && row < table_count(table); row++)
        count += strcmp(table_name(table, row), name) == 0;
    return count;
}

/* ---- signals while changes are under way ----------------------------------------------------- */

struct signals {
    sigset_t before;
    struct sigaction pipe; /* what SIGPIPE did: a reader of ours who leaves mustn't end a change */
    int file;              /* readable once one has come; -1: they do what they always do */
};

static void hold_signals(struct signals *signals) {
    const struct sigaction ignored = {.sa_handler = SIG_IGN};
    sigset_t stopping;
    sigaction(SIGPIPE, &ignored, &signals->pipe);
    sigemptyset(&stopping);
    signals_add_heeded(&stopping, SIGINT);
    signals_add_heeded(&stopping, SIGTERM);
    signals_add_heeded(&stopping, SIGHUP);
    sigprocmask(SIG_BLOCK, NULL, &signals->before);
    signals->file = signalfd(-1, &stopping, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signals->file >= 0)
        sigprocmask(SIG_BLOCK, &stopping, NULL);
}

static void take_signal(struct sitting *sitting, const struct signals *signals) {
    struct signalfd_siginfo info;
    if (read(signals->file, &info, sizeof info) != sizeof info)
        return;
    sitting->stopped = true;
    session_cancel(sitting->session);
}

/* Held on after one that has come, be it now: all is known, and the second one of somebody
 * impatient would end pail with another status. */
static void release_signals(struct sitting *sitting, struct signals *signals) {
    if (signals->file >= 0) {
        take_signal(sitting, signals);
        close(signals->file);
    }
    if (!sitting->stopped)
        sigprocmask(SIG_SETMASK, &signals->before, NULL);
    sigaction(SIGPIPE, &signals->pipe, NULL);
}

static void wait_once(struct sitting *sitting, const struct signals *signals, int timeout_ms) {
    tell(sitting);
    struct pollfd extra = {signals->file, POLLIN, 0};
    http_wait(sitting->http, &extra, signals->file >= 0, timeout_ms);
    if (extra.revents)
        take_signal(sitting, signals);
}

/* ---- the changes ----------------------------------------------------------------------------- */

static struct submission submission_of(const struct sitting *sitting) {
    struct submission submission;
    session_submission(sitting->session, &submission);
    return submission;
}

static void wait_for_outcomes(struct sitting *sitting, const struct signals *signals,
                              const struct sitting_way *way) {
    struct submission submission;
    struct session_status status;
    sitting->watched = way->watch != NULL;
    for (;;) {
        int wait = session_tick(sitting->session);
        submission = submission_of(sitting);
        session_status(sitting->session, &status);
        if (way->watch)
            way->watch(way->context, &submission, status.happening);
        if (submission.phase == SUBMISSION_DONE)
            break;
        wait_once(sitting, signals, wait);
    }
    sitting->watched = false;
}

static size_t count_unknown(const struct sitting *sitting) {
    return submission_of(sitting).tally[OUTCOME_UNKNOWN];
}

static int sooner(int wait, int64_t other) {
    return other < 0 ? 0 : wait < 0 || other < wait ? (int)other : wait;
}

/* The session reads the table again by itself, ever less often, until it tells what came of the
 * changes. */
static void settle(struct sitting *sitting, const struct signals *signals, long settle_ms) {
    int64_t now = clock_ms(), end = now + settle_ms;
    while (count_unknown(sitting) > 0 && !sitting->stopped && now < end) {
        int wait = session_tick(sitting->session);
        if (wait < 0 && !session_is_busy(sitting->session)) /* no reading can tell */
            return;
        wait_once(sitting, signals, sooner(wait, end - now));
        now = clock_ms();
    }
}

static void settle_if_wanted(struct sitting *sitting, const struct signals *signals,
                             long settle_ms) {
    struct submission submission = submission_of(sitting);
    if (count_unknown(sitting) == 0 || settle_ms == 0 || sitting->stopped)
        return;
    cli_say(sitting->cli, CLI_UNKNOWN, "%s", submission.text);
    cli_say(sitting->cli, CLI_UNKNOWN, "reading the table again for up to %ld s", settle_ms / 1000);
    settle(sitting, signals, settle_ms);
}

static bool met_expired_login(const struct sitting *sitting) {
    struct submission_item item;
    for (size_t i = 0; i < submission_of(sitting).count; i++) {
        session_submission_item(sitting->session, i, &item);
        if (item.trouble == TROUBLE_LOGIN_EXPIRED)
            return true;
    }
    return false;
}

static void say_how_to_log_in(const struct sitting *sitting) {
    struct buffer how;
    buffer_init(&how);
    append_login(sitting->cli, "the command is: ", &how);
    cli_say(sitting->cli, CLI_LOGIN, "%s", how.data);
    buffer_finish(&how);
}

/* A change that met an expired login has begun to renew it, if that can be: so that the next run
 * has the new one. */
static void finish_renewal(struct sitting *sitting, const struct signals *signals) {
    struct session_status status;
    if (!met_expired_login(sitting))
        return;
    if (!session_is_busy(sitting->session)) {
        say_how_to_log_in(sitting);
        return;
    }
    while (session_is_busy(sitting->session))
        wait_once(sitting, signals, session_tick(sitting->session));
    session_status(sitting->session, &status);
    if (status.trouble == TROUBLE_NONE)
        cli_say(sitting->cli, CLI_LOGIN, "the login was renewed: send it again");
    else
        say_trouble(sitting, &status);
}

/* A failure is noticed anyway. */
static int check_recorded(const struct sitting *sitting, int status) {
    struct error why = {""};
    struct submission submission = submission_of(sitting);
    if (session_is_recorded(sitting->session, &why))
        return status;
    bool is_lock = why.text[0] == '\0'; /* of which sitting_close tells */
    bool is_told = submission.count == 1 && strstr(submission.text, why.text) != NULL;
    if (!is_lock && !is_told)
        cli_say(sitting->cli, status, "not recorded: %s", why.text);
    return outcomes_worse(status, CLI_NOT_RECORDED);
}

int sitting_submit(struct sitting *sitting, struct change *const *changes, size_t count,
                   const struct sitting_way *way) {
    struct error error = {""};
    struct signals signals;
    hold_signals(&signals);
    int status = CLI_READ_ONLY; /* the only refusal: none is empty or under way, no name is twice */
    if (session_submit_all(sitting->session, changes, count, way->options, &error)) {
        wait_for_outcomes(sitting, &signals, way);
        settle_if_wanted(sitting, &signals, way->settle_ms);
        status = outcomes_say(sitting->cli, sitting->session);
        finish_renewal(sitting, &signals);
        status = check_recorded(sitting, status);
    } else {
        for (size_t i = 0; i < count; i++)
            change_destroy(changes[i]);
        cli_say(sitting->cli, status, "%s", error.text);
    }
    if (way->results != NULL)
        status =
            outcomes_worse(status, outcomes_save(sitting->cli, sitting->session, way->results));
    fflush(sitting->cli->err);
    release_signals(sitting, &signals);
    return status;
}
