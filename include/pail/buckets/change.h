/*
 * One add, modify or delete: the difference to what is there, the exact form body of its POST, the
 * body's redacted twin for the screen and the journal, and the judgement of a table that was read
 * afterwards. Field meanings are of InfinStor's page "Manage S3 Buckets":
 *
 *   add      op, bucketname, cloud, endpoint, accessKeyId, secretAccessKey, accessRole,
 *            accessRoleExt, empty where empty (example 1), and sharedSecret where it is set. On a
 *            name that exists it replaces the entry (example 4).
 *   modify   op, bucketname and the fields that changed, alone (example 2).
 *   delete   op and bucketname (example 3).
 *
 * An edit that switches an entry between role and key is sent as an add with all fields: example 4
 * is the one documented way. A change owns copies of all it was given and overwrites them at its
 * end.
 */
#ifndef PAIL_BUCKETS_CHANGE_H
#define PAIL_BUCKETS_CHANGE_H

#include <stdbool.h>
#include <stddef.h>

#include "pail/base/buffer.h"
#include "pail/buckets/bucket.h"

enum change_op { CHANGE_ADD, CHANGE_MODIFY, CHANGE_DELETE };
extern const char *const change_op_names[]; /* the API's: add modify delete */

/* What an edit does with a secret, which the listing doesn't show. In an add every secret that has
 * a value is SECRET_REPLACE. */
enum secret_choice { SECRET_KEEP, SECRET_REPLACE, SECRET_CLEAR };

struct change;

/* A new entry, or, where `existing` is not NULL (the entry that has this name now), its
 * replacement. */
struct change *change_add(const struct bucket *wanted, const struct bucket *existing);

/* An edit of `opened` into `wanted` (same name). secrets[field] counts for FIELD_SECRET fields
 * only; a replaced secret's new value is in wanted. */
struct change *change_edit(const struct bucket *opened, const struct bucket *wanted,
                           const enum secret_choice secrets[FIELD_COUNT]);
struct change *change_delete(const struct bucket *opened);

/* One that was sent once, as a journal has it: entries without their secrets, and of its fields
 * which were changed, which of these cleared (bits 1 << field). It can't be sent (change_is_empty,
 * no body), only judged: of secrets nothing is compared. before and after are NULL where there is
 * no such entry. */
struct change *change_recall(enum change_op op, const struct bucket *before,
                             const struct bucket *after, unsigned changed, unsigned cleared);
void change_destroy(struct change *change); /* NULL is fine */

enum change_op change_op(const struct change *change); /* as it is sent */
const char *change_name(const struct change *change);  /* the bucket's */

/* True if nothing differs: then nothing must be sent. So is an add that would only lose secrets,
 * a delete of an entry that has no name, and what change_recall makes. */
bool change_is_empty(const struct change *change);

/* True for an add that sets an access key's id without its secret: that is sent empty. */
bool change_lacks_secret(const struct change *change);
#define CHANGE_LACKS_SECRET "no secret access key is given: it is sent empty"

/* The secrets (bits 1 << field) that the entry has or may have and that don't outlive the change,
 * though nobody said that they should go: what change_line has as LINE_LOST. */
unsigned change_loses(const struct change *change);

/* True for a delete and for an add on a name that exists: the name must be typed. */
bool change_needs_name_typed(const struct change *change);

/* The entry that the change was made from; NULL for a new entry. */
const struct bucket *change_before(const struct change *change);

/* What the entry should be afterwards (secrets only where replaced); NULL for a delete. */
const struct bucket *change_wanted(const struct change *change);

/* The journal's id of the change that this one takes back; "" for none. Copied. */
void change_set_undoes(struct change *change, const char *id);
const char *change_undoes(const struct change *change);

/* application/x-www-form-urlencoded, NUL-terminated. Holds secrets in clear. */
const char *change_body(const struct change *change, size_t *length);

/* The same with every secret's value as "***N" where N is its length in bytes; an empty one stays
 * empty. */
const char *change_redacted_body(const struct change *change);

/* The difference for the review, a line per field that is set, changed, cleared, kept or lost. */
enum change_line_kind { LINE_SET, LINE_CHANGED, LINE_CLEARED, LINE_KEPT, LINE_LOST, LINE_REMOVED };
struct change_line {
    enum change_line_kind kind;
    enum bucket_field field;
    /* "" where none. Secrets are masked as "*** (N bytes)"; "not shown" before a new one if the
     * listing doesn't show the old. */
    const char *before, *after;
};
size_t change_line_count(const struct change *change);
struct change_line change_line(const struct change *change, size_t index);

/* What a review says beside the field's name, such as "aaaa  ->  default"; raw. */
void change_describe_line(const struct change *change, const struct change_line *line,
                          const char *arrow, struct buffer *out);

/* A value as a review shows it: an empty one as "default" or "empty". */
const char *change_shown(enum bucket_field field, const char *value);

/* Sentences that the review must say, such as "replaces the entry ..." and "a sharedSecret must be
 * given again or is lost". */
size_t change_note_count(const struct change *change);
void change_add_note(struct change *change, const char *text); /* one more; copied */
const char *change_note(const struct change *change, size_t index);

/* What the table says after the change; `now` is the entry of this name, NULL if there is none.
 * Compared are the fields that a request can set, an absent cloud as aws, and of the secrets those
 * that the listing shows (asterisks show none). An entry whose version has moved is not as before,
 * and one whose version has not is. */
enum change_finding {
    CHANGE_TOOK_PLACE,  /* all that the listing shows is as wanted, and it differs from before */
    CHANGE_NOT_VISIBLE, /* as wanted, but before looked the same: only secrets changed */
    CHANGE_LEFT_AS_WAS, /* all is as before */
    CHANGE_ELSE,        /* neither: partly applied, or changed by somebody else */
};
enum change_finding change_find(const struct change *change, const struct bucket *now);

/* An order of changes, as strcmp has one of strings. 0: nothing tells them apart to change_find and
 * change_line, neither as the change nor, by what it wants or was made from, as `now`. Those that
 * want the same, secrets aside, are side by side; change_order_wanted compares that with a state,
 * NULL for no entry: without 0 there, change_find finds none of it done. */
int change_order(const struct change *a, const struct change *b);
int change_order_wanted(const struct change *change, const struct bucket *state);

/* True if both have a version, and it is the same: nobody has changed the entry. */
bool change_version_stands(const struct change *change, const struct bucket *now);

/* True if `now` is still what the change was made from, so that it may be sent: all fields, known
 * or not, are the same. A value that the listing doesn't show can't count. */
bool change_still_fits(const struct change *change, const struct bucket *now);

/* For CHANGE_ELSE: names the fields that are not as wanted, as "endpoint, accessRole";
 * "bucketname" if the entry is gone. */
void change_describe_misses(const struct change *change, const struct bucket *now,
                            struct buffer *out);

#endif
