/* Unfinished forms: kept when a signal ends pail or its terminal goes, offered at the next start.
 */
#ifndef PAIL_UI_UNFINISHED_H
#define PAIL_UI_UNFINISHED_H

#include "pail/ui/app.h"

/* Keeps what is filled in on the stack's forms. Appends a line for the shell (raw) to farewell for
 * each: that it is kept, or why it could not be. Before the session is told to stop, since it knows
 * what is being sent. */
void unfinished_keep(struct app *app, struct buffer *farewell);

/* Asks whether to go on with what was kept for this profile, if there is something and the sitting
 * can change entries. True if it asks: what is typed ahead must not answer. */
bool unfinished_offer(struct app *app);
void unfinished_forget_offer(struct app *app); /* it isn't on the screen any more */

#endif
