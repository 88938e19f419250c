#include "tests.h"

#include "pail/buckets/bucket.h"

static void the_fields_are_the_pages(void **state) {
    (void)state;
    static const char *const sent[] = {"bucketname",    "cloud",           "endpoint",
                                       "accessKeyId",   "secretAccessKey", "accessRole",
                                       "accessRoleExt", "sharedSecret"};
    for (size_t i = 0; i < sizeof sent / sizeof *sent; i++) {
        assert_string_equal(bucket_fields[i].name, sent[i]);
        assert_false(bucket_fields[i].flags & FIELD_LISTING_ONLY);
        assert_int_equal(bucket_field_by_name(sent[i]), i);
    }
    assert_true(bucket_fields[FIELD_DDB_TABLE].flags & FIELD_LISTING_ONLY);
    assert_true(bucket_fields[FIELD_ETAG].flags & FIELD_LISTING_ONLY);
    assert_int_equal(bucket_field_by_name("BucketName"), FIELD_COUNT);
    assert_int_equal(bucket_field_by_name(""), FIELD_COUNT);
}

static void secrets_are_known_by_their_names(void **state) {
    (void)state;
    for (int field = 0; field < FIELD_COUNT; field++)
        assert_int_equal(bucket_name_is_secret(bucket_fields[field].name),
                         (bucket_fields[field].flags & FIELD_SECRET) != 0);
    assert_true(bucket_name_is_secret("x-API-TOKEN"));
    assert_true(bucket_name_is_secret("PrivateKey"));
    assert_true(bucket_name_is_secret("dbPasswd"));
    assert_true(bucket_name_is_secret("CLIENT_SECRET_2"));
    assert_false(bucket_name_is_secret("region"));
    assert_false(bucket_name_is_secret(""));
}

static void a_cloud_is_one_of_four(void **state) {
    (void)state;
    enum bucket_cloud cloud;
    struct bucket bucket;
    bucket_init(&bucket);
    assert_int_equal(bucket_cloud(&bucket), CLOUD_AWS);
    for (int i = 0; i < CLOUD_COUNT; i++) {
        bucket.value[FIELD_CLOUD] = bucket_cloud_names[i];
        assert_int_equal(bucket_cloud(&bucket), i);
        assert_true(bucket_cloud_parse(bucket_cloud_names[i], &cloud));
        assert_int_equal(cloud, i);
    }
    bucket.value[FIELD_CLOUD] = "AWS";
    assert_int_equal(bucket_cloud(&bucket), CLOUD_OTHER);
    assert_false(bucket_cloud_parse("AWS", &cloud));
    assert_false(bucket_cloud_parse("", &cloud));
}

static void access_is_by_role_or_key(void **state) {
    (void)state;
    static const struct {
        const char *role, *id, *secret;
        enum bucket_access access;
    } cases[] = {
        {"", "", "", ACCESS_NONE},   {"r", "", "", ACCESS_ROLE}, {"", "k", "", ACCESS_KEY},
        {"", "", "s", ACCESS_KEY},   {"", "k", "s", ACCESS_KEY}, {"r", "k", "", ACCESS_BOTH},
        {"r", "", "s", ACCESS_BOTH},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bucket bucket;
        bucket_init(&bucket);
        bucket.value[FIELD_ACCESS_ROLE] = cases[i].role;
        bucket.value[FIELD_ACCESS_KEY_ID] = cases[i].id;
        bucket.value[FIELD_SECRET_ACCESS_KEY] = cases[i].secret;
        assert_int_equal(bucket_access(&bucket), cases[i].access);
    }
}

static void a_copy_stands_by_itself(void **state) {
    (void)state;
    struct arena arena;
    struct bucket bucket;
    char name[] = "name", extra[] = "{\"a\":1}";
    arena_init(&arena);
    bucket_init(&bucket);
    bucket.value[FIELD_NAME] = name;
    bucket.extra = extra;
    bucket.present = bucket.odd = 1;
    struct bucket copy = bucket_copy(&arena, &bucket);
    name[0] = extra[0] = '?';
    assert_string_equal(copy.value[FIELD_NAME], "name");
    assert_string_equal(copy.extra, "{\"a\":1}");
    assert_int_equal(copy.present, 1);
    assert_int_equal(copy.odd, 1);
    arena_finish(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_fields_are_the_pages),
        cmocka_unit_test(secrets_are_known_by_their_names),
        cmocka_unit_test(a_cloud_is_one_of_four),
        cmocka_unit_test(access_is_by_role_or_key),
        cmocka_unit_test(a_copy_stands_by_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
