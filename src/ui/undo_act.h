/* Taking back a change that the journal has: from the list the last one, from the journal any. */
#ifndef PAIL_UI_UNDO_ACT_H
#define PAIL_UI_UNDO_ACT_H

#include "pail/ui/app.h"

/* Opens the review, or, where secrets are to be given, the form filled; or says why not. id: the
 * journal's; NULL: the last change that was applied at this service. */
void undo_act(struct app *app, const char *id);

#endif
