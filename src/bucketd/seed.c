#include "seed.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "amend.h"
#include "pail/buckets/reader.h"

struct seeding {
    struct store *store;
    struct arena arena;
    struct error error;
    size_t count;
    bool failed;
};

static bool check_entry(struct seeding *seeding, const struct bucket *bucket) {
    struct bucket old;
    bool found = false;
    if (bucket->unreadable)
        return error_set(&seeding->error, "not an object with a bucketname");
    if (bucket->odd)
        return error_set(&seeding->error, "every value must be a string");
    if (!amend_check_entry(bucket, &seeding->error))
        return false;
    if (!store_find(seeding->store, bucket->value[FIELD_NAME], &seeding->arena, &old, &found,
                    &seeding->error))
        return false;
    return !found || error_set(&seeding->error, "a second %s", bucket->value[FIELD_NAME]);
}

static void take(void *context, const struct bucket *entry) {
    struct seeding *seeding = context;
    struct bucket bucket = *entry;
    if (seeding->failed)
        return;
    seeding->count++;
    if (bucket.value[FIELD_CLOUD][0] == '\0')
        bucket.value[FIELD_CLOUD] = bucket_cloud_names[CLOUD_AWS];
    if (check_entry(seeding, &bucket) && store_put(seeding->store, &bucket, &seeding->error))
        return;
    error_prefix(&seeding->error, "entry %zu: ", seeding->count);
    seeding->failed = true;
}

/* The reader wants an object; an array alone is given one around it. */
static bool is_array(FILE *file) {
    int c = ' ';
    while (c != EOF && isspace(c))
        c = fgetc(file);
    rewind(file);
    return c == '[';
}

static bool feed_file(struct reader *reader, FILE *file, struct error *error) {
    static const char head[] = "{\"InfinSnapBuckets\":";
    char piece[16 * 1024];
    bool array = is_array(file);
    bool ok = !array || reader_feed(reader, head, sizeof head - 1, error);
    size_t got = 0;
    while (ok && (got = fread(piece, 1, sizeof piece, file)) > 0)
        ok = reader_feed(reader, piece, got, error);
    explicit_bzero(piece, sizeof piece);
    if (ok && ferror(file))
        return error_set(error, "%s", strerror(errno));
    return ok && (!array || reader_feed(reader, "}", 1, error)) && reader_end(reader, error);
}

static bool fill(struct store *store, FILE *file, struct error *error) {
    struct seeding seeding = {.store = store};
    arena_init(&seeding.arena);
    struct reader *reader = reader_create(take, &seeding);
    bool ok = store_begin(store, error);
    if (ok) {
        ok = feed_file(reader, file, error);
        if (seeding.failed)
            ok = error_set(error, "%s", seeding.error.text);
        if (ok)
            ok = store_commit(store, error);
        else
            store_rollback(store);
    }
    reader_destroy(reader);
    arena_finish(&seeding.arena);
    return ok;
}

bool seed_load(struct store *store, const char *path, struct error *error) {
    bool empty = false;
    if (!store_is_empty(store, &empty, error))
        return false;
    if (!empty)
        return true;
    FILE *file = fopen(path, "re");
    bool ok = file ? fill(store, file, error) : error_set(error, "%s", strerror(errno));
    if (file)
        fclose(file);
    return ok || error_prefix(error, "%s: ", path);
}
