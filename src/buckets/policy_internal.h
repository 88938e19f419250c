/* What the files of policy share: policy.c begins and has CORS, policy_iam.c has the permissions
 * and the trust, policy_json.c writes the documents. */
#ifndef PAIL_SRC_BUCKETS_POLICY_INTERNAL_H
#define PAIL_SRC_BUCKETS_POLICY_INTERNAL_H

#include <stdbool.h>

#include "pail/base/buffer.h"
#include "pail/buckets/policy.h"

enum cors_syntax { CORS_CONSOLE, CORS_CLI, CORS_SYNTAX_COUNT };

/* Each appends a document; false, and nothing is appended, if a text in it is no UTF-8. */
bool policy_json_cors(struct buffer *out, enum cors_syntax syntax);
bool policy_json_permissions(struct buffer *out, const char *partition, const char *bucket);
bool policy_json_trust(struct buffer *out, const char *principal, const char *external_id);

void policy_write_permissions(struct policy *policy, const struct bucket *bucket);
void policy_write_trust(struct policy *policy, const struct bucket *bucket, const char *principal);

/* The same buffer, on a new line. */
struct buffer *policy_line(struct buffer *buffer);

/* Adds a sentence to the note. */
void policy_say(struct policy *policy, const char *sentence);

/* Says so if the entry of aws has an endpoint that isn't AWS's. */
void policy_say_endpoint(struct policy *policy, const struct bucket *bucket);

/* Appends "OPTION WORD" to the usage, where the word is prefix and value, quoted for a shell. */
void policy_option(struct policy *policy, const char *option, const char *prefix,
                   const char *value);

/* True for what may be in a command: not empty, UTF-8, no control characters. */
bool policy_can_type(const char *text);

#endif
