#include "tests.h"

#include <locale.h>
#include <strings.h>

#include "pail/base/arena.h"
#include "pail/base/buffer.h"
#include "pail/base/encode.h"
#include "pail/base/error.h"
#include "pail/base/find.h"
#include "pail/base/mask.h"
#include "pail/base/memory.h"
#include "pail/base/text.h"
#include "pail/base/url.h"

static const char *safe(const char *text, enum text_charset charset) {
    static struct buffer out;
    buffer_init(&out);
    static char copy[256];
    text_append_safe(&out, text, strlen(text), charset);
    snprintf(copy, sizeof copy, "%s", out.data);
    buffer_finish(&out);
    return copy;
}

static void text_is_made_safe(void **state) {
    (void)state;
    assert_string_equal(safe("plain", TEXT_UTF8), "plain");
    assert_string_equal(safe("a\033[2Jb\r\n\x7f", TEXT_UTF8), "a^[[2Jb^M^J^?");
    assert_string_equal(safe("\xC2\x9B", TEXT_UTF8), "<U+009B>");
    assert_string_equal(safe("\xE2\x80\xAE", TEXT_UTF8), "<U+202E>");
    assert_string_equal(safe("\xFF\xC0\x80", TEXT_UTF8), "<FF><C0><80>");
    assert_string_equal(safe("日本", TEXT_UTF8), "日本");
    assert_string_equal(safe("日", TEXT_ASCII), "<U+65E5>");
    assert_string_equal(safe("e\xCC\x81", TEXT_UTF8), "e\xCC\x81");
    assert_string_equal(safe("\xCC\x81", TEXT_UTF8), "<U+0301>");
    assert_string_equal(safe("a\xCC\x81\xCC\x81\xCC\x81\xCC\x81\xCC\x81", TEXT_UTF8),
                        "a\xCC\x81\xCC\x81\xCC\x81\xCC\x81<U+0301>");
}

static void code_points_there_and_back(void **state) {
    (void)state;
    static const uint32_t codes[] = {1, 0x7F, 0x80, 0x7FF, 0x800, 0xFFFD, 0x10000, 0x10FFFF};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        char out[4];
        uint32_t code = 0;
        size_t size = text_encode(codes[i], out);
        assert_int_equal(text_decode(out, size, &code), size);
        assert_int_equal(code, codes[i]);
    }
}

static void text_that_is_plain(void **state) {
    (void)state;
    assert_int_equal(text_plain("", 0, 9), 0);
    assert_int_equal(text_plain("plain ~", 7, 9), 7);
    assert_int_equal(text_plain("plain", 5, 3), 3);
    assert_int_equal(text_plain("ab\tc", 4, 9), 2);
    assert_int_equal(text_plain("ae\xCC\x81", 4, 9), 1); /* the mark is the e's */
    assert_int_equal(text_plain("ae\xCC\x81", 4, 2), 1); /* also where it isn't looked at */
    assert_int_equal(text_plain("\xC3\xA9", 2, 9), 0);
    assert_string_equal(safe("plain e\xCC\x81\033[m", TEXT_UTF8), "plain e\xCC\x81^[[m");
}

static void text_widths(void **state) {
    (void)state;
    assert_int_equal(text_width("日本x", 7, TEXT_UTF8), 5);
    assert_int_equal(text_width("e\xCC\x81", 3, TEXT_UTF8), 1);
    assert_int_equal(text_width("\033", 1, TEXT_UTF8), 2);
    assert_int_equal(text_width("plain e\xCC\x81 text \x7F.", 17, TEXT_UTF8), 16);
    assert_int_equal(text_width("caf\xC3\xA9 x", 7, TEXT_ASCII), 13);
}

static void text_that_fits(void **state) {
    (void)state;
    static const char text[] = "a\xE6\x97\xA5\x07"
                               "e\xCC\x81z"; /* cells: a 1, 2, ^G 2, 1, z 1 */
    static const size_t fitting[] = {0, 1, 1, 4, 4, 5, 8, 9, 9};
    for (int cells = 0; cells < 9; cells++)
        assert_int_equal(text_fitting(text, sizeof text - 1, TEXT_UTF8, cells), fitting[cells]);
    assert_int_equal(text_fitting("", 0, TEXT_UTF8, 3), 0);
    assert_int_equal(text_fitting("a", 1, TEXT_UTF8, -1), 0);
}

static void clean_text(void **state) {
    (void)state;
    assert_true(text_is_clean("bücket", 7));
    assert_false(text_is_clean("a\tb", 3));
    assert_false(text_is_clean("\xED\xA0\x80", 3)); /* a surrogate */
    assert_false(text_is_clean("\xC2\x85", 2));
}

static void buffer_edits(void **state) {
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer);
    assert_string_equal(buffer.data, "");
    buffer_append_string(&buffer, "abcdef");
    buffer_splice(&buffer, 1, 2, "XYZ", 3);
    assert_string_equal(buffer.data, "aXYZdef");
    memcpy(buffer_room(&buffer, 300), "!?", 2);
    buffer_extend(&buffer, 1);
    assert_true(buffer.capacity > 300 && buffer.data[buffer.length - 1] == '!');
    assert_int_equal(buffer.data[buffer.length], '\0');
    buffer_truncate(&buffer, buffer.length - 1);
    buffer_splice(&buffer, 0, 4, NULL, 0);
    assert_string_equal(buffer.data, "def");
    buffer_truncate(&buffer, 1);
    assert_string_equal(buffer.data, "d");
    for (int i = 0; i < 1000; i++)
        buffer_printf(&buffer, "%d,", i);
    assert_int_equal(buffer.length, 1 + 3890);
    char *stolen = buffer_steal(&buffer);
    assert_int_equal(strlen(stolen), 3891);
    assert_int_equal(buffer.length, 0);
    free(stolen);
    buffer_finish(&buffer);
}

static void truncation_leaves_no_copy(void **state) {
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer);
    buffer_append_string(&buffer, "hunter2!");
    buffer_truncate(&buffer, 2);
    for (size_t i = 2; i < 8; i++)
        assert_int_equal(buffer.data[i], 0);
    buffer_finish(&buffer);
}

static void arena_gives_aligned_memory(void **state) {
    (void)state;
    struct arena arena;
    arena_init(&arena);
    arena_string(&arena, "a few bytes");
    assert_in_range(arena.total, 1, 2048); /* a hundred thousand small ones fit into memory */
    for (int i = 0; i < 10000; i++) {
        char *text = arena_string_n(&arena, "abcdefgh", (size_t)(i % 8));
        assert_int_equal(strlen(text), i % 8);
        uint64_t *number = arena_new(&arena, sizeof *number, 8);
        assert_int_equal((uintptr_t)number % 8, 0);
        assert_true(*number == 0);
    }
    char *large = arena_new(&arena, 1 << 20, 16);
    memset(large, 'x', 1 << 20);
    arena_finish(&arena);
    assert_int_equal(arena.total, 0);
}

static void encodings(void **state) {
    (void)state;
    struct buffer out;
    buffer_init(&out);
    encode_percent(&out, "https://a.b/c d+e", 17);
    assert_string_equal(out.data, "https%3A%2F%2Fa.b%2Fc%20d%2Be");
    buffer_clear(&out);
    encode_base64(&out, "foobar", 6);
    encode_base64(&out, "fooba", 5);
    encode_base64(&out, "foob", 4);
    assert_string_equal(out.data, "Zm9vYmFyZm9vYmE=Zm9vYg==");
    buffer_clear(&out);
    assert_true(decode_base64url(&out, "Zm9vYmFyZm9vYmE=", 16));
    assert_true(decode_base64url(&out, "Zm9vYg==", 8));
    assert_true(decode_base64url(&out, "_-8", 3));
    assert_true(decode_base64url(&out, "", 0));
    assert_string_equal(out.data, "foobarfoobafoob\xff\xef");
    static const char *const odd[] = {"A", "AA+/", "A=AA", "AAA\n", "AA A", "=", "===="};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        assert_false(decode_base64url(&out, odd[i], strlen(odd[i])));
    assert_int_equal(out.length, 17);
    buffer_clear(&out);
    static const char *const words[] = {"/a-b/c_D.9", "", "~", "it's a", "a;b", "$x", "\n"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++, buffer_append_char(&out, ' '))
        encode_shell_word(&out, words[i]);
    assert_string_equal(out.data, "/a-b/c_D.9 '' '~' 'it'\\''s a' 'a;b' '$x' '\n' ");
    buffer_finish(&out);
}

static void urls(void **state) {
    (void)state;
    struct url url;
    struct error error = {""};
    assert_true(url_parse("https://API.example.com/a/b?c", &url, &error));
    assert_true(url.https);
    assert_string_equal(url.host, "api.example.com");
    assert_int_equal(url.port, 443);
    assert_string_equal(url.path, "/a/b?c");
    assert_true(url_parse("http://[::1]:8080", &url, &error));
    assert_true(url_is_loopback(&url));
    assert_true(url_parse("http://127.3.2.1", &url, &error) && url_is_loopback(&url));
    assert_true(url_parse("http://127.0.0.1.evil.com", &url, &error) && !url_is_loopback(&url));
    static const char *const bad[] = {"",
                                      "ftp://a",
                                      "https://",
                                      "https://a b",
                                      "a.b",
                                      "https://u:p@h",
                                      "https://h:0",
                                      "https://h:70000",
                                      "https://h\n",
                                      "https://[::1",
                                      "https:///x"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(url_parse(bad[i], &url, &error));
    assert_true(error.text[0] != '\0');
}

static void errors_are_prefixed(void **state) {
    (void)state;
    struct error error = {""};
    assert_false(error_set(&error, "%s", "no route"));
    assert_false(error_prefix(&error, "list %s: ", "x"));
    assert_string_equal(error.text, "list x: no route");
    assert_false(error_set(NULL, "nobody listens"));
}

/* Against a search letter by letter, at every length and place. */
static void words_are_found_wherever_they_are(void **state) {
    (void)state;
    static const char letters[] = "aAbB-[{@`zZ";
    enum { LETTERS = sizeof letters - 1 };
    unsigned seed = 3;
    for (int round = 0; round < 60000; round++) {
        char text[70], needle[8];
        struct find_needle prepared;
        seed = seed * 1103515245U + 12345U;
        size_t length = (seed >> 8) % sizeof text, wanted = (seed >> 20) % sizeof needle;
        for (size_t i = 0; i < length; i++)
            text[i] = letters[(seed = seed * 1103515245U + 12345U) >> 16 & 7];
        for (size_t i = 0; i < wanted; i++) {
            char c = letters[((seed = seed * 1103515245U + 12345U) >> 16) % LETTERS];
            needle[i] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
        }
        size_t there = 0;
        while (there + wanted <= length && strncasecmp(text + there, needle, wanted) != 0)
            there++;
        if (there + wanted > length)
            there = FIND_NOWHERE;
        char *exact = memory_string_n(text, length); /* so that reading beyond is noticed */
        find_prepare(&prepared, needle, wanted);
        assert_int_equal(find_folded(&prepared, exact, length), there);
        free(exact);
    }
}

static void what_is_secret_is_masked(void **state) {
    (void)state;
    static const char *const values[] = {"s3cr+t/V=", NULL, "", "a\\\"\xC3\xA4", "eyJra.token"};
    static const struct {
        const char *text, *masked;
    } cases[] = {
        {"", ""},
        {"nothing", "nothing"},
        {"key s3cr+t/V= is bad", "key *** is bad"},
        {"s3cr+t/V=s3cr+t/V=", "***"},
        {"k=s3cr\\u002bt\\/V\\u003D.", "k=***."},
        {"k=s3cr%2bt%2FV%3d&", "k=***&"},
        {"k=s3cr%2Bt/V=&", "k=***&"},
        {"k=s3cr\\u00252Bt\\/V%3d&", "k=***&"},
        {"s3cr+t/V", "***"},
        {"it begins s3cr", "it begins ***"},
        {"it begins s3cr%2", "it begins ***"},
        {"it begins s3cr\\u0", "it begins ***"},
        {"it begins s3c", "it begins s3c"},
        {"s3cr+t/W=", "s3cr+t/W="},
        {"<a\\\\\\\"\xC3\xA4>", "<***>"},
        {"<a\\\\\\\"\\u00e4>", "<***>"},
        {"<a\\\"\xC3\xA4>", "<***>"},
        {"<a%5C%22%C3%a4>", "<***>"},
        {"Authorization: eyJra.token", "Authorization: ***"},
        {"50% \\x \\u12 %", "50% \\x \\u12 %"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer out;
        buffer_init(&out);
        mask_append(&out, cases[i].text, values, sizeof values / sizeof *values);
        assert_string_equal(out.data, cases[i].masked);
        buffer_finish(&out);
    }
}

int main(void) {
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_made_safe),
        cmocka_unit_test(code_points_there_and_back),
        cmocka_unit_test(text_that_is_plain),
        cmocka_unit_test(text_widths),
        cmocka_unit_test(text_that_fits),
        cmocka_unit_test(clean_text),
        cmocka_unit_test(buffer_edits),
        cmocka_unit_test(truncation_leaves_no_copy),
        cmocka_unit_test(arena_gives_aligned_memory),
        cmocka_unit_test(encodings),
        cmocka_unit_test(urls),
        cmocka_unit_test(errors_are_prefixed),
        cmocka_unit_test(words_are_found_wherever_they_are),
        cmocka_unit_test(what_is_secret_is_masked),
    };
    return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
