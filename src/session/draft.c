#include "pail/session/draft.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "draft_json.h"
#include "journal_internal.h"
#include "kept.h"
#include "pail/base/clock.h"
#include "pail/base/memory.h"

enum { DRAFTS = 20, FILE_LIMIT = 4 << 20, LOCK_TRIES = 30, LOCK_POLL_MS = 10 };
#define FORMAT 1

void draft_init(struct draft *draft) {
    *draft = (struct draft){.profile = "", .host = "", .value = ""};
    arena_init(&draft->arena);
    bucket_init(&draft->opened);
    bucket_init(&draft->typed);
}

void draft_finish(struct draft *draft) {
    arena_finish(&draft->arena);
    draft_init(draft);
}

/* ---- the file -------------------------------------------------------------------------------- */

static bool usual_path(struct buffer *path, struct error *error) {
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    if (state && state[0] == '/')
        buffer_printf(path, "%s/pail/draft.json", state);
    else if (home && home[0] == '/')
        buffer_printf(path, "%s/.local/state/pail/draft.json", home);
    else
        return error_set(error, "there is no place for drafts: neither XDG_STATE_HOME nor HOME is "
                                "an absolute path");
    return true;
}

/* Other pails are waited for, but not for long, and then it goes on without: a pail whose terminal
 * is gone has a second. */
static int lock(const char *path) {
    struct buffer name;
    buffer_init(&name);
    buffer_printf(&name, "%s.lock", path);
    int file = open(name.data, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    buffer_finish(&name);
    for (int i = 0; file >= 0 && i < LOCK_TRIES && flock(file, LOCK_EX | LOCK_NB) != 0; i++)
        nanosleep(&(struct timespec){.tv_nsec = LOCK_POLL_MS * 1000000L}, NULL);
    return file;
}

static void unlock(int file) {
    if (file >= 0)
        close(file);
}

static bool read_all(int file, struct buffer *text) {
    char piece[4096];
    ssize_t got;
    while ((got = read(file, piece, sizeof piece)) > 0 && text->length <= FILE_LIMIT)
        buffer_append(text, piece, (size_t)got);
    return got >= 0 && text->length <= FILE_LIMIT;
}

/* Who may write to the folder may put another file in its place. */
static bool is_loose_folder(const char *path) {
    struct stat info;
    char *folder = memory_string_n(path, (size_t)(strrchr(path, '/') - path));
    bool loose = stat(folder, &info) != 0 || info.st_uid != geteuid() ||
                 (info.st_mode & (S_IWGRP | S_IWOTH));
    free(folder);
    return loose;
}

static const char *why_not_ours(const char *path, int file) {
    struct stat info;
    if (is_loose_folder(path))
        return "others may write to its folder; chmod 700 that";
    return fstat(file, &info) != 0                ? strerror(errno)
           : !S_ISREG(info.st_mode)               ? "not a regular file; move it away"
           : info.st_uid != geteuid()             ? "belongs to another user; move it away"
           : (info.st_mode & (S_IRWXG | S_IRWXO)) ? "others may read or write it; chmod 600 it"
                                                  : NULL;
}

/* The array of drafts; the caller's. NULL without an error: there is no file. */
static json_t *load(const char *path, struct error *error) {
    struct buffer text;
    int file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (file < 0) {
        if (errno != ENOENT)
            error_set(error, "draft %s: %s", path, strerror(errno));
        return NULL;
    }
    buffer_init(&text);
    const char *why = why_not_ours(path, file);
    bool good = why == NULL && read_all(file, &text);
    close(file);
    json_t *root = good ? json_loadb(text.data, text.length, 0, NULL) : NULL;
    json_t *drafts = json_incref(json_object_get(root, "drafts"));
    if (!json_is_array(drafts) || json_integer_value(json_object_get(root, "format")) != FORMAT) {
        error_set(error, "draft %s: %s", path, why ? why : "can't be read as drafts of pail");
        json_decref(drafts);
        drafts = NULL;
    }
    json_decref(root);
    buffer_finish(&text);
    return drafts;
}

static bool write_text(int file, const char *text, size_t length) {
    for (size_t done = 0; done < length;) {
        ssize_t written = write(file, text + done, length - done);
        if (written < 0 && errno != EINTR)
            return false;
        done += written > 0 ? (size_t)written : 0;
    }
    return fsync(file) == 0;
}

/* Beside it, then into its place: whoever reads it finds the old drafts or the new ones. */
static bool replace(const char *path, const struct buffer *text, struct error *error) {
    struct buffer name;
    buffer_init(&name);
    buffer_printf(&name, "%s.%ld", path, (long)getpid());
    unlink(name.data); /* of a pail that had this number and was killed */
    int file = open(name.data, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    bool good = file >= 0 && write_text(file, text->data, text->length);
    int reason = errno;
    if (file >= 0)
        close(file);
    if (good && rename(name.data, path) != 0) {
        good = false;
        reason = errno;
    }
    if (!good && file >= 0)
        unlink(name.data);
    buffer_finish(&name);
    return good || error_set(error, "draft %s: %s", path, strerror(reason));
}

static int append_piece(const char *data, size_t length, void *out) {
    buffer_append(out, data, length);
    return 0;
}

static void write_drafts(struct buffer *text, json_t *drafts) {
    json_t *root = json_object();
    json_object_set_new(root, "format", json_integer(FORMAT));
    json_object_set(root, "drafts", drafts);
    json_dump_callback(root, append_piece, text, JSON_INDENT(2) | JSON_ENSURE_ASCII);
    buffer_append_char(text, '\n');
    json_decref(root);
}

/* Marked entries may be many, and a service may send large ones: of what the file couldn't be read
 * with the oldest drafts go, but not the last. */
static bool save(const char *path, json_t *drafts, struct error *error) {
    struct buffer text;
    if (json_array_size(drafts) == 0)
        return unlink(path) == 0 || errno == ENOENT ||
               error_set(error, "draft %s: %s", path, strerror(errno));
    buffer_init(&text);
    write_drafts(&text, drafts);
    while (text.length > FILE_LIMIT && json_array_size(drafts) > 1) {
        json_array_remove(drafts, 0);
        buffer_clear(&text);
        write_drafts(&text, drafts);
    }
    bool good =
        text.length <= FILE_LIMIT
            ? replace(path, &text, error)
            : error_set(error, "draft %s: it would take more than %d MiB", path, FILE_LIMIT >> 20);
    buffer_finish(&text);
    return good;
}

/* ---- keeping, finding, forgetting ------------------------------------------------------------ */

static void remove_id(json_t *drafts, const char *id) {
    for (size_t i = json_array_size(drafts); i-- > 0;)
        if (strcmp(draft_json_text(json_array_get(drafts, i), "id"), id) == 0)
            json_array_remove(drafts, i);
}

/* What was there, or an empty array if it can't be read: then it is put aside. */
static json_t *load_to_add(const char *path) {
    struct error why = {""};
    json_t *drafts = load(path, &why);
    if (drafts == NULL && why.text[0]) {
        struct buffer aside;
        buffer_init(&aside);
        buffer_printf(&aside, "%s.bad", path);
        rename(path, aside.data);
        buffer_finish(&aside);
    }
    return drafts ? drafts : json_array();
}

bool draft_keep(struct draft *draft, struct error *error) {
    struct buffer path;
    buffer_init(&path);
    bool good = usual_path(&path, error) && journal_make_folders("draft", path.data, error);
    if (good) {
        int locked = lock(path.data);
        json_t *drafts = load_to_add(path.data);
        if (draft->id[0] == '\0')
            journal_make_id(draft->id);
        remove_id(drafts, draft->id);
        draft->when = clock_now();
        json_array_append_new(drafts, draft_json(draft));
        while (json_array_size(drafts) > DRAFTS)
            json_array_remove(drafts, 0);
        good = save(path.data, drafts, error);
        json_decref(drafts);
        unlock(locked);
    }
    buffer_finish(&path);
    return good;
}

bool draft_find(const char *profile, const char *host, struct draft *draft, struct error *error) {
    struct buffer path;
    bool found = false;
    buffer_init(&path);
    json_t *drafts = usual_path(&path, NULL) ? load(path.data, error) : NULL;
    for (size_t i = json_array_size(drafts); i-- > 0 && !found;) {
        const json_t *object = json_array_get(drafts, i);
        found = strcmp(draft_json_text(object, "profile"), profile) == 0 &&
                strcmp(draft_json_text(object, "host"), host) == 0 &&
                draft_json_read(object, draft);
    }
    json_decref(drafts);
    buffer_finish(&path);
    return found;
}

bool draft_drop(const char *id, struct error *error) {
    struct buffer path;
    bool good = true;
    buffer_init(&path);
    if (usual_path(&path, NULL)) {
        struct error why = {""};
        int locked = lock(path.data);
        json_t *drafts = load(path.data, &why);
        if (drafts) {
            remove_id(drafts, id);
            good = save(path.data, drafts, error);
        } else if (why.text[0])
            good = error_set(error, "%s", why.text);
        json_decref(drafts);
        unlock(locked);
    }
    buffer_finish(&path);
    return good;
}

/* ---- going on with it ------------------------------------------------------------------------ */

/* Whether what may be kept of the fields that we don't know is the same in both. */
static bool same_extra(const struct bucket *opened, const struct bucket *now) {
    struct bucket a, b;
    json_t *withheld = json_array();
    bucket_init(&a);
    bucket_init(&b);
    a.extra = opened->extra;
    b.extra = now->extra;
    json_t *kept_a = kept_entry(&a, withheld), *kept_b = kept_entry(&b, withheld);
    bool same = json_equal(kept_a, kept_b);
    json_decref(kept_a);
    json_decref(kept_b);
    json_decref(withheld);
    return same;
}

void draft_complete(struct bucket *opened, const struct bucket *now) {
    for (int field = 0; field < FIELD_COUNT; field++)
        if (bucket_fields[field].flags & FIELD_SECRET) {
            opened->value[field] = now->value[field];
            opened->odd = (opened->odd & ~(1U << field)) | (now->odd & (1U << field));
        }
    if (same_extra(opened, now))
        opened->extra = now->extra;
}
