/*
 * InfinStor's REST API (doc: reference/infinstor-api.md) over HTTP:
 *
 *   POST /add-mod-del-bucket                        the administrator's
 *   POST /customerinfo                              whoever has a token
 *   GET  /api/2.0/mlflow/infinstor/get_version      everybody
 *
 * One thread: service_run is the loop, and every request is carried out in its turn.
 */
#ifndef BUCKETD_SERVICE_H
#define BUCKETD_SERVICE_H

#include "access.h"
#include "store.h"

struct service;

/* Borrows store and access. listen_fd is the service's from here on. */
struct service *service_create(struct store *store, const struct access *access, int listen_fd,
                               int request_seconds, struct error *error);
void service_destroy(struct service *service); /* NULL is fine */

/* Each change waits so long before it is carried out and answered; 0: it doesn't. */
void service_hold(struct service *service, int seconds);

/* Serves until stop_fd can be read, then takes no more connections and gives the answers under way
 * a moment to leave. */
bool service_run(struct service *service, int stop_fd, struct error *error);

#endif
