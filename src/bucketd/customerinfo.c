#include "customerinfo.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "pail/base/buffer.h"
#include "pail/base/memory.h"

/* libmicrohttpd wants to be told one; of an answer without a length it asks for as much as there is
 * room for in the connection's memory. */
enum { BLOCK = 1024 };

struct listing {
    struct store *store;
    char *at, *end;     /* where the piece is written that is asked for just now */
    struct buffer rest; /* what came next and had no place there, its first `sent` bytes are sent */
    size_t sent;
    struct buffer last; /* the name up to which it is written; "" before the first entry */
    bool begun;         /* an entry has been written */
    bool complete;      /* all is written */
};

static int append(const char *data, size_t length, void *buffer) {
    buffer_append(buffer, data, length);
    return 0;
}

/* The fields that the real answer has beside the table (seen in InfinStor's public Python
 * client); flags are strings there too. The account is an invented one. */
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

/* Straight into the piece; what has no place there any more ends it, and waits as the rest. */
static bool take_entry(void *context, const char *entry, size_t length) {
    struct listing *listing = context;
    const char *between = listing->begun ? ",\n" : "\n";
    size_t before = listing->begun ? 2 : 1;
    listing->begun = true;
    if (before + length > (size_t)(listing->end - listing->at)) {
        buffer_append(&listing->rest, between, before);
        buffer_append(&listing->rest, entry, length);
        return false;
    }
    memcpy(listing->at, between, before);
    memcpy(listing->at + before, entry, length);
    listing->at += before + length;
    return true;
}

/* Writes on from the last name, until the piece is full or all is written; there is no rest. */
static bool write_more(struct listing *listing) {
    bool more = false;
    if (!store_list(listing->store, &listing->last, &more, take_entry, listing, NULL))
        return false;
    if (!more) {
        buffer_append_string(&listing->rest, "\n]}\n");
        listing->complete = true;
    }
    return true;
}

static void move_rest(struct listing *listing) {
    size_t left = listing->rest.length - listing->sent;
    size_t room = (size_t)(listing->end - listing->at), count = left < room ? left : room;
    memcpy(listing->at, listing->rest.data + listing->sent, count);
    listing->at += count;
    listing->sent += count;
    if (count == left) {
        buffer_clear(&listing->rest);
        listing->sent = 0;
    }
}

/* Looks into the table once, even if that leaves some bytes of the place empty. */
static ssize_t read_piece(void *context, uint64_t position, char *out, size_t size) {
    (void)position;
    struct listing *listing = context;
    listing->at = out;
    listing->end = out + size;
    move_rest(listing);
    if (listing->at < listing->end && !listing->complete) {
        if (!write_more(listing))
            return MHD_CONTENT_READER_END_WITH_ERROR;
        move_rest(listing);
    }
    return listing->at > out ? listing->at - out : MHD_CONTENT_READER_END_OF_STREAM;
}

static void destroy(void *context) {
    struct listing *listing = context;
    buffer_finish(&listing->rest);
    buffer_finish(&listing->last);
    free(listing);
}

struct MHD_Response *customerinfo_response(struct store *store, enum caller caller) {
    struct listing *listing = memory_new(1, sizeof *listing);
    listing->store = store;
    buffer_init(&listing->rest);
    buffer_init(&listing->last);
    write_account(&listing->rest, caller);
    struct MHD_Response *response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK, read_piece, listing, destroy);
    if (response == NULL)
        destroy(listing);
    else
        MHD_add_response_header(response, "Content-Type", "application/json");
    return response;
}
