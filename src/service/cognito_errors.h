/* Cognito's errors as sentences. */
#ifndef PAIL_SERVICE_COGNITO_ERRORS_H
#define PAIL_SERVICE_COGNITO_ERRORS_H

#include "pail/service/cognito.h"

enum cognito_call { CALL_RENEW, CALL_LOGIN, CALL_RESPOND, CALL_REVOKE };

/* Sets answer's kind and text. type and message as Cognito sent them ("" if it didn't), message
 * without secrets. */
void cognito_explain(struct cognito_answer *answer, enum cognito_call call, long status,
                     const char *type, const char *message);

#endif
