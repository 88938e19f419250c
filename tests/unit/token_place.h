/* A folder of its own for a token file, removed after the test. */
#ifndef PAIL_TESTS_UNIT_TOKEN_PLACE_H
#define PAIL_TESTS_UNIT_TOKEN_PLACE_H

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

static inline int open_place(void **state) {
    struct place *place = calloc(1, sizeof *place);
    snprintf(place->folder, sizeof place->folder, "/tmp/pail-token-XXXXXX");
    assert_non_null(mkdtemp(place->folder));
    snprintf(place->path, sizeof place->path, "%s/token", place->folder);
    buffer_init(&place->authorization);
    *state = place;
    return 0;
}

static inline int remove_one(const char *path, const struct stat *info, int type,
                             struct FTW *walk) {
    (void)info, (void)type, (void)walk;
    return remove(path);
}

static inline int close_place(void **state) {
    struct place *place = *state;
    buffer_finish(&place->authorization);
    nftw(place->folder, remove_one, 4, FTW_DEPTH | FTW_PHYS);
    free(place);
    return 0;
}

static inline void write_token_n(const struct place *place, const char *text, size_t length,
                                 mode_t mode) {
    FILE *file = fopen(place->path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(place->path, mode), 0);
}

static inline void write_token(const struct place *place, const char *text) {
    write_token_n(place, text, strlen(text), 0600);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, open_place, close_place)

#endif
