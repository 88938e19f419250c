#include "tests.h"

#include <jansson.h>

#include "pail/base/buffer.h"
#include "pail/buckets/reader.h"

/* What a reader handed out, a line per entry: every field that is present, then extra. */
struct log {
    struct buffer text;
    size_t entries, unreadable;
};

static void log_entry(void *context, const struct bucket *bucket) {
    struct log *log = context;
    for (int field = 0; field < FIELD_COUNT; field++)
        if (bucket->present & 1U << field)
            buffer_printf(&log->text, "%s%s=%s|", bucket->odd & 1U << field ? "~" : "",
                          bucket_fields[field].name, bucket->value[field]);
        else
            assert_string_equal(bucket->value[field], "");
    buffer_printf(&log->text, "%s%s\n", bucket->unreadable ? "?" : "", bucket->extra);
    log->entries++;
    log->unreadable += bucket->unreadable;
}

static void log_init(struct log *log) {
    *log = (struct log){0};
    buffer_init(&log->text);
}

static void log_finish(struct log *log) {
    buffer_finish(&log->text);
}

/* Reads data in pieces of that size. */
static bool read_pieces(struct log *log, const char *data, size_t length, size_t piece,
                        struct error *error) {
    struct reader *reader = reader_create(log_entry, log);
    bool good = true;
    for (size_t at = 0; at < length && good; at += piece) {
        size_t size = length - at < piece ? length - at : piece;
        char *copy = malloc(size); /* so that ASan sees a read beyond the piece */
        memcpy(copy, data + at, size);
        good = reader_feed(reader, copy, size, error);
        free(copy);
    }
    good = reader_end(reader, error) && good;
    reader_destroy(reader);
    return good;
}

static bool read_text(struct log *log, const char *text, struct error *error) {
    return read_pieces(log, text, strlen(text), SIZE_MAX / 2, error);
}

/* The rows of a good answer. */
#define assert_rows(answer, rows)                      \
    do {                                               \
        struct log log;                                \
        struct error error = {""};                     \
        log_init(&log);                                \
        bool good = read_text(&log, (answer), &error); \
        assert_string_equal(error.text, "");           \
        assert_true(good);                             \
        assert_string_equal(log.text.data, (rows));    \
        log_finish(&log);                              \
    } while (0)

/* The error of a bad answer. */
#define assert_fails(answer, expected)                   \
    do {                                                 \
        struct log log;                                  \
        struct error error = {""};                       \
        log_init(&log);                                  \
        assert_false(read_text(&log, (answer), &error)); \
        assert_string_equal(error.text, (expected));     \
        log_finish(&log);                                \
    } while (0)

/* Every kind of thing that an answer may hold, without white space at its end. */
static const char sample[] =
    " \t\r\n{ \"userName\" : \"ad\\\"min\\\\\", \"n\":[1,{\"InfinSnapBuckets\":[3]}],\r\n"
    "\"InfinSnapBuckets\" :\t[ {\"bucketname\":\"b1\",\"cloud\":\"aws\",\"endpoint\":\"\"} ,\n"
    "{\"bucketname\":\"\\u00fc\\\"],[{\",\"ddbTable\":null,\"secretAccessKey\":\"s+/\",\n"
    "\"x\" : [ 1, {\"y\" : 0.1} ],\"accessRole\":17,\"z\":null},{\"cloud\":\"aws\"},\r\n"
    "-1e5,\"text\",true\r,[[]],{\"bucketname\":\"\"}, {\"bucketname\":5}] , \"e\":{\"f\":\"]}\"}}";

static const char sample_rows[] = "bucketname=b1|cloud=aws|endpoint=|\n"
                                  "bucketname=\xC3\xBC\"],[{|secretAccessKey=s+/|~accessRole=17|"
                                  "{\"x\":[1,{\"y\":0.1}],\"z\":null}\n"
                                  "?{\"cloud\":\"aws\"}\n?-1e5\n?\"text\"\n?true\n?[[]]\n"
                                  "?{\"bucketname\":\"\"}\n?{\"bucketname\":5}\n";

static void the_sample_is_read(void **state) {
    (void)state;
    assert_rows(sample, sample_rows);
}

static void fields_come_in_any_form(void **state) {
    (void)state;
    assert_rows("{\"InfinSnapBuckets\":[]}", "");
    assert_rows("{\"InfinSnapBuckets\":null}", "");
    assert_rows("{\"Infin\\u0053napBuckets\":[{\"bucketname\":\"a\"}]}", "bucketname=a|\n");
    assert_rows("{\"InfinSnapBuckets\":[{\"\\u0062ucketname\":\"a\"}]}", "bucketname=a|\n");
    assert_rows("{\"InfinSnapBuckets\":[{\"bucketname\":\"a\",\"cloud\":{\"a\" : [ ]}}]}",
                "bucketname=a|~cloud={\"a\":[]}|\n");
    assert_rows("{\"InfinSnapBuckets\":[{\"z\":1,\"bucketname\":\"a\",\"b\":\"\\n\",\"a\":1.50}]}",
                "bucketname=a|{\"z\":1,\"b\":\"\\n\",\"a\":1.5}\n");
}

static void odd_values_cost_one_row(void **state) {
    (void)state;
    static const char *const odd[] = {
        "{\"bucketname\":\"a\",\"x\":1e999}",
        "{\"bucketname\":\"a\",\"x\":99999999999999999999}",
        "{\"bucketname\":\"a\\u0000b\"}",
        "{\"bucketname\":\"a\",\"k\\u0000\":\"***\"}",
        "{\"bucketname\":\"a\",\"x\":\"\\ud800\"}",
        "{\"bucketname\":\"a\",\"x\":\"\\ud800\\u0041\"}",
        "{\"bucketname\":\"a\xFF\"}",
        "{\"bucketname\":\"a\xED\xA0\x80\"}",
        "{\"bucketname\":\"a\",\"bucketname\":\"b\"}",
        "{}",
        "null",
    };
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        char answer[256], rows[256];
        snprintf(answer, sizeof answer,
                 "{\"InfinSnapBuckets\":[{\"bucketname\":\"p\"},%s,{\"bucketname\":\"q\"}]}",
                 odd[i]);
        snprintf(rows, sizeof rows, "bucketname=p|\n?%s\nbucketname=q|\n", odd[i]);
        assert_rows(answer, rows);
    }
}

static void an_odd_value_of_the_account_costs_no_table(void **state) {
    (void)state;
    static const char *const odd[] = {"1e999", "-99999999999999999999", "[1,{\"x\":1E+999}]",
                                      "\"a\\u0000b\"", "\"\\\"1e999\""};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        char answer[256];
        snprintf(answer, sizeof answer,
                 "{\"odd\":%s,\"InfinSnapBuckets\":[{\"bucketname\":\"p\"}],\"more\":%s}", odd[i],
                 odd[i]);
        assert_rows(answer, "bucketname=p|\n");
    }
}

static void secrets_inside_json_text_are_redacted(void **state) {
    (void)state;
    assert_rows("{\"InfinSnapBuckets\":[{\"bucketname\":\"a\",\"endpoint\":{\"token\":\"hunter2\"},"
                "\"apiToken\":\"t\",\"x\":[{\"Password\":\"hunter2\",\"y\":1}]},"
                "{\"secretAccessKey\":\"hunter2\"},"
                "{\"bucketname\":\"a\\u0000\",\"sharedSecret\":{\"z\":\"hunter2\"}}]}",
                "bucketname=a|~endpoint={\"token\":\"***\"}|"
                "{\"apiToken\":\"t\",\"x\":[{\"Password\":\"***\",\"y\":1}]}\n"
                "?{\"secretAccessKey\":\"***\"}\n"
                "?{\"bucketname\":\"a\\u0000\",\"sharedSecret\":\"***\"}\n");
}

static void what_is_no_listing_fails(void **state) {
    (void)state;
    static const char *const bad[][2] = {
        {"", "the answer is empty"},
        {" \n", "the answer is empty"},
        {"<html>Login expired", "not a listing: line 1, column 1 has '<' instead of a JSON object"},
        {"\n\n  [1]", "not a listing: line 3, column 3 has '[' instead of a JSON object"},
        {"\xEF\xBB\xBF{}",
         "not a listing: line 1, column 1 has byte 0xEF instead of a JSON object"},
        {"{}", "the answer has no InfinSnapBuckets"},
        {"{\"a\":{\"InfinSnapBuckets\":[]}}", "the answer has no InfinSnapBuckets"},
        {"{\"infinSnapBuckets\":[]}", "the answer has no InfinSnapBuckets"},
        {"{\"InfinSnapBuckets\":[],\"InfinSnapBuckets\":[]}",
         "the answer has InfinSnapBuckets twice"},
        {"{\"InfinSnapBuckets\":[", "the answer is cut off at line 1, column 22, after 0 entries"},
        {"{\"InfinSnapBuckets\":[{}, {",
         "the answer is cut off at line 1, column 27, after 1 entries"},
        {"{\"InfinSnapBuckets\":{}}",
         "not a listing: line 1, column 21 has '{' instead of the array InfinSnapBuckets"},
        {"{\"InfinSnapBuckets\":nil}", "not JSON, from InfinSnapBuckets on: invalid token"},
        {"{\"InfinSnapBuckets\" []}", "not a listing: line 1, column 21 has '[' instead of ':'"},
        {"{\"InfinSnapBuckets\":[]}x",
         "not a listing: line 1, column 24 has 'x' instead of the end"},
        {"{\"InfinSnapBuckets\":[{}{}]}",
         "not a listing: line 1, column 24 has '{' instead of ',' or ']'"},
        {"{\"InfinSnapBuckets\":[\n{},]}",
         "not a listing: line 2, column 4 has ']' instead of an entry"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_fails(bad[i][0], bad[i][1]);
}

/* Errors are shown and kept: what they quote must not be a value. */
static void errors_quote_no_values(void **state) {
    (void)state;
    assert_fails("{\"InfinSnapBuckets\":[{},\n {\"secretAccessKey\" \"hunter2\"}]}",
                 "not JSON: entry 2, from line 2, column 2: ':' expected");
    assert_fails("{\"InfinStorSecretAccessKey\":\"hunter2\" \"hunter2\",\"InfinSnapBuckets\":[]}",
                 "not JSON: line 1, column 47: '}' expected");
    assert_fails("{\"InfinSnapBuckets\":[],\"InfinStorSecretAccessKey\" \"hunter2\"}",
                 "not JSON, from InfinSnapBuckets on: ':' expected");
}

static void a_failed_reader_stays_failed(void **state) {
    (void)state;
    struct log log;
    struct error error = {""};
    log_init(&log);
    struct reader *reader = reader_create(log_entry, &log);
    assert_true(reader_feed(reader, NULL, 0, &error));
    assert_false(reader_feed(reader, "<", 1, &error));
    assert_false(reader_feed(reader, "{\"InfinSnapBuckets\":[{\"bucketname\":\"a\"}]}", 43, NULL));
    memset(&error, 0, sizeof error);
    assert_false(reader_end(reader, &error));
    assert_non_null(strstr(error.text, "not a listing"));
    assert_int_equal(log.entries, 0);
    assert_null(reader_account(reader, "userName"));
    reader_destroy(reader);
    reader_destroy(NULL);
    log_finish(&log);
}

static void the_account_is_kept(void **state) {
    (void)state;
    static const char answer[] = "{\"userName\":\"admin\",\"productCode\":[\"x\"],"
                                 "\"InfinSnapBuckets\":[{}],\"customerRoleArn\":\"arn:aws:iam\"}";
    struct log log;
    log_init(&log);
    struct reader *reader = reader_create(log_entry, &log);
    assert_true(reader_feed(reader, answer, sizeof answer - 1, NULL));
    assert_true(reader_end(reader, NULL));
    assert_string_equal(reader_account(reader, "userName"), "admin");
    assert_string_equal(reader_account(reader, "customerRoleArn"), "arn:aws:iam");
    assert_null(reader_account(reader, "productCode"));
    assert_null(reader_account(reader, "InfinSnapBuckets"));
    assert_null(reader_account(reader, "nothing"));
    char *json = reader_account_json(reader, "userName");
    assert_string_equal(json, "\"admin\"");
    free(json);
    json = reader_account_json(reader, "productCode");
    assert_non_null(json);
    assert_int_equal(json[0], '[');
    free(json);
    assert_null(reader_account_json(reader, "nothing"));
    reader_destroy(reader);
    log_finish(&log);
}

static void entries_come_as_soon_as_they_are_whole(void **state) {
    (void)state;
    static const char *const pieces[] = {
        "{\"InfinSnapBuckets\":[", "{\"bucketname\":\"a\"}", ",7", ",", "\"x\"", "]}"};
    static const size_t entries[] = {0, 1, 1, 2, 3, 3};
    struct log log;
    log_init(&log);
    struct reader *reader = reader_create(log_entry, &log);
    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++) {
        assert_true(reader_feed(reader, pieces[i], strlen(pieces[i]), NULL));
        assert_int_equal(log.entries, entries[i]);
    }
    assert_true(reader_end(reader, NULL));
    reader_destroy(reader);
    log_finish(&log);
}

static void pieces_of_any_size_give_the_same_rows(void **state) {
    (void)state;
    for (size_t piece = 1; piece < sizeof sample; piece++) {
        struct log log;
        log_init(&log);
        assert_true(read_pieces(&log, sample, sizeof sample - 1, piece, NULL));
        assert_string_equal(log.text.data, sample_rows);
        log_finish(&log);
    }
}

static void a_split_at_any_byte_gives_the_same_rows(void **state) {
    (void)state;
    for (size_t cut = 0; cut < sizeof sample; cut++) {
        struct log log;
        log_init(&log);
        struct reader *reader = reader_create(log_entry, &log);
        assert_true(reader_feed(reader, sample, cut, NULL));
        assert_true(reader_feed(reader, sample + cut, sizeof sample - 1 - cut, NULL));
        assert_true(reader_end(reader, NULL));
        assert_string_equal(log.text.data, sample_rows);
        reader_destroy(reader);
        log_finish(&log);
    }
}

static void a_cut_at_any_byte_is_noticed(void **state) {
    (void)state;
    for (size_t length = 0; length < sizeof sample - 1; length++) {
        struct log log;
        struct error error = {""};
        log_init(&log);
        assert_false(read_pieces(&log, sample, length, 7, &error));
        assert_true(strstr(error.text, "cut off") || strstr(error.text, "empty"));
        assert_memory_equal(log.text.data, sample_rows, log.text.length);
        log_finish(&log);
    }
}

/* What jansson says of the whole answer: 1 a listing, 0 not. */
static bool jansson_accepts(const char *data, size_t length) {
    json_t *answer = json_loadb(data, length, 0, NULL);
    const json_t *array = json_object_get(answer, "InfinSnapBuckets");
    bool accepts = json_is_array(array) || json_is_null(array);
    json_decref(answer);
    return accepts;
}

/* The reader and jansson agree; but where a row is unreadable, jansson may refuse the whole, and it
 * overlooks a NUL behind a word. */
static void compare(const char *data, size_t length) {
    struct log log;
    struct error error = {""};
    log_init(&log);
    bool good = read_pieces(&log, data, length, 5, &error);
    bool accepts = jansson_accepts(data, length) && memchr(data, '\0', length) == NULL;
    bool twice = strstr(error.text, "twice") != NULL;
    if (good != accepts && !(good && log.unreadable > 0) && !twice)
        fail_msg("jansson %s, the reader says \"%s\": %.*s", accepts ? "accepts" : "refuses",
                 error.text, (int)length, data);
    log_finish(&log);
}

/* Every single byte of the sample replaced by each of these, dropped and doubled. */
static void jansson_agrees_on_damaged_answers(void **state) {
    (void)state;
    static const char bytes[] = "{}[]\",:\\ \n0-.enu\x01\x7F\xFF\xC3";
    char damaged[sizeof sample + 1];
    for (size_t at = 0; at < sizeof sample - 1; at++) {
        for (size_t i = 0; i < sizeof bytes; i++) { /* with the NUL */
            memcpy(damaged, sample, sizeof sample);
            damaged[at] = bytes[i];
            compare(damaged, sizeof sample - 1);
        }
        memcpy(damaged, sample, at);
        memcpy(damaged + at, sample + at + 1, sizeof sample - at - 1);
        compare(damaged, sizeof sample - 2);
        memcpy(damaged, sample, at + 1);
        memcpy(damaged + at + 1, sample + at, sizeof sample - at);
        compare(damaged, sizeof sample);
    }
}

/* Random sequences of tokens, from a fixed seed. */
static void jansson_agrees_on_random_answers(void **state) {
    (void)state;
    static const char *const tokens[] = {
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"InfinSnapBuckets\":[",
        "\"a\"",
        "1",
        "null",
        " ",
        "{\"bucketname\":\"b\"}",
        ",",
        "]}",
        "\"InfinSnapBuckets\"",
        "\"\\u0041\"",
        "-",
        "tru",
    };
    uint32_t random = 12345;
    for (int round = 0; round < 60000; round++) {
        struct buffer answer;
        buffer_init(&answer);
        buffer_append_string(&answer, round % 3 ? "{\"InfinSnapBuckets\":[" : "{");
        for (int i = 0; i < round % 9; i++) {
            random = random * 1664525 + 1013904223;
            buffer_append_string(&answer,
                                 tokens[(random >> 16) % (sizeof tokens / sizeof *tokens)]);
        }
        buffer_append_string(&answer, round % 2 ? "]}" : "}");
        compare(answer.data, answer.length);
        buffer_finish(&answer);
    }
}

/* An answer with an entry of length bytes. */
static char *large_answer(const char *before, size_t length, const char *after) {
    struct buffer answer;
    buffer_init(&answer);
    buffer_printf(&answer, "%s{\"bucketname\":\"%0*d\"}%s", before, (int)length - 17, 0, after);
    return buffer_steal(&answer);
}

static void an_entry_has_at_most_a_mebibyte(void **state) {
    (void)state;
    for (size_t over = 0; over < 2; over++) {
        struct log log;
        struct error error = {""};
        log_init(&log);
        char *answer = large_answer("{\"InfinSnapBuckets\":[7,", (1 << 20) + over, ",7]}");
        assert_int_equal(read_pieces(&log, answer, strlen(answer), 4096, &error), over == 0);
        assert_int_equal(log.entries, over ? 1 : 3);
        assert_string_equal(error.text, over ? "entry 2 of the answer is larger than 1 MiB" : "");
        free(answer);
        log_finish(&log);
    }
}

static void the_rest_has_at_most_a_mebibyte(void **state) {
    (void)state;
    struct log log;
    struct error error = {""};
    log_init(&log);
    char *answer = large_answer("{\"InfinSnapBuckets\":[],\"a\":", 1 << 20, "}");
    assert_false(read_text(&log, answer, &error));
    assert_string_equal(error.text, "the answer has more than 1 MiB beside its buckets");
    free(answer);
    log_finish(&log);
}

/* After one large entry, small ones must not cost as much as it did. */
static void many_entries_after_a_large_one(void **state) {
    (void)state;
    struct log log;
    log_init(&log);
    struct reader *reader = reader_create(log_entry, &log);
    char *answer = large_answer("{\"InfinSnapBuckets\":[", 1 << 20, "");
    assert_true(reader_feed(reader, answer, strlen(answer), NULL));
    buffer_clear(&log.text);
    for (int i = 0; i < 50000; i++)
        assert_true(reader_feed(reader, ",[]", 3, NULL));
    assert_true(reader_feed(reader, "]}", 2, NULL));
    assert_true(reader_end(reader, NULL));
    assert_int_equal(log.unreadable, 50000);
    reader_destroy(reader);
    free(answer);
    log_finish(&log);
}

static void deep_nesting_does_no_harm(void **state) {
    (void)state;
    enum { DEPTH = 100000 };
    static const char *const before[] = {"{\"InfinSnapBuckets\":[", "{\"a\":"};
    static const char *const after[] = {"]}", ",\"InfinSnapBuckets\":[]}"};
    for (int i = 0; i < 2; i++) {
        struct log log;
        log_init(&log);
        struct reader *reader = reader_create(log_entry, &log);
        assert_true(reader_feed(reader, before[i], strlen(before[i]), NULL));
        for (int depth = 0; depth < DEPTH; depth++)
            assert_true(reader_feed(reader, "[", 1, NULL));
        for (int depth = 0; depth < DEPTH; depth++)
            assert_true(reader_feed(reader, "]", 1, NULL));
        assert_true(reader_feed(reader, after[i], strlen(after[i]), NULL));
        assert_int_equal(reader_end(reader, NULL), i == 0);
        assert_int_equal(log.unreadable, i == 0);
        reader_destroy(reader);
        log_finish(&log);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sample_is_read),
        cmocka_unit_test(fields_come_in_any_form),
        cmocka_unit_test(odd_values_cost_one_row),
        cmocka_unit_test(an_odd_value_of_the_account_costs_no_table),
        cmocka_unit_test(secrets_inside_json_text_are_redacted),
        cmocka_unit_test(what_is_no_listing_fails),
        cmocka_unit_test(errors_quote_no_values),
        cmocka_unit_test(a_failed_reader_stays_failed),
        cmocka_unit_test(the_account_is_kept),
        cmocka_unit_test(entries_come_as_soon_as_they_are_whole),
        cmocka_unit_test(pieces_of_any_size_give_the_same_rows),
        cmocka_unit_test(a_split_at_any_byte_gives_the_same_rows),
        cmocka_unit_test(a_cut_at_any_byte_is_noticed),
        cmocka_unit_test(jansson_agrees_on_damaged_answers),
        cmocka_unit_test(jansson_agrees_on_random_answers),
        cmocka_unit_test(an_entry_has_at_most_a_mebibyte),
        cmocka_unit_test(the_rest_has_at_most_a_mebibyte),
        cmocka_unit_test(many_entries_after_a_large_one),
        cmocka_unit_test(deep_nesting_does_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
