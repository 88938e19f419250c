#include "pail/session/identity.h"

#include "internal.h"

static void describe(const struct token *token, struct identity *identity) {
    identity->found = true;
    identity->custom = token_is_custom(token);
    identity->expires = token_expires(token);
    identity->issued = identity->custom ? 0 : token->issued;
    if (identity->issued > 0 && token->refresh)
        identity->due = identity->issued + TOKEN_DUE_S;
}

void identity_look(const struct session *session, struct identity *identity) {
    const struct access *access = &session->access;
    struct token token;
    *identity = (struct identity){.in_environment = access->in_memory};
    if (access->in_memory) {
        describe(&access->token, identity);
        return;
    }
    token_init(&token);
    if (token_read(session->token_path, &token, NULL) == TOKEN_LOADED)
        describe(&token, identity);
    token_finish(&token);
}
