#include "amend.h"

#include <string.h>

#include "match.h"

/* old: the entry of the form's name, or NULL. */
typedef enum amend_end amend_op(struct store *store, const struct form *form,
                                const struct bucket *old, struct error *error);

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
static enum amend_end add_entry(struct store *store, const struct form *form,
                                const struct bucket *old, struct error *error) {
    struct bucket bucket;
    bucket_init(&bucket);
    bucket.value[FIELD_CLOUD] = bucket_cloud_names[CLOUD_AWS];
    if (old)
        bucket.value[FIELD_DDB_TABLE] = old->value[FIELD_DDB_TABLE];
    return write_entry(store, form, &bucket, error);
}

static enum amend_end modify_entry(struct store *store, const struct form *form,
                                   const struct bucket *old, struct error *error) {
    if (old == NULL)
        return refuse_unknown(error);
    struct bucket bucket = *old;
    return write_entry(store, form, &bucket, error);
}

static enum amend_end delete_entry(struct store *store, const struct form *form,
                                   const struct bucket *old, struct error *error) {
    if (old == NULL)
        return refuse_unknown(error);
    return store_remove(store, name_of(form), error) ? AMEND_DONE : AMEND_FAILED;
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

static enum amend_end check_demand(const char *demand, const struct bucket *old,
                                   struct error *error) {
    if (demand[0] == '\0' || match_holds(demand, old ? old->value[FIELD_ETAG] : NULL))
        return AMEND_DONE;
    if (old == NULL)
        error_set(error, "If-Match is not fulfilled: there is no bucket of that name");
    else
        error_set(error, "the condition is not fulfilled: the entry is at version %s",
                  old->value[FIELD_ETAG]);
    return AMEND_UNMATCHED;
}

static enum amend_end carry_out(struct store *store, amend_op *op, const struct form *form,
                                const char *demand, struct error *error) {
    struct arena arena;
    struct bucket found;
    bool is_there = false;
    arena_init(&arena);
    enum amend_end end = AMEND_FAILED;
    if (store_find(store, name_of(form), &arena, &found, &is_there, error)) {
        const struct bucket *old = is_there ? &found : NULL;
        end = check_demand(demand, old, error);
        if (end == AMEND_DONE)
            end = op(store, form, old, error);
    }
    arena_finish(&arena);
    return end;
}

enum amend_end amend(struct store *store, const struct form *form, const char *demand,
                     struct error *error) {
    amend_op *op = find_op(form->op.data);
    if (op == NULL) {
        error_set(error, "op must be add, modify or delete");
        return AMEND_REFUSED;
    }
    if (form->value[FIELD_NAME].length == 0) {
        error_set(error, "bucketname is required");
        return AMEND_REFUSED;
    }
    return carry_out(store, op, form, demand, error);
}
