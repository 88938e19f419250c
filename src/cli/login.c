/* pail login: session/login, with the questions on the terminal. */
#include "pail/session/login.h"

#include <string.h>

#include "ask.h"
#include "commands.h"
#include "pail/session/open.h"
#include "print.h"
#include "secret.h"

enum { TRIES = 3 }; /* at a question whose answer was refused */

struct dialogue {
    const struct cli *cli;
    struct login *login;
    const char *user;       /* of --username; NULL: asked */
    struct buffer password; /* of --password-file; given once */
    bool has_password;
    bool from_file, showed_page;
    unsigned long seen; /* the serial when something was said last */
    int refusals;
};

static int status_of(enum login_trouble trouble) {
    switch (trouble) {
    case LOGIN_SET_UP:
        return CLI_USAGE;
    case LOGIN_NO_CONNECTION:
        return CLI_NO_CONNECTION;
    default:
        return CLI_LOGIN;
    }
}

/* What a script can't answer. */
static int need_terminal(const struct dialogue *dialogue, const struct login_look *look) {
    const char *what = look->want == LOGIN_BROWSER_CODE ? "this service logs in by the browser"
                       : look->want == LOGIN_PASSWORD   ? "the password was refused"
                       : look->want == LOGIN_USER_NAME  ? "no user name was given"
                                                        : look->question;
    return cli_say(dialogue->cli, CLI_LOGIN, "%s: log in on a terminal", what);
}

static void show_page(struct dialogue *dialogue, const struct login_look *look) {
    if (dialogue->showed_page)
        return;
    dialogue->showed_page = true;
    cli_say(dialogue->cli, CLI_DONE,
            "this service logs in by the browser; open this, log in there, "
            "and type the code that the page ends with:");
    print_lines(dialogue->cli->err, look->url);
}

static int ask(struct dialogue *dialogue, const struct login_look *look) {
    struct buffer question, answer;
    buffer_init(&question);
    buffer_init(&answer);
    buffer_append_string(&question, look->question);
    if (look->want == LOGIN_USER_NAME && look->user[0])
        buffer_printf(&question, " [%s]", look->user);
    buffer_append_string(&question, ": ");
    bool answered = ask_line(dialogue->cli, question.data, look->hidden, &answer);
    if (answered)
        login_answer(dialogue->login, answer.data);
    buffer_finish(&answer);
    buffer_finish(&question);
    return answered ? -1 : cli_say(dialogue->cli, CLI_REFUSED, "cancelled: not logged in");
}

/* -1 to go on, else the exit status. */
static int answer(struct dialogue *dialogue, const struct login_look *look) {
    if (look->want == LOGIN_USER_NAME && dialogue->user) {
        login_answer(dialogue->login, dialogue->user);
        return -1;
    }
    if (look->want == LOGIN_PASSWORD && dialogue->has_password) {
        dialogue->has_password = false;
        login_answer(dialogue->login, dialogue->password.data);
        return -1;
    }
    if (!ask_is_possible(dialogue->cli))
        return need_terminal(dialogue, look);
    if (look->want == LOGIN_BROWSER_CODE)
        show_page(dialogue, look);
    return ask(dialogue, look);
}

/* What came of the last answer. -1 to go on, else the exit status. */
static int say_news(struct dialogue *dialogue, const struct login_look *look) {
    bool first = dialogue->seen == 0, moved = dialogue->seen != login_serial(dialogue->login);
    dialogue->seen = login_serial(dialogue->login);
    if (first && look->note[0])
        cli_say(dialogue->cli, CLI_DONE, "%s", look->note);
    if (moved && look->text[0])
        cli_say(dialogue->cli, CLI_DONE, "%s", look->text);
    if (!moved || look->trouble != LOGIN_REFUSED)
        return -1;
    bool enough = ++dialogue->refusals == TRIES;
    return enough || (dialogue->from_file && look->want == LOGIN_USER_NAME) ? CLI_LOGIN : -1;
}

static int step(struct dialogue *dialogue, const struct login_look *look) {
    if (look->want == LOGIN_FAILED)
        return cli_say(dialogue->cli, status_of(look->trouble), "%s", look->text);
    int status = say_news(dialogue, look);
    if (status >= 0)
        return status;
    if (look->want == LOGIN_DONE)
        return cli_say(dialogue->cli, CLI_DONE, "logged in%s%s; the login is kept in %s",
                       look->user[0] ? " as " : "", look->user, look->token_path);
    return answer(dialogue, look);
}

static int drive(struct dialogue *dialogue, struct http *http) {
    for (;;) {
        struct login_look look;
        int wait = login_tick(dialogue->login);
        login_look(dialogue->login, &look);
        if (look.want == LOGIN_WAITS) {
            http_wait(http, NULL, 0, wait);
            continue;
        }
        int status = step(dialogue, &look);
        if (status >= 0)
            return status;
    }
}

static int check(const struct cli *cli, const char *user, const char *path) {
    if (cli->profile == NULL)
        return cli_no_profile(cli, "make a profile in pail.conf with its service");
    if (user && user[0] == '\0')
        return cli_say(cli, CLI_USAGE, "--username: a name is wanted");
    if (!ask_is_possible(cli) && (user == NULL || path == NULL))
        return cli_say(cli, CLI_USAGE,
                       "there is no terminal to ask on: give --username and --password-file");
    return CLI_DONE;
}

int command_login(const struct cli *cli, const struct cli_arguments *arguments) {
    const char *path = arguments->flag[FLAG_PASSWORD_FILE];
    struct dialogue dialogue = {.cli = cli, .user = arguments->flag[FLAG_USERNAME]};
    int status = check(cli, dialogue.user, path);
    if (status != CLI_DONE)
        return status;
    buffer_init(&dialogue.password);
    dialogue.from_file = path && (strcmp(path, "-") != 0 || !ask_is_possible(cli));
    dialogue.has_password = dialogue.from_file;
    if (dialogue.from_file)
        status = secret_read_password(cli, path, &dialogue.password);
    if (status == CLI_DONE) {
        struct http *http = http_open(cli->profile);
        dialogue.login = login_open(http, cli->profile, cli->timeout_ms);
        status = drive(&dialogue, http);
        login_destroy(dialogue.login);
        http_destroy(http);
    }
    buffer_finish(&dialogue.password);
    return status;
}
