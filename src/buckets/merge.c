#include "pail/buckets/merge.h"

#include <stdlib.h>
#include <string.h>

#include "change_internal.h"
#include "merge_internal.h"
#include "pail/base/memory.h"

/* ---- the three versions ---------------------------------------------------------------------- */

static enum merge_kind kind_of(const struct change *change, const struct bucket *now) {
    if (change->op == CHANGE_DELETE)
        return now ? MERGE_DELETE : MERGE_DELETE_OF_GONE;
    return now == NULL ? MERGE_GONE : change->has_before ? MERGE_CHANGED : MERGE_EXISTS;
}

static void take_versions(struct merge *merge, const struct change *change,
                          const struct bucket *now) {
    merge->kind = kind_of(change, now);
    merge->has_opened = change->has_before;
    merge->has_now = now != NULL;
    merge->replaces = change->op == CHANGE_ADD && !change->switches;
    merge->opened = bucket_copy(&merge->arena, &change->before);
    merge->mine = bucket_copy(&merge->arena, &change->wanted);
    if (now)
        merge->now = bucket_copy(&merge->arena, now);
    else
        bucket_init(&merge->now);
    merge->undoes = arena_string(&merge->arena, change->undoes);
    memcpy(merge->secrets, change->secrets, sizeof merge->secrets);
}

static struct change *make_mine(const struct merge *merge) {
    const struct bucket *now = merge_now(merge);
    switch (merge->kind) {
    case MERGE_CHANGED:
        if (!merge->replaces)
            return change_edit(now, &merge->mine, merge->secrets);
        return change_add(&merge->mine, now);
    case MERGE_GONE:
    case MERGE_EXISTS:
        return change_add(&merge->mine, now);
    case MERGE_DELETE:
        return change_delete(now);
    default:
        return NULL;
    }
}

/* What it takes back stays the same. */
static struct change *mark(const struct merge *merge, struct change *change) {
    if (change != NULL)
        change_set_undoes(change, merge->undoes);
    return change;
}

struct change *merge_mine(const struct merge *merge) {
    return mark(merge, make_mine(merge));
}

/* ---- what is there beforehand ---------------------------------------------------------------- */

/* A secret that mine gives or clears and that somebody may have changed, unseen. */
static bool may_clash(const struct merge *merge, int field) {
    return change_is_secret(field) && (merge->kind == MERGE_EXISTS || merge->hidden) &&
           merge->secrets[field] != SECRET_KEEP;
}

static enum merge_side side_of(const struct merge *merge, const struct merge_row *row) {
    int field = (int)row->field;
    if (!row->choice || may_clash(merge, field))
        return MERGE_UNDECIDED;
    bool mine = change_is_secret(field)
                    ? merge->secrets[field] != SECRET_KEEP
                    : !merge->has_opened || !merge_same(&merge->opened, &merge->mine, field);
    bool theirs = row->changed;
    if (!merge->has_opened) { /* where there was nothing, an empty value is no change */
        mine = change_is_secret(field) ? mine : merge->mine.value[field][0] != '\0';
        theirs = change_seen(&merge->now, field)[0] != '\0';
    }
    return mine && theirs ? MERGE_UNDECIDED : mine ? MERGE_MINE : MERGE_THEIRS;
}

struct merge *merge_create(const struct change *change, const struct bucket *now) {
    struct merge *merge = memory_new(1, sizeof *merge);
    arena_init(&merge->arena);
    take_versions(merge, change, now);
    merge_write_rows(merge, change);
    for (size_t i = 0; i < merge->count; i++)
        merge->rows[i].side = side_of(merge, &merge->rows[i]);
    return merge;
}

void merge_destroy(struct merge *merge) {
    if (merge == NULL)
        return;
    arena_finish(&merge->arena);
    free(merge->rows);
    free(merge);
}

/* ---- looking at it, choosing ----------------------------------------------------------------- */

enum merge_kind merge_kind(const struct merge *merge) {
    return merge->kind;
}

const char *merge_name(const struct merge *merge) {
    return (merge->has_opened ? &merge->opened : &merge->mine)->value[FIELD_NAME];
}

const struct bucket *merge_now(const struct merge *merge) {
    return merge->has_now ? &merge->now : NULL;
}

bool merge_is_hidden(const struct merge *merge) {
    return merge->hidden;
}

size_t merge_count(const struct merge *merge) {
    return merge->count;
}

struct merge_row merge_row(const struct merge *merge, size_t index) {
    return merge->rows[index];
}

void merge_choose(struct merge *merge, size_t index, enum merge_side side) {
    if (merge->rows[index].choice)
        merge->rows[index].side = side;
}

size_t merge_undecided(const struct merge *merge) {
    size_t index = 0;
    while (index < merge->count &&
           !(merge->rows[index].choice && merge->rows[index].side == MERGE_UNDECIDED))
        index++;
    return index;
}

/* ---- what results ---------------------------------------------------------------------------- */

static bool all_are_mine(const struct merge *merge) {
    for (size_t i = 0; i < merge->count; i++)
        if (merge->rows[i].choice && merge->rows[i].side != MERGE_MINE)
            return false;
    return true;
}

/* A secret that mine, a replacement, doesn't give is gone with it. */
static enum secret_choice secret_of_mine(const struct merge *merge, int field) {
    bool lost = merge->replaces && merge->secrets[field] == SECRET_KEEP;
    return lost ? SECRET_CLEAR : merge->secrets[field];
}

struct change *merge_chosen(const struct merge *merge) {
    enum secret_choice secrets[FIELD_COUNT] = {SECRET_KEEP};
    struct bucket wanted = merge->now;
    if (merge->kind != MERGE_CHANGED && merge->kind != MERGE_EXISTS)
        return NULL;
    if (all_are_mine(merge))
        return merge_mine(merge);
    for (size_t i = 0; i < merge->count; i++) {
        const struct merge_row *row = &merge->rows[i];
        int field = (int)row->field;
        if (!row->choice || row->side != MERGE_MINE)
            continue;
        wanted.value[field] = merge->mine.value[field];
        secrets[field] = change_is_secret(field) ? secret_of_mine(merge, field) : SECRET_KEEP;
    }
    return mark(merge, change_edit(&merge->now, &wanted, secrets));
}
