/* What libcurl is told of a request before it begins: doc/safety.md, libcurl. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "http_internal.h"
#include "pail/base/buffer.h"

/* A connection that was idle for so long isn't used again: it may be dead without our knowing. */
enum { IDLE_CONNECTION_S = 4 };

/* libcurl keeps what it read of a file for the next connections, but not if it has a folder too:
 * then it reads Debian's file anew for each (30 ms, in which no key is answered), and the folder
 * holds the same. NULL: there is no such file, so leave it to libcurl. */
static const char *authorities_file(const struct http *http) {
    const char *theirs = curl_version_info(CURLVERSION_NOW)->cainfo;
    if (http->ca_file)
        return http->ca_file;
    return theirs && access(theirs, R_OK) == 0 ? theirs : NULL;
}

static bool set_safety(CURL *easy, const struct http *http, bool https) {
    CURLcode bad = CURLE_OK;
    bad |= curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, https ? "https" : "http");
    bad |= curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    bad |= curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    bad |= curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    bad |= curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    bad |= curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    /* So few requests at a time gain little by HTTP/2, which can refuse and repeat a stream. */
    bad |= curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    /* Plain http goes to this machine only: a proxy would see the Authorization. */
    if (!http->proxy_from_environment || !https)
        bad |= curl_easy_setopt(easy, CURLOPT_PROXY, "");
    if (http->connect_list && https)
        bad |= curl_easy_setopt(easy, CURLOPT_CONNECT_TO, http->connect_list);
    bad |= curl_easy_setopt(easy, CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE);
    bad |= curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L); /* a proxy's answer */
    const char *authorities = authorities_file(http);
    if (authorities) {
        bad |= curl_easy_setopt(easy, CURLOPT_CAINFO, authorities);
        bad |= curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    }
    return bad == CURLE_OK;
}

static int on_socket(void *context, curl_socket_t socket, curlsocktype purpose) {
    (void)context, (void)purpose;
    return fcntl(socket, F_SETFD, FD_CLOEXEC) == 0 ? CURL_SOCKOPT_OK : CURL_SOCKOPT_ERROR;
}

static bool set_connection(CURL *easy, const struct http *http, bool own_connection) {
    CURLcode bad = CURLE_OK;
    bad |= curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    bad |= curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); /* not held up by a look-up of a name */
    bad |= curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, http->connect_ms);
    bad |= curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, (long)IDLE_CONNECTION_S);
    bad |= curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, on_socket);
    bad |= curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, (long)own_connection);
    bad |= curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, (long)own_connection);
    return bad == CURLE_OK;
}

static bool add_line(struct http_call *call, const char *line) {
    struct curl_slist *longer = curl_slist_append(call->headers, line);
    if (longer)
        call->headers = longer;
    return longer != NULL;
}

static bool add_header(struct http_call *call, const char *name, const char *value) {
    struct buffer line;
    buffer_init(&line);
    buffer_printf(&line, "%s:%s%s", name, value[0] ? " " : "", value);
    bool added = add_line(call, line.data);
    buffer_finish(&line);
    return added;
}

static bool add_body_headers(struct http_call *call, const char *type) {
    return add_header(call, "Content-Type", type ? type : "application/x-www-form-urlencoded") &&
           add_header(call, "Expect", "");
}

static bool add_headers(struct http_call *call, const struct http_request *request) {
    for (const char *const *line = request->headers; line && *line; line++)
        if (!add_line(call, *line))
            return false;
    return (request->authorization == NULL ||
            add_header(call, "Authorization", request->authorization)) &&
           (request->body == NULL || add_body_headers(call, request->content_type));
}

static bool set_request(struct http_call *call, const struct http_request *request) {
    CURL *easy = call->easy;
    CURLcode bad = CURLE_OK;
    if (!add_headers(call, request))
        return false;
    bad |= curl_easy_setopt(easy, CURLOPT_HTTPHEADER, call->headers);
    bad |= curl_easy_setopt(easy, CURLOPT_URL, request->url);
    bad |= curl_easy_setopt(easy, CURLOPT_USERAGENT, "pail/" PAIL_VERSION);
    if (request->body) {
        bad |= curl_easy_setopt(easy, CURLOPT_POST, 1L);
        bad |=
            curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_length);
    }
    return bad == CURLE_OK;
}

bool http_options_set(struct http_call *call, const struct http *http,
                      const struct http_request *request, bool https) {
    return set_safety(call->easy, http, https) &&
           set_connection(call->easy, http, request->own_connection) && set_request(call, request);
}
