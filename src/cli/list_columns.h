/*
 * The columns of `list`, written once. Each has the API's name, by which csv and tsv head it, and
 * those of the dashboard have its word as well; --columns takes both, in any case. No secret is a
 * column.
 *
 *   X(id, name, title in the table, the dashboard's column, the field)
 */
#ifndef PAIL_SRC_CLI_LIST_COLUMNS_H
#define PAIL_SRC_CLI_LIST_COLUMNS_H

#include "pail/buckets/column.h"
#include "pail/cli/cli.h"

#define LIST_COLUMNS(X)                                                                 \
    X(NAME, "bucketname", "NAME", COLUMN_NAME, FIELD_NAME)                              \
    X(CLOUD, "cloud", "CLOUD", COLUMN_CLOUD, FIELD_CLOUD)                               \
    X(ACCESS, "access", "ACCESS", COLUMN_ACCESS, FIELD_COUNT)                           \
    X(ENDPOINT, "endpoint", "ENDPOINT", COLUMN_ENDPOINT, FIELD_ENDPOINT)                \
    X(IDENTITY, "identity", "ROLE/KEY", COLUMN_IDENTITY, FIELD_COUNT)                   \
    X(SNAP, "infinsnap", "SNAP", COLUMN_SNAP, FIELD_COUNT)                              \
    X(ROLE, "accessRole", "ROLE", COLUMN_COUNT, FIELD_ACCESS_ROLE)                      \
    X(EXTERNAL_ID, "accessRoleExt", "EXTERNAL-ID", COLUMN_COUNT, FIELD_ACCESS_ROLE_EXT) \
    X(KEY_ID, "accessKeyId", "KEY-ID", COLUMN_COUNT, FIELD_ACCESS_KEY_ID)               \
    X(TABLE, "ddbTable", "TABLE", COLUMN_COUNT, FIELD_DDB_TABLE)                        \
    X(VERSION, "etag", "VERSION", COLUMN_COUNT, FIELD_ETAG)

#define LIST_COLUMN_ID(id, name, title, column, field) LIST_##id,
enum list_column { LIST_COLUMNS(LIST_COLUMN_ID) LIST_COLUMN_COUNT };
#undef LIST_COLUMN_ID

struct list_column_info {
    const char *name, *title;
    enum column column;      /* COLUMN_COUNT: the dashboard has none */
    enum bucket_field field; /* FIELD_COUNT: it is no field's value */
};
extern const struct list_column_info list_columns[LIST_COLUMN_COUNT];

struct list_choice {
    enum list_column columns[LIST_COLUMN_COUNT];
    int count;
};

/* The columns that names, "a,b,c", choose; the usual ones of a table or of csv for NULL. False
 * after having said what is wrong: no such column, one twice. */
bool list_choose(const struct cli *cli, const char *names, bool table, struct list_choice *choice);

/* The dashboard's column that a name means; false after having said that none is called so. */
bool list_sort_column(const struct cli *cli, const char *name, enum column *column);

/* What a column has of an entry, raw and borrowed. In a table it is what the dashboard shows; else
 * the value that the service sent, and yes or no. */
const char *list_text(const struct bucket *bucket, enum list_column column, bool table);

#endif
