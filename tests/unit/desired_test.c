#include "tests.h"

#include "pail/buckets/desired.h"

/* ---- helpers --------------------------------------------------------------------------------- */

static void assert_read(struct desired *desired, const char *json) {
    struct error error = {"untouched"};
    desired_init(desired);
    if (!desired_read(desired, json, strlen(json), &error))
        fail_msg("%s: %s", json, error.text);
    assert_string_equal(error.text, "untouched");
}

static void assert_refused(const char *json, const char *says) {
    struct desired desired;
    struct error error = {""};
    desired_init(&desired);
    if (desired_read(&desired, json, strlen(json), &error))
        fail_msg("taken: %s", json);
    if (strstr(error.text, says) == NULL)
        fail_msg("%s: \"%s\" lacks \"%s\"", json, error.text, says);
    desired_finish(&desired);
}

static const char *value(const struct desired *desired, size_t entry, enum bucket_field field) {
    assert_true(entry < desired->count);
    return desired->entries[entry].wanted.value[field];
}

/* ---- what is taken --------------------------------------------------------------------------- */

static void entries_are_in_the_order_of_their_names(void **state) {
    (void)state;
    struct desired desired;
    assert_read(&desired,
                " [ {\"bucketname\":\"b\"} ,\n {\"bucketname\":\"B\",\"cloud\":\"minio\"},"
                "{\"bucketname\":\"a\", \"endpoint\":\"https://x\"} ]\n");
    assert_int_equal(desired.count, 3);
    assert_string_equal(value(&desired, 0, FIELD_NAME), "B");
    assert_string_equal(value(&desired, 0, FIELD_CLOUD), "minio");
    assert_string_equal(value(&desired, 1, FIELD_NAME), "a");
    assert_string_equal(value(&desired, 1, FIELD_ENDPOINT), "https://x");
    assert_string_equal(value(&desired, 2, FIELD_NAME), "b");
    assert_int_equal(desired.entries[1].number, 3);
    desired_finish(&desired);
}

static void an_empty_array_is_a_table_without_entries(void **state) {
    (void)state;
    static const char *const texts[] = {"[]", " [ ]\r\n", "{\"buckets\":[]}",
                                        "{ \"InfinSnapBuckets\" : [ ] }"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct desired desired;
        assert_read(&desired, texts[i]);
        assert_int_equal(desired.count, 0);
        desired_finish(&desired);
    }
}

static void an_array_may_be_a_member(void **state) {
    (void)state;
    struct desired desired;
    assert_read(&desired, "{\"buckets\":[{\"bucketname\":\"a\"}]}");
    assert_int_equal(desired.count, 1);
    desired_finish(&desired);
    assert_read(&desired,
                "{\"InfinSnapBuckets\" : [{\"bucketname\":\"a\"},{\"bucketname\":\"b\"}]}");
    assert_int_equal(desired.count, 2);
    desired_finish(&desired);
}

static void absent_null_and_empty_are_one(void **state) {
    (void)state;
    static const char *const texts[] = {
        "[{\"bucketname\":\"a\"}]",
        "[{\"bucketname\":\"a\",\"endpoint\":null,\"accessRole\":null,\"cloud\":null,"
        "\"secretAccessKey\":null,\"secretAccessKey_file\":null,\"ddbTable\":null}]",
        "[{\"bucketname\":\"a\",\"endpoint\":\"\",\"accessRole\":\"\",\"cloud\":\"\","
        "\"secretAccessKey\":\"\",\"secretAccessKey_file\":\"\",\"ddbTable\":\"\"}]",
        /* What a listing has beside: masks, and what no request can set. */
        "[{\"bucketname\":\"a\",\"secretAccessKey\":\"********\",\"sharedSecret\":\"***\","
        "\"ddbTable\":{\"n\":[1]}}]",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct desired desired;
        assert_read(&desired, texts[i]);
        for (int field = 0; field < FIELD_COUNT; field++) {
            assert_string_equal(value(&desired, 0, (enum bucket_field)field),
                                field == FIELD_NAME ? "a" : "");
            assert_null(desired.entries[0].secret_file[field]);
        }
        desired_finish(&desired);
    }
}

static void a_secret_is_given_by_its_file(void **state) {
    (void)state;
    struct desired desired;
    assert_read(&desired, "[{\"bucketname\":\"a\",\"secretAccessKey_file\":\"keys/a\","
                          "\"secretAccessKey\":\"********\",\"sharedSecret_file\":\"/s\"}]");
    assert_string_equal(desired.entries[0].secret_file[FIELD_SECRET_ACCESS_KEY], "keys/a");
    assert_string_equal(desired.entries[0].secret_file[FIELD_SHARED_SECRET], "/s");
    assert_string_equal(value(&desired, 0, FIELD_SECRET_ACCESS_KEY), "");
    assert_null(desired.entries[0].secret_file[FIELD_ENDPOINT]);
    desired_finish(&desired);
}

/* ---- what isn't ------------------------------------------------------------------------------ */

static void a_secret_in_clear_is_refused_and_not_quoted(void **state) {
    (void)state;
    static const char *const texts[] = {
        "[{\"bucketname\":\"a\",\"secretAccessKey\":\"hush-hush\"}]",
        "[{\"bucketname\":\"a\",\"secretAccessKey\":\"***hush-hush\"}]",
        "[{\"secretAccessKey\":\"hush-hush\",\"bucketname\":\"a\"}]",
        "[{\"bucketname\":\"a\",\"secretAccessKey\":[\"hush-hush\"]}]",
        "[{\"bucketname\":\"a\",\"secretAccessKey\":\"hush-hush",
        "[{\"bucketname\":\"a\",\"secretAccessKey\":hush-hush}]",
        "[{\"bucketname\":\"a\",\"secretAccessKey\":\"hush-hush\",\"secretAccessKey\":\"hush-hush\"}]",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct desired desired;
        struct error error = {""};
        desired_init(&desired);
        assert_false(desired_read(&desired, texts[i], strlen(texts[i]), &error));
        assert_null(strstr(error.text, "hush"));
        if (i < 3)
            assert_string_equal(
                error.text, "entry 1 (a): secretAccessKey: a secret isn't taken from here: put "
                            "it into a file of its own and write \"secretAccessKey_file\": PATH");
        desired_finish(&desired);
    }
    assert_refused("[{\"bucketname\":\"a\",\"sharedSecret\":\"x\"}]",
                   "\"sharedSecret_file\": PATH");
}

static void errors_name_the_entry_and_the_field(void **state) {
    (void)state;
    static const struct {
        const char *json, *says;
    } cases[] = {
        {"[{\"bucketname\":\"a\"},{\"bucketname\":\"b\",\"acessRole\":\"r\"}]",
         "entry 2 (b): acessRole: is none of: bucketname cloud endpoint accessKeyId "
         "secretAccessKey_file accessRole accessRoleExt sharedSecret_file"},
        {"[{\"bucketname\":\"b\",\"region\":null}]", "entry 1 (b): region: is none of:"},
        {"[{\"bucketname\":\"b\",\"_file\":\"x\"}]", "_file: is none of:"},
        {"[{\"bucketname\":\"b\",\"endpoint_file\":\"x\"}]", "endpoint_file: is none of:"},
        {"[{\"bucketname\":\"b\",\"secretAccess_file\":\"x\"}]", "secretAccess_file: is none of:"},
        {"[{\"unreadable\":\"{}\"}]", "entry 1: bucketname: is missing"},
        {"[{}]", "entry 1: bucketname: is missing"},
        {"[{\"bucketname\":null}]", "entry 1: bucketname: must be text that isn't empty"},
        {"[{\"bucketname\":\"\"}]", "entry 1: bucketname: must be text that isn't empty"},
        {"[{\"bucketname\":7}]", "entry 1: bucketname: must be text that isn't empty"},
        {"[{\"bucketname\":\"b\",\"endpoint\":7}]", "entry 1 (b): endpoint: must be text, or null"},
        {"[{\"bucketname\":\"b\",\"cloud\":[]}]", "entry 1 (b): cloud: must be text, or null"},
        {"[{\"bucketname\":\"b\",\"secretAccessKey_file\":false}]",
         "entry 1 (b): secretAccessKey_file: must be text, or null"},
        {"[{\"bucketname\":\"b\"},7]", "entry 2: must be an object"},
        {"[{\"bucketname\":\"b\"},null]", "entry 2: must be an object"},
        {"[[{\"bucketname\":\"b\"}]]", "entry 1: must be an object"},
        {"[{\"bucketname\":\"z\"},{\"bucketname\":\"a\"},{\"bucketname\":\"z\"}]",
         "entries 1 and 3 have the same bucketname, z"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_refused(cases[i].json, cases[i].says);
}

static void errors_name_the_line(void **state) {
    (void)state;
    static const struct {
        const char *json, *says;
    } cases[] = {
        {"", "line 1: an array of entries is wanted"},
        {"\n\n 7", "line 3: an array of entries is wanted"},
        {"{\"bucketname\":\"a\"}", "line 1: an array of entries is wanted"},
        {"{\"buckets\":[],\n\"x\":1}", "line 1: an array of entries is wanted"},
        {"{\"userName\":\"x\",\"InfinSnapBuckets\":[]}", "line 1: an array of entries is wanted"},
        {"[", "line 1: entry 1 is not JSON"},
        {"[\n{\"bucketname\":\"a\"},\n{\"bucketname\":\n\"b\" \"c\"}]",
         "line 4: entry 2 is not JSON"},
        {"[\n{\"bucketname\":\"a\"},\n]", "line 3: entry 2 is not JSON"},
        {"[{\"bucketname\":\"a\"}\n{\"bucketname\":\"b\"}]", "line 2: a comma or ] is missing"},
        {"[{\"bucketname\":\"a\"}", "line 1: a comma or ] is missing"},
        {"[]\n[]", "line 2: there is more behind the end"},
        {"{\"buckets\":[]}]", "line 1: there is more behind the end"},
        {"[{\"bucketname\":\"a\",\"cloud\":\"aws\",\"cloud\":\"aws\"}]", "duplicate object key"},
        {"[{\"bucketname\":\"a\\u0000b\"}]", "line 1: entry 1 is not JSON"},
        {"[{\"bucketname\":\"\xff\"}]", "line 1: entry 1 is not JSON"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_refused(cases[i].json, cases[i].says);
}

static void a_nul_is_refused(void **state) {
    (void)state;
    struct desired desired;
    struct error error = {""};
    desired_init(&desired);
    assert_false(desired_read(&desired, "[]\0", 3, &error));
    assert_non_null(strstr(error.text, "NUL"));
    desired_finish(&desired);
}

/* Every beginning of a good text is refused, without a crash. */
static void a_text_that_is_cut_off_is_refused(void **state) {
    (void)state;
    static const char whole[] = "{\"buckets\": [{\"bucketname\": \"a\", \"endpoint\": \"x\\u20ac\","
                                " \"secretAccessKey_file\": null}, {\"bucketname\": \"b\"}]}";
    for (size_t length = 0; length < sizeof whole - 1; length++) {
        struct desired desired;
        struct error error = {""};
        char *text = malloc(length + 1);
        memcpy(text, whole, length);
        desired_init(&desired);
        assert_false(desired_read(&desired, text, length, &error));
        assert_true(error.text[0] != '\0');
        desired_finish(&desired);
        free(text);
    }
}

/* ---- writing --------------------------------------------------------------------------------- */

static void assert_written(const struct bucket *bucket, const char *expected) {
    struct buffer text;
    buffer_init(&text);
    desired_write(&text, bucket);
    assert_string_equal(text.data, expected);
    buffer_finish(&text);
}

static void an_entry_is_written_without_what_cannot_be_set(void **state) {
    (void)state;
    struct bucket bucket;
    bucket_init(&bucket);
    bucket.value[FIELD_NAME] = "testb3";
    bucket.value[FIELD_CLOUD] = "aws";
    bucket.value[FIELD_ACCESS_ROLE] = "aaaa";
    bucket.value[FIELD_DDB_TABLE] = "snap";
    bucket.extra = "{\"region\":\"eu\",\"apiToken\":\"t\"}";
    assert_written(&bucket,
                   "{\"bucketname\": \"testb3\", \"cloud\": \"aws\", \"accessRole\": \"aaaa\"}");
    bucket.value[FIELD_CLOUD] = "";
    bucket.value[FIELD_ENDPOINT] = "\x1b\x7f\xe2\x82\xac\"";
    assert_written(&bucket, "{\"bucketname\": \"testb3\", \"endpoint\": "
                            "\"\\u001B\\u007F\\u20AC\\\"\", \"accessRole\": \"aaaa\"}");
}

static void a_secret_is_left_out_and_marked(void **state) {
    (void)state;
    struct bucket bucket;
    bucket_init(&bucket);
    bucket.value[FIELD_NAME] = "edge";
    bucket.value[FIELD_ACCESS_KEY_ID] = "iiii";
    assert_written(&bucket, "{\"bucketname\": \"edge\", \"accessKeyId\": \"iiii\", "
                            "\"secretAccessKey_file\": null}");
    bucket.value[FIELD_CLOUD] = "minio";
    bucket.value[FIELD_ACCESS_KEY_ID] = "";
    assert_written(&bucket, "{\"bucketname\": \"edge\", \"cloud\": \"minio\", "
                            "\"sharedSecret_file\": null}");
    bucket.value[FIELD_CLOUD] = "";
    bucket.value[FIELD_SECRET_ACCESS_KEY] = "hush";
    bucket.value[FIELD_SHARED_SECRET] = "****";
    assert_written(&bucket, "{\"bucketname\": \"edge\", \"secretAccessKey_file\": null, "
                            "\"sharedSecret_file\": null}");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_are_in_the_order_of_their_names),
        cmocka_unit_test(an_empty_array_is_a_table_without_entries),
        cmocka_unit_test(an_array_may_be_a_member),
        cmocka_unit_test(absent_null_and_empty_are_one),
        cmocka_unit_test(a_secret_is_given_by_its_file),
        cmocka_unit_test(a_secret_in_clear_is_refused_and_not_quoted),
        cmocka_unit_test(errors_name_the_entry_and_the_field),
        cmocka_unit_test(errors_name_the_line),
        cmocka_unit_test(a_nul_is_refused),
        cmocka_unit_test(a_text_that_is_cut_off_is_refused),
        cmocka_unit_test(an_entry_is_written_without_what_cannot_be_set),
        cmocka_unit_test(a_secret_is_left_out_and_marked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
