/*
 * The body of POST /add-mod-del-bucket: a form (application/x-www-form-urlencoded). A field given
 * twice is refused, since it can't be known which was meant; fields that the page doesn't name are
 * ignored. Holds secrets: they are overwritten at the end.
 */
#ifndef BUCKETD_FORM_H
#define BUCKETD_FORM_H

#include <microhttpd.h>
#include <stdbool.h>

#include "pail/base/buffer.h"
#include "pail/base/error.h"
#include "pail/buckets/bucket.h"

struct form {
    struct buffer op;
    struct buffer value[FIELD_COUNT];
    bool op_sent;
    unsigned sent; /* bit 1 << field: the field was there, maybe empty */
};

void form_init(struct form *form);
void form_finish(struct form *form);

/* Reads the whole body of the connection's request into an initialised form. False unless it is a
 * form whose values are valid UTF-8 without NUL. */
bool form_read(struct form *form, struct MHD_Connection *connection, const struct buffer *body,
               struct error *error);

#endif
