/*
 * An entry as JSON, the shape of `list` and `show` (pail(1), JSON): the fields that the service
 * sent, by the API's names, also those that we don't know; one that is null is left out. Secrets
 * are masked. An entry that could not be read is {"unreadable": "the text that came"}.
 */
#ifndef PAIL_SRC_CLI_ENTRY_JSON_H
#define PAIL_SRC_CLI_ENTRY_JSON_H

#include <jansson.h>
#include <stdio.h>

#include "pail/buckets/bucket.h"

/* The caller's to json_decref. */
json_t *entry_json(const struct bucket *bucket);

/* Writes it in ASCII, without a newline at the end; how: flags of jansson's. */
void entry_json_write(FILE *out, const json_t *json, size_t how);

#endif
