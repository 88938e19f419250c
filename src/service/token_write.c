#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pail/base/text.h"
#include "token_file.h"

/* The value to write for a key; NULL: none. */
static const char *value_of(const struct token *token, enum token_key key, char number[24]) {
    struct token members = *token;
    if (key != TOKEN_KEY_ISSUED)
        return *token_member(&members, key);
    snprintf(number, 24, "%" PRId64, token->issued);
    return token->issued > 0 ? number : NULL;
}

static void append_line(struct buffer *out, const char *name, size_t length, const char *value,
                        bool crlf) {
    buffer_append(out, name, length);
    buffer_append_char(out, '=');
    buffer_append_string(out, value);
    buffer_append_string(out, crlf ? "\r\n" : "\n");
}

/* The old lines in their order, with the new values in the place of the old ones; then what the
 * old ones lack. */
static void compose(struct buffer *out, const char *old, const struct token *token) {
    bool written[TOKEN_KEYS + 1] = {false}, crlf = false;
    char number[24];
    struct token_line line;
    while (token_line_next(&old, &line)) {
        crlf = line.crlf;
        const char *value = line.key < TOKEN_KEYS ? value_of(token, line.key, number) : NULL;
        if (line.key == TOKEN_KEYS) {
            buffer_append(out, line.start, line.length);
            buffer_append_string(out, crlf ? "\r\n" : "\n");
        } else if (value && !written[line.key])
            append_line(out, line.start, (size_t)(line.value - line.start - 1), value, crlf);
        written[line.key] = true;
    }
    for (enum token_key key = 0; key < TOKEN_KEYS; key++) {
        const char *value = value_of(token, key, number);
        if (value && !written[key])
            append_line(out, token_key_names[key], strlen(token_key_names[key]), value, crlf);
    }
}

/* What is in the file now, also if others can read it: it is about to be replaced. */
static bool read_old(const char *path, struct buffer *text, struct error *error) {
    int file;
    enum token_state state = token_file_open(path, &file, error);
    if (state == TOKEN_MISSING || state == TOKEN_UNUSABLE)
        return state == TOKEN_MISSING;
    bool good = token_file_read_all(file, text);
    close(file);
    return good || error_set(error, "token file %s is no text; move it away", path);
}

static bool write_all(int file, const struct buffer *text) {
    size_t done = 0;
    while (done < text->length) {
        ssize_t wrote = write(file, text->data + done, text->length - done);
        if (wrote < 0 && errno != EINTR)
            return false;
        done += wrote > 0 ? (size_t)wrote : 0;
    }
    return fsync(file) == 0;
}

/* So that the new name outlives a crash too. Not every file system has it. */
static bool sync_folder(const char *path) {
    struct buffer name;
    buffer_init(&name);
    buffer_printf(&name, "%.*s.", (int)(strrchr(path, '/') ? strrchr(path, '/') + 1 - path : 0),
                  path);
    int folder = open(name.data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = folder >= 0 && (fsync(folder) == 0 || errno == EINVAL);
    if (folder >= 0)
        close(folder);
    buffer_finish(&name);
    return good;
}

static bool replace(const char *path, const struct buffer *text) {
    struct buffer name;
    buffer_init(&name);
    buffer_printf(&name, "%s.XXXXXX", path);
    int file = mkostemp(name.data, O_CLOEXEC); /* mode 0600 */
    bool good = file >= 0 && write_all(file, text);
    int reason = errno;
    if (file >= 0 && close(file) != 0 && good) {
        good = false;
        reason = errno;
    }
    if (good && rename(name.data, path) != 0) {
        good = false;
        reason = errno;
    }
    if (!good && file >= 0)
        unlink(name.data);
    buffer_finish(&name);
    errno = reason;
    return good && sync_folder(path);
}

bool token_remove(const char *path, struct error *error) {
    return (unlink(path) == 0 && sync_folder(path)) ||
           error_set(error, "token file %s: %s", path, strerror(errno));
}

/* A newline in a value would be a line of its own. */
static bool is_clean(const struct token *token) {
    char number[24];
    for (enum token_key key = 0; key < TOKEN_KEYS; key++) {
        const char *value = value_of(token, key, number);
        if (value && !text_is_clean(value, strlen(value)))
            return false;
    }
    return true;
}

bool token_write(const char *path, const struct token *token, struct error *error) {
    struct buffer old, text;
    if (!is_clean(token))
        return error_set(error, "the token has control characters in it, and was not written");
    buffer_init(&old);
    buffer_init(&text);
    token_file_make_folder(path);
    bool good = read_old(path, &old, error);
    if (good) {
        compose(&text, old.data, token);
        good = text.length <= TOKEN_FILE_LIMIT
                   ? replace(path, &text) ||
                         error_set(error, "token file %s: %s", path, strerror(errno))
                   : error_set(error, "token file %s: it would be larger than 64 KiB", path);
    }
    buffer_finish(&old);
    buffer_finish(&text);
    return good;
}
