#include "tests.h"

#include "pail/base/buffer.h"
#include "pail/buckets/listing.h"

static void add(struct table *table, const char *name, const char *cloud, const char *role) {
    struct bucket bucket;
    bucket_init(&bucket);
    bucket.value[FIELD_NAME] = name;
    bucket.value[FIELD_CLOUD] = cloud;
    bucket.value[FIELD_ACCESS_ROLE] = role;
    table_add(table, &bucket);
}

static struct table *sample(void) {
    struct table *table = table_create();
    add(table, "delta", "aws", "r1");
    add(table, "alpha", "minio", "");
    add(table, "charlie", "aws", "");
    add(table, "bravo", "aws", "r2");
    return table;
}

/* The shown names in their order, marked ones with a star. */
static const char *shown(const struct listing *listing) {
    static char text[1024];
    struct buffer out;
    buffer_init(&out);
    for (size_t i = 0; i < listing_count(listing); i++) {
        struct bucket bucket;
        listing_get(listing, i, &bucket);
        buffer_printf(&out, "%s%s%s", i ? " " : "", bucket.value[FIELD_NAME],
                      listing_is_marked(listing, i) ? "*" : "");
    }
    snprintf(text, sizeof text, "%s", out.data);
    buffer_finish(&out);
    return text;
}

static void finish(struct listing *listing) {
    while (listing_work(listing, 1000))
        continue;
}

static void filter(struct listing *listing, const char *text) {
    listing_filter(listing, text);
    finish(listing);
}

static void sort(struct listing *listing, enum column column, bool descending) {
    listing_sort(listing, column, descending);
    finish(listing);
}

static void mark_name(struct listing *listing, const char *name, bool marked) {
    size_t position;
    assert_true(listing_find(listing, name, &position));
    listing_mark(listing, position, marked);
}

static void without_a_table_nothing_is_shown(void **state) {
    (void)state;
    size_t position = 3;
    struct listing *listing = listing_create();
    filter(listing, "a");
    sort(listing, COLUMN_CLOUD, true);
    listing_rows_added(listing);
    assert_int_equal(listing_count(listing), 0);
    assert_int_equal(listing_total(listing), 0);
    assert_int_equal(listing_marks(listing), 0);
    assert_false(listing_find(listing, "a", &position));
    assert_int_equal(position, 3);
    listing_destroy(listing);
    listing_destroy(NULL);
}

static void rows_are_sorted(void **state) {
    (void)state;
    struct table *table = sample();
    struct listing *listing = listing_create();
    listing_set_table(listing, table, false);
    assert_string_equal(shown(listing), "alpha bravo charlie delta");
    assert_int_equal(listing_row(listing, 0), 1);
    sort(listing, COLUMN_NAME, true);
    assert_string_equal(shown(listing), "delta charlie bravo alpha");
    sort(listing, COLUMN_CLOUD, false);
    assert_string_equal(shown(listing), "bravo charlie delta alpha");
    sort(listing, COLUMN_CLOUD, true);
    assert_string_equal(shown(listing), "alpha bravo charlie delta");
    sort(listing, COLUMN_ACCESS, true);
    assert_string_equal(shown(listing), "bravo delta alpha charlie");
    assert_int_equal(listing_sort_column(listing), COLUMN_ACCESS);
    assert_true(listing_sort_descending(listing));
    listing_destroy(listing);
    table_destroy(table);
}

static void equal_names_stay_in_the_order_of_their_rows(void **state) {
    (void)state;
    struct table *table = table_create();
    struct listing *listing = listing_create();
    listing_set_table(listing, table, true);
    for (int i = 0; i < 10; i++) {
        add(table, "same", i % 2 ? "aws" : "minio", "");
        if (i % 3 == 0)
            listing_rows_added(listing);
    }
    for (int descending = 0; descending < 2; descending++) {
        sort(listing, COLUMN_NAME, descending);
        for (size_t i = 0; i < 10; i++)
            assert_int_equal(listing_row(listing, i), i);
    }
    size_t position;
    sort(listing, COLUMN_CLOUD, false);
    assert_true(listing_find(listing, "same", &position));
    assert_int_equal(position, 5);
    assert_int_equal(listing_row(listing, position), 0);
    listing_destroy(listing);
    table_destroy(table);
}

static void bytes_are_compared_as_unsigned(void **state) {
    (void)state;
    struct table *table = table_create();
    add(table, "\xC3\xA4", "", "");
    add(table, "z", "", "");
    add(table, "Z", "", "");
    struct listing *listing = listing_create();
    listing_set_table(listing, table, false);
    assert_string_equal(shown(listing), "Z z \xC3\xA4");
    listing_destroy(listing);
    table_destroy(table);
}

static void the_filter_hides_rows(void **state) {
    (void)state;
    struct table *table = sample();
    struct listing *listing = listing_create();
    listing_set_table(listing, table, false);
    static const char *const typed[][2] = {
        {"a", "alpha bravo charlie delta"},
        {"al", "alpha"},
        {"a", "alpha bravo charlie delta"},
        {"aws", "bravo charlie delta"},
        {"aws !", "bravo charlie delta"},
        {"aws !a", ""},
        {"aws !li", "bravo delta"},
        {"none", "alpha charlie"},
        {"nothing", ""},
        {"", "alpha bravo charlie delta"},
    };
    for (size_t i = 0; i < sizeof typed / sizeof *typed; i++) {
        filter(listing, typed[i][0]);
        assert_string_equal(shown(listing), typed[i][1]);
        assert_string_equal(listing_filter_text(listing), typed[i][0]);
        assert_int_equal(listing_total(listing), 4);
    }
    filter(listing, "cloud:aws");
    filter(listing, listing_filter_text(listing));
    sort(listing, COLUMN_NAME, true);
    assert_string_equal(shown(listing), "delta charlie bravo");
    size_t position;
    assert_false(listing_find(listing, "alpha", &position));
    assert_true(listing_find(listing, "bravo", &position));
    assert_int_equal(position, 2);
    listing_destroy(listing);
    table_destroy(table);
}

static void filter_sort_and_marks_survive_a_reload(void **state) {
    (void)state;
    struct table *first = sample(), *second = table_create();
    struct listing *listing = listing_create();
    listing_set_table(listing, first, false);
    sort(listing, COLUMN_NAME, true);
    mark_name(listing, "bravo", true);
    mark_name(listing, "alpha", true);
    mark_name(listing, "delta", true);
    filter(listing, "aws");
    assert_string_equal(shown(listing), "delta* charlie bravo*");
    assert_int_equal(listing_marks(listing), 3);

    listing_set_table(listing, second, true);
    assert_string_equal(shown(listing), "");
    assert_int_equal(listing_marks(listing), 3);
    add(second, "bravo", "aws", "");
    add(second, "echo", "aws", "");
    listing_rows_added(listing);
    assert_string_equal(shown(listing), "echo bravo*");
    add(second, "alpha", "azure", "");
    add(second, "delete", "aws", "");
    listing_rows_added(listing);
    assert_string_equal(shown(listing), "echo delete bravo*");
    assert_int_equal(listing_total(listing), 4);

    listing_set_table(listing, second, false);
    assert_int_equal(listing_marks(listing), 2); /* delta is gone */
    listing_set_table(listing, NULL, false);
    assert_int_equal(listing_count(listing), 0);
    assert_int_equal(listing_marks(listing), 2);
    listing_set_table(listing, second, false);
    filter(listing, "");
    assert_string_equal(shown(listing), "echo delete bravo* alpha*");
    listing_destroy(listing);
    table_destroy(first);
    table_destroy(second);
}

static void marks_are_set_and_taken_off(void **state) {
    (void)state;
    struct table *table = sample();
    struct listing *listing = listing_create();
    listing_set_table(listing, table, false);
    listing_mark(listing, 1, true);
    listing_mark(listing, 1, true);
    listing_mark(listing, 2, true);
    listing_mark(listing, 0, false);
    assert_string_equal(shown(listing), "alpha bravo* charlie* delta");
    listing_mark(listing, 1, false);
    listing_mark(listing, 1, false);
    assert_int_equal(listing_marks(listing), 1);
    listing_clear_marks(listing);
    listing_clear_marks(listing);
    assert_int_equal(listing_marks(listing), 0);
    assert_string_equal(shown(listing), "alpha bravo charlie delta");
    listing_destroy(listing);
    table_destroy(table);
}

/* All that the filter shows, and back; what it hides keeps its mark. */
static void all_shown_rows_are_marked_and_unmarked(void **state) {
    (void)state;
    struct table *table = sample();
    struct bucket bucket;
    bucket_init(&bucket);
    bucket.unreadable = true;
    bucket.extra = "[1, \"l\"]";
    table_add(table, &bucket);
    struct listing *listing = listing_create();
    assert_false(listing_mark_shown(listing));
    listing_set_table(listing, table, false);
    mark_name(listing, "bravo", true);
    filter(listing, "!bravo");
    assert_string_equal(shown(listing), " alpha charlie delta");
    assert_true(listing_mark_shown(listing));
    assert_string_equal(shown(listing), " alpha* charlie* delta*");
    assert_int_equal(listing_marks(listing), 4);
    listing_mark(listing, 2, false);
    assert_true(listing_mark_shown(listing));
    assert_false(listing_mark_shown(listing));
    assert_string_equal(shown(listing), " alpha charlie delta");
    assert_int_equal(listing_marks(listing), 1);
    assert_true(marks_has(listing_marked(listing), "bravo"));
    listing_unmark(listing, "bravo");
    assert_int_equal(listing_marks(listing), 0);
    listing_destroy(listing);
    table_destroy(table);
}

static void marks_that_the_filter_hides_are_counted(void **state) {
    (void)state;
    struct table *table = sample(), *other = sample();
    struct listing *listing = listing_create();
    listing_mark_name(listing, "not yet");
    assert_int_equal(listing_hidden_marks(listing), 0);
    listing_set_table(listing, table, true);
    mark_name(listing, "alpha", true);
    mark_name(listing, "bravo", true);
    assert_int_equal(listing_hidden_marks(listing), 0);
    filter(listing, "cloud:aws");
    assert_int_equal(listing_hidden_marks(listing), 1);
    assert_true(listing_hides(listing, "alpha"));
    assert_false(listing_hides(listing, "bravo"));
    assert_false(listing_hides(listing, "not yet"));
    listing_mark_name(listing, "alpha");
    listing_mark_name(listing, "charlie");
    filter(listing, "cloud:aws delta");
    assert_int_equal(listing_hidden_marks(listing), 3);
    listing_unmark(listing, "alpha");
    assert_int_equal(listing_hidden_marks(listing), 2);
    sort(listing, COLUMN_CLOUD, true);
    assert_int_equal(listing_hidden_marks(listing), 2);

    listing_filter(listing, "charlie"); /* what is shown is as it was, until it is done */
    listing_work(listing, 1);
    assert_int_equal(listing_hidden_marks(listing), 2);
    finish(listing);
    assert_int_equal(listing_hidden_marks(listing), 1);
    add(table, "not yet", "aws", "");
    listing_rows_added(listing);
    assert_int_equal(listing_hidden_marks(listing), 2);
    listing_set_table(listing, other, false);
    assert_int_equal(listing_hidden_marks(listing), 1);
    listing_clear_marks(listing);
    assert_int_equal(listing_hidden_marks(listing), 0);
    listing_destroy(listing);
    table_destroy(table);
    table_destroy(other);
}

static void unreadable_rows_are_shown_but_not_marked(void **state) {
    (void)state;
    struct table *table = sample();
    struct bucket bucket;
    bucket_init(&bucket);
    bucket.unreadable = true;
    bucket.extra = "[1]";
    table_add(table, &bucket);
    struct listing *listing = listing_create();
    listing_set_table(listing, table, false);
    assert_int_equal(listing_row(listing, 0), 4); /* "(unreadable)" is before the letters */
    listing_mark(listing, 0, true);
    assert_int_equal(listing_marks(listing), 0);
    assert_false(listing_is_marked(listing, 0));
    filter(listing, "unreadable");
    assert_int_equal(listing_count(listing), 1);
    listing_destroy(listing);
    table_destroy(table);
}

/* Rows that come in pieces, under any filter and sort, end as rows that come at once. */
static void rows_added_in_pieces_are_the_same(void **state) {
    (void)state;
    enum { ROWS = 700 };
    static const char *const filters[] = {"", "aws", "!1", "name:nothing"};
    uint32_t random = 1;
    for (int round = 0; round < 4 * COLUMN_COUNT * 2; round++) {
        struct table *table = table_create();
        struct listing *pieces = listing_create(), *whole = listing_create();
        struct listing *const both[] = {pieces, whole};
        for (int i = 0; i < 2; i++) {
            filter(both[i], filters[round % 4]);
            sort(both[i], (enum column)(round / 4 % COLUMN_COUNT), round >= 4 * COLUMN_COUNT);
        }
        listing_set_table(pieces, table, true);
        for (int row = 0; row < ROWS; row++) {
            char name[16];
            random = random * 1664525 + 1013904223;
            snprintf(name, sizeof name, "b%u", random >> 22);
            add(table, name, random >> 30 ? "aws" : "minio", random >> 29 & 1 ? name : "");
            if (row % 37 == 0)
                listing_rows_added(pieces);
        }
        listing_rows_added(pieces);
        listing_set_table(whole, table, false);
        assert_int_equal(listing_count(pieces), listing_count(whole));
        for (size_t i = 0; i < listing_count(whole); i++) {
            size_t position;
            assert_int_equal(listing_row(pieces, i), listing_row(whole, i));
            const char *name = table_name(table, listing_row(whole, i));
            if (listing_find(whole, name, &position))
                assert_string_equal(table_name(table, listing_row(whole, position)), name);
        }
        listing_destroy(pieces);
        listing_destroy(whole);
        table_destroy(table);
    }
}

static void add_random(struct table *table, uint32_t *random) {
    char name[16];
    *random = *random * 1664525 + 1013904223;
    snprintf(name, sizeof name, "b%u", *random >> 22);
    add(table, name, *random >> 31 ? "aws" : "minio", "");
}

/* Keys come while there is still work for the last one, and rows while the table is read: what is
 * shown stays until the end, but for new rows, and is then what the last filter and the last order
 * make of the table, whatever was left undone. */
static void a_new_key_replaces_the_work_for_the_last(void **state) {
    (void)state;
    enum { ROWS = 300, PIECE = 40 };
    static const char *const filters[] = {"", "b", "b1", "b12", "aws", "aws b", "!1", "minio b2"};
    struct table *table = table_create();
    uint32_t random = 7;
    for (int row = 0; row < ROWS; row++)
        add_random(table, &random);
    struct listing *hasty = listing_create();
    listing_set_table(hasty, table, false);
    for (int round = 0; round < 2000; round++) {
        size_t before = listing_count(hasty), first = before ? listing_row(hasty, 0) : ROWS;
        random = random * 1664525 + 1013904223;
        if (random >> 30)
            listing_filter(hasty, filters[random >> 26 & 7]);
        else
            listing_sort(hasty, (enum column)((random >> 24) % COLUMN_COUNT), random >> 29 & 1);
        if (listing_work(hasty, PIECE)) {
            assert_int_equal(listing_count(hasty), before);
            assert_int_equal(before ? listing_row(hasty, 0) : ROWS, first);
        }
        if (round % 5 == 0) {
            add_random(table, &random);
            listing_rows_added(hasty);
        }
        if (round % 7 < 6)
            continue; /* the next key */
        finish(hasty);
        listing_rows_added(hasty);
        struct listing *calm = listing_create();
        filter(calm, listing_filter_text(hasty));
        sort(calm, listing_sort_column(hasty), listing_sort_descending(hasty));
        listing_set_table(calm, table, false);
        assert_int_equal(listing_count(hasty), listing_count(calm));
        for (size_t i = 0; i < listing_count(calm); i++)
            assert_int_equal(listing_row(hasty, i), listing_row(calm, i));
        listing_destroy(calm);
    }
    listing_destroy(hasty);
    table_destroy(table);
}

static void many_rows_are_marked_quickly(void **state) {
    (void)state;
    enum { ROWS = 20000 };
    struct table *table = table_create(), *other = table_create();
    for (int i = 0; i < ROWS; i++) {
        char name[16];
        snprintf(name, sizeof name, "b%d", i * 7919 % ROWS);
        add(table, name, "", "");
        if (i % 2)
            add(other, name, "", "");
    }
    struct listing *listing = listing_create();
    listing_set_table(listing, table, false);
    for (size_t i = 0; i < ROWS; i++)
        listing_mark(listing, i, true);
    assert_int_equal(listing_marks(listing), ROWS);
    listing_set_table(listing, other, false);
    assert_int_equal(listing_marks(listing), ROWS / 2);
    assert_true(listing_is_marked(listing, 17));
    listing_destroy(listing);
    table_destroy(table);
    table_destroy(other);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_table_nothing_is_shown),
        cmocka_unit_test(rows_are_sorted),
        cmocka_unit_test(equal_names_stay_in_the_order_of_their_rows),
        cmocka_unit_test(bytes_are_compared_as_unsigned),
        cmocka_unit_test(the_filter_hides_rows),
        cmocka_unit_test(filter_sort_and_marks_survive_a_reload),
        cmocka_unit_test(marks_are_set_and_taken_off),
        cmocka_unit_test(all_shown_rows_are_marked_and_unmarked),
        cmocka_unit_test(marks_that_the_filter_hides_are_counted),
        cmocka_unit_test(unreadable_rows_are_shown_but_not_marked),
        cmocka_unit_test(rows_added_in_pieces_are_the_same),
        cmocka_unit_test(a_new_key_replaces_the_work_for_the_last),
        cmocka_unit_test(many_rows_are_marked_quickly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
