/* Where the journal's files are, who may read them, and the lock beside them. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "journal_internal.h"
#include "pail/base/clock.h"
#include "pail/base/encode.h"
#include "pail/base/memory.h"

enum { LOCK_POLL_MS = 2 };
#define SUFFIX ".jsonl"

/* ---- names ----------------------------------------------------------------------------------- */

char *journal_usual_path(struct error *error) {
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    struct buffer path;
    buffer_init(&path);
    if (state && state[0] == '/')
        buffer_printf(&path, "%s/pail/journal" SUFFIX, state);
    else if (home && home[0] == '/')
        buffer_printf(&path, "%s/.local/state/pail/journal" SUFFIX, home);
    else {
        error_set(error, "there is no place for the journal: neither XDG_STATE_HOME nor HOME is an "
                         "absolute path");
        return NULL;
    }
    return buffer_steal(&path);
}

/* How much of the path stands before its suffix. */
static size_t stem_length(const char *path) {
    size_t length = strlen(path), suffix = strlen(SUFFIX);
    return length > suffix && strcmp(path + length - suffix, SUFFIX) == 0 ? length - suffix
                                                                          : length;
}

void journal_rotated_name(const char *path, unsigned number, struct buffer *name) {
    buffer_printf(name, "%.*s-%06u" SUFFIX, (int)stem_length(path), path, number);
}

void journal_new_name(const char *path, struct buffer *name) {
    buffer_printf(name, "%s.new", path);
}

static void append_folder(const char *path, struct buffer *folder) {
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        buffer_append_char(folder, '.');
    else
        buffer_append(folder, path, slash == path ? 1 : (size_t)(slash - path));
}

/* The number in the name of a rotated file, 0 for another name. */
static unsigned rotated_number(const char *stem, size_t length, const char *name) {
    char *end;
    if (strncmp(name, stem, length) != 0 || name[length] != '-' || name[length + 1] < '0' ||
        name[length + 1] > '9')
        return 0;
    unsigned long number = strtoul(name + length + 1, &end, 10);
    return end - name >= (ptrdiff_t)length + 7 && strcmp(end, SUFFIX) == 0 && number < 999999999
               ? (unsigned)number
               : 0;
}

void journal_rotated_range(const char *path, unsigned *first, unsigned *last) {
    struct buffer folder;
    const char *slash = strrchr(path, '/'), *stem = slash ? slash + 1 : path;
    size_t length = stem_length(path) - (size_t)(stem - path);
    *first = *last = 0;
    buffer_init(&folder);
    append_folder(path, &folder);
    DIR *entries = opendir(folder.data);
    buffer_finish(&folder);
    if (entries == NULL)
        return;
    for (const struct dirent *entry; (entry = readdir(entries)) != NULL;) {
        unsigned number = rotated_number(stem, length, entry->d_name);
        if (number > *last)
            *last = number;
        if (number > 0 && (*first == 0 || number < *first))
            *first = number;
    }
    closedir(entries);
}

/* ---- opening --------------------------------------------------------------------------------- */

/* "journal PATH: what", then, if there is one, the command that mends it. */
static bool refuse(struct error *error, const char *path, const char *what, const char *command) {
    struct buffer words;
    buffer_init(&words);
    encode_shell_word(&words, path);
    if (command[0])
        error_set(error, "journal %s: %s: %s %s", path, what, command, words.data);
    else
        error_set(error, "journal %s: %s", path, what);
    buffer_finish(&words);
    return false;
}

static bool is_ours(int file, const char *path, struct error *error) {
    struct stat info;
    if (fstat(file, &info) != 0)
        return refuse(error, path, strerror(errno), "");
    if (!S_ISREG(info.st_mode))
        return refuse(error, path, "not a regular file; move it away", "");
    if (info.st_uid != geteuid())
        return refuse(error, path, "belongs to another user; take it over or move it away",
                      "chown \"$(id -un)\"");
    if (info.st_mode & (S_IRWXG | S_IRWXO))
        return refuse(error, path, "others may read or write it", "chmod 600");
    return true;
}

/* Who may write to the folder may put another file in the journal's place. */
static bool folder_is_ours(const char *path, struct error *error) {
    struct stat info;
    struct buffer folder;
    buffer_init(&folder);
    append_folder(path, &folder);
    bool good = true;
    if (stat(folder.data, &info) != 0)
        good = errno == ENOENT || refuse(error, folder.data, strerror(errno), "");
    else if (!S_ISDIR(info.st_mode))
        good = refuse(error, folder.data, "not a folder; move it away", "");
    else if (info.st_uid != geteuid())
        good = refuse(error, folder.data,
                      "the folder belongs to another user; take it over, or set XDG_STATE_HOME to "
                      "a folder of your own",
                      "chown \"$(id -un)\"");
    else if (info.st_mode & (S_IWGRP | S_IWOTH))
        good = refuse(error, folder.data, "others may write to the folder", "chmod 700");
    buffer_finish(&folder);
    return good;
}

int journal_file_open(const char *path, int flags, struct error *error) {
    if (!folder_is_ours(path, error))
        return -1;
    int file = open(path, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    if (file < 0) {
        int reason = errno;
        if (reason != ENOENT || flags & O_CREAT)
            refuse(error, path,
                   reason == ELOOP ? "a symbolic link is not taken; move it away"
                                   : strerror(reason),
                   "");
        errno = reason;
        return -1;
    }
    if (is_ours(file, path, error))
        return file;
    close(file);
    errno = EPERM;
    return -1;
}

int journal_newest_open(const char *path, int flags, struct error *error) {
    int file = journal_file_open(path, flags, error);
    if (file >= 0 || errno != ENOENT)
        return file;
    struct buffer name;
    buffer_init(&name);
    journal_new_name(path, &name);
    file = journal_file_open(name.data, flags, error);
    buffer_finish(&name);
    return file;
}

/* ---- writing --------------------------------------------------------------------------------- */

static bool write_at(int file, const char *data, size_t length, off_t at) {
    while (length > 0) {
        ssize_t wrote = pwrite(file, data, length, at);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0) {
            errno = wrote == 0 ? ENOSPC : errno;
            return false;
        }
        data += wrote;
        length -= (size_t)wrote;
        at += wrote;
    }
    return true;
}

bool journal_file_write(int file, const struct buffer *text, off_t at) {
    return write_at(file, text->data, text->length, at) && fsync(file) == 0;
}

/* ---- folders --------------------------------------------------------------------------------- */

bool journal_sync_folder(const char *path) {
    struct buffer folder;
    buffer_init(&folder);
    append_folder(path, &folder);
    int file = open(folder.data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    buffer_finish(&folder);
    bool good = file >= 0 && (fsync(file) == 0 || errno == EINVAL); /* not every file system can */
    int reason = errno;
    if (file >= 0)
        close(file);
    errno = reason;
    return good;
}

/* A folder above may be one in which nothing can be made: what counts is whether this one is there.
 */
static bool make_folder(const char *folder) {
    struct stat info;
    if (mkdir(folder, 0700) == 0) {
        journal_sync_folder(folder); /* as far as the one above may be read */
        return true;
    }
    int reason = errno;
    bool there = stat(folder, &info) == 0;
    errno = there ? ENOTDIR : reason;
    return there && S_ISDIR(info.st_mode);
}

bool journal_make_folders(const char *what, const char *path, struct error *error) {
    char *folder = memory_string(path);
    bool good = true;
    for (char *slash = strchr(folder + 1, '/'); slash && good; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        good = make_folder(folder);
        if (!good)
            error_set(error, "%s: the folder %s can't be made: %s", what, folder, strerror(errno));
        *slash = '/';
    }
    free(folder);
    return good;
}

/* ---- the lock -------------------------------------------------------------------------------- */

static bool wait_for(int file, int how, int wait_ms, const char *name, struct error *error) {
    int64_t until = clock_ms() + wait_ms;
    while (flock(file, how | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return error_set(error, "%s: %s", name, strerror(errno));
        if (clock_ms() >= until) {
            error_set(error,
                      wait_ms < 1000 ? "%s: another pail is writing; try again"
                                     : "%s: another pail has been writing for %d s; look for one "
                                       "that hangs",
                      name, wait_ms / 1000);
            errno = EWOULDBLOCK;
            return false;
        }
        nanosleep(&(struct timespec){.tv_nsec = LOCK_POLL_MS * 1000000L}, NULL);
    }
    return true;
}

bool journal_lock(const char *path, bool to_write, int wait_ms, int *lock, struct error *error) {
    struct buffer name;
    buffer_init(&name);
    buffer_printf(&name, "%s.lock", path);
    *lock = journal_file_open(name.data, to_write ? O_RDWR | O_CREAT : O_RDONLY, error);
    bool good = *lock >= 0
                    ? wait_for(*lock, to_write ? LOCK_EX : LOCK_SH, wait_ms, name.data, error)
                    : !to_write && errno == ENOENT;
    int reason = errno;
    if (!good && *lock >= 0) {
        close(*lock);
        *lock = -1;
    }
    buffer_finish(&name);
    errno = reason;
    return good;
}

void journal_unlock(int lock) {
    if (lock >= 0)
        close(lock);
}
