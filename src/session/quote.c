#include "quote.h"

#include <stdio.h>

#include "pail/base/mask.h"

/* The secrets of an entry, which may be NULL, */
static size_t take_secrets(const struct bucket *bucket, const char *secrets[]) {
    size_t count = 0;
    for (int field = 0; bucket != NULL && field < FIELD_COUNT; field++)
        if (bucket_fields[field].flags & FIELD_SECRET)
            secrets[count++] = bucket->value[field];
    return count;
}

void quote_answer(const struct change *change, const char *text, char *out, size_t size) {
    const char *secrets[2 * FIELD_COUNT];
    size_t count = take_secrets(change_wanted(change), secrets);
    count += take_secrets(change_before(change), secrets + count);
    struct buffer masked;
    buffer_init(&masked);
    mask_append(&masked, text, secrets, count);
    snprintf(out, size, "%s", masked.data);
    buffer_finish(&masked);
}
