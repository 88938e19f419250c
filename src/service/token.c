#include "pail/service/token.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "pail/base/encode.h"
#include "pail/base/memory.h"
#include "pail/base/text.h"
#include "token_file.h"

enum {
    TORN_MS = 20, /* a pause, and how often it is read again after one */
    TORN_TRIES = 5,
    SKEW_S = 5 * 60, /* by how much clocks may differ */
};

static const char custom_start[] = "Custom ";

void token_init(struct token *token) {
    *token = (struct token){.issued = 0};
}

void token_set(char **member, const char *value) {
    char *copy = value && value[0] ? memory_string(value) : NULL;
    memory_free_wiped(*member);
    *member = copy;
}

void token_finish(struct token *token) {
    for (enum token_key key = 0; key < TOKEN_KEYS; key++)
        if (token_member(token, key))
            token_set(token_member(token, key), NULL);
    token_init(token);
}

/* ---- reading --------------------------------------------------------------------------------- */

static void name_the_remedy(const char *path, int file, struct error *error) {
    struct stat info = {0};
    struct buffer word;
    buffer_init(&word);
    encode_shell_word(&word, path);
    bool readable = fstat(file, &info) == 0 && (info.st_mode & (S_IRGRP | S_IROTH));
    error_set(error, "token file %s: others can %s it; chmod 600 %s", path,
              readable ? "read" : "write", word.data);
    buffer_finish(&word);
}

static enum token_state read_once(const char *path, struct buffer *text, struct error *error) {
    int file;
    enum token_state state = token_file_open(path, &file, error);
    if (state == TOKEN_MISSING || state == TOKEN_UNUSABLE)
        return state;
    if (state == TOKEN_LOOSE)
        name_the_remedy(path, file, error);
    else if (!token_file_read_all(file, text)) {
        error_set(error, "token file %s: no token in it; it is no text", path);
        state = TOKEN_UNUSABLE;
    }
    close(file);
    return state;
}

static bool ends_a_line(const struct buffer *text) {
    return text->length > 0 && text->data[text->length - 1] == '\n';
}

static enum token_state read_text(const char *path, struct buffer *text, struct error *error) {
    enum token_state state = read_once(path, text, error);
    for (int i = 0; i < TORN_TRIES && state == TOKEN_LOADED && !ends_a_line(text); i++) {
        nanosleep(&(struct timespec){.tv_nsec = TORN_MS * 1000000L}, NULL);
        buffer_clear(text);
        state = read_once(path, text, error);
    }
    return state;
}

/* 0 unless it begins with a number that can be a time. */
static int64_t read_time(const char *text) {
    long long seconds = strtoll(text, NULL, 10);
    return seconds > 0 && seconds < INT64_MAX / 2 ? seconds : 0;
}

static void parse(struct token *token, const char *text) {
    struct token_line line;
    while (token_line_next(&text, &line)) {
        if (line.key == TOKEN_KEYS)
            continue;
        char *value = memory_string_n(line.value, line.value_length);
        if (line.key == TOKEN_KEY_ISSUED)
            token->issued = read_time(value);
        else
            token_set(token_member(token, line.key), value);
        memory_free_wiped(value);
    }
}

/* Its values will be sent, and shown in part. */
static bool is_clean(struct token *token) {
    for (enum token_key key = 0; key < TOKEN_KEYS; key++) {
        char **member = token_member(token, key);
        if (member && *member && !text_is_clean(*member, strlen(*member)))
            return false;
    }
    return true;
}

static bool is_usable(struct token *token) {
    return is_clean(token) && (token->access || token->id || (token->refresh && token->client_id));
}

enum token_state token_read(const char *path, struct token *token, struct error *error) {
    struct token found;
    struct buffer text;
    buffer_init(&text);
    token_init(&found);
    enum token_state state = read_text(path, &text, error);
    if (state == TOKEN_LOADED) {
        parse(&found, text.data);
        if (is_usable(&found)) {
            token_finish(token);
            *token = found;
            token_init(&found);
        } else {
            error_set(error, "token file %s: no token in it", path);
            state = TOKEN_UNUSABLE;
        }
    }
    token_finish(&found);
    buffer_finish(&text);
    return state;
}

bool token_from_environment(struct token *token) {
    const char *refresh = getenv("INFINSTOR_REFRESH_TOKEN");
    const char *client_id = getenv("INFINSTOR_COGNITO_CLIENTID");
    if (refresh == NULL || refresh[0] == '\0' || client_id == NULL || client_id[0] == '\0')
        return false;
    token_finish(token);
    token_set(&token->refresh, refresh);
    token_set(&token->client_id, client_id);
    return true;
}

/* ---- what it is good for --------------------------------------------------------------------- */

bool token_is_custom(const struct token *token) {
    size_t length = sizeof custom_start - 1;
    return token->access && strncmp(token->access, custom_start, length) == 0 &&
           token->access[length] != '\0';
}

bool token_is_due(const struct token *token, int64_t now) {
    return !token_is_custom(token) &&
           (token->issued + TOKEN_DUE_S <= now || token->issued > now + SKEW_S);
}

bool token_is_for(const struct token *token, const char *domain) {
    return token->service == NULL || strcasecmp(token->service, domain) == 0;
}

bool token_is_for_host(const struct token *token, const char *host) {
    size_t length = strlen(host), under = token->service ? strlen(token->service) : 0;
    if (token_is_for(token, host))
        return true;
    return under > 0 && length > under && host[length - under - 1] == '.' &&
           strcasecmp(host + length - under, token->service) == 0;
}

bool token_headers(const struct token *token, enum token_scheme scheme,
                   struct buffer *authorization, struct buffer *id_token, struct error *error) {
    const char *access = token->access, *id = token->id;
    bool custom = token_is_custom(token);
    if (custom || (scheme == TOKEN_SCHEME_ID && id == NULL))
        id = access;
    if (access == NULL && scheme != TOKEN_SCHEME_ID)
        return error_set(error, "no access token in it; log in again");
    if (id == NULL && scheme != TOKEN_SCHEME_BEARER)
        return error_set(error, "no %stoken in it; log in again",
                         scheme == TOKEN_SCHEME_ID ? "" : "id ");
    if (scheme == TOKEN_SCHEME_BEARER && !custom)
        buffer_append_string(authorization, "Bearer ");
    buffer_append_string(authorization, scheme == TOKEN_SCHEME_ID ? id : access);
    if (scheme == TOKEN_SCHEME_ACCESS_WITH_ID && !custom)
        buffer_append_string(id_token, id);
    return true;
}

/* ---- the file -------------------------------------------------------------------------------- */

bool token_tighten(const char *path, struct error *error) {
    int file;
    enum token_state state = token_file_open(path, &file, error);
    if (state == TOKEN_MISSING || state == TOKEN_UNUSABLE)
        return false;
    bool good =
        fchmod(file, 0600) == 0 || error_set(error, "chmod 600 %s: %s", path, strerror(errno));
    close(file);
    return good;
}

void token_path(struct buffer *path, const char *directory) {
    const char *environment = getenv("INFINSTOR_TOKEN_FILE_DIR"), *home = getenv("HOME");
    if (directory[0])
        buffer_printf(path, "%s/token", directory);
    else if (environment && environment[0])
        buffer_printf(path, "%s/token", environment);
    else
        buffer_printf(path, "%s/.infinstor/token", home ? home : "");
}
