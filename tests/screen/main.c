/* screens FOLDER [--update] [NAME...]: runs FOLDER's *.screen files, those whose name has a NAME in
 * it, each in a process of its own, and prints TAP. */
#include "screens.h"

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LIMIT_SECONDS = 30 };

static int is_script(const struct dirent *entry) {
    const char *end = strrchr(entry->d_name, '.');
    return end && strcmp(end, ".screen") == 0;
}

static bool is_wanted(const char *name, char **wanted, int count) {
    for (int i = 0; i < count; i++)
        if (strstr(name, wanted[i]))
            return true;
    return count == 0;
}

static bool run(const char *folder, const char *name, bool update) {
    char path[PATH_MAX + NAME_MAX + 2];
    int status = 0;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        alarm(LIMIT_SECONDS);
        bool good = script_run(folder, path, update);
        fflush(stdout);
        exit(good ? 0 : 1);
    }
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

int main(int argc, char **argv) {
    struct dirent **entries;
    char folder[PATH_MAX];
    bool update = argc > 2 && strcmp(argv[2], "--update") == 0;
    int first = update ? 3 : 2, failed = 0, ran = 0;
    if (argc < 2 || realpath(argv[1], folder) == NULL) {
        fputs("usage: screens FOLDER [--update] [NAME...]\n", stderr);
        return 2;
    }
    int count = scandir(folder, &entries, is_script, alphasort);
    for (int i = 0; i < count; i++) {
        const char *name = entries[i]->d_name;
        if (is_wanted(name, argv + first, argc > first ? argc - first : 0)) {
            bool good = run(folder, name, update);
            failed += !good;
            printf("%sok %d - %s\n", good ? "" : "not ", ++ran, name);
        }
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
    return failed || ran == 0;
}
