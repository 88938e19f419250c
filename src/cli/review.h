/* The review of a change as lines of text: what the dashboard's review says, in its words. */
#ifndef PAIL_CLI_REVIEW_H
#define PAIL_CLI_REVIEW_H

#include <stdio.h>

#include "pail/buckets/desired.h"
#include "pail/cli/cli.h"
#include "pail/session/session.h"

/* The difference, notes, warnings, and the request with its secrets masked. */
void review_print(FILE *out, const struct change *change, const char *url);

/* Its parts: "modify testb3", and the difference. entry: secrets that it gives by files, which
 * haven't been read, are said to be given; may be NULL. */
void review_print_title(FILE *out, const struct change *change);
void review_print_difference(FILE *out, const struct change *change,
                             const struct desired_entry *entry);

/* How many changes there are of each kind. */
enum { REVIEW_KINDS = 4 }; /* add, replace, modify, delete */
struct review_tally {
    size_t count[REVIEW_KINDS];
};
void review_count(struct review_tally *tally, const struct change *change);
/* "4 changes: 2 to add, 1 to replace, 1 to delete" */
void review_print_tally(FILE *out, const struct review_tally *tally);

/* After a conflict: opened, now and yours of each field in which they aren't all the same. */
void review_print_versions(FILE *out, const struct submission_item *done);

/* Says on err which values may not be sent, and why; true if there is none. What an edit leaves as
 * it was isn't sent and doesn't count. named: with the bucket's name, as one of many. */
bool review_passes_rules(const struct cli *cli, const struct change *change, bool named);

#endif
