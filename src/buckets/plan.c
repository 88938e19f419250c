#include "pail/buckets/plan.h"

#include <stdlib.h>
#include <string.h>

#include "change_internal.h"
#include "pail/base/memory.h"
#include "unreadable.h"

enum { FEWEST = 16 };

/* Both sides by name. */
struct join {
    const struct desired *desired;
    const struct table *table;
    const struct plan_options *options;
    size_t *rows; /* that could be read, in the order of their names */
    size_t row_count;
    struct unreadable unreadable;
    struct plan_item *deletes; /* until the others are complete */
    size_t delete_count;
};

void plan_init(struct plan *plan) {
    *plan = (struct plan){0};
}

void plan_finish(struct plan *plan) {
    for (size_t i = 0; i < plan->count; i++)
        change_destroy(plan->items[i].change);
    free(plan->items);
    free(plan->left);
    plan_init(plan);
}

struct change **plan_steal(struct plan *plan) {
    struct change **changes = memory_new(plan->count + 1, sizeof(struct change *));
    for (size_t i = 0; i < plan->count; i++) {
        changes[i] = plan->items[i].change;
        plan->items[i].change = NULL;
    }
    return changes;
}

/* ---- what is found --------------------------------------------------------------------------- */

/* Room for one more, at a count that is a power of two. */
static void *grow(void *items, size_t count, size_t size) {
    bool full = count == 0 || (count >= FEWEST && (count & (count - 1)) == 0);
    return full ? memory_resize(items, count ? count * 2 : FEWEST, size) : items;
}

static void add_item(struct plan *plan, struct change *change, const struct desired_entry *entry) {
    plan->items = grow(plan->items, plan->count, sizeof *plan->items);
    plan->items[plan->count++] = (struct plan_item){change, entry};
}

static void leave(struct plan *plan, const char *name, enum plan_why why, bool desired) {
    plan->left = grow(plan->left, plan->left_count, sizeof *plan->left);
    plan->left[plan->left_count++] = (struct plan_left){name, why, desired, 0};
    plan->left_desired += desired;
}

/* ---- one entry ------------------------------------------------------------------------------- */

/* An edit on its way. */
struct edit {
    struct bucket wanted;
    enum secret_choice choice[FIELD_COUNT];
    struct buffer secret[FIELD_COUNT]; /* what wanted views */
};

static void edit_init(struct edit *edit, const struct desired_entry *entry) {
    *edit = (struct edit){.wanted = entry->wanted};
    for (int field = 0; field < FIELD_COUNT; field++)
        buffer_init(&edit->secret[field]);
}

static void edit_finish(struct edit *edit) {
    for (int field = 0; field < FIELD_COUNT; field++)
        buffer_finish(&edit->secret[field]);
}

static bool read_secret(const struct join *join, struct edit *edit,
                        const struct desired_entry *entry, int field) {
    const struct plan_options *options = join->options;
    struct buffer *secret = &edit->secret[field];
    if (entry->secret_file[field] == NULL || options->read_secret == NULL || secret->length > 0)
        return true;
    if (!options->read_secret(options->context, entry, (enum bucket_field)field, secret))
        return false;
    edit->wanted.value[field] = secret->data;
    edit->choice[field] = SECRET_REPLACE;
    return true;
}

static bool read_secrets(const struct join *join, struct edit *edit,
                         const struct desired_entry *entry) {
    for (int field = 0; field < FIELD_COUNT; field++)
        if (!read_secret(join, edit, entry, field))
            return false;
    return true;
}

static bool is_shown(const struct bucket *bucket, int field) {
    return change_is_secret(field) && change_seen(bucket, field)[0] != '\0';
}

/* Reads, and compares, those that the listing shows. */
static bool compare_shown(const struct join *join, struct edit *edit,
                          const struct desired_entry *entry, const struct bucket *before,
                          bool *differs) {
    for (int field = 0; field < FIELD_COUNT; field++) {
        if (!is_shown(before, field))
            continue;
        if (!read_secret(join, edit, entry, field))
            return false;
        if (edit->choice[field] == SECRET_REPLACE)
            *differs = *differs || strcmp(edit->wanted.value[field], before->value[field]) != 0;
    }
    return true;
}

static bool gives_secret(const struct desired_entry *entry) {
    for (int field = 0; field < FIELD_COUNT; field++)
        if (entry->secret_file[field] != NULL)
            return true;
    return false;
}

static bool fields_differ(const struct bucket *before, const struct bucket *wanted) {
    for (int field = 0; field < FIELD_COUNT; field++)
        if (change_can_set(field) && !change_is_secret(field) &&
            strcmp(change_seen(before, field), change_seen(wanted, field)) != 0)
            return true;
    return false;
}

static bool loses_key(const struct bucket *before, const struct bucket *wanted) {
    return before->value[FIELD_ACCESS_KEY_ID][0] != '\0' &&
           wanted->value[FIELD_ACCESS_KEY_ID][0] == '\0';
}

/* Whether it differs, of the desired entry and what the table has. */
static bool compare(const struct join *join, struct edit *edit, const struct desired_entry *entry,
                    const struct bucket *before, bool *differs) {
    const struct plan_options *options = join->options;
    *differs = fields_differ(before, &entry->wanted) ||
               (options->secrets && options->read_secret && gives_secret(entry));
    return compare_shown(join, edit, entry, before, differs);
}

static bool complete_edit(struct plan *plan, const struct join *join, struct edit *edit,
                          const struct desired_entry *entry, const struct bucket *before) {
    enum secret_choice *key = &edit->choice[FIELD_SECRET_ACCESS_KEY];
    if (!read_secrets(join, edit, entry))
        return false;
    if (*key == SECRET_KEEP && loses_key(before, &entry->wanted))
        *key = SECRET_CLEAR;
    struct change *change = change_edit(before, &edit->wanted, edit->choice);
    if (join->options->spare_secrets && change_loses(change)) {
        leave(plan, before->value[FIELD_NAME], PLAN_LOSES, true);
        plan->left[plan->left_count - 1].loses = change_loses(change);
        change_destroy(change);
        return true;
    }
    add_item(plan, change, entry);
    plan->edits++;
    return true;
}

static bool plan_edit(struct plan *plan, const struct join *join, const struct desired_entry *entry,
                      const struct bucket *before) {
    const char *name = before->value[FIELD_NAME];
    struct edit edit;
    bool differs;
    edit_init(&edit, entry);
    bool good = compare(join, &edit, entry, before, &differs);
    if (good && !differs)
        plan->same++;
    else if (good && unreadable_has(&join->unreadable, name))
        leave(plan, name, PLAN_UNREADABLE, true);
    else
        good = good && complete_edit(plan, join, &edit, entry, before);
    edit_finish(&edit);
    return good;
}

static bool plan_add(struct plan *plan, const struct join *join,
                     const struct desired_entry *entry) {
    struct edit edit;
    if (unreadable_has(&join->unreadable, entry->wanted.value[FIELD_NAME])) {
        leave(plan, entry->wanted.value[FIELD_NAME], PLAN_UNREADABLE, true);
        return true;
    }
    edit_init(&edit, entry);
    bool good = read_secrets(join, &edit, entry);
    if (good) {
        add_item(plan, change_add(&edit.wanted, NULL), entry);
        plan->adds++;
    }
    edit_finish(&edit);
    return good;
}

static void plan_delete(struct plan *plan, struct join *join, const struct bucket *before) {
    const char *name = before->value[FIELD_NAME];
    if (!join->options->prune) {
        plan->others++;
        return;
    }
    if (unreadable_has(&join->unreadable, name)) {
        leave(plan, name, PLAN_UNREADABLE, false);
        return;
    }
    join->deletes = grow(join->deletes, join->delete_count, sizeof *join->deletes);
    join->deletes[join->delete_count++] = (struct plan_item){change_delete(before), NULL};
    plan->deletes++;
}

/* ---- both sides ------------------------------------------------------------------------------ */

/* qsort_r's, of rows by name; equal ones stay in their order. */
static int compare_rows(const void *left, const void *right, void *table) {
    size_t a = *(const size_t *)left, b = *(const size_t *)right;
    int order = strcmp(table_name(table, a), table_name(table, b));
    return order != 0 ? order : a < b ? -1 : a > b;
}

static void join_init(struct join *join, struct plan *plan) {
    size_t count = table_count(join->table);
    struct bucket bucket;
    join->rows = memory_new(count + 1, sizeof *join->rows);
    unreadable_init(&join->unreadable);
    for (size_t row = 0; row < count; row++) {
        table_get(join->table, row, &bucket);
        if (bucket.unreadable)
            unreadable_add(&join->unreadable, bucket.extra);
        else
            join->rows[join->row_count++] = row;
        plan->unreadable += bucket.unreadable;
    }
    qsort_r(join->rows, join->row_count, sizeof *join->rows, compare_rows,
            (struct table *)join->table);
    unreadable_sort(&join->unreadable);
}

static void join_finish(struct join *join) {
    for (size_t i = 0; i < join->delete_count; i++)
        change_destroy(join->deletes[i].change);
    free(join->deletes);
    free(join->rows);
    unreadable_finish(&join->unreadable);
}

static const char *row_name(const struct join *join, size_t at) {
    return table_name(join->table, join->rows[at]);
}

/* Behind the rows that have the name of the one at `at`. */
static size_t run_end(const struct join *join, size_t at) {
    size_t end = at + 1;
    while (end < join->row_count && strcmp(row_name(join, at), row_name(join, end)) == 0)
        end++;
    return end;
}

/* The rows [at, end) have one name; entry: what is desired of it, or NULL. */
static bool plan_rows(struct plan *plan, struct join *join, size_t at, size_t end,
                      const struct desired_entry *entry) {
    struct bucket before;
    if (end - at > 1) {
        leave(plan, row_name(join, at), PLAN_TWICE, entry != NULL);
        return true;
    }
    table_get(join->table, join->rows[at], &before);
    if (entry != NULL)
        return plan_edit(plan, join, entry, &before);
    plan_delete(plan, join, &before);
    return true;
}

static bool walk(struct plan *plan, struct join *join) {
    const struct desired *desired = join->desired;
    bool good = true;
    for (size_t i = 0, at = 0; good && (i < desired->count || at < join->row_count);) {
        const struct desired_entry *entry = i < desired->count ? &desired->entries[i] : NULL;
        int order = entry == NULL ? 1
                    : at == join->row_count
                        ? -1
                        : strcmp(entry->wanted.value[FIELD_NAME], row_name(join, at));
        if (order < 0) {
            good = plan_add(plan, join, entry);
        } else {
            size_t end = run_end(join, at);
            good = plan_rows(plan, join, at, end, order == 0 ? entry : NULL);
            at = end;
        }
        i += order <= 0;
    }
    return good;
}

bool plan_make(struct plan *plan, const struct desired *desired, const struct table *table,
               const struct plan_options *options) {
    struct join join = {.desired = desired, .table = table, .options = options};
    join_init(&join, plan);
    bool good = walk(plan, &join);
    for (size_t i = 0; good && i < join.delete_count; i++) {
        add_item(plan, join.deletes[i].change, NULL);
        join.deletes[i].change = NULL;
    }
    join_finish(&join);
    return good;
}
