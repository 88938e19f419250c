#include "tests.h"

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pail/service/token.h"

/* A folder of its own, with the path of the token file that isn't there yet. */
struct place {
    char folder[64], path[96];
    struct buffer authorization;
    struct error error;
};

static int open_place(void **state) {
    struct place *place = calloc(1, sizeof *place);
    snprintf(place->folder, sizeof place->folder, "/tmp/pail-token-XXXXXX");
    assert_non_null(mkdtemp(place->folder));
    snprintf(place->path, sizeof place->path, "%s/token", place->folder);
    buffer_init(&place->authorization);
    *state = place;
    return 0;
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *walk) {
    (void)info, (void)type, (void)walk;
    return remove(path);
}

static int close_place(void **state) {
    struct place *place = *state;
    buffer_finish(&place->authorization);
    nftw(place->folder, remove_one, 4, FTW_DEPTH | FTW_PHYS);
    free(place);
    return 0;
}

static void write_token_n(const struct place *place, const char *text, size_t length, mode_t mode) {
    FILE *file = fopen(place->path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(place->path, mode), 0);
}

static void write_token(const struct place *place, const char *text) {
    write_token_n(place, text, strlen(text), 0600);
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

#define TEST(function) cmocka_unit_test_setup_teardown(function, open_place, close_place)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_right_token_is_taken),    TEST(it_is_appended),
        TEST(what_is_no_token_is_refused), TEST(a_missing_file_is_missing),
        TEST(the_remedy_can_be_copied),    TEST(a_loose_file_is_refused_and_tightened),
        TEST(what_is_no_file_is_refused),  TEST(a_large_file_is_refused),
        TEST(a_file_of_others_is_refused), TEST(where_the_file_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
