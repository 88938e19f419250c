#include "secret.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ask.h"
#include "pail/base/error.h"

enum { SECRET_LIMIT = 64 * 1024 };

bool secret_ask(const struct cli *cli, enum bucket_field field, struct buffer *secret) {
    char question[64];
    snprintf(question, sizeof question, "%s: ", bucket_fields[field].label);
    return ask_line(cli, question, true, secret);
}

static bool read_all(int file, struct buffer *text) {
    char piece[4096];
    ssize_t got;
    while ((got = read(file, piece, sizeof piece)) > 0 && text->length <= SECRET_LIMIT)
        buffer_append(text, piece, (size_t)got);
    explicit_bzero(piece, sizeof piece);
    return got >= 0;
}

static void drop_line_end(struct buffer *text) {
    size_t length = text->length;
    if (length > 0 && text->data[length - 1] == '\n') {
        length--;
        if (length > 0 && text->data[length - 1] == '\r')
            length--;
    }
    buffer_truncate(text, length);
}

/* Whether the path names a folder that is there, other than the root. If not it may be the secret
 * itself, given in place of its file by mistake, and isn't to be repeated. */
static bool is_surely_path(const char *whole, const char *given) {
    const char *slash = strrchr(given, '/');
    struct buffer folder;
    struct stat info;
    if (slash == NULL || slash == given)
        return false;
    buffer_init(&folder);
    buffer_append(&folder, whole, strlen(whole) - strlen(slash));
    bool is = stat(folder.data, &info) == 0 && S_ISDIR(info.st_mode);
    buffer_finish(&folder);
    return is;
}

static int say_unreadable(const struct cli *cli, const char *name, const char *whole,
                          const char *given, int why) {
    size_t folder = strlen(whole) - strlen(given);
    if (is_surely_path(whole, given))
        return cli_say(cli, CLI_USAGE, "%s: its file %s: %s", name, whole, strerror(why));
    return cli_say(cli, CLI_USAGE, "%s: its file%s%.*s: %s", name, folder ? ", seen from " : "",
                   (int)folder, whole, strerror(why));
}

/* whole: the path as it was given, behind the folder that it is seen from, if any. */
static int read_file(const struct cli *cli, const char *name, const char *whole, const char *given,
                     struct buffer *secret) {
    struct stat info;
    int file = open(whole, O_RDONLY | O_CLOEXEC);
    bool good = file >= 0 && fstat(file, &info) == 0 && read_all(file, secret);
    int why = errno;
    if (file >= 0)
        close(file);
    if (!good)
        return say_unreadable(cli, name, whole, given, why);
    if (S_ISREG(info.st_mode) && (info.st_mode & (S_IRGRP | S_IROTH)))
        cli_say(cli, CLI_DONE, "warning: %s: others can read its file", name);
    return CLI_DONE;
}

static int check(const struct cli *cli, const char *name, const char *empty,
                 const struct buffer *secret) {
    if (secret->length > SECRET_LIMIT)
        return cli_say(cli, CLI_USAGE, "%s: larger than %d KiB", name, SECRET_LIMIT / 1024);
    if (secret->length == 0)
        return cli_say(cli, CLI_USAGE, "%s: what was given is empty%s", name, empty);
    if (strlen(secret->data) != secret->length)
        return cli_say(cli, CLI_REFUSED, "%s: holds a NUL (clean-text): nothing was sent", name);
    return CLI_DONE;
}

int secret_read(const struct cli *cli, enum bucket_field field, const char *path, bool clears,
                struct buffer *secret) {
    int status = CLI_DONE;
    if (strcmp(path, "-") != 0)
        status = read_file(cli, bucket_fields[field].name, path, path, secret);
    else if (ask_is_possible(cli))
        status = secret_ask(cli, field, secret) ? CLI_DONE
                                                : cli_say(cli, CLI_REFUSED,
                                                          "cancelled: nothing was "
                                                          "sent");
    else if (!read_all(fileno(cli->in), secret))
        status = cli_say(cli, CLI_USAGE, "reading the input: %s", strerror(errno));
    if (status != CLI_DONE)
        return status;
    drop_line_end(secret);
    char empty[64];
    snprintf(empty, sizeof empty, "; --clear %s empties it", bucket_fields[field].name);
    return check(cli, bucket_fields[field].name, clears ? empty : "", secret);
}

int secret_read_password(const struct cli *cli, const char *path, struct buffer *password) {
    static const char name[] = "password";
    int status = CLI_DONE;
    if (strcmp(path, "-") != 0)
        status = read_file(cli, name, path, path, password);
    else if (!read_all(fileno(cli->in), password))
        status = cli_say(cli, CLI_USAGE, "reading the input: %s", strerror(errno));
    if (status != CLI_DONE)
        return status;
    drop_line_end(password);
    return check(cli, name, "", password);
}

int secret_read_file(const struct cli *cli, const char *bucket, enum bucket_field field,
                     const char *folder, const char *path, struct buffer *secret) {
    struct error name; /* as long as a line is */
    struct buffer whole;
    buffer_init(&whole);
    buffer_printf(&whole, "%s%s", path[0] == '/' ? "" : folder, path);
    error_set(&name, "%s: %s", bucket, bucket_fields[field].name);
    int status = read_file(cli, name.text, whole.data, path, secret);
    buffer_finish(&whole);
    if (status != CLI_DONE)
        return status;
    drop_line_end(secret);
    return check(cli, name.text, "", secret);
}
