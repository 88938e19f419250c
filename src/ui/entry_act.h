/* What can be done with one entry, the same from the list and from its details. */
#ifndef PAIL_UI_ENTRY_ACT_H
#define PAIL_UI_ENTRY_ACT_H

#include "pail/ui/app.h"

/* Opens the screen that the action asks for, or says why there is none: entry may be NULL, or
 * unreadable. False, and nothing is done, for an action that is not about an entry. */
bool entry_act(struct app *app, const struct bucket *entry, enum action action);

#endif
