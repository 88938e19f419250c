#include "pail/session/open.h"

enum { CONNECT_MS = 10000 };

/* A profile's own folder comes first, then the environment's token, then the usual places. */
static bool is_in_environment(const struct profile *profile) {
    struct token token;
    token_init(&token);
    bool found = profile->token_dir[0] == '\0' && token_from_environment(&token);
    token_finish(&token);
    return found;
}

struct http *http_open(const struct profile *profile) {
    return http_create(&(struct http_settings){
        .proxy_from_environment = profile->proxy_from_environment,
        .ca_file = profile->cacert,
        .connect_to = profile->connect_to,
        .connect_ms = CONNECT_MS,
    });
}

/* path becomes that of the token file, which the settings borrow. */
static struct login_settings settings_of(const struct profile *profile, long timeout_ms,
                                         struct buffer *path) {
    buffer_init(path);
    token_path(path, profile->token_dir);
    return (struct login_settings){
        .service = profile->service,
        .region = profile->region,
        .client_id = profile->client_id,
        .token_path = path->data,
        .token_in_environment = is_in_environment(profile),
        .timeout_ms = timeout_ms ? timeout_ms : profile->timeout_ms,
    };
}

struct login *login_open(struct http *http, const struct profile *profile, long timeout_ms) {
    struct buffer path;
    struct login_settings settings = settings_of(profile, timeout_ms, &path);
    struct login *login = login_create(http, &settings);
    buffer_finish(&path);
    return login;
}

struct logout *logout_open(struct http *http, const struct profile *profile, long timeout_ms) {
    struct buffer path;
    struct login_settings settings = settings_of(profile, timeout_ms, &path);
    struct logout *logout = logout_create(http, &settings);
    buffer_finish(&path);
    return logout;
}

struct session *session_open(const struct profile *profile, const struct session_options *options,
                             struct http **http) {
    static const enum token_scheme schemes[] = {
        [AUTHORIZE_ID] = TOKEN_SCHEME_ID,
        [AUTHORIZE_BEARER] = TOKEN_SCHEME_BEARER,
        [AUTHORIZE_ACCESS_WITH_ID] = TOKEN_SCHEME_ACCESS_WITH_ID,
    };
    struct buffer path;
    buffer_init(&path);
    if (!is_in_environment(profile))
        token_path(&path, profile->token_dir);
    *http = http_open(profile);
    struct session *session = session_create(
        *http, &(struct session_settings){
                   .base_url = profile->url,
                   .service = profile->service,
                   .token_path = path.data,
                   .region = profile->region,
                   .client_id = profile->client_id,
                   .scheme = schemes[profile->authorization],
                   .list_path = profile->list_path,
                   .list_body = profile->list_body,
                   .timeout_ms = options->timeout_ms ? options->timeout_ms : profile->timeout_ms,
                   .settle_after_ms = profile->settle_after_ms,
                   .parallel = profile->parallel,
                   .profile = profile->name,
                   .journal_path = "",
                   .journal_wait_ms = options->journal_wait_ms,
                   .read_only = profile->read_only || options->read_only,
               });
    buffer_finish(&path);
    return session;
}
