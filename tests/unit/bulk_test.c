#include "tests.h"

#include "pail/base/memory.h"
#include "pail/buckets/bulk.h"

/* ---- helpers --------------------------------------------------------------------------------- */

struct scene {
    struct table *table;
    struct marks marks;
    struct bulk bulk;
};

static int set_up(void **state) {
    struct scene *scene = memory_new(1, sizeof *scene);
    scene->table = table_create();
    marks_init(&scene->marks);
    bulk_init(&scene->bulk);
    *state = scene;
    return 0;
}

static int tear_down(void **state) {
    struct scene *scene = *state;
    bulk_finish(&scene->bulk);
    marks_finish(&scene->marks);
    table_destroy(scene->table);
    free(scene);
    return 0;
}

/* fields: pairs of field and value, FIELD_COUNT after the last. */
static void has(struct scene *scene, const char *name, ...) {
    struct bucket bucket;
    va_list pairs;
    int field;
    bucket_init(&bucket);
    bucket.value[FIELD_NAME] = name;
    va_start(pairs, name);
    while ((field = va_arg(pairs, int)) != FIELD_COUNT)
        bucket.value[field] = va_arg(pairs, const char *);
    va_end(pairs);
    table_add(scene->table, &bucket);
    marks_set(&scene->marks, name, true);
}

#define HAS(scene, ...) has(scene, __VA_ARGS__, FIELD_COUNT)

/* One of each way of access, and each cloud. */
static void has_all_sorts(struct scene *scene) {
    HAS(scene, "key", FIELD_CLOUD, "aws", FIELD_ACCESS_KEY_ID, "AKIAOLD1");
    HAS(scene, "role", FIELD_CLOUD, "", FIELD_ACCESS_ROLE, "arn:aws:iam::111122223333:role/old",
        FIELD_ACCESS_ROLE_EXT, "old");
    HAS(scene, "both", FIELD_CLOUD, "aws", FIELD_ACCESS_ROLE, "arn:aws:iam::111122223333:role/x",
        FIELD_ACCESS_KEY_ID, "AKIAOLD2");
    HAS(scene, "none", FIELD_CLOUD, "aws");
    HAS(scene, "minio", FIELD_CLOUD, "minio", FIELD_ACCESS_KEY_ID, "AKIAOLD1", FIELD_ENDPOINT,
        "https://minio");
}

static void make(struct scene *scene, enum bulk_kind kind, const char *value, const char *secret) {
    const struct bulk_setting setting = {kind, value, secret};
    bulk_finish(&scene->bulk);
    bulk_make(&scene->bulk, &setting, &scene->marks, scene->table);
    assert_int_equal(scene->bulk.count + scene->bulk.left_count, scene->marks.count);
}

/* "body; body; -name WHY; -name WHY" */
static void assert_made(const struct scene *scene, const char *wanted) {
    static const char *const whys[] = {
#define WHY(id, text) #id,
        BULK_WHYS(WHY)
#undef WHY
    };
    struct buffer out;
    size_t length;
    buffer_init(&out);
    for (size_t i = 0; i < scene->bulk.count; i++) {
        assert_false(change_is_empty(scene->bulk.changes[i]));
        buffer_printf(&out, "%s%s", out.length ? "; " : "",
                      change_body(scene->bulk.changes[i], &length));
    }
    for (size_t i = 0; i < scene->bulk.left_count; i++)
        buffer_printf(&out, "%s-%s %s", out.length ? "; " : "", scene->bulk.left[i].name,
                      whys[scene->bulk.left[i].why]);
    assert_string_equal(out.data, wanted);
    buffer_finish(&out);
}

static void assert_verdict(enum bulk_kind kind, const char *value, const char *secret,
                           unsigned clouds, enum bucket_field field, const char *rule) {
    const struct bulk_setting setting = {kind, value, secret};
    struct verdict verdict;
    bulk_check(&setting, clouds, field, &verdict);
    assert_string_equal(verdict.rule, rule);
    assert_int_equal(verdict.level == RULE_OK, rule[0] == '\0');
}

/* ---- what results ---------------------------------------------------------------------------- */

static void marked_entries_are_deleted_by_name(void **state) {
    struct scene *scene = *state;
    has_all_sorts(scene);
    marks_set(&scene->marks, "role", false);
    make(scene, BULK_DELETE, "", "");
    assert_made(scene, "op=delete&bucketname=both; op=delete&bucketname=key; "
                       "op=delete&bucketname=minio; op=delete&bucketname=none");
}

static void an_endpoint_is_set_where_it_differs(void **state) {
    struct scene *scene = *state;
    has_all_sorts(scene);
    make(scene, BULK_ENDPOINT, "https://minio", "");
    assert_made(scene, "op=modify&bucketname=both&endpoint=https%3A%2F%2Fminio; "
                       "op=modify&bucketname=key&endpoint=https%3A%2F%2Fminio; "
                       "op=modify&bucketname=none&endpoint=https%3A%2F%2Fminio; "
                       "op=modify&bucketname=role&endpoint=https%3A%2F%2Fminio; -minio SAME");
    make(scene, BULK_ENDPOINT, "", "");
    assert_made(scene, "op=modify&bucketname=minio&endpoint=; -both SAME; -key SAME; -none SAME; "
                       "-role SAME");
}

/* Nobody's way in is switched, and nobody gets a second one. */
static void a_role_is_for_those_without_a_key(void **state) {
    struct scene *scene = *state;
    has_all_sorts(scene);
    make(scene, BULK_ROLE, "arn:aws:iam::111122223333:role/x", "");
    assert_made(
        scene, "op=modify&bucketname=none&accessRole=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fx; "
               "op=modify&bucketname=role&accessRole=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fx; "
               "-both SAME; -key BY_KEY; -minio CLOUD");
}

static void an_external_id_is_for_those_with_a_role(void **state) {
    struct scene *scene = *state;
    has_all_sorts(scene);
    make(scene, BULK_EXTERNAL_ID, "old", "");
    assert_made(scene, "op=modify&bucketname=both&accessRoleExt=old; -key NO_ROLE; -minio CLOUD; "
                       "-none NO_ROLE; -role SAME");
    make(scene, BULK_EXTERNAL_ID, "", "");
    assert_made(scene, "op=modify&bucketname=role&accessRoleExt=; -both SAME; -key NO_ROLE; "
                       "-minio CLOUD; -none NO_ROLE");
}

static void a_cloud_is_not_set_where_a_role_would_be_left_behind(void **state) {
    struct scene *scene = *state;
    has_all_sorts(scene);
    make(scene, BULK_CLOUD, "minio", "");
    assert_made(scene, "op=modify&bucketname=key&cloud=minio; op=modify&bucketname=none&cloud=minio"
                       "; -both LEAVES_ROLE; -minio SAME; -role LEAVES_ROLE");
    make(scene, BULK_CLOUD, "aws", ""); /* "" is aws */
    assert_made(scene, "op=modify&bucketname=minio&cloud=aws; -both SAME; -key SAME; -none SAME; "
                       "-role SAME");
}

static void a_key_is_rotated_with_its_secret(void **state) {
    struct scene *scene = *state;
    has_all_sorts(scene);
    make(scene, BULK_KEY, "AKIAOLD1", "s+/e");
    assert_made(scene, "op=modify&bucketname=both&accessKeyId=AKIAOLD1&secretAccessKey=s%2B%2Fe; "
                       "op=modify&bucketname=key&secretAccessKey=s%2B%2Fe; "
                       "op=modify&bucketname=minio&secretAccessKey=s%2B%2Fe; "
                       "op=modify&bucketname=none&accessKeyId=AKIAOLD1&secretAccessKey=s%2B%2Fe; "
                       "-role BY_ROLE");
    assert_int_equal(scene->bulk.keys, 3); /* AKIAOLD1, AKIAOLD2, none */
    assert_null(strstr(change_redacted_body(scene->bulk.changes[0]), "s%2B"));
}

static void what_is_not_one_entry_is_left_out(void **state) {
    struct scene *scene = *state;
    struct bucket odd;
    HAS(scene, "twin", FIELD_CLOUD, "aws");
    HAS(scene, "one", FIELD_CLOUD, "aws");
    HAS(scene, "torn", FIELD_CLOUD, "aws");
    HAS(scene, "twin", FIELD_CLOUD, "minio");
    bucket_init(&odd);
    odd.unreadable = true;
    odd.extra = "{\"bucketname\": \"torn\", \"cloud\": [}";
    table_add(scene->table, &odd);
    marks_set(&scene->marks, "gone", true);
    make(scene, BULK_DELETE, "", "");
    assert_made(scene, "op=delete&bucketname=one; -gone GONE; -torn UNREADABLE; -twin TWICE");
}

/* No kind, value or way of access may make an add, which loses secrets. */
static void nothing_is_replaced(void **state) {
    struct scene *scene = *state;
    has_all_sorts(scene);
    for (int kind = 0; kind < BULK_KIND_COUNT; kind++)
        for (int value = 0; value < 3; value++) {
            static const char *const values[] = {"", "azure", "https://x"};
            make(scene, (enum bulk_kind)kind, values[value], kind == BULK_KEY ? "s" : "");
            for (size_t i = 0; i < scene->bulk.count; i++)
                assert_int_equal(change_op(scene->bulk.changes[i]),
                                 kind == BULK_DELETE ? CHANGE_DELETE : CHANGE_MODIFY);
        }
}

/* ---- what was typed -------------------------------------------------------------------------- */

static void the_rules_judge_what_was_typed(void **state) {
    (void)state;
    enum { AWS = 1U << CLOUD_AWS, MINIO = 1U << CLOUD_MINIO };
    assert_verdict(BULK_ENDPOINT, "nonsense", "", AWS, FIELD_ENDPOINT, "endpoint-url");
    assert_verdict(BULK_ENDPOINT, "https://x", "", AWS, FIELD_ENDPOINT, "endpoint-aws");
    assert_verdict(BULK_ENDPOINT, "https://x", "", MINIO, FIELD_ENDPOINT, "");
    assert_verdict(BULK_ENDPOINT, "https://x", "", AWS | MINIO, FIELD_ENDPOINT, "endpoint-aws");
    assert_verdict(BULK_ENDPOINT, "", "", AWS, FIELD_ENDPOINT, "");
    assert_verdict(BULK_ENDPOINT, "", "", MINIO, FIELD_ENDPOINT, "endpoint-empty");
    assert_verdict(BULK_ROLE, "arn:aws:iam::111122223333:root", "", AWS, FIELD_ACCESS_ROLE,
                   "role-arn-root");
    assert_verdict(BULK_ROLE, "", "", AWS, FIELD_ACCESS_ROLE, "bulk-empty");
    assert_verdict(BULK_EXTERNAL_ID, "x", "", AWS, FIELD_ACCESS_ROLE_EXT, "external-id-length");
    assert_verdict(BULK_EXTERNAL_ID, "good", "", AWS | MINIO, FIELD_ACCESS_ROLE_EXT, "");
    assert_verdict(BULK_CLOUD, "moon", "", AWS, FIELD_CLOUD, "cloud-known");
    assert_verdict(BULK_CLOUD, "", "", AWS, FIELD_CLOUD, "bulk-empty");
    assert_verdict(BULK_KEY, "", "s", AWS, FIELD_ACCESS_KEY_ID, "bulk-empty");
    assert_verdict(BULK_KEY, "AKIAIOSFODNN7EXAMPLE", "", AWS, FIELD_SECRET_ACCESS_KEY,
                   "bulk-empty");
    assert_verdict(BULK_KEY, "AKIAIOSFODNN7EXAMPLE", "s\n", AWS, FIELD_SECRET_ACCESS_KEY,
                   "clean-text");
    assert_verdict(BULK_KEY, "AKIAIOSFODNN7EXAMPLE", "s", AWS, FIELD_ACCESS_KEY_ID, "");
    assert_verdict(BULK_DELETE, "", "", AWS, FIELD_COUNT, "");
}

static void the_clouds_of_the_marked(void **state) {
    struct scene *scene = *state;
    has_all_sorts(scene);
    assert_int_equal(bulk_clouds(&scene->marks, scene->table), 1U << CLOUD_AWS | 1U << CLOUD_MINIO);
    marks_set(&scene->marks, "minio", false);
    assert_int_equal(bulk_clouds(&scene->marks, scene->table), 1U << CLOUD_AWS);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(marked_entries_are_deleted_by_name),
        TEST(an_endpoint_is_set_where_it_differs),
        TEST(a_role_is_for_those_without_a_key),
        TEST(an_external_id_is_for_those_with_a_role),
        TEST(a_cloud_is_not_set_where_a_role_would_be_left_behind),
        TEST(a_key_is_rotated_with_its_secret),
        TEST(what_is_not_one_entry_is_left_out),
        TEST(nothing_is_replaced),
        TEST(the_rules_judge_what_was_typed),
        TEST(the_clouds_of_the_marked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
