#include "amend.h"

#include <string.h>

typedef enum amend_end amend_op(struct store *store, const struct form *form, struct arena *arena,
                                struct error *error);

static bool is_sent(const struct form *form, enum bucket_field field) {
    return form->sent & 1U << field;
}

static const char *name_of(const struct form *form) {
    return form->value[FIELD_NAME].data;
}

static enum amend_end refuse_unknown(struct error *error) {
    error_set(error, "there is no bucket of that name");
    return AMEND_REFUSED;
}

bool amend_check_entry(const struct bucket *bucket, struct error *error) {
    enum bucket_cloud cloud = CLOUD_OTHER;
    if (bucket->value[FIELD_NAME][0] == '\0')
        return error_set(error, "bucketname is required");
    if (!bucket_cloud_parse(bucket->value[FIELD_CLOUD], &cloud))
        return error_set(error, "cloud must be aws, azure, minio or other");
    return true;
}

/* Lays the fields that were sent over the entry and writes it. */
static enum amend_end write_entry(struct store *store, const struct form *form,
                                  struct bucket *bucket, struct error *error) {
    for (int field = 0; field < FIELD_COUNT; field++)
        if (is_sent(form, (enum bucket_field)field))
            bucket->value[field] = form->value[field].data;
    if (!amend_check_entry(bucket, error))
        return AMEND_REFUSED;
    return store_put(store, bucket, error) ? AMEND_DONE : AMEND_FAILED;
}

/* A replaced entry keeps ddbTable: it says that the service has set up InfinSnap for the bucket,
 * and no request can say it again. The page's own examples 1 and 4 send no cloud: that is aws. */
static enum amend_end add_entry(struct store *store, const struct form *form, struct arena *arena,
                                struct error *error) {
    struct bucket old, bucket;
    bool found = false;
    bucket_init(&bucket);
    bucket.value[FIELD_CLOUD] = bucket_cloud_names[CLOUD_AWS];
    if (!store_find(store, name_of(form), arena, &old, &found, error))
        return AMEND_FAILED;
    if (found)
        bucket.value[FIELD_DDB_TABLE] = old.value[FIELD_DDB_TABLE];
    return write_entry(store, form, &bucket, error);
}

static enum amend_end modify_entry(struct store *store, const struct form *form,
                                   struct arena *arena, struct error *error) {
    struct bucket bucket;
    bool found = false;
    if (!store_find(store, name_of(form), arena, &bucket, &found, error))
        return AMEND_FAILED;
    return found ? write_entry(store, form, &bucket, error) : refuse_unknown(error);
}

static enum amend_end delete_entry(struct store *store, const struct form *form,
                                   struct arena *arena, struct error *error) {
    (void)arena;
    bool removed = false;
    if (!store_remove(store, name_of(form), &removed, error))
        return AMEND_FAILED;
    return removed ? AMEND_DONE : refuse_unknown(error);
}

static amend_op *find_op(const char *name) {
    static const struct {
        const char *name;
        amend_op *op;
    } ops[] = {{"add", add_entry}, {"modify", modify_entry}, {"delete", delete_entry}};
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        if (strcmp(ops[i].name, name) == 0)
            return ops[i].op;
    return NULL;
}

/* Read, judged and written in one transaction. */
static enum amend_end carry_out(struct store *store, amend_op *op, const struct form *form,
                                struct error *error) {
    if (!store_begin(store, error))
        return AMEND_FAILED;
    struct arena arena;
    arena_init(&arena);
    enum amend_end end = op(store, form, &arena, error);
    if (end != AMEND_DONE)
        store_rollback(store);
    else if (!store_commit(store, error))
        end = AMEND_FAILED;
    arena_finish(&arena);
    return end;
}

enum amend_end amend(struct store *store, const struct form *form, struct error *error) {
    amend_op *op = find_op(form->op.data);
    if (op == NULL) {
        error_set(error, "op must be add, modify or delete");
        return AMEND_REFUSED;
    }
    if (form->value[FIELD_NAME].length == 0) {
        error_set(error, "bucketname is required");
        return AMEND_REFUSED;
    }
    return carry_out(store, op, form, error);
}
