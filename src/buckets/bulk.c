#include "pail/buckets/bulk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pail/base/memory.h"
#include "unreadable.h"

#define KIND(id, name, help, field) {name, help, field},
const struct bulk_kind_info bulk_kinds[BULK_KIND_COUNT] = {BULK_KINDS(KIND)};
#undef KIND

#define WHY(id, text) text,
const char *const bulk_why_texts[BULK_WHY_COUNT] = {BULK_WHYS(WHY)};
#undef WHY

/* What the table has of a marked name. */
struct found {
    size_t row; /* of the first */
    size_t count;
};

struct making {
    struct bulk *bulk;
    const struct bulk_setting *setting;
    struct table *table;
    const char **names; /* the marked ones, in order */
    struct found *found;
    size_t count;
    struct unreadable unreadable;
    struct marks keys; /* access keys that give way */
};

bool bulk_is_typed(enum bulk_kind kind) {
    return kind != BULK_DELETE && kind != BULK_CLOUD;
}

enum bulk_kind bulk_kind_by_name(const char *name) {
    int kind = 0;
    while (kind < BULK_KIND_COUNT && strcmp(bulk_kinds[kind].name, name) != 0)
        kind++;
    return (enum bulk_kind)kind;
}

void bulk_init(struct bulk *bulk) {
    *bulk = (struct bulk){0};
    arena_init(&bulk->arena);
}

void bulk_finish(struct bulk *bulk) {
    for (size_t i = 0; i < bulk->count; i++)
        change_destroy(bulk->changes[i]);
    free(bulk->changes);
    free(bulk->left);
    arena_finish(&bulk->arena);
    bulk_init(bulk);
}

struct change **bulk_steal(struct bulk *bulk) {
    struct change **changes = bulk->changes;
    bulk->changes = NULL;
    bulk->count = 0;
    return changes;
}

/* ---- what the table has ---------------------------------------------------------------------- */

static int compare_names(const void *left, const void *right) {
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static struct found *found_of(const struct making *making, const char *name) {
    const char **at =
        bsearch(&name, making->names, making->count, sizeof *making->names, compare_names);
    return &making->found[at - making->names];
}

static void look_at_row(struct making *making, const struct marks *marks, size_t row) {
    const char *name = table_name(making->table, row);
    if (name[0] == '\0') {
        struct bucket bucket;
        table_get(making->table, row, &bucket);
        if (bucket.unreadable)
            unreadable_add(&making->unreadable, bucket.extra);
    } else if (marks_has(marks, name)) {
        struct found *found = found_of(making, name);
        if (found->count++ == 0)
            found->row = row;
    }
}

static void making_init(struct making *making, const struct marks *marks) {
    making->names = marks_names(marks);
    making->count = marks->count;
    making->found = memory_new(making->count + 1, sizeof *making->found);
    marks_init(&making->keys);
    unreadable_init(&making->unreadable);
    for (size_t row = 0; row < table_count(making->table); row++)
        look_at_row(making, marks, row);
    unreadable_sort(&making->unreadable);
}

static void making_finish(struct making *making) {
    free(making->names);
    free(making->found);
    marks_finish(&making->keys);
    unreadable_finish(&making->unreadable);
}

/* ---- one entry ------------------------------------------------------------------------------- */

static bool uses(enum bucket_cloud cloud, enum bucket_field field) {
    return bucket_fields[field].clouds & 1U << cloud;
}

static bool has(const struct bucket *bucket, enum bucket_field field) {
    return bucket->value[field][0] != '\0';
}

/* Whether the entry ends up with what only another cloud uses. */
static bool leaves_something(const struct bucket *before, const char *name) {
    enum bucket_cloud cloud;
    if (!bucket_cloud_parse(name, &cloud))
        return true;
    return (has(before, FIELD_ACCESS_ROLE) && !uses(cloud, FIELD_ACCESS_ROLE)) ||
           (has(before, FIELD_ACCESS_ROLE_EXT) && !uses(cloud, FIELD_ACCESS_ROLE_EXT));
}

/* BULK_WHY_COUNT: nothing stands in the way. */
static enum bulk_why obstacle(const struct bulk_setting *setting, const struct bucket *before) {
    enum bucket_access access = bucket_access(before);
    enum bucket_field field = bulk_kinds[setting->kind].field;
    if (field != FIELD_COUNT && !uses(bucket_cloud(before), field))
        return BULK_LEFT_CLOUD;
    switch (setting->kind) {
    case BULK_ROLE:
        return access == ACCESS_KEY ? BULK_LEFT_BY_KEY : BULK_WHY_COUNT;
    case BULK_KEY:
        return access == ACCESS_ROLE ? BULK_LEFT_BY_ROLE : BULK_WHY_COUNT;
    case BULK_EXTERNAL_ID:
        return has(before, FIELD_ACCESS_ROLE) ? BULK_WHY_COUNT : BULK_LEFT_NO_ROLE;
    case BULK_CLOUD:
        return leaves_something(before, setting->value) ? BULK_LEFT_LEAVES_ROLE : BULK_WHY_COUNT;
    case BULK_DELETE:
    case BULK_ENDPOINT:
    case BULK_KIND_COUNT:
        break;
    }
    return BULK_WHY_COUNT;
}

static struct change *make_change(const struct bulk_setting *setting, const struct bucket *before) {
    enum secret_choice secrets[FIELD_COUNT] = {SECRET_KEEP};
    struct bucket wanted = *before;
    if (setting->kind == BULK_DELETE)
        return change_delete(before);
    wanted.value[bulk_kinds[setting->kind].field] = setting->value;
    if (setting->kind == BULK_KEY) {
        wanted.value[FIELD_SECRET_ACCESS_KEY] = setting->secret;
        secrets[FIELD_SECRET_ACCESS_KEY] = SECRET_REPLACE;
    }
    return change_edit(before, &wanted, secrets);
}

static void leave(struct bulk *bulk, const char *name, enum bulk_why why) {
    bulk->left[bulk->left_count++] = (struct bulk_left){arena_string(&bulk->arena, name), why};
}

static void take_entry(struct making *making, size_t row) {
    struct bulk *bulk = making->bulk;
    struct bucket before;
    table_get(making->table, row, &before);
    enum bulk_why why = obstacle(making->setting, &before);
    if (why != BULK_WHY_COUNT) {
        leave(bulk, before.value[FIELD_NAME], why);
        return;
    }
    struct change *change = make_change(making->setting, &before);
    if (change_is_empty(change)) {
        leave(bulk, before.value[FIELD_NAME], BULK_LEFT_SAME);
        change_destroy(change);
        return;
    }
    bulk->changes[bulk->count++] = change;
    if (making->setting->kind == BULK_KEY)
        marks_set(&making->keys, before.value[FIELD_ACCESS_KEY_ID], true);
}

static void take_name(struct making *making, size_t index) {
    const char *name = making->names[index];
    const struct found *found = &making->found[index];
    if (found->count == 0)
        leave(making->bulk, name, BULK_LEFT_GONE);
    else if (found->count > 1)
        leave(making->bulk, name, BULK_LEFT_TWICE);
    else if (unreadable_has(&making->unreadable, name))
        leave(making->bulk, name, BULK_LEFT_UNREADABLE);
    else
        take_entry(making, found->row);
}

void bulk_make(struct bulk *bulk, const struct bulk_setting *setting, const struct marks *marks,
               struct table *table) {
    struct making making = {.bulk = bulk, .setting = setting, .table = table};
    making_init(&making, marks);
    bulk->changes = memory_new(making.count + 1, sizeof(struct change *));
    bulk->left = memory_new(making.count + 1, sizeof *bulk->left);
    for (size_t i = 0; i < making.count; i++)
        take_name(&making, i);
    bulk->keys = making.keys.count;
    making_finish(&making);
}

/* ---- what was typed -------------------------------------------------------------------------- */

unsigned bulk_clouds(const struct marks *marks, struct table *table) {
    unsigned clouds = 0;
    for (size_t row = 0; row < table_count(table) && clouds != USED_BY_ALL; row++) {
        struct bucket bucket;
        if (!marks_has(marks, table_name(table, row)))
            continue;
        table_get(table, row, &bucket);
        clouds |= 1U << bucket_cloud(&bucket);
    }
    return clouds;
}

/* What must not be emptied: without it they could not get in. */
static bool is_needed(const struct bulk_setting *setting, enum bucket_field field,
                      struct verdict *verdict) {
    const char *value = field == FIELD_SECRET_ACCESS_KEY ? setting->secret : setting->value;
    const char *what = field == FIELD_SECRET_ACCESS_KEY ? "the new key's secret is needed"
                       : setting->kind == BULK_KEY      ? "the new key's id is needed"
                       : setting->kind == BULK_ROLE     ? "a role ARN is needed"
                       : setting->kind == BULK_CLOUD    ? "a cloud is needed"
                                                        : NULL;
    if (what == NULL || value[0] != '\0')
        return false;
    *verdict = (struct verdict){RULE_ERROR, "bulk-empty", what};
    return true;
}

void bulk_check(const struct bulk_setting *setting, unsigned clouds, enum bucket_field field,
                struct verdict *verdict) {
    struct bucket bucket;
    *verdict = (struct verdict){RULE_OK, "", ""};
    if (field == FIELD_COUNT || is_needed(setting, field, verdict))
        return;
    bucket_init(&bucket);
    if (setting->kind == BULK_EXTERNAL_ID)
        bucket.value[FIELD_ACCESS_ROLE] = "a role"; /* it is only set beside one */
    bucket.value[bulk_kinds[setting->kind].field] = setting->value;
    bucket.value[FIELD_SECRET_ACCESS_KEY] = setting->secret;
    for (int cloud = 0; cloud < CLOUD_COUNT; cloud++) {
        struct verdict own;
        if (!(clouds & 1U << cloud) || !uses((enum bucket_cloud)cloud, field))
            continue;
        if (setting->kind != BULK_CLOUD)
            bucket.value[FIELD_CLOUD] = bucket_cloud_names[cloud];
        rules_check(&bucket, field, &own);
        if (own.level > verdict->level)
            *verdict = own;
    }
}
