/*
 * Login by the browser, for a service with an own login page, as InfinStor's public Python client
 * does it: its page is opened at a URL and ends with a code, which is exchanged for tokens by one
 * POST:
 *
 *   https://SERVICE-HOST-WITH-DASHES.auth.REGION.amazoncognito.com/oauth2/authorize,
 * .../oauth2/token
 *
 * Every part of the host is checked, so that no code goes to a made-up one. What happened is told
 * as cognito.h does, without the code and without what the answer quotes of it.
 */
#ifndef PAIL_SERVICE_OAUTH_H
#define PAIL_SERVICE_OAUTH_H

#include "pail/service/cognito.h"

struct oauth;

struct oauth_settings {
    const char *service_host, *mlflow_host; /* "service.infinstor.yourcompany.com" */
    const char *region, *client_id;
    long timeout_ms;
};

/* NULL with an error if there can be no such host. */
struct oauth *oauth_create(struct http *http, const struct oauth_settings *settings,
                           struct error *error);
void oauth_destroy(struct oauth *oauth); /* drops what is under way; wipes */

/* What the browser opens. */
const char *oauth_url(const struct oauth *oauth);

/* False with an error if it can't be started; else end is called once: COGNITO_DONE with the
 * tokens, COGNITO_REFUSED if another code may do, or what else happened. */
bool oauth_exchange(struct oauth *oauth, const char *code, cognito_end_fn *end, void *context,
                    struct error *error);

#endif
