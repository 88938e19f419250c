#include "tests.h"

#include "pail/service/head.h"

static const char *take(struct head *head, const char *line) {
    return head_line(head, line, strlen(line));
}

/* Lines with their ends; why the last of them is refused; NULL: none is. */
static const char *take_all(struct head *head, const char *lines) {
    const char *why = NULL;
    head_init(head);
    while (*lines) {
        const char *end = strchr(lines, '\n') + 1;
        why = head_line(head, lines, (size_t)(end - lines));
        assert_true(why == NULL || *end == '\0');
        lines = end;
    }
    return why;
}

static void a_head_is_read(void **state) {
    (void)state;
    struct head head;
    assert_null(take_all(&head, "HTTP/1.1 200 OK\r\n"
                                "content-LENGTH: \t 23 \r\n"
                                "Transfer-Encoding:Chunked\r\n"
                                "X-Content-Length: x\r\n"
                                "Content-Lengths: x\r\n"
                                "Content-Encoding: br\r\n"));
    assert_false(head.whole);
    assert_null(take(&head, "\r\n"));
    assert_true(head.whole);
    assert_int_equal(head.length, 23);
    assert_string_equal(head.encoding, "br");
}

static void a_head_says_nothing_of_the_next(void **state) {
    (void)state;
    struct head head;
    assert_null(take_all(&head,
                         "HTTP/1.1 103 Hints\r\nContent-Length: 5\r\n\r\n"
                         "HTTP/1.1 200 OK\nContent-Length: 23\nContent-Encoding: identity\n"));
    assert_false(head.whole);
    assert_int_equal(head.length, 23);
    assert_string_equal(head.encoding, "");
    assert_null(take_all(&head, "HTTP/1.1 200 OK\r\n\r\nContent-Length: none\r\n\r\n"));
    assert_true(head.whole);
    assert_int_equal(head.length, -1);
}

static void doubtful_lines_are_refused(void **state) {
    (void)state;
    static const char no_number[] = "the answer's Content-Length is no number";
    static const struct {
        const char *lines, *why;
    } cases[] = {
        {"Content-Length:\r\n", no_number},
        {"Content-Length: -1\r\n", no_number},
        {"Content-Length: +1\r\n", no_number},
        {"Content-Length: 0x1\r\n", no_number},
        {"Content-Length: 1, 1\r\n", no_number},
        {"Content-Length: 1 1\r\n", no_number},
        {"Content-Length: 9223372036854775807\r\n", NULL},
        {"Content-Length: 9223372036854775808\r\n", no_number},
        {"Content-Length: 1\r\nContent-Length: 1\r\n", NULL},
        {"Content-Length: 1\r\nContent-Length: 2\r\n",
         "the answer has two different Content-Lengths"},
        {"Transfer-Encoding: gzip, chunked\r\n",
         "the answer is encoded in a way that wasn't asked for (Transfer-Encoding)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct head head;
        const char *why = take_all(&head, cases[i].lines);
        assert_string_equal(why ? why : "", cases[i].why ? cases[i].why : "");
    }
}

static void heads_have_an_end(void **state) {
    (void)state;
    static const char line[] = "HTTP/1.1 102 Wait\r\n";
    struct head head;
    head_init(&head);
    for (size_t i = 0; i < HEAD_BYTES / (sizeof line - 1); i++)
        assert_null(take(&head, line));
    assert_string_equal(take(&head, line), "the answer's head is larger than 256 KiB");
}

static void a_long_encoding_is_cut(void **state) {
    (void)state;
    struct head head;
    assert_null(take_all(&head, "Content-Encoding: 0123456789012345678901234567890123456789\r\n"));
    assert_string_equal(head.encoding, "0123456789012345678901234567890");
    assert_null(head_line(&head, "", 0));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_head_is_read),
        cmocka_unit_test(a_head_says_nothing_of_the_next),
        cmocka_unit_test(doubtful_lines_are_refused),
        cmocka_unit_test(heads_have_an_end),
        cmocka_unit_test(a_long_encoding_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
