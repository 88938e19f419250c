#include "list_columns.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "pail/base/memory.h"

#define LIST_COLUMN_INFO(id, name, title, column, field) {name, title, column, field},
const struct list_column_info list_columns[LIST_COLUMN_COUNT] = {LIST_COLUMNS(LIST_COLUMN_INFO)};

static const struct list_choice usual_of_table = {
    {LIST_NAME, LIST_CLOUD, LIST_ACCESS, LIST_ENDPOINT, LIST_IDENTITY, LIST_SNAP}, 6};
static const struct list_choice usual_of_csv = {{LIST_NAME, LIST_CLOUD, LIST_ACCESS, LIST_ENDPOINT,
                                                 LIST_ROLE, LIST_EXTERNAL_ID, LIST_KEY_ID,
                                                 LIST_SNAP},
                                                8};

static bool is_called(const struct list_column_info *info, const char *name) {
    return strcasecmp(info->name, name) == 0 ||
           (info->column < COLUMN_COUNT && strcasecmp(columns[info->column].word, name) == 0);
}

/* LIST_COLUMN_COUNT after having said that none is called so; sortable leaves out those that the
 * dashboard hasn't got. */
static enum list_column find(const struct cli *cli, const char *flag, const char *name,
                             bool sortable) {
    struct buffer known;
    int last = sortable ? LIST_SNAP : LIST_COLUMN_COUNT - 1;
    for (int i = 0; i <= last; i++)
        if (is_called(&list_columns[i], name))
            return (enum list_column)i;
    buffer_init(&known);
    for (int i = 0; i <= last; i++)
        buffer_printf(&known, " %s", list_columns[i].name);
    cli_say(cli, CLI_USAGE, "--%s \"%s\" is not one of:%s", flag, name, known.data);
    buffer_finish(&known);
    return LIST_COLUMN_COUNT;
}

static bool add(const struct cli *cli, struct list_choice *choice, const char *name) {
    enum list_column column = find(cli, "columns", name, false);
    if (column == LIST_COLUMN_COUNT)
        return false;
    for (int i = 0; i < choice->count; i++)
        if (choice->columns[i] == column) {
            cli_say(cli, CLI_USAGE, "--columns has %s twice", list_columns[column].name);
            return false;
        }
    choice->columns[choice->count++] = column;
    return true;
}

bool list_choose(const struct cli *cli, const char *names, bool table, struct list_choice *choice) {
    *choice = table ? usual_of_table : usual_of_csv;
    if (names == NULL)
        return true;
    char *copy = memory_string(names), *rest = copy, *name;
    bool good = true;
    choice->count = 0;
    while (good && (name = strsep(&rest, ",")) != NULL)
        good = add(cli, choice, name);
    free(copy);
    return good;
}

bool list_sort_column(const struct cli *cli, const char *name, enum column *column) {
    enum list_column found = find(cli, "sort", name, true);
    if (found < LIST_COLUMN_COUNT)
        *column = list_columns[found].column;
    return found < LIST_COLUMN_COUNT;
}

const char *list_text(const struct bucket *bucket, enum list_column column, bool table) {
    const struct list_column_info *info = &list_columns[column];
    if (info->field < FIELD_COUNT && (!table || info->column == COLUMN_COUNT))
        return bucket->value[info->field];
    if (!table && column == LIST_SNAP)
        return column_is_empty(bucket, COLUMN_SNAP) ? "no" : "yes";
    return column_text(bucket, info->column);
}
