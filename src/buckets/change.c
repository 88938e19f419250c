#include "pail/buckets/change.h"

#include <stdlib.h>
#include <string.h>

#include "change_internal.h"
#include "pail/base/encode.h"
#include "pail/base/memory.h"

const char *const change_op_names[] = {"add", "modify", "delete"};

static bool differs(const struct change *change, int field) {
    return strcmp(change_seen(&change->before, field), change_seen(&change->wanted, field)) != 0;
}

/* ---- the request ----------------------------------------------------------------------------- */

static bool is_sent(const struct change *change, int field) {
    if (!change_can_set(field))
        return false;
    if (field == FIELD_NAME)
        return true;
    if (change->op == CHANGE_ADD)
        return field != FIELD_SHARED_SECRET || change->wanted.value[field][0] != '\0';
    if (change->op == CHANGE_DELETE)
        return false;
    return change_is_secret(field) ? change->secrets[field] != SECRET_KEEP : differs(change, field);
}

static void write_parameter(struct change *change, int field) {
    const char *value = field == FIELD_NAME ? change_name(change) : change->wanted.value[field];
    size_t length = strlen(value);
    buffer_printf(&change->body, "&%s=", bucket_fields[field].name);
    encode_percent(&change->body, value, length);
    buffer_printf(&change->redacted, "&%s=", bucket_fields[field].name);
    if (!change_is_secret(field))
        encode_percent(&change->redacted, value, length);
    else if (length > 0)
        buffer_printf(&change->redacted, "***%zu", length);
}

static void write_bodies(struct change *change) {
    buffer_printf(&change->body, "op=%s", change_op_names[change->op]);
    buffer_append_string(&change->redacted, change->body.data);
    for (int field = 0; field < FIELD_COUNT; field++)
        if (is_sent(change, field))
            write_parameter(change, field);
}

/* ---- creating and destroying ----------------------------------------------------------------- */

static struct change *create(enum change_op op, const struct bucket *before) {
    struct change *change = memory_new(1, sizeof *change);
    change->op = op;
    change->undoes = "";
    arena_init(&change->arena);
    buffer_init(&change->body);
    buffer_init(&change->redacted);
    bucket_init(&change->before);
    bucket_init(&change->wanted);
    change->has_before = before != NULL;
    if (before != NULL)
        change->before = bucket_copy(&change->arena, before);
    return change;
}

/* Takes what is wanted: of secrets only what is replaced, of the rest only what can be set. */
static void want(struct change *change, const struct bucket *wanted) {
    struct bucket own = change->before;
    for (int field = 0; field < FIELD_COUNT; field++)
        if (change_can_set(field) && field != FIELD_NAME)
            own.value[field] = change_is_secret(field) && change->secrets[field] != SECRET_REPLACE
                                   ? ""
                                   : wanted->value[field];
    if (!change->has_before)
        own.value[FIELD_NAME] = wanted->value[FIELD_NAME];
    change->wanted = bucket_copy(&change->arena, &own);
}

/* "" stands for aws (InfinStor's documented default), but an add has to say it, and so has an edit
 * that comes from another cloud. */
static void name_cloud(struct change *change) {
    const char **cloud = &change->wanted.value[FIELD_CLOUD];
    if ((*cloud)[0] == '\0' && (change->op == CHANGE_ADD || differs(change, FIELD_CLOUD)))
        *cloud = bucket_cloud_names[CLOUD_AWS];
}

static struct change *complete(struct change *change) {
    name_cloud(change);
    write_bodies(change);
    change_write_lines(change);
    change_write_notes(change);
    return change;
}

struct change *change_add(const struct bucket *wanted, const struct bucket *existing) {
    struct change *change = create(CHANGE_ADD, existing);
    for (int field = 0; field < FIELD_COUNT; field++)
        change->secrets[field] = wanted->value[field][0] ? SECRET_REPLACE : SECRET_KEEP;
    want(change, wanted);
    return complete(change);
}

/* From a role alone to a key alone or back. A secret that is kept can't be seen and doesn't count:
 * it is "" in wanted. */
static bool switches_access(const struct change *change) {
    enum bucket_access from = bucket_access(&change->before), to = bucket_access(&change->wanted);
    return (from == ACCESS_ROLE && to == ACCESS_KEY) || (from == ACCESS_KEY && to == ACCESS_ROLE);
}

struct change *change_edit(const struct bucket *opened, const struct bucket *wanted,
                           const enum secret_choice secrets[FIELD_COUNT]) {
    struct change *change = create(CHANGE_MODIFY, opened);
    for (int field = 0; field < FIELD_COUNT; field++) {
        bool by_nothing = secrets[field] == SECRET_REPLACE && wanted->value[field][0] == '\0';
        change->secrets[field] = by_nothing ? SECRET_CLEAR : secrets[field];
    }
    want(change, wanted);
    change->switches = switches_access(change);
    if (change->switches)
        change->op = CHANGE_ADD;
    return complete(change);
}

struct change *change_delete(const struct bucket *opened) {
    return complete(create(CHANGE_DELETE, opened));
}

struct change *change_recall(enum change_op op, const struct bucket *before,
                             const struct bucket *after, unsigned changed, unsigned cleared) {
    struct change *change = create(op, before);
    change->recalled = true;
    for (int field = 0; field < FIELD_COUNT; field++)
        if (change_is_secret(field) && (changed & 1U << field))
            change->secrets[field] = cleared & 1U << field ? SECRET_CLEAR : SECRET_REPLACE;
    if (after != NULL)
        want(change, after);
    name_cloud(change);
    change_write_lines(change);
    return change;
}

void change_destroy(struct change *change) {
    if (change == NULL)
        return;
    buffer_finish(&change->body);
    buffer_finish(&change->redacted);
    arena_finish(&change->arena);
    free(change);
}

/* ---- looking at it --------------------------------------------------------------------------- */

void change_set_undoes(struct change *change, const char *id) {
    change->undoes = arena_string(&change->arena, id);
}

const char *change_undoes(const struct change *change) {
    return change->undoes;
}

enum change_op change_op(const struct change *change) {
    return change->op;
}

const char *change_name(const struct change *change) {
    return (change->has_before ? &change->before : &change->wanted)->value[FIELD_NAME];
}

bool change_lacks_secret(const struct change *change) {
    return change->op == CHANGE_ADD && change->wanted.value[FIELD_ACCESS_KEY_ID][0] != '\0' &&
           change->wanted.value[FIELD_SECRET_ACCESS_KEY][0] == '\0';
}

unsigned change_loses(const struct change *change) {
    unsigned lost = 0;
    for (size_t i = 0; i < change->line_count; i++)
        if (change->lines[i].kind == LINE_LOST)
            lost |= 1U << change->lines[i].field;
    return lost;
}

bool change_is_empty(const struct change *change) {
    if (change->recalled)
        return true;
    for (size_t i = 0; i < change->line_count; i++)
        if (change->lines[i].kind != LINE_KEPT && change->lines[i].kind != LINE_LOST)
            return false;
    return true;
}

bool change_needs_name_typed(const struct change *change) {
    return change->op == CHANGE_DELETE || (change->op == CHANGE_ADD && change->has_before);
}

const struct bucket *change_before(const struct change *change) {
    return change->has_before ? &change->before : NULL;
}

const struct bucket *change_wanted(const struct change *change) {
    return change->op == CHANGE_DELETE ? NULL : &change->wanted;
}

const char *change_body(const struct change *change, size_t *length) {
    *length = change->body.length;
    return change->body.data;
}

const char *change_redacted_body(const struct change *change) {
    return change->redacted.data;
}
