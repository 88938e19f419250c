#include "token_place.h"

#include <pthread.h>

/* What a call needs: the file read, its header appended. */
static enum token_state token_load(const char *path, struct buffer *authorization,
                                   struct error *error) {
    struct token token;
    token_init(&token);
    enum token_state state = token_read(path, &token, error);
    if (state == TOKEN_LOADED &&
        !token_headers(&token, TOKEN_SCHEME_ID, authorization, NULL, error))
        state = TOKEN_UNUSABLE;
    token_finish(&token);
    return state;
}

static enum token_state load(struct place *place) {
    buffer_clear(&place->authorization);
    place->error.text[0] = '\0';
    return token_load(place->path, &place->authorization, &place->error);
}

static void expect_unusable(struct place *place, const char *reason) {
    assert_int_equal(load(place), TOKEN_UNUSABLE);
    assert_non_null(strstr(place->error.text, reason));
    assert_non_null(strstr(place->error.text, place->path));
    assert_int_equal(place->authorization.length, 0);
}

static void the_right_token_is_taken(void **state) {
    static const struct {
        const char *file, *wanted;
    } cases[] = {
        {"Token=access\nRefreshToken=r\nClientId=c\nTokenTimeEpochSeconds=1\nIdToken=id.x\n",
         "id.x"},
        {"Token=access\r\nidtoken=id.x\r\n", "id.x"},
        {"IDTOKEN=id=.+/x", "id=.+/x"},
        {"Token=access\nTokenType=Bearer\n", "access"},
        {"Token=access\nIdToken=\n", "access"},
        {"IdToken=id.x\nToken=Custom abc def\n", "Custom abc def"},
        {"IdToken=id.x\nToken=Customer\n", "id.x"},
        {"IdToken=id.x\nToken=custom abc\n", "id.x"},
        {"\n\n=\nIdTokens=no\nXIdToken=no\nIdToken=id.x", "id.x"},
    };
    struct place *place = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        write_token(place, cases[i].file);
        assert_int_equal(load(place), TOKEN_LOADED);
        assert_string_equal(place->authorization.data, cases[i].wanted);
        assert_string_equal(place->error.text, "");
    }
}

static void it_is_appended(void **state) {
    struct place *place = *state;
    write_token(place, "IdToken=id.x\n");
    buffer_append_string(&place->authorization, "before ");
    assert_int_equal(token_load(place->path, &place->authorization, NULL), TOKEN_LOADED);
    assert_string_equal(place->authorization.data, "before id.x");
}

static void what_is_no_token_is_refused(void **state) {
    static const char *const files[] = {
        "",
        "\n",
        "IdToken",
        "IdToken=\nToken=\n",
        "RefreshToken=r\n",
        "IdToken=a\rX-Evil: 1\n",
        "IdToken=a\tb\n",
        "IdToken=a\033[2J\n",
        "IdToken=\xff\xfe\n",
        "IdToken=\r\n",
    };
    struct place *place = *state;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        write_token(place, files[i]);
        expect_unusable(place, "no token in it");
        assert_null(strstr(place->error.text, "log in")); /* whoever says it says how */
    }
    write_token_n(place, "IdToken=a\0b\n", 12, 0600);
    expect_unusable(place, "no token in it");
}

static void a_missing_file_is_missing(void **state) {
    struct place *place = *state;
    assert_int_equal(load(place), TOKEN_MISSING);
    assert_non_null(strstr(place->error.text, place->path));
    assert_false(token_tighten(place->path, NULL));
    snprintf(place->path, sizeof place->path, "%s/no/token", place->folder);
    assert_int_equal(load(place), TOKEN_MISSING);
}

static void a_loose_file_is_refused_and_tightened(void **state) {
    static const mode_t modes[] = {0644, 0640, 0620, 0602, 0604, 0666};
    struct place *place = *state;
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        char remedy[160];
        struct stat info;
        write_token_n(place, "IdToken=id.x\n", 13, modes[i]);
        assert_int_equal(load(place), TOKEN_LOOSE);
        assert_int_equal(place->authorization.length, 0);
        snprintf(remedy, sizeof remedy, "others can %s it; chmod 600 %s",
                 modes[i] & 0044 ? "read" : "write", place->path);
        assert_non_null(strstr(place->error.text, remedy));
        assert_true(token_tighten(place->path, NULL));
        assert_int_equal(stat(place->path, &info), 0);
        assert_int_equal(info.st_mode & 07777, 0600);
        assert_int_equal(load(place), TOKEN_LOADED);
    }
}

static void the_remedy_can_be_copied(void **state) {
    struct place *place = *state;
    snprintf(place->path, sizeof place->path, "%s/token of Ann's", place->folder);
    write_token_n(place, "IdToken=id.x\n", 13, 0644);
    assert_int_equal(load(place), TOKEN_LOOSE);
    assert_non_null(strstr(place->error.text, "chmod 600 '/tmp/"));
    assert_non_null(strstr(place->error.text, "/token of Ann'\\''s'"));
}

static void what_is_no_file_is_refused(void **state) {
    struct place *place = *state;
    char other[128];
    struct error error = {""};
    assert_int_equal(mkdir(place->path, 0700), 0);
    expect_unusable(place, "not a regular file");
    assert_int_equal(rmdir(place->path), 0);
    assert_int_equal(mkfifo(place->path, 0600), 0);
    expect_unusable(place, "not a regular file"); /* and doesn't wait for a writer */
    snprintf(other, sizeof other, "%s/other", place->folder);
    assert_int_equal(rename(place->path, other), 0);
    write_token_n(place, "IdToken=id.x\n", 13, 0644);
    assert_int_equal(rename(place->path, other), 0);
    assert_int_equal(symlink(other, place->path), 0);
    expect_unusable(place, "symbolic link");
    struct stat info;
    assert_false(token_tighten(place->path, &error));
    assert_non_null(strstr(error.text, "symbolic link"));
    assert_int_equal(stat(other, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0644);
}

static void a_large_file_is_refused(void **state) {
    struct place *place = *state;
    struct buffer text;
    buffer_init(&text);
    buffer_append_string(&text, "IdToken=id.x\n");
    while (text.length < 65536)
        buffer_append_char(&text, '\n');
    write_token(place, text.data);
    assert_int_equal(load(place), TOKEN_LOADED);
    buffer_append_char(&text, '\n');
    write_token(place, text.data);
    expect_unusable(place, "larger than 64 KiB");
    buffer_finish(&text);
}

static void a_file_of_others_is_refused(void **state) {
    struct place *place = *state;
    if (geteuid() != 0)
        skip();
    write_token(place, "IdToken=id.x\n");
    assert_int_equal(chown(place->path, 1, 1), 0);
    expect_unusable(place, "belongs to another user");
    assert_false(token_tighten(place->path, NULL));
}

static void where_the_file_is(void **state) {
    (void)state;
    struct buffer path;
    buffer_init(&path);
    setenv("HOME", "/home/ann", 1);
    unsetenv("INFINSTOR_TOKEN_FILE_DIR");
    token_path(&path, "");
    assert_string_equal(path.data, "/home/ann/.infinstor/token");
    buffer_clear(&path);
    setenv("INFINSTOR_TOKEN_FILE_DIR", "", 1);
    token_path(&path, "");
    assert_string_equal(path.data, "/home/ann/.infinstor/token");
    buffer_clear(&path);
    setenv("INFINSTOR_TOKEN_FILE_DIR", "/run/ann", 1);
    token_path(&path, "");
    assert_string_equal(path.data, "/run/ann/token");
    buffer_clear(&path);
    token_path(&path, "/etc/ann");
    assert_string_equal(path.data, "/etc/ann/token");
    buffer_finish(&path);
}

/* ---- all of it ------------------------------------------------------------------------------- */

static enum token_state read_token(struct place *place, struct token *token) {
    place->error.text[0] = '\0';
    token_init(token);
    return token_read(place->path, token, &place->error);
}

static void expect_whole(const struct token *token) {
    assert_string_equal(token->access, "a.b");
    assert_string_equal(token->refresh, "r");
    assert_string_equal(token->client_id, "c");
    assert_string_equal(token->id, "i=");
    assert_string_equal(token->type, "Bearer");
    assert_string_equal(token->service, "s.example.com");
    assert_true(token->issued == 1700000000);
}

static void all_writers_are_understood(void **state) {
    static const char *const files[] = {
        "Token=a.b\nRefreshToken=r\nClientId=c\nTokenTimeEpochSeconds=1700000000\nIdToken=i=\n"
        "TokenType=Bearer\nService=s.example.com\n",
        "Token=a.b\r\nRefreshToken=r\r\nClientId=c\r\nTokenTimeEpochSeconds=1700000000\r\n"
        "IdToken=i=\r\nTokenType=Bearer\r\nService=s.example.com\r\n",
        "service=s.example.com\nidToken=i= \t\nTokenType=Bearer\ntokentimeepochseconds=1700000000."
        "25\nCLIENTID=c\nrefreshtoken=r\ntoken=a.b\n# a note\n",
        "Token=old\nToken=a.b\nRefreshToken=r\nClientId=c\nTokenTimeEpochSeconds=5\n\n\nIdToken=\n"
        "TokenTimeEpochSeconds=1700000000\nIdToken=i=\nTokenType=Bearer\nService=s.example.com",
    };
    struct place *place = *state;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct token token;
        write_token(place, files[i]);
        assert_int_equal(read_token(place, &token), TOKEN_LOADED);
        expect_whole(&token);
        assert_false(token_is_custom(&token));
        token_finish(&token);
    }
}

static void what_is_missing_is_null(void **state) {
    struct place *place = *state;
    struct token token;
    write_token(place, "RefreshToken=r\nClientId=c\n");
    assert_int_equal(read_token(place, &token), TOKEN_LOADED);
    assert_null(token.access);
    assert_null(token.id);
    assert_null(token.service);
    assert_true(token.issued == 0);
    token_finish(&token);
    write_token(place, "Token=Custom abc\nTokenTimeEpochSeconds=soon\n");
    assert_int_equal(read_token(place, &token), TOKEN_LOADED);
    assert_true(token_is_custom(&token));
    assert_true(token.issued == 0);
    token_finish(&token);
}

static void an_unusable_file_changes_nothing(void **state) {
    static const char *const files[] = {
        "RefreshToken=r\n",
        "ClientId=c\n",
        "Token=a\nRefreshToken=r\033[2J\n",
        "Token=a\nService=\x9b\n",
        "Token=a\nClientId=b\rX\n",
    };
    struct place *place = *state;
    struct token token;
    token_init(&token);
    token_set(&token.access, "before");
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        write_token(place, files[i]);
        assert_int_equal(token_read(place->path, &token, &place->error), TOKEN_UNUSABLE);
        assert_string_equal(token.access, "before");
    }
    write_token_n(place, "Token=a\n", 8, 0644);
    assert_int_equal(token_read(place->path, &token, &place->error), TOKEN_LOOSE);
    assert_string_equal(token.access, "before");
    token_finish(&token);
}

static void *finish_writing(void *context) {
    usleep(10000);
    write_token(context, "Token=a.b\nRefreshToken=r\nClientId=c\nTokenTimeEpochSeconds="
                         "1700000000\nIdToken=i=\nTokenType=Bearer\nService=s.example.com\n");
    return NULL;
}

/* InfinStor's client empties the file, then writes it. */
static void a_torn_file_is_read_again(void **state) {
    static const char *const torn[] = {"", "Token=a", "Token=a.b\nRefreshToken=r\nIdTok"};
    struct place *place = *state;
    for (size_t i = 0; i < sizeof torn / sizeof *torn; i++) {
        struct token token;
        pthread_t writer;
        write_token(place, torn[i]);
        assert_int_equal(pthread_create(&writer, NULL, finish_writing, place), 0);
        assert_int_equal(read_token(place, &token), TOKEN_LOADED);
        pthread_join(writer, NULL);
        expect_whole(&token);
        token_finish(&token);
    }
}

static void when_it_is_due(void **state) {
    (void)state;
    struct token token;
    token_init(&token);
    assert_true(token_is_due(&token, 1700000000));
    token.issued = 1700000000;
    assert_false(token_is_due(&token, 1700000000 + 1799));
    assert_true(token_is_due(&token, 1700000000 + 1800));
    assert_false(token_is_due(&token, 1700000000 - 300));
    assert_true(token_is_due(&token, 1700000000 - 301));
    token_set(&token.access, "Custom x");
    assert_false(token_is_due(&token, 1800000000));
    token_finish(&token);
}

static void whom_it_is_for(void **state) {
    (void)state;
    struct token token;
    token_init(&token);
    assert_true(token_is_for(&token, "a.example.com"));
    token_set(&token.service, "A.example.com");
    assert_true(token_is_for(&token, "a.example.com"));
    assert_false(token_is_for(&token, "b.a.example.com"));
    assert_false(token_is_for(&token, "example.com"));
    assert_true(token_is_for_host(&token, "a.example.com"));
    assert_true(token_is_for_host(&token, "api.a.example.com"));
    static const char *const others[] = {"",
                                         "com",
                                         ".a.example.com.",
                                         "ba.example.com",
                                         "example.com",
                                         "a.example.com.evil.org",
                                         "127.0.0.1"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(token_is_for_host(&token, others[i]));
    token_finish(&token);
}

static void what_is_sent_of_it(void **state) {
    (void)state;
    static const struct {
        const char *access, *id, *authorization[3], *id_token; /* NULL: an error */
    } cases[] = {
        {"a", "i", {"i", "Bearer a", "a"}, "i"},
        {"a", NULL, {"a", "Bearer a", NULL}, ""},
        {NULL, "i", {"i", NULL, NULL}, ""},
        {NULL, NULL, {NULL, NULL, NULL}, ""},
        {"Custom a", "i", {"Custom a", "Custom a", "Custom a"}, ""},
    };
    for (size_t i = 0; i < 3 * sizeof cases / sizeof *cases; i++) {
        const char *wanted = cases[i / 3].authorization[i % 3];
        struct error error = {""};
        struct buffer authorization, id_token;
        struct token token;
        buffer_init(&authorization);
        buffer_init(&id_token);
        token_init(&token);
        token_set(&token.access, cases[i / 3].access);
        token_set(&token.id, cases[i / 3].id);
        bool good =
            token_headers(&token, (enum token_scheme)(i % 3), &authorization, &id_token, &error);
        assert_int_equal(good, wanted != NULL);
        assert_string_equal(authorization.data, wanted ? wanted : "");
        assert_string_equal(id_token.data, i % 3 == 2 ? cases[i / 3].id_token : "");
        assert_int_equal(error.text[0] != '\0', wanted == NULL);
        token_finish(&token);
        buffer_finish(&authorization);
        buffer_finish(&id_token);
    }
}

static void the_environment_may_have_it(void **state) {
    (void)state;
    struct token token;
    token_init(&token);
    token_set(&token.access, "before");
    unsetenv("INFINSTOR_COGNITO_CLIENTID");
    setenv("INFINSTOR_REFRESH_TOKEN", "r", 1);
    assert_false(token_from_environment(&token));
    setenv("INFINSTOR_COGNITO_CLIENTID", "", 1);
    assert_false(token_from_environment(&token));
    assert_string_equal(token.access, "before");
    setenv("INFINSTOR_COGNITO_CLIENTID", "c", 1);
    assert_true(token_from_environment(&token));
    assert_null(token.access);
    assert_string_equal(token.refresh, "r");
    assert_string_equal(token.client_id, "c");
    assert_true(token_is_due(&token, 1700000000));
    token_finish(&token);
    unsetenv("INFINSTOR_COGNITO_CLIENTID");
    unsetenv("INFINSTOR_REFRESH_TOKEN");
}

/* ---- what it says of itself ------------------------------------------------------------------ */

static void it_says_when_it_expires(void **state) {
    (void)state;
    static const struct {
        const char *id, *access;
        int64_t expires;
    } cases[] = {
        {"e30.eyJleHAiOjE3MDAwMDAwMDB9.c2ln", NULL, 1700000000}, /* {"exp":1700000000} */
        {"e30.eyJleHAiOjE3MDAwMDAwMDB9.", NULL, 1700000000},
        {NULL, "e30.eyJleHAiOjE3MDAwMDAwMDB9.x", 1700000000},
        {"opaque", "e30.eyJleHAiOjE3MDAwMDAwMDB9.x", 0},
        {"e30.eyJleHAiOjE3MDAwMDAwMDB9", NULL, 0},
        {"e30.eyJleHAiOjE3MDAwMDAwMDB.x", NULL, 0},
        {"e30.eyJleHAiOiIxNyJ9.x", NULL, 0},   /* {"exp":"17"} */
        {"e30.eyJleHAiOi01fQ.x", NULL, 0},     /* {"exp":-5} */
        {"e30.eyJleHAiOjFlMzAwfQ.x", NULL, 0}, /* {"exp":1e300} */
        {"e30.!.x", NULL, 0},
        {"...", NULL, 0},
        {NULL, NULL, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct token token = {.id = (char *)cases[i].id, .access = (char *)cases[i].access};
        assert_int_equal(token_expires(&token), cases[i].expires);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_right_token_is_taken),
        TEST(it_is_appended),
        TEST(what_is_no_token_is_refused),
        TEST(a_missing_file_is_missing),
        TEST(the_remedy_can_be_copied),
        TEST(a_loose_file_is_refused_and_tightened),
        TEST(what_is_no_file_is_refused),
        TEST(a_large_file_is_refused),
        TEST(a_file_of_others_is_refused),
        TEST(where_the_file_is),
        TEST(all_writers_are_understood),
        TEST(what_is_missing_is_null),
        TEST(an_unusable_file_changes_nothing),
        TEST(a_torn_file_is_read_again),
        TEST(when_it_is_due),
        TEST(whom_it_is_for),
        TEST(what_is_sent_of_it),
        TEST(the_environment_may_have_it),
        cmocka_unit_test(it_says_when_it_expires),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
