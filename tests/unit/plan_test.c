#include "tests.h"

#include "pail/base/memory.h"
#include "pail/buckets/plan.h"

/* ---- helpers --------------------------------------------------------------------------------- */

/* A table, what is desired of it, and the plan between them. */
struct scene {
    struct table *table;
    struct desired desired;
    struct plan plan;
    struct plan_options options;
    int secrets_read;
};

static bool say_secret(void *context, const struct desired_entry *entry, enum bucket_field field,
                       struct buffer *secret) {
    struct scene *scene = context;
    scene->secrets_read++;
    if (strcmp(entry->secret_file[field], "missing") == 0)
        return false;
    buffer_append_string(secret, entry->secret_file[field]);
    return true;
}

static void scene_init(struct scene *scene) {
    *scene = (struct scene){.table = table_create(),
                            .options = {.read_secret = say_secret, .context = scene}};
    desired_init(&scene->desired);
    plan_init(&scene->plan);
}

static void scene_finish(struct scene *scene) {
    plan_finish(&scene->plan);
    desired_finish(&scene->desired);
    table_destroy(scene->table);
}

static void scene_anew(struct scene *scene) {
    scene_finish(scene);
    scene_init(scene);
}

static int set_up(void **state) {
    *state = memory_new(1, sizeof(struct scene));
    scene_init(*state);
    return 0;
}

static int tear_down(void **state) {
    scene_finish(*state);
    free(*state);
    return 0;
}

/* fields: pairs of field and value, FIELD_COUNT after the last. */
static struct bucket entry(const char *name, ...) {
    struct bucket bucket;
    va_list pairs;
    int field;
    bucket_init(&bucket);
    bucket.value[FIELD_NAME] = name;
    va_start(pairs, name);
    while ((field = va_arg(pairs, int)) != FIELD_COUNT)
        bucket.value[field] = va_arg(pairs, const char *);
    va_end(pairs);
    return bucket;
}

#define ENTRY(...) entry(__VA_ARGS__, FIELD_COUNT)

static void has(struct scene *scene, struct bucket bucket) {
    table_add(scene->table, &bucket);
}

static void has_unreadable(struct scene *scene, const char *json) {
    struct bucket bucket;
    bucket_init(&bucket);
    bucket.unreadable = true;
    bucket.extra = json;
    table_add(scene->table, &bucket);
}

static void want(struct scene *scene, const char *json) {
    struct error error = {""};
    if (!desired_read(&scene->desired, json, strlen(json), &error))
        fail_msg("%s", error.text);
}

static void make(struct scene *scene) {
    assert_true(plan_make(&scene->plan, &scene->desired, scene->table, &scene->options));
    assert_int_equal(scene->plan.count, scene->plan.adds + scene->plan.edits + scene->plan.deletes);
}

static void assert_change(const struct scene *scene, size_t index, const char *body) {
    size_t length;
    assert_true(index < scene->plan.count);
    assert_string_equal(change_body(scene->plan.items[index].change, &length), body);
    assert_false(change_is_empty(scene->plan.items[index].change));
}

/* One entry in the table, one desired. */
static void plan_one(struct scene *scene, struct bucket bucket, const char *json) {
    scene_anew(scene);
    has(scene, bucket);
    want(scene, json);
    make(scene);
}

/* ---- what a plan has ------------------------------------------------------------------------- */

static void changes_are_by_name_and_deletes_come_last(void **state) {
    struct scene *scene = *state;
    has(scene, ENTRY("d", FIELD_CLOUD, "aws"));
    has(scene, ENTRY("b", FIELD_CLOUD, "aws", FIELD_ENDPOINT, "https://old"));
    has(scene, ENTRY("a", FIELD_CLOUD, "aws"));
    has(scene, ENTRY("e", FIELD_CLOUD, "aws"));
    want(scene, "[{\"bucketname\":\"z\"},{\"bucketname\":\"b\",\"endpoint\":\"https://new\"},"
                "{\"bucketname\":\"c\",\"cloud\":\"minio\"},{\"bucketname\":\"e\"}]");
    scene->options.prune = true;
    make(scene);
    assert_int_equal(scene->plan.adds, 2);
    assert_int_equal(scene->plan.edits, 1);
    assert_int_equal(scene->plan.deletes, 2);
    assert_int_equal(scene->plan.same, 1);
    assert_int_equal(scene->plan.others, 0);
    assert_change(scene, 0, "op=modify&bucketname=b&endpoint=https%3A%2F%2Fnew");
    assert_change(scene, 1,
                  "op=add&bucketname=c&cloud=minio&endpoint=&accessKeyId="
                  "&secretAccessKey=&accessRole=&accessRoleExt=");
    assert_change(scene, 2,
                  "op=add&bucketname=z&cloud=aws&endpoint=&accessKeyId="
                  "&secretAccessKey=&accessRole=&accessRoleExt=");
    assert_change(scene, 3, "op=delete&bucketname=a");
    assert_change(scene, 4, "op=delete&bucketname=d");
    assert_string_equal(scene->plan.items[1].entry->wanted.value[FIELD_NAME], "c");
    assert_null(scene->plan.items[3].entry);
}

static void without_prune_others_stay(void **state) {
    struct scene *scene = *state;
    plan_one(scene, ENTRY("a"), "[]");
    assert_int_equal(scene->plan.count, 0);
    assert_int_equal(scene->plan.others, 1);
}

static void nothing_at_all_is_a_plan(void **state) {
    struct scene *scene = *state;
    want(scene, "[]");
    scene->options.prune = true;
    make(scene);
    assert_int_equal(scene->plan.count, 0);
    struct change **changes = plan_steal(&scene->plan);
    assert_non_null(changes);
    free(changes);
}

static void what_is_the_same_is_left(void **state) {
    struct scene *scene = *state;
    plan_one(scene, ENTRY("a"), "[{\"bucketname\":\"a\",\"cloud\":\"aws\",\"endpoint\":null}]");
    assert_int_equal(scene->plan.count, 0);
    assert_int_equal(scene->plan.same, 1);
    /* A value that came as no text is compared as the text that an export makes of it. */
    struct bucket odd = ENTRY("a", FIELD_ENDPOINT, "7", FIELD_DDB_TABLE, "snap");
    odd.odd = 1U << FIELD_ENDPOINT;
    odd.extra = "{\"region\":\"eu\"}";
    plan_one(scene, odd, "[{\"bucketname\":\"a\",\"endpoint\":\"7\"}]");
    assert_int_equal(scene->plan.count, 0);
}

static void what_is_absent_is_emptied(void **state) {
    struct scene *scene = *state;
    plan_one(scene, ENTRY("a", FIELD_CLOUD, "minio", FIELD_ACCESS_ROLE_EXT, "x"),
             "[{\"bucketname\":\"a\"}]");
    assert_change(scene, 0, "op=modify&bucketname=a&cloud=aws&accessRoleExt=");
}

static void another_way_of_access_is_the_fourth_example(void **state) {
    struct scene *scene = *state;
    plan_one(scene, ENTRY("testb3", FIELD_CLOUD, "aws", FIELD_ACCESS_ROLE, "aaaa"),
             "[{\"bucketname\":\"testb3\",\"accessKeyId\":\"iiii\","
             "\"secretAccessKey_file\":\"ssss\"}]");
    assert_int_equal(scene->plan.edits, 1);
    assert_change(scene, 0,
                  "op=add&bucketname=testb3&cloud=aws&endpoint=&accessKeyId=iiii"
                  "&secretAccessKey=ssss&accessRole=&accessRoleExt=");
}

static void stolen_changes_are_the_callers(void **state) {
    struct scene *scene = *state;
    want(scene, "[{\"bucketname\":\"a\"},{\"bucketname\":\"b\"}]");
    make(scene);
    struct change **changes = plan_steal(&scene->plan);
    assert_string_equal(change_name(changes[0]), "a");
    assert_string_equal(change_name(changes[1]), "b");
    assert_null(scene->plan.items[0].change);
    plan_finish(&scene->plan);
    change_destroy(changes[0]);
    change_destroy(changes[1]);
    free(changes);
}

/* ---- secrets --------------------------------------------------------------------------------- */

static const char keyed[] = "[{\"bucketname\":\"a\",\"accessKeyId\":\"iiii\","
                            "\"secretAccessKey_file\":\"ssss\"}]";

static void a_secret_goes_with_a_new_entry(void **state) {
    struct scene *scene = *state;
    want(scene, keyed);
    make(scene);
    assert_change(scene, 0,
                  "op=add&bucketname=a&cloud=aws&endpoint=&accessKeyId=iiii"
                  "&secretAccessKey=ssss&accessRole=&accessRoleExt=");
}

static void a_secret_alone_is_no_difference(void **state) {
    struct scene *scene = *state;
    plan_one(scene, ENTRY("a", FIELD_ACCESS_KEY_ID, "iiii"), keyed);
    assert_int_equal(scene->plan.count, 0);
    assert_int_equal(scene->secrets_read, 0);
    plan_one(scene, ENTRY("a", FIELD_ACCESS_KEY_ID, "iiii", FIELD_SECRET_ACCESS_KEY, "****"),
             keyed);
    assert_int_equal(scene->plan.count, 0);
}

static void a_secret_goes_with_another_difference(void **state) {
    struct scene *scene = *state;
    plan_one(scene, ENTRY("a", FIELD_ACCESS_KEY_ID, "old"), keyed);
    assert_change(scene, 0, "op=modify&bucketname=a&accessKeyId=iiii&secretAccessKey=ssss");
    assert_int_equal(scene->secrets_read, 1);
}

static void secrets_can_be_sent_always(void **state) {
    struct scene *scene = *state;
    has(scene, ENTRY("a", FIELD_ACCESS_KEY_ID, "iiii"));
    has(scene, ENTRY("b", FIELD_ACCESS_KEY_ID, "iiii"));
    want(scene, "[{\"bucketname\":\"a\",\"accessKeyId\":\"iiii\",\"secretAccessKey_file\":\"s\"},"
                "{\"bucketname\":\"b\",\"accessKeyId\":\"iiii\",\"secretAccessKey_file\":null}]");
    scene->options.secrets = true;
    make(scene);
    assert_int_equal(scene->plan.count, 1);
    assert_change(scene, 0, "op=modify&bucketname=a&secretAccessKey=s");
}

static void a_secret_that_is_shown_is_compared(void **state) {
    struct scene *scene = *state;
    plan_one(scene, ENTRY("a", FIELD_ACCESS_KEY_ID, "iiii", FIELD_SECRET_ACCESS_KEY, "ssss"),
             keyed);
    assert_int_equal(scene->plan.count, 0);
    assert_int_equal(scene->plan.same, 1);
    plan_one(scene, ENTRY("a", FIELD_ACCESS_KEY_ID, "iiii", FIELD_SECRET_ACCESS_KEY, "old"), keyed);
    assert_change(scene, 0, "op=modify&bucketname=a&secretAccessKey=ssss");
    assert_int_equal(scene->secrets_read, 1);
    /* Without its file it says nothing. */
    plan_one(scene, ENTRY("a", FIELD_SECRET_ACCESS_KEY, "old"), "[{\"bucketname\":\"a\"}]");
    assert_int_equal(scene->plan.count, 0);
}

static void a_secret_goes_with_its_key(void **state) {
    struct scene *scene = *state;
    plan_one(scene, ENTRY("a", FIELD_ACCESS_KEY_ID, "iiii", FIELD_ACCESS_ROLE, "r"),
             "[{\"bucketname\":\"a\",\"accessRole\":\"r\"}]");
    assert_change(scene, 0, "op=modify&bucketname=a&accessKeyId=&secretAccessKey=");
}

static void a_secret_that_cannot_be_read_ends_it(void **state) {
    struct scene *scene = *state;
    has(scene, ENTRY("z"));
    want(scene, "[{\"bucketname\":\"a\"},{\"bucketname\":\"b\",\"sharedSecret_file\":\"missing\"},"
                "{\"bucketname\":\"c\"}]");
    scene->options.prune = true;
    assert_false(plan_make(&scene->plan, &scene->desired, scene->table, &scene->options));
}

static void nobody_needs_to_read_secrets(void **state) {
    struct scene *scene = *state;
    scene->options = (struct plan_options){.secrets = true};
    has(scene, ENTRY("a", FIELD_ACCESS_KEY_ID, "iiii", FIELD_SECRET_ACCESS_KEY, "old"));
    want(scene, keyed);
    make(scene);
    assert_int_equal(scene->plan.count, 0);
}

/* ---- what is left alone ---------------------------------------------------------------------- */

static void assert_left(const struct scene *scene, size_t index, const char *name,
                        enum plan_why why, bool desired) {
    assert_true(index < scene->plan.left_count);
    assert_string_equal(scene->plan.left[index].name, name);
    assert_int_equal(scene->plan.left[index].why, why);
    assert_int_equal(scene->plan.left[index].desired, desired);
}

static void entries_of_one_name_are_left_alone(void **state) {
    struct scene *scene = *state;
    has(scene, ENTRY("twice", FIELD_CLOUD, "aws"));
    has(scene, ENTRY("a"));
    has(scene, ENTRY("twice", FIELD_CLOUD, "minio"));
    has(scene, ENTRY("thrice"));
    has(scene, ENTRY("thrice"));
    has(scene, ENTRY("thrice"));
    want(scene, "[{\"bucketname\":\"twice\",\"cloud\":\"other\"},{\"bucketname\":\"u\"}]");
    scene->options.prune = true;
    make(scene);
    assert_int_equal(scene->plan.count, 2);
    assert_change(scene, 1, "op=delete&bucketname=a");
    assert_int_equal(scene->plan.left_count, 2);
    assert_left(scene, 0, "thrice", PLAN_TWICE, false);
    assert_left(scene, 1, "twice", PLAN_TWICE, true);
    assert_int_equal(scene->plan.left_desired, 1);
}

static void unreadable_entries_are_left_alone(void **state) {
    struct scene *scene = *state;
    static const char *const texts[] = {
        "{\"bucketname\":\"x\",\"cloud\":\"a\",\"cloud\":\"b\"}",
        "{\"quota\":1e999,\"bucketname\" :\n \"x\"}",
        "{\"bucketname\":\"\\u0078\",\"n\":\"\\u0000\"}",
        "{\"bucketname\":\"y\",\"bucketname\":\"x\"}",
        "{\"bucketname\": x }",
        "[{\"bucketname\":\"x\"}]",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        scene_anew(scene);
        has_unreadable(scene, texts[i]);
        want(scene, "[{\"bucketname\":\"w\"},{\"bucketname\":\"x\"}]");
        scene->options.prune = true;
        make(scene);
        assert_int_equal(scene->plan.unreadable, 1);
        assert_int_equal(scene->plan.adds, 1);
        assert_int_equal(scene->plan.count, 1);
        assert_int_equal(scene->plan.left_count, 1);
        assert_left(scene, 0, "x", PLAN_UNREADABLE, true);
    }
}

static void an_entry_with_an_unreadable_twin_is_left_alone(void **state) {
    struct scene *scene = *state;
    static const char twins[] = "[{\"bucketname\":\"x\"},{\"bucketname\":\"y\"}]";
    has_unreadable(scene, twins);
    has(scene, ENTRY("x", FIELD_CLOUD, "minio"));
    has(scene, ENTRY("y", FIELD_CLOUD, "minio"));
    want(scene, "[{\"bucketname\":\"x\"}]");
    scene->options.prune = true;
    make(scene);
    assert_int_equal(scene->plan.count, 0);
    assert_left(scene, 0, "x", PLAN_UNREADABLE, true);
    assert_left(scene, 1, "y", PLAN_UNREADABLE, false);
    scene_anew(scene);
    has_unreadable(scene, twins);
    has(scene, ENTRY("x"));
    want(scene, "[{\"bucketname\":\"x\"}]");
    make(scene);
    assert_int_equal(scene->plan.left_count, 0);
    assert_int_equal(scene->plan.same, 1);
}

static void an_unreadable_entry_of_no_name_stops_nothing(void **state) {
    struct scene *scene = *state;
    static const char *const texts[] = {"7",
                                        "{}",
                                        "{\"bucketname\":",
                                        "{\"bucketname\":\"\\ud800\"}",
                                        "{\"bucketname\":\"xx\"}",
                                        "[\"bucketname\",\"x\"]",
                                        "{\"other\":\"x\"}"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        has_unreadable(scene, texts[i]);
    want(scene, "[{\"bucketname\":\"x\"}]");
    make(scene);
    assert_int_equal(scene->plan.unreadable, sizeof texts / sizeof *texts);
    assert_int_equal(scene->plan.adds, 1);
    assert_int_equal(scene->plan.left_count, 0);
}

/* ---- many ------------------------------------------------------------------------------------ */

static unsigned seed = 20261126;

static unsigned any(unsigned below) { /* a generator of Park and Miller's */
    seed = (unsigned)((uint64_t)seed * 48271 % 2147483647);
    return seed % below;
}

/* Values as a service might have them. */
static const char *any_value(int field) {
    static const char *const clouds[] = {"", "aws", "minio", "azure", "other", "gcp"};
    static const char *const texts[] = {
        "", "", "x", "https://a.example.com", "****", "\"", "\x7f\xe2\x82\xac\x1b[2J"};
    if (field == FIELD_CLOUD)
        return clouds[any(6)];
    return texts[any(7)];
}

static struct bucket any_entry(char *name, size_t size) {
    struct bucket bucket;
    bucket_init(&bucket);
    snprintf(name, size, "%sb-%u", any(10) ? "" : "\xc3\xa4", any(400));
    bucket.value[FIELD_NAME] = name;
    for (int field = FIELD_NAME + 1; field < FIELD_COUNT; field++)
        bucket.value[field] = any_value(field);
    bucket.odd = any(8) ? 0 : 1U << FIELD_ENDPOINT;
    bucket.extra = any(3) ? "" : "{\"region\":\"eu\"}";
    if (any(50) == 0) {
        bucket_init(&bucket);
        bucket.unreadable = true;
        bucket.extra = any(2) ? "7" : "{\"bucketname\":\"b-7\",\"n\":1e999}";
    }
    return bucket;
}

static bool is_alone(struct table *table, size_t row) {
    size_t count = 0;
    for (size_t i = 0; i < table_count(table); i++)
        count += strcmp(table_name(table, row), table_name(table, i)) == 0;
    return count == 1;
}

/* What an export has: all that can be told apart. */
static void export(struct table *table, struct desired *desired) {
    struct buffer text;
    struct bucket bucket;
    struct error error = {""};
    buffer_init(&text);
    for (size_t row = 0; row < table_count(table); row++) {
        table_get(table, row, &bucket);
        if (bucket.unreadable || !is_alone(table, row))
            continue;
        buffer_append_string(&text, text.length > 0 ? ",\n" : "[");
        desired_write(&text, &bucket);
    }
    buffer_append_string(&text, text.length > 0 ? "]" : "[]");
    if (!desired_read(desired, text.data, text.length, &error))
        fail_msg("%s\n%s", error.text, text.data);
    buffer_finish(&text);
}

static void fill(struct table *table, unsigned count) {
    char name[32];
    for (unsigned i = 0; i < count; i++) {
        struct bucket bucket = any_entry(name, sizeof name);
        table_add(table, &bucket);
    }
}

static void an_export_applied_is_no_change(void **state) {
    struct scene *scene = *state;
    for (unsigned round = 0; round < 200; round++) {
        scene_anew(scene);
        fill(scene->table, any(60));
        export(scene->table, &scene->desired);
        scene->options.prune = scene->options.secrets = true;
        make(scene);
        assert_int_equal(scene->plan.count, 0);
        assert_int_equal(scene->plan.same, scene->desired.count);
        assert_int_equal(scene->plan.left_desired, 0);
    }
}

static const struct plan_item *find_item(const struct plan *plan, const char *name) {
    for (size_t i = 0; i < plan->count; i++)
        if (strcmp(change_name(plan->items[i].change), name) == 0)
            return &plan->items[i];
    return NULL;
}

/* The table as it is when all changes have been applied. */
static struct table *applied(struct table *table, const struct plan *plan) {
    struct table *after = table_create();
    struct bucket bucket;
    for (size_t row = 0; row < table_count(table); row++) {
        table_get(table, row, &bucket);
        const struct plan_item *item =
            bucket.unreadable ? NULL : find_item(plan, bucket.value[FIELD_NAME]);
        if (item == NULL)
            table_add(after, &bucket);
        else if (change_wanted(item->change) != NULL)
            table_add(after, change_wanted(item->change));
    }
    for (size_t i = 0; i < plan->count; i++)
        if (change_before(plan->items[i].change) == NULL)
            table_add(after, change_wanted(plan->items[i].change));
    return after;
}

/* From one table to another that is desired: what is planned then is nothing. */
static void a_plan_leads_to_what_is_desired(void **state) {
    struct scene *scene = *state;
    for (unsigned round = 0; round < 200; round++) {
        struct table *other = table_create(), *after;
        scene_anew(scene);
        fill(scene->table, any(60));
        fill(other, any(60));
        export(other, &scene->desired);
        scene->options.prune = any(2);
        make(scene);
        size_t left = scene->plan.left_count, unreadable = scene->plan.unreadable;
        after = applied(scene->table, &scene->plan);
        plan_finish(&scene->plan);
        table_destroy(scene->table);
        scene->table = after;
        make(scene);
        assert_int_equal(scene->plan.count, 0);
        assert_int_equal(scene->plan.left_count, left);
        assert_int_equal(scene->plan.unreadable, unreadable);
        table_destroy(other);
    }
}

/* If each entry were compared with all, this would take minutes. */
static void a_large_table_is_planned_soon(void **state) {
    struct scene *scene = *state;
    enum { ROWS = 100000, NEW = 500 };
    struct buffer text;
    char name[32];
    buffer_init(&text);
    for (int i = 0; i < ROWS + NEW; i++) {
        int number = i * 7919 % (ROWS + NEW);
        snprintf(name, sizeof name, "bucket-%d", number);
        if (number < ROWS)
            has(scene, ENTRY(name, FIELD_CLOUD, "aws"));
        if (number >= NEW)
            buffer_printf(&text, "%s{\"bucketname\":\"%s\"}", text.length ? "," : "[", name);
    }
    for (int i = 0; i < 20000; i++) {
        snprintf(name, sizeof name, "{\"bucketname\":\"u%d\"}", i);
        has_unreadable(scene, name);
        has(scene, ENTRY("same"));
    }
    buffer_append_string(&text, "]");
    want(scene, text.data);
    scene->options.prune = true;
    make(scene);
    assert_int_equal(scene->plan.adds, NEW);
    assert_int_equal(scene->plan.deletes, NEW);
    assert_int_equal(scene->plan.same, ROWS - NEW);
    assert_int_equal(scene->plan.left_count, 1);
    buffer_finish(&text);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(changes_are_by_name_and_deletes_come_last),
        TEST(without_prune_others_stay),
        TEST(nothing_at_all_is_a_plan),
        TEST(what_is_the_same_is_left),
        TEST(what_is_absent_is_emptied),
        TEST(another_way_of_access_is_the_fourth_example),
        TEST(stolen_changes_are_the_callers),
        TEST(a_secret_goes_with_a_new_entry),
        TEST(a_secret_alone_is_no_difference),
        TEST(a_secret_goes_with_another_difference),
        TEST(secrets_can_be_sent_always),
        TEST(a_secret_that_is_shown_is_compared),
        TEST(a_secret_goes_with_its_key),
        TEST(a_secret_that_cannot_be_read_ends_it),
        TEST(nobody_needs_to_read_secrets),
        TEST(entries_of_one_name_are_left_alone),
        TEST(unreadable_entries_are_left_alone),
        TEST(an_entry_with_an_unreadable_twin_is_left_alone),
        TEST(an_unreadable_entry_of_no_name_stops_nothing),
        TEST(an_export_applied_is_no_change),
        TEST(a_plan_leads_to_what_is_desired),
        TEST(a_large_table_is_planned_soon),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
