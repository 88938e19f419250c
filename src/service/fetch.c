#include "pail/service/fetch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pail/base/memory.h"

enum { ANSWER_LIMIT = 64 * 1024 };

struct fetch {
    struct http *http;
    struct http_call *call;
    struct buffer body;
    bool too_large;
    fetch_end_fn *end;
    void *context;
};

static void fetch_destroy(struct fetch *fetch) {
    buffer_finish(&fetch->body);
    free(fetch);
}

static bool take_data(void *context, long status, const char *data, size_t length) {
    (void)status;
    struct fetch *fetch = context;
    fetch->too_large = length > ANSWER_LIMIT - fetch->body.length;
    if (!fetch->too_large)
        buffer_append(&fetch->body, data, length);
    return !fetch->too_large;
}

static void take_end(void *context, const struct http_result *result) {
    struct fetch *fetch = context;
    struct http_result told = *result;
    if (fetch->too_large)
        snprintf(told.text, sizeof told.text, "the answer is larger than 64 KiB");
    fetch->end(fetch->context, &told, &fetch->body);
    fetch_destroy(fetch);
}

struct fetch *fetch_start(struct http *http, const struct http_request *request, fetch_end_fn *end,
                          void *context, struct error *error) {
    struct fetch *fetch = memory_new(1, sizeof *fetch);
    struct http_request mine = *request;
    mine.data = take_data;
    mine.end = take_end;
    mine.context = fetch;
    fetch->http = http;
    fetch->end = end;
    fetch->context = context;
    buffer_init(&fetch->body);
    fetch->call = http_start(http, &mine, error);
    if (fetch->call)
        return fetch;
    fetch_destroy(fetch);
    return NULL;
}

enum http_end fetch_cancel(struct fetch *fetch) {
    enum http_end end = http_cancel(fetch->http, fetch->call);
    fetch_destroy(fetch);
    return end;
}

json_t *fetch_object(const struct buffer *body, struct error *error) {
    const char *start = body->data + strspn(body->data, " \t\r\n");
    json_set_alloc_funcs(malloc, memory_free_wiped);
    json_t *object = json_loadb(body->data, body->length, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(object))
        return object;
    json_decref(object);
    error_set(error, "the answer is %s",
              body->length == 0 ? "empty"
              : *start == '<'   ? "a web page"
                                : "not what was expected (no JSON object)");
    return NULL;
}

const char *fetch_string(const json_t *object, const char *name) {
    return json_string_value(json_object_get(object, name));
}
