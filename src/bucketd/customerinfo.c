#include "customerinfo.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "pail/base/memory.h"

enum { PIECE = 16 * 1024 }; /* bytes that are written ahead; an entry may go beyond */

struct listing {
    struct store *store;
    struct buffer text; /* written, of which the first `sent` bytes are sent */
    size_t sent;
    struct buffer last; /* name of the last entry written */
    bool complete;
};

static int append(const char *data, size_t length, void *buffer) {
    buffer_append(buffer, data, length);
    return 0;
}

/* The fields that the real answer has beside the table (reference: InfinStor's public client);
 * flags are strings there too. The account is an invented one. */
static void write_account(struct buffer *text, enum caller caller) {
    bool admin = caller == CALLER_ADMIN;
    json_t *account =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:[s], s:s, s:s, s:s}", "userName",
                  admin ? "admin@example.com" : "reader@example.com", "isSecondaryUser",
                  admin ? "false" : "true", "awsAccountId", "111122223333", "iamExternalId",
                  "bucketd-external-id", "customerId", "bucketd", "customerRoleArn",
                  "arn:aws:iam::111122223333:role/infinstor-service", "customerArtifactUri",
                  "s3://artifacts-main/mlflow", "serviceVersion", "bucketd " PAIL_VERSION,
                  "productCode", "9fcazc4rbiwp6ewg4xlt5c8fu", "enableProjects", "false",
                  "usePresignedUrlForInfinSnap", "false", "usePresignedUrlForMLflow", "true");
    json_dump_callback(account, append, text, JSON_COMPACT);
    json_decref(account);
    buffer_truncate(text, text->length - 1); /* its closing brace */
    buffer_append_string(text, ",\"InfinSnapBuckets\":[");
}

/* A field that the page names is there even if empty; ddbTable only where it is set, since its mere
 * presence means that the bucket is enabled for InfinSnap. */
static bool is_written(const struct bucket *bucket, int field) {
    unsigned flags = bucket_fields[field].flags;
    if (flags & FIELD_SECRET)
        return false;
    return !(flags & FIELD_LISTING_ONLY) || bucket->value[field][0] != '\0';
}

static bool write_entry(void *context, const struct bucket *bucket) {
    struct listing *listing = context;
    json_t *entry = json_object();
    for (int field = 0; field < FIELD_COUNT; field++)
        if (is_written(bucket, field))
            json_object_set_new(entry, bucket_fields[field].name,
                                json_string(bucket->value[field]));
    buffer_append_string(&listing->text, listing->last.length ? ",\n" : "\n");
    json_dump_callback(entry, append, &listing->text, JSON_COMPACT);
    json_decref(entry);
    buffer_clear(&listing->last);
    buffer_append_string(&listing->last, bucket->value[FIELD_NAME]);
    return listing->text.length < PIECE;
}

/* Writes the next piece, which isn't empty. */
static bool write_more(struct listing *listing) {
    buffer_clear(&listing->text);
    listing->sent = 0;
    if (!store_list(listing->store, listing->last.data, write_entry, listing, NULL))
        return false;
    if (listing->text.length < PIECE) {
        buffer_append_string(&listing->text, "\n]}\n");
        listing->complete = true;
    }
    return true;
}

static ssize_t read_piece(void *context, uint64_t position, char *out, size_t size) {
    (void)position;
    struct listing *listing = context;
    if (listing->sent == listing->text.length) {
        if (listing->complete)
            return MHD_CONTENT_READER_END_OF_STREAM;
        if (!write_more(listing))
            return MHD_CONTENT_READER_END_WITH_ERROR;
    }
    size_t left = listing->text.length - listing->sent;
    size_t count = left < size ? left : size;
    memcpy(out, listing->text.data + listing->sent, count);
    listing->sent += count;
    return (ssize_t)count;
}

static void destroy(void *context) {
    struct listing *listing = context;
    buffer_finish(&listing->text);
    buffer_finish(&listing->last);
    free(listing);
}

struct MHD_Response *customerinfo_response(struct store *store, enum caller caller) {
    struct listing *listing = memory_new(1, sizeof *listing);
    listing->store = store;
    buffer_init(&listing->text);
    buffer_init(&listing->last);
    write_account(&listing->text, caller);
    struct MHD_Response *response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, PIECE, read_piece, listing, destroy);
    if (response == NULL)
        destroy(listing);
    else
        MHD_add_response_header(response, "Content-Type", "application/json");
    return response;
}
