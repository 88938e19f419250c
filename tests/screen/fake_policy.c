/* Lets the driver be linked before src/buckets/policy.c is there; to be deleted with its arrival.
 */
#include <string.h>

#include "pail/buckets/policy.h"

const char *const policy_titles[POLICY_DOCUMENT_COUNT] = {"CORS", "permissions", "trust"};

int policy_syntax_count(enum policy_document document) {
    return document == POLICY_CORS ? 2 : 1;
}

const char *policy_syntax_title(enum policy_document document, int syntax) {
    (void)document;
    return syntax == 0 ? "S3 console" : "AWS CLI";
}

void policy_init(struct policy *policy) {
    *policy = (struct policy){.file = ""};
    buffer_init(&policy->text);
    buffer_init(&policy->note);
    buffer_init(&policy->usage);
}

void policy_finish(struct policy *policy) {
    buffer_finish(&policy->text);
    buffer_finish(&policy->note);
    buffer_finish(&policy->usage);
}

void policy_write(struct policy *policy, enum policy_document document, int syntax,
                  const struct bucket *bucket, const char *principal) {
    (void)policy;
    (void)document;
    (void)syntax;
    (void)bucket;
    (void)principal;
}

void policy_tokens(const char *json, size_t length, unsigned char *kinds) {
    (void)json;
    memset(kinds, TOKEN_PLAIN, length);
}
