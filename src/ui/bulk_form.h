/* The form for many marked entries, shared by bulk_form.c (keys, drawing) and bulk_draft.c. */
#ifndef PAIL_UI_BULK_FORM_H
#define PAIL_UI_BULK_FORM_H

#include "bulk_screens.h"
#include "pail/session/draft.h"
#include "pail/ui/line_editor.h"

enum { BULK_FIELDS = 2 };

struct bulk_form {
    struct screen base;
    struct listing *listing;
    enum bulk_kind kind;
    unsigned clouds;            /* of the marked entries */
    unsigned long table_serial; /* of the table that was looked at for them; 0: none yet */
    struct line_editor text[BULK_FIELDS];
    int fields; /* 1, or 2 */
    int focus;
    char draft_id[DRAFT_ID_SIZE]; /* of the draft that it goes on with; "" if it isn't one */
    bool kept;                    /* as a draft, for the next start */
    bool asks_again;              /* the draft knows that a secret had been typed, no more */
    struct marks awaited;         /* the draft's names, until the table says which there are */
};

bool bulk_form_has_changed(const struct bulk_form *form);

/* What is kept of it, but for whose it is; `above` is the screen above it, or NULL. False if there
 * is nothing to keep: nothing was typed, or all of it has been sent. */
bool bulk_form_to_draft(const struct bulk_form *form, const struct screen *above,
                        const struct session *session, struct draft *draft);

/* Types what the draft has, and marks its entries. */
void bulk_form_fill(struct bulk_form *form, const struct draft *draft);

/* Once the table has been read whole: unmarks the draft's entries that are gone, and says so. */
void bulk_form_find_marked(struct bulk_form *form, struct app *app);

#endif
