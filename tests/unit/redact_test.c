#include "tests.h"

#include "pail/buckets/redact.h"

static void assert_redacted(const char *json, bool keep_outer, const char *expected) {
    struct buffer out;
    buffer_init(&out);
    redact_append(&out, json, keep_outer);
    assert_string_equal(out.data, expected);
    buffer_finish(&out);
}

static void secrets_are_redacted_at_any_depth(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"", ""},
        {"17", "17"},
        {"{\"a\":\"b\"}", "{\"a\":\"b\"}"},
        {"{\"secret\":\"x\"}", "{\"secret\":\"***\"}"},
        {"{\"TOKEN\":17,\"a\":1}", "{\"TOKEN\":\"***\",\"a\":1}"},
        {"[{\"a\":{\"passwd\":[\"x\",{\"y\":\"]\"}],\"b\":1}}]",
         "[{\"a\":{\"passwd\":\"***\",\"b\":1}}]"},
        {"{\"secret\":{\"secret\":\"x\"},\"private\":null}",
         "{\"secret\":\"***\",\"private\":\"***\"}"},
        {"{\n\"secret\" :\t\"x\" ,\"a\":\"y\"}", "{\n\"secret\" :\"***\",\"a\":\"y\"}"},
        {"{\"se\\u0063ret\":\"x\"}", "{\"se\\u0063ret\":\"***\"}"},
        {"{\"secret\":\"a\\\"b\\\\\",\"c\":\"secret\"}", "{\"secret\":\"***\",\"c\":\"secret\"}"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_redacted(cases[i][0], false, cases[i][1]);
}

static void outer_secrets_can_be_left(void **state) {
    (void)state;
    assert_redacted("{\"secret\":\"x\",\"a\":{\"secret\":\"y\"}}", true,
                    "{\"secret\":\"x\",\"a\":{\"secret\":\"***\"}}");
    assert_redacted("{\"secret\":{\"b\":\"x\"},\"a\":[{\"token\":1}]}", true,
                    "{\"secret\":{\"b\":\"x\"},\"a\":[{\"token\":\"***\"}]}");
}

/* Cut off anywhere, no byte is lost or read beyond the end, and the secret never shows. */
static void damaged_text_does_no_harm(void **state) {
    (void)state;
    static const char json[] =
        "]}{\"secret\":}{\"token\":,[\"private\" : {\"q\":[\"q\",1]},\"c\":\"\\";
    for (size_t length = 0; length < sizeof json; length++) {
        char *cut = malloc(length + 1);
        memcpy(cut, json, length);
        cut[length] = '\0';
        struct redact_walk walk;
        struct redact_piece piece;
        size_t total = 0;
        redact_walk_init(&walk, cut);
        while (redact_next(&walk, &piece)) {
            assert_ptr_equal(piece.text, cut + total);
            assert_true(piece.length > 0);
            total += piece.length;
        }
        assert_int_equal(total, length);
        struct buffer out;
        buffer_init(&out);
        redact_append(&out, cut, false);
        assert_null(strchr(out.data, 'q'));
        buffer_finish(&out);
        free(cut);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(secrets_are_redacted_at_any_depth),
        cmocka_unit_test(outer_secrets_can_be_left),
        cmocka_unit_test(damaged_text_does_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
