/* The documents as JSON: written, and coloured. */
#include <ctype.h>
#include <jansson.h>
#include <string.h>

#include "pail/buckets/policy.h"
#include "policy_internal.h"

/* ---- writing --------------------------------------------------------------------------------- */

static int append_text(const char *data, size_t length, void *out) {
    buffer_append(out, data, length);
    return 0;
}

/* Takes the document, which may be NULL. */
static bool write_document(struct buffer *out, json_t *document) {
    if (document == NULL)
        return false;
    json_dump_callback(document, append_text, out, JSON_INDENT(4) | JSON_ENSURE_ASCII);
    buffer_append_char(out, '\n');
    json_decref(document);
    return true;
}

bool policy_json_cors(struct buffer *out, enum cors_syntax syntax) {
    json_t *rules =
        json_pack("[{s:[s], s:[s], s:[s], s:[], s:i}]", "AllowedHeaders", "*", "AllowedMethods",
                  "GET", "AllowedOrigins", "*", "ExposeHeaders", "MaxAgeSeconds", 3600);
    return write_document(out, syntax == CORS_CLI ? json_pack("{s:o}", "CORSRules", rules) : rules);
}

bool policy_json_permissions(struct buffer *out, const char *partition, const char *bucket) {
    struct buffer arn;
    buffer_init(&arn);
    buffer_printf(&arn, "arn:%s:s3:::%s", partition, bucket);
    json_t *document = json_pack("{s:s, s:[{s:s, s:[s], s:[s]}, {s:s, s:[s, s, s], s:[s+]}]}",
                                 "Version", "2012-10-17", "Statement",
                                 /* the bucket */
                                 "Effect", "Allow", "Action", "s3:ListBucket", "Resource", arn.data,
                                 /* its objects */
                                 "Effect", "Allow", "Action", "s3:PutObject", "s3:GetObject",
                                 "s3:DeleteObject", "Resource", arn.data, "/*");
    buffer_finish(&arn);
    return write_document(out, document);
}

/* StringEquals, never StringLike: an external ID has no wildcards. */
bool policy_json_trust(struct buffer *out, const char *principal, const char *external_id) {
    return write_document(out, json_pack("{s:s, s:[{s:s, s:{s:s}, s:s, s:{s:{s:s}}}]}", "Version",
                                         "2012-10-17", "Statement", "Effect", "Allow", "Principal",
                                         "AWS", principal, "Action", "sts:AssumeRole", "Condition",
                                         "StringEquals", "sts:ExternalId", external_id));
}

/* ---- telling apart --------------------------------------------------------------------------- */

/* Bytes of the string that begins there, with its quotes if it has both. */
static size_t string_length(const char *json, size_t length) {
    for (size_t i = 1; i < length; i++)
        if (json[i] == '\\')
            i++;
        else if (json[i] == '"')
            return i + 1;
    return length;
}

static bool is_key(const char *after, size_t length) {
    size_t i = 0;
    while (i < length && isspace((unsigned char)after[i]))
        i++;
    return i < length && after[i] == ':';
}

static size_t take_token(const char *json, size_t length, enum policy_token *token) {
    size_t used = 1;
    *token = TOKEN_PLAIN;
    if (json[0] == '"') {
        used = string_length(json, length);
        *token = is_key(json + used, length - used) ? TOKEN_KEY : TOKEN_STRING;
    } else if (json[0] == '-' || isdigit((unsigned char)json[0])) {
        while (used < length && json[used] != '\0' && strchr("+-.eE0123456789", json[used]))
            used++;
        *token = TOKEN_NUMBER;
    } else if (json[0] != '\0' && strchr("{}[]:,", json[0])) {
        *token = TOKEN_PUNCTUATION;
    }
    return used;
}

void policy_tokens(const char *json, size_t length, unsigned char *kinds) {
    enum policy_token token;
    for (size_t at = 0, used; at < length; at += used) {
        used = take_token(json + at, length - at, &token);
        memset(kinds + at, (int)token, used);
    }
}
