#include "access.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pail/base/encode.h"
#include "pail/base/text.h"

enum { TOKEN_FILE_MAX = 64 * 1024 };

void access_init(struct access *access) {
    buffer_init(&access->admin);
    buffer_init(&access->reader);
}

void access_finish(struct access *access) {
    buffer_finish(&access->admin);
    buffer_finish(&access->reader);
}

static bool name_the_remedy(const char *path, struct error *error) {
    struct buffer word;
    buffer_init(&word);
    encode_shell_word(&word, path);
    error_set(error, "%s: others can read or write it; chmod 600 %s", path, word.data);
    buffer_finish(&word);
    return false;
}

static bool check_file(int fd, const char *path, struct error *error) {
    struct stat st;
    if (fstat(fd, &st) != 0)
        return error_set(error, "%s: %s", path, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return error_set(error, "%s: not a regular file", path);
    if (st.st_uid != geteuid())
        return error_set(error, "%s: belongs to somebody else", path);
    if (st.st_mode & 077)
        return name_the_remedy(path, error);
    if (st.st_size > TOKEN_FILE_MAX)
        return error_set(error, "%s: too large for a token file", path);
    return true;
}

static bool read_all(int fd, const char *path, struct buffer *text, struct error *error) {
    char piece[4096];
    ssize_t got = 0;
    while (text->length <= TOKEN_FILE_MAX && (got = read(fd, piece, sizeof piece)) > 0)
        buffer_append(text, piece, (size_t)got);
    explicit_bzero(piece, sizeof piece);
    return got >= 0 || error_set(error, "%s: %s", path, strerror(errno));
}

static bool read_file(const char *path, struct buffer *text, struct error *error) {
    /* O_NONBLOCK: a FIFO must not hang us before it is refused. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return error_set(error, "%s: %s", path, strerror(errno));
    bool ok = check_file(fd, path, error) && read_all(fd, path, text, error);
    close(fd);
    return ok;
}

struct lines {
    const char *id_token, *token, *bare; /* NULL: no such line */
    int count;                           /* lines that are not empty */
};

/* Cuts the text into its lines and notes the ones that matter. */
static struct lines split_lines(char *text) {
    struct lines lines = {0};
    char *rest = text, *line = NULL;
    while ((line = strsep(&rest, "\r\n")) != NULL) {
        if (line[0] == '\0')
            continue;
        lines.count++;
        lines.bare = line;
        if (strncasecmp(line, "IdToken=", 8) == 0)
            lines.id_token = line + 8;
        else if (strncasecmp(line, "Token=", 6) == 0)
            lines.token = line + 6;
    }
    return lines;
}

static const char *choose(const struct lines *lines) {
    if (lines->token && (!lines->id_token || strncmp(lines->token, "Custom ", 7) == 0))
        return lines->token;
    if (lines->id_token)
        return lines->id_token;
    return lines->count == 1 ? lines->bare : NULL;
}

bool access_load(struct buffer *token, const char *path, struct error *error) {
    struct buffer text;
    buffer_init(&text);
    bool ok = read_file(path, &text, error);
    if (ok) {
        bool clean = memchr(text.data, '\0', text.length) == NULL;
        struct lines lines = split_lines(text.data);
        const char *chosen = clean ? choose(&lines) : NULL;
        if (chosen && chosen[0] != '\0' && text_is_clean(chosen, strlen(chosen)))
            buffer_append_string(token, chosen);
        else
            ok = error_set(error, "%s: no token in it", path);
    }
    buffer_finish(&text);
    return ok;
}

static bool same(const struct buffer *token, const char *given, size_t length) {
    volatile unsigned char difference = token->length != length;
    for (size_t i = 0; i < length; i++)
        difference |= (unsigned char)(given[i] ^ token->data[i < token->length ? i : 0]);
    return difference == 0;
}

enum caller access_caller(const struct access *access, const char *authorization) {
    size_t length = authorization ? strlen(authorization) : 0;
    if (length == 0)
        return CALLER_NOBODY;
    bool admin = same(&access->admin, authorization, length);
    bool reader = same(&access->reader, authorization, length);
    return admin ? CALLER_ADMIN : reader ? CALLER_READER : CALLER_NOBODY;
}
