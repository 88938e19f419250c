#include "customerinfo.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "pail/base/encode.h"
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
    bool full;          /* the piece is */
    bool complete;      /* all is written */
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
static bool is_written(int field, const struct store_text *value) {
    unsigned flags = bucket_fields[field].flags;
    if (flags & FIELD_SECRET)
        return false;
    return !(flags & FIELD_LISTING_ONLY) || value->length > 0;
}

#define KEY(id, name, label, flags, clouds, hint) {",\"" name "\":", sizeof ",\"" name "\":" - 1},
static const struct {
    char text[24];
    size_t length;
} keys[FIELD_COUNT] = {BUCKET_FIELDS(KEY)};
#undef KEY

/* Room for an entry with all values escaped, its keys and what stands between. */
static size_t most_bytes(const struct store_text value[FIELD_COUNT]) {
    size_t most = sizeof keys + 8;
    for (int field = 0; field < FIELD_COUNT; field++)
        most += value[field].length * 6 + 2;
    return most;
}

/* Returns the place behind the entry. */
static char *write_entry(char *at, const struct store_text value[FIELD_COUNT], bool first) {
    if (!first)
        *at++ = ',';
    *at++ = '\n';
    char *brace = at;
    for (int field = 0; field < FIELD_COUNT; field++)
        if (is_written(field, &value[field])) {
            memcpy(at, keys[field].text, sizeof keys[field].text); /* whole: a single move */
            at = encode_json(at + keys[field].length, value[field].data, value[field].length);
        }
    *brace = '{';
    *at++ = '}';
    return at;
}

/* Straight into the piece, as long as there is room for whatever an entry may become. */
static bool take_entry(void *context, const struct store_text value[FIELD_COUNT]) {
    struct listing *listing = context;
    size_t most = most_bytes(value);
    bool first = !listing->begun;
    listing->begun = true;
    if (most <= (size_t)(listing->end - listing->at)) {
        listing->at = write_entry(listing->at, value, first);
        return true;
    }
    char *start = buffer_room(&listing->rest, most);
    buffer_extend(&listing->rest, (size_t)(write_entry(start, value, first) - start));
    buffer_clear(&listing->last);
    buffer_append(&listing->last, value[FIELD_NAME].data, value[FIELD_NAME].length);
    listing->full = true;
    return false;
}

/* Writes on from the last name, until the piece is full or all is written; there is no rest. */
static bool write_more(struct listing *listing) {
    listing->full = false;
    if (!store_list(listing->store, listing->last.data, take_entry, listing, NULL))
        return false;
    if (!listing->full) {
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
