/* A form as a draft, and back. */
#include <string.h>

#include "pail/ui/form.h"

static bool is_kept(int field) {
    return !(bucket_fields[field].flags & (FIELD_SECRET | FIELD_LISTING_ONLY));
}

bool form_asks_again(const struct form *form, int item) {
    return form_is_secret(item) && (form->again & 1U << item) &&
           form->text[item].text.length == 0 && !form->clear[item];
}

void form_to_draft(const struct form *form, struct draft *draft) {
    draft_init(draft);
    draft->op = form->adding ? CHANGE_ADD : CHANGE_MODIFY;
    draft->opened = bucket_copy(&draft->arena, &form->start);
    for (int field = 0; field < FIELD_COUNT; field++) {
        const char *text = form->text[field].text.data;
        if (form_is_secret(field)) {
            draft->opened.value[field] = "";
            draft->again |= text[0] || form_asks_again(form, field) ? 1U << field : 0;
            draft->clear |= form->clear[field] ? 1U << field : 0;
        } else if (is_kept(field)) {
            draft->typed.value[field] = arena_string(&draft->arena, text);
            draft->typed.present |= 1U << field; /* what was emptied is kept as that */
        }
    }
    draft->typed.value[FIELD_CLOUD] = arena_string(&draft->arena, form_cloud(form));
    draft->access = form->access;
}

static void choose_cloud(struct form *form, const char *name) {
    for (int cloud = 0; cloud < form_cloud_count(form); cloud++)
        if (strcmp(form_cloud_name(form, cloud), name) == 0)
            form->cloud = cloud;
}

void form_init_draft(struct form *form, const struct draft *draft) {
    if (draft->op == CHANGE_ADD)
        form_init_add(form, NULL);
    else
        form_init_edit(form, &draft->opened);
    for (int field = 0; field < FIELD_COUNT; field++) {
        if (is_kept(field) && form_is_text(form, field))
            line_editor_set(&form->text[field], draft->typed.value[field]);
        form->clear[field] = !form->adding && form_is_secret(field) && (draft->clear & 1U << field);
    }
    form->again = draft->again;
    choose_cloud(form, draft->typed.value[FIELD_CLOUD]);
    form->access = draft->access;
    for (int field = FIELD_COUNT - 1; field >= 0; field--)
        if (form_asks_again(form, field) && form_shows(form, field))
            form->focus = field;
}

void form_complete(struct form *form, const struct bucket *now) {
    struct bucket opened = form->start;
    draft_complete(&opened, now);
    form->start = bucket_copy(&form->arena, &opened);
}
