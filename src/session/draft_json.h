/* A draft as JSON, and back. */
#ifndef PAIL_SRC_SESSION_DRAFT_JSON_H
#define PAIL_SRC_SESSION_DRAFT_JSON_H

#include <jansson.h>

#include "pail/session/draft.h"

json_t *draft_json(const struct draft *draft); /* without its secrets */

/* False, and nothing to finish, if it is none that we understand. */
bool draft_json_read(const json_t *object, struct draft *draft);

/* A member's text; "" if it is none. */
const char *draft_json_text(const json_t *object, const char *name);

#endif
