#include "pail/service/cognito.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cognito_errors.h"
#include "pail/base/memory.h"
#include "pail/service/fetch.h"
#include "pail/service/label.h"

enum { SECRETS = 2 };

struct cognito {
    struct http *http;
    struct fetch *fetch; /* NULL: nothing under way */
    char *url, *client_id;
    long timeout_ms;
    /* The call under way: */
    enum cognito_call call;
    struct buffer body;
    char *secrets[SECRETS]; /* what was sent, not to be quoted; NULL: fewer */
    cognito_end_fn *end;
    void *context;
    /* The challenge that stands, if there is a session: */
    enum cognito_challenge challenge;
    char *session, *username;
};

static const struct challenge {
    const char *name, *member; /* of the response */
} challenges[] = {
    [COGNITO_NEW_PASSWORD] = {"NEW_PASSWORD_REQUIRED", "NEW_PASSWORD"},
    [COGNITO_TOTP_CODE] = {"SOFTWARE_TOKEN_MFA", "SOFTWARE_TOKEN_MFA_CODE"},
    [COGNITO_SMS_CODE] = {"SMS_MFA", "SMS_MFA_CODE"},
};

enum { CHALLENGES = sizeof challenges / sizeof *challenges };

struct cognito *cognito_create(struct http *http, const struct cognito_settings *settings,
                               struct error *error) {
    const char *region = settings->region ? settings->region : "";
    const char *client_id = settings->client_id ? settings->client_id : "";
    if (settings->endpoint == NULL && !label_is_valid(region)) {
        error_set(error,
                  region[0] ? "region is not one (like us-east-1): %s"
                            : "the service didn't say its region%s: set region",
                  region);
        return NULL;
    }
    if (!label_is_client_id(client_id)) {
        error_set(error,
                  client_id[0] ? "client_id is not one (letters, digits, _ and +): %s"
                               : "the service didn't say its client id%s: set client_id",
                  client_id);
        return NULL;
    }
    struct cognito *cognito = memory_new(1, sizeof *cognito);
    struct buffer url;
    buffer_init(&url);
    if (settings->endpoint)
        buffer_append_string(&url, settings->endpoint);
    else
        buffer_printf(&url, "https://cognito-idp.%s.amazonaws.com/", region);
    cognito->http = http;
    cognito->url = buffer_steal(&url);
    cognito->client_id = memory_string(client_id);
    cognito->timeout_ms = settings->timeout_ms;
    buffer_init(&cognito->body);
    return cognito;
}

static void forget_call(struct cognito *cognito) {
    buffer_finish(&cognito->body);
    for (int i = 0; i < SECRETS; i++)
        token_set(&cognito->secrets[i], NULL);
    cognito->fetch = NULL;
}

static void forget_challenge(struct cognito *cognito) {
    token_set(&cognito->session, NULL);
    token_set(&cognito->username, NULL);
}

void cognito_cancel(struct cognito *cognito) {
    if (cognito->fetch)
        fetch_cancel(cognito->fetch);
    forget_call(cognito);
}

void cognito_destroy(struct cognito *cognito) {
    if (cognito == NULL)
        return;
    cognito_cancel(cognito);
    forget_challenge(cognito);
    free(cognito->url);
    free(cognito->client_id);
    free(cognito);
}

/* ---- answers --------------------------------------------------------------------------------- */

static bool mentions_secret(const struct cognito *cognito, const char *text) {
    for (int i = 0; i < SECRETS; i++)
        if (cognito->secrets[i] && strstr(text, cognito->secrets[i]))
            return true;
    return cognito->session && strstr(text, cognito->session);
}

static void fail(struct cognito_answer *answer, enum cognito_kind kind, const char *text) {
    answer->kind = kind;
    snprintf(answer->text, sizeof answer->text, "%s", text);
}

static void judge_error(const struct cognito *cognito, const json_t *object, long status,
                        struct cognito_answer *answer) {
    const char *type = fetch_string(object, "__type");
    const char *message = fetch_string(object, "message");
    if (message == NULL)
        message = fetch_string(object, "Message");
    if (type == NULL || mentions_secret(cognito, type))
        type = "";
    if (message == NULL || mentions_secret(cognito, message))
        message = "";
    cognito_explain(answer, cognito->call, status, type, message);
}

static void take_challenge(struct cognito *cognito, const json_t *object, const char *name,
                           struct cognito_answer *answer) {
    const json_t *parameters = json_object_get(object, "ChallengeParameters");
    const char *user = fetch_string(parameters, "USER_ID_FOR_SRP");
    const char *session = fetch_string(object, "Session");
    unsigned which = 0;
    while (which < CHALLENGES && strcmp(challenges[which].name, name) != 0)
        which++;
    if (which == CHALLENGES) {
        answer->kind = COGNITO_REFUSED;
        snprintf(answer->text, sizeof answer->text,
                 "Cognito asks for %.40s, which pail can't do: log in on the service's web page",
                 mentions_secret(cognito, name) ? "something" : name);
        return;
    }
    if (session == NULL || session[0] == '\0') {
        fail(answer, COGNITO_TROUBLED, "Cognito's answer has no session in it");
        return;
    }
    answer->kind = COGNITO_CHALLENGE;
    answer->challenge = cognito->challenge = (enum cognito_challenge)which;
    answer->destination = fetch_string(parameters, "CODE_DELIVERY_DESTINATION");
    token_set(&cognito->session, session);
    if (user && user[0])
        token_set(&cognito->username, user);
}

static void judge_good(struct cognito *cognito, const json_t *object,
                       struct cognito_answer *answer) {
    const json_t *result = json_object_get(object, "AuthenticationResult");
    const char *challenge = fetch_string(object, "ChallengeName");
    answer->access = fetch_string(result, "AccessToken");
    answer->id = fetch_string(result, "IdToken");
    answer->type = fetch_string(result, "TokenType");
    answer->refresh = fetch_string(result, "RefreshToken");
    if (answer->access && answer->access[0]) {
        answer->kind = COGNITO_DONE;
        forget_challenge(cognito);
    } else if (challenge && cognito->call != CALL_RENEW)
        take_challenge(cognito, object, challenge, answer);
    else
        fail(answer, COGNITO_TROUBLED, "Cognito's answer has no token in it");
}

static void judge(struct cognito *cognito, const struct http_result *result,
                  const struct buffer *body, json_t **object, struct cognito_answer *answer) {
    struct error error = {""};
    bool good = result->status >= 200 && result->status <= 299;
    if (result->end != HTTP_ANSWERED) {
        answer->kind = COGNITO_TROUBLED;
        snprintf(answer->text, sizeof answer->text, "Cognito: %s", result->text);
    } else if (good && cognito->call == CALL_REVOKE)
        answer->kind = COGNITO_DONE; /* its body is empty */
    else if ((*object = fetch_object(body, &error)) == NULL) {
        answer->kind = COGNITO_TROUBLED;
        snprintf(answer->text, sizeof answer->text, "Cognito answered %ld, and %.255s",
                 result->status, error.text);
    } else if (good)
        judge_good(cognito, *object, answer);
    else
        judge_error(cognito, *object, result->status, answer);
}

static void take_end(void *context, const struct http_result *result, const struct buffer *body) {
    struct cognito *cognito = context;
    struct cognito_answer answer = {.kind = COGNITO_TROUBLED};
    cognito_end_fn *end = cognito->end;
    json_t *object = NULL;
    judge(cognito, result, body, &object, &answer);
    forget_call(cognito); /* first, since the end may start the next */
    end(cognito->context, &answer);
    json_decref(object);
}

/* ---- calls ----------------------------------------------------------------------------------- */

static bool start(struct cognito *cognito, enum cognito_call call, json_t *body,
                  cognito_end_fn *end, void *context, struct error *error) {
    static const char *const targets[] = {
        [CALL_RENEW] = "InitiateAuth",
        [CALL_LOGIN] = "InitiateAuth",
        [CALL_RESPOND] = "RespondToAuthChallenge",
        [CALL_REVOKE] = "RevokeToken",
    };
    char target[96], *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
    const char *const headers[] = {target, NULL};
    json_decref(body);
    if (text == NULL) {
        forget_call(cognito);
        return error_set(error, "what is sent to Cognito must be UTF-8");
    }
    buffer_append_string(&cognito->body, text);
    memory_free_wiped(text);
    snprintf(target, sizeof target, "X-Amz-Target: AWSCognitoIdentityProviderService.%s",
             targets[call]);
    cognito->call = call;
    cognito->end = end;
    cognito->context = context;
    struct http_request request = {.url = cognito->url,
                                   .body = cognito->body.data,
                                   .body_length = cognito->body.length,
                                   .content_type = "application/x-amz-json-1.1",
                                   .headers = headers,
                                   .own_connection = true,
                                   .total_ms = cognito->timeout_ms};
    cognito->fetch = fetch_start(cognito->http, &request, take_end, cognito, error);
    if (cognito->fetch == NULL)
        forget_call(cognito);
    return cognito->fetch != NULL;
}

/* What must hold before a call; clears what the last one left. */
static bool begin(struct cognito *cognito, const char *secret, struct error *error) {
    if (cognito->fetch)
        return error_set(error, "Cognito is being asked already");
    json_set_alloc_funcs(malloc, memory_free_wiped);
    forget_call(cognito);
    token_set(&cognito->secrets[0], secret);
    return true;
}

bool cognito_renew(struct cognito *cognito, const char *refresh_token, cognito_end_fn *end,
                   void *context, struct error *error) {
    if (!begin(cognito, refresh_token, error))
        return false;
    return start(cognito, CALL_RENEW,
                 json_pack("{s:s,s:s,s:{s:s}}", "AuthFlow", "REFRESH_TOKEN_AUTH", "ClientId",
                           cognito->client_id, "AuthParameters", "REFRESH_TOKEN", refresh_token),
                 end, context, error);
}

bool cognito_login(struct cognito *cognito, const char *username, const char *password,
                   cognito_end_fn *end, void *context, struct error *error) {
    if (!begin(cognito, password, error))
        return false;
    forget_challenge(cognito);
    token_set(&cognito->username, username);
    return start(cognito, CALL_LOGIN,
                 json_pack("{s:s,s:s,s:{s:s,s:s}}", "AuthFlow", "USER_PASSWORD_AUTH", "ClientId",
                           cognito->client_id, "AuthParameters", "USERNAME", username, "PASSWORD",
                           password),
                 end, context, error);
}

bool cognito_revoke(struct cognito *cognito, const char *refresh_token, cognito_end_fn *end,
                    void *context, struct error *error) {
    if (!begin(cognito, refresh_token, error))
        return false;
    return start(cognito, CALL_REVOKE,
                 json_pack("{s:s,s:s}", "ClientId", cognito->client_id, "Token", refresh_token),
                 end, context, error);
}

bool cognito_respond(struct cognito *cognito, const char *response, cognito_end_fn *end,
                     void *context, struct error *error) {
    const struct challenge *challenge = &challenges[cognito->challenge];
    if (cognito->session == NULL)
        return error_set(error, "Cognito has not asked for anything: begin the login again");
    if (!begin(cognito, response, error))
        return false;
    token_set(&cognito->secrets[1], cognito->session);
    return start(cognito, CALL_RESPOND,
                 json_pack("{s:s,s:s,s:s,s:{s:s,s:s}}", "ChallengeName", challenge->name,
                           "ClientId", cognito->client_id, "Session", cognito->session,
                           "ChallengeResponses", "USERNAME",
                           cognito->username ? cognito->username : "", challenge->member, response),
                 end, context, error);
}

void cognito_update(const struct cognito *cognito, const struct cognito_answer *answer,
                    struct token *token, int64_t now) {
    token_set(&token->access, answer->access);
    token_set(&token->id, answer->id);
    token_set(&token->type, answer->type);
    if (answer->refresh && answer->refresh[0])
        token_set(&token->refresh, answer->refresh);
    token_set(&token->client_id, cognito->client_id);
    token->issued = now;
}
