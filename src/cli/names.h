/*
 * The names of the last list, for completion: $XDG_CACHE_HOME/pail/names-PROFILE (or ~/.cache), a
 * name a line, for the user alone. No secrets and nothing else of an entry. Only names of letters,
 * digits, `.`, `_` and `-` that don't begin with `-`: nothing that a shell could take otherwise.
 */
#ifndef PAIL_SRC_CLI_NAMES_H
#define PAIL_SRC_CLI_NAMES_H

#include "pail/buckets/table.h"
#include "pail/settings/settings.h"

/* In one step, so that a reader sees the old list or the new one. It is a convenience: what goes
 * wrong is not said. */
void names_save(const struct profile *profile, const struct table *table);

#endif
