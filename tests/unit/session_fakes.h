/*
 * A service, a token file and a clock that the test plays itself: defined here, they replace those
 * of the library. Calls are heap objects that die before their end is told, as the contract allows,
 * so that a stale use of one is seen by ASan.
 */
#ifndef PAIL_TESTS_UNIT_SESSION_FAKES_H
#define PAIL_TESTS_UNIT_SESSION_FAKES_H

#include "tests.h"

#include "pail/base/clock.h"
#include "pail/base/memory.h"
#include "pail/service/infinstor.h"
#include "pail/service/token.h"
#include "pail/session/session.h"

enum { SETTLE_AFTER = 10000 /* ms */ };

/* Of each answer that isn't OK. */
#define EXCERPT "<html>Welcome"

struct infinstor_call {
    struct infinstor_list_listener list;
    struct infinstor_change_listener change;
    struct reader *reader; /* of a listing that has begun */
    struct infinstor_call *next;
    bool own_connection;
    char body[512], if_match[64];
    bool if_none;
};

static struct {
    int64_t ms;
    int tick; /* ms that pass between two looks at a clock */
    time_t now;
    enum token_state token;
    bool due, custom, elsewhere, environment; /* what the token is */
    int64_t issued;
    const char *refresh; /* in it; NULL: it can't be renewed */
    int tokens, tightened, lists, changes, cancels;
    bool refuse_start;
    const char *user;              /* who reads; NULL: admin@example.com */
    struct infinstor_call *list;   /* under way */
    struct infinstor_call *change; /* under way, the oldest first; never beside a list */
    int most;                      /* POSTs that were under way at a time */
    void (*posted)(const struct infinstor_call *call); /* NULL: nobody wants to know */
    void (*dropped)(const struct infinstor_call *call, enum http_end end);
    long retry_after; /* of the answers that come */
    enum http_end cancelled_change;
    size_t received;
    char body[512], authorization[64], base_url[128], url[192];
} fake;

int64_t clock_ms(void) {
    fake.ms += fake.tick;
    return fake.ms;
}

time_t clock_now(void) {
    return fake.now;
}

int64_t clock_wall_ms(void) {
    fake.ms += fake.tick;
    return (int64_t)fake.now * 1000 + fake.ms;
}

void token_init(struct token *token) {
    *token = (struct token){0};
}

void token_set(char **member, const char *value) {
    free(*member);
    *member = value ? memory_string(value) : NULL;
}

void token_finish(struct token *token) {
    token_set(&token->access, NULL);
    token_set(&token->refresh, NULL);
    token_set(&token->client_id, NULL);
    token_set(&token->service, NULL);
    *token = (struct token){0};
}

bool token_from_environment(struct token *token) {
    if (fake.environment)
        token_set(&token->refresh, fake.refresh);
    return fake.environment;
}

void token_path(struct buffer *path, const char *directory) {
    buffer_append_string(path, directory);
}

enum token_state token_read(const char *path, struct token *token, struct error *error) {
    if (fake.token == TOKEN_LOADED) {
        token->issued = fake.issued;
        token_set(&token->access, "old");
        token_set(&token->refresh, fake.refresh);
        token_set(&token->service, fake.elsewhere ? "other.example.com" : NULL);
    } else if (fake.token == TOKEN_LOOSE)
        error_set(error, "%s can be read by others: chmod 600 %s", path, path);
    else
        error_set(error, "%s: no such file", path);
    return fake.token;
}

bool token_headers(const struct token *token, enum token_scheme scheme,
                   struct buffer *authorization, struct buffer *id_token, struct error *error) {
    (void)token, (void)scheme, (void)id_token, (void)error;
    buffer_printf(authorization, "token-%d", ++fake.tokens); /* one for each use */
    return true;
}

bool token_is_custom(const struct token *token) {
    (void)token;
    return fake.custom;
}

bool token_is_for(const struct token *token, const char *domain) {
    (void)token, (void)domain;
    return !fake.elsewhere;
}

bool token_is_for_host(const struct token *token, const char *host) {
    return token_is_for(token, host);
}

bool token_is_due(const struct token *token, int64_t now) {
    (void)token, (void)now;
    return fake.due && !fake.custom;
}

bool token_tighten(const char *path, struct error *error) {
    (void)path;
    if (fake.token != TOKEN_LOOSE)
        return error_set(error, "nothing to tighten");
    fake.tightened++;
    fake.token = TOKEN_LOADED;
    return true;
}

struct infinstor *infinstor_create(struct http *http, const struct infinstor_settings *settings) {
    (void)http;
    snprintf(fake.base_url, sizeof fake.base_url, "%s", settings->base_url);
    return memory_new(1, 1);
}

void infinstor_set_id_token(struct infinstor *infinstor, const char *id_token) {
    (void)infinstor, (void)id_token;
}

static void drop(struct infinstor_call **call) {
    if (*call != NULL)
        reader_destroy((*call)->reader);
    free(*call);
    *call = NULL;
}

static void drop_change(struct infinstor_call *call) {
    struct infinstor_call **at = &fake.change;
    while (*at != call)
        at = &(*at)->next;
    *at = call->next;
    free(call);
}

static int under_way(void) {
    int count = 0;
    for (const struct infinstor_call *call = fake.change; call; call = call->next)
        count++;
    return count;
}

void infinstor_destroy(struct infinstor *infinstor) {
    drop(&fake.list);
    while (fake.change)
        drop_change(fake.change);
    free(infinstor);
}

static struct infinstor_call *start(struct infinstor_call **slot, const char *authorization,
                                    struct error *error) {
    assert_null(fake.list); /* one reading at a time, and no POST meanwhile */
    snprintf(fake.authorization, sizeof fake.authorization, "%s", authorization);
    if (fake.refuse_start) {
        error_set(error, "too many open files");
        return NULL;
    }
    return *slot = memory_new(1, sizeof **slot);
}

struct infinstor_call *infinstor_list(struct infinstor *infinstor, const char *authorization,
                                      const struct infinstor_list_listener *listener,
                                      struct error *error) {
    (void)infinstor;
    assert_null(fake.change);
    fake.lists++;
    fake.received = 0;
    if (start(&fake.list, authorization, error) != NULL)
        fake.list->list = *listener;
    return fake.list;
}

struct infinstor_call *infinstor_change(struct infinstor *infinstor, const char *authorization,
                                        const struct infinstor_post *post,
                                        const struct infinstor_change_listener *listener,
                                        struct error *error) {
    (void)infinstor;
    struct infinstor_call **end = &fake.change;
    fake.changes++;
    snprintf(fake.body, sizeof fake.body, "%.*s", (int)post->length, post->body);
    while (*end)
        end = &(*end)->next;
    struct infinstor_call *call = start(end, authorization, error);
    if (call == NULL)
        return NULL;
    call->change = *listener;
    call->own_connection = post->own_connection;
    snprintf(call->body, sizeof call->body, "%s", fake.body);
    snprintf(call->if_match, sizeof call->if_match, "%s", post->if_match);
    call->if_none = post->if_none;
    fake.most = under_way() > fake.most ? under_way() : fake.most;
    if (fake.posted)
        fake.posted(call);
    return call;
}

enum http_end infinstor_cancel(struct infinstor *infinstor, struct infinstor_call *call) {
    (void)infinstor;
    assert_non_null(call);
    fake.cancels++;
    bool change = call != fake.list;
    if (change && fake.dropped)
        fake.dropped(call, fake.cancelled_change);
    if (change)
        drop_change(call);
    else
        drop(&fake.list);
    return change ? fake.cancelled_change : HTTP_UNKNOWN;
}

void infinstor_progress(const struct infinstor_call *call, size_t *received, size_t *expected) {
    assert_true(call != NULL && call == fake.list);
    *received = fake.received;
    *expected = 1000;
}

const char *infinstor_change_url(const struct infinstor *infinstor) {
    (void)infinstor;
    snprintf(fake.url, sizeof fake.url, "%s/add-mod-del-bucket", fake.base_url);
    return fake.url;
}

/* ---- what the service does ------------------------------------------------------------------- */

/* Sends the beginning of a listing, or more of it. */
static void send_rows(const char *json) {
    assert_non_null(fake.list);
    struct infinstor_call *call = fake.list;
    if (call->reader == NULL) {
        char head[128];
        snprintf(head, sizeof head, "{\"userName\":\"%s\",\"InfinSnapBuckets\":[",
                 fake.user ? fake.user : "admin@example.com");
        call->reader = reader_create(call->list.entry, call->list.context);
        assert_true(reader_feed(call->reader, head, strlen(head), NULL));
    }
    fake.received += strlen(json);
    assert_true(reader_feed(call->reader, json, strlen(json), NULL));
}

/* Ends the listing as whole; rows as for send_rows. */
static void answer_rows(const char *rows) {
    send_rows(rows);
    struct infinstor_list_listener listener = fake.list->list;
    struct reader *reader = fake.list->reader;
    fake.list->reader = NULL;
    drop(&fake.list);
    assert_true(reader_feed(reader, "]}", 2, NULL) && reader_end(reader, NULL));
    listener.end(listener.context, &(struct answer){.kind = ANSWER_OK, .status = 200}, reader);
    reader_destroy(reader);
}

static struct answer make_answer(enum answer_kind kind, long status, const char *text) {
    struct answer answer = {.kind = kind, .status = status, .retry_after = fake.retry_after};
    snprintf(answer.text, sizeof answer.text, "%s", text);
    snprintf(answer.excerpt, sizeof answer.excerpt, "%s", EXCERPT);
    return answer;
}

static inline void fail_list(enum answer_kind kind, long status, const char *text) {
    assert_non_null(fake.list);
    struct infinstor_list_listener listener = fake.list->list;
    struct answer answer = make_answer(kind, status, text);
    drop(&fake.list);
    listener.end(listener.context, &answer, NULL);
}

/* Of the index'th that is under way. */
static inline void answer_post(int index, enum answer_kind kind, long status, const char *text) {
    struct infinstor_call *call = fake.change;
    for (; call != NULL && index > 0; index--)
        call = call->next;
    if (call == NULL) {
        fail_msg("not so many are under way");
        return;
    }
    struct infinstor_change_listener listener = call->change;
    struct answer answer = make_answer(kind, status, text);
    drop_change(call);
    listener.end(listener.context, &answer);
}

static inline void answer_change(enum answer_kind kind, long status, const char *text) {
    answer_post(0, kind, status, text);
}

/* ---- the sitting under test ------------------------------------------------------------------ */

static inline void reset_fake(void) {
    memset(&fake, 0, sizeof fake);
    fake.ms = 1000;
    fake.now = 1700000000;
    fake.cancelled_change = HTTP_UNKNOWN;
}

/* As a profile says otherwise. */
static const struct session_settings usual = {
    .base_url = "http://127.0.0.1",
    .token_path = "/home/a/token",
    .timeout_ms = 30000,
    .settle_after_ms = SETTLE_AFTER,
    .profile = "prod",
};

static inline struct session *open_sitting(bool read_only) {
    struct session_settings settings = usual;
    settings.read_only = read_only;
    reset_fake();
    return session_create(NULL, &settings);
}

static inline struct session_status status_of(const struct session *session) {
    struct session_status status;
    session_status(session, &status);
    return status;
}

static inline bool log_has(const struct session *session, const char *text) {
    for (size_t i = 0; i < session_log_count(session); i++)
        if (strstr(session_log_line(session, i).text, text) != NULL)
            return true;
    return false;
}

#endif
