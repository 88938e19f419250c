#include "profile.h"

#include <string.h>

#include "pail/base/buffer.h"
#include "pail/base/url.h"

enum { TIMEOUT_MS = 30000, SETTLE_AFTER_MS = 60000, PARALLEL = 8, PARALLEL_MOST = 16 };

/* What the readers of single settings are given. */
struct reading {
    struct profile *profile;
    struct arena *arena;
    const struct config_file *file;
    const struct config_setting *setting;
};

void profile_init(struct profile *profile) {
    *profile = (struct profile){.name = "",
                                .service = "",
                                .url = "",
                                .region = "",
                                .client_id = "",
                                .token_dir = "",
                                .theme = "",
                                .principal = "",
                                .timeout_ms = TIMEOUT_MS,
                                .settle_after_ms = SETTLE_AFTER_MS,
                                .parallel = PARALLEL};
}

bool profile_check_url(const char *text, struct error *error) {
    struct url url;
    if (!url_parse(text, &url, error))
        return false;
    if (strpbrk(url.path, "?#"))
        return error_set(error, "%s: a base URL ends with its path", text);
    return url.https || url_is_loopback(&url) ||
           error_set(error, "%s: plain http only to this machine; use https", text);
}

/* ---- strings --------------------------------------------------------------------------------- */

bool profile_read_string(struct arena *arena, const struct config_file *file,
                         const struct config_setting *setting, const char **value,
                         struct error *error) {
    const char *text;
    if (!config_string(file, setting, &text, error))
        return false;
    *value = arena_string(arena, text);
    return true;
}

bool profile_read_theme(struct arena *arena, const struct config_file *file,
                        const struct config_setting *setting, const char **value,
                        struct error *error) {
    return profile_read_string(arena, file, setting, value, error) &&
           (theme_is_name(*value) ||
            config_error(file, setting, error, "theme: a name is of A-Z a-z 0-9 _ -"));
}

static bool read_string(const struct reading *from, const char **value, struct error *error) {
    return profile_read_string(from->arena, from->file, from->setting, value, error);
}

static bool bad(const struct reading *from, struct error *error, const char *what) {
    return config_error(from->file, from->setting, error, "%s: %s", config_name(from->setting),
                        what);
}

/* Of the file system or of a URL. `~` is the shell's, and a relative path would change its meaning
 * with the folder that pail is started in. */
static bool read_path(const struct reading *from, const char **value, struct error *error) {
    return read_string(from, value, error) &&
           ((*value)[0] == '/' || bad(from, error, "must begin with /"));
}

/* ---- one function for each of PROFILE_SETTINGS ----------------------------------------------- */

static bool read_url(const struct reading *from, struct error *error) {
    struct error why;
    return read_string(from, &from->profile->url, error) &&
           (profile_check_url(from->profile->url, &why) ||
            config_error(from->file, from->setting, error, "%s", why.text));
}

/* A domain and nothing else, in lower case: hosts are made by putting a label before it. */
static bool read_service(const struct reading *from, struct error *error) {
    const char *text;
    struct buffer url;
    struct url parts;
    if (!read_string(from, &from->profile->service, error))
        return false;
    text = from->profile->service;
    buffer_init(&url);
    buffer_printf(&url, "https://%s", text);
    bool good = text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789.-")] == '\0' &&
                strchr(text, '.') && url_parse(url.data, &parts, NULL);
    buffer_finish(&url);
    return good || bad(from, error, "must be a domain, such as infinstor.yourcompany.com");
}

static bool read_region(const struct reading *from, struct error *error) {
    return read_string(from, &from->profile->region, error) &&
           (theme_is_name(from->profile->region) || bad(from, error, "must be of A-Z a-z 0-9 _ -"));
}

/* Amazon Cognito, API reference, InitiateAuth, ClientId: [\w+]+ of 1 to 128. */
static bool read_client_id(const struct reading *from, struct error *error) {
    if (!read_string(from, &from->profile->client_id, error))
        return false;
    const char *text = from->profile->client_id;
    size_t length =
        strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+");
    return (length > 0 && length <= 128 && text[length] == '\0') ||
           bad(from, error, "must be 1 to 128 of A-Z a-z 0-9 _ +");
}

static bool read_authorization(const struct reading *from, struct error *error) {
    static const char *const names[] = {"id", "bearer", "access+id"};
    const char *text;
    if (!config_string(from->file, from->setting, &text, error))
        return false;
    for (int i = 0; i < 3; i++)
        if (strcmp(names[i], text) == 0) {
            from->profile->authorization = (enum profile_authorization)i;
            return true;
        }
    return bad(from, error, "must be \"id\", \"bearer\" or \"access+id\"");
}

static bool read_connect_to(const struct reading *from, struct error *error) {
    struct error why;
    return read_string(from, &from->profile->connect_to, error) &&
           (url_check_connect_to(from->profile->connect_to, &why) ||
            config_error(from->file, from->setting, error, "%s", why.text));
}

static bool read_token_dir(const struct reading *from, struct error *error) {
    return read_path(from, &from->profile->token_dir, error);
}

static bool read_read_only(const struct reading *from, struct error *error) {
    return config_bool(from->file, from->setting, &from->profile->read_only, error);
}

static bool read_theme(const struct reading *from, struct error *error) {
    return profile_read_theme(from->arena, from->file, from->setting, &from->profile->theme, error);
}

static bool read_danger(const struct reading *from, struct error *error) {
    const char *text;
    if (!config_string(from->file, from->setting, &text, error))
        return false;
    from->profile->has_danger = true;
    return colour_parse(text, &from->profile->danger) ||
           config_error(from->file, from->setting, error, "danger: \"%s\" is no colour", text);
}

static bool read_principal(const struct reading *from, struct error *error) {
    return read_string(from, &from->profile->principal, error);
}

static bool read_proxy(const struct reading *from, struct error *error) {
    const char *text;
    if (!config_string(from->file, from->setting, &text, error))
        return false;
    from->profile->proxy_from_environment = strcmp(text, "env") == 0;
    return from->profile->proxy_from_environment || strcmp(text, "none") == 0 ||
           bad(from, error, "must be \"env\" or \"none\"");
}

static bool read_cacert(const struct reading *from, struct error *error) {
    return read_path(from, &from->profile->cacert, error);
}

static bool read_seconds(const struct reading *from, long *ms, struct error *error) {
    long seconds;
    if (!config_number(from->file, from->setting, 1, 3600, &seconds, error))
        return false;
    *ms = seconds * 1000;
    return true;
}

static bool read_timeout(const struct reading *from, struct error *error) {
    return read_seconds(from, &from->profile->timeout_ms, error);
}

static bool read_settle_after(const struct reading *from, struct error *error) {
    return read_seconds(from, &from->profile->settle_after_ms, error);
}

static bool read_parallel(const struct reading *from, struct error *error) {
    long count;
    if (!config_number(from->file, from->setting, 1, PARALLEL_MOST, &count, error))
        return false;
    from->profile->parallel = (int)count;
    return true;
}

static bool read_list_path(const struct reading *from, struct error *error) {
    struct buffer url;
    struct url parts;
    struct error why;
    if (!read_path(from, &from->profile->list_path, error))
        return false;
    buffer_init(&url);
    buffer_printf(&url, "https://host%s", from->profile->list_path);
    bool good = url_parse(url.data, &parts, &why);
    buffer_finish(&url);
    return good || bad(from, error, why.text);
}

static bool read_list_body(const struct reading *from, struct error *error) {
    return read_string(from, &from->profile->list_body, error);
}

/* ---- the group ------------------------------------------------------------------------------- */

#define READER(name) {#name, read_##name},
static const struct {
    const char *name;
    bool (*read)(const struct reading *from, struct error *error);
} readers[] = {PROFILE_SETTINGS(READER)};

enum { READERS = sizeof readers / sizeof *readers };

static bool read_setting(const struct reading *from, struct error *error) {
    for (size_t i = 0; i < READERS; i++)
        if (strcmp(readers[i].name, config_name(from->setting)) == 0)
            return readers[i].read(from, error);
    return bad(from, error, "no setting of a profile has that name");
}

static bool is_name(const char *text) {
    bool letter = (text[0] >= 'a' && text[0] <= 'z') || (text[0] >= 'A' && text[0] <= 'Z');
    return letter && theme_is_name(text);
}

bool profile_read(struct profile *profile, struct arena *arena, const struct config_file *file,
                  const struct config_setting *group, struct error *error) {
    const char *name = config_name(group);
    if (!config_group(file, group, error))
        return false;
    if (!is_name(name))
        return config_error(file, group, error,
                            "%s: a profile's name is of A-Z a-z 0-9 _ - and begins with a letter",
                            name);
    profile_init(profile);
    profile->name = arena_string(arena, name);
    for (size_t i = 0; i < config_count(group); i++)
        if (!read_setting(&(struct reading){profile, arena, file, config_at(group, i)}, error))
            return false;
    return profile->url[0] != '\0' || profile->service[0] != '\0' ||
           config_error(file, group, error, "%s: service or url is missing", name);
}
