/* What a token says of itself (RFC 7519): decoded, not verified. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "pail/base/encode.h"
#include "pail/base/memory.h"
#include "pail/service/token.h"

enum { CLAIMS_LIMIT = 16 * 1024 };

static int64_t read_claim(const struct buffer *claims) {
    json_set_alloc_funcs(malloc, memory_free_wiped);
    json_t *object = json_loadb(claims->data, claims->length, 0, NULL);
    double seconds = json_number_value(json_object_get(object, "exp"));
    json_decref(object);
    return seconds >= 1 && seconds < 1e12 ? (int64_t)seconds : 0;
}

/* "HEADER.CLAIMS.SIGNATURE", each in base64url. */
static int64_t expires(const char *token) {
    const char *start = strchr(token, '.'), *end = start ? strchr(start + 1, '.') : NULL;
    struct buffer claims;
    int64_t seconds = 0;
    if (end == NULL || end - start > CLAIMS_LIMIT)
        return 0;
    buffer_init(&claims);
    if (decode_base64url(&claims, start + 1, (size_t)(end - start - 1)))
        seconds = read_claim(&claims);
    buffer_finish(&claims);
    return seconds;
}

int64_t token_expires(const struct token *token) {
    return token->id ? expires(token->id) : token->access ? expires(token->access) : 0;
}
