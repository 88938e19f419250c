/*
 * The fields of an entry of the buckets table, written once. Forms, columns, queries, request
 * bodies, help and bucketd's columns are all made from BUCKET_FIELDS, whose order is the order of
 * a request's body (InfinStor, "Manage S3 Buckets", examples 1 and 4).
 *
 *   X(id, API name, label, flags, clouds that use it, hint for an empty field)
 *
 * etag is bucketd's: each change of an entry raises it, one of secrets included. It is not known of
 * InfinStor, whose entries are expected to have none: then it is "".
 */
#ifndef PAIL_BUCKETS_BUCKET_H
#define PAIL_BUCKETS_BUCKET_H

#include <stdbool.h>

#include "pail/base/arena.h"

enum bucket_cloud { CLOUD_AWS, CLOUD_AZURE, CLOUD_MINIO, CLOUD_OTHER, CLOUD_COUNT };

enum {
    USED_BY_AWS = 1U << CLOUD_AWS,
    USED_BY_MINIO = 1U << CLOUD_MINIO,
    USED_BY_ALL = (1U << CLOUD_COUNT) - 1,
};

enum {
    FIELD_SECRET = 1,       /* masked; on edit kept, replaced or cleared */
    FIELD_LISTING_ONLY = 2, /* read in the listing, never sent */
    FIELD_VERSION = 4,      /* a mark of the entry's state that a service sets: shown only where
                               there is one, found only by its name, no part of a difference */
};

#define BUCKET_FIELDS(X)                                                                        \
    X(NAME, "bucketname", "Bucket name", 0, USED_BY_ALL, "")                                    \
    X(CLOUD, "cloud", "Cloud", 0, USED_BY_ALL, "")                                              \
    X(ENDPOINT, "endpoint", "Endpoint", 0, USED_BY_ALL, "empty: the cloud's default")           \
    X(ACCESS_KEY_ID, "accessKeyId", "Access key id", 0, USED_BY_ALL, "")                        \
    X(SECRET_ACCESS_KEY, "secretAccessKey", "Secret access key", FIELD_SECRET, USED_BY_ALL, "") \
    X(ACCESS_ROLE, "accessRole", "Role ARN", 0, USED_BY_AWS, "arn:aws:iam::ACCOUNT:role/NAME")  \
    X(ACCESS_ROLE_EXT, "accessRoleExt", "External ID", 0, USED_BY_AWS,                          \
      "as in the role's trust policy")                                                          \
    X(SHARED_SECRET, "sharedSecret", "Shared secret", FIELD_SECRET, USED_BY_MINIO,              \
      "for MinIO's events")                                                                     \
    X(DDB_TABLE, "ddbTable", "InfinSnap table", FIELD_LISTING_ONLY, USED_BY_ALL, "")            \
    X(ETAG, "etag", "Version", FIELD_LISTING_ONLY | FIELD_VERSION, USED_BY_ALL, "")

#define BUCKET_FIELD_ID(id, name, label, flags, clouds, hint) FIELD_##id,
enum bucket_field { BUCKET_FIELDS(BUCKET_FIELD_ID) FIELD_COUNT };
#undef BUCKET_FIELD_ID

struct bucket_field_info {
    const char *name;  /* the API's */
    const char *label; /* for people */
    const char *hint;  /* shown in an empty field; may be "" */
    unsigned flags;
    unsigned clouds; /* bits 1 << enum bucket_cloud */
};

extern const struct bucket_field_info bucket_fields[FIELD_COUNT];

/* FIELD_COUNT if no field has that API name. */
enum bucket_field bucket_field_by_name(const char *name);

/* True for names that contain secret, passw, token or private, in any case: the rule for fields
 * that we don't know (doc/safety.md). */
bool bucket_name_is_secret(const char *field_name);

/*
 * One entry, as it came or as it is wanted. A view: the strings belong to somebody else (a table,
 * an arena, a form) and are never NULL; a field that is absent, null or empty is "".
 */
struct bucket {
    const char *value[FIELD_COUNT];
    unsigned present;  /* bit 1 << field: the service sent it, and not as null */
    unsigned odd;      /* bit: it was sent as something else than a string; value is its JSON */
    const char *extra; /* JSON object of the fields that we don't know, in their order; or "" */
    bool unreadable;   /* no object with a bucketname: extra is the JSON that came, redacted */
};

void bucket_init(struct bucket *bucket); /* all "" */
struct bucket bucket_copy(struct arena *arena, const struct bucket *bucket);

extern const char *const bucket_cloud_names[CLOUD_COUNT]; /* the API's: aws azure minio other */

/* The cloud that the entry's fields follow: "" means aws (InfinStor's documented default), a value
 * that we don't know means other. */
enum bucket_cloud bucket_cloud(const struct bucket *bucket);

/* The API's names only: false for anything else. */
bool bucket_cloud_parse(const char *text, enum bucket_cloud *cloud);

enum bucket_access { ACCESS_ROLE, ACCESS_KEY, ACCESS_BOTH, ACCESS_NONE, ACCESS_COUNT };

/* How the entry says to get in: a role if accessRole is set, a key if accessKeyId or
 * secretAccessKey is. */
enum bucket_access bucket_access(const struct bucket *bucket);
extern const char *const bucket_access_names[ACCESS_COUNT]; /* role key both none */

#endif
