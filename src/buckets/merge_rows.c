/* In which fields the three versions differ, and how each of them is shown. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "change_internal.h"
#include "merge_internal.h"
#include "pail/base/memory.h"
#include "pail/buckets/extra.h"

enum {
    SHOWN_BYTES = 1000,
    EXTRA_ROWS = 50, /* fields that we don't know: a service may send any number of them */
};

/* ---- values as they are shown ---------------------------------------------------------------- */

/* A service may send a value of any length, and a screen has to draw three of them. */
static const char *shown(struct merge *merge, const char *value, bool odd) {
    struct buffer text;
    size_t length = strlen(value), kept = length;
    buffer_init(&text);
    if (length > SHOWN_BYTES)
        for (kept = SHOWN_BYTES; kept > 0 && ((unsigned char)value[kept] & 0xc0) == 0x80; kept--)
            ; /* inside a character */
    buffer_append(&text, value, kept);
    if (kept < length)
        buffer_printf(&text, "... (%zu bytes)", length);
    if (odd)
        buffer_append_string(&text, " (not sent as text)");
    const char *copy = arena_string(&merge->arena, text.data);
    buffer_finish(&text);
    return copy;
}

static const char *masked(struct merge *merge, const char *before, const char *value) {
    char text[64];
    snprintf(text, sizeof text, "%s*** (%zu bytes)", before, strlen(value));
    return arena_string(&merge->arena, text);
}

static const char *value_of(struct merge *merge, const struct bucket *bucket, int field) {
    const char *value = bucket->value[field];
    if (change_is_secret(field))
        return change_seen(bucket, field)[0] ? masked(merge, "", value) : "not shown";
    return shown(merge, change_shown((enum bucket_field)field, value), bucket->odd & (1U << field));
}

static const char *secret_of_mine(struct merge *merge, int field, bool lost) {
    const char *given = merge->mine.value[field];
    if (merge->kind == MERGE_CHANGED && !merge->replaces && merge->secrets[field] == SECRET_REPLACE)
        return masked(merge, "replaced: ", given);
    if (merge->secrets[field] == SECRET_REPLACE)
        return masked(merge, "", given);
    if (merge->secrets[field] == SECRET_CLEAR)
        return "cleared";
    return merge->kind == MERGE_GONE ? "gone with it: give it again"
           : lost                    ? "not given"
                                     : "kept: as it is now";
}

static bool is_delete(const struct merge *merge) {
    return merge->kind == MERGE_DELETE || merge->kind == MERGE_DELETE_OF_GONE;
}

static const char *mine_of(struct merge *merge, int field, bool lost) {
    if (is_delete(merge))
        return "deleted";
    if (field == FIELD_COUNT || !change_can_set(field))
        return "not sent";
    return change_is_secret(field) ? secret_of_mine(merge, field, lost)
                                   : value_of(merge, &merge->mine, field);
}

/* ---- rows ------------------------------------------------------------------------------------ */

static struct merge_row *add_row(struct merge *merge) {
    if (merge->count == merge->room) {
        merge->room = merge->room ? 2 * merge->room : 16;
        merge->rows = memory_resize(merge->rows, merge->room, sizeof *merge->rows);
    }
    struct merge_row *row = &merge->rows[merge->count++];
    *row = (struct merge_row){.field = FIELD_COUNT};
    return row;
}

static const char *none_of(bool opened) {
    return opened ? "no such entry" : "gone";
}

static void add_field(struct merge *merge, int field, bool changed, bool choice, bool lost) {
    struct merge_row *row = add_row(merge);
    row->field = (enum bucket_field)field;
    row->name = bucket_fields[field].name;
    row->opened = merge->has_opened ? value_of(merge, &merge->opened, field) : none_of(true);
    row->now = merge->has_now ? value_of(merge, &merge->now, field) : none_of(false);
    row->mine = mine_of(merge, field, lost);
    row->changed = changed;
    row->choice = choice;
}

bool merge_same(const struct bucket *a, const struct bucket *b, int field) {
    return strcmp(change_seen(a, field), change_seen(b, field)) == 0 &&
           ((a->odd ^ b->odd) & (1U << field)) == 0;
}

/* Where one of the two versions is missing, a value in the other one is a difference. */
static bool is_apart(const struct bucket *a, const struct bucket *b, int field) {
    if (a && b)
        return !merge_same(a, b, field);
    return (a && change_seen(a, field)[0]) || (b && change_seen(b, field)[0]);
}

static const struct bucket *opened_of(const struct merge *merge) {
    return merge->has_opened ? &merge->opened : NULL;
}

static void write_value(struct merge *merge, int field) {
    const struct bucket *opened = opened_of(merge), *now = merge_now(merge);
    bool changed = is_apart(opened, now, field);
    bool mine = change_can_set(field) && !is_delete(merge);
    bool mine_now = mine && is_apart(&merge->mine, now, field);
    if (changed || mine_now || (mine && is_apart(opened, &merge->mine, field)))
        add_field(merge, field, changed, mine_now && now, false);
}

/* What mine, set over what is there now, would do with that secret. */
static bool is_lost(const struct change *mine, int field) {
    for (size_t i = 0; mine && i < mine->line_count; i++)
        if ((int)mine->lines[i].field == field)
            return mine->lines[i].kind == LINE_LOST;
    return false;
}

/* Whether the entry that is gone may have held it, and mine would have kept it. */
static bool is_gone(const struct merge *merge, const struct change *change, int field) {
    for (size_t i = 0; merge->kind == MERGE_GONE && i < change->line_count; i++)
        if ((int)change->lines[i].field == field)
            return change->lines[i].kind == LINE_KEPT;
    return false;
}

static void write_secret(struct merge *merge, const struct change *change,
                         const struct change *mine, int field) {
    const struct bucket *opened = opened_of(merge), *now = merge_now(merge);
    bool changed = is_apart(opened, now, field);
    bool lost = merge->replaces && now && !is_delete(merge) && is_lost(mine, field);
    bool given = !is_delete(merge) && merge->secrets[field] != SECRET_KEEP;
    /* Another key id came with another secret: one that is kept doesn't belong to mine. */
    bool rotated = field == FIELD_SECRET_ACCESS_KEY && merge->kind == MERGE_CHANGED &&
                   is_apart(opened, now, FIELD_ACCESS_KEY_ID);
    if (changed || given || lost || rotated || is_gone(merge, change, field))
        add_field(merge, field, changed, now && (given || lost), lost);
}

/* ---- fields that we don't know --------------------------------------------------------------- */

struct extra {
    const char *name, *value;
    bool secret;
};

struct extras {
    struct arena *arena;
    struct extra *all;
    size_t count, room;
};

static bool keep_extra(void *context, const char *name, const char *value, bool secret) {
    struct extras *extras = context;
    if (extras->count == extras->room) {
        extras->room = extras->room ? 2 * extras->room : 16;
        extras->all = memory_resize(extras->all, extras->room, sizeof *extras->all);
    }
    extras->all[extras->count++] = (struct extra){arena_string(extras->arena, name),
                                                  arena_string(extras->arena, value), secret};
    return true;
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const struct extra *)a)->name, ((const struct extra *)b)->name);
}

static struct extras extras_of(struct merge *merge, const struct bucket *bucket) {
    struct extras extras = {.arena = &merge->arena};
    extra_each(bucket->extra, keep_extra, &extras);
    if (extras.count > 0)
        qsort(extras.all, extras.count, sizeof *extras.all, by_name);
    return extras;
}

static const char *extra_value(struct merge *merge, const struct extra *extra) {
    return extra == NULL   ? "absent"
           : extra->secret ? masked(merge, "", extra->value)
                           : shown(merge, extra->value, false);
}

static void write_extra(struct merge *merge, const struct extra *opened, const struct extra *now) {
    struct merge_row *row = add_row(merge);
    row->name = opened ? opened->name : now->name;
    row->opened = merge->has_opened ? extra_value(merge, opened) : none_of(true);
    row->now = merge->has_now ? extra_value(merge, now) : none_of(false);
    row->mine = mine_of(merge, FIELD_COUNT, false);
    row->changed = true;
}

/* For all that there is no room for. */
static void write_more(struct merge *merge, size_t more) {
    char text[64];
    snprintf(text, sizeof text, "%zu more differ", more);
    struct merge_row *row = add_row(merge);
    row->name = "other fields";
    row->opened = "";
    row->now = arena_string(&merge->arena, text);
    row->mine = mine_of(merge, FIELD_COUNT, false);
    row->changed = true;
}

static void write_extras(struct merge *merge) {
    struct extras opened = extras_of(merge, &merge->opened), now = extras_of(merge, &merge->now);
    size_t i = 0, k = 0, differ = 0;
    while (i < opened.count || k < now.count) {
        int order = i == opened.count ? 1
                    : k == now.count  ? -1
                                      : strcmp(opened.all[i].name, now.all[k].name);
        const struct extra *was = order <= 0 ? &opened.all[i++] : NULL;
        const struct extra *is = order >= 0 ? &now.all[k++] : NULL;
        bool same = was && is && strcmp(was->value, is->value) == 0;
        if (!same && differ++ < EXTRA_ROWS)
            write_extra(merge, was, is);
    }
    if (differ > EXTRA_ROWS)
        write_more(merge, differ - EXTRA_ROWS);
    free(opened.all);
    free(now.all);
}

/* ---- all of them ----------------------------------------------------------------------------- */

static bool is_version(int field) {
    return bucket_fields[field].flags & FIELD_VERSION;
}

/* Whether somebody changed it, and no row tells what. */
static bool is_hidden(const struct merge *merge) {
    bool hidden = merge->has_opened && merge->has_now;
    for (size_t i = 0; i < merge->count; i++)
        hidden = hidden && !merge->rows[i].changed;
    return hidden;
}

/* A version that has moved says no more than that something has: it is shown if nothing else is. */
void merge_write_rows(struct merge *merge, const struct change *change) {
    struct change *mine = merge_mine(merge);
    for (int field = 0; field < FIELD_COUNT; field++)
        if (change_is_secret(field))
            write_secret(merge, change, mine, field);
        else if (field != FIELD_NAME && !is_version(field))
            write_value(merge, field);
    write_extras(merge);
    change_destroy(mine);
    merge->hidden = is_hidden(merge);
    for (int field = 0; merge->hidden && field < FIELD_COUNT; field++)
        if (is_version(field))
            write_value(merge, field);
}
