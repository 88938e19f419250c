/*
 * InfinStor's token file, as its public Python client writes it: lines KEY=value, each key at most
 * once (of several the last counts, as in that client), in any case:
 *
 *   Token=, RefreshToken=, ClientId=, TokenTimeEpochSeconds=, IdToken=, TokenType=, Service=
 *
 * CRLF occurs, blanks at the end of a line don't count. A file that others can read or write, that
 * isn't ours or root's, or isn't a regular file is refused (doc/safety.md, 8). InfinStor's client
 * writes it in place: a file without a last newline may be torn, and is read again, for 100 ms.
 */
#ifndef PAIL_SERVICE_TOKEN_H
#define PAIL_SERVICE_TOKEN_H

#include <stdint.h>

#include "pail/base/buffer.h"
#include "pail/base/error.h"

enum token_state {
    TOKEN_LOADED,
    TOKEN_MISSING,  /* no such file */
    TOKEN_LOOSE,    /* others can read or write it: the error names the chmod that mends it */
    TOKEN_UNUSABLE, /* not ours or root's, not a file, too large, or no token in it */
};

/* What a login is made of. NULL: not there; never "". All are overwritten when they are freed. */
struct token {
    char *access; /* of a custom token the whole value: "Custom ..." */
    char *refresh, *id, *client_id, *type, *service;
    int64_t issued; /* seconds since 1970; 0: not known */
};

enum token_scheme {
    TOKEN_SCHEME_ID,             /* the id token as it is; the access token if there is none */
    TOKEN_SCHEME_BEARER,         /* "Bearer " and the access token */
    TOKEN_SCHEME_ACCESS_WITH_ID, /* the access token, and the id token as the header Idtoken */
};

void token_init(struct token *token);
void token_finish(struct token *token); /* leaves it initialised */

/* Replaces one of the members by a copy; NULL or "" clears it. */
void token_set(char **member, const char *value);

/* Reads the file into token, which is initialised and is replaced only by TOKEN_LOADED. Enough for
 * that is an access token, an id token, or a refresh token with its client id. */
enum token_state token_read(const char *path, struct token *token, struct error *error);

/* $INFINSTOR_REFRESH_TOKEN with $INFINSTOR_COGNITO_CLIENTID, which replace the file and live in
 * memory. False, and nothing changed, unless both are there. */
bool token_from_environment(struct token *token);

/* Writes the file, mode 0600, so that a crash leaves the old one or the new one; makes its folder
 * if only that is missing. Lines that aren't ours are kept, and so is the spelling of keys. To be
 * called under token_lock, and of what was read under it. */
bool token_write(const char *path, const struct token *token, struct error *error);

/* It begins with "Custom ": sent as it is whatever the scheme, and never renewed. */
bool token_is_custom(const struct token *token);

/* Whether it is time to renew it: 30 minutes after it was issued, as in InfinStor's client; also
 * if that isn't known or lies in the future. Says nothing of whether it can be renewed. */
bool token_is_due(const struct token *token, int64_t now);

enum { TOKEN_DUE_S = 30 * 60 };

/* When it expires by its own word: the claim exp of the id token, or of the access token (RFC
 * 7519), which isn't verified: for display alone. Seconds since 1970; 0: it doesn't say. */
int64_t token_expires(const struct token *token);

/* Whether it may be sent to that service: it names no other. */
bool token_is_for(const struct token *token, const char *domain);

/* Likewise to a host, where nothing but a URL is known of the service: the host is the service's
 * domain, or under it. */
bool token_is_for_host(const struct token *token, const char *host);

/* Appends the value of the header Authorization, and of the header Idtoken if the scheme has it.
 * False with an error, and nothing appended, if the token lacks what the scheme sends. */
bool token_headers(const struct token *token, enum token_scheme scheme,
                   struct buffer *authorization, struct buffer *id_token, struct error *error);

/* Removes the file, also from the folder on disk. To be called under token_lock. */
bool token_remove(const char *path, struct error *error);

enum token_lock_state { TOKEN_LOCKED, TOKEN_LOCK_BUSY, TOKEN_LOCK_FAILED };

/* Two pails renew once: who has the lock reads the file again, and renews only if the token in it
 * is still due. Waits at most wait_ms (0: not at all). The lock is on a file beside the token's,
 * which stays. Unless TOKEN_LOCKED there is an error and nothing to unlock. */
enum token_lock_state token_lock(const char *path, int wait_ms, int *lock, struct error *error);
void token_unlock(int lock);

/* chmod 600 on the file that token_read called loose; only on a regular file of ours. */
bool token_tighten(const char *path, struct error *error);

/* Where the token file is: directory/token if directory is not "", else
 * $INFINSTOR_TOKEN_FILE_DIR/token, else ~/.infinstor/token. */
void token_path(struct buffer *path, const char *directory);

#endif
