/* An entry of a listing as desired state. */
#include <jansson.h>
#include <string.h>

#include "pail/buckets/desired.h"

/* So that a file tells where a secret is missing. Of a sharedSecret nothing in the listing says
 * whether there is one. */
static bool may_have(const struct bucket *bucket, enum bucket_field field) {
    if (bucket->value[field][0] != '\0')
        return true;
    return field == FIELD_SECRET_ACCESS_KEY ? bucket->value[FIELD_ACCESS_KEY_ID][0] != '\0'
                                            : bucket_cloud(bucket) == CLOUD_MINIO;
}

static void set_field(json_t *object, const struct bucket *bucket, enum bucket_field field) {
    const struct bucket_field_info *info = &bucket_fields[field];
    char member[64];
    if (info->flags & FIELD_LISTING_ONLY)
        return;
    if (!(info->flags & FIELD_SECRET)) {
        if (bucket->value[field][0] != '\0')
            json_object_set_new(object, info->name, json_string(bucket->value[field]));
    } else if (may_have(bucket, field)) {
        snprintf(member, sizeof member, "%s" DESIRED_FILE_SUFFIX, info->name);
        json_object_set_new(object, member, json_null());
    }
}

static int append(const char *data, size_t length, void *text) {
    buffer_append(text, data, length);
    return 0;
}

void desired_write(struct buffer *out, const struct bucket *bucket) {
    json_t *object = json_object();
    struct buffer text;
    buffer_init(&text);
    for (int field = 0; field < FIELD_COUNT; field++)
        set_field(object, bucket, (enum bucket_field)field);
    json_dump_callback(object, append, &text, JSON_ENSURE_ASCII);
    /* jansson leaves DEL as it is; it can only be in a string. */
    for (const char *at = text.data; *at;) {
        size_t length = strcspn(at, "\x7F");
        buffer_append(out, at, length);
        at += length;
        if (*at) {
            buffer_append_string(out, "\\u007F");
            at++;
        }
    }
    buffer_finish(&text);
    json_decref(object);
}
