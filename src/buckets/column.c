#include "pail/buckets/column.h"

#define COLUMN_INFO(id, word, title, least, wanted) {word, title, least, wanted},
const struct column_info columns[COLUMN_COUNT] = {BUCKET_COLUMNS(COLUMN_INFO)};

/* What the entry itself has for the column, or "". */
static const char *own_text(const struct bucket *bucket, enum column column) {
    switch (column) {
    case COLUMN_NAME:
        return bucket->value[FIELD_NAME];
    case COLUMN_CLOUD:
        return bucket->value[FIELD_CLOUD];
    case COLUMN_ACCESS: {
        enum bucket_access access = bucket_access(bucket);
        return access == ACCESS_NONE ? "" : bucket_access_names[access];
    }
    case COLUMN_ENDPOINT:
        return bucket->value[FIELD_ENDPOINT];
    case COLUMN_IDENTITY:
        return *bucket->value[FIELD_ACCESS_ROLE] ? bucket->value[FIELD_ACCESS_ROLE]
                                                 : bucket->value[FIELD_ACCESS_KEY_ID];
    case COLUMN_SNAP:
        return *bucket->value[FIELD_DDB_TABLE] ? "yes" : "";
    case COLUMN_COUNT:
        break;
    }
    return "";
}

const char *column_text(const struct bucket *bucket, enum column column) {
    if (bucket->unreadable)
        return column == COLUMN_NAME ? "(unreadable)" : "";
    const char *text = own_text(bucket, column);
    if (*text != '\0')
        return text;
    switch (column) {
    case COLUMN_ACCESS:
        return bucket_access_names[ACCESS_NONE];
    case COLUMN_ENDPOINT:
        return "default";
    case COLUMN_SNAP:
        return "-";
    default:
        return "";
    }
}

bool column_is_empty(const struct bucket *bucket, enum column column) {
    return *own_text(bucket, column) == '\0';
}
