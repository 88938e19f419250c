#include "desired_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "secret.h"

enum { FILE_LIMIT = 256 << 20, PIECE = 64 << 10 };

/* False with errno; a text of more than FILE_LIMIT isn't read on. */
static bool read_all(int file, struct buffer *text) {
    char piece[PIECE];
    ssize_t got;
    while ((got = read(file, piece, sizeof piece)) > 0 && text->length <= FILE_LIMIT)
        buffer_append(text, piece, (size_t)got);
    explicit_bzero(piece, sizeof piece); /* a secret may be there in clear, to be refused */
    return got >= 0;
}

static bool read_file(const struct cli *cli, const char *path, struct buffer *text) {
    if (strcmp(path, "-") == 0)
        return read_all(fileno(cli->in), text);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return false;
    bool good = read_all(file, text);
    int why = errno;
    close(file);
    errno = why;
    return good;
}

int desired_file_read(const struct cli *cli, const char *path, struct desired *desired) {
    struct error error;
    struct buffer text;
    int status = CLI_DONE;
    buffer_init(&text);
    if (!read_file(cli, path, &text))
        status = cli_say(cli, CLI_USAGE, "%s: %s", path, strerror(errno));
    else if (text.length > FILE_LIMIT)
        status = cli_say(cli, CLI_USAGE, "%s: larger than %d MiB", path, FILE_LIMIT >> 20);
    else if (!desired_read(desired, text.data, text.length, &error))
        status = cli_say(cli, CLI_USAGE, "%s: %s", path, error.text);
    buffer_finish(&text);
    return status;
}

int desired_file_secret(const struct cli *cli, const char *path, const struct desired_entry *entry,
                        enum bucket_field field, struct buffer *secret) {
    const char *slash = strrchr(path, '/');
    struct buffer folder;
    buffer_init(&folder);
    if (slash != NULL)
        buffer_append(&folder, path, (size_t)(slash - path) + 1);
    int status = secret_read_file(cli, entry->wanted.value[FIELD_NAME], field, folder.data,
                                  entry->secret_file[field], secret);
    buffer_finish(&folder);
    return status;
}
