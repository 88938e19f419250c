#include "pail/buckets/bucket.h"

#include <string.h>

#define FIELD_INFO(id, name, label, flags, clouds, hint) {name, label, hint, flags, clouds},
const struct bucket_field_info bucket_fields[FIELD_COUNT] = {BUCKET_FIELDS(FIELD_INFO)};

const char *const bucket_cloud_names[CLOUD_COUNT] = {"aws", "azure", "minio", "other"};
const char *const bucket_access_names[ACCESS_COUNT] = {"role", "key", "both", "none"};

enum bucket_field bucket_field_by_name(const char *name) {
    enum bucket_field field = 0;
    while (field < FIELD_COUNT && strcmp(bucket_fields[field].name, name) != 0)
        field++;
    return field;
}

bool bucket_name_is_secret(const char *field_name) {
    static const char *const words[] = {"secret", "passw", "token", "private"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasestr(field_name, words[i]))
            return true;
    return false;
}

void bucket_init(struct bucket *bucket) {
    *bucket = (struct bucket){.extra = ""};
    for (int field = 0; field < FIELD_COUNT; field++)
        bucket->value[field] = "";
}

struct bucket bucket_copy(struct arena *arena, const struct bucket *bucket) {
    struct bucket copy = *bucket;
    for (int field = 0; field < FIELD_COUNT; field++)
        copy.value[field] = arena_string(arena, bucket->value[field]);
    copy.extra = arena_string(arena, bucket->extra);
    return copy;
}

bool bucket_cloud_parse(const char *text, enum bucket_cloud *cloud) {
    for (int i = 0; i < CLOUD_COUNT; i++)
        if (strcmp(bucket_cloud_names[i], text) == 0) {
            *cloud = (enum bucket_cloud)i;
            return true;
        }
    return false;
}

enum bucket_cloud bucket_cloud(const struct bucket *bucket) {
    enum bucket_cloud cloud = CLOUD_OTHER;
    if (bucket->value[FIELD_CLOUD][0] == '\0')
        return CLOUD_AWS;
    bucket_cloud_parse(bucket->value[FIELD_CLOUD], &cloud);
    return cloud;
}

enum bucket_access bucket_access(const struct bucket *bucket) {
    bool role = bucket->value[FIELD_ACCESS_ROLE][0] != '\0';
    bool key = bucket->value[FIELD_ACCESS_KEY_ID][0] != '\0' ||
               bucket->value[FIELD_SECRET_ACCESS_KEY][0] != '\0';
    return role && key ? ACCESS_BOTH : role ? ACCESS_ROLE : key ? ACCESS_KEY : ACCESS_NONE;
}
