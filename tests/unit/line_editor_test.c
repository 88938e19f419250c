#include "tests.h"

#include <fcntl.h>
#include <locale.h>
#include <unistd.h>
#include <wchar.h>

#include "../../src/ui/terminal_internal.h"

#include "pail/ui/line_editor.h"

static int set_up(void **state) {
    *state = calloc(1, sizeof(struct line_editor));
    line_editor_init(*state, false);
    return 0;
}

static int tear_down(void **state) {
    line_editor_finish(*state);
    free(*state);
    return 0;
}

static void type(struct line_editor *editor, const char *text) {
    uint32_t code = 0;
    for (size_t size; *text; text += size) {
        size = text_decode(text, strlen(text), &code);
        assert_true(line_editor_key(editor, (int)code));
    }
}

static void keys(struct line_editor *editor, const int *list, size_t count) {
    for (size_t i = 0; i < count; i++)
        assert_true(line_editor_key(editor, list[i]));
}

#define KEYS(editor, ...) \
    keys(editor, (int[]){__VA_ARGS__}, sizeof((int[]){__VA_ARGS__}) / sizeof(int))

/* The text with a | where the cursor is. */
static void expect(const struct line_editor *editor, const char *wanted) {
    char text[256];
    snprintf(text, sizeof text, "%.*s|%s", (int)editor->cursor, editor->text.data,
             editor->text.data + editor->cursor);
    assert_string_equal(text, wanted);
}

static void typing_and_moving(void **state) {
    struct line_editor *editor = *state;
    type(editor, "hello");
    expect(editor, "hello|");
    KEYS(editor, K_LEFT, KEY_CTRL('b'), 'x');
    expect(editor, "helx|lo");
    KEYS(editor, K_HOME, K_LEFT, K_RIGHT, KEY_CTRL('f'));
    expect(editor, "he|lxlo");
    KEYS(editor, KEY_CTRL('a'));
    expect(editor, "|helxlo");
    KEYS(editor, KEY_CTRL('e'), K_RIGHT);
    expect(editor, "helxlo|");
    line_editor_set(editor, "other");
    expect(editor, "other|");
}

static void erasing(void **state) {
    struct line_editor *editor = *state;
    line_editor_set(editor, "abc");
    KEYS(editor, K_BACKSPACE, K_HOME, K_DELETE);
    expect(editor, "|b");
    KEYS(editor, KEY_CTRL('h'), KEY_CTRL('d'), KEY_CTRL('d'), K_BACKSPACE);
    expect(editor, "|");
}

static void killing_and_yanking(void **state) {
    struct line_editor *editor = *state;
    line_editor_set(editor, "one two  three ");
    KEYS(editor, KEY_CTRL('w'));
    expect(editor, "one two  |");
    KEYS(editor, KEY_CTRL('w'));
    expect(editor, "one |");
    KEYS(editor, KEY_CTRL('y'), KEY_CTRL('y'));
    expect(editor, "one two  two  |");
    KEYS(editor, K_HOME, K_RIGHT, K_RIGHT, K_RIGHT, KEY_CTRL('u'));
    expect(editor, "| two  two  ");
    KEYS(editor, KEY_CTRL('k'), KEY_CTRL('y'));
    expect(editor, " two  two  |");
    KEYS(editor, KEY_CTRL('k'), KEY_CTRL('y')); /* nothing to kill: the last stays */
    expect(editor, " two  two   two  two  |");
}

static void the_cursor_keeps_out_of_characters(void **state) {
    struct line_editor *editor = *state;
    type(editor, "日e\xCC\x81x");
    KEYS(editor, K_LEFT, K_LEFT);
    expect(editor, "日|e\xCC\x81x");
    KEYS(editor, K_LEFT);
    expect(editor, "|日e\xCC\x81x");
    KEYS(editor, K_DELETE, K_RIGHT, K_BACKSPACE);
    expect(editor, "|x");
    line_editor_set(editor, "\xCC\x81"); /* a mark without a base gets one */
    KEYS(editor, K_HOME, 'e');
    expect(editor, "e\xCC\x81|");
    line_editor_set(editor, "\xFF\xE6\x97"); /* no UTF-8: a byte at a time */
    KEYS(editor, K_LEFT, K_LEFT);
    expect(editor, "\xFF|\xE6\x97");
}

static void what_it_leaves_to_others(void **state) {
    struct line_editor *editor = *state;
    static const int others[] = {K_ENTER, K_ESCAPE, K_TAB,  K_SHIFT_TAB,   K_UP,
                                 K_F1,    K_OTHER,  K_NONE, KEY_CTRL('c'), K_MOUSE_CLICK};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(line_editor_key(editor, others[i]));
    expect(editor, "|");
}

static void a_paste_loses_its_controls(void **state) {
    struct line_editor *editor = *state;
    KEYS(editor, K_PASTE_BEGIN, 'a', K_ENTER, KEY_CTRL('u'), K_TAB, K_ESCAPE, K_UP, 'b',
         K_PASTE_END);
    expect(editor, "ab|");
    assert_int_equal(editor->dropped, 5);
    assert_false(line_editor_key(editor, K_ENTER));
    KEYS(editor, K_PASTE_BEGIN, 'c', K_PASTE_END);
    assert_int_equal(editor->dropped, 0);
}

static void it_takes_so_much(void **state) {
    struct line_editor *editor = *state;
    for (int i = 0; i < LINE_LIMIT + 10; i++)
        assert_true(line_editor_key(editor, 'a'));
    assert_int_equal(editor->text.length, LINE_LIMIT);
    KEYS(editor, K_BACKSPACE, 0xE9); /* two bytes in the room of one */
    assert_int_equal(editor->text.length, LINE_LIMIT - 1);
    KEYS(editor, KEY_CTRL('u'), KEY_CTRL('y'), KEY_CTRL('y'));
    assert_int_equal(editor->text.length, LINE_LIMIT - 1);
}

static void a_secret_leaves_nothing(void **state) {
    struct line_editor *editor = *state;
    line_editor_finish(editor);
    line_editor_init(editor, true);
    type(editor, "hunter2");
    KEYS(editor, K_BACKSPACE);
    assert_int_equal(editor->text.data[6], 0);
    KEYS(editor, KEY_CTRL('u'));
    assert_int_equal(editor->killed.length, 0);
    for (size_t i = 0; i < 7; i++)
        assert_int_equal(editor->text.data[i], 0);
    KEYS(editor, KEY_CTRL('y'));
    expect(editor, "|");
}

static struct terminal *make_terminal(int null) {
    struct theme theme = {0};
    struct error error = {""};
    struct terminal *terminal = terminal_create(
        &(struct terminal_settings){
            .input = null, .output = null, .type = "xterm", .rows = 3, .columns = 20},
        &theme, &error);
    assert_string_equal(error.text, "");
    return terminal;
}

/* The cells [0, width) of row 0, and the cursor's column. */
static const char *drawn(const struct line_editor *editor, bool masked, int width) {
    static char text[128];
    int null = open("/dev/null", O_RDWR | O_CLOEXEC), length = 0;
    struct terminal *terminal = make_terminal(null);
    terminal_begin(terminal);
    line_editor_draw(editor, terminal, 0, 0, width, STYLE_FIELD, masked, true);
    terminal_end(terminal);
    int cursor = getcurx(stdscr);
    for (int column = 0; column < width;) {
        cchar_t cell;
        wchar_t wide[CCHARW_MAX + 1] = {0};
        attr_t attributes;
        short pair;
        mvin_wch(0, column, &cell);
        getcchar(&cell, wide, &attributes, &pair, NULL);
        length += wctomb(text + length, wide[0]);
        column += wcwidth(wide[0]);
    }
    snprintf(text + length, sizeof text - (size_t)length, "|%d", cursor);
    terminal_destroy(terminal);
    close(null);
    return text;
}

static void the_cursor_always_shows(void **state) {
    struct line_editor *editor = *state;
    line_editor_set(editor, "abcdefghij");
    assert_string_equal(drawn(editor, false, 12), "abcdefghij  |10");
    assert_string_equal(drawn(editor, false, 6), "‹ghij |5");
    KEYS(editor, K_LEFT, K_LEFT);
    assert_string_equal(drawn(editor, false, 6), "‹fghij|4");
    KEYS(editor, K_LEFT);
    assert_string_equal(drawn(editor, false, 6), "‹efgh›|4");
    KEYS(editor, K_HOME);
    assert_string_equal(drawn(editor, false, 6), "abcde›|0");
    line_editor_set(editor, "日本語");
    assert_string_equal(drawn(editor, true, 6), "***   |3");
    assert_string_equal(drawn(editor, false, 6), "‹本語 |5");
}

int main(void) {
    setlocale(LC_ALL, "C.UTF-8");
#define WITH_EDITOR(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        WITH_EDITOR(typing_and_moving),        WITH_EDITOR(erasing),
        WITH_EDITOR(killing_and_yanking),      WITH_EDITOR(the_cursor_keeps_out_of_characters),
        WITH_EDITOR(what_it_leaves_to_others), WITH_EDITOR(a_paste_loses_its_controls),
        WITH_EDITOR(it_takes_so_much),         WITH_EDITOR(a_secret_leaves_nothing),
        WITH_EDITOR(the_cursor_always_shows),
    };
    return cmocka_run_group_tests_name("line_editor", tests, NULL, NULL);
}
