#include "pail/base/url.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool take_scheme(const char **text, struct url *url) {
    url->https = strncasecmp(*text, "https://", 8) == 0;
    if (!url->https && strncasecmp(*text, "http://", 7) != 0)
        return false;
    *text += url->https ? 8 : 7;
    return true;
}

static bool is_host_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

static bool host_is_valid(const char *host, bool bracketed) {
    struct in6_addr address;
    if (bracketed)
        return inet_pton(AF_INET6, host, &address) == 1;
    const char *c = host;
    while (is_host_character(*c))
        c++;
    return c > host && *c == '\0' && host[0] != '-' && host[0] != '.' && strstr(host, "..") == NULL;
}

/* Reads the host up to ':', '/', '?', '#' or the end. */
static bool take_host(const char **text, struct url *url) {
    bool bracketed = **text == '[';
    const char *start = *text + bracketed;
    size_t length = strcspn(start, bracketed ? "]" : ":/?#");
    if (length >= sizeof url->host || (bracketed && start[length] != ']'))
        return false;
    for (size_t i = 0; i < length; i++)
        url->host[i] = (char)tolower((unsigned char)start[i]);
    url->host[length] = '\0';
    *text = start + length + bracketed;
    return host_is_valid(url->host, bracketed);
}

static bool take_port(const char **text, struct url *url) {
    url->port = url->https ? 443 : 80;
    if (**text != ':')
        return true;
    const char *digits = *text + 1;
    size_t length = strspn(digits, "0123456789");
    if (length == 0 || length > 5)
        return false;
    url->port = (int)strtol(digits, NULL, 10);
    *text = digits + length;
    return url->port >= 1 && url->port <= 65535;
}

bool url_parse(const char *text, struct url *url, struct error *error) {
    *url = (struct url){0};
    for (const char *c = text; *c != '\0'; c++)
        if ((unsigned char)*c <= ' ' || *c == 0x7F || *c == '\\')
            return error_set(error, "a URL has no spaces, backslashes or control characters");
    if (!take_scheme(&text, url))
        return error_set(error, "not a URL: it must begin with https:// (or http://)");
    size_t authority = strcspn(text, "/?#");
    if (memchr(text, '@', authority) != NULL)
        return error_set(error, "a URL with a user name or password in it is not accepted");
    if (!take_host(&text, url))
        return error_set(error, "the URL's host is missing or malformed");
    if (!take_port(&text, url))
        return error_set(error, "the URL's port must be a number from 1 to 65535");
    if (*text != '\0' && strchr("/?#", *text) == NULL)
        return error_set(error, "the URL's host is missing or malformed");
    size_t length = strlen(text);
    if (length >= sizeof url->path)
        return error_set(error, "the URL is too long");
    memcpy(url->path, text, length + 1);
    return true;
}

bool url_is_loopback(const struct url *url) {
    struct in_addr address;
    if (inet_pton(AF_INET, url->host, &address) == 1)
        return ntohl(address.s_addr) >> 24 == 127;
    return strcmp(url->host, "localhost") == 0 || strcmp(url->host, "::1") == 0;
}

/* Past the HOST:PORT at the beginning of text; NULL if there is none. */
static const char *skip_host(const char *text) {
    struct url url;
    char whole[sizeof "https://[]:65535" + sizeof url.host];
    size_t length = strcspn(text, text[0] == '[' ? "]" : ":");
    length += text[length] == ']';
    size_t digits = text[length] == ':' ? strspn(text + length + 1, "0123456789") : 0;
    length += 1 + digits;
    if (digits == 0 || length + sizeof "https://" > sizeof whole)
        return NULL;
    snprintf(whole, sizeof whole, "https://%.*s", (int)length, text);
    return url_parse(whole, &url, NULL) && url.path[0] == '\0' ? text + length : NULL;
}

size_t url_connect_entry(const char **text) {
    *text += strspn(*text, ", ");
    const char *end = skip_host(*text);
    end = end && *end == ':' ? skip_host(end + 1) : NULL;
    bool whole = end && (*end == '\0' || *end == ',' || *end == ' ');
    return whole ? (size_t)(end - *text) : 0;
}

bool url_check_connect_to(const char *text, struct error *error) {
    size_t length;
    while ((length = url_connect_entry(&text)) > 0)
        text += length;
    return *text == '\0' ||
           error_set(error, "connect_to is not HOST:PORT:CONNECT-HOST:CONNECT-PORT: %s", text);
}
