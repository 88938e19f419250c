/*
 * The command line: what the dashboard does, for scripts. A command prints its result on `out` and
 * all else on `err`; what comes from outside is made safe for a terminal on both.
 *
 * The lists of commands and of flags are written once: parsing, help, completion and the check of
 * the manual are made from them. The flags that set a field are made from the field table: the
 * API's name in kebab case (--access-key-id), and for a secret the file that holds it
 * (--secret-access-key-file), since a secret in argv is seen by everybody on the machine.
 */
#ifndef PAIL_CLI_CLI_H
#define PAIL_CLI_CLI_H

#include <stdio.h>

#include "pail/buckets/bucket.h"
#include "pail/settings/settings.h"

/* The exit statuses of commands: X(id, status, what --help says of it; the manual says more) */
#define CLI_STATUSES(X)                                                               \
    X(DONE, 0, "done, or nothing to do")                                              \
    X(REFUSED, 1, "refused by the service or a rule, cancelled, or not readable")     \
    X(USAGE, 2, "bad arguments or configuration, or nobody to ask")                   \
    X(NO_BUCKET, 3, "no such bucket")                                                 \
    X(LOGIN, 4, "a login is needed, or was refused")                                  \
    X(UNKNOWN, 5, "the outcome of a change is unknown")                               \
    X(CONFLICT, 6, "not changed: the entry was changed by somebody else meanwhile")   \
    X(READ_ONLY, 7, "read-only: nothing was sent")                                    \
    X(NO_CONNECTION, 8, "no connection to the service, or it has trouble of its own") \
    X(NOT_RECORDED, 9, "done, but what came of a change is not in the journal")

#define CLI_STATUS(id, status, text) CLI_##id = (status),
enum cli_status { CLI_STATUSES(CLI_STATUS) };
#undef CLI_STATUS

/* X(id, name, arguments, help) */
#define COMMANDS(X)                                                                   \
    X(LIST, "list", "[FILTER...]", "print the table, or the entries that match")      \
    X(SHOW, "show", "NAME", "print all fields of an entry")                           \
    X(ADD, "add", "NAME --cloud CLOUD", "add an entry")                               \
    X(MODIFY, "modify", "NAME", "change fields of an entry")                          \
    X(DELETE, "delete", "NAME...", "delete entries")                                  \
    X(EXPORT, "export", "[FILTER...]", "print entries as a file for diff and apply")  \
    X(DIFF, "diff", "FILE", "compare the table with the entries of a file")           \
    X(APPLY, "apply", "FILE", "make the table as the entries of a file")              \
    X(POLICY, "policy", "NAME cors|iam|trust|all", "print the documents of a bucket") \
    X(UNDO, "undo", "[N]", "take back the last applied change, or the N-th last")     \
    X(JOURNAL, "journal", "[verify]", "print what was changed, or check the record")  \
    X(LOGIN, "login", "", "log in to the service")                                    \
    X(LOGOUT, "logout", "", "revoke the login and remove it from this machine")       \
    X(WHOAMI, "whoami", "", "print who is logged in, and until when")                 \
    X(CONFIG, "config", "check|path|profiles", "look at the configuration")           \
    X(COMPLETION, "completion", "bash|zsh|fish", "print a script that completes words")

#define COMMAND_ID(id, name, arguments, help) COMMAND_##id,
enum command { COMMANDS(COMMAND_ID) COMMAND_COUNT };
#undef COMMAND_ID

#define ON(id)     (1U << COMMAND_##id)
#define ON_CHANGES (ON(ADD) | ON(MODIFY) | ON(DELETE) | ON(APPLY) | ON(UNDO))

/* X(id, name, value (NULL: none), commands, help) */
#define FLAGS(X)                                                                                  \
    X(FORMAT, "format", "FORMAT", ON(LIST) | ON(SHOW) | ON(POLICY) | ON(WHOAMI) | ON(JOURNAL),    \
      "how to print it")                                                                          \
    X(SINCE, "since", "WHEN", ON(JOURNAL), "from then on: a date, a date and time, or 2h, 3d")    \
    X(BUCKET, "bucket", "NAME", ON(JOURNAL), "of this bucket alone")                              \
    X(USERNAME, "username", "NAME", ON(LOGIN), "log in as this user")                             \
    X(PASSWORD_FILE, "password-file", "FILE|-", ON(LOGIN), "what has the password")               \
    X(COLUMNS, "columns", "A,B,...", ON(LIST), "these columns, in this order")                    \
    X(SORT, "sort", "COLUMN", ON(LIST), "sort by this column")                                    \
    X(PRINCIPAL, "principal", "ARN", ON(POLICY), "of InfinStor, for the trust policy")            \
    X(REPLACE, "replace", NULL, ON(ADD), "replace the entry if there is one of this name")        \
    X(CLEAR, "clear", "FIELD", ON(MODIFY), "empty this field; may be given several times")        \
    X(PRUNE, "prune", NULL, ON(DIFF) | ON(APPLY), "take the file for the whole table")            \
    X(SECRETS, "secrets", NULL, ON(APPLY), "send secrets also where nothing else differs")        \
    X(WITHOUT_SECRETS, "without-secrets", NULL, ON(MODIFY) | ON(APPLY) | ON(UNDO),                \
      "also where a secret that the entry has or had isn't given")                                \
    X(DRY_RUN, "dry-run", NULL, ON_CHANGES, "print the difference and the request, send nothing") \
    X(YES, "yes", NULL, ON_CHANGES, "don't ask")                                                  \
    X(SETTLE, "settle", "SECONDS", ON_CHANGES,                                                    \
      "how long to read again after a change without a clear answer (0-600, 10)")                 \
    X(REASON, "reason", "TEXT", ON_CHANGES, "why, for the journal")                               \
    X(STOP_ON_ERROR, "stop-on-error", NULL, ON(DELETE) | ON(APPLY),                               \
      "begin nothing more after the first that fails")                                            \
    X(RESULTS, "results", "FILE", ON(DELETE) | ON(APPLY),                                         \
      "write what came of each to this new file")

#define FLAG_ID(id, name, value, commands, help) FLAG_##id,
enum flag { FLAGS(FLAG_ID) FLAG_COUNT };
#undef FLAG_ID

struct command_info {
    const char *name, *arguments, *help;
};
extern const struct command_info commands[COMMAND_COUNT];

struct flag_info {
    const char *name, *value, *help;
    unsigned commands;
};
extern const struct flag_info flags[FLAG_COUNT];

/* What a command is given. */
struct cli {
    const struct settings *settings;
    const struct profile *profile; /* NULL: none is configured */
    bool read_only;                /* by --read-only; the profile may say so too */
    long timeout_ms;               /* 0: the profile's */
    FILE *in, *out, *err;
    bool in_is_terminal, out_is_terminal;
};

/* What was typed after the command. */
struct cli_arguments {
    enum command command;
    const char *flag[FLAG_COUNT];   /* NULL: not given; "" for one without a value */
    const char *field[FIELD_COUNT]; /* NULL: not given; of a secret, its file */
    bool clear[FIELD_COUNT];
    char **words; /* the others */
    int count;
};

/* Runs argv[0], a command's name, with its arguments; returns the exit status. */
int cli_run(struct cli *cli, int argc, char **argv);

/* Writes the flag that sets a field, without its dashes, as "access-key-id"; "" for a field that
 * can't be set by a flag. */
void cli_field_flag(enum bucket_field field, char *name, size_t size);

/* Where cli->profile is NULL: how one is chosen if there are several, else `otherwise`. Returns
 * CLI_USAGE. */
int cli_no_profile(const struct cli *cli, const char *otherwise);

/* Whether the command has the flag that sets this field: undo has those of secrets alone. */
bool cli_has_field(enum command command, enum bucket_field field);

/* One line on err, made safe: "pail COMMAND: text". Returns status, for tail calls. */
__attribute__((format(printf, 3, 4))) int cli_say(const struct cli *cli, int status,
                                                  const char *format, ...);

/* "FORMAT is not one of: table json": the words that are allowed end with NULL. The index of text
 * among them (0 if text is NULL), or -1 after having said so. */
int cli_choose(const struct cli *cli, const char *what, const char *text,
               const char *const *allowed);

#endif
