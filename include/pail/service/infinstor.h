/*
 * InfinStor's calls, and what their answers mean, as a sentence. Paths and the listing's body are
 * settings, since they are only partly documented. Knows nothing of retries or of sittings.
 */
#ifndef PAIL_SERVICE_INFINSTOR_H
#define PAIL_SERVICE_INFINSTOR_H

#include "pail/buckets/reader.h"
#include "pail/service/http.h"

struct infinstor;
struct infinstor_call;

struct infinstor_settings {
    const char *base_url;  /* "https://api.infinstor.yourcompany.com", a last / is ignored */
    const char *list_path; /* NULL: /customerinfo */
    const char *list_body; /* NULL: the body of InfinStor's own client */
    long timeout_ms;       /* a read without progress, a write in all */
    size_t list_bytes;     /* a listing has no more; 0: 1 GiB, which is millions of entries */
};

/* Both of its answers may also be to a login of another service. */
#define ANSWER_LOGIN_EXPIRED_TEXT "the login has expired or is wrong"

enum answer_kind {
    ANSWER_OK,            /* of a write: accepted, which is not yet applied */
    ANSWER_LOGIN_EXPIRED, /* 401, or 200 with the login page */
    ANSWER_FORBIDDEN,     /* 403 */
    ANSWER_UNMATCHED,     /* 412: the entry isn't the version of If-Match any more */
    ANSWER_REFUSED,       /* any other status of 400-499 but 408: the service said no */
    ANSWER_TROUBLED,      /* 5xx, 408 and other odd statuses: a write's outcome is unknown */
    ANSWER_UNREADABLE,    /* a 2xx that ended as it should, but is no whole listing */
    ANSWER_NOT_SENT,      /* surely not sent: no connection */
    ANSWER_UNKNOWN, /* sent, or perhaps sent, and no whole answer: also a listing that broke off */
};

struct answer {
    enum answer_kind kind;
    long status;
    long retry_after; /* seconds that the service asks to wait (429, 503); 0: it doesn't */
    /* What happened, without the operation's name; raw. "" if it is OK, unless what a change was
     * answered with isn't empty and isn't "{}": then what that is, in case it wasn't applied. */
    char text[256];
    const char *next;  /* what a person does next, after "; "; "" or NULL: see the kind; static */
    char excerpt[201]; /* the answer's first bytes unless it is OK; raw but for JSON's secrets */
};

/* account: the listing's other members; NULL unless the kind is ANSWER_OK. */
struct infinstor_list_listener {
    reader_entry_fn *entry;
    void (*end)(void *context, const struct answer *answer, const struct reader *account);
    void *context;
};

struct infinstor_change_listener {
    void (*end)(void *context, const struct answer *answer);
    void *context;
};

struct infinstor *infinstor_create(struct http *http, const struct infinstor_settings *settings);
void infinstor_destroy(struct infinstor *infinstor); /* cancels what is under way */

/* What is sent as the header Idtoken with all later calls (token_headers); copied. NULL or "": no
 * such header. */
void infinstor_set_id_token(struct infinstor *infinstor, const char *id_token);

/* NULL with an error if it can't even be started. authorization as token_headers gives it. */
struct infinstor_call *infinstor_list(struct infinstor *infinstor, const char *authorization,
                                      const struct infinstor_list_listener *listener,
                                      struct error *error);

struct infinstor_post {
    const char *body; /* borrowed until the end */
    size_t length;
    /* The entry's etag, as a listing has it; NULL or "": it has none. Sent as If-Match: "etag". No
     * page of InfinStor's tells of an etag, and it may ignore the header; bucketd's entries have
     * one. One that can't stand in the header (RFC 9110, 8.8.3) is left out. */
    const char *if_match;
    bool if_none; /* sent as If-None-Match: *, unless if_match is: there must be no entry yet */
    bool own_connection; /* a new one, closed afterwards */
};

/* One POST, sent at most once on whatever connection. */
struct infinstor_call *infinstor_change(struct infinstor *infinstor, const char *authorization,
                                        const struct infinstor_post *post,
                                        const struct infinstor_change_listener *listener,
                                        struct error *error);

/* Drops a call without calling its end; says whether it surely was not sent. */
enum http_end infinstor_cancel(struct infinstor *infinstor, struct infinstor_call *call);

void infinstor_progress(const struct infinstor_call *call, size_t *received, size_t *expected);

/* The URL that a change is POSTed to, for the review. Lives as long as infinstor. */
const char *infinstor_change_url(const struct infinstor *infinstor);

#endif
