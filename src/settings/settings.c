#include "pail/settings/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pail/base/memory.h"
#include "pail/base/url.h"
#include "pail/settings/config.h"

enum { TIMEOUT_MS = 30000 };

void settings_init(struct settings *settings) {
    *settings = (struct settings){.path = "", .theme = "", .default_profile = ""};
    arena_init(&settings->arena);
    keymap_init(&settings->keymap);
}

void settings_finish(struct settings *settings) {
    arena_finish(&settings->arena);
    free(settings->profiles);
    settings->profiles = NULL;
    settings->profile_count = 0;
}

/* ---- profiles -------------------------------------------------------------------------------- */

/* What can be set in a profile, written once; the manual is checked against it. */
enum profile_setting {
    PROFILE_URL,
    PROFILE_TOKEN_DIR,
    PROFILE_READ_ONLY,
    PROFILE_THEME,
    PROFILE_DANGER,
    PROFILE_PRINCIPAL,
    PROFILE_PROXY,
    PROFILE_CACERT,
    PROFILE_TIMEOUT,
    PROFILE_LIST_PATH,
    PROFILE_LIST_BODY,
    PROFILE_SETTINGS
};

const char *const settings_profile_names[] = {
    "url",   "token_dir", "read_only", "theme",     "danger",    "principal",
    "proxy", "cacert",    "timeout",   "list_path", "list_body", NULL,
};

static bool is_name(const char *text) {
    static const char more[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    bool letter = (text[0] >= 'a' && text[0] <= 'z') || (text[0] >= 'A' && text[0] <= 'Z');
    return letter && text[strspn(text, more)] == '\0';
}

static bool check_url(const char *text, struct error *error) {
    struct url url;
    if (!url_parse(text, &url, error))
        return false;
    return url.https || url_is_loopback(&url) ||
           error_set(error, "%s: plain http only to this machine; use https", text);
}

static void profile_init(struct profile *profile) {
    *profile = (struct profile){.name = "",
                                .url = "",
                                .token_dir = "",
                                .theme = "",
                                .principal = "",
                                .timeout_ms = TIMEOUT_MS};
}

static bool read_string(struct settings *settings, const struct config_file *file,
                        const struct config_setting *setting, const char **value,
                        struct error *error) {
    const char *text;
    if (!config_string(file, setting, &text, error))
        return false;
    *value = arena_string(&settings->arena, text);
    return true;
}

static bool read_url(struct settings *settings, const struct config_file *file,
                     const struct config_setting *setting, const char **value,
                     struct error *error) {
    struct error why;
    if (!read_string(settings, file, setting, value, error))
        return false;
    return check_url(*value, &why) || config_error(file, setting, error, "%s", why.text);
}

static bool read_danger(struct profile *profile, const struct config_file *file,
                        const struct config_setting *setting, struct error *error) {
    const char *text;
    if (!config_string(file, setting, &text, error))
        return false;
    profile->has_danger = true;
    return colour_parse(text, &profile->danger) ||
           config_error(file, setting, error, "danger: \"%s\" is no colour", text);
}

static bool read_proxy(struct profile *profile, const struct config_file *file,
                       const struct config_setting *setting, struct error *error) {
    const char *text;
    if (!config_string(file, setting, &text, error))
        return false;
    profile->proxy_from_environment = strcmp(text, "env") == 0;
    return profile->proxy_from_environment || strcmp(text, "none") == 0 ||
           config_error(file, setting, error, "proxy: must be \"env\" or \"none\"");
}

static bool read_timeout(struct profile *profile, const struct config_file *file,
                         const struct config_setting *setting, struct error *error) {
    long seconds;
    if (!config_number(file, setting, 1, 3600, &seconds, error))
        return false;
    profile->timeout_ms = seconds * 1000;
    return true;
}

static bool read_profile_setting(struct settings *settings, struct profile *profile,
                                 const struct config_file *file,
                                 const struct config_setting *setting, struct error *error) {
    int which = 0;
    while (which < PROFILE_SETTINGS &&
           strcmp(settings_profile_names[which], config_name(setting)) != 0)
        which++;
    switch ((enum profile_setting)which) {
    case PROFILE_URL:
        return read_url(settings, file, setting, &profile->url, error);
    case PROFILE_TOKEN_DIR:
        return read_string(settings, file, setting, &profile->token_dir, error);
    case PROFILE_READ_ONLY:
        return config_bool(file, setting, &profile->read_only, error);
    case PROFILE_THEME:
        return read_string(settings, file, setting, &profile->theme, error);
    case PROFILE_DANGER:
        return read_danger(profile, file, setting, error);
    case PROFILE_PRINCIPAL:
        return read_string(settings, file, setting, &profile->principal, error);
    case PROFILE_PROXY:
        return read_proxy(profile, file, setting, error);
    case PROFILE_CACERT:
        return read_string(settings, file, setting, &profile->cacert, error);
    case PROFILE_TIMEOUT:
        return read_timeout(profile, file, setting, error);
    case PROFILE_LIST_PATH:
        return read_string(settings, file, setting, &profile->list_path, error);
    case PROFILE_LIST_BODY:
        return read_string(settings, file, setting, &profile->list_body, error);
    case PROFILE_SETTINGS:
        break;
    }
    return config_error(file, setting, error, "%s: no setting of a profile has that name",
                        config_name(setting));
}

static bool read_profile(struct settings *settings, const struct config_file *file,
                         const struct config_setting *group, struct error *error) {
    struct profile *profile = &settings->profiles[settings->profile_count];
    if (!config_group(file, group, error))
        return false;
    if (!is_name(config_name(group)))
        return config_error(file, group, error, "%s: a profile's name is of A-Z a-z 0-9 _ -",
                            config_name(group));
    profile_init(profile);
    profile->name = arena_string(&settings->arena, config_name(group));
    for (size_t i = 0; i < config_count(group); i++)
        if (!read_profile_setting(settings, profile, file, config_at(group, i), error))
            return false;
    if (profile->url[0] == '\0')
        return config_error(file, group, error, "%s: url is missing", profile->name);
    settings->profile_count++;
    return true;
}

static bool read_profiles(struct settings *settings, const struct config_file *file,
                          const struct config_setting *group, struct error *error) {
    if (!config_group(file, group, error))
        return false;
    settings->profiles = memory_new(config_count(group) + 1, sizeof *settings->profiles);
    for (size_t i = 0; i < config_count(group); i++)
        if (!read_profile(settings, file, config_at(group, i), error))
            return false;
    return true;
}

/* ---- keys and the rest ----------------------------------------------------------------------- */

static bool read_binding(struct settings *settings, const struct config_file *file,
                         const struct config_setting *setting, struct error *error) {
    const char *names[KEYMAP_KEYS + 1];
    size_t count = config_is_array(setting) ? config_count(setting) : 1;
    enum action action = action_by_name(config_name(setting));
    struct error why;
    if (action == ACTION_NONE)
        return config_error(file, setting, error, "%s: no action has that name",
                            config_name(setting));
    if (count > KEYMAP_KEYS)
        return config_error(file, setting, error, "%s: at most %d keys", config_name(setting),
                            KEYMAP_KEYS);
    for (size_t i = 0; i < count; i++)
        if (!config_string(file, config_is_array(setting) ? config_at(setting, i) : setting,
                           &names[i], error))
            return false;
    return keymap_bind(&settings->keymap, action, names, count, &why) ||
           config_error(file, setting, error, "%s", why.text);
}

static bool read_keys(struct settings *settings, const struct config_file *file,
                      const struct config_setting *group, struct error *error) {
    struct error why;
    if (!config_group(file, group, error))
        return false;
    for (size_t i = 0; i < config_count(group); i++)
        if (!read_binding(settings, file, config_at(group, i), error))
            return false;
    return keymap_check(&settings->keymap, &why) ||
           config_error(file, group, error, "%s", why.text);
}

static bool read_setting(struct settings *settings, const struct config_file *file,
                         const struct config_setting *setting, struct error *error) {
    const char *name = config_name(setting);
    if (strcmp(name, "profiles") == 0)
        return read_profiles(settings, file, setting, error);
    if (strcmp(name, "keys") == 0)
        return read_keys(settings, file, setting, error);
    if (strcmp(name, "default_profile") == 0)
        return read_string(settings, file, setting, &settings->default_profile, error);
    if (strcmp(name, "theme") == 0)
        return read_string(settings, file, setting, &settings->theme, error);
    if (strcmp(name, "mouse") == 0)
        return config_bool(file, setting, &settings->mouse, error);
    return config_error(file, setting, error, "%s: no setting has that name", name);
}

static bool read_settings(struct settings *settings, const struct config_file *file,
                          struct error *error) {
    const struct config_setting *root = config_root(file);
    for (size_t i = 0; i < config_count(root); i++)
        if (!read_setting(settings, file, config_at(root, i), error))
            return false;
    struct error why;
    if (settings->default_profile[0] &&
        settings_profile(settings, settings->default_profile, &why) == NULL)
        return error_set(error, "%s: default_profile: %s", settings->path, why.text);
    return true;
}

/* ---- the file -------------------------------------------------------------------------------- */

static void find_paths(struct settings *settings) {
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    char *first = settings->searched[0];
    size_t size = sizeof settings->searched[0];
    if (config && config[0] == '/')
        snprintf(first, size, "%s/pail/pail.conf", config);
    else if (home && home[0] == '/')
        snprintf(first, size, "%s/.config/pail/pail.conf", home);
    snprintf(settings->searched[1], size, "/etc/pail/pail.conf");
}

static bool load_file(struct settings *settings, const char *path, bool *missing,
                      struct error *error) {
    struct config_file *file = config_open(path, missing, error);
    if (file == NULL)
        return false;
    settings->path = arena_string(&settings->arena, path);
    bool good = read_settings(settings, file, error);
    config_close(file);
    return good;
}

bool settings_load(struct settings *settings, const char *path, struct error *error) {
    find_paths(settings);
    if (path)
        return load_file(settings, path, NULL, error);
    for (int i = 0; i < 2; i++) {
        bool missing = true;
        if (settings->searched[i][0] == '\0')
            continue;
        struct error why;
        if (load_file(settings, settings->searched[i], &missing, &why))
            return true;
        if (!missing)
            return error_set(error, "%s", why.text);
    }
    return true;
}

const struct profile *settings_profile(const struct settings *settings, const char *name,
                                       struct error *error) {
    if (name == NULL && settings->default_profile[0])
        name = settings->default_profile;
    if (name == NULL)
        return settings->profile_count == 1 ? &settings->profiles[0] : NULL;
    for (size_t i = 0; i < settings->profile_count; i++)
        if (strcmp(settings->profiles[i].name, name) == 0)
            return &settings->profiles[i];
    error_set(error, "there is no profile \"%s\"", name);
    return NULL;
}

const struct profile *settings_profile_for_url(struct settings *settings, const char *url,
                                               struct error *error) {
    struct url parts;
    if (!check_url(url, error) || !url_parse(url, &parts, error))
        return NULL;
    struct profile *profile = arena_new(&settings->arena, sizeof *profile, 16);
    profile_init(profile);
    profile->url = arena_string(&settings->arena, url);
    profile->name = arena_string(&settings->arena, parts.host);
    return profile;
}
