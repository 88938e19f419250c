#include "tests.h"

#include "pail/settings/key.h"
#include "pail/settings/keymap.h"

static void names_of_keys(void **state) {
    (void)state;
    static const char *const names[] = {"a", "^N", "Space", "Enter",  "Tab", "Shift-Tab", "Escape",
                                        "é", "日", "F10",   "Delete", "^[",  "/",         "PageUp"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char name[16];
        int key = key_parse(names[i]);
        assert_int_not_equal(key, K_NONE);
        key_name(key, name, sizeof name);
        assert_string_equal(name, strcmp(names[i], "^[") == 0 ? "Escape" : names[i]);
    }
    assert_int_equal(key_parse("^N"), 14);
    static const char *const bad[] = {"", "ab", "^n", "F13", "\x01", "\xFF", "enter"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(key_parse(bad[i]), K_NONE);
}

static void defaults_are_keys_and_do_not_clash(void **state) {
    (void)state;
    struct keymap keymap;
    struct error error = {""};
    keymap_init(&keymap);
    for (int action = 0; action < ACTION_COUNT; action++) {
        struct buffer keys;
        buffer_init(&keys);
        keymap_append_keys(&keymap, (enum action)action, &keys);
        assert_string_equal(keys.data, actions[action].keys);
        buffer_finish(&keys);
    }
    if (!keymap_check(&keymap, &error))
        fail_msg("%s", error.text);
}

static void keys_depend_on_the_screen(void **state) {
    (void)state;
    struct keymap keymap;
    keymap_init(&keymap);
    assert_int_equal(keymap_find(&keymap, IN_LIST, '/'), ACTION_FILTER);
    assert_int_equal(keymap_find(&keymap, IN_TEXT, '/'), ACTION_SEARCH);
    assert_int_equal(keymap_find(&keymap, IN_FORM, '/'), ACTION_NONE);
    assert_int_equal(keymap_find(&keymap, IN_LIST, 'q'), ACTION_QUIT);
    assert_int_equal(keymap_find(&keymap, IN_POLICY, 'q'), ACTION_CLOSE);
}

static void letters_type_in_forms_and_prompts(void **state) {
    (void)state;
    struct keymap keymap;
    keymap_init(&keymap);
    for (int key = 32; key < 127; key++) {
        assert_int_equal(keymap_find(&keymap, IN_FORM, key), ACTION_NONE);
        assert_int_equal(keymap_find(&keymap, IN_PROMPT, key), ACTION_NONE);
    }
}

static void keys_can_be_bound(void **state) {
    (void)state;
    struct keymap keymap;
    struct error error = {""};
    const char *good[] = {"X", "F11"}, *bad[] = {"Nokey"}, *taken[] = {"j"};
    char name[16];
    keymap_init(&keymap);
    assert_true(keymap_bind(&keymap, ACTION_DELETE, good, 2, &error));
    assert_true(keymap_check(&keymap, &error));
    assert_int_equal(keymap_find(&keymap, IN_LIST, 'X'), ACTION_DELETE);
    assert_int_equal(keymap_find(&keymap, IN_LIST, 'D'), ACTION_NONE);
    assert_false(keymap_bind(&keymap, ACTION_DELETE, bad, 1, &error));
    assert_string_equal(error.text, "delete: \"Nokey\" is no key");
    assert_string_equal(keymap_first_key(&keymap, ACTION_DELETE, name, sizeof name), "X");
    assert_true(keymap_bind(&keymap, ACTION_DELETE, taken, 1, &error));
    assert_false(keymap_check(&keymap, &error));
    assert_string_equal(error.text, "delete and down both have the key j");
    assert_true(keymap_bind(&keymap, ACTION_DELETE, NULL, 0, &error));
    assert_string_equal(keymap_first_key(&keymap, ACTION_DELETE, name, sizeof name), "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_keys),
        cmocka_unit_test(defaults_are_keys_and_do_not_clash),
        cmocka_unit_test(keys_depend_on_the_screen),
        cmocka_unit_test(letters_type_in_forms_and_prompts),
        cmocka_unit_test(keys_can_be_bound),
    };
    return cmocka_run_group_tests_name("keymap", tests, NULL, NULL);
}
