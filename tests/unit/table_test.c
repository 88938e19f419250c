#include "tests.h"

#include "pail/buckets/table.h"

static void add_named(struct table *table, const char *name) {
    struct bucket bucket;
    bucket_init(&bucket);
    bucket.value[FIELD_NAME] = name;
    table_add(table, &bucket);
}

/* What comes out is what went in, for every set of filled fields. */
static void rows_come_back_as_they_went_in(void **state) {
    (void)state;
    struct table *table = table_create();
    enum { SETS = 1 << (FIELD_COUNT + 1) };
    char text[FIELD_COUNT + 1][16];
    struct bucket bucket, back;
    for (unsigned set = 0; set < SETS; set++) {
        bucket_init(&bucket);
        for (int field = 0; field < FIELD_COUNT; field++) {
            snprintf(text[field], sizeof text[field], "%d-%u", field, set);
            bucket.value[field] = set & 1U << field ? text[field] : "";
        }
        bucket.extra = set & 1U << FIELD_COUNT ? "{\"x\":1}" : "";
        bucket.present = set & ((1U << FIELD_COUNT) - 1);
        bucket.odd = bucket.present >> 1;
        bucket.unreadable = set % 3 == 0;
        table_add(table, &bucket);
    }
    memset(text, 0, sizeof text);
    assert_int_equal(table_count(table), SETS);
    for (unsigned set = 0; set < SETS; set++) {
        table_get(table, set, &back);
        for (int field = 0; field < FIELD_COUNT; field++) {
            snprintf(text[0], sizeof text[0], "%d-%u", field, set);
            assert_string_equal(back.value[field], set & 1U << field ? text[0] : "");
        }
        assert_string_equal(back.extra, set & 1U << FIELD_COUNT ? "{\"x\":1}" : "");
        assert_int_equal(back.present, set & ((1U << FIELD_COUNT) - 1));
        assert_int_equal(back.odd, back.present >> 1);
        assert_int_equal(back.unreadable, set % 3 == 0);
        assert_string_equal(table_name(table, set), back.value[FIELD_NAME]);
    }
    table_destroy(table);
}

static void an_empty_table_finds_nothing(void **state) {
    (void)state;
    size_t row = 7;
    struct table *table = table_create();
    assert_false(table_find(table, "", &row));
    assert_false(table_find(table, "a", &row));
    assert_int_equal(row, 7);
    table_destroy(table);
    table_destroy(NULL);
}

static void names_are_found_while_the_table_grows(void **state) {
    (void)state;
    struct table *table = table_create();
    char name[32];
    size_t row;
    for (size_t i = 0; i < 5000; i++) {
        snprintf(name, sizeof name, "bucket-%zu", i);
        assert_false(table_find(table, name, &row));
        add_named(table, name);
        assert_true(table_find(table, name, &row));
        assert_int_equal(row, i);
    }
    assert_true(table_find(table, "bucket-0", &row));
    assert_int_equal(row, 0);
    assert_false(table_find(table, "bucket-", &row));
    assert_false(table_find(table, "BUCKET-0", &row));
    table_destroy(table);
}

/* 200,000 rows of one name would take minutes if each were compared with all. */
static void the_first_of_equal_names_is_found(void **state) {
    (void)state;
    struct table *table = table_create();
    size_t row;
    add_named(table, "other");
    for (int i = 0; i < 200000; i++)
        add_named(table, "same");
    add_named(table, "");
    assert_true(table_find(table, "same", &row));
    assert_int_equal(row, 1);
    assert_true(table_find(table, "", &row));
    assert_int_equal(row, 200001);
    table_destroy(table);
}

static void a_large_row_fits(void **state) {
    (void)state;
    enum { LENGTH = 1 << 20 };
    char *name = malloc(LENGTH + 1);
    memset(name, 'n', LENGTH);
    name[LENGTH] = '\0';
    struct table *table = table_create();
    add_named(table, "before");
    add_named(table, name);
    add_named(table, "after");
    assert_int_equal(strlen(table_name(table, 1)), LENGTH);
    assert_string_equal(table_name(table, 2), "after");
    table_destroy(table);
    free(name);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_come_back_as_they_went_in),
        cmocka_unit_test(an_empty_table_finds_nothing),
        cmocka_unit_test(names_are_found_while_the_table_grows),
        cmocka_unit_test(the_first_of_equal_names_is_found),
        cmocka_unit_test(a_large_row_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
