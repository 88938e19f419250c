/* pail delete: entries, all in one way through the door. */
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "outcomes.h"
#include "pail/base/memory.h"
#include "send.h"

/* The changes that the names make; a name that isn't there is said, and gives CLI_NO_BUCKET. */
struct deletion {
    struct change **changes;
    size_t count;
    int status;
};

static int compare(const void *left, const void *right) {
    return strcmp(left, right);
}

static void forget(void *name) {
    (void)name;
}

/* Each name once. */
static void collect(const struct cli_arguments *arguments, const struct sitting *sitting,
                    struct deletion *deletion) {
    void *seen = NULL;
    struct bucket opened;
    deletion->changes = memory_new((size_t)arguments->count, sizeof(struct change *));
    for (int i = 0; i < arguments->count; i++) {
        const char *name = arguments->words[i];
        if (tfind(name, &seen, compare) != NULL)
            continue;
        tsearch(name, &seen, compare);
        if (sitting_find(sitting, name, &opened))
            deletion->changes[deletion->count++] = change_delete(&opened);
        else
            deletion->status = sitting_say_missing(sitting, name, "; nothing was sent");
    }
    tdestroy(seen, forget);
}

static int delete_all(const struct cli *cli, const struct cli_arguments *arguments,
                      struct sitting *sitting) {
    struct deletion deletion = {0};
    int status = CLI_DONE;
    collect(arguments, sitting, &deletion);
    if (deletion.count == 1)
        status = send_change(cli, arguments, sitting, deletion.changes[0]);
    else if (deletion.count > 1)
        status = send_changes(cli, arguments, sitting, deletion.changes, deletion.count);
    free(deletion.changes);
    return outcomes_worse(deletion.status, status);
}

int command_delete(const struct cli *cli, const struct cli_arguments *arguments) {
    struct sitting *sitting = NULL;
    int status = send_open(cli, arguments, &sitting);
    if (status == CLI_DONE)
        status = delete_all(cli, arguments, sitting);
    sitting_close(sitting);
    return status;
}
