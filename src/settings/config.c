#include "pail/settings/config.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <libconfig.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pail/base/buffer.h"
#include "pail/base/encode.h"
#include "pail/base/memory.h"
#include "pail/base/text.h"

enum { FILE_LIMIT = 64 * 1024, DIGITS = 9 /* with its sign; always fits libconfig's int */ };

struct config_file {
    config_t config;
    char *path;
};

static const config_setting_t *theirs(const struct config_setting *setting) {
    return (const config_setting_t *)setting;
}

static struct config_setting *ours(const config_setting_t *setting) {
    return (struct config_setting *)(uintptr_t)setting;
}

/* ---- reading --------------------------------------------------------------------------------- */

static bool name_the_remedy(const char *path, struct error *error) {
    struct buffer word;
    buffer_init(&word);
    encode_shell_word(&word, path);
    error_set(error, "%s: others can write it; chmod go-w %s", path, word.data);
    buffer_finish(&word);
    return false;
}

static bool check_file(int file, const char *path, struct error *error) {
    struct stat info;
    if (fstat(file, &info) != 0)
        return error_set(error, "%s: %s", path, strerror(errno));
    if (!S_ISREG(info.st_mode))
        return error_set(error, "%s: not a regular file", path);
    if (info.st_uid != geteuid() && info.st_uid != 0)
        return error_set(error, "%s: belongs to another user", path);
    if (info.st_mode & (S_IWGRP | S_IWOTH))
        return name_the_remedy(path, error);
    return info.st_size <= FILE_LIMIT || error_set(error, "%s: more than 64 KiB", path);
}

static bool read_all(int file, const char *path, struct buffer *text, struct error *error) {
    char piece[4096];
    ssize_t got;
    while ((got = read(file, piece, sizeof piece)) > 0) {
        buffer_append(text, piece, (size_t)got);
        if (text->length > FILE_LIMIT)
            return error_set(error, "%s: more than 64 KiB", path);
    }
    return got == 0 || error_set(error, "%s: %s", path, strerror(errno));
}

static bool read_file(const char *path, struct buffer *text, bool *missing, struct error *error) {
    int file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (file < 0) {
        if (missing)
            *missing = errno == ENOENT || errno == ENOTDIR;
        return error_set(error, "%s: %s", path,
                         errno == ELOOP ? "a symbolic link; give the file itself"
                                        : strerror(errno));
    }
    bool good = check_file(file, path, error) && read_all(file, path, text, error);
    close(file);
    return good;
}

/* ---- what libconfig would take in silence ---------------------------------------------------- */

static bool begins(const char *text, size_t length, const char *with) {
    return length >= strlen(with) && memcmp(text, with, strlen(with)) == 0;
}

/* These two say how long the string or comment at text is, 0 if there is none, and what is wrong
 * with it. */
static const char *skip_string(const char *text, size_t length, size_t *taken) {
    size_t at = 1;
    *taken = 0;
    if (text[0] != '"')
        return NULL;
    while (at < length && text[at] != '"') {
        if (begins(text + at, length - at, "\\x00") || begins(text + at, length - at, "\\X00"))
            return "a string with \\x00";
        at += text[at] == '\\' ? 2 : 1;
    }
    *taken = at < length ? at + 1 : length;
    return at < length ? NULL : "a string without its end";
}

static const char *skip_comment(const char *text, size_t length, size_t *taken) {
    bool block = begins(text, length, "/*");
    *taken = 0;
    if (!block && text[0] != '#' && !begins(text, length, "//"))
        return NULL;
    const char *end = block ? memmem(text + 2, length - 2, "*/", 2) : memchr(text, '\n', length);
    if (block && end == NULL)
        return "a comment without its end";
    *taken = end == NULL ? length : (size_t)(end - text) + (block ? 2 : 0);
    return NULL;
}

/* A word outside of strings and comments: names, numbers, true, false. */
static size_t word_length(const char *text, size_t length) {
    size_t at = 0;
    while (at < length && (isalnum((unsigned char)text[at]) || strchr("_.*-", text[at])))
        at++;
    return at;
}

static const char *complaint(const char *text, size_t length, size_t *taken) {
    unsigned char c = (unsigned char)text[0];
    const char *wrong = skip_string(text, length, taken);
    if (wrong == NULL && *taken == 0)
        wrong = skip_comment(text, length, taken);
    if (wrong || *taken > 0)
        return wrong;
    if (c == '@')
        return "@include is not taken";
    *taken = word_length(text, length);
    if ((isdigit(c) || c == '-') && *taken > DIGITS)
        return "a number that is too large";
    if (*taken == 0)
        *taken = 1;
    return NULL;
}

static size_t line_of(const char *text, size_t offset) {
    size_t line = 1;
    for (size_t i = 0; i < offset; i++)
        line += text[i] == '\n';
    return line;
}

static bool is_control(char c) {
    return ((unsigned char)c < 32 && c != '\t' && c != '\n' && c != '\r') || c == 127;
}

static bool check_text(const char *path, const struct buffer *text, struct error *error) {
    const char *data = text->data;
    uint32_t code;
    for (size_t at = 0, size; at < text->length; at += size) {
        size = text_decode(data + at, text->length - at, &code);
        if (size == 0 || is_control(data[at]))
            return error_set(error, "%s:%zu: a control character or bad UTF-8", path,
                             line_of(data, at));
    }
    for (size_t at = 0, taken; at < text->length; at += taken) {
        const char *wrong = complaint(data + at, text->length - at, &taken);
        if (wrong)
            return error_set(error, "%s:%zu: %s", path, line_of(data, at), wrong);
    }
    return true;
}

static bool parse(struct config_file *file, const struct buffer *text, struct error *error) {
    config_set_include_dir(&file->config, "/dev/null");
    if (config_read_string(&file->config, text->data) == CONFIG_TRUE)
        return true;
    size_t end = text->length, line = (size_t)config_error_line(&file->config);
    while (end > 0 && strchr(" \t\r\n", text->data[end - 1]))
        end--;
    size_t last = line_of(text->data, end);
    bool early = line > last;
    return error_set(error, "%s:%zu: %s%s", file->path, early ? last : line,
                     config_error_text(&file->config),
                     early ? ": it ends too soon; is a } or a ; missing?" : "");
}

struct config_file *config_open(const char *path, bool *missing, struct error *error) {
    struct buffer text;
    buffer_init(&text);
    struct config_file *file = NULL;
    if (missing)
        *missing = false;
    if (read_file(path, &text, missing, error) && check_text(path, &text, error)) {
        buffer_append_char(&text, '\n');
        file = memory_new(1, sizeof *file);
        config_init(&file->config);
        file->path = memory_string(path);
        if (!parse(file, &text, error)) {
            config_close(file);
            file = NULL;
        }
    }
    buffer_finish(&text);
    return file;
}

void config_close(struct config_file *file) {
    if (file == NULL)
        return;
    config_destroy(&file->config);
    free(file->path);
    free(file);
}

/* ---- settings -------------------------------------------------------------------------------- */

struct config_setting *config_root(const struct config_file *file) {
    return ours(config_root_setting(&file->config));
}

bool config_error(const struct config_file *file, const struct config_setting *setting,
                  struct error *error, const char *format, ...) {
    char text[256];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return error_set(error, "%s:%u: %s", file->path, config_setting_source_line(theirs(setting)),
                     text);
}

size_t config_count(const struct config_setting *setting) {
    return (size_t)config_setting_length(theirs(setting));
}

struct config_setting *config_at(const struct config_setting *setting, size_t index) {
    return ours(config_setting_get_elem(theirs(setting), (unsigned)index));
}

const char *config_name(const struct config_setting *setting) {
    const char *name = config_setting_name(theirs(setting));
    return name ? name : "";
}

bool config_is_array(const struct config_setting *setting) {
    int type = config_setting_type(theirs(setting));
    return type == CONFIG_TYPE_ARRAY || type == CONFIG_TYPE_LIST;
}

bool config_is_number(const struct config_setting *setting) {
    return config_setting_type(theirs(setting)) == CONFIG_TYPE_INT;
}

/* What a message calls it: an element goes by the name of its array. */
static const char *spoken_name(const struct config_setting *setting) {
    const config_setting_t *at = theirs(setting);
    while (at && config_setting_name(at) == NULL)
        at = config_setting_parent(at);
    return at ? config_setting_name(at) : "";
}

static bool wrong_type(const struct config_file *file, const struct config_setting *setting,
                       const char *wanted, struct error *error) {
    return config_error(file, setting, error, "%s: must be %s", spoken_name(setting), wanted);
}

bool config_string(const struct config_file *file, const struct config_setting *setting,
                   const char **value, struct error *error) {
    if (config_setting_type(theirs(setting)) != CONFIG_TYPE_STRING)
        return wrong_type(file, setting, "a string in quotes", error);
    const char *text = config_setting_get_string(theirs(setting));
    if (!text_is_clean(text, strlen(text)))
        return config_error(file, setting, error, "%s: holds control characters or bad UTF-8",
                            spoken_name(setting));
    *value = text;
    return true;
}

bool config_bool(const struct config_file *file, const struct config_setting *setting, bool *value,
                 struct error *error) {
    if (config_setting_type(theirs(setting)) != CONFIG_TYPE_BOOL)
        return wrong_type(file, setting, "true or false", error);
    *value = config_setting_get_bool(theirs(setting));
    return true;
}

bool config_number(const struct config_file *file, const struct config_setting *setting, long least,
                   long most, long *value, struct error *error) {
    if (!config_is_number(setting))
        return wrong_type(file, setting, "a whole number", error);
    long number = config_setting_get_int(theirs(setting));
    if (number < least || number > most)
        return config_error(file, setting, error, "%s: must be %ld to %ld", config_name(setting),
                            least, most);
    *value = number;
    return true;
}

bool config_group(const struct config_file *file, const struct config_setting *setting,
                  struct error *error) {
    return config_setting_type(theirs(setting)) == CONFIG_TYPE_GROUP ||
           wrong_type(file, setting, "a group { ... }", error);
}
