#include "answer.h"

#include <stdint.h>
#include <string.h>

static const char login_page[] =
    "<!DOCTYPE html>\n<html><head><meta http-equiv=\"refresh\" content=\"3;url=login.html\">"
    "<title>Login</title></head>\n<body>Login expired. Please login again</body></html>\n";

enum MHD_Result answer_send(struct MHD_Connection *connection, unsigned status,
                            struct MHD_Response *response) {
    if (response == NULL)
        return MHD_NO;
    enum MHD_Result result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static struct MHD_Response *make_response(const char *type, const char *text) {
    struct MHD_Response *response = MHD_create_response_from_buffer(
        strlen(text), (void *)(uintptr_t)text, MHD_RESPMEM_MUST_COPY);
    if (response)
        MHD_add_response_header(response, "Content-Type", type);
    return response;
}

enum MHD_Result answer_text(struct MHD_Connection *connection, unsigned status, const char *text) {
    return answer_send(connection, status, make_response("text/plain; charset=utf-8", text));
}

enum MHD_Result answer_json(struct MHD_Connection *connection, const char *json) {
    return answer_send(connection, MHD_HTTP_OK, make_response("application/json", json));
}

enum MHD_Result answer_login(struct MHD_Connection *connection) {
    return answer_send(connection, MHD_HTTP_OK,
                       make_response("text/html; charset=utf-8", login_page));
}

enum MHD_Result answer_method(struct MHD_Connection *connection, const char *allowed) {
    struct MHD_Response *response =
        make_response("text/plain; charset=utf-8", "this path needs another method");
    if (response)
        MHD_add_response_header(response, "Allow", allowed);
    return answer_send(connection, MHD_HTTP_METHOD_NOT_ALLOWED, response);
}
