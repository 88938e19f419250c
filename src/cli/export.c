/* pail export: entries as desired state, for diff and apply. */
#include <string.h>

#include "commands.h"
#include "list.h"
#include "names.h"
#include "pail/buckets/desired.h"
#include "pail/cli/sitting.h"
#include "print.h"

/* What is being written. */
struct export {
    const struct cli *cli;
    const struct listing *all; /* by name, so that entries of one name are side by side */
    const struct listing *matching;
    size_t next; /* of those, the first that hasn't been met yet */
    size_t written, unreadable;
};

/* Behind the position of the last entry that has the name of the one at `at`. */
static size_t run_end(const struct listing *all, size_t at) {
    struct bucket bucket, other;
    size_t end = at + 1;
    listing_get(all, at, &bucket);
    for (; end < listing_count(all); end++) {
        listing_get(all, end, &other);
        if (bucket.unreadable || strcmp(bucket.value[FIELD_NAME], other.value[FIELD_NAME]) != 0)
            break;
    }
    return end;
}

/* Both listings have the same order: true if the entry there is among the matching. */
static bool meets(struct export *export, size_t at) {
    bool met = export->next < listing_count(export->matching) &&
               listing_row(export->matching, export->next) == listing_row(export->all, at);
    export->next += met;
    return met;
}

static void write_one(struct export *export, const struct bucket *bucket) {
    struct buffer text;
    buffer_init(&text);
    desired_write(&text, bucket);
    fprintf(export->cli->out, "%s  %s", export->written++ ? ",\n" : "\n", text.data);
    buffer_finish(&text);
}

/* The entries [at, end) have one name. */
static void write_run(struct export *export, size_t at, size_t end) {
    struct bucket bucket;
    bool matches = false;
    for (size_t i = at; i < end; i++)
        matches = meets(export, i) || matches;
    if (!matches)
        return;
    listing_get(export->all, at, &bucket);
    if (bucket.unreadable)
        export->unreadable++;
    else if (end - at > 1)
        cli_say(export->cli, CLI_DONE, "%s: the table has %zu entries of this name: left out",
                bucket.value[FIELD_NAME], end - at);
    else
        write_one(export, &bucket);
}

static void write_all(struct export *export) {
    fputs("[", export->cli->out);
    for (size_t at = 0, end; at < listing_count(export->all); at = end) {
        end = run_end(export->all, at);
        write_run(export, at, end);
    }
    fputs(export->written ? "\n]\n" : "]\n", export->cli->out);
    if (export->unreadable > 0)
        cli_say(export->cli, CLI_DONE, "%zu %s could not be read: left out", export->unreadable,
                export->unreadable == 1 ? "entry" : "entries");
}

int command_export(const struct cli *cli, const struct cli_arguments *arguments) {
    struct sitting *sitting;
    int status = sitting_open(cli, &sitting);
    if (status == CLI_DONE)
        status = sitting_load(sitting);
    if (status == CLI_DONE) {
        struct table *table = sitting_table(sitting);
        const struct cli_arguments none = {0};
        names_save(cli->profile, table);
        struct listing *all = list_matching(cli, table, &none, COLUMN_NAME);
        struct listing *matching = list_matching(cli, table, arguments, COLUMN_NAME);
        write_all(&(struct export){.cli = cli, .all = all, .matching = matching});
        listing_destroy(matching);
        listing_destroy(all);
        status = print_end(cli);
    }
    sitting_close(sitting);
    return status;
}
