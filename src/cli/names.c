#include "names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pail/base/buffer.h"

#define PLAIN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"

static bool is_plain(const char *text) {
    return text[0] != '\0' && text[0] != '-' && text[strspn(text, PLAIN)] == '\0';
}

/* The folder, which is made; false if there is no place for it. */
static bool make_folder(struct buffer *path) {
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    if (cache && cache[0] == '/')
        buffer_append_string(path, cache);
    else if (home && home[0] == '/')
        buffer_printf(path, "%s/.cache", home);
    else
        return false;
    mkdir(path->data, 0700);
    buffer_append_string(path, "/pail");
    mkdir(path->data, 0700);
    return true;
}

static bool write_names(int descriptor, const struct table *table) {
    FILE *file = fdopen(descriptor, "w");
    if (file == NULL) {
        close(descriptor);
        return false;
    }
    for (size_t row = 0; row < table_count(table); row++) {
        const char *name = table_name(table, row);
        if (is_plain(name))
            fprintf(file, "%s\n", name);
    }
    bool good = ferror(file) == 0;
    return fclose(file) == 0 && good;
}

void names_save(const struct profile *profile, const struct table *table) {
    struct buffer path, scratch;
    if (!is_plain(profile->name))
        return;
    buffer_init(&path);
    buffer_init(&scratch);
    if (make_folder(&path)) {
        buffer_printf(&path, "/names-%s", profile->name);
        buffer_printf(&scratch, "%s.XXXXXX", path.data);
        int file = mkstemp(scratch.data); /* of mode 0600 */
        if (file >= 0 && !(write_names(file, table) && rename(scratch.data, path.data) == 0))
            unlink(scratch.data);
    }
    buffer_finish(&scratch);
    buffer_finish(&path);
}
