#include "tests.h"

#include "pail/buckets/column.h"

static void an_empty_entry_shows_stand_ins(void **state) {
    (void)state;
    static const char *const expected[COLUMN_COUNT] = {"", "", "none", "default", "", "-"};
    struct bucket bucket;
    bucket_init(&bucket);
    for (int column = 0; column < COLUMN_COUNT; column++) {
        assert_string_equal(column_text(&bucket, (enum column)column), expected[column]);
        assert_true(column_is_empty(&bucket, (enum column)column));
    }
}

static void a_full_entry_shows_its_values(void **state) {
    (void)state;
    static const char *const expected[COLUMN_COUNT] = {"b1",     "minio",     "both",
                                                       "http:x", "arn:aws:r", "yes"};
    struct bucket bucket;
    bucket_init(&bucket);
    bucket.value[FIELD_NAME] = "b1";
    bucket.value[FIELD_CLOUD] = "minio";
    bucket.value[FIELD_ENDPOINT] = "http:x";
    bucket.value[FIELD_ACCESS_ROLE] = "arn:aws:r";
    bucket.value[FIELD_ACCESS_KEY_ID] = "AKIA";
    bucket.value[FIELD_DDB_TABLE] = "t";
    for (int column = 0; column < COLUMN_COUNT; column++) {
        assert_string_equal(column_text(&bucket, (enum column)column), expected[column]);
        assert_false(column_is_empty(&bucket, (enum column)column));
    }
    bucket.value[FIELD_ACCESS_ROLE] = "";
    assert_string_equal(column_text(&bucket, COLUMN_IDENTITY), "AKIA");
    assert_string_equal(column_text(&bucket, COLUMN_ACCESS), "key");
}

static void no_column_shows_a_secret(void **state) {
    (void)state;
    struct bucket bucket;
    bucket_init(&bucket);
    bucket.value[FIELD_SECRET_ACCESS_KEY] = "hunter2";
    bucket.value[FIELD_SHARED_SECRET] = "hunter2";
    for (int column = 0; column < COLUMN_COUNT; column++)
        assert_null(strstr(column_text(&bucket, (enum column)column), "hunter2"));
}

static void an_unreadable_entry_says_so(void **state) {
    (void)state;
    struct bucket bucket;
    bucket_init(&bucket);
    bucket.unreadable = true;
    bucket.extra = "[1]";
    assert_string_equal(column_text(&bucket, COLUMN_NAME), "(unreadable)");
    for (int column = COLUMN_NAME + 1; column < COLUMN_COUNT; column++)
        assert_string_equal(column_text(&bucket, (enum column)column), "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_entry_shows_stand_ins),
        cmocka_unit_test(a_full_entry_shows_its_values),
        cmocka_unit_test(no_column_shows_a_secret),
        cmocka_unit_test(an_unreadable_entry_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
