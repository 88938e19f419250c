#include "tests.h"

#include "pail/buckets/marks.h"

static void names_are_set_and_taken_out(void **state) {
    (void)state;
    struct marks marks;
    marks_init(&marks);
    assert_false(marks_has(&marks, "a"));
    marks_set(&marks, "a", false);
    marks_set(&marks, "b", true);
    marks_set(&marks, "a", true);
    marks_set(&marks, "a", true);
    assert_int_equal(marks.count, 2);
    const char **names = marks_names(&marks);
    assert_string_equal(names[0], "a");
    assert_string_equal(names[1], "b");
    free(names);
    marks_set(&marks, "a", false);
    marks_set(&marks, "c", false);
    assert_false(marks_has(&marks, "a"));
    assert_true(marks_has(&marks, "b"));
    assert_int_equal(marks.count, 1);
    marks_finish(&marks);
    assert_false(marks_has(&marks, "b"));
    marks_finish(&marks);
}

/* Against a plain array, at every step of many that collide. */
static void any_order_of_steps_agrees_with_a_list(void **state) {
    (void)state;
    enum { NAMES = 90, STEPS = 20000 };
    bool wanted[NAMES] = {false};
    uint32_t random = 7;
    struct marks marks;
    marks_init(&marks);
    for (int step = 0; step < STEPS; step++) {
        char name[16];
        random = random * 1664525 + 1013904223;
        unsigned which = (random >> 8) % NAMES;
        bool marked = random >> 31;
        snprintf(name, sizeof name, "n%u", which);
        assert_int_equal(marks_has(&marks, name), wanted[which]);
        marks_set(&marks, name, marked);
        wanted[which] = marked;
        size_t count = 0;
        for (unsigned i = 0; i < NAMES; i++) {
            snprintf(name, sizeof name, "n%u", i);
            count += wanted[i];
            if (step % 16 == 0)
                assert_int_equal(marks_has(&marks, name), wanted[i]);
        }
        assert_int_equal(marks.count, count);
    }
    marks_finish(&marks);
}

static bool is_even(void *context, const char *name) {
    (void)context;
    return (name[strlen(name) - 1] - '0') % 2 == 0;
}

static void some_are_kept(void **state) {
    (void)state;
    struct marks marks;
    marks_init(&marks);
    marks_filter(&marks, is_even, NULL);
    for (int i = 0; i < 1000; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%d", i);
        marks_set(&marks, name, true);
    }
    marks_filter(&marks, is_even, NULL);
    assert_int_equal(marks.count, 500);
    for (int i = 0; i < 1000; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%d", i);
        assert_int_equal(marks_has(&marks, name), i % 2 == 0);
    }
    marks_finish(&marks);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_set_and_taken_out),
        cmocka_unit_test(any_order_of_steps_agrees_with_a_list),
        cmocka_unit_test(some_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
