#include "pail/buckets/extra.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "pail/buckets/bucket.h"

void extra_each(const char *extra, extra_fn *each, void *context) {
    json_t *object = extra[0] ? json_loads(extra, 0, NULL) : NULL;
    const char *name;
    json_t *value;
    json_object_foreach(object, name, value) {
        char *json =
            json_is_string(value)
                ? NULL
                : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(15));
        const char *text = json ? json : json_string_value(value);
        bool more = each(context, name, text ? text : "", bucket_name_is_secret(name));
        if (json) {
            explicit_bzero(json, strlen(json));
            free(json);
        }
        if (!more)
            break;
    }
    json_decref(object);
}
