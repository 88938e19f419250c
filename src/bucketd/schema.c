#include "schema.h"

#include "pail/buckets/bucket.h"

/* The last version that an entry was given: a counter of the table, so that an entry which is
 * deleted and added again gets a new one. */
#define CREATE_VERSIONS                                      \
    "CREATE TABLE versions (last INTEGER NOT NULL) STRICT; " \
    "INSERT INTO versions SELECT count(*) FROM buckets; "

/* Schema 1 had no versions: its entries get theirs in the order of their names. */
#define FROM_1                                                                                      \
    "ALTER TABLE buckets ADD COLUMN etag TEXT NOT NULL DEFAULT ''; "                                \
    "UPDATE buckets SET etag = numbered.version FROM "                                              \
    "(SELECT bucketname AS name, row_number() OVER (ORDER BY bucketname) AS version FROM buckets) " \
    "AS numbered WHERE bucketname = numbered.name; " CREATE_VERSIONS

static bool is_secret(int field) {
    return bucket_fields[field].flags & FIELD_SECRET;
}

/* A value that is to be bound, or one of a table that has a column for it. */
static void append_value(struct buffer *sql, int field, bool bound) {
    if (bound)
        buffer_printf(sql, "?%d", field + 1);
    else
        buffer_append_string(sql, bucket_fields[field].name);
}

/* The entry as the listing has it. A field that the page names is there even if empty; ddbTable
 * only where it is set, since its mere presence means that the bucket is enabled for InfinSnap: the
 * patch leaves out what is null. */
static void append_entry(struct buffer *sql, bool bound) {
    const char *between = "json_patch('{}', json_object(";
    for (int field = 0; field < FIELD_COUNT; field++) {
        if (is_secret(field))
            continue;
        bool may_lack = bucket_fields[field].flags & FIELD_LISTING_ONLY;
        buffer_printf(sql, "%s'%s', %s", between, bucket_fields[field].name,
                      may_lack ? "nullif(" : "");
        append_value(sql, field, bound);
        buffer_append_string(sql, may_lack ? ", '')" : "");
        between = ", ";
    }
    buffer_append_string(sql, "))");
}

/* What a row holds, in the order of its columns: name, entry, secrets. */
static void append_row(struct buffer *sql, bool bound) {
    append_value(sql, FIELD_NAME, bound);
    buffer_append_string(sql, ", ");
    append_entry(sql, bound);
    for (int field = 0; field < FIELD_COUNT; field++)
        if (is_secret(field)) {
            buffer_append_string(sql, ", ");
            append_value(sql, field, bound);
        }
}

/* The columns that are stored, `type` behind each. */
static void append_stored(struct buffer *sql, const char *type) {
    buffer_printf(sql, "%s%s, entry%s", bucket_fields[FIELD_NAME].name, type, type);
    for (int field = 0; field < FIELD_COUNT; field++)
        if (is_secret(field))
            buffer_printf(sql, ", %s%s", bucket_fields[field].name, type);
}

/* The fields that are in the entry can be asked for like columns, but are kept there alone. SQLite
 * computes them to check their type when a row is written: what is no JSON can't get in. */
static void append_read(struct buffer *sql) {
    for (int field = FIELD_NAME + 1; field < FIELD_COUNT; field++)
        if (!is_secret(field))
            buffer_printf(sql, ", %s TEXT AS (entry ->> '%s') VIRTUAL", bucket_fields[field].name,
                          bucket_fields[field].name);
}

static void append_create(struct buffer *sql, const char *table) {
    buffer_printf(sql, "CREATE TABLE %s (", table);
    append_stored(sql, " TEXT NOT NULL");
    append_read(sql);
    buffer_append_string(sql, ", PRIMARY KEY (bucketname)) "
                              "STRICT, WITHOUT ROWID; ");
}

/* Schema 2 had a column for each field. */
static void append_from_2(struct buffer *sql) {
    append_create(sql, "entries");
    buffer_append_string(sql, "INSERT INTO entries SELECT ");
    append_row(sql, false);
    buffer_append_string(sql, " FROM buckets; DROP TABLE buckets; "
                              "ALTER TABLE entries RENAME TO buckets; ");
}

void schema_upgrade(struct buffer *sql, int from) {
    buffer_append_string(sql, "BEGIN IMMEDIATE; ");
    if (from == 0) {
        append_create(sql, "buckets");
        buffer_append_string(sql, CREATE_VERSIONS);
    }
    if (from == 1)
        buffer_append_string(sql, FROM_1);
    if (from == 1 || from == 2)
        append_from_2(sql);
    buffer_printf(sql, "PRAGMA user_version = %d; COMMIT", SCHEMA);
}

static void append_find(struct buffer *sql) {
    const char *between = "SELECT ";
    for (int field = 0; field < FIELD_COUNT; field++) {
        buffer_printf(sql, "%s%s", between, bucket_fields[field].name);
        between = ", ";
    }
    buffer_append_string(sql, " FROM buckets WHERE bucketname = ?");
}

static void append_put(struct buffer *sql) {
    buffer_append_string(sql, "REPLACE INTO buckets (");
    append_stored(sql, "");
    buffer_append_string(sql, ") VALUES (");
    append_row(sql, true);
    buffer_append_string(sql, ")");
}

void schema_statement(struct buffer *sql, enum statement statement) {
    static const char *const plain[STATEMENT_COUNT] = {
        [REMOVE] = "DELETE FROM buckets WHERE bucketname = ?",
        [LIST] = ("SELECT bucketname FROM buckets WHERE bucketname > ? AND NOT hand_out(entry) "
                  "ORDER BY bucketname LIMIT 1"),
        [ANY] = "SELECT 1 FROM buckets LIMIT 1",
        [COUNT_ON] = "UPDATE versions SET last = last + 1 RETURNING last",
    };
    if (statement == FIND)
        append_find(sql);
    else if (statement == PUT)
        append_put(sql);
    else
        buffer_append_string(sql, plain[statement]);
}
