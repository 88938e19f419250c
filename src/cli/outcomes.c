#include "outcomes.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "review.h"

/* In a tally. */
static const char *const counted[OUTCOME_COUNT] = {"applied", "refused", "not sent", "in conflict",
                                                   "unknown"};

/* ---- statuses -------------------------------------------------------------------------------- */

int outcomes_trouble_status(enum session_trouble trouble) {
    switch (trouble) {
    case TROUBLE_NONE:
        return CLI_DONE;
    case TROUBLE_NO_TOKEN:
    case TROUBLE_LOOSE_TOKEN:
    case TROUBLE_LOGIN_EXPIRED:
        return CLI_LOGIN;
    case TROUBLE_BUSY:
    case TROUBLE_SERVICE:
    case TROUBLE_NETWORK:
        return CLI_NO_CONNECTION;
    case TROUBLE_REFUSED:
    case TROUBLE_FORBIDDEN:
    case TROUBLE_UNREADABLE:
    case TROUBLE_STOPPED:
        break;
    }
    return CLI_REFUSED;
}

static int status_of(const struct submission_item *item) {
    switch (item->outcome) {
    case OUTCOME_APPLIED:
        return CLI_DONE;
    case OUTCOME_CONFLICT:
        return CLI_CONFLICT;
    case OUTCOME_UNKNOWN:
        return CLI_UNKNOWN;
    case OUTCOME_REFUSED:
    case OUTCOME_NOT_SENT:
    case OUTCOME_COUNT:
        break;
    }
    return item->trouble == TROUBLE_NONE ? CLI_REFUSED : outcomes_trouble_status(item->trouble);
}

int outcomes_worse(int before, int now) {
    if (before == CLI_UNKNOWN || now == CLI_UNKNOWN)
        return CLI_UNKNOWN;
    if (before == CLI_CONFLICT || now == CLI_CONFLICT)
        return CLI_CONFLICT;
    return before != CLI_DONE ? before : now;
}

/* ---- in words -------------------------------------------------------------------------------- */

static void say_item(const struct cli *cli, const struct submission_item *item) {
    cli_say(cli, CLI_DONE, "%s", item->text);
    if (item->outcome == OUTCOME_CONFLICT && item->now_is_known)
        review_print_versions(cli->err, item);
}

static int say_one(const struct cli *cli, const struct submission_item *item) {
    int status = status_of(item);
    say_item(cli, item);
    if (status == CLI_UNKNOWN)
        cli_say(cli, status,
                "%s: the outcome is unknown; it isn't sent again from here: look at the table "
                "later, with show",
                change_name(item->change));
    return status;
}

/* Behind the last of the changes that follow the one at `at` and weren't sent either. */
static size_t unsent_end(struct session *session, size_t at, size_t count) {
    struct submission_item item;
    for (at++; at < count; at++) {
        session_submission_item(session, at, &item);
        if (item.outcome != OUTCOME_NOT_SENT)
            break;
    }
    return at;
}

/* From the first to the last that was not sent. */
static void say_unsent(const struct cli *cli, struct session *session, size_t at, size_t end) {
    struct submission_item item;
    session_submission_item(session, at, &item);
    say_item(cli, &item);
    if (end - at == 1)
        return;
    session_submission_item(session, end - 1, &item);
    cli_say(cli, CLI_DONE, "nor the %zu that follow, to %s", end - at - 1,
            change_name(item.change));
}

static void say_tally(const struct cli *cli, const struct submission *submission) {
    struct buffer line;
    const char *separator = "";
    buffer_init(&line);
    for (int outcome = 0; outcome < OUTCOME_COUNT; outcome++)
        if (submission->tally[outcome] > 0) {
            buffer_printf(&line, "%s%zu %s", separator, submission->tally[outcome],
                          counted[outcome]);
            separator = ", ";
        }
    cli_say(cli, CLI_DONE, "of %zu changes: %s", submission->count, line.data);
    if (submission->tally[OUTCOME_UNKNOWN] > 0)
        cli_say(cli, CLI_DONE,
                "what is unknown isn't sent again from here: look at the table later");
    buffer_finish(&line);
}

static int say_many(const struct cli *cli, struct session *session,
                    const struct submission *submission) {
    struct submission_item item;
    int status = CLI_DONE;
    for (size_t at = 0, end; at < submission->count; at = end) {
        session_submission_item(session, at, &item);
        end =
            item.outcome == OUTCOME_NOT_SENT ? unsent_end(session, at, submission->count) : at + 1;
        status = outcomes_worse(status, status_of(&item));
        if (item.outcome == OUTCOME_NOT_SENT)
            say_unsent(cli, session, at, end);
        else if (item.outcome != OUTCOME_APPLIED)
            say_item(cli, &item);
    }
    say_tally(cli, submission);
    return status;
}

int outcomes_say(const struct cli *cli, struct session *session) {
    struct submission submission;
    struct submission_item item;
    session_submission(session, &submission);
    if (submission.count > 1)
        return say_many(cli, session, &submission);
    session_submission_item(session, 0, &item);
    return say_one(cli, &item);
}

/* ---- as a file ------------------------------------------------------------------------------- */

FILE *outcomes_create(const struct cli *cli, const char *path) {
    int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    FILE *file = descriptor >= 0 ? fdopen(descriptor, "w") : NULL;
    if (file == NULL) {
        cli_say(cli, CLI_USAGE, "--results %s: %s; nothing was sent", path, strerror(errno));
        if (descriptor >= 0)
            close(descriptor);
    }
    return file;
}

int outcomes_save(const struct cli *cli, struct session *session, FILE *file) {
    struct buffer results;
    buffer_init(&results);
    if (session != NULL)
        session_results(session, &results);
    fwrite(results.data, 1, results.length, file);
    buffer_finish(&results);
    bool bad = ferror(file) != 0;
    if (fclose(file) == 0 && !bad)
        return CLI_DONE;
    return cli_say(cli, CLI_REFUSED, "--results: could not be written: %s", strerror(errno));
}
