/*
 * Taking a change back: the inverse of what the journal says was applied, made as a change against
 * the entry as it is in the table now, so that it is reviewed and sent like any other.
 *
 *   an add            -> a delete
 *   an add that replaced an entry, and a switch of role and key -> an add with the values before
 *   a modify          -> a modify of the same fields, back to the values before
 *   a delete          -> an add with the values before
 *
 * The values of secrets aren't in the journal: which ones are wanted is asked (undo_secrets), and
 * the notes of the change say what doesn't come back, and what somebody has changed since. An undo
 * is an applied change itself, so that undoing it does again what it undid.
 */
#ifndef PAIL_SESSION_UNDO_H
#define PAIL_SESSION_UNDO_H

#include "pail/session/session.h"

struct undo;

/* Of the n'th last change (1: the last) that was applied at this service, as far as the journal
 * goes back. Needs the table. NULL with an error that says why it can't be undone. */
struct undo *undo_last(struct session *session, size_t n, struct error *error);

/* Of the operation with that id. */
struct undo *undo_of(struct session *session, const char *id, struct error *error);
void undo_destroy(struct undo *undo); /* NULL is fine */

const char *undo_name(const struct undo *undo); /* the bucket's */

/* The secrets (bits 1 << field) that the entry had, or may have had, and that are to be given again
 * for the undo to be whole. */
unsigned undo_secrets(const struct undo *undo);

/* Of them those that it surely had and that aren't given: without them it isn't what it was. */
unsigned undo_lacks(const struct undo *undo, const char *const secrets[FIELD_COUNT]);

/* The entry as it is now (NULL: there is none) and as it should be, without secrets (NULL: it is
 * deleted). */
const struct bucket *undo_now(const struct undo *undo);
const struct bucket *undo_wanted(const struct undo *undo);

/* True if it edits the entry that is there; else it adds one, or deletes it. */
bool undo_edits(const struct undo *undo);

/* The change, the caller's; secrets[field]: its value, NULL or "" if it isn't given. NULL with an
 * error if nothing differs. */
struct change *undo_change(const struct undo *undo, const char *const secrets[FIELD_COUNT],
                           struct error *error);

/* For a change that a form has made of it: says there what it undoes and what has to be known. */
void undo_mark(const struct undo *undo, struct change *change);

#endif
