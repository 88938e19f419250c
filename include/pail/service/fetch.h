/*
 * A request whose whole answer is wanted and is small: at most 64 KiB, in memory that is wiped.
 * For the calls that precede InfinStor's own: discovery and Cognito.
 */
#ifndef PAIL_SERVICE_FETCH_H
#define PAIL_SERVICE_FETCH_H

#include <jansson.h>

#include "pail/base/buffer.h"
#include "pail/service/http.h"

struct fetch;

/* The body is whole if result->end is HTTP_ANSWERED; both live until this returns. */
typedef void fetch_end_fn(void *context, const struct http_result *result,
                          const struct buffer *body);

/* NULL with an error if it can't be started. The request's callbacks and context are not looked
 * at; its body is borrowed until the end. */
struct fetch *fetch_start(struct http *http, const struct http_request *request, fetch_end_fn *end,
                          void *context, struct error *error);

/* Drops it without calling its end. */
enum http_end fetch_cancel(struct fetch *fetch);

/* The JSON object that body is; NULL with an error: "the answer is ...", which quotes nothing. Its
 * memory is overwritten when it is freed (json_decref). */
json_t *fetch_object(const struct buffer *body, struct error *error);

/* A member that is a string; NULL if it is missing, null or something else. */
const char *fetch_string(const json_t *object, const char *name);

#endif
