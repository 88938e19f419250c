/* pail list: the table, or the entries that match. */
#include <string.h>

#include "commands.h"
#include "entry_json.h"
#include "list.h"
#include "list_columns.h"
#include "names.h"
#include "pail/buckets/query.h"
#include "pail/cli/sitting.h"
#include "print.h"
#include "words.h"

const char *const list_formats[] = {"table", "json", "csv", "tsv", NULL};
enum format { FORMAT_TABLE, FORMAT_JSON, FORMAT_CSV, FORMAT_TSV };

/* What is asked for. */
struct request {
    enum format format;
    struct list_choice choice;
    enum column sort;
};

static bool read_request(const struct cli *cli, const struct cli_arguments *arguments,
                         struct request *request) {
    const char *names = arguments->flag[FLAG_COLUMNS], *sort = arguments->flag[FLAG_SORT];
    int format = cli_choose(cli, "--format", arguments->flag[FLAG_FORMAT], list_formats);
    if (format < 0)
        return false;
    *request = (struct request){.format = (enum format)format, .sort = COLUMN_NAME};
    if (names && request->format == FORMAT_JSON) {
        cli_say(cli, CLI_USAGE, "--columns is for table, csv and tsv: json has all fields");
        return false;
    }
    return list_choose(cli, names, request->format == FORMAT_TABLE, &request->choice) &&
           (sort == NULL || list_sort_column(cli, sort, &request->sort));
}

/* ---- formats --------------------------------------------------------------------------------- */

struct rows {
    const struct listing *listing;
    const struct list_choice *choice;
};

static void table_row(const void *context, size_t row, const char **texts) {
    const struct rows *rows = context;
    struct bucket bucket;
    listing_get(rows->listing, row, &bucket);
    for (int i = 0; i < rows->choice->count; i++)
        texts[i] = list_text(&bucket, rows->choice->columns[i], true);
}

static void write_table(const struct cli *cli, const struct listing *listing,
                        const struct list_choice *choice) {
    const char *titles[LIST_COLUMN_COUNT];
    for (int i = 0; i < choice->count; i++)
        titles[i] = list_columns[choice->columns[i]].title;
    print_table(cli, titles, choice->count, listing_count(listing), table_row,
                &(struct rows){listing, choice});
}

/* bucket NULL: the line of names. */
static void write_values(FILE *out, const struct bucket *bucket, const struct list_choice *choice,
                         bool csv) {
    struct buffer line;
    buffer_init(&line);
    for (int i = 0; i < choice->count; i++) {
        enum list_column column = choice->columns[i];
        const char *text = bucket ? list_text(bucket, column, false) : list_columns[column].name;
        if (i > 0)
            buffer_append_char(&line, csv ? ',' : '\t');
        if (csv)
            print_csv(&line, text);
        else
            print_tsv(&line, text);
    }
    fprintf(out, "%s\n", line.data);
    buffer_finish(&line);
}

/* An entry that could not be read has no values to write. */
static void write_lines(FILE *out, const struct listing *listing, const struct list_choice *choice,
                        bool csv) {
    struct bucket bucket;
    write_values(out, NULL, choice, csv);
    for (size_t i = 0; i < listing_count(listing); i++) {
        listing_get(listing, i, &bucket);
        if (!bucket.unreadable)
            write_values(out, &bucket, choice, csv);
    }
}

/* An entry a line. */
static void write_json(FILE *out, const struct listing *listing) {
    struct bucket bucket;
    size_t count = listing_count(listing);
    fputs("[", out);
    for (size_t i = 0; i < count; i++) {
        listing_get(listing, i, &bucket);
        json_t *entry = entry_json(&bucket);
        fputs(i > 0 ? ",\n  " : "\n  ", out);
        entry_json_write(out, entry, 0);
        json_decref(entry);
    }
    fputs(count > 0 ? "\n]\n" : "]\n", out);
}

/* ---- all ------------------------------------------------------------------------------------- */

static void say_unreadable(const struct cli *cli, const struct listing *listing) {
    struct bucket bucket;
    size_t unreadable = 0;
    for (size_t i = 0; i < listing_count(listing); i++) {
        listing_get(listing, i, &bucket);
        unreadable += bucket.unreadable;
    }
    if (unreadable > 0)
        cli_say(cli, CLI_DONE, "%zu %s could not be read", unreadable,
                unreadable == 1 ? "entry" : "entries");
}

static void write_listing(const struct cli *cli, const struct request *request,
                          const struct listing *listing) {
    switch (request->format) {
    case FORMAT_TABLE:
        write_table(cli, listing, &request->choice);
        break;
    case FORMAT_JSON:
        write_json(cli->out, listing);
        break;
    case FORMAT_CSV:
    case FORMAT_TSV:
        write_lines(cli->out, listing, &request->choice, request->format == FORMAT_CSV);
        break;
    }
    say_unreadable(cli, listing);
}

static void say_misnamed(const struct cli *cli, const struct listing *listing) {
    size_t length;
    const char *word = query_misnamed(listing_query(listing), &length);
    if (word != NULL)
        cli_say(cli, CLI_DONE, QUERY_MISNAMED, (int)length, word);
}

struct listing *list_matching(const struct cli *cli, struct table *table,
                              const struct cli_arguments *arguments, enum column sort) {
    struct listing *listing = listing_create();
    struct buffer filter;
    buffer_init(&filter);
    for (int i = 0; i < arguments->count; i++)
        buffer_printf(&filter, i > 0 ? " %s" : "%s", arguments->words[i]);
    listing_filter(listing, filter.data);
    buffer_finish(&filter);
    say_misnamed(cli, listing);
    listing_sort(listing, sort, false);
    listing_set_table(listing, table, false);
    return listing;
}

int command_list(const struct cli *cli, const struct cli_arguments *arguments) {
    struct request request;
    struct sitting *sitting;
    if (!read_request(cli, arguments, &request))
        return CLI_USAGE;
    int status = sitting_open(cli, &sitting);
    if (status == CLI_DONE)
        status = sitting_load(sitting);
    if (status == CLI_DONE) {
        struct table *table = sitting_table(sitting);
        names_save(cli->profile, table);
        struct listing *listing = list_matching(cli, table, arguments, request.sort);
        write_listing(cli, &request, listing);
        listing_destroy(listing);
        status = print_end(cli);
    }
    sitting_close(sitting);
    return status;
}
