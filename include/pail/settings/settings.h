/*
 * The configuration file (libconfig), read once at the start:
 *
 *   default_profile = "prod";
 *   theme = "default";
 *   mouse = false;
 *   thrifty = false;
 *   profiles = {
 *     prod = {
 *       url = "https://api.infinstor.yourcompany.com";  # required
 *       token_dir = "/home/me/.infinstor";               # where the file `token` is
 *       read_only = true;  danger = "red";  theme = "light";
 *       principal = "arn:aws:iam::111122223333:root";    # for trust policies
 *       proxy = "env";  cacert = "/etc/ssl/own-ca.pem";
 *       timeout = 30;                                    # seconds, 1-3600
 *       settle_after = 60;                               # seconds, 1-3600
 *       parallel = 8;                                    # changes at a time, 1-16
 *       list_path = "/customerinfo";  list_body = "...";
 *     };
 *   };
 *   keys = { delete = ["D"]; up = ["k", "^P"]; };
 *
 * Searched: $XDG_CONFIG_HOME/pail/pail.conf then ~/.config, then /etc/pail/pail.conf. The
 * file must be a regular file of ours or root's that others can't write, at most 64 KiB, without
 * NUL and @include. Unknown keys, wrong types and numbers out of range are errors with file and
 * line.
 */
#ifndef PAIL_SETTINGS_SETTINGS_H
#define PAIL_SETTINGS_SETTINGS_H

#include "pail/base/arena.h"
#include "pail/base/buffer.h"
#include "pail/settings/keymap.h"
#include "pail/settings/theme.h"

/* What can be set, and what in a profile, written once: the manual is checked against it. */
#define SETTINGS(X) X(default_profile) X(theme) X(mouse) X(thrifty) X(profiles) X(keys)
#define PROFILE_SETTINGS(X) \
    X(service)              \
    X(url)                  \
    X(region)               \
    X(client_id)            \
    X(authorization)        \
    X(connect_to)           \
    X(token_dir)            \
    X(read_only)            \
    X(theme)                \
    X(danger)               \
    X(principal)            \
    X(proxy)                \
    X(cacert)               \
    X(timeout)              \
    X(settle_after)         \
    X(parallel)             \
    X(list_path)            \
    X(list_body)

/* What the calls carry: InfinStor's own client sends the id token as it is. */
enum profile_authorization { AUTHORIZE_ID, AUTHORIZE_BEARER, AUTHORIZE_ACCESS_WITH_ID };

struct profile {
    const char *name;
    const char *service;    /* the domain that all else is found from; "" : there is only url */
    const char *url;        /* "" : the api host that the service names */
    const char *region;     /* of Cognito; "" : as the service says */
    const char *client_id;  /* likewise */
    const char *connect_to; /* NULL, or where else to connect (service/http.h) */
    enum profile_authorization authorization;
    const char *token_dir;             /* "" : the usual places */
    const char *theme;                 /* "" : the settings' */
    const char *principal;             /* "" : not known */
    const char *cacert;                /* NULL: the system's */
    const char *list_path, *list_body; /* NULL: the usual */
    long timeout_ms;
    long settle_after_ms; /* how late a request without an answer may take effect */
    int parallel;         /* changes of a batch that are under way at a time */
    bool read_only;
    bool has_danger;
    struct colour danger;
    bool proxy_from_environment;
};

enum { SETTINGS_PATHS = 3 };

struct settings {
    struct arena arena; /* owns all strings */
    const char *path;   /* the file that was read; "" if there is none */
    const char *theme;  /* "" : none chosen */
    bool mouse;
    bool thrifty; /* few bytes to the terminal */
    struct profile *profiles;
    size_t profile_count;
    const char *default_profile; /* "" : none; with one profile, that one */
    struct keymap keymap;
    /* The paths looked at, in their order, for the no-configuration screen; "" ends them. */
    const char *searched[SETTINGS_PATHS + 1];
};

void settings_init(struct settings *settings); /* no profiles, default keys */
void settings_finish(struct settings *settings);

/* Reads `path`, or searches if it is NULL; no file found by searching is no error. */
bool settings_load(struct settings *settings, const char *path, struct error *error);

/* The profile of that name, or the default one for NULL. NULL with an error if it doesn't exist;
 * NULL without an error text if none is configured. */
const struct profile *settings_profile(const struct settings *settings, const char *name,
                                       struct error *error);

/* A profile made from a URL on the command line: named after its host, or, with a base, that
 * profile with another URL. */
const struct profile *settings_profile_for_url(struct settings *settings,
                                               const struct profile *base, const char *url,
                                               struct error *error);

/* True if the profile says enough to log in by. */
bool profile_can_log_in(const struct profile *profile);

/* Appends the command that logs in to the profile, as it is typed in a shell. */
void settings_login_command(const struct settings *settings, const struct profile *profile,
                            struct buffer *out);

#endif
