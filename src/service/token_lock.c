#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "pail/base/clock.h"
#include "token_file.h"

enum { POLL_MS = 20 };

static int open_lock(const char *path, struct error *error) {
    struct buffer name;
    struct stat info;
    buffer_init(&name);
    buffer_printf(&name, "%s.lock", path);
    token_file_make_folder(path);
    int file = open(name.data, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    bool good = file >= 0 && fstat(file, &info) == 0;
    if (!good)
        error_set(error, "%s: %s", name.data, strerror(errno));
    else if (!S_ISREG(info.st_mode))
        good = error_set(error, "%s: not a regular file", name.data);
    buffer_finish(&name);
    if (good || file < 0)
        return file;
    close(file);
    return -1;
}

enum token_lock_state token_lock(const char *path, int wait_ms, int *lock, struct error *error) {
    int64_t until = clock_ms() + wait_ms;
    int file = open_lock(path, error);
    if (file < 0)
        return TOKEN_LOCK_FAILED;
    while (flock(file, LOCK_EX | LOCK_NB) != 0) {
        bool busy = errno == EWOULDBLOCK || errno == EINTR;
        if (!busy || clock_ms() >= until) {
            error_set(error, "%s.lock: %s", path,
                      busy ? "another program is renewing the login" : strerror(errno));
            close(file);
            return busy ? TOKEN_LOCK_BUSY : TOKEN_LOCK_FAILED;
        }
        nanosleep(&(struct timespec){.tv_nsec = POLL_MS * 1000000L}, NULL);
    }
    *lock = file;
    return TOKEN_LOCKED;
}

void token_unlock(int lock) {
    close(lock);
}
