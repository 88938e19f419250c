#include "tests.h"

#include <jansson.h>
#include <stdlib.h>

#include "../../src/buckets/plain.h"
#include "pail/buckets/reader.h"

static void note(struct buffer *out, const struct bucket *bucket) {
    buffer_printf(out, "present %x odd %x unreadable %d", bucket->present, bucket->odd,
                  bucket->unreadable);
    for (int field = 0; field < FIELD_COUNT; field++)
        buffer_printf(out, "|%s", bucket->value[field]);
    buffer_printf(out, "|%s\n", bucket->extra);
}

static void take_entry(void *context, const struct bucket *bucket) {
    note(context, bucket);
}

/* By jansson alone: an unknown array keeps an entry from being plain, and is taken off again. */
static void read_by_jansson(const char *json, struct buffer *out) {
    struct buffer answer;
    struct error error;
    buffer_init(&answer);
    size_t length = strlen(json);
    while (length > 0 && json[length - 1] != '}')
        length--;
    buffer_printf(&answer, "{\"InfinSnapBuckets\":[%.*s,\"zz\":[]}]}", (int)length - 1, json);
    struct reader *reader = reader_create(take_entry, out);
    bool good =
        reader_feed(reader, answer.data, answer.length, &error) && reader_end(reader, &error);
    reader_destroy(reader);
    buffer_finish(&answer);
    assert_true(good);
    const char *ends[] = {",\"zz\":[]}\n", "{\"zz\":[]}\n"};
    for (int i = 0; i < 2; i++) {
        size_t tail = strlen(ends[i]);
        if (out->length >= tail && strcmp(out->data + out->length - tail, ends[i]) == 0) {
            buffer_truncate(out, out->length - tail);
            buffer_append_string(out, i == 0 ? "}\n" : "\n");
            return;
        }
    }
    fail_msg("jansson did not keep the mark: %s", out->data);
}

static bool read_plainly(const char *json, struct buffer *out) {
    struct buffer text, extra;
    struct bucket bucket;
    buffer_init(&text);
    buffer_init(&extra);
    buffer_append_string(&text, json);
    bool plain = plain_entry(&text, &extra, &bucket);
    if (plain)
        note(out, &bucket);
    else
        assert_string_equal(text.data, json);
    buffer_finish(&text);
    buffer_finish(&extra);
    return plain;
}

static bool agrees(const char *json) {
    struct buffer plain, jansson;
    buffer_init(&plain);
    buffer_init(&jansson);
    bool taken = read_plainly(json, &plain);
    if (taken) {
        read_by_jansson(json, &jansson);
        assert_string_equal(plain.data, jansson.data);
    }
    buffer_finish(&plain);
    buffer_finish(&jansson);
    return taken;
}

static void plain_entries_are_read_as_jansson_does(void **state) {
    (void)state;
    static const char *const plain[] = {
        "{\"bucketname\":\"a\"}",
        " {\t\"bucketname\" :\r\n\"a\" , \"cloud\":null}\n",
        "{\"cloud\":\"aws\",\"bucketname\":\"a b\",\"endpoint\":\"\",\"ddbTable\":\"t\"}",
        "{\"bucketname\":\"a\",\"secretAccessKey\":\"****\",\"sharedSecret\":\"x\"}",
        "{\"bucketname\":\"a\",\"other\":\"\",\"mySecret\":\"s\",\"none\":null}",
        "{\"other\":\"{[:,]}\",\"bucketname\":\"/\"}",
    };
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        assert_true(agrees(plain[i]));
    assert_true(agrees("{\"bucketname\":\"a\x7f\",\"x/y\":\"</script>\"}"));
}

static void what_is_not_plain_is_left_as_it_was(void **state) {
    (void)state;
    static const char *const other[] = {
        "",
        "{",
        "{}",
        "[]",
        "\"bucketname\"",
        "{\"bucketname\":\"\"}",
        "{\"bucketname\":null}",
        "{\"bucketname\":1}",
        "{\"cloud\":\"aws\"}",
        "{\"bucketname\":\"a\",}",
        "{,\"bucketname\":\"a\"}",
        "{\"bucketname\":\"a\"}}",
        "{\"bucketname\":\"a\"} x",
        "{\"bucketname\":\"a\" \"cloud\":\"aws\"}",
        "{\"bucketname\":\"a\",\"bucketname\":\"b\"}",
        "{\"bucketname\":\"a\",\"x\":\"1\",\"x\":\"2\"}",
        "{\"bucketname\":\"a\\n\"}",
        "{\"bucketname\":\"\xc3\xa4\"}",
        "{\"bucketname\":\"\xff\"}",
        "{\"bucketname\":\"a\nb\"}",
        "{\"bucketname\":\"a\",\"x\":true}",
        "{\"bucketname\":\"a\",\"x\":nul}",
        "{\"bucketname\":\"a\",\"x\":nullx}",
        "{\"bucketname\":\"a\",\"x\":[]}",
        "{\"bucketname\":\"a\",\"x\":{\"y\":\"z\"}}",
        "{\"bucketname\":\"a",
        "{\"bucketname\":\"a\"",
        "{\"bucketname\"}",
        "{bucketname:\"a\"}",
    };
    struct buffer out;
    buffer_init(&out);
    for (size_t i = 0; i < sizeof other / sizeof *other; i++)
        if (read_plainly(other[i], &out))
            fail_msg("taken as plain: %s", other[i]);
    buffer_finish(&out);
}

/* Entries put together at random from pieces that fit and pieces that don't. */
static void random_entries_agree(void **state) {
    (void)state;
    static const char *const pieces[] = {
        "{",
        "}",
        ":",
        ",",
        " ",
        "null",
        "\"bucketname\"",
        "\"cloud\"",
        "\"a\"",
        "\"\"",
        "\"x\"",
        "\"endpoint\"",
        "\"etag\"",
        "\\",
        "\"",
        "1",
        "[",
        "]",
        "true",
        "\"accessRole\":\"r\"",
    };
    enum { PIECES = sizeof pieces / sizeof *pieces };
    unsigned seed = 7, taken = 0;
    struct buffer json;
    buffer_init(&json);
    for (int round = 0; round < 200000; round++) {
        buffer_clear(&json);
        seed = seed * 1103515245U + 12345U;
        unsigned members = seed >> 16 & 3;
        buffer_append_string(&json, "{\"bucketname\":\"n\"");
        for (unsigned i = 0; i < members * 3; i++) {
            seed = seed * 1103515245U + 12345U;
            static const char *const usual[] = {",", "\"k\":", "\"v\""};
            bool odd = (seed >> 16 & 15) == 0;
            buffer_append_string(&json, odd ? pieces[(seed >> 20) % PIECES] : usual[i % 3]);
        }
        buffer_append_char(&json, '}');
        taken += agrees(json.data);
    }
    buffer_finish(&json);
    assert_true(taken > 10000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_entries_are_read_as_jansson_does),
        cmocka_unit_test(what_is_not_plain_is_left_as_it_was),
        cmocka_unit_test(random_entries_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
