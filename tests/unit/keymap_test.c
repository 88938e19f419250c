#include "manual.h"

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
    assert_int_equal(key_parse("^J"), K_ENTER); /* as the terminal's reader has it */
    static const char *const bad[] = {"",   "ab", "^n",    "F13",      "\x01",         "\xFF",
                                      "^@", "^?", "enter", "\xC0\x80", "\xED\xA0\x80", "\xC2\x9B"};
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
    for (int action = 0; action < ACTION_COUNT; action++)
        if (!keymap_check(&keymap, (enum action)action, &error))
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
    assert_true(keymap_check(&keymap, ACTION_DELETE, &error));
    assert_int_equal(keymap_find(&keymap, IN_LIST, 'X'), ACTION_DELETE);
    assert_int_equal(keymap_find(&keymap, IN_LIST, 'D'), ACTION_NONE);
    assert_false(keymap_bind(&keymap, ACTION_DELETE, bad, 1, &error));
    assert_string_equal(error.text, "delete: \"Nokey\" is no key");
    assert_string_equal(keymap_first_key(&keymap, ACTION_DELETE, name, sizeof name), "X");
    assert_true(keymap_bind(&keymap, ACTION_DELETE, taken, 1, &error));
    assert_false(keymap_check(&keymap, ACTION_DELETE, &error));
    assert_string_equal(error.text, "delete and down both have the key j");
    assert_true(keymap_bind(&keymap, ACTION_DELETE, NULL, 0, &error));
    assert_string_equal(keymap_first_key(&keymap, ACTION_DELETE, name, sizeof name), "");
}

static void commands_do_not_take_letters_from_texts(void **state) {
    (void)state;
    static const enum action typed[] = {ACTION_REVIEW, ACTION_BACK, ACTION_NEXT_FIELD};
    static const char *const texts[] = {"x", "Space", "é"};
    const char *function_key[] = {"F12"};
    struct keymap keymap;
    struct error error = {""};
    keymap_init(&keymap);
    for (size_t i = 0; i < 3; i++) {
        assert_false(keymap_bind(&keymap, typed[i], &texts[i], 1, &error));
        assert_non_null(strstr(error.text, " types where this is a command"));
        assert_true(keymap_bind(&keymap, typed[i], function_key, 1, &error));
    }
    assert_true(keymap_bind(&keymap, ACTION_CLOSE, &texts[0], 1, &error));
}

static void at_most_eight_keys(void **state) {
    (void)state;
    const char *names[] = {"1", "2", "3", "4", "5", "6", "7", "8", "9"};
    struct keymap keymap;
    struct error error = {""};
    keymap_init(&keymap);
    assert_true(keymap_bind(&keymap, ACTION_ADD, names, 8, &error));
    assert_int_equal(keymap_find(&keymap, IN_LIST, '8'), ACTION_ADD);
    assert_false(keymap_bind(&keymap, ACTION_ADD, names, 9, &error));
    assert_string_equal(error.text, "add: at most 8 keys");
}

/* ---- the manual ------------------------------------------------------------------------------ */

/* A key's name as mdoc(7) wants it: ^ is an accent there, and a lone sign may be punctuation. */
static void append_roff_key(struct buffer *line, const char *name) {
    bool lone = name[1] == '\0' && strchr(".,:;()[]?!|@/%", name[0]);
    buffer_append_string(line, name[0] == '^' ? "\\(ha" : lone ? "\\&" : "");
    buffer_append_string(line, name + (name[0] == '^'));
}

/* The line of the table in doc/pail.1: keys, name, the screens' letters, help. */
static void append_manual_line(struct buffer *line, const struct action_info *info) {
    static const char letters[] = "ldfrptjqb"; /* in the order of enum context's bits */
    char keys[64], *rest = keys, *name;
    buffer_append_string(line, "\n.It");
    snprintf(keys, sizeof keys, "%s", info->keys);
    while ((name = strsep(&rest, " ")) != NULL) {
        buffer_append_char(line, ' ');
        append_roff_key(line, name);
    }
    buffer_printf(line, " Ta %s Ta ", info->name);
    for (int bit = 0; letters[bit] && info->contexts != IN_ALL; bit++)
        if (info->contexts & 1U << bit)
            buffer_append_char(line, letters[bit]);
    buffer_printf(line, "%s Ta %s\n", info->contexts == IN_ALL ? "all" : "", info->help);
}

static void the_manual_has_every_action(void **state) {
    (void)state;
    char *keys = manual_section("KEYS");
    for (int i = 0; i < ACTION_COUNT; i++) {
        struct buffer line;
        buffer_init(&line);
        append_manual_line(&line, &actions[i]);
        if (strstr(keys, line.data) == NULL)
            fail_msg("doc/pail.1 lacks this line:%s", line.data);
        buffer_finish(&line);
    }
    assert_int_equal(manual_lines(keys, ".It"), ACTION_COUNT); /* and none that there isn't */
    free(keys);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_keys),
        cmocka_unit_test(defaults_are_keys_and_do_not_clash),
        cmocka_unit_test(keys_depend_on_the_screen),
        cmocka_unit_test(letters_type_in_forms_and_prompts),
        cmocka_unit_test(keys_can_be_bound),
        cmocka_unit_test(commands_do_not_take_letters_from_texts),
        cmocka_unit_test(at_most_eight_keys),
        cmocka_unit_test(the_manual_has_every_action),
    };
    return cmocka_run_group_tests_name("keymap", tests, NULL, NULL);
}
