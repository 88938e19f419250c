/* What a table that was read afterwards says of a change. */
#include <string.h>

#include "change_internal.h"

/* A service may send a secret as asterisks: that shows none. */
const char *change_seen(const struct bucket *bucket, int field) {
    const char *value = bucket->value[field];
    if (field == FIELD_CLOUD && value[0] == '\0')
        return bucket_cloud_names[CLOUD_AWS];
    if (change_is_secret(field) && value[strspn(value, "*")] == '\0')
        return "";
    return value;
}

static bool looks_same(const struct bucket *a, const struct bucket *b, int field) {
    return strcmp(change_seen(a, field), change_seen(b, field)) == 0;
}

static bool is_shown(const struct bucket *bucket, int field) {
    return change_seen(bucket, field)[0] != '\0';
}

/* A secret that the listing doesn't show can't be found wanting. */
static bool secret_is_as_wanted(const struct change *change, const struct bucket *now, int field) {
    if (change->recalled)
        return change->secrets[field] != SECRET_CLEAR || !is_shown(now, field);
    switch (change->secrets[field]) {
    case SECRET_CLEAR:
        return !is_shown(now, field);
    case SECRET_REPLACE:
        return !is_shown(now, field) || looks_same(&change->wanted, now, field);
    default:
        return change->op == CHANGE_ADD || !is_shown(&change->before, field) ||
               !is_shown(now, field) || looks_same(&change->before, now, field);
    }
}

static bool is_as_wanted(const struct change *change, const struct bucket *now, int field) {
    if (!change_can_set(field))
        return true;
    return change_is_secret(field) ? secret_is_as_wanted(change, now, field)
                                   : looks_same(&change->wanted, now, field);
}

static bool all_as_wanted(const struct change *change, const struct bucket *now) {
    for (int field = 0; field < FIELD_COUNT; field++)
        if (!is_as_wanted(change, now, field))
            return false;
    return true;
}

static bool all_as_before(const struct change *change, const struct bucket *now) {
    for (int field = 0; field < FIELD_COUNT; field++)
        if (change_can_set(field) && !(change->recalled && change_is_secret(field)) &&
            !looks_same(&change->before, now, field))
            return false;
    return true;
}

static bool has_version(const struct bucket *bucket) {
    return bucket != NULL && bucket->value[FIELD_ETAG][0] != '\0';
}

bool change_version_stands(const struct change *change, const struct bucket *now) {
    return has_version(&change->before) && has_version(now) &&
           looks_same(&change->before, now, FIELD_ETAG);
}

static bool version_moved(const struct change *change, const struct bucket *now) {
    return has_version(&change->before) && has_version(now) && !change_version_stands(change, now);
}

static enum change_finding find_delete(const struct change *change, const struct bucket *now) {
    return now == NULL                                                 ? CHANGE_TOOK_PLACE
           : all_as_before(change, now) && !version_moved(change, now) ? CHANGE_LEFT_AS_WAS
                                                                       : CHANGE_ELSE;
}

static enum change_finding find_new(const struct change *change, const struct bucket *now) {
    return now == NULL                  ? CHANGE_LEFT_AS_WAS
           : all_as_wanted(change, now) ? CHANGE_TOOK_PLACE
                                        : CHANGE_ELSE;
}

enum change_finding change_find(const struct change *change, const struct bucket *now) {
    if (change->op == CHANGE_DELETE)
        return find_delete(change, now);
    if (!change->has_before)
        return find_new(change, now);
    if (now == NULL)
        return CHANGE_ELSE;
    bool wanted = all_as_wanted(change, now), before = all_as_before(change, now);
    if (wanted && before)
        return change_version_stands(change, now) ? CHANGE_LEFT_AS_WAS : CHANGE_NOT_VISIBLE;
    return wanted                                  ? CHANGE_TOOK_PLACE
           : before && !version_moved(change, now) ? CHANGE_LEFT_AS_WAS
                                                   : CHANGE_ELSE;
}

/* ---- alike ----------------------------------------------------------------------------------- */

int change_order_wanted(const struct change *change, const struct bucket *state) {
    const struct bucket *wanted = change_wanted(change);
    if (wanted == NULL || state == NULL)
        return (wanted != NULL) - (state != NULL);
    int order = 0;
    for (int field = 0; field < FIELD_COUNT && order == 0; field++)
        if (change_can_set(field) && !change_is_secret(field))
            order = strcmp(change_seen(wanted, field), change_seen(state, field));
    return order;
}

static int order_values(const struct bucket *a, const struct bucket *b) {
    if (a == NULL || b == NULL)
        return (a != NULL) - (b != NULL);
    int order = 0;
    for (int field = 0; field < FIELD_COUNT && order == 0; field++)
        order = strcmp(a->value[field], b->value[field]);
    return order;
}

static int order_lines(const struct change *a, const struct change *b) {
    int order = (int)a->line_count - (int)b->line_count;
    for (size_t i = 0; i < a->line_count && order == 0; i++) {
        order = (int)a->lines[i].field - (int)b->lines[i].field;
        if (order == 0)
            order = (int)a->lines[i].kind - (int)b->lines[i].kind;
    }
    return order;
}

static int order_secrets(const struct change *a, const struct change *b) {
    int order = a->recalled - b->recalled;
    for (int field = 0; field < FIELD_COUNT && order == 0; field++)
        order = (int)a->secrets[field] - (int)b->secrets[field];
    return order;
}

int change_order(const struct change *a, const struct change *b) {
    int order = change_order_wanted(a, change_wanted(b));
    if (order == 0)
        order = (int)a->op - (int)b->op;
    if (order == 0)
        order = order_secrets(a, b);
    if (order == 0)
        order = order_lines(a, b);
    if (order == 0)
        order = order_values(change_before(a), change_before(b));
    return order != 0 ? order : order_values(change_wanted(a), change_wanted(b));
}

bool change_still_fits(const struct change *change, const struct bucket *now) {
    if (!change->has_before || now == NULL)
        return !change->has_before && now == NULL;
    const struct bucket *before = &change->before;
    for (int field = 0; field < FIELD_COUNT; field++)
        if (!looks_same(before, now, field))
            return false;
    return before->odd == now->odd && before->unreadable == now->unreadable &&
           strcmp(before->extra, now->extra) == 0;
}

void change_describe_misses(const struct change *change, const struct bucket *now,
                            struct buffer *out) {
    const char *separator = "";
    for (int field = 0; field < FIELD_COUNT; field++)
        if (now == NULL ? field == FIELD_NAME : !is_as_wanted(change, now, field)) {
            buffer_printf(out, "%s%s", separator, bucket_fields[field].name);
            separator = ", ";
        }
}
