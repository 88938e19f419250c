/* What would undo a change of the journal. */
#include "../../src/session/undo_internal.h"
#include "tests.h"

#include <unistd.h>

#include "pail/base/memory.h"

static const char *const none[FIELD_COUNT] = {NULL};

static struct bucket role_entry(void) {
    struct bucket bucket;
    bucket_init(&bucket);
    bucket.value[FIELD_NAME] = "b";
    bucket.value[FIELD_CLOUD] = "aws";
    bucket.value[FIELD_ACCESS_ROLE] = "arn:aws:iam::111122223333:role/r";
    bucket.value[FIELD_ENDPOINT] = "https://old";
    return bucket;
}

static struct bucket key_entry(const char *cloud) {
    struct bucket bucket;
    bucket_init(&bucket);
    bucket.value[FIELD_NAME] = "b";
    bucket.value[FIELD_CLOUD] = cloud;
    bucket.value[FIELD_ACCESS_KEY_ID] = "KEY";
    bucket.value[FIELD_ENDPOINT] = "https://old";
    return bucket;
}

static struct bucket with(struct bucket bucket, enum bucket_field field, const char *value) {
    bucket.value[field] = value;
    return bucket;
}

/* As the journal has what was applied. */
static struct journal_record record_of(enum change_op op, const struct bucket *before,
                                       const struct bucket *after, unsigned changed) {
    struct journal_record record = {
        .id = "the-id",
        .when_ms = 1772366671250,
        .login = "anna",
        .user = "admin",
        .profile = "p",
        .host = "h",
        .reason = "",
        .undoes = "",
        .run = "",
        .text = "",
        .withheld = "",
        .op = op,
        .bucket = "b",
        .changed = changed,
        .has_before = before != NULL,
        .has_after = after != NULL,
        .state = JOURNAL_APPLIED,
    };
    bucket_init(&record.before);
    bucket_init(&record.after);
    if (before)
        record.before = *before;
    if (after)
        record.after = *after;
    return record;
}

static struct undo *undo_for(const struct journal_record *record, const struct bucket *now) {
    struct error error;
    struct undo *undo = undo_create(record, now, "", &error);
    if (undo == NULL)
        fail_msg("%s", error.text);
    assert_string_equal(undo_name(undo), "b");
    return undo;
}

static void expect_body(const struct change *change, const char *wanted) {
    size_t length;
    assert_string_equal(change_body(change, &length), wanted);
    assert_string_equal(change_undoes(change), "the-id");
}

static bool has_note(const struct change *change, const char *text) {
    for (size_t i = 0; i < change_note_count(change); i++)
        if (strstr(change_note(change, i), text))
            return true;
    return false;
}

static void expect_note(const struct change *change, const char *text) {
    if (!has_note(change, text))
        fail_msg("no note with: %s", text);
}

/* The change without secrets; undo is done with. */
static struct change *change_for(const struct journal_record *record, const struct bucket *now) {
    struct error error;
    struct undo *undo = undo_for(record, now);
    struct change *change = undo_change(undo, none, &error);
    undo_destroy(undo);
    if (change == NULL)
        fail_msg("%s", error.text);
    expect_note(change, "undoes the ");
    expect_note(change, " of 2026-03-01T12:04:31Z by admin");
    return change;
}

static void expect_refusal(const struct journal_record *record, const struct bucket *now,
                           const char *text) {
    struct error error = {""};
    struct undo *undo = undo_create(record, now, "", &error);
    assert_null(undo);
    if (strstr(error.text, text) == NULL)
        fail_msg("%s", error.text);
}

/* ---- the four kinds -------------------------------------------------------------------------- */

static void an_add_is_deleted(void **state) {
    (void)state;
    struct bucket after = role_entry(), moved = with(after, FIELD_ENDPOINT, "https://moved");
    struct journal_record record = record_of(CHANGE_ADD, NULL, &after, 0x7f);
    struct change *change = change_for(&record, &after);
    expect_body(change, "op=delete&bucketname=b");
    assert_false(has_note(change, "somebody"));
    change_destroy(change);
    change = change_for(&record, &moved);
    expect_note(change, "somebody has changed this since, and it goes too: endpoint");
    assert_true(change_still_fits(change, &moved)); /* made against what is there */
    change_destroy(change);
    expect_refusal(&record, NULL, "the entry is gone: there is nothing to delete");
}

static void a_modify_is_set_back(void **state) {
    (void)state;
    struct bucket before = role_entry(), after = with(before, FIELD_ENDPOINT, "https://new");
    struct bucket other = with(after, FIELD_ACCESS_ROLE_EXT, "theirs");
    struct journal_record record = record_of(CHANGE_MODIFY, &before, &after, 1U << FIELD_ENDPOINT);
    struct change *change = change_for(&record, &other); /* what isn't concerned stays theirs */
    expect_body(change, "op=modify&bucketname=b&endpoint=https%3A%2F%2Fold");
    assert_false(has_note(change, "somebody"));
    change_destroy(change);
    struct bucket moved = with(after, FIELD_ENDPOINT, "https://moved");
    change = change_for(&record, &moved);
    expect_note(change, "somebody has changed this since, and it goes too: endpoint");
    change_destroy(change);
    expect_refusal(&record, NULL, "the entry is gone: there is nothing to set back");
    struct error error = {""};
    struct undo *undo = undo_for(&record, &before);
    assert_null(undo_change(undo, none, &error));
    assert_non_null(strstr(error.text, "undo of modify b: nothing differs"));
    undo_destroy(undo);
}

static void a_delete_is_added(void **state) {
    (void)state;
    struct bucket before = role_entry(), other = key_entry("aws");
    before.value[FIELD_DDB_TABLE] = "t";
    before.value[FIELD_ETAG] = "7";
    before.extra = "{\"region\":\"eu\"}";
    struct journal_record record = record_of(CHANGE_DELETE, &before, NULL, 0);
    struct undo *undo = undo_for(&record, NULL);
    assert_int_equal(undo_secrets(undo), 0);
    assert_false(undo_edits(undo));
    assert_null(undo_now(undo));
    undo_destroy(undo);
    struct change *change = change_for(&record, NULL);
    expect_body(change, "op=add&bucketname=b&cloud=aws&endpoint=https%3A%2F%2Fold&accessKeyId=&"
                        "secretAccessKey=&accessRole=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fr&"
                        "accessRoleExt=");
    expect_note(change, "does not come back, since a request can't set it: ddbTable, region");
    change_destroy(change);
    change = change_for(&record, &other);
    expect_note(change, "somebody has added an entry of this name since: this replaces it");
    assert_true(change_needs_name_typed(change));
    assert_true(change_still_fits(change, &other));
    change_destroy(change);
}

static void a_replacement_is_replaced(void **state) {
    (void)state;
    struct bucket before = role_entry(), after = key_entry("aws");
    struct journal_record record = record_of(CHANGE_ADD, &before, &after, 0x3c);
    struct change *change = change_for(&record, &after);
    assert_int_equal(change_op(change), CHANGE_ADD);
    assert_string_equal(change_wanted(change)->value[FIELD_ACCESS_ROLE],
                        before.value[FIELD_ACCESS_ROLE]);
    assert_string_equal(change_wanted(change)->value[FIELD_ACCESS_KEY_ID], "");
    assert_true(change_still_fits(change, &after));
    change_destroy(change);
    change = change_for(&record, NULL);
    expect_note(change, "the entry that it left is gone: this adds one anew");
    assert_null(change_before(change));
    change_destroy(change);
}

/* ---- secrets --------------------------------------------------------------------------------- */

static void secrets_are_asked_for(void **state) {
    (void)state;
    const unsigned key = 1U << FIELD_SECRET_ACCESS_KEY, shared = 1U << FIELD_SHARED_SECRET;
    struct bucket minio = key_entry("minio"), aws = key_entry("aws"), role = role_entry();
    struct {
        struct journal_record record;
        const struct bucket *now;
        unsigned secrets;
    } cases[] = {
        {record_of(CHANGE_DELETE, &minio, NULL, 0), NULL, key | shared},
        {record_of(CHANGE_DELETE, &aws, NULL, 0), NULL, key},
        {record_of(CHANGE_DELETE, &role, NULL, 0), NULL, 0},
        {record_of(CHANGE_ADD, &aws, &role, 0x7f), &role, key},
        {record_of(CHANGE_ADD, NULL, &aws, 0x7f), &aws, 0},
        {record_of(CHANGE_MODIFY, &aws, &aws, key), &aws, key},
        {record_of(CHANGE_MODIFY, &aws, &aws, 1U << FIELD_ENDPOINT), &aws, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct undo *undo = undo_for(&cases[i].record, cases[i].now);
        assert_int_equal(undo_secrets(undo), cases[i].secrets);
        undo_destroy(undo);
    }
    cases[2].record.withheld = "apiToken, secretAccessKey"; /* the listing showed that it has one */
    struct undo *undo = undo_for(&cases[2].record, NULL);
    assert_int_equal(undo_secrets(undo), key);
    undo_destroy(undo);
}

static void what_it_may_have_had_is_said_so(void **state) {
    (void)state;
    struct bucket before = key_entry("minio");
    struct journal_record record = record_of(CHANGE_DELETE, &before, NULL, 0);
    struct change *change = change_for(&record, NULL);
    expect_note(change, "the secretAccessKey that the entry had is not recorded, and isn't given");
    expect_note(change, "the sharedSecret that the entry may have had is not recorded");
    change_destroy(change);
    record.withheld = "secretAccessKey, sharedSecret";
    change = change_for(&record, NULL);
    expect_note(change, "the sharedSecret that the entry had is not recorded");
    change_destroy(change);
}

static void given_secrets_are_sent(void **state) {
    (void)state;
    const char *secrets[FIELD_COUNT] = {NULL};
    struct error error;
    struct bucket before = key_entry("aws"), after = with(before, FIELD_ENDPOINT, "https://new");
    struct journal_record record = record_of(CHANGE_MODIFY, &before, &after,
                                             1U << FIELD_ENDPOINT | 1U << FIELD_SECRET_ACCESS_KEY);
    struct change *change = change_for(&record, &after);
    expect_body(change, "op=modify&bucketname=b&endpoint=https%3A%2F%2Fold");
    expect_note(change, "the secretAccessKey that the entry had is not recorded, and isn't given: "
                        "the present one stays");
    change_destroy(change);
    secrets[FIELD_SECRET_ACCESS_KEY] = "old";
    struct undo *undo = undo_for(&record, &after);
    change = undo_change(undo, secrets, &error);
    undo_destroy(undo);
    expect_body(change, "op=modify&bucketname=b&endpoint=https%3A%2F%2Fold&secretAccessKey=old");
    assert_false(has_note(change, "isn't given"));
    change_destroy(change);
    record = record_of(CHANGE_DELETE, &before, NULL, 0);
    change = change_for(&record, NULL);
    expect_note(change, "it does not come back");
    change_destroy(change);
}

static void a_secret_alone_must_be_given(void **state) {
    (void)state;
    const char *secrets[FIELD_COUNT] = {NULL};
    struct error error;
    struct bucket entry = key_entry("aws");
    struct journal_record record =
        record_of(CHANGE_MODIFY, &entry, &entry, 1U << FIELD_SECRET_ACCESS_KEY);
    struct undo *undo = undo_for(&record, &entry);
    assert_null(undo_change(undo, none, &error));
    assert_non_null(strstr(error.text, "the secret that it changed isn't given"));
    secrets[FIELD_SECRET_ACCESS_KEY] = "old";
    struct change *change = undo_change(undo, secrets, &error);
    expect_body(change, "op=modify&bucketname=b&secretAccessKey=old");
    change_destroy(change);
    undo_destroy(undo);
}

/* ---- odd things ------------------------------------------------------------------------------ */

static void what_was_no_text_stays_away(void **state) {
    (void)state;
    struct bucket before = role_entry(), after = with(before, FIELD_ENDPOINT, "https://new");
    before.value[FIELD_ENDPOINT] = "9000";
    before.odd = 1U << FIELD_ENDPOINT;
    after.value[FIELD_ACCESS_ROLE_EXT] = "x";
    struct journal_record record = record_of(CHANGE_MODIFY, &before, &after,
                                             1U << FIELD_ENDPOINT | 1U << FIELD_ACCESS_ROLE_EXT);
    struct change *change = change_for(&record, &after);
    expect_body(change, "op=modify&bucketname=b&accessRoleExt=");
    expect_note(change, "does not come back, since a request can't set it: endpoint");
    change_destroy(change);
}

static void a_later_unsettled_change_is_told(void **state) {
    (void)state;
    struct error error;
    struct bucket after = role_entry();
    struct journal_record record = record_of(CHANGE_ADD, NULL, &after, 0);
    struct undo *undo = undo_create(&record, &after, "modify other", &error);
    struct change *change = undo_change(undo, none, &error);
    expect_note(change, "a later change isn't settled yet: modify other");
    change_destroy(change);
    undo_destroy(undo);
}

static void an_empty_cloud_is_aws(void **state) {
    (void)state;
    struct bucket after = role_entry(), now = with(after, FIELD_CLOUD, "");
    struct journal_record record = record_of(CHANGE_ADD, NULL, &after, 0);
    struct change *change = change_for(&record, &now);
    assert_false(has_note(change, "somebody"));
    change_destroy(change);
}

static void without_values_before_nothing_is_made_up(void **state) {
    (void)state;
    struct journal_record record = record_of(CHANGE_DELETE, NULL, NULL, 0);
    expect_refusal(&record, NULL, "the journal doesn't have the values before");
    undo_destroy(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_add_is_deleted),
        cmocka_unit_test(a_modify_is_set_back),
        cmocka_unit_test(a_delete_is_added),
        cmocka_unit_test(a_replacement_is_replaced),
        cmocka_unit_test(secrets_are_asked_for),
        cmocka_unit_test(what_it_may_have_had_is_said_so),
        cmocka_unit_test(given_secrets_are_sent),
        cmocka_unit_test(a_secret_alone_must_be_given),
        cmocka_unit_test(what_was_no_text_stays_away),
        cmocka_unit_test(a_later_unsettled_change_is_told),
        cmocka_unit_test(an_empty_cloud_is_aws),
        cmocka_unit_test(without_values_before_nothing_is_made_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
