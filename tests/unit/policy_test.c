#include "tests.h"

#include <jansson.h>

#include "pail/buckets/policy.h"

#define ROLE      "arn:aws:iam::111122223333:role/path/infinstor"
#define ROLE_CN   "arn:aws-cn:iam::111122223333:role/infinstor"
#define PRINCIPAL "arn:aws:iam::444455556666:root"

/* ---- helpers --------------------------------------------------------------------------------- */

static struct bucket entry(const char *cloud) {
    struct bucket bucket;
    bucket_init(&bucket);
    bucket.value[FIELD_NAME] = "testb3";
    bucket.value[FIELD_CLOUD] = cloud;
    return bucket;
}

static struct bucket role_entry(const char *role) {
    struct bucket bucket = entry("aws");
    bucket.value[FIELD_ACCESS_ROLE] = role;
    bucket.value[FIELD_ACCESS_ROLE_EXT] = "bbbb";
    return bucket;
}

static struct bucket key_entry(const char *cloud) {
    struct bucket bucket = entry(cloud);
    bucket.value[FIELD_ACCESS_KEY_ID] = "AKIAIOSFODNN7EXAMPLE";
    return bucket;
}

static int set_up(void **state) {
    static struct policy policy;
    policy_init(&policy);
    *state = &policy;
    return 0;
}

static int tear_down(void **state) {
    policy_finish(*state);
    return 0;
}

static void assert_says(const struct policy *policy, const char *part) {
    if (strstr(policy->note.data, part) == NULL)
        fail_msg("'%s' is not in '%s'", part, policy->note.data);
}

static void assert_unavailable(const struct policy *policy, const char *reason) {
    assert_false(policy->available);
    assert_string_equal(policy->text.data, "");
    assert_says(policy, reason);
}

/* The document as compact JSON, which also shows that it is JSON. */
static void assert_document(const struct policy *policy, const char *compact) {
    assert_true(policy->available);
    json_t *json = json_loadb(policy->text.data, policy->text.length, 0, NULL);
    assert_non_null(json);
    char *text = json_dumps(json, JSON_COMPACT);
    assert_string_equal(text, compact);
    free(text);
    json_decref(json);
}

/* ---- CORS ------------------------------------------------------------------------------------ */

/* As InfinStor's page has it, indented. */
static void test_cors_for_the_console(void **state) {
    struct policy *policy = *state;
    struct bucket bucket = role_entry(ROLE);
    policy_write(policy, POLICY_CORS, 0, &bucket, "");
    assert_true(policy->available);
    assert_string_equal(policy->text.data, "[\n"
                                           "    {\n"
                                           "        \"AllowedHeaders\": [\n"
                                           "            \"*\"\n"
                                           "        ],\n"
                                           "        \"AllowedMethods\": [\n"
                                           "            \"GET\"\n"
                                           "        ],\n"
                                           "        \"AllowedOrigins\": [\n"
                                           "            \"*\"\n"
                                           "        ],\n"
                                           "        \"ExposeHeaders\": [],\n"
                                           "        \"MaxAgeSeconds\": 3600\n"
                                           "    }\n"
                                           "]\n");
    assert_says(policy, "replaces the bucket's whole CORS configuration");
    assert_string_equal(policy->usage.data, "");
    assert_string_equal(policy->file, "cors.json");
}

static void test_cors_for_the_command_line(void **state) {
    struct policy *policy = *state;
    struct bucket bucket = role_entry(ROLE);
    policy_write(policy, POLICY_CORS, 1, &bucket, "");
    assert_document(policy, "{\"CORSRules\":[{\"AllowedHeaders\":[\"*\"],\"AllowedMethods\":"
                            "[\"GET\"],\"AllowedOrigins\":[\"*\"],\"ExposeHeaders\":[],"
                            "\"MaxAgeSeconds\":3600}]}");
    assert_string_equal(policy->usage.data, "aws s3api put-bucket-cors --bucket testb3 "
                                            "--cors-configuration file://cors.json");
    assert_says(policy, "replaces the bucket's whole CORS configuration");
    bucket.value[FIELD_ENDPOINT] = "https://a.b";
    policy_write(policy, POLICY_CORS, 1, &bucket, "");
    assert_non_null(strstr(policy->usage.data, " --endpoint-url https://a.b"));
    assert_says(policy, "no host of AWS");
}

static void test_cors_of_other_clouds(void **state) {
    struct policy *policy = *state;
    struct bucket bucket = key_entry("azure");
    bucket.value[FIELD_ENDPOINT] = "https://coldarch.blob.core.windows.net/";
    policy_write(policy, POLICY_CORS, 0, &bucket, "");
    assert_unavailable(policy, "belongs to the storage account");
    assert_string_equal(policy->usage.data,
                        "az storage cors add --services b --methods GET --origins '*' "
                        "--allowed-headers '*' --max-age 3600 --account-name coldarch");
    bucket.value[FIELD_ENDPOINT] = "https://evil;rm.example.com";
    policy_write(policy, POLICY_CORS, 0, &bucket, "");
    assert_unavailable(policy, "write its name for ACCOUNT");
    assert_non_null(strstr(policy->usage.data, "--account-name ACCOUNT"));

    bucket = key_entry("minio");
    policy_write(policy, POLICY_CORS, 0, &bucket, "");
    assert_unavailable(policy, "usually there is nothing to do");
    assert_non_null(strstr(policy->usage.data, "mc cors set ALIAS/testb3 cors.xml"));

    bucket = key_entry("other");
    policy_write(policy, POLICY_CORS, 0, &bucket, "");
    assert_unavailable(policy, "vendor");
    assert_string_equal(policy->usage.data, "");
}

/* ---- permissions ----------------------------------------------------------------------------- */

static void test_permissions(void **state) {
    struct policy *policy = *state;
    struct bucket bucket = role_entry(ROLE);
    policy_write(policy, POLICY_PERMISSIONS, 0, &bucket, "");
    assert_document(policy,
                    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":"
                    "[\"s3:ListBucket\"],\"Resource\":[\"arn:aws:s3:::testb3\"]},{\"Effect\":"
                    "\"Allow\",\"Action\":[\"s3:PutObject\",\"s3:GetObject\",\"s3:DeleteObject\"],"
                    "\"Resource\":[\"arn:aws:s3:::testb3/*\"]}]}");
    assert_ptr_equal(strstr(policy->text.data, "{\n    \"Version\": \"2012-10-17\",\n"),
                     policy->text.data);
    assert_string_equal(policy->usage.data,
                        "aws iam put-role-policy --role-name infinstor --policy-name "
                        "infinstor-testb3 --policy-document file://permissions.json");
    assert_says(policy, "The role must have this permissions policy.");
    assert_null(strstr(policy->note.data, "partition"));
    assert_null(strstr(policy->note.data, "host of AWS"));
}

static void test_permissions_use_the_roles_partition(void **state) {
    struct policy *policy = *state;
    struct bucket bucket = role_entry(ROLE_CN);
    policy_write(policy, POLICY_PERMISSIONS, 0, &bucket, "");
    assert_non_null(strstr(policy->text.data, "\"arn:aws-cn:s3:::testb3\""));
    assert_non_null(strstr(policy->text.data, "\"arn:aws-cn:s3:::testb3/*\""));
    assert_null(strstr(policy->text.data, "arn:aws:"));
    bucket.value[FIELD_ACCESS_ROLE] = "arn:aws-moon:iam::111122223333:role/infinstor";
    policy_write(policy, POLICY_PERMISSIONS, 0, &bucket, "");
    assert_non_null(strstr(policy->text.data, "\"arn:aws-moon:s3:::testb3\""));
    assert_says(policy, "aws-moon, is none that pail knows");
    bucket.value[FIELD_ACCESS_ROLE] = "aaaa";
    policy_write(policy, POLICY_PERMISSIONS, 0, &bucket, "");
    assert_non_null(strstr(policy->text.data, "\"arn:aws:s3:::testb3\""));
    assert_says(policy, "aws is taken");
    assert_string_equal(policy->usage.data, "");
}

static void test_permissions_of_a_key(void **state) {
    struct policy *policy = *state;
    struct bucket bucket = key_entry("");
    policy_write(policy, POLICY_PERMISSIONS, 0, &bucket, "");
    assert_true(policy->available);
    assert_says(policy, "this belongs to the IAM user whose key it is");
    assert_non_null(strstr(policy->usage.data, "put-user-policy --user-name USER "));
    bucket.value[FIELD_ACCESS_ROLE] = ROLE;
    policy_write(policy, POLICY_PERMISSIONS, 0, &bucket, "");
    assert_says(policy, "a role and a key");
    static const char *const clouds[] = {"azure", "minio", "other", "gcp"};
    for (size_t i = 0; i < 4; i++) {
        bucket = key_entry(clouds[i]);
        policy_write(policy, POLICY_PERMISSIONS, 0, &bucket, PRINCIPAL);
        assert_unavailable(policy, "IAM doesn't apply");
    }
}

/* ---- trust ----------------------------------------------------------------------------------- */

static void test_trust(void **state) {
    struct policy *policy = *state;
    struct bucket bucket = role_entry(ROLE);
    policy_write(policy, POLICY_TRUST, 0, &bucket, PRINCIPAL);
    assert_document(policy, "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\","
                            "\"Principal\":{\"AWS\":\"arn:aws:iam::444455556666:root\"},\"Action\":"
                            "\"sts:AssumeRole\",\"Condition\":{\"StringEquals\":"
                            "{\"sts:ExternalId\":\"bbbb\"}}}]}");
    assert_string_equal(policy->usage.data,
                        "aws iam update-assume-role-policy --role-name infinstor "
                        "--policy-document file://trust.json");
    bucket.value[FIELD_ACCESS_ROLE] = "aaaa";
    policy_write(policy, POLICY_TRUST, 0, &bucket, "444455556666");
    assert_true(policy->available);
    assert_says(policy, "The role is no ARN");
    assert_string_equal(policy->usage.data, "");
}

static void test_what_trust_lacks(void **state) {
    static const char *const principals[] = {
        "*",
        "infinstor",
        "44445555666",
        "arn:aws:iam::444455556666:",
        "arn:aws:iam::444455556666:role/*",
        "arn:aws:iam::*:root",
        "arn:aws:s3::444455556666:root",
        "arn:aws:iam::444455556666:role/a\n",
    };
    struct policy *policy = *state;
    struct bucket bucket = role_entry(ROLE);
    policy_write(policy, POLICY_TRUST, 0, &bucket, "");
    assert_unavailable(policy, "Set it as `principal` in the profile");
    for (size_t i = 0; i < sizeof principals / sizeof *principals; i++) {
        policy_write(policy, POLICY_TRUST, 0, &bucket, principals[i]);
        assert_unavailable(policy, "The profile's `principal` is neither");
    }
    policy_write(policy, POLICY_TRUST, 0, &bucket, "arn:aws-cn:iam::444455556666:root");
    assert_unavailable(policy, "can't be delegated across partitions");
    bucket.value[FIELD_ACCESS_ROLE_EXT] = "";
    policy_write(policy, POLICY_TRUST, 0, &bucket, PRINCIPAL);
    assert_unavailable(policy, "No external ID");
    bucket.value[FIELD_ACCESS_ROLE_EXT] = "${aws:userid}";
    policy_write(policy, POLICY_TRUST, 0, &bucket, PRINCIPAL);
    assert_unavailable(policy, "holds a $");
    bucket = entry("aws");
    policy_write(policy, POLICY_TRUST, 0, &bucket, PRINCIPAL);
    assert_unavailable(policy, "no role");
    bucket = key_entry("aws");
    policy_write(policy, POLICY_TRUST, 0, &bucket, PRINCIPAL);
    assert_unavailable(policy, "no role is assumed");
    bucket = key_entry("azure");
    policy_write(policy, POLICY_TRUST, 0, &bucket, PRINCIPAL);
    assert_unavailable(policy, "belongs to a role of AWS's IAM");
}

/* The entry's secret is never in a command. */
static void test_events_of_minio(void **state) {
    struct policy *policy = *state;
    struct bucket bucket = key_entry("minio");
    bucket.value[FIELD_SHARED_SECRET] = "hunter2";
    policy_write(policy, POLICY_TRUST, 0, &bucket, PRINCIPAL);
    assert_unavailable(policy, "`Authorization: Bearer SECRET`");
    assert_string_equal(policy->usage.data,
                        "mc admin config set ALIAS/ notify_webhook:ID endpoint=\"URL\" "
                        "auth_token=\"SECRET\"\n"
                        "mc admin service restart ALIAS\n"
                        "mc event add ALIAS/testb3 arn:minio:sqs::ID:webhook --event put,delete");
    assert_null(strstr(policy->note.data, "hunter2"));
}

/* ---- hostile names --------------------------------------------------------------------------- */

static void test_a_name_stays_a_string(void **state) {
    struct policy *policy = *state;
    struct bucket bucket = role_entry(ROLE);
    bucket.value[FIELD_NAME] = "a\"],\"x\":[\"\\\033\xE2\x80\xAE";
    policy_write(policy, POLICY_PERMISSIONS, 0, &bucket, "");
    json_t *json = json_loads(policy->text.data, 0, NULL);
    const char *resource = NULL;
    assert_int_equal(json_unpack(json, "{s:s, s:[{s:s, s:[s], s:[s!]}, o]!}", "Version", &resource,
                                 "Statement", "Effect", &resource, "Action", &resource, "Resource",
                                 &resource, &(json_t *){NULL}),
                     0);
    assert_string_equal(resource, "arn:aws:s3:::a\"],\"x\":[\"\\\033\xE2\x80\xAE");
    json_decref(json);
    for (size_t i = 0; i < policy->text.length; i++)
        assert_true(policy->text.data[i] == '\n' ||
                    (policy->text.data[i] >= ' ' && policy->text.data[i] <= '~'));
    assert_string_equal(policy->usage.data, "");
}

static void test_a_name_that_means_more(void **state) {
    static const char *const names[] = {"*", "test?", "${aws:username}", "other/prefix", ""};
    struct policy *policy = *state;
    struct bucket bucket = role_entry(ROLE);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        bucket.value[FIELD_NAME] = names[i];
        policy_write(policy, POLICY_PERMISSIONS, 0, &bucket, "");
        assert_unavailable(policy, names[i][0] ? "would mean other buckets" : "no bucket name");
    }
}

static void test_bytes_that_are_no_text(void **state) {
    struct policy *policy = *state;
    struct bucket bucket = role_entry(ROLE);
    bucket.value[FIELD_NAME] = "a\xFF";
    policy_write(policy, POLICY_PERMISSIONS, 0, &bucket, "");
    assert_unavailable(policy, "not UTF-8");
    policy_write(policy, POLICY_CORS, 1, &bucket, "");
    assert_true(policy->available);
    assert_string_equal(policy->usage.data, "");
    bucket.value[FIELD_ACCESS_ROLE_EXT] = "\xC0\x80";
    policy_write(policy, POLICY_TRUST, 0, &bucket, PRINCIPAL);
    assert_unavailable(policy, "not UTF-8");
}

static void test_names_are_quoted_for_a_shell(void **state) {
    static const struct {
        const char *name, *word;
    } cases[] = {
        {"a.b_c-D9", " a.b_c-D9 "},
        {"a; reboot", " 'a; reboot' "},
        {"$(reboot)", " '$(reboot)' "},
        {"it's", " 'it'\\''s' "},
        {"'", " ''\\''' "},
    };
    struct policy *policy = *state;
    struct bucket bucket = role_entry(ROLE);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bucket.value[FIELD_NAME] = cases[i].name;
        policy_write(policy, POLICY_CORS, 1, &bucket, "");
        assert_non_null(strstr(policy->usage.data, cases[i].word));
    }
    bucket.value[FIELD_NAME] = "a\nreboot";
    policy_write(policy, POLICY_CORS, 1, &bucket, "");
    assert_string_equal(policy->usage.data, "");
}

/* ---- syntaxes and colours -------------------------------------------------------------------- */

static void test_syntaxes(void **state) {
    (void)state;
    assert_int_equal(policy_syntax_count(POLICY_CORS), 2);
    assert_int_equal(policy_syntax_count(POLICY_TRUST), 1);
    assert_string_equal(policy_syntax_title(POLICY_CORS, 0), "S3 console");
    assert_string_equal(policy_syntax_title(POLICY_CORS, 1), "AWS CLI");
    assert_string_equal(policy_titles[POLICY_PERMISSIONS], "permissions");
}

static void assert_kinds(const char *json, const char *expected) {
    unsigned char kinds[64];
    size_t length = strlen(json);
    memset(kinds, 0xEE, sizeof kinds);
    policy_tokens(json, length, kinds);
    for (size_t i = 0; i < length; i++)
        assert_int_equal("_KSN,"[kinds[i]], expected[i]);
    assert_int_equal(kinds[length], 0xEE);
}

static void test_tokens(void **state) {
    (void)state;
    assert_kinds("{\"a\\\"\": [\"b\", -1.5e+3 ],\n \"c\" :true}",
                 ",KKKKK,_,SSS,_NNNNNNN_,,__KKK_,____,");
    assert_kinds("\"cut", "SSSS");
    assert_kinds("\"cut\\", "SSSSS");
    assert_kinds("\"", "S");
    assert_kinds("", "");
    assert_kinds("1", "N");
    assert_kinds("\xFF\x01", "__");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_cors_for_the_console, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_cors_for_the_command_line, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_cors_of_other_clouds, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_permissions, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_permissions_use_the_roles_partition, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_permissions_of_a_key, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_trust, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_trust_lacks, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_events_of_minio, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_name_stays_a_string, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_name_that_means_more, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bytes_that_are_no_text, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_names_are_quoted_for_a_shell, set_up, tear_down),
        cmocka_unit_test(test_syntaxes),
        cmocka_unit_test(test_tokens),
    };
    return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
