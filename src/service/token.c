#include "pail/service/token.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pail/base/text.h"

enum { FILE_LIMIT = 64 * 1024 };

/* Opens without following a link or waiting for a FIFO; -1 with an error. */
static int open_token(const char *path, struct stat *info, struct error *error) {
    int file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (file < 0) {
        error_set(error, "token file %s: %s", path,
                  errno == ELOOP ? "a symbolic link is not taken" : strerror(errno));
        return -1;
    }
    const char *wrong = fstat(file, info) != 0       ? strerror(errno)
                        : !S_ISREG(info->st_mode)    ? "not a regular file"
                        : info->st_uid != geteuid()  ? "belongs to another user"
                        : info->st_size > FILE_LIMIT ? "larger than 64 KiB"
                                                     : NULL;
    if (wrong == NULL)
        return file;
    close(file);
    error_set(error, "token file %s: %s", path, wrong);
    return -1;
}

static bool read_all(int file, struct buffer *text) {
    char piece[4096];
    ssize_t got;
    while ((got = read(file, piece, sizeof piece)) > 0 && text->length <= FILE_LIMIT)
        buffer_append(text, piece, (size_t)got);
    explicit_bzero(piece, sizeof piece);
    return got == 0;
}

/* The value of a line KEY=value, in any case of KEY; its length without a CR. */
static const char *find_value(const struct buffer *text, const char *key, size_t *length) {
    size_t key_length = strlen(key);
    for (const char *line = text->data; *line;) {
        size_t size = strcspn(line, "\n");
        if (size > key_length && strncasecmp(line, key, key_length) == 0 &&
            line[key_length] == '=') {
            const char *value = line + key_length + 1;
            *length = size - key_length - 1;
            if (*length > 0 && value[*length - 1] == '\r')
                --*length;
            return value;
        }
        line += size + (line[size] == '\n');
    }
    *length = 0;
    return NULL;
}

static bool append_authorization(const struct buffer *text, struct buffer *authorization) {
    size_t id_length, length;
    const char *id = find_value(text, "IdToken", &id_length);
    const char *token = find_value(text, "Token", &length);
    bool custom = token && length > 7 && strncmp(token, "Custom ", 7) == 0;
    if (!custom && id_length > 0) {
        token = id;
        length = id_length;
    }
    if (token == NULL || length == 0 || memchr(token, '\0', length) ||
        !text_is_clean(token, length))
        return false;
    buffer_append(authorization, token, length);
    return true;
}

enum token_state token_load(const char *path, struct buffer *authorization, struct error *error) {
    struct stat info;
    errno = 0;
    int file = open_token(path, &info, error);
    if (file < 0)
        return errno == ENOENT || errno == ENOTDIR ? TOKEN_MISSING : TOKEN_UNUSABLE;
    if (info.st_mode & (S_IRWXG | S_IRWXO)) {
        close(file);
        error_set(error, "token file %s: others can read it; chmod 600 %s", path, path);
        return TOKEN_LOOSE;
    }
    struct buffer text;
    buffer_init(&text);
    bool good = read_all(file, &text) && append_authorization(&text, authorization);
    buffer_finish(&text);
    close(file);
    if (good)
        return TOKEN_LOADED;
    error_set(error, "token file %s: there is no usable token in it", path);
    return TOKEN_UNUSABLE;
}

bool token_tighten(const char *path, struct error *error) {
    struct stat info;
    int file = open_token(path, &info, error);
    if (file < 0)
        return false;
    bool good =
        fchmod(file, 0600) == 0 || error_set(error, "chmod 600 %s: %s", path, strerror(errno));
    close(file);
    return good;
}

void token_path(struct buffer *path, const char *directory) {
    const char *environment = getenv("INFINSTOR_TOKEN_FILE_DIR"), *home = getenv("HOME");
    if (directory[0])
        buffer_printf(path, "%s/token", directory);
    else if (environment && environment[0])
        buffer_printf(path, "%s/token", environment);
    else
        buffer_printf(path, "%s/.infinstor/token", home ? home : "");
}
