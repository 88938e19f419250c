/* pail whoami: what the service says of the caller, and what is known of the login. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "entry_json.h"
#include "pail/base/clock.h"
#include "pail/cli/sitting.h"
#include "pail/session/identity.h"
#include "print.h"
#include "words.h"

enum { FORMAT_TEXT, FORMAT_JSON };

#define NAME(id, name, label) name,
static const char *const names[] = {ACCOUNT_MEMBERS(NAME)};
#undef NAME
#define LABEL(id, name, label) label,
static const char *const labels[] = {ACCOUNT_MEMBERS(LABEL)};
#undef LABEL

/* As the service sent it; NULL if it didn't. The caller's to json_decref. */
static json_t *member_json(const struct session *session, enum account_member member) {
    return json_loads(session_account(session, member), JSON_DECODE_ANY, NULL);
}

/* Its domain, or where the profile has just a URL, that. */
static const char *service_of(const struct profile *profile) {
    return profile->service[0] ? profile->service : profile->url;
}

/* ---- text ------------------------------------------------------------------------------------ */

static void print_members(const struct cli *cli, const struct session *session) {
    for (int i = 0; i < ACCOUNT_COUNT; i++) {
        enum account_member member = (enum account_member)i;
        json_t *value = member_json(session, member);
        const char *text =
            json_is_string(value) ? json_string_value(value) : session_account(session, member);
        print_pair(cli->out, labels[i], text[0] ? text : "(not known)", "");
        json_decref(value);
    }
    print_pair(cli->out, "Administrator", "unknown until a change was tried", "");
    print_pair(cli->out, "Service", service_of(cli->profile), "");
}

static void append_time(struct buffer *out, int64_t when) {
    struct tm local;
    time_t seconds = (time_t)when;
    char text[48];
    if (localtime_r(&seconds, &local) &&
        strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S %Z", &local))
        buffer_append_string(out, text);
}

static void append_span(struct buffer *out, int64_t seconds) {
    enum { MINUTE = 60, HOUR = 3600 };
    if (seconds / MINUTE < 2)
        buffer_printf(out, "%" PRId64 " s", seconds);
    else if (seconds / HOUR < 2)
        buffer_printf(out, "%" PRId64 " min", seconds / MINUTE);
    else
        buffer_printf(out, "%" PRId64 " h", seconds / HOUR);
}

/* "2026-03-01 12:04:31 UTC, 5 min ago" */
static void print_time(const struct cli *cli, const char *label, int64_t when,
                       const char *unknown) {
    struct buffer line;
    int64_t now = clock_now();
    buffer_init(&line);
    if (when > 0) {
        append_time(&line, when);
        buffer_append_string(&line, when > now ? ", in " : ", ");
        append_span(&line, when > now ? when - now : now - when);
        buffer_append_string(&line, when > now ? "" : " ago");
    }
    print_pair(cli->out, label, when > 0 ? line.data : unknown, "");
    buffer_finish(&line);
}

static void print_login(const struct cli *cli, const struct session *session,
                        const struct identity *identity) {
    const char *path = session_token_path(session);
    print_pair(cli->out, "Login", path[0] ? path : "of the environment, kept in memory",
               !identity->found   ? "  (none that can be read)"
               : identity->custom ? "  (a custom token, never renewed)"
                                  : "");
    if (!identity->found || identity->custom)
        return;
    print_time(cli, "Issued", identity->issued, "not known");
    print_time(cli, "Renewed when due", identity->due, "can't be told");
    print_time(cli, "Expires", identity->expires, "the token doesn't say");
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static json_t *time_json(int64_t when) {
    return when > 0 ? json_integer(when) : json_null();
}

static json_t *login_json(const struct session *session, const struct identity *identity) {
    const char *path = session_token_path(session);
    return json_pack("{s:b,s:b,s:b,s:o,s:o,s:o,s:o}", "found", identity->found, "inEnvironment",
                     identity->in_environment, "custom", identity->custom, "file",
                     path[0] ? json_string(path) : json_null(), "issued",
                     time_json(identity->issued), "renewalDue", time_json(identity->due), "expires",
                     time_json(identity->expires));
}

static void print_json(const struct cli *cli, const struct session *session,
                       const struct identity *identity) {
    json_t *all = json_object();
    for (int i = 0; i < ACCOUNT_COUNT; i++) {
        json_t *value = member_json(session, (enum account_member)i);
        json_object_set_new(all, names[i], value ? value : json_null());
    }
    json_object_set_new(all, "administrator", json_null());
    json_object_set_new(all, "service", json_string(service_of(cli->profile)));
    json_object_set_new(all, "login", login_json(session, identity));
    entry_json_write(cli->out, all, JSON_INDENT(2));
    fputs("\n", cli->out);
    json_decref(all);
}

int command_whoami(const struct cli *cli, const struct cli_arguments *arguments) {
    struct sitting *sitting;
    struct identity identity;
    int format = cli_choose(cli, "--format", arguments->flag[FLAG_FORMAT], show_formats);
    if (format < 0)
        return CLI_USAGE;
    int status = sitting_open(cli, &sitting);
    if (status != CLI_DONE)
        return status;
    status = sitting_load(sitting);
    const struct session *session = sitting_session(sitting);
    identity_look(session, &identity);
    if (format == FORMAT_JSON)
        print_json(cli, session, &identity);
    else {
        print_members(cli, session);
        print_login(cli, session, &identity);
    }
    int printed = print_end(cli);
    sitting_close(sitting);
    return status == CLI_DONE ? printed : status;
}
