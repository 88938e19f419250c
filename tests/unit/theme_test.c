#include "tests.h"

#include <sys/stat.h>
#include <unistd.h>

#include "pail/settings/theme.h"

static const char *const names[] = {"default", "light", "high-contrast", "solarized-dark", "mono"};

static void shipped_themes_set_every_style(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[64], line[256];
        struct theme theme;
        struct error error = {""};
        snprintf(path, sizeof path, "themes/%s.theme", names[i]);
        if (!theme_read(&theme, path, NULL, &error))
            fail_msg("%s", error.text);
        int styles = 0;
        FILE *file = fopen(path, "r");
        while (fgets(line, sizeof line, file))
            styles += strstr(line, " = { ") != NULL;
        fclose(file);
        assert_int_equal(styles, STYLE_COUNT);
    }
}

static void the_default_file_is_the_built_in_theme(void **state) {
    (void)state;
    struct theme built_in, read;
    theme_init(&built_in);
    assert_true(theme_read(&read, "themes/default.theme", NULL, NULL));
    assert_memory_equal(&built_in, &read, sizeof read);
}

static void colours(void **state) {
    (void)state;
    struct colour colour;
    assert_true(colour_parse("brightred", &colour));
    assert_int_equal(colour.index, 9);
    assert_true(colour_parse("#1c3A57", &colour));
    assert_int_equal(colour.kind, COLOUR_RGB);
    assert_int_equal(colour.red * 65536 + colour.green * 256 + colour.blue, 0x1C3A57);
    assert_true(colour_parse("default", &colour));
    static const char *const bad[] = {"", "Red", "#12345", "#1234567", "#12345g", "300"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(colour_parse(bad[i], &colour));
}

static const char *refusal(const char *text) {
    static struct error error;
    struct theme theme;
    char path[] = "/tmp/pail-theme-XXXXXX";
    int file = mkstemp(path);
    assert_true(write(file, text, strlen(text)) == (ssize_t)strlen(text));
    close(file);
    error.text[0] = '\0';
    assert_false(theme_read(&theme, path, NULL, &error));
    unlink(path);
    assert_memory_equal(error.text, path, strlen(path));
    return error.text + strlen(path);
}

static void bad_themes_name_the_line(void **state) {
    (void)state;
    assert_string_equal(refusal("\nnosuch = { };"), ":2: nosuch: no style has that name");
    assert_string_equal(refusal("header = { fg = \"mauve\"; };"), ":1: \"mauve\" is no colour");
    assert_string_equal(refusal("header = { fg = 256; };"), ":1: fg: must be 0 to 255");
    assert_string_equal(refusal("header = { fg = 4294967296; };"),
                        ":1: a number that is too large");
    assert_string_equal(refusal("header = { attributes = [\"blink\"]; };"),
                        ":1: \"blink\" is no attribute");
    assert_string_equal(refusal("header = 5;"), ":1: header: must be a group { ... }");
    assert_string_equal(refusal("@include \"/etc/passwd\""), ":1: @include is not taken");
}

static void names_are_no_paths(void **state) {
    (void)state;
    struct theme theme;
    struct error error = {""};
    assert_false(theme_load(&theme, "../themes/default", &error));
    assert_non_null(strstr(error.text, "a name is of"));
    assert_false(theme_load(&theme, "nosuch", &error));
    assert_string_equal(error.text, "theme \"nosuch\": there is no nosuch.theme");
    assert_true(theme_load(&theme, "mono", &error));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shipped_themes_set_every_style),
        cmocka_unit_test(the_default_file_is_the_built_in_theme),
        cmocka_unit_test(colours),
        cmocka_unit_test(bad_themes_name_the_line),
        cmocka_unit_test(names_are_no_paths),
    };
    return cmocka_run_group_tests_name("theme", tests, NULL, NULL);
}
