/*
 * What a service says of itself, asked with nothing but its domain, as InfinStor's public Python
 * client asks:
 *
 *   GET https://mlflow.DOMAIN/api/2.0/mlflow/infinstor/get_version
 *
 * Only names are taken from the answer, and each host is a label put before DOMAIN: so whatever
 * answers, a token goes nowhere else than under the domain that the user wrote.
 */
#ifndef PAIL_SERVICE_DISCOVERY_H
#define PAIL_SERVICE_DISCOVERY_H

#include "pail/service/http.h"
#include "pail/service/label.h"

struct discovery {
    char api_host[HOST_SIZE], service_host[HOST_SIZE], mlflow_host[HOST_SIZE];
    char region[LABEL_SIZE];                     /* "" if not said: a setting must say it */
    char cli_client_id[129], app_client_id[129]; /* likewise */
    bool external_auth;                          /* login is by the browser */
};

struct discovery_call;

/* error is NULL if it went well; else it says what happened, and discovery is the one that
 * discovery_default makes. */
typedef void discovery_end_fn(void *context, const struct discovery *discovery,
                              const struct error *error);

/* What is to be assumed if nothing was found out: api.DOMAIN and so on. False with an error if it
 * isn't a domain (lower case, without a port). */
bool discovery_default(struct discovery *discovery, const char *domain, struct error *error);

/* One GET within timeout_ms, and a second one if it meets a cold start (502 to 504). NULL with an
 * error if it can't be started. */
struct discovery_call *discovery_start(struct http *http, const char *domain, long timeout_ms,
                                       discovery_end_fn *end, void *context, struct error *error);

/* Drops it without calling its end. */
void discovery_cancel(struct discovery_call *call);

#endif
