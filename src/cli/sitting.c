#include "pail/cli/sitting.h"

#include <stdlib.h>

#include "pail/base/memory.h"
#include "pail/service/token.h"

enum { CONNECT_MS = 10000 };

struct sitting {
    const struct cli *cli;
    struct http *http;
    struct session *session;
};

int sitting_open(const struct cli *cli, struct sitting **out) {
    const struct profile *profile = cli->profile;
    *out = NULL;
    if (profile == NULL)
        return cli_say(cli, CLI_USAGE,
                       "no service is configured: give --url, or a profile in pail.conf");
    struct sitting *sitting = memory_new(1, sizeof *sitting);
    sitting->cli = cli;
    sitting->http = http_create(&(struct http_settings){
        .proxy_from_environment = profile->proxy_from_environment,
        .ca_file = profile->cacert,
        .connect_ms = CONNECT_MS,
    });
    struct buffer path;
    buffer_init(&path);
    token_path(&path, profile->token_dir);
    sitting->session = session_create(
        sitting->http, &(struct session_settings){
                           .base_url = profile->url,
                           .token_path = path.data,
                           .list_path = profile->list_path,
                           .list_body = profile->list_body,
                           .timeout_ms = cli->timeout_ms ? cli->timeout_ms : profile->timeout_ms,
                           .read_only = cli->read_only || profile->read_only,
                       });
    buffer_finish(&path);
    *out = sitting;
    return CLI_DONE;
}

void sitting_close(struct sitting *sitting) {
    if (sitting == NULL)
        return;
    session_destroy(sitting->session);
    http_destroy(sitting->http);
    free(sitting);
}

static int status_of(enum session_trouble trouble) {
    switch (trouble) {
    case TROUBLE_NONE:
        return CLI_DONE;
    case TROUBLE_NO_TOKEN:
    case TROUBLE_LOOSE_TOKEN:
    case TROUBLE_LOGIN_EXPIRED:
        return CLI_LOGIN;
    case TROUBLE_SERVICE:
    case TROUBLE_NETWORK:
        return CLI_NO_CONNECTION;
    case TROUBLE_FORBIDDEN:
    case TROUBLE_UNREADABLE:
    case TROUBLE_STOPPED:
        break;
    }
    return CLI_REFUSED;
}

int sitting_load(struct sitting *sitting) {
    struct session_status status;
    session_load(sitting->session);
    for (;;) {
        int wait = session_tick(sitting->session);
        session_status(sitting->session, &status);
        if (!status.loading)
            break;
        http_wait(sitting->http, NULL, 0, wait);
    }
    if (status.trouble == TROUBLE_NONE)
        return CLI_DONE;
    return cli_say(sitting->cli, status_of(status.trouble), "%s", status.text);
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
    return true;
}
