#include "tests.h"

#include <locale.h>

#include "../../src/ui/wrap.h"

/* The rows joined by |. */
static const char *wrapped(const char *text, int width) {
    static char rows[256];
    size_t length = strlen(text), used = 0;
    for (size_t at = 0, next; at < length && used < sizeof rows - 1; at += next) {
        size_t fits = wrap_row(text + at, length - at, width, TEXT_UTF8, &next);
        assert_true(next > 0);
        used += (size_t)snprintf(rows + used, sizeof rows - used, "%s%.*s", at ? "|" : "",
                                 (int)fits, text + at);
    }
    rows[used] = '\0';
    return rows;
}

static void test_rows_end_at_blanks(void **state) {
    (void)state;
    assert_string_equal(wrapped("one two three", 7), "one two|three");
    assert_string_equal(wrapped("one two three", 8), "one two|three");
    assert_string_equal(wrapped("one two three", 6), "one|two|three");
    assert_string_equal(wrapped("one    two", 5), "one  |two");
    assert_string_equal(wrapped("one", 80), "one");
}

static void test_a_long_word_is_cut(void **state) {
    (void)state;
    assert_string_equal(wrapped("abcdefgh", 3), "abc|def|gh");
    assert_string_equal(wrapped("a bcdefgh", 3), "a|bcd|efg|h");
    assert_string_equal(wrapped("abc", 0), "a|b|c");
}

static void test_units_stay_whole(void **state) {
    (void)state;
    assert_string_equal(wrapped("日本語", 5), "日本|語");
    assert_string_equal(wrapped("日本", 1), "日|本");
    assert_string_equal(wrapped("e\xcc\x81"
                                "e\xcc\x81",
                                1),
                        "e\xcc\x81|e\xcc\x81");
    assert_string_equal(wrapped("a\033b", 2), "a|\033|b");
    assert_string_equal(wrapped("abe\xcc\x81"
                                "fg",
                                3),
                        "abe\xcc\x81|fg");
    assert_string_equal(wrapped("a b \033 c", 5), "a b|\033 c");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_end_at_blanks),
        cmocka_unit_test(test_a_long_word_is_cut),
        cmocka_unit_test(test_units_stay_whole),
    };
    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
