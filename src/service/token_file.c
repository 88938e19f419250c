#include "token_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

const char *const token_key_names[TOKEN_KEYS] = {
    [TOKEN_KEY_ACCESS] = "Token",       [TOKEN_KEY_REFRESH] = "RefreshToken",
    [TOKEN_KEY_CLIENT_ID] = "ClientId", [TOKEN_KEY_ISSUED] = "TokenTimeEpochSeconds",
    [TOKEN_KEY_ID] = "IdToken",         [TOKEN_KEY_TYPE] = "TokenType",
    [TOKEN_KEY_SERVICE] = "Service",
};

char **token_member(struct token *token, enum token_key key) {
    switch (key) {
    case TOKEN_KEY_ACCESS:
        return &token->access;
    case TOKEN_KEY_REFRESH:
        return &token->refresh;
    case TOKEN_KEY_CLIENT_ID:
        return &token->client_id;
    case TOKEN_KEY_ID:
        return &token->id;
    case TOKEN_KEY_TYPE:
        return &token->type;
    case TOKEN_KEY_SERVICE:
        return &token->service;
    default:
        return NULL;
    }
}

static enum token_key find_key(const char *name, size_t length) {
    enum token_key key = 0;
    while (key < TOKEN_KEYS && (strlen(token_key_names[key]) != length ||
                                strncasecmp(token_key_names[key], name, length) != 0))
        key++;
    return key;
}

bool token_line_next(const char **at, struct token_line *line) {
    size_t length = strcspn(*at, "\n"), name = strcspn(*at, "=\n");
    if (**at == '\0')
        return false;
    *line = (struct token_line){.key = TOKEN_KEYS, .start = *at};
    *at += length + ((*at)[length] == '\n');
    line->crlf = length > 0 && line->start[length - 1] == '\r';
    line->length = length - line->crlf;
    if (name >= line->length)
        return true;
    line->key = find_key(line->start, name);
    line->value = line->start + name + 1;
    line->value_length = line->length - name - 1;
    while (line->value_length > 0 && strchr(" \t", line->value[line->value_length - 1]))
        line->value_length--;
    return true;
}

void token_file_make_folder(const char *path) {
    const char *slash = strrchr(path, '/');
    struct buffer folder;
    if (slash == NULL)
        return;
    buffer_init(&folder);
    buffer_append(&folder, path, (size_t)(slash - path));
    mkdir(folder.data, 0700); /* if that fails, so does what comes next, and says why */
    buffer_finish(&folder);
}

/* Why the open file isn't taken; NULL if it is. */
static const char *fault(int file, struct stat *info) {
    if (fstat(file, info) != 0)
        return strerror(errno);
    if (!S_ISREG(info->st_mode))
        return "not a regular file";
    if (info->st_uid != geteuid() && info->st_uid != 0)
        return "belongs to another user";
    return info->st_size > TOKEN_FILE_LIMIT ? "larger than 64 KiB" : NULL;
}

enum token_state token_file_open(const char *path, int *file, struct error *error) {
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

bool token_file_read_all(int file, struct buffer *text) {
    char piece[4096];
    ssize_t got;
    while ((got = read(file, piece, sizeof piece)) > 0 && text->length <= TOKEN_FILE_LIMIT)
        buffer_append(text, piece, (size_t)got);
    explicit_bzero(piece, sizeof piece);
    return got == 0 && text->length <= TOKEN_FILE_LIMIT && strlen(text->data) == text->length;
}
