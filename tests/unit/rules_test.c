#include "tests.h"

#include "pail/base/buffer.h"
#include "pail/buckets/rules.h"

#define ROLE "arn:aws:iam::111122223333:role/infinstor"
#define KEY  "AKIAIOSFODNN7EXAMPLE"

/* An entry of that cloud that breaks no rule. */
static struct bucket good_entry(enum bucket_cloud cloud) {
    struct bucket bucket;
    bucket_init(&bucket);
    bucket.value[FIELD_NAME] = "testb3";
    bucket.value[FIELD_CLOUD] = bucket_cloud_names[cloud];
    if (cloud == CLOUD_AWS)
        bucket.value[FIELD_ACCESS_ROLE] = ROLE;
    else
        bucket.value[FIELD_ACCESS_KEY_ID] = KEY;
    if (cloud == CLOUD_AZURE)
        bucket.value[FIELD_ENDPOINT] = "https://account1.blob.core.windows.net";
    else if (cloud != CLOUD_AWS)
        bucket.value[FIELD_ENDPOINT] = "https://minio.example.com:9000/";
    return bucket;
}

/* The verdict on a field that has that value in an entry which is good otherwise. */
static struct verdict verdict_on(enum bucket_cloud cloud, enum bucket_field field,
                                 const char *value) {
    struct bucket bucket = good_entry(cloud);
    struct verdict verdict;
    if (field == FIELD_ACCESS_KEY_ID)
        bucket.value[FIELD_ACCESS_ROLE] = "";
    bucket.value[field] = value;
    rules_check(&bucket, field, &verdict);
    return verdict;
}

static void assert_verdict(const struct verdict *verdict, enum rule_level level, const char *rule) {
    assert_string_equal(verdict->rule, rule);
    assert_int_equal(verdict->level, level);
    assert_int_equal(verdict->text[0] != '\0', level != RULE_OK);
    assert_true(strlen(verdict->text) <= 80);
}

/* ---- one value that breaks each rule, and one that doesn't ----------------------------------- */

#define TEN   "aaaaaaaaaa"
#define SIXTY TEN TEN TEN TEN TEN TEN

static const struct {
    const char *rule;
    enum rule_level level;
    enum bucket_cloud cloud;
    enum bucket_field field;
    const char *bad, *good;
} cases[] = {
#define ERROR(rule, cloud, field, bad, good) \
    {rule, RULE_ERROR, CLOUD_##cloud, FIELD_##field, bad, good},
#define WARNING(rule, cloud, field, bad, good) \
    {rule, RULE_WARNING, CLOUD_##cloud, FIELD_##field, bad, good},
    /* clang-format off */
    ERROR("clean-text", AWS, NAME, "a\tb", "a-b")
    ERROR("clean-text", OTHER, NAME, "a\x7F", "a b")
    ERROR("clean-text", OTHER, NAME, "a\xFF", "\xC3\xA9")
    ERROR("clean-text", AWS, CLOUD, "\x1B", "aws")
    ERROR("clean-text", OTHER, ENDPOINT, "https://a\n", "https://a")
    ERROR("clean-text", OTHER, ACCESS_KEY_ID, "a\xC2\x85", "any thing")
    ERROR("clean-text", OTHER, SECRET_ACCESS_KEY, "a\xED\xA0\x80", "a+/=")
    ERROR("clean-text", AWS, ACCESS_ROLE, ROLE "\r", ROLE)
    ERROR("clean-text", AWS, ACCESS_ROLE_EXT, "bb\x01", "bb")
    ERROR("clean-text", MINIO, SHARED_SECRET, "\x80", "Bearer x")
    WARNING("outer-space", OTHER, NAME, " a", "a a")
    WARNING("outer-space", AWS, SECRET_ACCESS_KEY, "ssss ", "ss ss")

    ERROR("name-empty", OTHER, NAME, "", "a")
    WARNING("s3-name-length", AWS, NAME, "ab", "abc")
    WARNING("s3-name-length", AWS, NAME, SIXTY "abcd", SIXTY "abc")
    WARNING("s3-name-characters", AWS, NAME, "Old_Bucket", "old-bucket")
    WARNING("s3-name-characters", AWS, NAME, "b\xC3\xBC" "cket", "bucket")
    WARNING("s3-name-ends", AWS, NAME, "-abc", "a-bc")
    WARNING("s3-name-ends", AWS, NAME, "abc-", "ab-c")
    WARNING("s3-name-adjacent-dots", AWS, NAME, "a..b", "a-b")
    WARNING("s3-name-ipv4", AWS, NAME, "192.168.5.4", "192-168-5-4")
    WARNING("s3-name-reserved-prefix", AWS, NAME, "xn--a", "xn-a")
    WARNING("s3-name-reserved-prefix", AWS, NAME, "sthree-a", "sthreea")
    WARNING("s3-name-reserved-prefix", AWS, NAME, "amzn-s3-demo-a", "amzn-s3-dem")
    WARNING("s3-name-reserved-suffix", AWS, NAME, "abc-s3alias", "s3alias-abc")
    WARNING("s3-name-reserved-suffix", AWS, NAME, "abc--ol-s3", "abc-ol-s3")
    WARNING("s3-name-reserved-suffix", AWS, NAME, "abc.mrap", "abc-mrap")
    WARNING("s3-name-reserved-suffix", AWS, NAME, "abc--x-s3", "abc-x-s3")
    WARNING("s3-name-reserved-suffix", AWS, NAME, "abc--table-s3", "abc-table-s3")
    WARNING("s3-name-account-regional", AWS, NAME, "suleim-an", "suleiman")
    WARNING("s3-name-account-regional", AWS, NAME, "a-11112222333-us-west-2-an",
            "a-111122223333-us-west-2-an")
    WARNING("s3-name-account-regional", AWS, NAME, "a-111122223333-an", "a-b-111122223333-x-an")
    WARNING("s3-name-dots-tls", AWS, NAME, "a.b.c", "a-b-c")

    WARNING("azure-container-special", AZURE, NAME, "$web", "web")
    WARNING("azure-container-length", AZURE, NAME, "ab", "abc")
    WARNING("azure-container-characters", AZURE, NAME, "a.b", "a-b")
    WARNING("azure-container-hyphens", AZURE, NAME, "a--b", "a-b")
    WARNING("azure-container-hyphens", AZURE, NAME, "-ab", "a-b")

    WARNING("minio-name-reserved", MINIO, NAME, "minio", "minio2")
    WARNING("minio-name-reserved", MINIO, NAME, ".minio.sys", "a.minio.sys")
    WARNING("minio-name-length", MINIO, NAME, "ab", "abc")
    WARNING("minio-name-labels", MINIO, NAME, "a..b", "a.b")
    WARNING("minio-name-labels", MINIO, NAME, "ab.-c", "ab.c-c")
    WARNING("minio-name-labels", MINIO, NAME, "Abc", "abc")
    WARNING("minio-name-ipv4", MINIO, NAME, "1.2.3.4", "1.2.3.4.5")

    ERROR("cloud-known", AWS, CLOUD, "gcp", "other")
    ERROR("cloud-known", AWS, CLOUD, "AWS", "")

    ERROR("endpoint-url", OTHER, ENDPOINT, "minio.example.com", "https://minio.example.com")
    ERROR("endpoint-url", OTHER, ENDPOINT, "ftp://a", "https://a:9000/path")
    ERROR("endpoint-url", OTHER, ENDPOINT, "https://", "https://[2001:db8::1]")
    ERROR("endpoint-url", OTHER, ENDPOINT, "https://user:pw@a", "https://a")
    WARNING("endpoint-plain-http", MINIO, ENDPOINT, "http://a", "https://a")
    WARNING("endpoint-loopback", MINIO, ENDPOINT, "https://127.0.0.1:9000", "https://127.a")
    WARNING("endpoint-aws", AWS, ENDPOINT, "https://minio.isstage1.bb.com/",
            "https://s3.us-west-2.amazonaws.com")
    WARNING("endpoint-azure", AZURE, ENDPOINT, "https://a1.blob.core.windows.net",
            "https://ab1.blob.core.windows.net/")
    WARNING("endpoint-azure", AZURE, ENDPOINT, "https://abc.example.com", "")
    WARNING("endpoint-empty", MINIO, ENDPOINT, "", "https://a")

    WARNING("access-key-id-temporary", AWS, ACCESS_KEY_ID, "ASIAIOSFODNN7EXAMPLE", KEY)
    WARNING("access-key-id-infinstor", AWS, ACCESS_KEY_ID, "AKIIIOSFODNN7EXAMPLE", KEY)
    WARNING("access-key-id", AWS, ACCESS_KEY_ID, "iiii", "abcdefghijklmno_")
    WARNING("access-key-id", AWS, ACCESS_KEY_ID, KEY "-", KEY)
    WARNING("access-none", AZURE, ACCESS_KEY_ID, "", "account1")

    ERROR("role-arn-assumed-role", AWS, ACCESS_ROLE,
          "arn:aws:sts::111122223333:assumed-role/infinstor/session", ROLE)
    ERROR("role-arn-assumed-role", OTHER, ACCESS_ROLE,
          " arn:aws-cn:sts::111122223333:assumed-role/infinstor/session", "")
    ERROR("role-arn-user", AWS, ACCESS_ROLE, "arn:aws:iam::111122223333:user/joe", ROLE)
    ERROR("role-arn-root", AWS, ACCESS_ROLE, "arn:aws:iam::111122223333:root",
          "arn:aws:iam::111122223333:role/root")
    ERROR("role-arn-root", AWS, ACCESS_ROLE, " arn:aws:iam::111122223333:root ", ROLE)
    ERROR("role-arn-instance-profile", AWS, ACCESS_ROLE,
          "arn:aws:iam::111122223333:instance-profile/p", ROLE)
    WARNING("cloud-field", MINIO, ACCESS_ROLE, ROLE, "")
    WARNING("role-arn", AWS, ACCESS_ROLE, "aaaa", ROLE)
    WARNING("role-arn", AWS, ACCESS_ROLE, "arn:aws:iam::111122223333:group/joe", ROLE)
    WARNING("role-arn-partition", AWS, ACCESS_ROLE, "arn:aws-moon:iam::111122223333:role/a",
            "arn:aws-us-gov:iam::111122223333:role/a")
    WARNING("access-none", AWS, ACCESS_ROLE, "", ROLE)

    WARNING("cloud-field", AZURE, ACCESS_ROLE_EXT, "bbbb", "")
    WARNING("external-id-length", AWS, ACCESS_ROLE_EXT, "b", "bb")
    WARNING("external-id-characters", AWS, ACCESS_ROLE_EXT, "b*b", "b/b:b@b.b,b=b+b-b_b")
    WARNING("cloud-field", AWS, SHARED_SECRET, "s", "")
    WARNING("cloud-field", OTHER, SHARED_SECRET, "s", "")
    /* clang-format on */
};

static void test_each_rule_has_its_value(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct verdict bad = verdict_on(cases[i].cloud, cases[i].field, cases[i].bad);
        struct verdict good = verdict_on(cases[i].cloud, cases[i].field, cases[i].good);
        assert_verdict(&bad, cases[i].level, cases[i].rule);
        assert_verdict(&good, RULE_OK, "");
    }
}

static void test_long_external_ids(void **state) {
    (void)state;
    char id[1226];
    memset(id, 'b', sizeof id);
    id[1225] = '\0';
    struct verdict verdict = verdict_on(CLOUD_AWS, FIELD_ACCESS_ROLE_EXT, id);
    assert_verdict(&verdict, RULE_WARNING, "external-id-length");
    id[1224] = '\0';
    verdict = verdict_on(CLOUD_AWS, FIELD_ACCESS_ROLE_EXT, id);
    assert_verdict(&verdict, RULE_OK, "");
}

/* ---- rules about more than one field --------------------------------------------------------- */

static void test_pairs(void **state) {
    (void)state;
    struct bucket bucket = good_entry(CLOUD_AWS);
    struct verdict verdict;
    bucket.value[FIELD_ACCESS_KEY_ID] = KEY;
    rules_check(&bucket, FIELD_ACCESS_ROLE, &verdict);
    assert_verdict(&verdict, RULE_WARNING, "access-both");
    bucket.value[FIELD_ACCESS_ROLE] = "";
    rules_check(&bucket, FIELD_ACCESS_ROLE, &verdict);
    assert_verdict(&verdict, RULE_OK, "");
    rules_check(&bucket, FIELD_SECRET_ACCESS_KEY, &verdict);
    assert_verdict(&verdict, RULE_OK, "");
    bucket.value[FIELD_ACCESS_ROLE_EXT] = "bbbb";
    rules_check(&bucket, FIELD_ACCESS_ROLE_EXT, &verdict);
    assert_verdict(&verdict, RULE_WARNING, "external-id-role");
    bucket.value[FIELD_ACCESS_KEY_ID] = "";
    bucket.value[FIELD_SECRET_ACCESS_KEY] = "ssss";
    rules_check(&bucket, FIELD_ACCESS_KEY_ID, &verdict);
    assert_verdict(&verdict, RULE_WARNING, "access-key-id-empty");
}

/* "" is aws; a cloud that we don't know has the rules of other. */
static void test_the_grammar_is_the_clouds(void **state) {
    (void)state;
    struct bucket bucket = good_entry(CLOUD_AWS);
    struct verdict verdict;
    bucket.value[FIELD_NAME] = "A_B";
    bucket.value[FIELD_CLOUD] = "";
    rules_check(&bucket, FIELD_NAME, &verdict);
    assert_verdict(&verdict, RULE_WARNING, "s3-name-characters");
    bucket.value[FIELD_CLOUD] = "gcp";
    rules_check(&bucket, FIELD_NAME, &verdict);
    assert_verdict(&verdict, RULE_OK, "");
}

/* What rules_any says is what the fields' own verdicts come to. */
static void test_any_of_all(void **state) {
    (void)state;
    for (int cloud = 0; cloud < CLOUD_COUNT; cloud++) {
        struct bucket bucket = good_entry((enum bucket_cloud)cloud);
        assert_false(rules_any(&bucket));
    }
    for (size_t i = 0; i < 2 * sizeof cases / sizeof *cases; i++) {
        struct bucket bucket = good_entry(cases[i / 2].cloud);
        struct verdict verdict;
        bool any = false;
        bucket.value[cases[i / 2].field] = i % 2 ? cases[i / 2].bad : cases[i / 2].good;
        for (int field = 0; field < FIELD_COUNT; field++) {
            rules_check(&bucket, (enum bucket_field)field, &verdict);
            any = any || verdict.level != RULE_OK;
        }
        assert_int_equal(rules_any(&bucket), any);
    }
}

/* ---- parsing --------------------------------------------------------------------------------- */

static void test_role_arns(void **state) {
    (void)state;
    struct role_arn arn;
    assert_true(rules_parse_role_arn("arn:aws-cn:iam::111122223333:role/a/b/my+role@x", &arn));
    assert_string_equal(arn.partition, "aws-cn");
    assert_string_equal(arn.account, "111122223333");
    assert_string_equal(arn.name, "my+role@x");
    static const char *const bad[] = {
        "",
        "aaaa",
        "arn",
        "arn:::::",
        "arn:aws:iam::111122223333",
        "arn:aws:iam::111122223333:role",
        "arn:aws:iam::111122223333:role/",
        "arn:aws:iam::111122223333:role/a/",
        "arn:aws:iam::111122223333:role/a b",
        "arn:aws:iam::111122223333:role/a\"b",
        "arn:aws:iam::111122223333:role/p\x7F/b",
        "arn:aws:iam::11112222333:role/name",
        "arn:aws:iam::1111222233334:role/name",
        "arn:aws:iam::11112222333x:role/name",
        "arn:aws:iam:us-east-1:111122223333:role/name",
        "arn:aws:sts::111122223333:role/name",
        "arn::iam::111122223333:role/name",
        "arn:a\"b:iam::111122223333:role/name",
        "arn:aws-aaaaaaaaaaaa:iam::111122223333:role/name",
        "ARN:aws:iam::111122223333:role/name",
        "arn:aws:iam::111122223333:role/" SIXTY "abcde",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (rules_parse_role_arn(bad[i], &arn))
            fail_msg("taken for a role: %s", bad[i]);
    assert_true(rules_parse_role_arn("arn:aws:iam::111122223333:role/" SIXTY "abcd", &arn));
    assert_int_equal(strlen(arn.name), 64);
}

static void test_long_arns(void **state) {
    (void)state;
    struct role_arn arn;
    struct buffer text;
    buffer_init(&text);
    buffer_append_string(&text, "arn:aws:iam::111122223333:role/");
    while (text.length < 2048 - 2)
        buffer_append_char(&text, 'p');
    buffer_append_string(&text, "/n");
    assert_true(rules_parse_role_arn(text.data, &arn));
    buffer_append_char(&text, 'n');
    assert_false(rules_parse_role_arn(text.data, &arn));
    buffer_finish(&text);
}

static void test_principals(void **state) {
    (void)state;
    static const char *const bad[] = {"",
                                      "*",
                                      "44445555666",
                                      "444455556666 ",
                                      "infinstor",
                                      "arn:aws:iam::444455556666:",
                                      "arn:aws:iam::444455556666:role/?",
                                      "arn:aws:s3::444455556666:root",
                                      "arn:aws:iam:x:444455556666:root",
                                      "arn:aws:iam::444455556666:a b",
                                      "x:aws:iam::444455556666:root"};
    char partition[RULES_PARTITION_SIZE];
    assert_true(rules_parse_principal("444455556666", partition));
    assert_string_equal(partition, "");
    assert_true(rules_parse_principal("arn:aws-cn:iam::444455556666:root", partition));
    assert_string_equal(partition, "aws-cn");
    assert_true(rules_parse_principal("arn:aws:sts::444455556666:assumed-role/a/b", partition));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(rules_parse_principal(bad[i], partition));
}

static void test_aws_endpoints(void **state) {
    (void)state;
    assert_true(rules_is_aws_endpoint(""));
    assert_true(rules_is_aws_endpoint("https://s3.cn-north-1.amazonaws.com.cn"));
    assert_false(rules_is_aws_endpoint("https://minio.isstage1.bb.com/.amazonaws.com"));
}

static void test_azure_endpoints(void **state) {
    (void)state;
    char account[RULES_ACCOUNT_SIZE];
    assert_true(rules_parse_azure_endpoint("https://Acct1.blob.core.windows.net/", account));
    assert_string_equal(account, "acct1");
    assert_true(rules_parse_azure_endpoint(
        "https://abcdefghijklmnopqrstuvwx.blob.core.chinacloudapi.cn", account));
    assert_false(rules_parse_azure_endpoint(
        "https://abcdefghijklmnopqrstuvwxy.blob.core.windows.net", account));
    assert_false(rules_parse_azure_endpoint("https://a-b.blob.core.windows.net", account));
    assert_false(rules_parse_azure_endpoint("https://x/acct1.blob.core.windows.net", account));
    assert_false(rules_parse_azure_endpoint("", account));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_rule_has_its_value),
        cmocka_unit_test(test_long_external_ids),
        cmocka_unit_test(test_pairs),
        cmocka_unit_test(test_the_grammar_is_the_clouds),
        cmocka_unit_test(test_any_of_all),
        cmocka_unit_test(test_role_arns),
        cmocka_unit_test(test_long_arns),
        cmocka_unit_test(test_principals),
        cmocka_unit_test(test_aws_endpoints),
        cmocka_unit_test(test_azure_endpoints),
    };
    return cmocka_run_group_tests_name("rules", tests, NULL, NULL);
}
