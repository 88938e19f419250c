#include "tests.h"

#include <jansson.h>
#include <stdlib.h>

#include "pail/base/encode.h"
#include "pail/base/memory.h"
#include "pail/base/text.h"

/* In memory that is exactly as large as it may need to be, so that writing or reading beyond is
 * noticed. The caller frees it. */
static char *encode(const char *text, size_t length) {
    char *exact = malloc(length > 0 ? length : 1), *out = malloc(length * 6 + 2);
    memcpy(exact, text, length);
    size_t size = (size_t)(encode_json(out, exact, length) - out);
    assert_in_range(size, 2, length * 6 + 2);
    char *json = memory_string_n(out, size);
    free(out);
    free(exact);
    return json;
}

static void check(const char *text, size_t length) {
    json_t *json = json_stringn(text, length);
    assert_non_null(json);
    char *wanted = json_dumps(json, JSON_ENCODE_ANY), *seen = encode(text, length);
    assert_string_equal(seen, wanted);
    json_t *back = json_loads(seen, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    assert_int_equal(json_string_length(back), length);
    assert_memory_equal(json_string_value(back), text, length);
    free(wanted);
    free(seen);
    json_decref(back);
    json_decref(json);
}

/* What stands before and behind decides whether a byte is met alone or within a block. */
static void each_byte_at_each_place(void **state) {
    (void)state;
    char text[40];
    check("", 0);
    for (int byte = 0; byte < 0x80; byte++)
        for (size_t length = 1; length < sizeof text; length++)
            for (size_t at = 0; at < length; at++) {
                memset(text, 'a', sizeof text);
                text[at] = (char)byte;
                check(text, length);
            }
}

static void hostile_text_is_as_jansson_has_it(void **state) {
    (void)state;
    static const char *const parts[] = {"a",
                                        "\"",
                                        "\\",
                                        "/",
                                        "\x1B[2J",
                                        "\x7F",
                                        "\n",
                                        "\t",
                                        "\b\f\r",
                                        "\x01",
                                        "</script>",
                                        "\xC3\xA9",
                                        "\xC2\x80",
                                        "%",
                                        "\\u0041",
                                        "\\\"",
                                        "\xE2\x80\xAE",
                                        "\xE2\x80\xA8",
                                        "\xEF\xBF\xBD",
                                        "\xEF\xBB\xBF",
                                        "\xF0\x9D\x84\x9E",
                                        "\xF4\x8F\xBF\xBF",
                                        "0123456789abcdef"};
    enum { PARTS = sizeof parts / sizeof *parts };
    unsigned seed = 1;
    for (int turn = 0; turn < 20000; turn++) {
        char text[512] = "";
        size_t length = 0, count = (seed = seed * 1103515245U + 12345U) >> 16 & 31;
        for (size_t i = 0; i < count; i++) {
            const char *part = parts[((seed = seed * 1103515245U + 12345U) >> 16) % PARTS];
            memcpy(text + length, part, strlen(part));
            length += strlen(part);
        }
        check(text, length);
    }
}

static void every_code_point(void **state) {
    (void)state;
    for (uint32_t code = 0; code <= 0x10FFFF; code += code < 0x900 ? 1 : 61) {
        char text[8] = "xy";
        if (code < 0xD800 || code > 0xDFFF)
            check(text, 2 + text_encode(code, text + 2));
    }
}

static void what_is_no_utf8_is_marked(void **state) {
    (void)state;
    static const struct {
        const char *text, *json;
    } cases[] = {
        {"\xFF", "\"\xEF\xBF\xBD\""},
        {"a\xC3", "\"a\xEF\xBF\xBD\""},
        {"\xC0\x80z", "\"\xEF\xBF\xBD\xEF\xBF\xBDz\""},
        {"\xED\xA0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
        {"\xE2\x80\"", "\"\xEF\xBF\xBD\xEF\xBF\xBD\\\"\""},
        {"\xF0\x9D\x84", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *seen = encode(cases[i].text, strlen(cases[i].text));
        assert_string_equal(seen, cases[i].json);
        free(seen);
    }
    unsigned seed = 7;
    for (int turn = 0; turn < 20000; turn++) {
        char text[64];
        size_t length = (seed = seed * 1103515245U + 12345U) >> 16 & 63;
        for (size_t i = 0; i < length; i++)
            text[i] = (char)((seed = seed * 1103515245U + 12345U) >> 16);
        char *seen = encode(text, length);
        json_t *json = json_loads(seen, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
        assert_true(json_is_string(json));
        json_decref(json);
        free(seen);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_byte_at_each_place),
        cmocka_unit_test(hostile_text_is_as_jansson_has_it),
        cmocka_unit_test(every_code_point),
        cmocka_unit_test(what_is_no_utf8_is_marked),
    };
    return cmocka_run_group_tests_name("encode_json", tests, NULL, NULL);
}
