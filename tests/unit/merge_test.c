#include "tests.h"

#include "pail/buckets/merge.h"

static const enum secret_choice keep_all[FIELD_COUNT] = {SECRET_KEEP};

/* ---- helpers --------------------------------------------------------------------------------- */

static struct bucket role_entry(void) {
    struct bucket bucket;
    bucket_init(&bucket);
    bucket.value[FIELD_NAME] = "testb3";
    bucket.value[FIELD_CLOUD] = "aws";
    bucket.value[FIELD_ACCESS_ROLE] = "aaaa";
    bucket.value[FIELD_ACCESS_ROLE_EXT] = "bbbb";
    return bucket;
}

static struct bucket key_entry(void) {
    struct bucket bucket;
    bucket_init(&bucket);
    bucket.value[FIELD_NAME] = "testb3";
    bucket.value[FIELD_CLOUD] = "minio";
    bucket.value[FIELD_ACCESS_KEY_ID] = "iiii";
    return bucket;
}

static struct bucket with(struct bucket bucket, enum bucket_field field, const char *value) {
    bucket.value[field] = value;
    return bucket;
}

/* The conflict of an edit; the change isn't needed afterwards. */
static struct merge *edit_meets(const struct bucket *opened, const struct bucket *wanted,
                                const enum secret_choice *secrets, const struct bucket *now) {
    struct change *change = change_edit(opened, wanted, secrets);
    struct merge *merge = merge_create(change, now);
    change_destroy(change);
    return merge;
}

static struct merge *add_meets(const struct bucket *wanted, const struct bucket *existing,
                               const struct bucket *now) {
    struct change *change = change_add(wanted, existing);
    struct merge *merge = merge_create(change, now);
    change_destroy(change);
    return merge;
}

static size_t index_of(const struct merge *merge, const char *name) {
    for (size_t i = 0; i < merge_count(merge); i++)
        if (strcmp(merge_row(merge, i).name, name) == 0)
            return i;
    fail_msg("there is no row %s", name);
    return 0;
}

static void assert_row(const struct merge *merge, const char *name, const char *opened,
                       const char *now, const char *mine) {
    struct merge_row row = merge_row(merge, index_of(merge, name));
    assert_string_equal(row.opened, opened);
    assert_string_equal(row.now, now);
    assert_string_equal(row.mine, mine);
}

static void assert_side(const struct merge *merge, const char *name, enum merge_side side) {
    struct merge_row row = merge_row(merge, index_of(merge, name));
    assert_true(row.choice);
    assert_int_equal(row.side, side);
}

static void assert_no_choice(const struct merge *merge, const char *name) {
    assert_false(merge_row(merge, index_of(merge, name)).choice);
}

static void choose(struct merge *merge, const char *name, enum merge_side side) {
    merge_choose(merge, index_of(merge, name), side);
}

/* Destroys the change. */
static void assert_body(struct change *change, const char *expected) {
    size_t length;
    assert_non_null(change);
    assert_string_equal(change_body(change, &length), expected);
    change_destroy(change);
}

/* ---- an edit meets another ------------------------------------------------------------------- */

static void test_what_one_side_changed_is_that_side(void **state) {
    (void)state;
    struct bucket opened = role_entry(), wanted = with(opened, FIELD_ENDPOINT, "https://m");
    struct bucket now = with(opened, FIELD_ACCESS_ROLE_EXT, "cccc");
    struct merge *merge = edit_meets(&opened, &wanted, keep_all, &now);
    assert_int_equal(merge_kind(merge), MERGE_CHANGED);
    assert_string_equal(merge_name(merge), "testb3");
    assert_int_equal(merge_count(merge), 2);
    assert_row(merge, "endpoint", "default", "default", "https://m");
    assert_side(merge, "endpoint", MERGE_MINE);
    assert_row(merge, "accessRoleExt", "bbbb", "cccc", "bbbb");
    assert_side(merge, "accessRoleExt", MERGE_THEIRS);
    assert_int_equal(merge_undecided(merge), 2);
    assert_body(merge_chosen(merge), "op=modify&bucketname=testb3&endpoint=https%3A%2F%2Fm");
    assert_body(merge_mine(merge),
                "op=modify&bucketname=testb3&endpoint=https%3A%2F%2Fm&accessRoleExt=bbbb");
    merge_destroy(merge);
}

static void test_what_both_changed_is_undecided(void **state) {
    (void)state;
    struct bucket opened = role_entry(), wanted = with(opened, FIELD_ENDPOINT, "https://m");
    struct bucket now = with(opened, FIELD_ENDPOINT, "https://t");
    struct merge *merge = edit_meets(&opened, &wanted, keep_all, &now);
    assert_int_equal(merge_count(merge), 1);
    assert_row(merge, "endpoint", "default", "https://t", "https://m");
    assert_side(merge, "endpoint", MERGE_UNDECIDED);
    assert_int_equal(merge_undecided(merge), 0);
    choose(merge, "endpoint", MERGE_MINE);
    assert_int_equal(merge_undecided(merge), 1);
    struct change *change = merge_chosen(merge);
    assert_string_equal(change_before(change)->value[FIELD_ENDPOINT], "https://t");
    assert_true(change_still_fits(change, &now));
    assert_false(change_still_fits(change, &opened));
    assert_body(change, "op=modify&bucketname=testb3&endpoint=https%3A%2F%2Fm");
    choose(merge, "endpoint", MERGE_THEIRS);
    change = merge_chosen(merge);
    assert_true(change_is_empty(change));
    change_destroy(change);
    merge_destroy(merge);
}

static void test_the_same_on_both_sides_is_no_choice(void **state) {
    (void)state;
    struct bucket opened = role_entry(), wanted = with(opened, FIELD_ENDPOINT, "https://m");
    struct merge *merge = edit_meets(&opened, &wanted, keep_all, &wanted);
    assert_row(merge, "endpoint", "default", "https://m", "https://m");
    assert_no_choice(merge, "endpoint");
    choose(merge, "endpoint", MERGE_MINE);
    struct change *change = merge_mine(merge);
    assert_true(change_is_empty(change));
    change_destroy(change);
    merge_destroy(merge);
}

static void test_no_cloud_is_aws(void **state) {
    (void)state;
    struct bucket opened = role_entry(), wanted = with(opened, FIELD_ENDPOINT, "https://m");
    struct bucket now = with(with(opened, FIELD_CLOUD, ""), FIELD_ACCESS_ROLE, "cccc");
    struct merge *merge = edit_meets(&opened, &wanted, keep_all, &now);
    assert_int_equal(merge_count(merge), 2);
    assert_body(merge_chosen(merge), "op=modify&bucketname=testb3&endpoint=https%3A%2F%2Fm");
    merge_destroy(merge);
}

/* A field that no request can set, and those that pail doesn't know, are shown alone. */
static void test_what_cannot_be_sent_is_no_choice(void **state) {
    (void)state;
    struct bucket opened = role_entry(), wanted = with(opened, FIELD_ENDPOINT, "https://m");
    struct bucket now = with(opened, FIELD_DDB_TABLE, "snaps");
    opened.extra = "{\"a\": 1, \"owner\": \"me\", \"passwordHint\": \"x\"}";
    wanted.extra = opened.extra;
    now.extra = "{\"owner\": \"you\", \"b\": true, \"a\": 1, \"passwordHint\": \"secret\"}";
    struct merge *merge = edit_meets(&opened, &wanted, keep_all, &now);
    assert_int_equal(merge_count(merge), 5);
    assert_row(merge, "ddbTable", "empty", "snaps", "not sent");
    assert_no_choice(merge, "ddbTable");
    assert_row(merge, "b", "absent", "true", "not sent");
    assert_row(merge, "owner", "me", "you", "not sent");
    assert_row(merge, "passwordHint", "*** (1 bytes)", "*** (6 bytes)", "not sent");
    assert_no_choice(merge, "owner");
    assert_false(merge_is_hidden(merge));
    merge_destroy(merge);
}

static void test_of_many_unknown_fields_some_are_shown(void **state) {
    (void)state;
    struct buffer extra;
    buffer_init(&extra);
    buffer_append_string(&extra, "{\"x\":1");
    for (int i = 0; i < 20000; i++)
        buffer_printf(&extra, ",\"f%05d\":\"%d\"", i, i);
    buffer_append_string(&extra, "}");
    struct bucket opened = role_entry(), wanted = with(opened, FIELD_ENDPOINT, "https://m");
    struct bucket now = opened;
    now.extra = extra.data;
    struct merge *merge = edit_meets(&opened, &wanted, keep_all, &now);
    assert_int_equal(merge_count(merge), 1 + 50 + 1);
    assert_row(merge, "other fields", "", "19951 more differ", "not sent");
    merge_destroy(merge);
    buffer_finish(&extra);
}

static void test_odd_values_say_so(void **state) {
    (void)state;
    struct bucket opened = with(role_entry(), FIELD_ENDPOINT, "1"), now = opened;
    struct bucket wanted = with(opened, FIELD_ACCESS_ROLE, "cccc");
    now.odd = 1U << FIELD_ENDPOINT;
    struct merge *merge = edit_meets(&opened, &wanted, keep_all, &now);
    assert_row(merge, "endpoint", "1", "1 (not sent as text)", "1");
    assert_side(merge, "endpoint", MERGE_THEIRS);
    merge_destroy(merge);
}

static void test_long_values_are_cut(void **state) {
    (void)state;
    char value[3001] = "";
    for (size_t i = 0; i < 1000; i++)
        memcpy(value + 3 * i, "€", 4);
    struct bucket opened = role_entry(), wanted = with(opened, FIELD_ACCESS_ROLE, "cccc");
    struct bucket now = with(opened, FIELD_ENDPOINT, value);
    struct merge *merge = edit_meets(&opened, &wanted, keep_all, &now);
    const char *shown = merge_row(merge, index_of(merge, "endpoint")).now;
    assert_int_equal(strlen(shown), 999 + strlen("... (3000 bytes)"));
    assert_string_equal(shown + 999, "... (3000 bytes)");
    merge_destroy(merge);
}

/* ---- secrets --------------------------------------------------------------------------------- */

static void test_secrets_are_kept_replaced_or_cleared(void **state) {
    (void)state;
    enum secret_choice secrets[FIELD_COUNT] = {SECRET_KEEP};
    struct bucket opened = key_entry(), now = with(opened, FIELD_ENDPOINT, "https://t");
    struct bucket wanted = with(opened, FIELD_SECRET_ACCESS_KEY, "eightbyt");
    struct merge *merge = edit_meets(&opened, &wanted, keep_all, &now);
    assert_int_equal(merge_count(merge), 1); /* kept by mine, not seen to differ */
    merge_destroy(merge);
    secrets[FIELD_SECRET_ACCESS_KEY] = SECRET_REPLACE;
    secrets[FIELD_SHARED_SECRET] = SECRET_CLEAR;
    merge = edit_meets(&opened, &wanted, secrets, &now);
    assert_row(merge, "secretAccessKey", "not shown", "not shown", "replaced: *** (8 bytes)");
    assert_row(merge, "sharedSecret", "not shown", "not shown", "cleared");
    assert_side(merge, "secretAccessKey", MERGE_MINE);
    assert_side(merge, "sharedSecret", MERGE_MINE);
    assert_body(merge_chosen(merge),
                "op=modify&bucketname=testb3&secretAccessKey=eightbyt&sharedSecret=");
    choose(merge, "secretAccessKey", MERGE_THEIRS);
    assert_body(merge_chosen(merge), "op=modify&bucketname=testb3&sharedSecret=");
    merge_destroy(merge);
}

static void test_a_secret_that_the_listing_shows_is_masked(void **state) {
    (void)state;
    struct bucket opened = with(key_entry(), FIELD_SECRET_ACCESS_KEY, "old");
    struct bucket now = with(opened, FIELD_SECRET_ACCESS_KEY, "theirs");
    struct bucket wanted = with(opened, FIELD_ENDPOINT, "https://m");
    struct merge *merge = edit_meets(&opened, &wanted, keep_all, &now);
    assert_row(merge, "secretAccessKey", "*** (3 bytes)", "*** (6 bytes)", "kept: as it is now");
    assert_no_choice(merge, "secretAccessKey");
    assert_body(merge_mine(merge), "op=modify&bucketname=testb3&endpoint=https%3A%2F%2Fm");
    merge_destroy(merge);
}

/* Another key id came with another secret: kept is theirs, whichever id is chosen. */
static void test_a_rotated_key_shows_that_its_secret_stays(void **state) {
    (void)state;
    struct bucket opened = key_entry(), now = with(opened, FIELD_ACCESS_KEY_ID, "tttt");
    struct bucket wanted = with(opened, FIELD_ENDPOINT, "https://m");
    struct merge *merge = edit_meets(&opened, &wanted, keep_all, &now);
    assert_side(merge, "accessKeyId", MERGE_THEIRS);
    assert_row(merge, "secretAccessKey", "not shown", "not shown", "kept: as it is now");
    assert_no_choice(merge, "secretAccessKey");
    merge_destroy(merge);
}

/* Refused by the version alone: then it was a secret, and mine would overwrite it unseen. */
static void test_what_cannot_be_seen_makes_secrets_undecided(void **state) {
    (void)state;
    enum secret_choice secrets[FIELD_COUNT] = {SECRET_KEEP};
    secrets[FIELD_SECRET_ACCESS_KEY] = SECRET_REPLACE;
    struct bucket opened = with(key_entry(), FIELD_ETAG, "3"), now = with(opened, FIELD_ETAG, "4");
    struct bucket wanted = with(with(opened, FIELD_SECRET_ACCESS_KEY, "mine"), FIELD_ENDPOINT, "e");
    struct merge *merge = edit_meets(&opened, &wanted, secrets, &now);
    assert_true(merge_is_hidden(merge));
    assert_side(merge, "secretAccessKey", MERGE_UNDECIDED);
    assert_side(merge, "endpoint", MERGE_MINE);
    assert_row(merge, "etag", "3", "4", "not sent");
    assert_no_choice(merge, "etag");
    merge_destroy(merge);
    now.value[FIELD_CLOUD] = "other"; /* what can be seen is shown, and not its version */
    merge = edit_meets(&opened, &wanted, secrets, &now);
    assert_false(merge_is_hidden(merge));
    assert_side(merge, "secretAccessKey", MERGE_MINE);
    assert_int_equal(merge_count(merge), 3);
    merge_destroy(merge);
}

/* ---- role and key ---------------------------------------------------------------------------- */

static void test_an_undo_stays_one(void **state) {
    (void)state;
    struct bucket opened = role_entry(), wanted = with(opened, FIELD_ENDPOINT, "https://mine");
    struct bucket now = with(opened, FIELD_ACCESS_ROLE_EXT, "theirs");
    struct change *change = change_edit(&opened, &wanted, keep_all);
    change_set_undoes(change, "the-id");
    struct merge *merge = merge_create(change, &now);
    change_destroy(change);
    struct change *changes[] = {merge_mine(merge), merge_chosen(merge)};
    for (int i = 0; i < 2; i++) {
        assert_string_equal(change_undoes(changes[i]), "the-id");
        change_destroy(changes[i]);
    }
    merge_destroy(merge);
}

static void test_a_switch_stays_one(void **state) {
    (void)state;
    enum secret_choice secrets[FIELD_COUNT] = {SECRET_KEEP};
    secrets[FIELD_SECRET_ACCESS_KEY] = SECRET_REPLACE;
    struct bucket opened = role_entry(), now = with(opened, FIELD_ENDPOINT, "https://t");
    struct bucket wanted = with(with(opened, FIELD_ACCESS_ROLE, ""), FIELD_ACCESS_ROLE_EXT, "");
    wanted = with(with(wanted, FIELD_ACCESS_KEY_ID, "iiii"), FIELD_SECRET_ACCESS_KEY, "ssss");
    struct merge *merge = edit_meets(&opened, &wanted, secrets, &now);
    struct change *change = merge_chosen(merge);
    assert_true(change_needs_name_typed(change));
    assert_body(change, "op=add&bucketname=testb3&cloud=aws&endpoint=https%3A%2F%2Ft"
                        "&accessKeyId=iiii&secretAccessKey=ssss&accessRole=&accessRoleExt=");
    merge_destroy(merge);
}

/* ---- replacing ------------------------------------------------------------------------------- */

static void test_an_add_meets_an_entry(void **state) {
    (void)state;
    struct bucket wanted = with(role_entry(), FIELD_ENDPOINT, "https://m");
    struct bucket now = with(with(role_entry(), FIELD_ACCESS_ROLE, "tttt"), FIELD_CLOUD, "minio");
    struct merge *merge = add_meets(&wanted, NULL, &now);
    assert_int_equal(merge_kind(merge), MERGE_EXISTS);
    assert_row(merge, "endpoint", "no such entry", "default", "https://m");
    assert_side(merge, "endpoint", MERGE_MINE);
    assert_side(merge, "accessRole", MERGE_UNDECIDED);
    assert_side(merge, "cloud", MERGE_UNDECIDED);
    assert_no_choice(merge, "accessRoleExt");
    assert_row(merge, "sharedSecret", "no such entry", "not shown", "not given");
    assert_side(merge, "sharedSecret", MERGE_THEIRS);
    struct change *change = merge_mine(merge);
    assert_true(change_needs_name_typed(change));
    assert_true(change_still_fits(change, &now));
    assert_body(change, "op=add&bucketname=testb3&cloud=aws&endpoint=https%3A%2F%2Fm&accessKeyId="
                        "&secretAccessKey=&accessRole=aaaa&accessRoleExt=bbbb");
    choose(merge, "accessRole", MERGE_MINE);
    choose(merge, "cloud", MERGE_THEIRS);
    assert_body(merge_chosen(merge),
                "op=modify&bucketname=testb3&endpoint=https%3A%2F%2Fm&accessRole=aaaa");
    choose(merge, "cloud", MERGE_MINE);
    choose(merge, "sharedSecret", MERGE_MINE);
    change = merge_chosen(merge); /* all of it: the same as mine */
    assert_true(change_needs_name_typed(change));
    change_destroy(change);
    choose(merge, "cloud", MERGE_THEIRS);
    assert_body(merge_chosen(merge), "op=modify&bucketname=testb3&endpoint=https%3A%2F%2Fm"
                                     "&accessRole=aaaa&sharedSecret=");
    merge_destroy(merge);
}

static void test_an_add_that_gives_a_secret_asks_which(void **state) {
    (void)state;
    struct bucket wanted = with(key_entry(), FIELD_SECRET_ACCESS_KEY, "ssss");
    struct bucket now = key_entry();
    struct merge *merge = add_meets(&wanted, NULL, &now);
    assert_row(merge, "secretAccessKey", "no such entry", "not shown", "*** (4 bytes)");
    assert_side(merge, "secretAccessKey", MERGE_UNDECIDED);
    merge_destroy(merge);
}

static void test_a_replacement_meets_another_entry(void **state) {
    (void)state;
    struct bucket existing = role_entry(), wanted = with(existing, FIELD_ENDPOINT, "https://m");
    struct bucket now = with(existing, FIELD_ACCESS_ROLE_EXT, "cccc");
    struct merge *merge = add_meets(&wanted, &existing, &now);
    assert_int_equal(merge_kind(merge), MERGE_CHANGED);
    assert_side(merge, "endpoint", MERGE_MINE);
    assert_side(merge, "accessRoleExt", MERGE_THEIRS);
    struct change *change = merge_mine(merge);
    assert_int_equal(change_op(change), CHANGE_ADD);
    assert_true(change_needs_name_typed(change));
    change_destroy(change);
    merge_destroy(merge);
}

/* ---- gone, deleted --------------------------------------------------------------------------- */

static void test_an_edit_of_what_is_gone_adds_it_anew(void **state) {
    (void)state;
    struct bucket opened = key_entry(), wanted = with(opened, FIELD_ENDPOINT, "https://m");
    struct merge *merge = edit_meets(&opened, &wanted, keep_all, NULL);
    assert_int_equal(merge_kind(merge), MERGE_GONE);
    assert_null(merge_now(merge));
    assert_row(merge, "endpoint", "default", "gone", "https://m");
    assert_row(merge, "accessKeyId", "iiii", "gone", "iiii");
    assert_row(merge, "secretAccessKey", "not shown", "gone", "gone with it: give it again");
    assert_int_equal(merge_undecided(merge), merge_count(merge));
    struct change *change = merge_mine(merge);
    assert_true(change_still_fits(change, NULL));
    assert_false(change_needs_name_typed(change));
    assert_body(change, "op=add&bucketname=testb3&cloud=minio&endpoint=https%3A%2F%2Fm"
                        "&accessKeyId=iiii&secretAccessKey=&accessRole=&accessRoleExt=");
    assert_null(merge_chosen(merge));
    merge_destroy(merge);
}

static void test_a_delete_meets_another_entry(void **state) {
    (void)state;
    struct bucket opened = role_entry(), now = with(opened, FIELD_ACCESS_ROLE_EXT, "cccc");
    struct change *change = change_delete(&opened);
    struct merge *merge = merge_create(change, &now);
    assert_int_equal(merge_kind(merge), MERGE_DELETE);
    assert_int_equal(merge_count(merge), 1);
    assert_row(merge, "accessRoleExt", "bbbb", "cccc", "deleted");
    assert_no_choice(merge, "accessRoleExt");
    struct change *mine = merge_mine(merge);
    assert_true(change_still_fits(mine, &now));
    assert_body(mine, "op=delete&bucketname=testb3");
    assert_null(merge_chosen(merge));
    merge_destroy(merge);
    merge = merge_create(change, NULL);
    assert_int_equal(merge_kind(merge), MERGE_DELETE_OF_GONE);
    assert_null(merge_mine(merge));
    merge_destroy(merge);
    change_destroy(change);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_one_side_changed_is_that_side),
        cmocka_unit_test(test_what_both_changed_is_undecided),
        cmocka_unit_test(test_the_same_on_both_sides_is_no_choice),
        cmocka_unit_test(test_no_cloud_is_aws),
        cmocka_unit_test(test_what_cannot_be_sent_is_no_choice),
        cmocka_unit_test(test_of_many_unknown_fields_some_are_shown),
        cmocka_unit_test(test_odd_values_say_so),
        cmocka_unit_test(test_long_values_are_cut),
        cmocka_unit_test(test_secrets_are_kept_replaced_or_cleared),
        cmocka_unit_test(test_a_secret_that_the_listing_shows_is_masked),
        cmocka_unit_test(test_a_rotated_key_shows_that_its_secret_stays),
        cmocka_unit_test(test_what_cannot_be_seen_makes_secrets_undecided),
        cmocka_unit_test(test_an_undo_stays_one),
        cmocka_unit_test(test_a_switch_stays_one),
        cmocka_unit_test(test_an_add_meets_an_entry),
        cmocka_unit_test(test_an_add_that_gives_a_secret_asks_which),
        cmocka_unit_test(test_a_replacement_meets_another_entry),
        cmocka_unit_test(test_an_edit_of_what_is_gone_adds_it_anew),
        cmocka_unit_test(test_a_delete_meets_another_entry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
