/* The screens' doors: each makes one, to be given to app_push. Entries are copied. */
#ifndef PAIL_UI_SCREENS_H
#define PAIL_UI_SCREENS_H

#include "pail/buckets/change.h"
#include "pail/session/draft.h"
#include "pail/ui/app.h"

struct screen *list_screen_create(void);
struct screen *no_profile_screen_create(void); /* no configuration: paths searched, ways on */

struct screen *details_screen_create(const struct bucket *bucket);
struct screen *policy_screen_create(const struct bucket *bucket);
struct screen *help_screen_create(enum context context); /* that screen's keys first */
struct screen *log_screen_create(void);
struct screen *journal_screen_create(void);
struct screen *palette_screen_create(enum context context); /* runs app_act on the one below */
struct screen *profile_screen_create(const struct settings *settings, const struct profile *open);

/* A form for a new entry, filled from `from` if it is not NULL (a duplicate: name and secrets are
 * empty), and one for an entry that exists. */
struct screen *add_form_create(const struct bucket *from);
struct screen *edit_form_create(const struct bucket *opened);

/* Logs in to the open profile's service, then has the table read again. */
struct screen *login_screen_create(const struct app *app);

/* A form that goes on with a draft, which is forgotten when the form is closed: sent, or discarded.
 */
struct screen *draft_form_create(const struct draft *draft);

/* A form that is filled with what an undo, which it takes over, wants: it lacks the secrets. */
struct undo;
struct screen *undo_form_create(struct undo *undo);

/* Shows the change, which it takes over, and sends it when confirmed: session_submit. When it was
 * applied, the review and what is below it of the same change are closed; else the form is there
 * with all that was typed. A conflict puts merge_screen_create in its place. */
struct screen *review_screen_create(struct change *change);

/* The three versions of a conflict, and what becomes of it: another review of a change against the
 * entry as it is now, nothing at all, or back to the form. now: NULL if the entry is gone; text:
 * the session's. All is copied. */
struct screen *merge_screen_create(const struct change *change, const struct bucket *now,
                                   const char *text);

/* The entry as it is now, for the form below: what was typed stays. */
void form_rebase(struct screen *form, const struct bucket *now);
bool screen_is_form(const struct screen *screen);
/* What was typed is confirmed and goes out now: a draft of it must not be offered again. */
void form_is_sent(struct screen *form);
bool screen_is_merge(const struct screen *screen);

/* Closes the screens on top that a change went through: review, conflict, form; and tells the one
 * below, by its `decided`. */
void change_screens_close(struct app *app);

/* A question with its answers as buttons; `answer` is called with the index, -1 for Escape, after
 * the dialog has been closed. Text may have several lines. */
typedef void dialog_answer_fn(struct app *app, void *context, int answer);
struct screen *dialog_create(const char *text, const char *const *buttons, int count, int focused,
                             dialog_answer_fn *answer, void *context);

/* Asks whether what was typed into the screen, which is on top, may go; then it is closed. */
void dialog_ask_discard(struct app *app, struct screen *screen);

#endif
