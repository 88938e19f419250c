#include "tests.h"

#include "../../src/ui/terminal_internal.h"

/* What is left of a frame on a terminal that has had one. */
static const char *slimmed(const char *frame, bool has_column) {
    static char left[512];
    struct slim slim = {.known = true, .has_column = has_column};
    struct buffer bytes;
    buffer_init(&bytes);
    buffer_append_string(&bytes, "before\033(B");
    buffer_append_string(&bytes, frame);
    slim_frame(&slim, &bytes, 9);
    assert_memory_equal(bytes.data, "before\033(B", 9);
    snprintf(left, sizeof left, "%s", bytes.data + 9);
    buffer_finish(&bytes);
    return left;
}

static void the_character_set_is_not_said_again(void **state) {
    (void)state;
    assert_string_equal(slimmed("a\033(B\033[0;7mb\033(B\033[mc\017d", true),
                        "a\033[0;7mb\033[mcd");
}

static void what_is_plain_is_not_made_plain(void **state) {
    (void)state;
    assert_string_equal(slimmed("\033[m\033[0;7mb\033[0;1mc\033[md\033[0;4;7me", true),
                        "\033[m\033[7mb\033[0;1mc\033[md\033[4;7me");
    assert_string_equal(slimmed("\033[m\033[31m\033[0;7mb", true), "\033[m\033[31m\033[0;7mb");
}

static void the_row_below_is_a_line_feed_away(void **state) {
    (void)state;
    assert_string_equal(slimmed("\033[3;5Ha\r\033[4db\033[5;1Hc\033[7dd", true),
                        "\033[3;5Ha\r\nb\r\nc\033[7dd");
    assert_string_equal(slimmed("\033[3da\n\033[5db", true), "\033[3da\n\nb");
    assert_string_equal(slimmed("\r\033[4db", true), "\r\033[4db"); /* from where is not known */
    assert_string_equal(slimmed("\033[3da\033[A\033[4db", true), "\033[3da\033[A\033[4db");
    assert_string_equal(slimmed("\033[3da\0337\033[4db", true), "\033[3da\0337\033[4db");
}

static int an_indent_of_two(int row) {
    return row == 4 ? 2 : 0;
}

static void blanks_lead_to_where_a_row_differs(void **state) {
    (void)state;
    static const struct {
        const char *frame, *left;
    } cases[] = {
        {"\033[3;1Ha\033[4;3Hb", "\033[3;1Ha\r\n  b"},
        {"\033[3;1Ha\033[4;2Hb", "\033[3;1Ha\r\n b"},
        {"\033[3;1Ha\033[4;4Hb", "\033[3;1Ha\033[4;4Hb"}, /* there is more than blanks */
        {"\033[4;1Ha\033[5;3Hb", "\033[4;1Ha\033[5;3Hb"},
        {"\033[2;1Ha\033[4;3Hb", "\033[2;1Ha\033[4;3Hb"}, /* not the row below */
        {"\033[3;1H\033[7ma\033[4;3Hb", "\033[3;1H\033[7ma\033[4;3Hb"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct slim slim = {.known = true, .plain = true, .indent = an_indent_of_two};
        struct buffer bytes;
        buffer_init(&bytes);
        buffer_append_string(&bytes, cases[i].frame);
        slim_frame(&slim, &bytes, 0);
        assert_string_equal(bytes.data, cases[i].left);
        buffer_finish(&bytes);
    }
}

static void within_a_row_the_column_is_enough(void **state) {
    (void)state;
    assert_string_equal(slimmed("\033[3;5Ha\033[3;59Hb\033[K\033[3;70Hc", true),
                        "\033[3;5Ha\033[59Gb\033[K\033[70Gc");
    assert_string_equal(slimmed("\033[3;5Ha\033[3;59Hb", false), "\033[3;5Ha\033[3;59Hb");
}

static void after_a_scroll_the_row_is_not_known(void **state) {
    (void)state;
    static const char frame[] = "\033[3;36r\033[36;1H\n\033[1;40r\033[37da\033[r\033[38db";
    assert_string_equal(slimmed(frame, true), frame);
}

static void what_is_no_sequence_stays(void **state) {
    (void)state;
    static const char *const frames[] = {"",
                                         "\033",
                                         "\033[",
                                         "\033[12",
                                         "\033[1;2;3;4;5;6H",
                                         "\033[?25l",
                                         "\033]52;c;QQ==\a",
                                         "\033[99999999999d",
                                         "\xe2\x96\x8c"};
    for (size_t i = 0; i < sizeof frames / sizeof *frames; i++)
        assert_string_equal(slimmed(frames[i], true), frames[i]);
}

static void the_first_frame_is_whole(void **state) {
    (void)state;
    struct slim slim = {0};
    struct buffer bytes;
    buffer_init(&bytes);
    buffer_append_string(&bytes, "\033(B\033[m\033[0;7m");
    slim_frame(&slim, &bytes, 0);
    assert_string_equal(bytes.data, "\033(B\033[m\033[0;7m");
    assert_true(slim.known);
    buffer_finish(&bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_character_set_is_not_said_again),
        cmocka_unit_test(what_is_plain_is_not_made_plain),
        cmocka_unit_test(the_row_below_is_a_line_feed_away),
        cmocka_unit_test(blanks_lead_to_where_a_row_differs),
        cmocka_unit_test(within_a_row_the_column_is_enough),
        cmocka_unit_test(after_a_scroll_the_row_is_not_known),
        cmocka_unit_test(what_is_no_sequence_stays),
        cmocka_unit_test(the_first_frame_is_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
