#include "pail/settings/theme.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pail/base/buffer.h"
#include "pail/settings/config.h"

#define STYLE_NAME(id, name) name,
static const char *const style_names[STYLE_COUNT] = {STYLES(STYLE_NAME)};

static const char *const colour_names[] = {
    "black",      "red",           "green",       "yellow",      "blue",        "magenta",
    "cyan",       "white",         "brightblack", "brightred",   "brightgreen", "brightyellow",
    "brightblue", "brightmagenta", "brightcyan",  "brightwhite",
};

static const char *const attribute_names[] = {"bold", "underline", "reverse", "dim"};

/* ---- colours --------------------------------------------------------------------------------- */

static bool parse_rgb(const char *text, struct colour *colour) {
    unsigned value = 0;
    if (text[0] != '#' || strlen(text) != 7)
        return false;
    for (int i = 1; i < 7; i++) {
        int c = tolower((unsigned char)text[i]);
        if (!isxdigit(c))
            return false;
        value = value << 4 | (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    *colour = (struct colour){.kind = COLOUR_RGB,
                              .red = (unsigned char)(value >> 16),
                              .green = (unsigned char)(value >> 8),
                              .blue = (unsigned char)value};
    return true;
}

bool colour_parse(const char *text, struct colour *colour) {
    if (strcmp(text, "default") == 0) {
        *colour = (struct colour){.kind = COLOUR_DEFAULT};
        return true;
    }
    for (size_t i = 0; i < sizeof colour_names / sizeof *colour_names; i++)
        if (strcmp(colour_names[i], text) == 0) {
            *colour = (struct colour){.kind = COLOUR_INDEX, .index = (unsigned char)i};
            return true;
        }
    return parse_rgb(text, colour);
}

/* ---- files ----------------------------------------------------------------------------------- */

static bool read_colour(const struct config_file *file, const struct config_setting *setting,
                        struct colour *colour, struct error *error) {
    const char *text;
    long index = 0;
    if (config_is_number(setting)) {
        bool good = config_number(file, setting, 0, 255, &index, error);
        *colour = (struct colour){.kind = COLOUR_INDEX, .index = (unsigned char)index};
        return good;
    }
    return config_string(file, setting, &text, error) &&
           (colour_parse(text, colour) ||
            config_error(file, setting, error, "\"%s\" is no colour", text));
}

static bool read_attributes(const struct config_file *file, const struct config_setting *setting,
                            unsigned *attributes, struct error *error) {
    *attributes = 0;
    if (!config_is_array(setting))
        return config_error(file, setting, error, "attributes: must be [ \"bold\", ... ]");
    for (size_t i = 0; i < config_count(setting); i++) {
        const char *text;
        unsigned bit = 0;
        if (!config_string(file, config_at(setting, i), &text, error))
            return false;
        while (bit < 4 && strcmp(attribute_names[bit], text) != 0)
            bit++;
        if (bit == 4)
            return config_error(file, setting, error, "\"%s\" is no attribute", text);
        *attributes |= 1U << bit;
    }
    return true;
}

static bool read_look(const struct config_file *file, const struct config_setting *group,
                      struct style_look *look, struct error *error) {
    if (!config_group(file, group, error))
        return false;
    *look = (struct style_look){0};
    for (size_t i = 0; i < config_count(group); i++) {
        const struct config_setting *setting = config_at(group, i);
        const char *name = config_name(setting);
        bool good;
        if (strcmp(name, "fg") == 0)
            good = read_colour(file, setting, &look->fg, error);
        else if (strcmp(name, "bg") == 0)
            good = read_colour(file, setting, &look->bg, error);
        else if (strcmp(name, "attributes") == 0)
            good = read_attributes(file, setting, &look->attributes, error);
        else
            good = config_error(file, setting, error,
                                "%s: not known; a style has fg, bg and attributes", name);
        if (!good)
            return false;
    }
    return true;
}

static bool read_theme(const struct config_file *file, struct theme *theme, struct error *error) {
    const struct config_setting *root = config_root(file);
    theme_init(theme);
    for (size_t i = 0; i < config_count(root); i++) {
        const struct config_setting *setting = config_at(root, i);
        int style = 0;
        while (style < STYLE_COUNT && strcmp(style_names[style], config_name(setting)) != 0)
            style++;
        if (style == STYLE_COUNT)
            return config_error(file, setting, error, "%s: no style has that name",
                                config_name(setting));
        if (!read_look(file, setting, &theme->looks[style], error))
            return false;
    }
    return true;
}

/* *missing tells a file that isn't there from a bad one. */
static bool read_file(struct theme *theme, const char *path, bool *missing, struct error *error) {
    struct config_file *file = config_open(path, missing, error);
    bool good = file && read_theme(file, theme, error);
    config_close(file);
    return good;
}

/* ---- where they are -------------------------------------------------------------------------- */

static void user_folder(struct buffer *path) {
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    if (config && config[0] == '/')
        buffer_printf(path, "%s/pail/themes", config);
    else if (home && home[0] == '/')
        buffer_printf(path, "%s/.config/pail/themes", home);
}

static bool folder_is_ours(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode) &&
           (info.st_uid == geteuid() || info.st_uid == 0) && !(info.st_mode & S_IWOTH);
}

/* The source tree that the program was built in: themes/ beside one of the folders above it. */
static void source_folder(struct buffer *path) {
    char program[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    program[length > 0 ? length : 0] = '\0';
    for (int up = 0; up < 5; up++) {
        char *slash = strrchr(program, '/');
        if (slash == NULL)
            return;
        *slash = '\0';
        buffer_clear(path);
        buffer_printf(path, "%s/themes", program);
        if (folder_is_ours(path->data))
            return;
    }
    buffer_clear(path);
}

bool theme_is_name(const char *name) {
    return name[0] != '\0' &&
           name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                             "0123456789_-")] == '\0';
}

bool theme_load(struct theme *theme, const char *name, struct error *error) {
    struct buffer path;
    bool good = false, missing = true;
    struct error why;
    if (!theme_is_name(name))
        return error_set(error, "theme \"%s\": a name is of A-Z a-z 0-9 _ -", name);
    buffer_init(&path);
    for (int place = 0; place < 3 && !good && missing; place++) {
        buffer_clear(&path);
        if (place == 0)
            user_folder(&path);
        else if (place == 1)
            buffer_append_string(&path, PAIL_DATADIR "/themes");
        else
            source_folder(&path);
        if (path.length == 0)
            continue;
        buffer_printf(&path, "/%s.theme", name);
        good = read_file(theme, path.data, &missing, &why);
    }
    buffer_finish(&path);
    if (!good && missing)
        return error_set(error, "theme \"%s\": there is no %s.theme", name, name);
    return good || error_set(error, "%s", why.text);
}
