/* The small answers of the service, each whole at once. */
#ifndef BUCKETD_ANSWER_H
#define BUCKETD_ANSWER_H

#include <microhttpd.h>

/* Sends the response, which may be NULL, and lets go of it. */
enum MHD_Result answer_send(struct MHD_Connection *connection, unsigned status,
                            struct MHD_Response *response);

/* A line for a person. */
enum MHD_Result answer_text(struct MHD_Connection *connection, unsigned status, const char *text);

enum MHD_Result answer_json(struct MHD_Connection *connection, const char *json);

/* What InfinStor gives where a token is missing, wrong or too old: status 200 and a page. */
enum MHD_Result answer_login(struct MHD_Connection *connection);

/* 405; allowed: the method that the path needs. */
enum MHD_Result answer_method(struct MHD_Connection *connection, const char *allowed);

#endif
