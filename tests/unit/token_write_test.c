#include "token_place.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

#include "pail/base/clock.h"
#include "pail/base/memory.h"

static void fill(struct token *token) {
    token_init(token);
    token_set(&token->access, "access");
    token_set(&token->refresh, "refresh");
    token_set(&token->client_id, "client");
    token_set(&token->id, "id.x==");
    token->issued = 1700000000;
}

static void write_filled(struct place *place) {
    struct token token;
    fill(&token);
    assert_true(token_write(place->path, &token, &place->error));
    token_finish(&token);
}

static void expect_file(const struct place *place, const char *wanted) {
    char text[2048] = "";
    struct stat info;
    FILE *file = fopen(place->path, "r");
    assert_non_null(file);
    fread(text, 1, sizeof text - 1, file);
    fclose(file);
    assert_string_equal(text, wanted);
    assert_int_equal(lstat(place->path, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0600);
}

static int count_files(const struct place *place) {
    int count = -2; /* . and .. */
    DIR *folder = opendir(place->folder);
    assert_non_null(folder);
    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

static const char fresh[] = "Token=access\nRefreshToken=refresh\nClientId=client\n"
                            "TokenTimeEpochSeconds=1700000000\nIdToken=id.x==\n";

static void a_new_file_is_written(void **state) {
    struct place *place = *state;
    mode_t old = umask(0);
    write_filled(place);
    umask(old);
    expect_file(place, fresh);
    assert_int_equal(count_files(place), 1);
}

static void the_folder_is_made(void **state) {
    struct place *place = *state;
    struct stat info;
    char folder[128];
    struct token token;
    snprintf(folder, sizeof folder, "%s/.infinstor", place->folder);
    snprintf(place->path, sizeof place->path, "%s/.infinstor/token", place->folder);
    write_filled(place);
    expect_file(place, fresh);
    assert_int_equal(stat(folder, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0700);
    snprintf(place->path, sizeof place->path, "%s/no/such/token", place->folder);
    fill(&token);
    assert_false(token_write(place->path, &token, &place->error));
    assert_non_null(strstr(place->error.text, "No such file"));
    assert_null(strstr(place->error.text, "refresh"));
    token_finish(&token);
}

static void foreign_lines_and_spellings_stay(void **state) {
    static const struct {
        const char *before, *after;
    } cases[] = {
        {"", fresh},
        {"# mine\nidToken=old\nTOKEN=old\nColour=blue\n\n=\nRefreshToken=old",
         "# mine\nidToken=id.x==\nTOKEN=access\nColour=blue\n\n=\nRefreshToken=refresh\n"
         "ClientId=client\nTokenTimeEpochSeconds=1700000000\n"},
        {"Token=old\r\nX=y\r\n",
         "Token=access\r\nX=y\r\nRefreshToken=refresh\r\nClientId=client\r\n"
         "TokenTimeEpochSeconds=1700000000\r\nIdToken=id.x==\r\n"},
        /* What the token doesn't have is not left from another. */
        {"Service=other\nTokenType=Bearer\nToken=1\nToken=2\n",
         "Token=access\nRefreshToken=refresh\nClientId=client\n"
         "TokenTimeEpochSeconds=1700000000\nIdToken=id.x==\n"},
    };
    struct place *place = *state;
    for (size_t i = 0; i < 2 * sizeof cases / sizeof *cases; i++) {
        const char *before = cases[i / 2].before;
        write_token_n(place, before, strlen(before), i % 2 ? 0600 : 0644);
        write_filled(place);
        expect_file(place, cases[i / 2].after);
        assert_int_equal(count_files(place), 1);
    }
}

/* As InfinStor's client reads: exact beginnings, the rest of the line without blanks at its end. */
static void read_as_the_client_does(const struct place *place, const char *begin, char value[512]) {
    char line[512];
    FILE *file = fopen(place->path, "r");
    assert_non_null(file);
    value[0] = '\0';
    while (fgets(line, sizeof line, file))
        if (strncmp(line, begin, strlen(begin)) == 0) {
            snprintf(value, 512, "%s", line + strlen(begin));
            value[strcspn(value, " \t\r\n")] = '\0';
        }
    fclose(file);
}

static void what_was_written_is_read(void **state) {
    struct place *place = *state;
    char value[512];
    struct token token;
    fill(&token);
    token_set(&token.type, "Bearer");
    token_set(&token.service, "s.example.com");
    assert_true(token_write(place->path, &token, NULL));
    token_finish(&token);
    assert_int_equal(token_read(place->path, &token, NULL), TOKEN_LOADED);
    assert_string_equal(token.refresh, "refresh");
    assert_string_equal(token.service, "s.example.com");
    assert_true(token.issued == 1700000000);
    token_finish(&token);
    static const char *const pairs[][2] = {
        {"Token=", "access"},          {"RefreshToken=", "refresh"},
        {"ClientId=", "client"},       {"TokenTimeEpochSeconds=", "1700000000"},
        {"IdToken=", "id.x=="},        {"TokenType=", "Bearer"},
        {"Service=", "s.example.com"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        read_as_the_client_does(place, pairs[i][0], value);
        assert_string_equal(value, pairs[i][1]);
    }
}

static void some_tokens_are_not_written(void **state) {
    struct place *place = *state;
    struct token token;
    write_filled(place);
    fill(&token);
    token_set(&token.id, "a\nService=evil");
    assert_false(token_write(place->path, &token, &place->error));
    assert_non_null(strstr(place->error.text, "control characters"));
    char *large = memory_new(70000, 1);
    memset(large, 'x', 69999);
    token_set(&token.id, large);
    free(large);
    assert_false(token_write(place->path, &token, &place->error));
    assert_non_null(strstr(place->error.text, "larger than 64 KiB"));
    token_finish(&token);
    expect_file(place, fresh);
    assert_int_equal(count_files(place), 1);
}

static void some_files_are_not_replaced(void **state) {
    struct place *place = *state;
    struct token token;
    char other[128];
    fill(&token);
    snprintf(other, sizeof other, "%s/other", place->folder);
    write_token(place, "mine\n");
    assert_int_equal(rename(place->path, other), 0);
    assert_int_equal(symlink(other, place->path), 0);
    assert_false(token_write(place->path, &token, &place->error));
    assert_non_null(strstr(place->error.text, "symbolic link"));
    assert_int_equal(unlink(place->path), 0);
    assert_int_equal(mkdir(place->path, 0700), 0);
    assert_false(token_write(place->path, &token, &place->error));
    assert_non_null(strstr(place->error.text, "not a regular file"));
    assert_int_equal(rmdir(place->path), 0);
    write_token_n(place, "a\0b", 3, 0600);
    assert_false(token_write(place->path, &token, &place->error));
    assert_non_null(strstr(place->error.text, "no text"));
    assert_int_equal(count_files(place), 2);
    token_finish(&token);
}

static void write_until_killed(const struct place *place) {
    struct token token;
    fill(&token);
    for (int i = 0; i < 100000; i++)
        token_write(place->path, &token, NULL);
    _exit(1);
}

/* Whenever a writer is killed, a whole file is there. */
static void a_crash_loses_nothing(void **state) {
    struct place *place = *state;
    write_filled(place);
    for (int i = 0; i < 15; i++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
            write_until_killed(place);
        usleep((useconds_t)(1000 + 700 * i));
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(waitpid(child, NULL, 0), child);
        expect_file(place, fresh);
    }
}

/* ---- the lock -------------------------------------------------------------------------------- */

static void one_has_the_lock(void **state) {
    struct place *place = *state;
    int mine = -1, other = -1;
    assert_int_equal(token_lock(place->path, 0, &mine, &place->error), TOKEN_LOCKED);
    assert_true(fcntl(mine, F_GETFD) & FD_CLOEXEC);
    assert_int_equal(token_lock(place->path, 0, &other, &place->error), TOKEN_LOCK_BUSY);
    assert_non_null(strstr(place->error.text, "another program is renewing"));
    int64_t began = clock_ms();
    assert_int_equal(token_lock(place->path, 100, &other, &place->error), TOKEN_LOCK_BUSY);
    assert_true(clock_ms() - began >= 100);
    assert_true(clock_ms() - began < 1000);
    token_unlock(mine);
    assert_int_equal(token_lock(place->path, 0, &other, &place->error), TOKEN_LOCKED);
    token_unlock(other);
}

struct renewer {
    const char *path;
    int renewed;
    bool failed;
};

/* As every pail does it. */
static void *renew(void *context) {
    struct renewer *renewer = context;
    struct token token;
    int lock;
    token_init(&token);
    renewer->failed = token_lock(renewer->path, 5000, &lock, NULL) != TOKEN_LOCKED;
    if (renewer->failed)
        return NULL;
    if (token_read(renewer->path, &token, NULL) == TOKEN_LOADED &&
        token_is_due(&token, 1800000000)) {
        usleep(20000);
        token.issued = 1800000000;
        renewer->renewed += token_write(renewer->path, &token, NULL);
    }
    token_unlock(lock);
    token_finish(&token);
    return NULL;
}

static void two_pails_renew_once(void **state) {
    struct place *place = *state;
    struct renewer renewers[3] = {{.renewed = 0}};
    pthread_t threads[3];
    int renewed = 0;
    write_filled(place);
    for (int i = 0; i < 3; i++) {
        renewers[i].path = place->path;
        assert_int_equal(pthread_create(&threads[i], NULL, renew, &renewers[i]), 0);
    }
    for (int i = 0; i < 3; i++) {
        pthread_join(threads[i], NULL);
        assert_false(renewers[i].failed);
        renewed += renewers[i].renewed;
    }
    assert_int_equal(renewed, 1);
}

static void some_places_cannot_be_locked(void **state) {
    struct place *place = *state;
    char name[128];
    int lock = -1;
    snprintf(name, sizeof name, "%s.lock", place->path);
    assert_int_equal(symlink("/dev/null", name), 0);
    assert_int_equal(token_lock(place->path, 50, &lock, &place->error), TOKEN_LOCK_FAILED);
    assert_int_equal(unlink(name), 0);
    assert_int_equal(mkfifo(name, 0600), 0);
    assert_int_equal(token_lock(place->path, 50, &lock, &place->error), TOKEN_LOCK_FAILED);
    assert_non_null(strstr(place->error.text, "not a regular file"));
    assert_int_equal(lock, -1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_new_file_is_written),
        TEST(the_folder_is_made),
        TEST(foreign_lines_and_spellings_stay),
        TEST(what_was_written_is_read),
        TEST(some_tokens_are_not_written),
        TEST(some_files_are_not_replaced),
        TEST(a_crash_loses_nothing),
        TEST(one_has_the_lock),
        TEST(two_pails_renew_once),
        TEST(some_places_cannot_be_locked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
