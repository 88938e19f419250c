#include "pail/service/token.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pail/base/encode.h"
#include "pail/base/text.h"

enum { FILE_LIMIT = 64 * 1024 };

/* Why the open file isn't taken; NULL if it is. */
static const char *fault(int file, struct stat *info) {
    if (fstat(file, info) != 0)
        return strerror(errno);
    if (!S_ISREG(info->st_mode))
        return "not a regular file";
    if (info->st_uid != geteuid() && info->st_uid != 0)
        return "belongs to another user";
    return info->st_size > FILE_LIMIT ? "larger than 64 KiB" : NULL;
}

/* Opens without following a link or waiting for a FIFO. The file is open after TOKEN_LOADED, which
 * says that it may be read, and after TOKEN_LOOSE, which leaves the error to the caller. */
static enum token_state open_token(const char *path, int *file, struct error *error) {
    struct stat info = {0};
    *file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (*file < 0) {
        bool missing = errno == ENOENT || errno == ENOTDIR;
        error_set(error, "token file %s: %s", path,
                  errno == ELOOP ? "a symbolic link is not taken" : strerror(errno));
        return missing ? TOKEN_MISSING : TOKEN_UNUSABLE;
    }
    const char *wrong = fault(*file, &info);
    if (wrong == NULL)
        return info.st_mode & (S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH) ? TOKEN_LOOSE : TOKEN_LOADED;
    error_set(error, "token file %s: %s", path, wrong);
    close(*file);
    return TOKEN_UNUSABLE;
}

static void name_the_remedy(const char *path, int file, struct error *error) {
    struct stat info = {0};
    struct buffer word;
    buffer_init(&word);
    encode_shell_word(&word, path);
    bool readable = fstat(file, &info) == 0 && (info.st_mode & (S_IRGRP | S_IROTH));
    error_set(error, "token file %s: others can %s it; chmod 600 %s", path,
              readable ? "read" : "write", word.data);
    buffer_finish(&word);
}

/* False for what is no text of at most FILE_LIMIT bytes too. */
static bool read_all(int file, struct buffer *text) {
    char piece[4096];
    ssize_t got;
    while ((got = read(file, piece, sizeof piece)) > 0 && text->length <= FILE_LIMIT)
        buffer_append(text, piece, (size_t)got);
    explicit_bzero(piece, sizeof piece);
    return got == 0 && text->length <= FILE_LIMIT && strlen(text->data) == text->length;
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
    bool custom = length > strlen("Custom ") && strncmp(token, "Custom ", strlen("Custom ")) == 0;
    if (!custom && id_length > 0) {
        token = id;
        length = id_length;
    }
    if (token == NULL || length == 0 || !text_is_clean(token, length))
        return false;
    buffer_append(authorization, token, length);
    return true;
}

enum token_state token_load(const char *path, struct buffer *authorization, struct error *error) {
    int file;
    enum token_state state = open_token(path, &file, error);
    if (state == TOKEN_MISSING || state == TOKEN_UNUSABLE)
        return state;
    struct buffer text;
    buffer_init(&text);
    if (state == TOKEN_LOOSE)
        name_the_remedy(path, file, error);
    else if (!read_all(file, &text) || !append_authorization(&text, authorization)) {
        error_set(error, "token file %s: no token in it; log in with InfinStor's client", path);
        state = TOKEN_UNUSABLE;
    }
    buffer_finish(&text);
    close(file);
    return state;
}

bool token_tighten(const char *path, struct error *error) {
    int file;
    enum token_state state = open_token(path, &file, error);
    if (state == TOKEN_MISSING || state == TOKEN_UNUSABLE)
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
