/*
 * What the tables look like in the file, and the SQL that asks them: all of it is written from
 * BUCKET_FIELDS. A row of buckets has a name, the entry as JSON and its secrets; every other field
 * is a virtual column, computed from the entry when somebody asks for it.
 */
#ifndef BUCKETD_SCHEMA_H
#define BUCKETD_SCHEMA_H

#include "pail/base/buffer.h"

/* The file's user_version. 1 had a column for each field, 2 versions as well. */
enum { SCHEMA = 3 };

/*
 *   FIND      name                                   every field, in the order of BUCKET_FIELDS
 *   PUT       every field, in that order             -
 *   REMOVE    name                                   -
 *   LIST      name after which to begin              the name at which hand_out(entry) gave 0
 *   ANY       -                                      a row if there is an entry
 *   COUNT_ON  -                                      the next version
 */
enum statement { FIND, PUT, REMOVE, LIST, ANY, COUNT_ON, STATEMENT_COUNT };

void schema_statement(struct buffer *sql, enum statement statement);

/* One transaction that makes the tables (from 0) or brings those of an earlier schema up to date.
 */
void schema_upgrade(struct buffer *sql, int from);

#endif
