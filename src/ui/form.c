#include "pail/ui/form.h"

#include <string.h>

#define BIT(n) (1U << (n))

bool form_is_button(int item) {
    return item >= ITEM_REVIEW;
}

bool form_is_secret(int item) {
    return item < FIELD_COUNT && (bucket_fields[item].flags & FIELD_SECRET);
}

static bool is_of_role(int item) {
    return item == FIELD_ACCESS_ROLE || item == FIELD_ACCESS_ROLE_EXT;
}

static bool is_of_key(int item) {
    return item == FIELD_ACCESS_KEY_ID || item == FIELD_SECRET_ACCESS_KEY;
}

/* ---- what the form begins with --------------------------------------------------------------- */

/* The choice that the entry's cloud is; an empty one means aws. */
static int cloud_of(const struct bucket *bucket) {
    enum bucket_cloud cloud = CLOUD_AWS;
    const char *name = bucket->value[FIELD_CLOUD];
    if (name[0] == '\0' || bucket_cloud_parse(name, &cloud))
        return (int)cloud;
    return CLOUD_COUNT;
}

/* Unlike bucket_access, an external ID alone is a role's: no value may be hidden at the start. */
static enum bucket_access access_of(const struct bucket *bucket) {
    bool role = bucket->value[FIELD_ACCESS_ROLE][0] || bucket->value[FIELD_ACCESS_ROLE_EXT][0];
    bool key = bucket->value[FIELD_ACCESS_KEY_ID][0] || bucket->value[FIELD_SECRET_ACCESS_KEY][0];
    return role && key ? ACCESS_BOTH : key ? ACCESS_KEY : ACCESS_ROLE;
}

/* The text that a field's editor begins with. A secret is never shown, even if it was sent. */
static const char *first_text(const struct form *form, int field) {
    return form_is_secret(field) ? "" : form->start.value[field];
}

static void init(struct form *form, const struct bucket *start) {
    *form = (struct form){.adding = false};
    arena_init(&form->arena);
    form->start = bucket_copy(&form->arena, start);
    form->cloud = cloud_of(start);
    form->access = access_of(start);
    for (int field = 0; field < FIELD_COUNT; field++) {
        line_editor_init(&form->text[field], form_is_secret(field));
        line_editor_set(&form->text[field], first_text(form, field));
    }
}

void form_init_add(struct form *form, const struct bucket *from) {
    struct bucket start;
    bucket_init(&start);
    for (int field = 0; from && field < FIELD_COUNT; field++)
        if (field != FIELD_NAME && !(bucket_fields[field].flags))
            start.value[field] = from->value[field];
    init(form, &start);
    form->adding = true;
    form->focus = FIELD_NAME;
}

void form_init_edit(struct form *form, const struct bucket *opened) {
    init(form, opened);
    form->focus = FIELD_ENDPOINT;
}

void form_fill(struct form *form, const struct bucket *wanted) {
    form->cloud = cloud_of(wanted);
    form->access = access_of(wanted);
    if (form->cloud >= form_cloud_count(form)) /* one without a name here, which the form lacks */
        form->cloud = CLOUD_OTHER;
    for (int field = 0; field < FIELD_COUNT; field++)
        if (!form_is_secret(field) && (field != FIELD_NAME || form->adding))
            line_editor_set(&form->text[field], wanted->value[field]);
}

void form_finish(struct form *form) {
    for (int field = 0; field < FIELD_COUNT; field++)
        line_editor_finish(&form->text[field]);
    arena_finish(&form->arena);
}

/* ---- which items there are ------------------------------------------------------------------- */

int form_items(int items[ITEM_COUNT]) {
    int count = 0;
    bool has_access = false;
    items[count++] = FIELD_CLOUD;
    items[count++] = FIELD_NAME;
    for (int field = 0; field < FIELD_COUNT; field++) {
        if (field == FIELD_CLOUD || field == FIELD_NAME ||
            (bucket_fields[field].flags & FIELD_LISTING_ONLY))
            continue;
        if (!has_access && (is_of_key(field) || is_of_role(field))) {
            items[count++] = ITEM_ACCESS;
            has_access = true;
        }
        items[count++] = field;
    }
    for (int item = ITEM_REVIEW; item < ITEM_COUNT; item++)
        items[count++] = item;
    return count;
}

bool form_cloud_uses(const struct form *form, int field) {
    int cloud = form->cloud == CLOUD_COUNT ? CLOUD_OTHER : form->cloud;
    return bucket_fields[field].clouds & BIT(cloud);
}

bool form_shows(const struct form *form, int item) {
    if (item == ITEM_ACCESS) /* where there is nothing to choose between, it isn't asked */
        return form_cloud_uses(form, FIELD_ACCESS_ROLE);
    if (form_is_button(item))
        return true;
    if (bucket_fields[item].flags & FIELD_LISTING_ONLY)
        return false;
    if (is_of_key(item) && form_shows(form, ITEM_ACCESS))
        return form->access != ACCESS_ROLE;
    if (is_of_role(item) && form_shows(form, ITEM_ACCESS))
        return form->access != ACCESS_KEY;
    return form_cloud_uses(form, item) || form->text[item].text.length > 0 || form->clear[item] ||
           form->start.value[item][0] || form->focus == item;
}

bool form_is_choice(const struct form *form, int item) {
    return item == FIELD_CLOUD || item == ITEM_ACCESS ||
           (form_is_secret(item) && !form->adding && form->text[item].text.length == 0);
}

bool form_is_text(const struct form *form, int item) {
    return item < FIELD_COUNT && item != FIELD_CLOUD && (item != FIELD_NAME || form->adding);
}

int form_cloud_count(const struct form *form) {
    return cloud_of(&form->start) == CLOUD_COUNT ? CLOUD_COUNT + 1 : CLOUD_COUNT;
}

const char *form_cloud_name(const struct form *form, int cloud) {
    return cloud < CLOUD_COUNT ? bucket_cloud_names[cloud] : form->start.value[FIELD_CLOUD];
}

const char *form_cloud(const struct form *form) {
    return form_cloud_name(form, form->cloud);
}

/* ---- keys ------------------------------------------------------------------------------------ */

bool form_takes_focus(const struct form *form, int item) {
    return form_shows(form, item) &&
           (form_is_button(item) || form_is_choice(form, item) || form_is_text(form, item));
}

void form_move_focus(struct form *form, int step) {
    int items[ITEM_COUNT], count = form_items(items), at = 0;
    while (at < count - 1 && items[at] != form->focus)
        at++;
    do
        at = (at + step + count) % count;
    while (!form_takes_focus(form, items[at]));
    form->focus = items[at];
}

static int turned(int value, int step, int count) {
    return (value + step + count) % count;
}

void form_turn(struct form *form, int step) {
    if (form->focus == FIELD_CLOUD)
        form->cloud = turned(form->cloud, step, form_cloud_count(form));
    else if (form->focus == ITEM_ACCESS)
        form->access = (enum bucket_access)turned((int)form->access, step, ACCESS_NONE);
    else if (form_is_choice(form, form->focus))
        form->clear[form->focus] = !form->clear[form->focus];
}

bool form_type(struct form *form, int key) {
    if (!form_is_text(form, form->focus))
        return false;
    struct line_editor *editor = &form->text[form->focus];
    bool used = line_editor_key(editor, key);
    if (editor->text.length > 0)
        form->clear[form->focus] = false;
    return used;
}

bool form_has_changed(const struct form *form) {
    for (int field = 0; field < FIELD_COUNT; field++)
        if (form->clear[field] || form_asks_again(form, field) ||
            strcmp(form->text[field].text.data, first_text(form, field)) != 0)
            return true;
    return form->cloud != cloud_of(&form->start) || form->access != access_of(&form->start);
}

/* ---- what is meant --------------------------------------------------------------------------- */

/* A cloud that wasn't touched stays as it was written, if only as "". */
static const char *cloud_value(const struct form *form) {
    if (!form->adding && form->cloud == cloud_of(&form->start))
        return form->start.value[FIELD_CLOUD];
    return form_cloud(form);
}

void form_wanted(const struct form *form, struct bucket *wanted) {
    *wanted = form->start;
    for (int field = 0; field < FIELD_COUNT; field++)
        if (!(bucket_fields[field].flags & FIELD_LISTING_ONLY))
            wanted->value[field] = form_shows(form, field) ? form->text[field].text.data : "";
    wanted->value[FIELD_CLOUD] = cloud_value(form);
}

enum secret_choice form_secret(const struct form *form, enum bucket_field field) {
    if (!form_is_secret((int)field))
        return SECRET_KEEP;
    if (!form_shows(form, (int)field)) /* a key that was chosen against goes; else it isn't ours */
        return is_of_key((int)field) && access_of(&form->start) != ACCESS_ROLE ? SECRET_CLEAR
                                                                               : SECRET_KEEP;
    if (form->text[field].text.length > 0)
        return SECRET_REPLACE;
    return form->clear[field] ? SECRET_CLEAR : SECRET_KEEP;
}

struct change *form_change(const struct form *form, const struct bucket *existing) {
    struct bucket wanted;
    enum secret_choice secrets[FIELD_COUNT];
    form_wanted(form, &wanted);
    if (form->adding)
        return change_add(&wanted, existing);
    for (int field = 0; field < FIELD_COUNT; field++)
        secrets[field] = form_secret(form, (enum bucket_field)field);
    return change_edit(&form->start, &wanted, secrets);
}

bool form_sends_all(const struct form *form) {
    if (form->adding)
        return true;
    struct change *change = form_change(form, NULL);
    bool all = change_op(change) == CHANGE_ADD;
    change_destroy(change);
    return all;
}

void form_check(const struct form *form, enum bucket_field field, struct verdict *verdict) {
    struct bucket wanted;
    form_wanted(form, &wanted);
    rules_check(&wanted, field, verdict);
}

enum bucket_field form_first_error(const struct form *form, struct verdict *verdict) {
    struct bucket wanted;
    bool all = form_sends_all(form);
    int items[ITEM_COUNT], count = form_items(items);
    form_wanted(form, &wanted);
    for (int i = 0; i < count; i++) {
        int field = items[i];
        if (field >= FIELD_COUNT || !form_shows(form, field) ||
            (!all && strcmp(wanted.value[field], first_text(form, field)) == 0))
            continue;
        rules_check(&wanted, (enum bucket_field)field, verdict);
        if (verdict->level == RULE_ERROR)
            return (enum bucket_field)field;
    }
    return FIELD_COUNT;
}

/* ---- what to say about it -------------------------------------------------------------------- */

static bool was_typed(const struct form *form, int item) {
    return form->text[item].text.length > 0;
}

static void note_access(const struct form *form, struct buffer *out) {
    enum bucket_access before = access_of(&form->start);
    bool hides_key = form->access == ACCESS_ROLE, hides_role = form->access == ACCESS_KEY;
    bool had_key = !form->adding && before != ACCESS_ROLE;
    bool had_role = !form->adding && (form->start.value[FIELD_ACCESS_ROLE][0] ||
                                      form->start.value[FIELD_ACCESS_ROLE_EXT][0]);
    if (hides_key && had_key)
        buffer_append_string(out, "the entry's key will be cleared");
    else if (hides_role && had_role)
        buffer_append_string(out, "the entry's role and external ID will be cleared");
    else if (hides_key &&
             (was_typed(form, FIELD_ACCESS_KEY_ID) || was_typed(form, FIELD_SECRET_ACCESS_KEY)))
        buffer_append_string(out, "what was typed for the key stays here and is not sent");
    else if (hides_role &&
             (was_typed(form, FIELD_ACCESS_ROLE) || was_typed(form, FIELD_ACCESS_ROLE_EXT)))
        buffer_append_string(out, "what was typed for the role stays here and is not sent");
    if (!form->adding && form_sends_all(form))
        buffer_printf(out, "%sall fields are sent, as an add", out->length ? "; " : "");
}

static void note_secret(const struct form *form, int item, struct buffer *out) {
    if (form_asks_again(form, item))
        buffer_append_string(out, "! it had been typed, and secrets aren't kept: type it again");
    if (form->adding || was_typed(form, item) || out->length > 0)
        return;
    if (form->clear[item])
        buffer_append_string(out, "will be cleared");
    else if (form_sends_all(form))
        buffer_append_string(out, "all fields are sent: type it again, or it is lost");
    else
        buffer_append_string(out, "kept: not shown, not sent; typing replaces it");
}

void form_note(const struct form *form, int item, struct buffer *out) {
    if (item == FIELD_NAME && !form->adding)
        buffer_append_string(out, "fixed: to rename, duplicate the entry with c");
    else if (item == ITEM_ACCESS)
        note_access(form, out);
    else if (form_is_secret(item))
        note_secret(form, item, out);
}

/* ---- after a conflict ------------------------------------------------------------------------ */

/* The entry is gone: its secrets with it, so that marks to clear them mean nothing. */
static void become_add(struct form *form) {
    form->adding = true;
    memset(form->clear, 0, sizeof form->clear);
}

void form_follow(struct form *form, const struct bucket *now) {
    if (form->adding)
        return;
    if (now == NULL) {
        become_add(form);
        return;
    }
    bool cloud_touched = form->cloud != cloud_of(&form->start);
    bool access_touched = form->access != access_of(&form->start);
    bool touched[FIELD_COUNT];
    for (int field = 0; field < FIELD_COUNT; field++)
        touched[field] = strcmp(form->text[field].text.data, first_text(form, field)) != 0;
    struct arena arena;
    arena_init(&arena);
    struct bucket start = bucket_copy(&arena, now);
    arena_finish(&form->arena);
    form->arena = arena;
    form->start = start;
    if (!cloud_touched)
        form->cloud = cloud_of(&start);
    if (!access_touched)
        form->access = access_of(&start);
    for (int field = 0; field < FIELD_COUNT; field++)
        if (!touched[field])
            line_editor_set(&form->text[field], first_text(form, field));
    if (!form_takes_focus(form, form->focus))
        form_move_focus(form, 1);
}
