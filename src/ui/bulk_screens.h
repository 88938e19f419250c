/* What is done to the marked entries: choosing it (bulk_menu.c), typing its value (bulk_form.c,
 * kept by bulk_draft.c), and the screen that shows, sends and tells (bulk_screen.c, drawn by
 * bulk_draw.c and bulk_text.c). The listing whose marks count is borrowed, and outlives the
 * screens: it is below them. */
#ifndef PAIL_UI_BULK_SCREENS_H
#define PAIL_UI_BULK_SCREENS_H

#include "pail/buckets/bulk.h"
#include "pail/buckets/listing.h"
#include "pail/session/draft.h"
#include "pail/ui/app.h"

/* Opens the menu; or says why there is nothing to choose. */
void bulk_choose(struct app *app, struct listing *listing);

/* Opens the review of what the setting makes of the marked entries; or says why there is none. To
 * delete a single one it is review_screen_create's, where its name is typed. */
void bulk_review(struct app *app, struct listing *listing, const struct bulk_setting *setting);

/* Asks for the value, or for an access key and its secret, and opens the review with it. */
struct screen *bulk_form_create(struct listing *listing, enum bulk_kind kind); /* bulk_is_typed */
/* Goes on with a draft: marks its entries, whether the table is there yet or not. It is forgotten
 * when the form is closed or its changes go out. */
struct screen *bulk_form_create_draft(struct listing *listing, const struct draft *draft);
bool screen_is_bulk_form(const struct screen *screen);
/* What was typed is confirmed and goes out now: a draft of it must not be offered again. */
void bulk_form_is_sent(struct screen *form);

/* Takes over what is in the bulk, of which at least one is a change, and leaves it empty. */
struct screen *bulk_screen_create(struct listing *listing, struct bulk *bulk, enum bulk_kind kind);

/* How many changes it has submitted; 0 if it is another screen, or still a review. */
size_t bulk_screen_sent(const struct screen *screen);

/* The name of one of them if it is left to do: it surely had no effect, and nothing else was
 * decided or sent for it since. Else NULL: what came of it is for the journal. */
const char *bulk_screen_left(const struct screen *screen, const struct session *session,
                             size_t index);

#endif
