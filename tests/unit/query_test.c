#include "tests.h"

#include "pail/buckets/query.h"

static bool matches(const char *text, const struct bucket *bucket) {
    struct query *query = query_create(text);
    bool match = query_matches(query, bucket);
    query_destroy(query);
    return match;
}

static bool narrows(const char *narrow, const char *wide) {
    struct query *a = query_create(narrow), *b = query_create(wide);
    bool narrower = query_narrows(a, b);
    query_destroy(a);
    query_destroy(b);
    return narrower;
}

static struct bucket sample(void) {
    struct bucket bucket;
    bucket_init(&bucket);
    bucket.value[FIELD_NAME] = "Media-Prod";
    bucket.value[FIELD_CLOUD] = "minio";
    bucket.value[FIELD_ENDPOINT] = "https://minio.example.net:9000";
    bucket.value[FIELD_ACCESS_KEY_ID] = "AKIA42";
    bucket.value[FIELD_SECRET_ACCESS_KEY] = "hunter2";
    bucket.value[FIELD_SHARED_SECRET] = "swordfish";
    bucket.extra = "{\"region\":\"eu-1\",\"apiToken\":\"moonlight\",\"n\":{\"a\":[17,{\"password\":"
                   "{\"deep\":[\"starlight\",\"x\"]},\"after\":\"sun\\\"set\"}]},\"last\":null}";
    return bucket;
}

static void check(const struct bucket *bucket, const char *const texts[], size_t count,
                  bool match) {
    for (size_t i = 0; i < count; i++)
        if (matches(texts[i], bucket) != match)
            fail_msg("\"%s\" %s", texts[i], match ? "doesn't match" : "matches");
}
#define assert_all(bucket, match, ...)                                 \
    do {                                                               \
        static const char *const texts[] = {__VA_ARGS__};              \
        check((bucket), texts, sizeof texts / sizeof *texts, (match)); \
    } while (0)

static void words_match_anywhere(void **state) {
    (void)state;
    struct bucket bucket = sample();
    assert_all(&bucket, true, "", "  ", "media", "MEDIA", "a-p", "media minio", "minio  media ",
               "key", "akia42", "example.net:9000", "https://minio", "-", "eu-1", "region", "17",
               "SUN", "after", "null", "net:9000 42 prod");
    assert_all(&bucket, false, "nothing", "media nothing", "mediaa", "arn:aws", "yes", "role", "{",
               "Media-Prod2", "a:b", "::", ":h");
}

static void fields_limit_a_word(void **state) {
    (void)state;
    struct bucket bucket = sample();
    assert_all(&bucket, true, "name:media", "bucketname:PROD", "BucketName:prod", "cloud:minio",
               "access:key", "endpoint:https://", "identity:akia", "accesskeyid:4",
               "accessRole:", "identity:akia cloud:min", "ddbTable:", "snap:", "snap:-");
    assert_all(&bucket, false, "name:minio", "cloud:", "cloud:aws", "access:", "access:role",
               "name:", "endpoint:", "endpoint:default", "accessRole:a", "identity:", "snap:yes");
    bucket_init(&bucket);
    bucket.value[FIELD_DDB_TABLE] = "t";
    assert_all(&bucket, true, "endpoint:default", "default", "endpoint:", "access:none",
               "access:", "snap:yes", "yes", "cloud:", "name:", "ddbTable:t");
    assert_all(&bucket, false, "snap:", "snap:t", "ddbTable:", "ddbTable:yes");
}

static void a_version_is_found_by_its_name_alone(void **state) {
    (void)state;
    struct bucket bucket = sample();
    assert_all(&bucket, true, "etag:", "!etag:4");
    bucket.value[FIELD_ETAG] = "4711";
    assert_all(&bucket, true, "etag:4711", "ETag:71", "!etag:", "!4711");
    assert_all(&bucket, false, "4711", "etag:4712", "etag:");
}

static void an_exclamation_mark_negates(void **state) {
    (void)state;
    struct bucket bucket = sample();
    assert_all(&bucket, true, "!", "! !", "!nothing", "!cloud:aws", "!cloud:", "media !aws",
               "!!media", "!arn:aws");
    assert_all(&bucket, false, "!media", "!cloud:minio", "media !minio", "!accessRole:", "!-");
}

static void check_misnamed(const char *text, const char *wanted) {
    struct query *query = query_create(text);
    size_t length = 0;
    const char *word = query_misnamed(query, &length);
    if ((word == NULL) != (wanted == NULL) ||
        (word && (length != strlen(wanted) || memcmp(word, wanted, length) != 0)))
        fail_msg("\"%s\": %.*s", text, (int)length, word ? word : "none");
    query_destroy(query);
}

static void a_mistyped_field_is_told(void **state) {
    (void)state;
    static const char *const fine[] = {"",
                                       "aws",
                                       "cloud:aws !snap:yes",
                                       "!endpoint:",
                                       "accessROLE:x",
                                       "arn:aws:iam",
                                       "!ARN:aws",
                                       "arn:",
                                       "https://host:9000",
                                       "!s3://b",
                                       "host:9000",
                                       "a.b:c",
                                       "k-9:x",
                                       ":x",
                                       "::",
                                       "!:x",
                                       "[a:b",
                                       "cloud:clowd:aws",
                                       "\xc3\xa9t\xc3\xa9:x"};
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++)
        check_misnamed(fine[i], NULL);
    check_misnamed("!clowd:aws", "clowd");
    check_misnamed("cloud:aws  Nmae:x endpont:y", "nmae");
    check_misnamed("clou:", "clou");
    check_misnamed("!endpont:", "endpont");
    check_misnamed("host:9000a", "host");
    check_misnamed("host:/x", "host");
    check_misnamed("arnold:x", "arnold");
    check_misnamed("clouds:aws", "clouds");
}

static void no_query_finds_a_secret(void **state) {
    (void)state;
    struct bucket bucket = sample();
    assert_all(&bucket, false, "hunter", "swordfish", "moonlight", "starlight", "deep", "hu",
               "secretAccessKey:hunter2", "secretAccessKey:h", "sharedSecret:s", "light",
               "sharedsecret:swordfish");
    assert_all(&bucket, true, "!hunter2", "!secretAccessKey:hunter2", "apiToken", "password");
    bucket.extra = "{\"se\\u0063ret\":\"moonlight\"}";
    assert_all(&bucket, false, "moonlight");
    bucket.extra = "{ \"secret\" : \"moonlight\" , \"a\" : 1 }";
    assert_all(&bucket, false, "moonlight");
    bucket.odd = 1U << FIELD_ACCESS_ROLE | 1U << FIELD_SHARED_SECRET;
    bucket.value[FIELD_ACCESS_ROLE] = "{\"token\":\"moonlight\",\"b\":\"day\"}";
    bucket.value[FIELD_SHARED_SECRET] = "{\"b\":\"night\"}";
    assert_all(&bucket, false, "moonlight", "accessRole:moon", "identity:moon", "night");
    assert_all(&bucket, true, "day", "accessRole:day", "identity:day");
}

static void an_unreadable_entry_is_found_by_its_text(void **state) {
    (void)state;
    struct bucket bucket;
    bucket_init(&bucket);
    bucket.unreadable = true;
    bucket.extra = "{\"secretAccessKey\":\"hunter2\",\"cloud\":\"azure\"}";
    assert_all(&bucket, true, "", "unreadable", "name:(un", "!aws", "azure");
    assert_all(&bucket, false, "hunter", "{", "default", "none", "cloud:azure");
}

static void damaged_json_does_no_harm(void **state) {
    (void)state;
    static const char json[] = "{\"secret\":{\"a\":[\"b\\\"\",1]},\"c\":\"\\\\\",\"token\":\"x";
    struct bucket bucket;
    bucket_init(&bucket);
    for (size_t length = 0; length < sizeof json; length++) {
        char *cut = malloc(length + 1);
        memcpy(cut, json, length);
        cut[length] = '\0';
        bucket.extra = cut;
        matches("zzz", &bucket);
        assert_false(matches("b", &bucket));
        free(cut);
    }
}

static void longer_words_narrow(void **state) {
    (void)state;
    static const char *const yes[][2] = {
        {"", ""},
        {"a", ""},
        {"ab", "a"},
        {"ba", "a"},
        {"a b", "a"},
        {"a b", "b a"},
        {"AB", "b"},
        {"cloud:aws", "cloud:a"},
        {"cloud:aws", "a"},
        {"cloud:", "cloud:"},
        {"!a", "!ab"},
        {"!a", "!cloud:a"},
        {"!a", "!"},
        {"a !b", "a"},
        {"cloud:a b", "cloud:a"},
        {"etag:12", "etag:1"},
        {"!cloud:", "!cloud:"},
        {"clouds:a", "clouds"},
    };
    static const char *const no[][2] = {
        {"", "a"},
        {"a", "ab"},
        {"a", "cloud:a"},
        {"cloud:", "cloud"},
        {"cloud:a", "cloud:"},
        {"cloud:", "cloud:a"},
        {"cloud:a", "name:a"},
        {"!ab", "!a"},
        {"!a", "a"},
        {"a", "!a"},
        {"!cloud:a", "!a"},
        {"a", "a b"},
        {"cloud:aws", "cloud"},
        {"!cloud:a", "!cloud:"},
        {"endpoint:a", "identity:a"},
        {"etag:1", "1"},
        {"!1", "!etag:1"},
    };
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        if (!narrows(yes[i][0], yes[i][1]))
            fail_msg("\"%s\" should narrow \"%s\"", yes[i][0], yes[i][1]);
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        if (narrows(no[i][0], no[i][1]))
            fail_msg("\"%s\" should not narrow \"%s\"", no[i][0], no[i][1]);
}

/* Whatever query_narrows claims must hold for the entries: all pairs of some queries over some. */
static void what_narrows_matches_less(void **state) {
    (void)state;
    static const char *const parts[] = {
        "",        "a",         "ab",         "!a",  "!ab",     "cloud:",       "cloud:a",
        "!cloud:", "endpoint:", "endpoint:d", "e:a", "access:", "accessRole:a", "!accessRole:",
        "key",     "etag:a",    "!etag:ab"};
    enum { PARTS = sizeof parts / sizeof *parts, QUERIES = PARTS * PARTS, ENTRIES = 81 };
    static const char *const values[] = {"", "a", "ab-default"};
    static struct query *queries[QUERIES];
    static bool match[QUERIES][ENTRIES];
    for (size_t q = 0; q < QUERIES; q++) {
        char text[64];
        snprintf(text, sizeof text, "%s %s", parts[q / PARTS], parts[q % PARTS]);
        queries[q] = query_create(text);
        for (size_t e = 0; e < ENTRIES; e++) {
            struct bucket bucket;
            bucket_init(&bucket);
            bucket.value[FIELD_NAME] = values[e % 3];
            bucket.value[FIELD_CLOUD] = values[e / 3 % 3];
            bucket.value[FIELD_ENDPOINT] = values[e / 9 % 3];
            bucket.value[FIELD_ACCESS_ROLE] = values[e / 27];
            bucket.value[FIELD_ETAG] = values[(e + e / 27) % 3];
            match[q][e] = query_matches(queries[q], &bucket);
        }
    }
    for (size_t a = 0; a < QUERIES; a++)
        for (size_t b = 0; b < QUERIES; b++)
            if (query_narrows(queries[a], queries[b]))
                for (size_t e = 0; e < ENTRIES; e++)
                    assert_true(!match[a][e] || match[b][e]);
    for (size_t q = 0; q < QUERIES; q++)
        query_destroy(queries[q]);
}

/* What a query says of the rows of a table, one by one and of many at once, is what it says of
 * their entries: the words of columns, versions, secrets, JSON and unreadable entries included. */
static void rows_match_as_their_entries_do(void **state) {
    (void)state;
    static const char *const values[] = {"", "", "ab", "Key-1", "https://k.none", "17", "role/ab"};
    static const char *const extras[] = {"",    "", "", "", "{\"a\":\"ab\",\"token\":\"key17\"}",
                                         "[17]"};
    static const char *const words[] = {"a",    "k",    "ke",      "key",    "ab",          "17",
                                        "1",    "none", "default", "r",      "unreadable",  "token",
                                        "!ab",  "!17",  "cloud:",  "name:a", "etag:17",     "{",
                                        "yes",  "-",    "!key",    "o",      "endpoint:de", "b\"",
                                        "zzzz", ""};
    enum { ROWS = 3000, ROUNDS = 80, PIECE = 700 };
    static struct bucket buckets[ROWS];
    static uint8_t match[ROWS];
    struct table *table = table_create();
    uint32_t random = 5;
#define PICK(list) \
    list[(random = random * 1664525 + 1013904223) / 7919 % (sizeof(list) / sizeof *(list))]
    for (size_t row = 0; row < ROWS; row++) {
        bucket_init(&buckets[row]);
        for (int field = 0; field < FIELD_COUNT; field++)
            if (!(bucket_fields[field].flags & FIELD_SECRET) || row % 5 == 0)
                buckets[row].value[field] = PICK(values);
        buckets[row].extra = PICK(extras);
        buckets[row].odd = row % 11 == 0 ? 1U << FIELD_ENDPOINT : 0;
        buckets[row].unreadable = row % 97 == 0;
        table_add(table, &buckets[row]);
    }
    for (int round = 0; round < ROUNDS; round++) {
        char text[64] = "";
        struct query *wide = NULL;
        for (int word = 0; word < 3; word++) {
            snprintf(text + strlen(text), sizeof text - strlen(text), " %s", PICK(words));
            struct query *query = query_create(text);
            bool narrower = wide != NULL && query_narrows(query, wide);
            for (size_t row = 0, next; row < ROWS; row = next) {
                next = row + PIECE < ROWS ? row + PIECE : ROWS;
                query_match_rows(query, table, row, next, narrower, match);
            }
            for (size_t row = 0; row < ROWS; row++) {
                bool expected = query_matches(query, &buckets[row]);
                if (match[row] != expected)
                    fail_msg("\"%s\", row %zu: %d, not %d", text, row, match[row], expected);
            }
            query_destroy(wide);
            wide = query;
        }
        query_destroy(wide);
    }
#undef PICK
    table_destroy(table);
}

static void long_queries_are_fine(void **state) {
    (void)state;
    struct bucket bucket = sample();
    char text[20001];
    for (size_t i = 0; i < sizeof text - 1; i++)
        text[i] = "m "[i % 2];
    text[sizeof text - 1] = '\0';
    assert_true(matches(text, &bucket));
    memset(text, 'm', sizeof text - 1);
    assert_false(matches(text, &bucket));
    memset(text, '!', sizeof text - 1);
    assert_true(matches(text, &bucket));
    struct query *query = query_create(" ! ");
    assert_true(query_is_empty(query));
    query_destroy(query);
    query = query_create("!cloud:");
    assert_false(query_is_empty(query));
    query_destroy(query);
    query_destroy(NULL);
    assert_false(matches("\xC3\xA4", &bucket));
    bucket.value[FIELD_NAME] = "\xC3\xA4\xFF";
    assert_true(matches("\xC3\xA4", &bucket));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_match_anywhere),
        cmocka_unit_test(fields_limit_a_word),
        cmocka_unit_test(a_version_is_found_by_its_name_alone),
        cmocka_unit_test(an_exclamation_mark_negates),
        cmocka_unit_test(a_mistyped_field_is_told),
        cmocka_unit_test(no_query_finds_a_secret),
        cmocka_unit_test(an_unreadable_entry_is_found_by_its_text),
        cmocka_unit_test(damaged_json_does_no_harm),
        cmocka_unit_test(longer_words_narrow),
        cmocka_unit_test(what_narrows_matches_less),
        cmocka_unit_test(rows_match_as_their_entries_do),
        cmocka_unit_test(long_queries_are_fine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
