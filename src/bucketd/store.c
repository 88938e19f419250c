#include "store.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pail/base/buffer.h"
#include "pail/base/memory.h"
#include "schema.h"

enum { BUSY_MS = 2000 };

struct store {
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENT_COUNT];
    store_row_fn *row; /* what a listing hands its entries to */
    void *row_context;
};

static bool failed(struct store *store, const char *what, struct error *error) {
    return error_set(error, "the database: %s: %s", what, sqlite3_errmsg(store->db));
}

static bool run(struct store *store, const char *sql, struct error *error) {
    return sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK || failed(store, sql, error);
}

/* The function by which a listing gets its entries where they lie: stepping from row to row took
 * a fifth of its time. */
static void hand_out(sqlite3_context *context, int count, sqlite3_value **values) {
    (void)count;
    struct store *store = sqlite3_user_data(context);
    const char *entry = sqlite3_value_blob(values[0]);
    size_t length = (size_t)sqlite3_value_bytes(values[0]);
    sqlite3_result_int(context, store->row(store->row_context, entry ? entry : "", length));
}

static bool define_function(struct store *store, struct error *error) {
    return sqlite3_create_function_v2(store->db, "hand_out", 1, SQLITE_UTF8 | SQLITE_DIRECTONLY,
                                      store, hand_out, NULL, NULL, NULL) == SQLITE_OK ||
           failed(store, "defining a function", error);
}

static bool prepare(struct store *store, struct error *error) {
    struct buffer sql;
    buffer_init(&sql);
    bool ok = true;
    for (int i = 0; ok && i < STATEMENT_COUNT; i++) {
        buffer_clear(&sql);
        schema_statement(&sql, (enum statement)i);
        ok = sqlite3_prepare_v3(store->db, sql.data, -1, SQLITE_PREPARE_PERSISTENT,
                                &store->statements[i], NULL) == SQLITE_OK ||
             failed(store, "its table is not bucketd's", error);
    }
    buffer_finish(&sql);
    return ok;
}

/* The one value that a statement gives. */
static bool read_value(struct store *store, const char *sql, char *value, size_t size,
                       struct error *error) {
    sqlite3_stmt *statement = NULL;
    bool ok = sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL) == SQLITE_OK &&
              sqlite3_step(statement) == SQLITE_ROW;
    if (ok)
        snprintf(value, size, "%s", (const char *)sqlite3_column_text(statement, 0));
    else
        failed(store, sql, error);
    sqlite3_finalize(statement);
    return ok;
}

/* Runs the statements, all or nothing. */
static bool set_schema(struct store *store, const char *statements, struct error *error) {
    if (sqlite3_exec(store->db, statements, NULL, NULL, NULL) == SQLITE_OK)
        return true;
    failed(store, "preparing its tables", error);
    store_rollback(store);
    return false;
}

/* A new file gets the tables, and one of an earlier bucketd what it lacks; a file of another
 * program, or of a later bucketd, is left alone. */
static bool check_schema(struct store *store, struct error *error) {
    char version[16], things[16];
    if (!read_value(store, "PRAGMA user_version", version, sizeof version, error) ||
        !read_value(store, "SELECT count(*) FROM sqlite_schema", things, sizeof things, error))
        return false;
    long found = strtol(version, NULL, 10);
    if (found == SCHEMA)
        return true;
    bool is_new = found == 0 && strcmp(things, "0") == 0;
    if (!is_new && (found < 1 || found > SCHEMA))
        return error_set(error, "the database is not bucketd's, or a newer one's");
    struct buffer sql;
    buffer_init(&sql);
    schema_upgrade(&sql, (int)found);
    bool ok = set_schema(store, sql.data, error);
    buffer_finish(&sql);
    return ok;
}

/* What can't have a log (":memory:", some network file systems) answers with its own mode. */
static bool use_log(struct store *store, struct error *error) {
    char mode[16];
    if (!read_value(store, "PRAGMA journal_mode = WAL", mode, sizeof mode, error))
        return false;
    return strcmp(mode, "wal") == 0 || error_set(error, "there can be no write-ahead log here");
}

/* Larger pages than SQLite's 4096 bytes: a listing asks the system for fewer of them. A file keeps
 * the size that it was made with. */
static bool set_up(struct store *store, const char *path, struct error *error) {
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    return (sqlite3_open_v2(path, &store->db, flags, NULL) == SQLITE_OK ||
            failed(store, "can't be opened", error)) &&
           sqlite3_busy_timeout(store->db, BUSY_MS) == SQLITE_OK &&
           run(store, "PRAGMA page_size = 16384", error) && use_log(store, error) &&
           run(store, "PRAGMA synchronous = FULL", error) && check_schema(store, error) &&
           define_function(store, error) && prepare(store, error);
}

struct store *store_open(const char *path, struct error *error) {
    struct store *store = memory_new(1, sizeof *store);
    if (set_up(store, path, error))
        return store;
    error_prefix(error, "%s: ", path);
    store_close(store);
    return NULL;
}

void store_close(struct store *store) {
    if (store == NULL)
        return;
    for (int i = 0; i < STATEMENT_COUNT; i++)
        sqlite3_finalize(store->statements[i]);
    sqlite3_close(store->db);
    free(store);
}

bool store_begin(struct store *store, struct error *error) {
    return run(store, "BEGIN IMMEDIATE", error);
}

bool store_commit(struct store *store, struct error *error) {
    if (run(store, "COMMIT", error))
        return true;
    store_rollback(store);
    return false;
}

void store_rollback(struct store *store) {
    run(store, "ROLLBACK", NULL);
}

static void bind(sqlite3_stmt *statement, int at, const char *text) {
    sqlite3_bind_text(statement, at, text, -1, SQLITE_STATIC);
}

/* Leaves nothing bound: the texts are borrowed. */
static void finish(sqlite3_stmt *statement) {
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
}

static void view_row(sqlite3_stmt *statement, struct bucket *bucket) {
    bucket_init(bucket);
    for (int field = 0; field < FIELD_COUNT; field++) {
        const char *text = (const char *)sqlite3_column_text(statement, field);
        bucket->value[field] = text ? text : "";
    }
}

bool store_find(struct store *store, const char *name, struct arena *arena, struct bucket *bucket,
                bool *found, struct error *error) {
    sqlite3_stmt *statement = store->statements[FIND];
    bind(statement, 1, name);
    int result = sqlite3_step(statement);
    if (result == SQLITE_ROW) {
        struct bucket view;
        view_row(statement, &view);
        *bucket = bucket_copy(arena, &view);
    }
    *found = result == SQLITE_ROW;
    bool ok = *found || result == SQLITE_DONE || failed(store, "reading an entry", error);
    finish(statement);
    return ok;
}

static bool write_step(struct store *store, sqlite3_stmt *statement, struct error *error) {
    bool ok = sqlite3_step(statement) == SQLITE_DONE || failed(store, "writing an entry", error);
    finish(statement);
    return ok;
}

static bool next_version(struct store *store, char *version, size_t size, struct error *error) {
    sqlite3_stmt *statement = store->statements[COUNT_ON];
    bool ok = sqlite3_step(statement) == SQLITE_ROW;
    if (ok)
        snprintf(version, size, "%s", (const char *)sqlite3_column_text(statement, 0));
    ok = ok && sqlite3_step(statement) == SQLITE_DONE;
    ok = ok || failed(store, "counting the versions", error);
    finish(statement);
    return ok;
}

bool store_put(struct store *store, const struct bucket *bucket, struct error *error) {
    sqlite3_stmt *statement = store->statements[PUT];
    char version[24];
    if (!next_version(store, version, sizeof version, error))
        return false;
    for (int field = 0; field < FIELD_COUNT; field++)
        bind(statement, field + 1, field == FIELD_ETAG ? version : bucket->value[field]);
    return write_step(store, statement, error);
}

bool store_remove(struct store *store, const char *name, struct error *error) {
    bind(store->statements[REMOVE], 1, name);
    return write_step(store, store->statements[REMOVE], error);
}

bool store_is_empty(struct store *store, bool *empty, struct error *error) {
    int result = sqlite3_step(store->statements[ANY]);
    *empty = result == SQLITE_DONE;
    bool ok = *empty || result == SQLITE_ROW || failed(store, "looking for the first entry", error);
    finish(store->statements[ANY]);
    return ok;
}

bool store_list(struct store *store, struct buffer *last, bool *more, store_row_fn *row,
                void *context, struct error *error) {
    sqlite3_stmt *statement = store->statements[LIST];
    store->row = row;
    store->row_context = context;
    sqlite3_bind_text(statement, 1, last->data, (int)last->length, SQLITE_TRANSIENT);
    int result = sqlite3_step(statement);
    *more = result == SQLITE_ROW;
    if (*more) {
        buffer_clear(last);
        buffer_append_string(last, (const char *)sqlite3_column_text(statement, 0));
    }
    bool ok = *more || result == SQLITE_DONE || failed(store, "reading the table", error);
    finish(statement);
    return ok;
}
