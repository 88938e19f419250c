/*
 * The answer of /customerinfo, written while it is sent: the account's fields, then the entries of
 * the table in the order of their names, as InfinSnapBuckets.
 *
 * Each piece continues after the last name that was sent, with the key's index. So between two
 * pieces nothing is held, neither rows nor a read transaction: memory doesn't grow with the table,
 * a slow reader doesn't make the write-ahead log grow, and one connection to the database is
 * enough. The price: an entry that is added or deleted during the listing may or may not be in it.
 * Every entry that stays is in it once, since names never change.
 */
#ifndef BUCKETD_CUSTOMERINFO_H
#define BUCKETD_CUSTOMERINFO_H

#include <microhttpd.h>

#include "access.h"
#include "store.h"

struct MHD_Response *customerinfo_response(struct store *store, enum caller caller);

#endif
