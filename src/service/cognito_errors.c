#include "cognito_errors.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Looked through from the top; the first that fits counts. */
struct sentence {
    const char *type;    /* the error's name */
    const char *message; /* what its message has in it, in any case; NULL: whatever */
    int calls;           /* bits by enum cognito_call; 0: any */
    enum cognito_kind kind;
    const char *text;
    bool quote; /* the message comes after it */
};

enum { RENEW = 1 << CALL_RENEW, LOGIN = 1 << CALL_LOGIN, RESPOND = 1 << CALL_RESPOND };

static const struct sentence sentences[] = {
    {"NotAuthorizedException", "secret", 0, COGNITO_SET_UP,
     "this client id wants a client secret, which pail doesn't have: check client_id", false},
    {"NotAuthorizedException", "disabled", 0, COGNITO_REFUSED, "the user is disabled", false},
    {"NotAuthorizedException", "attempts exceeded", 0, COGNITO_BUSY,
     "too many wrong passwords: wait some minutes", false},
    {"NotAuthorizedException", "temporary password", 0, COGNITO_REFUSED,
     "the temporary password has run out: ask the administrator for a new one", false},
    {"NotAuthorizedException", NULL, LOGIN, COGNITO_REFUSED,
     "the user name or the password is wrong", false},
    {"NotAuthorizedException", NULL, RENEW, COGNITO_REFUSED, "the login has run out: log in again",
     false},
    {"NotAuthorizedException", NULL, RESPOND, COGNITO_REFUSED,
     "the login took too long: begin again", false},
    {"UserNotFoundException", NULL, RENEW, COGNITO_REFUSED, "the user is there no more", false},
    {"UserNotFoundException", NULL, 0, COGNITO_REFUSED, "there is no such user", false},
    {"UserNotConfirmedException", NULL, 0, COGNITO_REFUSED,
     "the user is not confirmed yet: ask the administrator", false},
    {"PasswordResetRequiredException", NULL, 0, COGNITO_REFUSED,
     "the password has to be reset first: do so on the service's web page", false},
    {"CodeMismatchException", NULL, 0, COGNITO_WRONG, "the code is wrong", false},
    {"EnableSoftwareTokenMFAException", NULL, 0, COGNITO_WRONG, "the code is wrong", false},
    {"ExpiredCodeException", NULL, 0, COGNITO_REFUSED, "the code has run out: begin again", false},
    {"InvalidPasswordException", NULL, LOGIN, COGNITO_REFUSED, /* of an emulator */
     "the user name or the password is wrong", false},
    {"InvalidPasswordException", NULL, 0, COGNITO_WRONG, "the new password is refused", true},
    {"PasswordHistoryPolicyViolationException", NULL, 0, COGNITO_WRONG,
     "the new password was used before", false},
    {"ResourceNotFoundException", NULL, 0, COGNITO_SET_UP,
     "Cognito doesn't know this client id here: check region and client_id", false},
    {"InvalidParameterException", "not enabled", 0, COGNITO_SET_UP,
     "this kind of login is not enabled for the client id", false},
    {"InvalidParameterException", NULL, RESPOND, COGNITO_WRONG, "Cognito refuses what was sent",
     true},
    {"InvalidParameterException", NULL, 0, COGNITO_REFUSED, "Cognito refuses what was sent", true},
    {"UnsupportedTokenTypeException", NULL, 0, COGNITO_REFUSED, "this token can't be revoked",
     false},
    {"UnsupportedOperationException", NULL, 0, COGNITO_SET_UP,
     "revoking is not enabled for the client id", false},
    {"TooManyRequestsException", NULL, 0, COGNITO_BUSY, "too many requests: wait a minute", false},
    {"LimitExceededException", NULL, 0, COGNITO_BUSY, "too many attempts: wait some minutes",
     false},
    {"TooManyFailedAttemptsException", NULL, 0, COGNITO_BUSY,
     "too many wrong codes: wait some minutes", false},
    {"ThrottlingException", NULL, 0, COGNITO_BUSY, "too many requests: wait a minute", false},
    {"InternalErrorException", NULL, 0, COGNITO_TROUBLED, "Cognito has an error of its own: later",
     false},
};

static bool fits(const struct sentence *sentence, enum cognito_call call, const char *type,
                 const char *message) {
    return strcmp(sentence->type, type) == 0 &&
           (sentence->calls == 0 || sentence->calls & 1 << call) &&
           (sentence->message == NULL || strcasestr(message, sentence->message) != NULL);
}

static const struct sentence *find(enum cognito_call call, const char *type, const char *message) {
    for (size_t i = 0; i < sizeof sentences / sizeof *sentences; i++)
        if (fits(&sentences[i], call, type, message))
            return &sentences[i];
    return NULL;
}

static enum cognito_kind kind_of(long status) {
    return status == 429                    ? COGNITO_BUSY
           : status >= 400 && status <= 499 ? COGNITO_REFUSED
                                            : COGNITO_TROUBLED;
}

void cognito_explain(struct cognito_answer *answer, enum cognito_call call, long status,
                     const char *type, const char *message) {
    const char *name = strrchr(type, '#'); /* "com.amazonaws...#Name" of some versions */
    name = name ? name + 1 : type;
    const struct sentence *sentence = find(call, name, message);
    bool quotes = message[0] != '\0' && (sentence == NULL || sentence->quote);
    char unknown[128];
    snprintf(unknown, sizeof unknown, "Cognito answered %ld%s%.80s", status, name[0] ? " " : "",
             name);
    answer->kind = sentence ? sentence->kind : kind_of(status);
    if (answer->kind == COGNITO_WRONG && call != CALL_RESPOND)
        answer->kind = COGNITO_REFUSED;
    snprintf(answer->text, sizeof answer->text, "%s%s%s", sentence ? sentence->text : unknown,
             quotes ? ": " : "", quotes ? message : "");
}
