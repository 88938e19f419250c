/*
 * What is being filled in, without a screen: which fields there are for the chosen cloud and kind
 * of access, what was typed into each, which one has the focus, and the entry that results.
 *
 * What is shown is what is meant: a field that is hidden has no value in the result, though what
 * was typed into it stays and comes back with it. A secret of an entry that exists is kept unless
 * something was typed (replace) or it was marked to be cleared.
 */
#ifndef PAIL_UI_FORM_H
#define PAIL_UI_FORM_H

#include "pail/base/arena.h"
#include "pail/buckets/bucket.h"
#include "pail/buckets/change.h"
#include "pail/buckets/rules.h"
#include "pail/session/draft.h"
#include "pail/ui/line_editor.h"

/* What can have the focus: a field (its enum bucket_field), or one of these. */
enum form_item {
    ITEM_ACCESS = FIELD_COUNT, /* role, key or both */
    ITEM_REVIEW,
    ITEM_POLICIES,
    ITEM_CANCEL,
    ITEM_COUNT
};

struct form {
    bool adding;
    struct arena arena;  /* holds start */
    struct bucket start; /* what the form began with; of an edit, the entry that was opened */
    struct line_editor text[FIELD_COUNT];
    bool clear[FIELD_COUNT];   /* secrets of an edit */
    unsigned again;            /* bits: secrets that a draft knows to have been typed, no more */
    int cloud;                 /* enum bucket_cloud; CLOUD_COUNT: start's, which has no name here */
    enum bucket_access access; /* counts where form_shows(ITEM_ACCESS) */
    int focus;
};

/* A new entry, like `from` but for its name and secrets if from is not NULL. */
void form_init_add(struct form *form, const struct bucket *from);
void form_init_edit(struct form *form, const struct bucket *opened);

/* Types what is wanted into every field that can be typed, but secrets; of an add its name too. */
void form_fill(struct form *form, const struct bucket *wanted);
void form_finish(struct form *form);

/* The items from top to bottom, hidden ones too; returns how many. */
int form_items(int items[ITEM_COUNT]);

bool form_shows(const struct form *form, int item);
bool form_is_button(int item);
bool form_is_text(const struct form *form, int item);   /* letters type here */
bool form_is_choice(const struct form *form, int item); /* Left, Right and Space turn it */
bool form_is_secret(int item);

/* The choices of the cloud: the API's names, and start's if it is none of them. */
int form_cloud_count(const struct form *form);
const char *form_cloud_name(const struct form *form, int cloud);
const char *form_cloud(const struct form *form); /* the one whose fields are shown */
bool form_cloud_uses(const struct form *form, int field);

bool form_takes_focus(const struct form *form, int item);

/* The next or previous (step 1, -1) item that takes the focus, around the ends. */
void form_move_focus(struct form *form, int step);

/* Turns the focused choice; for an untouched secret: between keep and clear. */
void form_turn(struct form *form, int step);

/* A key for the focused text field; false if it means nothing there. */
bool form_type(struct form *form, int key);

/* Whether something would be lost with it, if only that a secret is to be typed again. */
bool form_has_changed(const struct form *form);

/* The entry that is meant. Views the form's strings: good until the next key. */
void form_wanted(const struct form *form, struct bucket *wanted);
enum secret_choice form_secret(const struct form *form, enum bucket_field field);

/* existing: the entry that has this name already; counts for an add. */
struct change *form_change(const struct form *form, const struct bucket *existing);

/* True if all fields go out, not just the changed ones: an add, or a switch of role and key. */
bool form_sends_all(const struct form *form);

/* What the rules say about a field that is shown. */
void form_check(const struct form *form, enum bucket_field field, struct verdict *verdict);

/* The first field whose value may not be sent; FIELD_COUNT if there is none. What an edit leaves as
 * it was isn't sent and doesn't count. */
enum bucket_field form_first_error(const struct form *form, struct verdict *verdict);

/* Appends what a person should know about the item here: what a choice clears, what happens to a
 * secret. Nothing if there is nothing to say. */
void form_note(const struct form *form, int item, struct buffer *out);

/* A secret that had been typed before the form was kept as a draft, and wasn't typed again. */
bool form_asks_again(const struct form *form, int item);

/* What a draft keeps of the form: no secret; all but when, whose and whether it was sent. And a
 * form that goes on with a draft. */
void form_to_draft(const struct form *form, struct draft *draft);
void form_init_draft(struct form *form, const struct draft *draft);

/* Of a form that goes on with a draft: what the draft was kept without is as it is in `now`
 * (draft_complete). */
void form_complete(struct form *form, const struct bucket *now);

/* The entry has changed in the table: what was not touched follows it, what was typed stays. NULL:
 * it is gone, and the form becomes one that adds it anew. */
void form_follow(struct form *form, const struct bucket *now);

#endif
