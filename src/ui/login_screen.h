/* How a person logs in: where, and by which command. */
#ifndef PAIL_UI_LOGIN_SCREEN_H
#define PAIL_UI_LOGIN_SCREEN_H

#include "pail/ui/app.h"

/* True if the profile says enough to log in by. */
bool login_is_possible(const struct profile *profile);

/* Appends the command that logs in to the open profile elsewhere, as it is typed in a shell. */
void login_command(const struct app *app, struct buffer *out);

#endif
