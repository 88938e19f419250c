/* Changes that are taken up together, by their kinds, against each of them paired with each. */

#include "tests.h"

#include "../../src/session/batch.h"
#include "../../src/session/internal.h"
#include "../../src/session/sequel.h"
#include "../../src/session/unsettled.h"
#include "pail/base/memory.h"

enum { ITEMS = 40, ROUNDS = 3000, LEAST = 5 * ROUNDS };

struct counts {
    size_t followers, rivals, restorers;
};

static uint32_t seed;

static unsigned chance(unsigned below) {
    seed = seed * 1664525U + 1013904223U;
    return (seed >> 16) % below;
}

static const char *one_of(const char *const *texts, unsigned count) {
    return texts[chance(count)];
}

static struct bucket some_entry(const char *name) {
    static const char *const endpoints[] = {"", "http://a", "http://b", "http://c"},
                             *const clouds[] = {"", "aws", "minio"},
                             *const etags[] = {"", "1", "2"},
                             *const shown[] = {"", "", "***", "ssss"};
    struct bucket bucket;
    bucket_init(&bucket);
    bucket.value[FIELD_NAME] = name;
    bucket.value[FIELD_ENDPOINT] = one_of(endpoints, 4);
    bucket.value[FIELD_CLOUD] = one_of(clouds, 3);
    bucket.value[FIELD_ETAG] = one_of(etags, 3);
    bucket.value[FIELD_SECRET_ACCESS_KEY] = one_of(shown, 4);
    return bucket;
}

static struct change *some_change(const char *name) {
    struct bucket before = some_entry(name), after = some_entry(name);
    enum secret_choice secrets[FIELD_COUNT] = {SECRET_KEEP};
    secrets[FIELD_SECRET_ACCESS_KEY] = (enum secret_choice)chance(3);
    unsigned changed = chance(2) << FIELD_SECRET_ACCESS_KEY, cleared = changed & (chance(2) * ~0U);
    switch (chance(6)) {
    case 0:
        return change_delete(&before);
    case 1:
        return change_add(&after, NULL);
    case 2:
        return change_add(&after, &before);
    case 3:
        return change_recall(CHANGE_MODIFY, &before, &after, changed, cleared);
    case 4:
        return change_recall(CHANGE_ADD, chance(2) ? &before : NULL, &after, changed, cleared);
    default:
        return change_edit(&before, &after, secrets);
    }
}

static struct item *some_item(struct session *session) {
    static const char *const names[] = {"b1", "b2"};
    struct item *item = memory_new(1, sizeof *item);
    item->session = session;
    item->change = some_change(one_of(names, 2));
    item->order = ++session->last_order;
    item->hopeless = true;
    return item;
}

/* The rule, change by change. */
static void pair_each(struct item *const *items, size_t old, struct counts counts[ITEMS]) {
    for (size_t i = old; i < ITEMS; i++)
        for (size_t j = 0; j < i; j++) {
            const struct change *newer = items[i]->change, *older = items[j]->change;
            if (strcmp(change_name(newer), change_name(older)) != 0)
                continue;
            counts[j].followers++;
            counts[i].followers += j < old;
            counts[j].rivals += sequel_makes(newer, older);
            counts[i].rivals += sequel_makes(older, newer);
            counts[i].restorers += sequel_restores(older, newer);
        }
}

static size_t play(void) {
    struct session session = {0};
    struct item *items[ITEMS];
    struct counts counts[ITEMS] = {{0}};
    size_t old = chance(ITEMS), counted = 0;
    for (size_t i = 0; i < ITEMS; i++) {
        items[i] = some_item(&session);
        unsettled_add(&session, items[i]);
    }
    unsettled_sweep(&session);
    pair_each(items, old, counts);
    sequel_join(items + old, ITEMS - old);
    for (size_t i = 0; i < ITEMS; i++) {
        assert_int_equal(items[i]->followers, counts[i].followers);
        assert_int_equal(items[i]->rivals, counts[i].rivals);
        assert_int_equal(items[i]->restorers, counts[i].restorers);
        counted += counts[i].rivals > 0 && counts[i].restorers > 0;
    }
    unsettled_finish(&session);
    return counted;
}

static void many_at_once_count_as_each_with_each(void **state) {
    (void)state;
    size_t counted = 0;
    seed = 1;
    for (int round = 0; round < ROUNDS; round++)
        counted += play();
    assert_true(counted > LEAST); /* it was no idle game */
}

static void an_order_is_one(void **state) {
    (void)state;
    struct change *changes[3];
    seed = 2;
    for (int round = 0; round < 20000; round++) {
        for (int i = 0; i < 3; i++)
            changes[i] = some_change("b");
        int first = change_order(changes[0], changes[1]),
            then = change_order(changes[1], changes[2]);
        assert_int_equal(change_order(changes[0], changes[0]), 0);
        assert_int_equal(first > 0, change_order(changes[1], changes[0]) < 0);
        if (first <= 0 && then <= 0)
            assert_true(change_order(changes[0], changes[2]) <= 0);
        for (int i = 0; i < 3; i++)
            change_destroy(changes[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_at_once_count_as_each_with_each),
        cmocka_unit_test(an_order_is_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
