#include "tests.h"

#include "pail/buckets/change.h"

static const enum secret_choice keep_all[FIELD_COUNT] = {SECRET_KEEP};

/* ---- helpers --------------------------------------------------------------------------------- */

static struct bucket entry(const char *cloud, const char *role, const char *key) {
    struct bucket bucket;
    bucket_init(&bucket);
    bucket.value[FIELD_NAME] = "testb3";
    bucket.value[FIELD_CLOUD] = cloud;
    bucket.value[FIELD_ACCESS_ROLE] = role;
    bucket.value[FIELD_ACCESS_KEY_ID] = key;
    return bucket;
}

static struct bucket role_entry(void) {
    struct bucket bucket = entry("aws", "aaaa", "");
    bucket.value[FIELD_ACCESS_ROLE_EXT] = "bbbb";
    return bucket;
}

static struct bucket key_entry(void) {
    struct bucket bucket = entry("aws", "", "iiii");
    bucket.value[FIELD_SECRET_ACCESS_KEY] = "ssss";
    return bucket;
}

static void assert_body(const struct change *change, const char *expected) {
    size_t length;
    assert_string_equal(change_body(change, &length), expected);
    assert_int_equal(length, strlen(expected));
}

static void assert_line(const struct change *change, size_t index, enum change_line_kind kind,
                        enum bucket_field field, const char *before, const char *after) {
    assert_true(index < change_line_count(change));
    struct change_line line = change_line(change, index);
    assert_int_equal(line.kind, kind);
    assert_int_equal(line.field, field);
    assert_string_equal(line.before, before);
    assert_string_equal(line.after, after);
}

static bool notes(const struct change *change, const char *part) {
    for (size_t i = 0; i < change_note_count(change); i++)
        if (strstr(change_note(change, i), part) != NULL)
            return true;
    return false;
}

/* An edit of one field of a role entry. */
static struct change *edit_field(enum bucket_field field, const char *value) {
    struct bucket opened = role_entry(), wanted = opened;
    wanted.value[field] = value;
    return change_edit(&opened, &wanted, keep_all);
}

/* ---- the four examples of the page, with the cloud that pail always sends on add ------------- */

static void test_example_1(void **state) {
    (void)state;
    struct bucket wanted = role_entry();
    struct change *change = change_add(&wanted, NULL);
    assert_body(change, "op=add&bucketname=testb3&cloud=aws&endpoint=&accessKeyId=&secretAccessKey="
                        "&accessRole=aaaa&accessRoleExt=bbbb");
    assert_string_equal(change_redacted_body(change),
                        "op=add&bucketname=testb3&cloud=aws&endpoint=&accessKeyId=&secretAccessKey="
                        "&accessRole=aaaa&accessRoleExt=bbbb");
    assert_int_equal(change_op(change), CHANGE_ADD);
    assert_string_equal(change_name(change), "testb3");
    assert_null(change_before(change));
    assert_false(change_needs_name_typed(change));
    assert_false(change_is_empty(change));
    assert_int_equal(change_note_count(change), 0);
    assert_int_equal(change_line_count(change), 4);
    assert_line(change, 0, LINE_SET, FIELD_NAME, "", "testb3");
    assert_line(change, 1, LINE_SET, FIELD_CLOUD, "", "aws");
    assert_line(change, 2, LINE_SET, FIELD_ACCESS_ROLE, "", "aaaa");
    assert_line(change, 3, LINE_SET, FIELD_ACCESS_ROLE_EXT, "", "bbbb");
    change_destroy(change);
}

static void test_example_2(void **state) {
    (void)state;
    struct change *change = edit_field(FIELD_ENDPOINT, "https://minio.isstage1.bb.com/");
    assert_body(change, "op=modify&bucketname=testb3"
                        "&endpoint=https%3A%2F%2Fminio.isstage1.bb.com%2F");
    assert_int_equal(change_op(change), CHANGE_MODIFY);
    assert_false(change_needs_name_typed(change));
    assert_int_equal(change_line_count(change), 1);
    assert_line(change, 0, LINE_SET, FIELD_ENDPOINT, "", "https://minio.isstage1.bb.com/");
    assert_string_equal(change_before(change)->value[FIELD_ENDPOINT], "");
    assert_string_equal(change_wanted(change)->value[FIELD_ACCESS_ROLE], "aaaa");
    change_destroy(change);
}

static void test_example_3(void **state) {
    (void)state;
    struct bucket opened = role_entry();
    opened.value[FIELD_DDB_TABLE] = "snap";
    opened.value[FIELD_ETAG] = "7"; /* says nothing of what is lost */
    struct change *change = change_delete(&opened);
    assert_body(change, "op=delete&bucketname=testb3");
    assert_string_equal(change_redacted_body(change), "op=delete&bucketname=testb3");
    assert_true(change_needs_name_typed(change));
    assert_null(change_wanted(change));
    assert_false(change_is_empty(change));
    assert_int_equal(change_line_count(change), 5);
    assert_line(change, 2, LINE_REMOVED, FIELD_ACCESS_ROLE, "aaaa", "");
    assert_line(change, 4, LINE_REMOVED, FIELD_DDB_TABLE, "snap", "");
    change_destroy(change);
}

static void test_example_4(void **state) {
    (void)state;
    struct bucket opened = role_entry(), wanted = key_entry();
    enum secret_choice secrets[FIELD_COUNT] = {SECRET_KEEP};
    secrets[FIELD_SECRET_ACCESS_KEY] = SECRET_REPLACE;
    struct change *change = change_edit(&opened, &wanted, secrets);
    assert_body(change, "op=add&bucketname=testb3&cloud=aws&endpoint=&accessKeyId=iiii"
                        "&secretAccessKey=ssss&accessRole=&accessRoleExt=");
    assert_string_equal(change_redacted_body(change),
                        "op=add&bucketname=testb3&cloud=aws&endpoint=&accessKeyId=iiii"
                        "&secretAccessKey=***4&accessRole=&accessRoleExt=");
    assert_true(change_needs_name_typed(change));
    assert_true(notes(change, "replaces the entry: the documented way to switch"));
    assert_true(notes(change, "a sharedSecret, if one is set, must be given again or it is lost"));
    assert_false(notes(change, "secretAccessKey"));
    assert_false(notes(change, "the service decides"));
    assert_int_equal(change_line_count(change), 5);
    assert_line(change, 0, LINE_KEPT, FIELD_CLOUD, "aws", "aws");
    assert_line(change, 1, LINE_SET, FIELD_ACCESS_KEY_ID, "", "iiii");
    assert_line(change, 2, LINE_CHANGED, FIELD_SECRET_ACCESS_KEY, "not shown", "*** (4 bytes)");
    assert_line(change, 3, LINE_CLEARED, FIELD_ACCESS_ROLE, "aaaa", "");
    assert_line(change, 4, LINE_CLEARED, FIELD_ACCESS_ROLE_EXT, "bbbb", "");
    change_destroy(change);
}

/* ---- adding ---------------------------------------------------------------------------------- */

static void test_add_sends_what_is_there(void **state) {
    (void)state;
    struct bucket wanted = entry("", "", "a b");
    wanted.value[FIELD_NAME] = "d\xC3\xA9j\xC3\xA0&vu=";
    wanted.value[FIELD_SECRET_ACCESS_KEY] = "x+y/z%";
    wanted.value[FIELD_SHARED_SECRET] = "tok";
    wanted.value[FIELD_DDB_TABLE] = "never sent";
    wanted.extra = "{\"never\":\"sent\"}";
    struct change *change = change_add(&wanted, NULL);
    assert_body(change,
                "op=add&bucketname=d%C3%A9j%C3%A0%26vu%3D&cloud=aws&endpoint=&accessKeyId=a%20b"
                "&secretAccessKey=x%2By%2Fz%25&accessRole=&accessRoleExt=&sharedSecret=tok");
    assert_null(strstr(change_redacted_body(change), "x%2B"));
    assert_null(strstr(change_redacted_body(change), "tok"));
    assert_non_null(strstr(change_redacted_body(change), "secretAccessKey=***6"));
    assert_non_null(strstr(change_redacted_body(change), "sharedSecret=***3"));
    assert_string_equal(change_wanted(change)->value[FIELD_DDB_TABLE], "");
    assert_string_equal(change_wanted(change)->extra, "");
    change_destroy(change);
}

static void test_add_replaces(void **state) {
    (void)state;
    struct bucket existing = entry("minio", "", "old"), wanted = entry("minio", "", "new");
    existing.value[FIELD_DDB_TABLE] = "snap";
    existing.extra = "{\"owner\":\"x\",\"created\":1}";
    struct change *change = change_add(&wanted, &existing);
    assert_true(change_needs_name_typed(change));
    assert_true(notes(change, "replaces the entry that has this name"));
    assert_true(notes(change, "a sharedSecret, if one is set"));
    assert_true(notes(change, "a secretAccessKey, if one is set"));
    assert_true(notes(change, "service decides whether it stays: ddbTable, owner, created"));
    assert_int_equal(change_line_count(change), 4);
    assert_line(change, 0, LINE_KEPT, FIELD_CLOUD, "minio", "minio");
    assert_line(change, 1, LINE_CHANGED, FIELD_ACCESS_KEY_ID, "old", "new");
    assert_line(change, 2, LINE_LOST, FIELD_SECRET_ACCESS_KEY, "", "");
    assert_line(change, 3, LINE_LOST, FIELD_SHARED_SECRET, "", "");
    assert_int_equal(change_loses(change),
                     1U << FIELD_SECRET_ACCESS_KEY | 1U << FIELD_SHARED_SECRET);
    change_destroy(change);
}

static void test_asterisks_show_that_there_is_a_secret(void **state) {
    (void)state;
    struct bucket existing = entry("aws", "aaaa", ""), wanted = entry("aws", "bbbb", "");
    struct change *change = change_add(&wanted, &existing);
    assert_int_equal(change_loses(change), 0);
    change_destroy(change);
    existing.value[FIELD_SHARED_SECRET] = "********";
    change = change_add(&wanted, &existing);
    assert_int_equal(change_loses(change), 1U << FIELD_SHARED_SECRET);
    change_destroy(change);
}

static void test_add_of_the_same_is_empty(void **state) {
    (void)state;
    struct bucket existing = entry("", "aaaa", ""), wanted = entry("aws", "aaaa", "");
    struct change *change = change_add(&wanted, &existing);
    assert_true(change_is_empty(change));
    change_destroy(change);
    wanted.value[FIELD_SHARED_SECRET] = "s";
    change = change_add(&wanted, &existing);
    assert_false(change_is_empty(change));
    change_destroy(change);
}

static void test_a_secret_that_the_listing_shows_is_masked(void **state) {
    (void)state;
    struct bucket existing = key_entry(), wanted = entry("aws", "aaaa", "");
    existing.present |= 1U << FIELD_SECRET_ACCESS_KEY;
    struct change *change = change_add(&wanted, &existing);
    assert_line(change, 2, LINE_LOST, FIELD_SECRET_ACCESS_KEY, "", "");
    change_destroy(change);
    change = change_delete(&existing);
    assert_line(change, 3, LINE_REMOVED, FIELD_SECRET_ACCESS_KEY, "*** (4 bytes)", "");
    change_destroy(change);
}

/* ---- editing --------------------------------------------------------------------------------- */

static void test_nothing_differs(void **state) {
    (void)state;
    struct change *change = edit_field(FIELD_ENDPOINT, "");
    assert_true(change_is_empty(change));
    assert_body(change, "op=modify&bucketname=testb3");
    change_destroy(change);
    struct bucket opened = entry("", "aaaa", ""), wanted = entry("aws", "aaaa", "");
    change = change_edit(&opened, &wanted, keep_all);
    assert_true(change_is_empty(change));
    change_destroy(change);
}

static void test_modify_sends_changed_fields_in_order(void **state) {
    (void)state;
    struct bucket opened = role_entry(), wanted = opened;
    wanted.value[FIELD_ACCESS_ROLE_EXT] = "";
    wanted.value[FIELD_CLOUD] = "other";
    wanted.value[FIELD_NAME] = "another";
    struct change *change = change_edit(&opened, &wanted, keep_all);
    assert_body(change, "op=modify&bucketname=testb3&cloud=other&accessRoleExt=");
    assert_line(change, 1, LINE_CLEARED, FIELD_ACCESS_ROLE_EXT, "bbbb", "");
    assert_true(notes(change, "an empty value is sent to clear a field"));
    assert_string_equal(change_wanted(change)->value[FIELD_NAME], "testb3");
    change_destroy(change);
}

/* "" means aws; a service would refuse an empty cloud. */
static void test_modify_never_sends_an_empty_cloud(void **state) {
    (void)state;
    struct bucket opened = entry("minio", "", "iiii"), wanted = entry("", "", "iiii");
    struct change *change = change_edit(&opened, &wanted, keep_all);
    assert_body(change, "op=modify&bucketname=testb3&cloud=aws");
    change_destroy(change);
}

static void test_modify_of_secrets(void **state) {
    (void)state;
    struct bucket opened = entry("minio", "", "iiii"), wanted = opened;
    enum secret_choice secrets[FIELD_COUNT] = {SECRET_KEEP};
    wanted.value[FIELD_SECRET_ACCESS_KEY] = "typed, but kept";
    wanted.value[FIELD_SHARED_SECRET] = "new secret";
    secrets[FIELD_SHARED_SECRET] = SECRET_REPLACE;
    struct change *change = change_edit(&opened, &wanted, secrets);
    assert_body(change, "op=modify&bucketname=testb3&sharedSecret=new%20secret");
    assert_string_equal(change_redacted_body(change),
                        "op=modify&bucketname=testb3&sharedSecret=***10");
    assert_int_equal(change_line_count(change), 2);
    assert_line(change, 0, LINE_KEPT, FIELD_SECRET_ACCESS_KEY, "", "");
    assert_line(change, 1, LINE_CHANGED, FIELD_SHARED_SECRET, "not shown", "*** (10 bytes)");
    assert_string_equal(change_wanted(change)->value[FIELD_SECRET_ACCESS_KEY], "");
    assert_int_equal(change_find(change, &opened), CHANGE_NOT_VISIBLE);
    change_destroy(change);

    secrets[FIELD_SHARED_SECRET] = SECRET_KEEP;
    secrets[FIELD_SECRET_ACCESS_KEY] = SECRET_CLEAR;
    change = change_edit(&opened, &wanted, secrets);
    assert_body(change, "op=modify&bucketname=testb3&secretAccessKey=");
    assert_line(change, 0, LINE_CLEARED, FIELD_SECRET_ACCESS_KEY, "not shown", "");
    assert_line(change, 1, LINE_KEPT, FIELD_SHARED_SECRET, "", "");
    change_destroy(change);
}

static void test_replacing_a_secret_by_nothing_clears_it(void **state) {
    (void)state;
    struct bucket opened = entry("minio", "", "iiii");
    enum secret_choice secrets[FIELD_COUNT] = {SECRET_KEEP};
    secrets[FIELD_SHARED_SECRET] = SECRET_REPLACE;
    struct change *change = change_edit(&opened, &opened, secrets);
    assert_body(change, "op=modify&bucketname=testb3&sharedSecret=");
    assert_line(change, 1, LINE_CLEARED, FIELD_SHARED_SECRET, "not shown", "");
    change_destroy(change);
}

static void test_which_edits_are_sent_as_an_add(void **state) {
    (void)state;
    static const struct {
        const char *role, *key, *new_role, *new_key;
        enum change_op op;
    } cases[] = {
        {"r", "", "", "k", CHANGE_ADD},        {"", "k", "r", "", CHANGE_ADD},
        {"r", "", "r", "k", CHANGE_MODIFY},    {"r", "k", "r", "", CHANGE_MODIFY},
        {"r", "k", "", "k", CHANGE_MODIFY},    {"", "", "r", "", CHANGE_MODIFY},
        {"r", "", "", "", CHANGE_MODIFY},      {"r", "", "other", "", CHANGE_MODIFY},
        {"", "k", "", "other", CHANGE_MODIFY},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bucket opened = entry("aws", cases[i].role, cases[i].key);
        struct bucket wanted = entry("aws", cases[i].new_role, cases[i].new_key);
        struct change *change = change_edit(&opened, &wanted, keep_all);
        assert_int_equal(change_op(change), cases[i].op);
        change_destroy(change);
    }
}

static void test_key_to_role(void **state) {
    (void)state;
    struct bucket opened = entry("", "", "iiii"), wanted = entry("", "aaaa", "");
    enum secret_choice secrets[FIELD_COUNT] = {SECRET_KEEP};
    struct change *change = change_edit(&opened, &wanted, secrets);
    assert_body(change, "op=add&bucketname=testb3&cloud=aws&endpoint=&accessKeyId="
                        "&secretAccessKey=&accessRole=aaaa&accessRoleExt=");
    assert_true(notes(change, "a secretAccessKey, if one is set"));
    assert_line(change, 2, LINE_LOST, FIELD_SECRET_ACCESS_KEY, "", "");
    change_destroy(change);
    secrets[FIELD_SECRET_ACCESS_KEY] = SECRET_CLEAR;
    change = change_edit(&opened, &wanted, secrets);
    assert_false(notes(change, "a secretAccessKey"));
    assert_line(change, 2, LINE_CLEARED, FIELD_SECRET_ACCESS_KEY, "not shown", "");
    change_destroy(change);
}

/* ---- what the table says --------------------------------------------------------------------- */

static void test_finding_a_modify(void **state) {
    (void)state;
    struct change *change = edit_field(FIELD_ENDPOINT, "https://a.b");
    struct bucket now = role_entry();
    struct buffer misses;
    buffer_init(&misses);
    assert_int_equal(change_find(change, &now), CHANGE_LEFT_AS_WAS);
    assert_int_equal(change_find(change, NULL), CHANGE_ELSE);
    now.value[FIELD_ENDPOINT] = "https://a.b/";
    assert_int_equal(change_find(change, &now), CHANGE_ELSE);
    now.value[FIELD_ENDPOINT] = "https://a.b";
    now.value[FIELD_CLOUD] = "";
    assert_int_equal(change_find(change, &now), CHANGE_TOOK_PLACE);
    change_describe_misses(change, &now, &misses);
    assert_string_equal(misses.data, "");
    now.value[FIELD_ENDPOINT] = "";
    now.value[FIELD_ACCESS_ROLE] = "someone else's";
    assert_int_equal(change_find(change, &now), CHANGE_ELSE);
    change_describe_misses(change, &now, &misses);
    assert_string_equal(misses.data, "endpoint, accessRole");
    buffer_clear(&misses);
    change_describe_misses(change, NULL, &misses);
    assert_string_equal(misses.data, "bucketname");
    buffer_finish(&misses);
    change_destroy(change);
}

static void test_finding_an_add(void **state) {
    (void)state;
    struct bucket wanted = key_entry(), now = entry("", "", "iiii");
    struct change *change = change_add(&wanted, NULL);
    assert_int_equal(change_find(change, NULL), CHANGE_LEFT_AS_WAS);
    assert_int_equal(change_find(change, &now), CHANGE_TOOK_PLACE);
    now.value[FIELD_ACCESS_KEY_ID] = "jjjj";
    assert_int_equal(change_find(change, &now), CHANGE_ELSE);
    change_destroy(change);

    struct bucket existing = role_entry();
    change = change_add(&wanted, &existing);
    assert_int_equal(change_find(change, &existing), CHANGE_LEFT_AS_WAS);
    now = entry("aws", "", "iiii");
    assert_int_equal(change_find(change, &now), CHANGE_TOOK_PLACE);
    now.value[FIELD_ACCESS_ROLE] = "aaaa";
    assert_int_equal(change_find(change, &now), CHANGE_ELSE);
    change_destroy(change);
}

static void test_finding_a_delete(void **state) {
    (void)state;
    struct bucket opened = role_entry(), now = opened;
    struct change *change = change_delete(&opened);
    assert_int_equal(change_find(change, NULL), CHANGE_TOOK_PLACE);
    assert_int_equal(change_find(change, &now), CHANGE_LEFT_AS_WAS);
    now.value[FIELD_ENDPOINT] = "https://a.b";
    assert_int_equal(change_find(change, &now), CHANGE_ELSE);
    change_destroy(change);
}

/* A listing that shows secrets decides; one that sends asterisks shows none. */
static void test_finding_secrets(void **state) {
    (void)state;
    struct bucket opened = key_entry(), wanted = opened, now = opened;
    enum secret_choice secrets[FIELD_COUNT] = {SECRET_KEEP};
    secrets[FIELD_SECRET_ACCESS_KEY] = SECRET_REPLACE;
    wanted.value[FIELD_SECRET_ACCESS_KEY] = "tttt";
    struct change *change = change_edit(&opened, &wanted, secrets);
    assert_int_equal(change_find(change, &now), CHANGE_LEFT_AS_WAS);
    now.value[FIELD_SECRET_ACCESS_KEY] = "tttt";
    assert_int_equal(change_find(change, &now), CHANGE_TOOK_PLACE);
    now.value[FIELD_SECRET_ACCESS_KEY] = "uuuu";
    assert_int_equal(change_find(change, &now), CHANGE_ELSE);
    change_destroy(change);
    opened.value[FIELD_SECRET_ACCESS_KEY] = "****";
    now.value[FIELD_SECRET_ACCESS_KEY] = "******";
    change = change_edit(&opened, &wanted, secrets);
    assert_int_equal(change_find(change, &now), CHANGE_NOT_VISIBLE);
    assert_true(change_still_fits(change, &now));
    change_destroy(change);
}

/* An entry whose version has moved is not as before; one whose version stands is. */
static void test_versions(void **state) {
    (void)state;
    struct bucket opened = key_entry(), wanted = opened, now = opened;
    enum secret_choice secrets[FIELD_COUNT] = {SECRET_KEEP};
    secrets[FIELD_SECRET_ACCESS_KEY] = SECRET_REPLACE;
    opened.value[FIELD_SECRET_ACCESS_KEY] = now.value[FIELD_SECRET_ACCESS_KEY] = "";
    wanted.value[FIELD_SECRET_ACCESS_KEY] = "tttt";
    opened.value[FIELD_ETAG] = "5";
    struct change *secret = change_edit(&opened, &wanted, secrets);
    wanted.value[FIELD_ENDPOINT] = "http://elsewhere";
    struct change *edit = change_edit(&opened, &wanted, keep_all);
    struct change *removal = change_delete(&opened);
    static const struct {
        const char *etag;
        enum change_finding secret, other;
        bool stands;
    } cases[] = {
        {"5", CHANGE_LEFT_AS_WAS, CHANGE_LEFT_AS_WAS, true},
        {"6", CHANGE_NOT_VISIBLE, CHANGE_ELSE, false},
        {"", CHANGE_NOT_VISIBLE, CHANGE_LEFT_AS_WAS, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        now.value[FIELD_ETAG] = cases[i].etag;
        assert_int_equal(change_find(secret, &now), cases[i].secret);
        assert_int_equal(change_find(edit, &now), cases[i].other);
        assert_int_equal(change_find(removal, &now), cases[i].other);
        assert_int_equal(change_version_stands(edit, &now), cases[i].stands);
    }
    assert_false(change_version_stands(edit, NULL));
    now.value[FIELD_ENDPOINT] = "http://elsewhere";
    now.value[FIELD_ETAG] = "5"; /* a service whose etag is something else */
    assert_int_equal(change_find(edit, &now), CHANGE_TOOK_PLACE);
    change_destroy(secret);
    change_destroy(edit);
    change_destroy(removal);
}

/* As a journal has it: secrets without their values. */
static void test_recalling(void **state) {
    (void)state;
    size_t length;
    struct bucket before = key_entry(), after = before, now = before;
    const unsigned secret = 1U << FIELD_SECRET_ACCESS_KEY, endpoint = 1U << FIELD_ENDPOINT;
    before.value[FIELD_SECRET_ACCESS_KEY] = after.value[FIELD_SECRET_ACCESS_KEY] = "";
    struct change *change = change_recall(CHANGE_MODIFY, &before, &after, secret, 0);
    assert_true(change_is_empty(change)); /* so that it can't be sent */
    change_body(change, &length);
    assert_int_equal(length, 0);
    assert_int_equal(change_line_count(change), 1);
    assert_int_equal(change_line(change, 0).kind, LINE_CHANGED);
    assert_int_equal(change_find(change, &before), CHANGE_NOT_VISIBLE);
    assert_int_equal(change_find(change, &now), CHANGE_NOT_VISIBLE); /* one that is shown, too */
    change_destroy(change);
    after.value[FIELD_ENDPOINT] = "http://elsewhere";
    change = change_recall(CHANGE_MODIFY, &before, &after, secret | endpoint, secret);
    assert_int_equal(change_line(change, 0).kind, LINE_SET);
    assert_int_equal(change_line(change, 1).kind, LINE_CLEARED);
    assert_int_equal(change_find(change, &before), CHANGE_LEFT_AS_WAS);
    assert_int_equal(change_find(change, &after), CHANGE_TOOK_PLACE);
    assert_int_equal(change_find(change, NULL), CHANGE_ELSE);
    now = after;
    now.value[FIELD_SECRET_ACCESS_KEY] = "there";
    assert_int_equal(change_find(change, &now), CHANGE_ELSE); /* it was to be cleared */
    change_destroy(change);
    change = change_recall(CHANGE_ADD, NULL, &after, endpoint, 0);
    assert_string_equal(change_name(change), after.value[FIELD_NAME]);
    assert_int_equal(change_find(change, NULL), CHANGE_LEFT_AS_WAS);
    assert_int_equal(change_find(change, &after), CHANGE_TOOK_PLACE);
    change_destroy(change);
    change = change_recall(CHANGE_DELETE, &before, NULL, endpoint, 0);
    assert_null(change_wanted(change));
    assert_int_equal(change_find(change, NULL), CHANGE_TOOK_PLACE);
    assert_int_equal(change_find(change, &before), CHANGE_LEFT_AS_WAS);
    change_destroy(change);
}

static void test_still_fits(void **state) {
    (void)state;
    struct bucket opened = role_entry(), now;
    opened.extra = "{\"a\":1}";
    opened.value[FIELD_DDB_TABLE] = "snap";
    struct change *change = change_delete(&opened);
    now = opened;
    assert_true(change_still_fits(change, &now));
    assert_false(change_still_fits(change, NULL));
    now.value[FIELD_ENDPOINT] = "https://a.b";
    assert_false(change_still_fits(change, &now));
    now = opened;
    now.extra = "{\"a\":2}";
    assert_false(change_still_fits(change, &now));
    now = opened;
    now.value[FIELD_DDB_TABLE] = "";
    assert_false(change_still_fits(change, &now));
    now = opened;
    now.value[FIELD_ETAG] = "8";
    assert_false(change_still_fits(change, &now));
    assert_int_equal(change_find(change, &now), CHANGE_LEFT_AS_WAS);
    now = opened;
    now.odd = 1U << FIELD_ACCESS_ROLE;
    assert_false(change_still_fits(change, &now));
    now = opened;
    now.value[FIELD_SECRET_ACCESS_KEY] = "shown now";
    assert_false(change_still_fits(change, &now));
    change_destroy(change);
    change = change_add(&opened, NULL);
    assert_true(change_still_fits(change, NULL));
    assert_false(change_still_fits(change, &opened));
    change_destroy(change);
}

/* ---- ownership ------------------------------------------------------------------------------- */

static void test_owns_what_it_was_given(void **state) {
    (void)state;
    char name[] = "mine", secret[] = "ssss";
    struct bucket wanted = entry("aws", "", "iiii");
    wanted.value[FIELD_NAME] = name;
    wanted.value[FIELD_SECRET_ACCESS_KEY] = secret;
    struct change *change = change_add(&wanted, NULL);
    memset(name, 'x', 4);
    memset(secret, 'x', 4);
    assert_string_equal(change_name(change), "mine");
    assert_string_equal(change_wanted(change)->value[FIELD_SECRET_ACCESS_KEY], "ssss");
    change_destroy(change);
    change_destroy(NULL);
}

static void test_unreadable_entries_cannot_be_deleted(void **state) {
    (void)state;
    struct bucket opened;
    bucket_init(&opened);
    opened.unreadable = true;
    opened.extra = "[1,2]";
    struct change *change = change_delete(&opened);
    assert_true(change_is_empty(change));
    change_destroy(change);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_example_1),
        cmocka_unit_test(test_example_2),
        cmocka_unit_test(test_example_3),
        cmocka_unit_test(test_example_4),
        cmocka_unit_test(test_add_sends_what_is_there),
        cmocka_unit_test(test_add_replaces),
        cmocka_unit_test(test_asterisks_show_that_there_is_a_secret),
        cmocka_unit_test(test_add_of_the_same_is_empty),
        cmocka_unit_test(test_a_secret_that_the_listing_shows_is_masked),
        cmocka_unit_test(test_nothing_differs),
        cmocka_unit_test(test_modify_sends_changed_fields_in_order),
        cmocka_unit_test(test_modify_never_sends_an_empty_cloud),
        cmocka_unit_test(test_modify_of_secrets),
        cmocka_unit_test(test_replacing_a_secret_by_nothing_clears_it),
        cmocka_unit_test(test_which_edits_are_sent_as_an_add),
        cmocka_unit_test(test_key_to_role),
        cmocka_unit_test(test_finding_a_modify),
        cmocka_unit_test(test_finding_an_add),
        cmocka_unit_test(test_finding_a_delete),
        cmocka_unit_test(test_finding_secrets),
        cmocka_unit_test(test_versions),
        cmocka_unit_test(test_recalling),
        cmocka_unit_test(test_still_fits),
        cmocka_unit_test(test_owns_what_it_was_given),
        cmocka_unit_test(test_unreadable_entries_cannot_be_deleted),
    };
    return cmocka_run_group_tests_name("change", tests, NULL, NULL);
}
