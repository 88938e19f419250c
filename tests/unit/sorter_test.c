#include "tests.h"

#include <stdlib.h>

#include "pail/buckets/sorter.h"

static unsigned seed = 1;

static unsigned roll(unsigned sides) {
    seed = seed * 1103515245U + 12345U;
    return (seed >> 16) % sides;
}

/* Texts that share beginnings, end at every place of a chunk, and are often the same. */
static const char *random_text(char *out) {
    static const char *const starts[] = {"", "a", "acme-prod", "acme-prod-logs-eu-west-1", "\xff"};
    size_t used = (size_t)sprintf(out, "%s", starts[roll(5)]);
    for (unsigned left = roll(12); left > 0; left--)
        out[used++] = (char)("ab\x80\xfe"[roll(4)]);
    out[used] = '\0';
    return out;
}

static struct table *random_table(size_t rows) {
    struct table *table = table_create();
    char name[64], endpoint[64], role[64];
    for (size_t i = 0; i < rows; i++) {
        struct bucket bucket;
        bucket_init(&bucket);
        bucket.value[FIELD_NAME] = random_text(name);
        bucket.value[FIELD_CLOUD] = bucket_cloud_names[roll(CLOUD_COUNT)];
        bucket.value[FIELD_ENDPOINT] = random_text(endpoint);
        bucket.value[FIELD_ACCESS_ROLE] = random_text(role);
        bucket.unreadable = roll(20) == 0;
        table_add(table, &bucket);
    }
    return table;
}

static const struct table *compared;
static enum column by;
static bool down;

static int compare(const void *a, const void *b) {
    return sorter_compare(compared, *(const uint32_t *)a, *(const uint32_t *)b, by, down);
}

static int compare_names(const void *a, const void *b) {
    return sorter_compare(compared, *(const uint32_t *)a, *(const uint32_t *)b, COLUMN_NAME, false);
}

static void sort_by_name(uint32_t *rows, size_t count) {
    if (count > 0)
        qsort(rows, count, sizeof *rows, compare_names);
}

/* qsort by the comparison, which says what the order is, and the sorter come to the same. */
static void assert_sorts(const struct table *table, size_t piece) {
    size_t count = table_count(table);
    uint32_t *rows = calloc(count + 1, sizeof *rows), *wanted = calloc(count + 1, sizeof *rows);
    for (size_t i = 0; i < count; i++)
        rows[i] = wanted[i] = (uint32_t)(count - 1 - i);
    compared = table;
    if (count > 0)
        qsort(wanted, count, sizeof *wanted, compare);
    for (int named = 0; named < 2; named++) {
        struct sorter *sorter = sorter_create(table, rows, count, named, by, down);
        size_t calls = 0;
        while (sorter_work(sorter, piece))
            assert_true(++calls < 100 * count + 100);
        sorter_take(sorter, rows);
        sorter_destroy(sorter);
        assert_memory_equal(rows, wanted, count * sizeof *rows);
        sort_by_name(rows, count);
    }
    free(rows);
    free(wanted);
}

static void it_sorts_as_the_comparison_says(void **state) {
    (void)state;
    static const size_t sizes[] = {0, 1, 2, 11, 12, 13, 64, 65, 500, 3000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct table *table = random_table(sizes[i]);
        for (int column = 0; column < COLUMN_COUNT; column++)
            for (int turned = 0; turned < 2; turned++) {
                by = (enum column)column;
                down = turned;
                assert_sorts(table, i % 2 ? 7 : 100000);
            }
        table_destroy(table);
    }
}

static void the_comparison_is_by_column_then_name_then_row(void **state) {
    (void)state;
    struct table *table = table_create();
    static const char *const entries[][2] = {
        {"b", "aws"}, {"a", "minio"}, {"a", "aws"}, {"a", "aws"}};
    for (int i = 0; i < 4; i++) {
        struct bucket bucket;
        bucket_init(&bucket);
        bucket.value[FIELD_NAME] = entries[i][0];
        bucket.value[FIELD_CLOUD] = entries[i][1];
        table_add(table, &bucket);
    }
    assert_true(sorter_compare(table, 0, 1, COLUMN_CLOUD, false) < 0);
    assert_true(sorter_compare(table, 0, 1, COLUMN_CLOUD, true) > 0);
    assert_true(sorter_compare(table, 0, 2, COLUMN_CLOUD, false) > 0);
    assert_true(sorter_compare(table, 0, 2, COLUMN_CLOUD, true) > 0);
    assert_true(sorter_compare(table, 2, 3, COLUMN_CLOUD, true) < 0);
    assert_true(sorter_compare(table, 3, 2, COLUMN_NAME, false) > 0);
    assert_int_equal(sorter_compare(table, 3, 3, COLUMN_NAME, false), 0);
    table_destroy(table);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_sorts_as_the_comparison_says),
        cmocka_unit_test(the_comparison_is_by_column_then_name_then_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
