/*
 * The documents that a bucket needs, as data, and one writer per syntax. Sources: InfinStor's page
 * "Manage S3 Buckets" (CORS rule, permissions policy), AWS IAM User Guide "How to use an external
 * ID" (trust policy). Nothing is invented: a principal that isn't known is said to be missing, and
 * for a cloud that a document doesn't fit, `note` says what applies there.
 *
 *   X(id, title, file name to save as)
 */
#ifndef PAIL_BUCKETS_POLICY_H
#define PAIL_BUCKETS_POLICY_H

#include <stdbool.h>

#include "pail/base/buffer.h"
#include "pail/buckets/bucket.h"

#define POLICY_DOCUMENTS(X)                           \
    X(CORS, "CORS", "cors.json")                      \
    X(PERMISSIONS, "permissions", "permissions.json") \
    X(TRUST, "trust", "trust.json")

#define POLICY_DOCUMENT_ID(id, title, file) POLICY_##id,
enum policy_document { POLICY_DOCUMENTS(POLICY_DOCUMENT_ID) POLICY_DOCUMENT_COUNT };
#undef POLICY_DOCUMENT_ID

extern const char *const policy_titles[POLICY_DOCUMENT_COUNT];

/* The syntaxes of a document: CORS has two (S3 console, AWS CLI), the others one. */
int policy_syntax_count(enum policy_document document);
const char *policy_syntax_title(enum policy_document document, int syntax);

struct policy {
    bool available;      /* false: there is no such document for this bucket, note says why */
    struct buffer text;  /* JSON in ASCII, lines ended by \n; empty if there is none */
    struct buffer note;  /* sentences, \n between them */
    struct buffer usage; /* commands, \n between them, names quoted for a shell; may be empty */
    const char *file;    /* name to save as */
};

void policy_init(struct policy *policy);
void policy_finish(struct policy *policy);

/*
 * Fills an initialised policy anew. principal: from the profile, "" if not known. No document is
 * made where it would mean something else than it says: for names and IDs that hold what is special
 * in a policy (* ? $ /), for a principal that is everybody or in another partition, and for a trust
 * policy without an external ID. There are no commands for a name with control characters.
 */
void policy_write(struct policy *policy, enum policy_document document, int syntax,
                  const struct bucket *bucket, const char *principal);

/* What a piece of JSON text is, for colouring: fills kinds[0..length) with enum policy_token. */
enum policy_token { TOKEN_PLAIN, TOKEN_KEY, TOKEN_STRING, TOKEN_NUMBER, TOKEN_PUNCTUATION };
void policy_tokens(const char *json, size_t length, unsigned char *kinds);

#endif
