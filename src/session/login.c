#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "login_internal.h"
#include "pail/base/clock.h"
#include "pail/base/memory.h"

enum {
    KEEP_MS = 10000,     /* how long another program may hold the token file */
    KEEP_AGAIN_MS = 100, /* after which it is tried again */
};

/* ---- what is wanted -------------------------------------------------------------------------- */

void login_ask(struct login *login, enum login_want what, const char *format, ...) {
    char question[512];
    va_list args;
    va_start(args, format);
    vsnprintf(question, sizeof question, format, args);
    va_end(args);
    buffer_clear(&login->question);
    buffer_append_string(&login->question, question);
    login->want = what;
    login->serial++;
}

void login_wait(struct login *login, const char *doing) {
    login->asked = login->want;
    login->want = LOGIN_WAITS;
    login->doing = doing;
    login->serial++;
}

static void ask_new_password(struct login *login) {
    login_ask(login, LOGIN_NEW_PASSWORD, "New password of %s", login->user);
}

static void ask_same(struct login *login) {
    login->want = login->asked;
    login->serial++;
    if (login->asked == LOGIN_NEW_PASSWORD_AGAIN)
        ask_new_password(login);
}

/* What came of the last answer, above what is asked then. */
static void tell(struct login *login, enum login_trouble trouble, const char *text) {
    buffer_clear(&login->text);
    buffer_append_string(&login->text, text);
    login->trouble = trouble;
    login->serial++;
}

static void be_quiet(struct login *login) {
    tell(login, LOGIN_NO_TROUBLE, "");
}

void login_fail(struct login *login, enum login_trouble trouble, const char *text) {
    tell(login, trouble, text);
    login_ask(login, LOGIN_FAILED, "%s", "");
}

static const char *place(const struct login *login) {
    return login->service[0] ? login->service : "Cognito";
}

void login_ask_user(struct login *login) {
    login_ask(login, LOGIN_USER_NAME, "User name at %s", place(login));
}

static void ask_challenge(struct login *login, const struct cognito_answer *answer) {
    switch (answer->challenge) {
    case COGNITO_NEW_PASSWORD:
        ask_new_password(login);
        tell(login, LOGIN_NO_TROUBLE, "the service wants a new password");
        break;
    case COGNITO_TOTP_CODE:
        login_ask(login, LOGIN_TOTP_CODE, "Code of the authenticator");
        break;
    case COGNITO_SMS_CODE:
        login_ask(login, LOGIN_SMS_CODE, "Code sent to %s",
                  answer->destination ? answer->destination : "your telephone");
        break;
    }
}

/* ---- keeping the token ----------------------------------------------------------------------- */

static void forget_token(struct login *login) {
    token_finish(&login->token);
    token_init(&login->token);
    login->keep_until = 0;
}

static void keep(struct login *login) {
    struct error error = {""};
    int lock;
    enum token_lock_state state = token_lock(login->token_path, 0, &lock, &error);
    if (state == TOKEN_LOCK_BUSY && clock_ms() < login->keep_until) {
        login->keep_next = clock_ms() + KEEP_AGAIN_MS;
        return;
    }
    bool good = state == TOKEN_LOCKED && token_write(login->token_path, &login->token, &error);
    if (state == TOKEN_LOCKED)
        token_unlock(lock);
    forget_token(login);
    if (good) {
        be_quiet(login);
        login_ask(login, LOGIN_DONE, "Logged in to %s", place(login));
    } else {
        error_prefix(&error, "the login went well, but could not be kept: ");
        login_fail(login, LOGIN_SET_UP, error.text);
    }
}

static void take_token(struct login *login, const struct cognito_answer *answer) {
    forget_token(login);
    cognito_update(login->cognito, answer, &login->token, clock_now());
    token_set(&login->token.service, login->service);
    login->keep_until = clock_ms() + KEEP_MS;
    login_wait(login, "waiting for the token file");
    keep(login);
}

int login_tick(struct login *login) {
    int64_t now = clock_ms();
    if (login->keep_until == 0)
        return -1;
    if (now < login->keep_next)
        return (int)(login->keep_next - now);
    keep(login);
    return 0;
}

/* ---- answers --------------------------------------------------------------------------------- */

static void take_answer(void *context, const struct cognito_answer *answer) {
    struct login *login = context;
    if (answer->kind == COGNITO_DONE) {
        take_token(login, answer);
        return;
    }
    if (answer->kind == COGNITO_CHALLENGE) {
        be_quiet(login);
        ask_challenge(login, answer);
        return;
    }
    if (answer->kind == COGNITO_SET_UP || answer->kind == COGNITO_BUSY ||
        answer->kind == COGNITO_TROUBLED) {
        login_fail(login,
                   answer->kind == COGNITO_SET_UP ? LOGIN_SET_UP
                   : answer->kind == COGNITO_BUSY ? LOGIN_REFUSED
                                                  : LOGIN_NO_CONNECTION,
                   answer->text);
        return;
    }
    tell(login, LOGIN_REFUSED, answer->text);
    if (answer->kind == COGNITO_WRONG || login->asked == LOGIN_BROWSER_CODE)
        ask_same(login);
    else
        login_ask_user(login);
}

/* After a call that could or could not be started. */
static void go_on(struct login *login, bool started, const struct error *error) {
    if (started) {
        be_quiet(login);
        login_wait(login, login->oauth ? "asking the login page" : "asking Cognito");
    } else {
        tell(login, LOGIN_REFUSED, error->text);
        login->asked = login->want;
        ask_same(login);
    }
}

static void take_user(struct login *login, const char *name) {
    if (name[0])
        token_set(&login->user, name);
    be_quiet(login);
    if (login->user)
        login_ask(login, LOGIN_PASSWORD, "Password of %s", login->user);
}

static void take_password(struct login *login, const char *password) {
    struct error error = {""};
    bool started = cognito_login(login->cognito, login->user, password, take_answer, login, &error);
    go_on(login, started, &error);
}

static void respond(struct login *login, const char *response) {
    struct error error = {""};
    bool started = cognito_respond(login->cognito, response, take_answer, login, &error);
    go_on(login, started, &error);
}

static void take_new_password(struct login *login, const char *password) {
    token_set(&login->password, password);
    be_quiet(login);
    login_ask(login, LOGIN_NEW_PASSWORD_AGAIN, "The same again");
}

static void take_same_password(struct login *login, const char *password) {
    bool same = strcmp(login->password, password) == 0;
    token_set(&login->password, NULL);
    if (same) {
        respond(login, password);
        return;
    }
    ask_new_password(login);
    tell(login, LOGIN_REFUSED, "the two differ");
}

/* A code is copied with what stands around it. */
static void take_code(struct login *login, const char *text) {
    struct error error = {""};
    text += strspn(text, " \t\r\n");
    size_t length = strlen(text);
    while (length > 0 && strchr(" \t\r\n", text[length - 1]))
        length--;
    char *code = memory_string_n(text, length);
    if (code[0] && login->want == LOGIN_BROWSER_CODE)
        go_on(login, oauth_exchange(login->oauth, code, take_answer, login, &error), &error);
    else if (code[0])
        respond(login, code);
    memory_free_wiped(code);
}

void login_answer(struct login *login, const char *answer) {
    if (answer[0] == '\0' && login->want != LOGIN_USER_NAME)
        return;
    switch (login->want) {
    case LOGIN_USER_NAME:
        take_user(login, answer);
        break;
    case LOGIN_PASSWORD:
        take_password(login, answer);
        break;
    case LOGIN_NEW_PASSWORD:
        take_new_password(login, answer);
        break;
    case LOGIN_NEW_PASSWORD_AGAIN:
        take_same_password(login, answer);
        break;
    case LOGIN_TOTP_CODE:
    case LOGIN_SMS_CODE:
    case LOGIN_BROWSER_CODE:
        take_code(login, answer);
        break;
    case LOGIN_WAITS:
    case LOGIN_DONE:
    case LOGIN_FAILED:
        break;
    }
}

/* ---- all of it ------------------------------------------------------------------------------- */

/* Forgets all but what the service has named, and the user. */
static void drop(struct login *login) {
    if (login->discovery)
        discovery_cancel(login->discovery);
    cognito_destroy(login->cognito);
    oauth_destroy(login->oauth);
    token_set(&login->password, NULL);
    forget_token(login);
    login->discovery = NULL;
    login->cognito = NULL;
    login->oauth = NULL;
}

void login_again(struct login *login) {
    drop(login);
    buffer_clear(&login->note);
    be_quiet(login);
    login_begin(login);
}

struct login *login_create(struct http *http, const struct login_settings *settings) {
    struct login *login = memory_new(1, sizeof *login);
    login->http = http;
    login->service = memory_string(settings->service);
    login->region = memory_string(settings->region);
    login->client_id = memory_string(settings->client_id);
    login->token_path = memory_string(settings->token_path);
    login->in_environment = settings->token_in_environment;
    login->timeout_ms = settings->timeout_ms;
    buffer_init(&login->question);
    buffer_init(&login->text);
    buffer_init(&login->note);
    token_init(&login->token);
    login_again(login);
    return login;
}

void login_destroy(struct login *login) {
    if (login == NULL)
        return;
    drop(login);
    token_set(&login->user, NULL);
    buffer_finish(&login->question);
    buffer_finish(&login->text);
    buffer_finish(&login->note);
    free(login->service);
    free(login->region);
    free(login->client_id);
    free(login->token_path);
    free(login);
}

/* ---- what is seen ---------------------------------------------------------------------------- */

unsigned long login_serial(const struct login *login) {
    return login->serial;
}

void login_look(const struct login *login, struct login_look *look) {
    enum login_want wanted = login->want;
    *look = (struct login_look){
        .want = wanted,
        .trouble = login->trouble,
        .hidden = wanted == LOGIN_PASSWORD || wanted == LOGIN_NEW_PASSWORD ||
                  wanted == LOGIN_NEW_PASSWORD_AGAIN,
        .question = wanted == LOGIN_WAITS ? login->doing : login->question.data,
        .text = login->text.data,
        .note = login->note.data,
        .user = login->user ? login->user : "",
        .url = login->oauth ? oauth_url(login->oauth) : "",
        .token_path = login->token_path,
    };
}
