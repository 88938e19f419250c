#include "pail/session/undo.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pail/base/arena.h"
#include "pail/base/buffer.h"
#include "pail/base/memory.h"
#include "pail/base/stamp.h"
#include "pail/buckets/extra.h"
#include "undo_internal.h"

struct undo {
    struct arena arena;
    const char *id, *who, *when;
    enum change_op op; /* of what is undone */
    unsigned changed;
    bool has_before, has_now;
    struct bucket before, after, now;
    struct bucket wanted;
    unsigned secrets, certain; /* those that it had or may have had; those that it surely had */
    bool distrusted;
    const char *later; /* a change that was made since and isn't settled: "modify b"; "" */
};

static bool is_secret(int field) {
    return bucket_fields[field].flags & FIELD_SECRET;
}

static bool can_set(int field) {
    return !(bucket_fields[field].flags & FIELD_LISTING_ONLY);
}

static bool has(unsigned fields, int field) {
    return fields & 1U << field;
}

/* ---- what it takes --------------------------------------------------------------------------- */

bool undo_edits(const struct undo *undo) {
    return undo->op == CHANGE_MODIFY;
}

static bool deletes(const struct undo *undo) {
    return undo->op == CHANGE_ADD && !undo->has_before;
}

/* What was sent as something else than text can't be sent back. */
static bool comes_back(const struct undo *undo, int field) {
    return can_set(field) && !is_secret(field) && field != FIELD_NAME &&
           !has(undo->before.odd, field);
}

static void make_wanted(struct undo *undo) {
    if (undo_edits(undo))
        undo->wanted = undo->now;
    else
        bucket_init(&undo->wanted);
    undo->wanted.value[FIELD_NAME] = undo->before.value[FIELD_NAME];
    for (int field = 0; field < FIELD_COUNT; field++)
        if (is_secret(field))
            undo->wanted.value[field] = "";
        else if (comes_back(undo, field) && (!undo_edits(undo) || has(undo->changed, field)))
            undo->wanted.value[field] = undo->before.value[field];
}

static bool is_withheld(int field, const char *withheld) {
    return strstr(withheld, bucket_fields[field].name) != NULL;
}

/* What was withheld of a replacement may be of the entry that took its place. */
static bool had_secret(const struct undo *undo, int field, const char *withheld) {
    if (undo_edits(undo))
        return has(undo->changed, field);
    return (undo->op == CHANGE_DELETE && is_withheld(field, withheld)) ||
           (field == FIELD_SECRET_ACCESS_KEY && undo->before.value[FIELD_ACCESS_KEY_ID][0] != '\0');
}

/* A listing that shows no secrets doesn't show that there is none either. */
static bool may_have_had(const struct undo *undo, int field, const char *withheld) {
    return !undo_edits(undo) && (is_withheld(field, withheld) ||
                                 (field != FIELD_SECRET_ACCESS_KEY &&
                                  bucket_fields[field].clouds & 1U << bucket_cloud(&undo->before)));
}

static void find_secrets(struct undo *undo, const char *withheld) {
    for (int field = 0; field < FIELD_COUNT && !deletes(undo); field++)
        if (is_secret(field)) {
            bool had = had_secret(undo, field, withheld);
            undo->certain |= had ? 1U << field : 0;
            undo->secrets |= had || may_have_had(undo, field, withheld) ? 1U << field : 0;
        }
}

static bool is_possible(const struct undo *undo, struct error *error) {
    const char *op = change_op_names[undo->op];
    if ((undo_edits(undo) || deletes(undo)) && !undo->has_now)
        return error_set(error, "undo of %s %s: the entry is gone: there is nothing to %s", op,
                         undo_name(undo), undo_edits(undo) ? "set back" : "delete");
    if (!deletes(undo) && !undo->has_before)
        return error_set(error, "undo of %s %s: the journal doesn't have the values before", op,
                         undo_name(undo));
    return true;
}

static void take_record(struct undo *undo, const struct journal_record *record) {
    char when[STAMP_SIZE];
    stamp_write(record->when_ms, when);
    snprintf(when + strcspn(when, "."), 2, "Z"); /* without the milliseconds */
    undo->id = arena_string(&undo->arena, record->id);
    undo->who = arena_string(&undo->arena, record->user[0] ? record->user : record->login);
    undo->when = arena_string(&undo->arena, when);
    undo->op = record->op;
    undo->changed = record->changed;
    undo->has_before = record->has_before;
    undo->before = bucket_copy(&undo->arena, &record->before);
    undo->after = bucket_copy(&undo->arena, &record->after);
    if (!record->has_before)
        undo->before.value[FIELD_NAME] = undo->after.value[FIELD_NAME];
}

struct undo *undo_create(const struct journal_record *record, const struct bucket *now,
                         const char *later, struct error *error) {
    struct undo *undo = memory_new(1, sizeof *undo);
    arena_init(&undo->arena);
    take_record(undo, record);
    undo->later = arena_string(&undo->arena, later);
    undo->has_now = now != NULL;
    bucket_init(&undo->now);
    if (now != NULL)
        undo->now = bucket_copy(&undo->arena, now);
    make_wanted(undo);
    find_secrets(undo, record->withheld);
    if (is_possible(undo, error))
        return undo;
    undo_destroy(undo);
    return NULL;
}

void undo_destroy(struct undo *undo) {
    if (undo == NULL)
        return;
    arena_finish(&undo->arena);
    free(undo);
}

void undo_distrust(struct undo *undo) {
    undo->distrusted = true;
}

/* ---- looking at it --------------------------------------------------------------------------- */

const char *undo_name(const struct undo *undo) {
    return undo->before.value[FIELD_NAME];
}

unsigned undo_secrets(const struct undo *undo) {
    return undo->secrets;
}

const struct bucket *undo_now(const struct undo *undo) {
    return undo->has_now ? &undo->now : NULL;
}

const struct bucket *undo_wanted(const struct undo *undo) {
    return deletes(undo) ? NULL : &undo->wanted;
}

/* ---- what has to be known -------------------------------------------------------------------- */

__attribute__((format(printf, 2, 3))) static void note(struct change *change, const char *format,
                                                       ...) {
    char text[400];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    change_add_note(change, text);
}

static void name_field(struct buffer *names, const char *name) {
    buffer_printf(names, "%s%s", names->length > 0 ? ", " : "", name);
}

static const char *shown_cloud(const struct bucket *bucket) {
    const char *cloud = bucket->value[FIELD_CLOUD];
    return cloud[0] ? cloud : bucket_cloud_names[CLOUD_AWS];
}

/* Whether somebody has changed the field since. */
static bool was_changed_since(const struct undo *undo, int field) {
    if (!can_set(field) || is_secret(field) || (undo_edits(undo) && !has(undo->changed, field)))
        return false;
    if (field == FIELD_CLOUD)
        return strcmp(shown_cloud(&undo->after), shown_cloud(&undo->now)) != 0;
    return strcmp(undo->after.value[field], undo->now.value[field]) != 0;
}

static void note_since(const struct undo *undo, struct change *change) {
    struct buffer names;
    if (!undo->has_now && undo->op == CHANGE_ADD)
        note(change, "the entry that it left is gone: this adds one anew");
    if (undo->has_now && undo->op == CHANGE_DELETE)
        note(change, "somebody has added an entry of this name since: this replaces it");
    if (!undo->has_now || undo->op == CHANGE_DELETE)
        return;
    buffer_init(&names);
    for (int field = 0; field < FIELD_COUNT; field++)
        if (was_changed_since(undo, field))
            name_field(&names, bucket_fields[field].name);
    if (names.length > 0)
        note(change, "somebody has changed this since, and it goes too: %s", names.data);
    buffer_finish(&names);
}

static bool name_extra(void *context, const char *name, const char *value, bool secret) {
    (void)value, (void)secret;
    name_field(context, name);
    return true;
}

/* Of an entry that was removed: what a request can't set. */
static void note_lost(const struct undo *undo, struct change *change) {
    struct buffer names;
    buffer_init(&names);
    for (int field = 0; field < FIELD_COUNT; field++) {
        bool of_it = undo_edits(undo) ? has(undo->changed, field) : undo->op == CHANGE_DELETE;
        if (of_it && !is_secret(field) && field != FIELD_NAME && !comes_back(undo, field) &&
            !(bucket_fields[field].flags & FIELD_VERSION) && undo->before.value[field][0] != '\0')
            name_field(&names, bucket_fields[field].name);
    }
    if (undo->op == CHANGE_DELETE)
        extra_each(undo->before.extra, name_extra, &names);
    if (names.length > 0)
        note(change, "does not come back, since a request can't set it: %s", names.data);
    buffer_finish(&names);
}

void undo_mark(const struct undo *undo, struct change *change) {
    change_set_undoes(change, undo->id);
    note(change, "undoes the %s of %s by %s", change_op_names[undo->op], undo->when, undo->who);
    if (undo->distrusted)
        note(change, "the journal was changed after pail wrote it, so look whether this is what "
                     "there was: pail journal verify tells where");
    note_since(undo, change);
    note_lost(undo, change);
    if (undo->later[0] != '\0')
        note(change, "a later change isn't settled yet: %s", undo->later);
}

/* ---- the change ------------------------------------------------------------------------------ */

static bool is_given(const char *const secrets[FIELD_COUNT], int field) {
    return secrets[field] && secrets[field][0];
}

unsigned undo_lacks(const struct undo *undo, const char *const secrets[FIELD_COUNT]) {
    unsigned lacks = 0;
    for (int field = 0; field < FIELD_COUNT; field++)
        if (has(undo->certain, field) && !is_given(secrets, field))
            lacks |= 1U << field;
    return lacks;
}

static void note_missing(const struct undo *undo, struct change *change,
                         const char *const secrets[FIELD_COUNT]) {
    for (int field = 0; field < FIELD_COUNT; field++)
        if (has(undo->secrets, field) && !is_given(secrets, field))
            note(change, "the %s that the entry %s is not recorded, and isn't given: %s",
                 bucket_fields[field].name, has(undo->certain, field) ? "had" : "may have had",
                 undo_edits(undo) ? "the present one stays" : "it does not come back");
}

static struct change *make(const struct undo *undo, const char *const secrets[FIELD_COUNT]) {
    enum secret_choice choices[FIELD_COUNT] = {SECRET_KEEP};
    struct bucket wanted = undo->wanted;
    if (deletes(undo))
        return change_delete(&undo->now);
    for (int field = 0; field < FIELD_COUNT; field++)
        if (is_secret(field) && is_given(secrets, field)) {
            wanted.value[field] = secrets[field];
            choices[field] = SECRET_REPLACE;
        }
    return undo_edits(undo) ? change_edit(&undo->now, &wanted, choices)
                            : change_add(&wanted, undo_now(undo));
}

struct change *undo_change(const struct undo *undo, const char *const secrets[FIELD_COUNT],
                           struct error *error) {
    struct change *change = make(undo, secrets);
    if (change_is_empty(change)) {
        change_destroy(change);
        error_set(error, "undo of %s %s: %s", change_op_names[undo->op], undo_name(undo),
                  undo->secrets ? "nothing else differs, and the secret that it changed isn't given"
                                : "nothing differs: the entry is as it was before");
        return NULL;
    }
    undo_mark(undo, change);
    note_missing(undo, change, secrets);
    return change;
}
