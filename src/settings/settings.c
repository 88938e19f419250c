#include "pail/settings/settings.h"

#include <stdlib.h>
#include <string.h>

#include "pail/base/buffer.h"
#include "pail/base/encode.h"
#include "pail/base/memory.h"
#include "pail/base/url.h"
#include "pail/settings/config.h"
#include "profile.h"

void settings_init(struct settings *settings) {
    *settings = (struct settings){
        .path = "", .theme = "", .default_profile = "", .searched = {"", "", "", ""}};
    arena_init(&settings->arena);
    keymap_init(&settings->keymap);
}

void settings_finish(struct settings *settings) {
    arena_finish(&settings->arena);
    free(settings->profiles);
    settings->profiles = NULL;
    settings->profile_count = 0;
}

/* ---- profiles and keys ----------------------------------------------------------------------- */

static bool read_profiles(struct settings *settings, const struct config_file *file,
                          const struct config_setting *group, struct error *error) {
    if (!config_group(file, group, error))
        return false;
    settings->profiles = memory_new(config_count(group) + 1, sizeof *settings->profiles);
    for (size_t i = 0; i < config_count(group); i++, settings->profile_count++)
        if (!profile_read(&settings->profiles[i], &settings->arena, file, config_at(group, i),
                          error))
            return false;
    return true;
}

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

/* Two may exchange their keys: so clashes are looked for once all are bound. */
static bool read_keys(struct settings *settings, const struct config_file *file,
                      const struct config_setting *group, struct error *error) {
    struct error why;
    if (!config_group(file, group, error))
        return false;
    for (size_t i = 0; i < config_count(group); i++)
        if (!read_binding(settings, file, config_at(group, i), error))
            return false;
    for (size_t i = 0; i < config_count(group); i++) {
        const struct config_setting *setting = config_at(group, i);
        enum action action = action_by_name(config_name(setting));
        if (!keymap_check(&settings->keymap, action, &why))
            return config_error(file, setting, error, "%s", why.text);
    }
    return true;
}

/* ---- one function for each of SETTINGS ------------------------------------------------------- */

static bool read_default_profile(struct settings *settings, const struct config_file *file,
                                 const struct config_setting *setting, struct error *error) {
    return profile_read_string(&settings->arena, file, setting, &settings->default_profile, error);
}

static bool read_theme(struct settings *settings, const struct config_file *file,
                       const struct config_setting *setting, struct error *error) {
    return profile_read_theme(&settings->arena, file, setting, &settings->theme, error);
}

static bool read_mouse(struct settings *settings, const struct config_file *file,
                       const struct config_setting *setting, struct error *error) {
    return config_bool(file, setting, &settings->mouse, error);
}

static bool read_thrifty(struct settings *settings, const struct config_file *file,
                         const struct config_setting *setting, struct error *error) {
    return config_bool(file, setting, &settings->thrifty, error);
}

#define READER(name) {#name, read_##name},
static const struct {
    const char *name;
    bool (*read)(struct settings *settings, const struct config_file *file,
                 const struct config_setting *setting, struct error *error);
} readers[] = {SETTINGS(READER)};

enum { READERS = sizeof readers / sizeof *readers };

static bool read_setting(struct settings *settings, const struct config_file *file,
                         const struct config_setting *setting, struct error *error) {
    for (size_t i = 0; i < READERS; i++)
        if (strcmp(readers[i].name, config_name(setting)) == 0)
            return readers[i].read(settings, file, setting, error);
    return config_error(file, setting, error, "%s: no setting has that name", config_name(setting));
}

static const struct profile *find_profile(const struct settings *settings, const char *name) {
    for (size_t i = 0; i < settings->profile_count; i++)
        if (strcmp(settings->profiles[i].name, name) == 0)
            return &settings->profiles[i];
    return NULL;
}

/* Once all profiles are known. */
static bool check_default(const struct settings *settings, const struct config_file *file,
                          const struct config_setting *setting, struct error *error) {
    const char *name = settings->default_profile;
    return strcmp(config_name(setting), "default_profile") != 0 || find_profile(settings, name) ||
           config_error(file, setting, error, "default_profile: there is no profile \"%s\"", name);
}

static bool read_settings(struct settings *settings, const struct config_file *file,
                          struct error *error) {
    const struct config_setting *root = config_root(file);
    for (size_t i = 0; i < config_count(root); i++)
        if (!read_setting(settings, file, config_at(root, i), error))
            return false;
    for (size_t i = 0; i < config_count(root); i++)
        if (!check_default(settings, file, config_at(root, i), error))
            return false;
    return true;
}

/* ---- the file -------------------------------------------------------------------------------- */

static void search_in(struct settings *settings, const char *folder, const char *below) {
    struct buffer path;
    if (folder == NULL || folder[0] != '/')
        return;
    buffer_init(&path);
    buffer_printf(&path, "%s%s/pail/pail.conf", folder, below);
    int count = 0;
    while (settings->searched[count][0])
        count++;
    settings->searched[count] = arena_string(&settings->arena, path.data);
    buffer_finish(&path);
}

static void find_paths(struct settings *settings) {
    search_in(settings, getenv("XDG_CONFIG_HOME"), "");
    search_in(settings, getenv("HOME"), "/.config");
    search_in(settings, "/etc", "");
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
    for (int i = 0; i < SETTINGS_PATHS && settings->searched[i][0]; i++) {
        bool missing = true;
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
    const struct profile *profile = find_profile(settings, name);
    if (profile == NULL)
        error_set(error, "there is no profile \"%s\"", name);
    return profile;
}

const struct profile *settings_profile_for_url(struct settings *settings,
                                               const struct profile *base, const char *url,
                                               struct error *error) {
    struct url parts;
    if (!profile_check_url(url, error) || !url_parse(url, &parts, error))
        return NULL;
    struct profile *profile = arena_new(&settings->arena, sizeof *profile, 16);
    profile_init(profile);
    profile->name = arena_string(&settings->arena, parts.host);
    if (base)
        *profile = *base;
    profile->url = arena_string(&settings->arena, url);
    return profile;
}

bool profile_can_log_in(const struct profile *profile) {
    return profile->service[0] || (profile->region[0] && profile->client_id[0]);
}

void settings_login_command(const struct settings *settings, const struct profile *profile,
                            struct buffer *out) {
    bool searched = false;
    for (int i = 0; settings->searched[i][0]; i++)
        searched = searched || strcmp(settings->searched[i], settings->path) == 0;
    buffer_append_string(out, "pail ");
    if (settings->path[0] && !searched) {
        buffer_append_string(out, "--config ");
        encode_shell_word(out, settings->path);
        buffer_append_char(out, ' ');
    }
    if (profile != settings_profile(settings, NULL, NULL)) {
        buffer_append_string(out, "--profile ");
        encode_shell_word(out, profile->name);
        buffer_append_char(out, ' ');
    }
    buffer_append_string(out, "login");
}
