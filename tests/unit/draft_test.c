#include "tests.h"

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pail/base/memory.h"
#include "pail/session/draft.h"

/* ---- a state folder of our own --------------------------------------------------------------- */

static char folder[] = "/tmp/pail-draft-XXXXXX";
static char file[64];

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *ftw) {
    (void)info, (void)type, (void)ftw;
    return remove(path);
}

static int set_up(void **state) {
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/pail-draft-XXXXXX");
    assert_non_null(mkdtemp(folder));
    assert_int_equal(setenv("XDG_STATE_HOME", folder, 1), 0);
    snprintf(file, sizeof file, "%s/pail/draft.json", folder);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* What is in it; "" if it isn't there. Good until the next call. */
static const char *content(void) {
    static char text[65536];
    FILE *stream = fopen(file, "re");
    size_t got = stream ? fread(text, 1, sizeof text - 1, stream) : 0;
    text[got] = '\0';
    if (stream)
        fclose(stream);
    return text;
}

static void write_file(const char *text, mode_t mode) {
    char pail[64];
    snprintf(pail, sizeof pail, "%s/pail", folder);
    mkdir(pail, 0700);
    FILE *stream = fopen(file, "we");
    assert_non_null(stream);
    fputs(text, stream);
    fclose(stream);
    assert_int_equal(chmod(file, mode), 0);
}

/* ---- drafts ---------------------------------------------------------------------------------- */

static void fill_edit(struct draft *draft) {
    draft_init(draft);
    draft->profile = "prod";
    draft->host = "api.example";
    draft->op = CHANGE_MODIFY;
    draft->opened.value[FIELD_NAME] = draft->typed.value[FIELD_NAME] = "testb3";
    draft->opened.value[FIELD_ENDPOINT] = "https://o.example";
    draft->opened.value[FIELD_SECRET_ACCESS_KEY] = "not-to-be-kept";
    draft->opened.value[FIELD_ETAG] = "3";
    draft->opened.extra = "{\"owner\":\"me\",\"apiToken\":\"not-to-be-kept\",\"n\":1.5}";
    draft->typed.present = 1U << FIELD_ENDPOINT;
    draft->typed.value[FIELD_SHARED_SECRET] = "not-to-be-kept";
    draft->typed.value[FIELD_ACCESS_ROLE] = "r\xc3\xb6le \xff";
    draft->access = ACCESS_BOTH;
    draft->again = 1U << FIELD_SECRET_ACCESS_KEY;
    draft->clear = 1U << FIELD_SHARED_SECRET;
    draft->sent = true;
}

static const char *many[] = {"edge",
                             "m\xc3\xb6"
                             "dels",
                             "zebra"};

static void fill_bulk(struct draft *draft) {
    draft_init(draft);
    draft->profile = "prod";
    draft->host = "api.example";
    draft->kind = BULK_KEY;
    draft->value = "AKIANEW";
    draft->names = many;
    draft->count = 3;
    draft->again = 1U << FIELD_SECRET_ACCESS_KEY;
    draft->sent = true;
}

static void keep(struct draft *draft) {
    struct error error = {""};
    if (!draft_keep(draft, &error))
        fail_msg("%s", error.text);
}

static bool find(const char *profile, const char *host, struct draft *draft) {
    struct error error = {""};
    bool found = draft_find(profile, host, draft, &error);
    assert_string_equal(error.text, "");
    return found;
}

static void test_a_draft_comes_back(void **state) {
    (void)state;
    struct draft draft, found;
    fill_edit(&draft);
    keep(&draft);
    assert_true(find("prod", "api.example", &found));
    assert_string_equal(found.id, draft.id);
    assert_int_equal(found.when, draft.when);
    assert_string_equal(found.profile, "prod");
    assert_string_equal(found.host, "api.example");
    assert_int_equal(found.op, CHANGE_MODIFY);
    assert_string_equal(found.opened.value[FIELD_ENDPOINT], "https://o.example");
    assert_string_equal(found.opened.value[FIELD_ETAG], "3");
    assert_string_equal(found.typed.value[FIELD_ENDPOINT], "");
    assert_string_equal(found.typed.value[FIELD_ACCESS_ROLE], "r\xc3\xb6le ?");
    assert_int_equal(found.access, ACCESS_BOTH);
    assert_int_equal(found.again, 1U << FIELD_SECRET_ACCESS_KEY);
    assert_int_equal(found.clear, 1U << FIELD_SHARED_SECRET);
    assert_true(found.sent);
    draft_finish(&found);
    draft_finish(&draft);
}

static void test_a_form_of_many_comes_back(void **state) {
    (void)state;
    struct draft draft, found;
    fill_bulk(&draft);
    keep(&draft);
    assert_true(find("prod", "api.example", &found));
    assert_string_equal(found.id, draft.id);
    assert_int_equal(found.kind, BULK_KEY);
    assert_string_equal(found.value, "AKIANEW");
    assert_int_equal(found.count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(found.names[i], many[i]);
    assert_int_equal(found.again, 1U << FIELD_SECRET_ACCESS_KEY);
    assert_true(found.sent);
    draft_finish(&found);
    draft_finish(&draft);
}

static void test_no_secret_is_in_it(void **state) {
    (void)state;
    struct draft draft, found;
    struct stat info;
    fill_edit(&draft);
    keep(&draft);
    assert_null(strstr(content(), "not-to-be-kept"));
    assert_non_null(strstr(content(), "secretAccessKey")); /* to be given again */
    assert_int_equal(stat(file, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_true(find("prod", "api.example", &found));
    assert_string_equal(found.opened.value[FIELD_SECRET_ACCESS_KEY], "");
    assert_string_equal(found.opened.extra, "{\"owner\":\"me\",\"n\":1.5}");
    draft_finish(&found);
    draft_finish(&draft);
}

static void test_each_profile_and_host_has_its_own(void **state) {
    (void)state;
    struct draft draft, found;
    fill_edit(&draft);
    keep(&draft);
    assert_false(find("prod", "other.example", &found));
    assert_false(find("test", "api.example", &found));
    draft_finish(&draft);
}

static void test_the_newest_is_found_and_others_stay(void **state) {
    (void)state;
    struct draft first, second, found;
    fill_edit(&first);
    keep(&first);
    fill_edit(&second);
    second.typed.value[FIELD_ENDPOINT] = "https://second";
    keep(&second);
    assert_string_not_equal(first.id, second.id);
    assert_true(find("prod", "api.example", &found));
    assert_string_equal(found.id, second.id);
    found.typed.value[FIELD_ENDPOINT] = "https://third"; /* kept again: in its own place */
    keep(&found);
    draft_finish(&found);
    assert_null(strstr(content(), "https://second"));
    assert_true(draft_drop(second.id, NULL));
    assert_true(find("prod", "api.example", &found));
    assert_string_equal(found.id, first.id);
    draft_finish(&found);
    assert_true(draft_drop(first.id, NULL));
    assert_int_equal(access(file, F_OK), -1);
    assert_true(draft_drop(first.id, NULL));
    draft_finish(&first);
    draft_finish(&second);
}

static void test_twenty_are_kept(void **state) {
    (void)state;
    struct draft draft, found;
    int count = 0;
    for (int i = 0; i < 25; i++) {
        fill_edit(&draft);
        keep(&draft);
        draft_finish(&draft);
    }
    while (count < 30 && find("prod", "api.example", &found)) {
        assert_true(draft_drop(found.id, NULL));
        draft_finish(&found);
        count++;
    }
    assert_int_equal(count, 20);
}

static void test_what_is_kept_can_be_read(void **state) {
    (void)state;
    struct draft draft, found;
    struct buffer extra;
    buffer_init(&extra);
    buffer_append_string(&extra, "{\"x\":\"");
    while (extra.length < 1000000) /* an entry may have 1 MiB; as ASCII this takes twice as much */
        buffer_append_string(&extra, "\xe2\x82\xac");
    buffer_append_string(&extra, "\"}");
    for (int i = 0; i < 3; i++) {
        fill_edit(&draft);
        draft.opened.extra = extra.data;
        keep(&draft);
        assert_true(find("prod", "api.example", &found));
        assert_string_equal(found.id, draft.id);
        assert_string_equal(found.opened.extra, extra.data);
        draft_finish(&found);
        draft_finish(&draft);
    }
    buffer_finish(&extra);
}

/* Ten thousand names of 63 letters, as many as are changed at a time, go in; what could not be read
 * again is refused, and nothing gives way to it. */
static void test_many_names_are_kept_or_refused(void **state) {
    (void)state;
    enum { MOST = 10000, TOO_MANY = 60000 };
    struct draft first, draft, found;
    struct error error = {""};
    const char **names = memory_new(TOO_MANY, sizeof *names);
    char(*room)[64] = memory_new(TOO_MANY, sizeof *room);
    for (int i = 0; i < TOO_MANY; i++) {
        snprintf(room[i], sizeof room[i], "%063d", i);
        names[i] = room[i];
    }
    fill_edit(&first);
    keep(&first);
    fill_bulk(&draft);
    draft.names = names;
    draft.count = MOST;
    keep(&draft);
    assert_true(find("prod", "api.example", &found));
    assert_int_equal(found.count, MOST);
    assert_string_equal(found.names[MOST - 1], room[MOST - 1]);
    draft_finish(&found);
    assert_true(draft_drop(draft.id, NULL));
    draft.count = TOO_MANY;
    assert_false(draft_keep(&draft, &error));
    assert_non_null(strstr(error.text, "more than 4 MiB"));
    assert_true(find("prod", "api.example", &found));
    assert_string_equal(found.id, first.id);
    draft_finish(&found);
    draft_finish(&draft);
    draft_finish(&first);
    free(names);
    free(room);
}

static void expect_refusal(const char *why) {
    struct draft found;
    struct error error = {""};
    assert_false(draft_find("prod", "api.example", &found, &error));
    assert_non_null(strstr(error.text, why));
}

static void test_what_is_no_draft_is_refused_and_put_aside(void **state) {
    (void)state;
    struct draft draft;
    char aside[80];
    snprintf(aside, sizeof aside, "%s.bad", file);
    static const char *const bad[] = {"", "{", "[]", "{\"format\": 2, \"drafts\": []}",
                                      "{\"format\": 1, \"drafts\": {}}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        write_file(bad[i], 0600);
        expect_refusal("can't be read as drafts");
    }
    fill_edit(&draft);
    keep(&draft);
    assert_int_equal(access(aside, F_OK), 0);
    draft_finish(&draft);
}

/* One that isn't understood costs no other one. */
static void test_strange_drafts_are_passed_over(void **state) {
    (void)state;
    struct draft found;
    write_file("{\"format\": 1, \"drafts\": ["
               "{\"id\": \"good\", \"when\": \"2026-03-01T12:04:31Z\", \"profile\": \"prod\","
               " \"host\": \"api.example\", \"op\": \"add\", \"typed\": {\"bucketname\": \"b\"}},"
               "{\"id\": \"a\", \"when\": \"2026-03-01T12:04:31Z\", \"profile\": \"prod\","
               " \"host\": \"api.example\", \"op\": \"delete\", \"typed\": {}},"
               "{\"id\": \"a\", \"when\": \"2026-03-01T12:04:31Z\", \"profile\": \"prod\","
               " \"host\": \"api.example\", \"op\": \"modify\", \"typed\": {}},"
               "{\"id\": \"a\", \"when\": \"x\", \"profile\": \"prod\", \"host\": \"api.example\","
               " \"op\": \"add\", \"typed\": {}},"
               "{\"id\": \"0123456789012345678901234567890123456789\", \"profile\": \"prod\","
               " \"when\": \"2026-03-01T12:04:31Z\", \"host\": \"api.example\", \"op\": \"add\","
               " \"typed\": {}}, 7, null, {\"profile\": \"prod\", \"host\": \"api.example\"}]}",
               0600);
    assert_true(find("prod", "api.example", &found));
    assert_string_equal(found.id, "good");
    assert_int_equal(found.access, ACCESS_ROLE);
    draft_finish(&found);
}

static void test_strange_forms_of_many_are_passed_over(void **state) {
    (void)state;
    static const char *const cases[] = {
        "\"kind\": \"endpoint\", \"value\": \"x\", \"names\": [\"a\"]", /* the only good one */
        "\"kind\": \"endpoint\", \"value\": \"x\"",
        "\"kind\": \"endpoint\", \"value\": \"x\", \"names\": []",
        "\"kind\": \"endpoint\", \"value\": \"x\", \"names\": [\"a\", 7]",
        "\"kind\": \"endpoint\", \"value\": \"x\", \"names\": \"a\"",
        /* Nothing is typed for these. */
        "\"kind\": \"delete\", \"value\": \"\", \"names\": [\"a\"]",
        "\"kind\": \"cloud\", \"value\": \"aws\", \"names\": [\"a\"]",
        "\"kind\": \"rename\", \"value\": \"x\", \"names\": [\"a\"]",
        "\"value\": \"x\", \"names\": [\"a\"]",
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[512];
        snprintf(text, sizeof text,
                 "{\"format\": 1, \"drafts\": [{\"id\": \"a\", \"when\": \"2026-03-01T12:04:31Z\","
                 " \"profile\": \"prod\", \"host\": \"api.example\", \"op\": \"bulk\", %s}]}",
                 cases[i]);
        struct draft found;
        write_file(text, 0600);
        assert_true(find("prod", "api.example", &found) == (i == 0));
        if (i == 0)
            draft_finish(&found);
    }
}

static void test_loose_files_are_refused(void **state) {
    (void)state;
    char pail[64], other[64];
    struct draft draft;
    fill_edit(&draft);
    keep(&draft);
    assert_int_equal(chmod(file, 0644), 0);
    expect_refusal("chmod 600");
    assert_int_equal(chmod(file, 0600), 0);
    snprintf(pail, sizeof pail, "%s/pail", folder);
    assert_int_equal(chmod(pail, 0770), 0);
    expect_refusal("chmod 700");
    assert_int_equal(chmod(pail, 0700), 0);
    snprintf(other, sizeof other, "%s/other", folder);
    assert_int_equal(rename(file, other), 0);
    assert_int_equal(symlink(other, file), 0);
    expect_refusal("draft.json");
    keep(&draft); /* in its own place, not through the link */
    assert_int_equal(access(other, F_OK), 0);
    draft_finish(&draft);
}

static void test_no_place_is_an_error(void **state) {
    (void)state;
    struct draft draft;
    struct error error = {""};
    fill_edit(&draft);
    write_file("", 0600);
    assert_int_equal(setenv("XDG_STATE_HOME", file, 1), 0); /* no folder */
    assert_false(draft_keep(&draft, &error));
    assert_string_not_equal(error.text, "");
    draft_finish(&draft);
}

/* ---- going on with it ------------------------------------------------------------------------ */

static void test_completing_takes_what_could_not_be_kept(void **state) {
    (void)state;
    struct draft draft, found;
    fill_edit(&draft);
    struct bucket now = draft.opened;
    keep(&draft);
    assert_true(find("prod", "api.example", &found));
    struct change *change = change_delete(&found.opened);
    assert_false(change_still_fits(change, &now));
    change_destroy(change);
    struct bucket opened = found.opened;
    draft_complete(&opened, &now);
    change = change_delete(&opened);
    assert_true(change_still_fits(change, &now));
    change_destroy(change);
    now.extra = "{\"owner\":\"you\",\"apiToken\":\"x\",\"n\":1.5}";
    opened = found.opened;
    draft_complete(&opened, &now);
    change = change_delete(&opened);
    assert_false(change_still_fits(change, &now)); /* it was changed: a conflict */
    change_destroy(change);
    draft_finish(&found);
    draft_finish(&draft);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_a_draft_comes_back),
        TEST(test_a_form_of_many_comes_back),
        TEST(test_no_secret_is_in_it),
        TEST(test_each_profile_and_host_has_its_own),
        TEST(test_the_newest_is_found_and_others_stay),
        TEST(test_twenty_are_kept),
        TEST(test_what_is_kept_can_be_read),
        TEST(test_many_names_are_kept_or_refused),
        TEST(test_what_is_no_draft_is_refused_and_put_aside),
        TEST(test_strange_drafts_are_passed_over),
        TEST(test_strange_forms_of_many_are_passed_over),
        TEST(test_loose_files_are_refused),
        TEST(test_no_place_is_an_error),
        TEST(test_completing_takes_what_could_not_be_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
