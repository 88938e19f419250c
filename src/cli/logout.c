/* pail logout: session/logout, driven until it is over. */
#include "pail/session/logout.h"

#include "commands.h"
#include "pail/session/open.h"

static int status_of(enum login_trouble trouble) {
    switch (trouble) {
    case LOGIN_NO_TROUBLE:
        return CLI_DONE;
    case LOGIN_SET_UP:
        return CLI_USAGE;
    case LOGIN_NO_CONNECTION:
        return CLI_NO_CONNECTION;
    case LOGIN_REFUSED:
        break;
    }
    return CLI_REFUSED;
}

int command_logout(const struct cli *cli, const struct cli_arguments *arguments) {
    struct logout_look look;
    (void)arguments;
    if (cli->profile == NULL)
        return cli_no_profile(cli, "make a profile in pail.conf with its service");
    struct http *http = http_open(cli->profile);
    struct logout *logout = logout_open(http, cli->profile, cli->timeout_ms);
    for (;;) {
        int wait = logout_tick(logout);
        logout_look(logout, &look);
        if (look.over)
            break;
        http_wait(http, NULL, 0, wait);
    }
    int status = cli_say(cli, status_of(look.trouble), "%s", look.text);
    logout_destroy(logout);
    http_destroy(http);
    return status;
}
