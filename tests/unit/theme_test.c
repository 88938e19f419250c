#include <sys/stat.h>
#include <unistd.h>

#include "manual.h"
#include "pail/settings/theme.h"

#define STYLE_NAME(id, name) name,
static const char *const styles[] = {STYLES(STYLE_NAME)};

static char folder[64]; /* $XDG_CONFIG_HOME */

static int make_folder(void **state) {
    char path[128];
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/pail-theme-XXXXXX");
    assert_non_null(mkdtemp(folder));
    setenv("XDG_CONFIG_HOME", folder, 1);
    snprintf(path, sizeof path, "%s/pail", folder);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(path, sizeof path, "%s/pail/themes", folder);
    return mkdir(path, 0700);
}

static int remove_folder(void **state) {
    char path[128];
    (void)state;
    snprintf(path, sizeof path, "%s/pail/themes", folder);
    rmdir(path);
    snprintf(path, sizeof path, "%s/pail", folder);
    rmdir(path);
    return rmdir(folder);
}

/* Writes a theme of the user's and returns its path. */
static const char *write_theme(const char *name, const char *text, size_t length) {
    static char path[128];
    snprintf(path, sizeof path, "%s/pail/themes/%s.theme", folder, name);
    FILE *file = fopen(path, "w");
    assert_int_equal(fwrite(text, 1, length, file), length);
    fclose(file);
    chmod(path, 0600);
    return path;
}

/* ---- what is shipped ------------------------------------------------------------------------- */

static const char *const names[] = {"default", "light", "high-contrast", "solarized-dark", "mono"};

/* Loads a theme of the source tree by way of a copy: the tree may be writable by a group. Its text
 * is the caller's to free. */
static char *load_shipped(const char *name, struct theme *theme) {
    char path[64], *text = NULL;
    size_t size = 0;
    struct error error = {""};
    snprintf(path, sizeof path, "themes/%s.theme", name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_true(getdelim(&text, &size, '\0', file) > 0);
    fclose(file);
    const char *copy = write_theme(name, text, strlen(text));
    bool good = theme_load(theme, name, &error);
    unlink(copy);
    if (!good)
        fail_msg("%s", error.text);
    return text;
}

static void shipped_themes_set_every_style(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct theme theme;
        char *text = load_shipped(names[i], &theme), line[64];
        for (int style = 0; style < STYLE_COUNT; style++) {
            snprintf(line, sizeof line, "\n%s = {", styles[style]);
            if (strstr(text, line) == NULL)
                fail_msg("%s.theme doesn't set %s", names[i], styles[style]);
        }
        free(text);
    }
}

static void the_default_file_is_the_built_in_theme(void **state) {
    (void)state;
    struct theme built_in, read;
    theme_init(&built_in);
    free(load_shipped("default", &read));
    assert_memory_equal(&built_in, &read, sizeof read);
}

static void mono_has_no_colours(void **state) {
    (void)state;
    struct theme theme;
    free(load_shipped("mono", &theme));
    for (int i = 0; i < STYLE_COUNT; i++) {
        assert_int_equal(theme.looks[i].fg.kind, COLOUR_DEFAULT);
        assert_int_equal(theme.looks[i].bg.kind, COLOUR_DEFAULT);
    }
}

/* WCAG 2.1's relative luminance and contrast ratio; sRGB to linear by a polynomial, 0.2 % off. */
static double linear(unsigned char part) {
    double c = part / 255.0;
    return c * (c * (c * 0.305306011 + 0.682171111) + 0.012522878);
}

static double luminance(const struct colour *colour) {
    return 0.2126 * linear(colour->red) + 0.7152 * linear(colour->green) +
           0.0722 * linear(colour->blue);
}

static double contrast(const struct colour *a, const struct colour *b) {
    double x = luminance(a), y = luminance(b);
    return x > y ? (x + 0.05) / (y + 0.05) : (y + 0.05) / (x + 0.05);
}

/* Where a theme gives both colours, or one for a known background: text 3:1 at the least. */
static void shipped_themes_can_be_read(void **state) {
    (void)state;
    static const struct colour white = {COLOUR_RGB, 0, 255, 255, 255};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct theme theme;
        free(load_shipped(names[i], &theme));
        for (int style = 0; style < STYLE_COUNT; style++) {
            const struct colour *fg = &theme.looks[style].fg, *bg = &theme.looks[style].bg;
            if (bg->kind == COLOUR_DEFAULT)
                bg = &white;
            if (fg->kind != COLOUR_RGB || bg->kind != COLOUR_RGB || style == STYLE_FRAME)
                continue;
            if (contrast(fg, bg) < 3)
                fail_msg("%s.theme: %s: %.2f : 1", names[i], styles[style], contrast(fg, bg));
        }
    }
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
    const char *path = write_theme("bad", text, strlen(text));
    error.text[0] = '\0';
    assert_false(theme_load(&theme, "bad", &error));
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
    assert_string_equal(refusal("header = { attributes = [5]; };"),
                        ":1: attributes: must be a string in quotes");
    assert_string_equal(refusal("header = { attributes = \"bold\"; };"),
                        ":1: attributes: must be [ \"bold\", ... ]");
    assert_string_equal(refusal("header = { fg = true; };"), ":1: fg: must be a string in quotes");
    assert_string_equal(refusal("header = { bg = -1; };"), ":1: bg: must be 0 to 255");
    assert_string_equal(refusal("header = { blink = 1; };"),
                        ":1: blink: not known; a style has fg, bg and attributes");
    assert_string_equal(refusal("header = 5;"), ":1: header: must be a group { ... }");
    assert_string_equal(refusal("@include \"/etc/passwd\""), ":1: @include is not taken");
}

static void names_are_no_paths(void **state) {
    (void)state;
    static const char *const bad[] = {"../themes/default", "/etc/x", "a.b", "", "a b", "\x1b"};
    struct theme theme;
    struct error error = {""};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(theme_load(&theme, bad[i], &error));
        assert_non_null(strstr(error.text, "a name is of"));
    }
    assert_false(theme_load(&theme, "nosuch", &error));
    assert_string_equal(error.text, "theme \"nosuch\": there is no nosuch.theme");
}

static void the_users_theme_comes_first(void **state) {
    (void)state;
    static const char own[] = "header = { fg = 200; };";
    struct theme theme;
    struct error error = {""};
    const char *path = write_theme("mono", own, strlen(own));
    assert_true(theme_load(&theme, "mono", &error));
    assert_int_equal(theme.looks[STYLE_HEADER].fg.index, 200);
    assert_int_equal(theme.looks[STYLE_HEADER].attributes, 0);
    assert_int_equal(theme.looks[STYLE_ERROR].fg.index, 1); /* left out: the built-in one's */
    chmod(path, 0666);
    assert_false(theme_load(&theme, "mono", &error)); /* and a bad one isn't passed over */
    assert_non_null(strstr(error.text, "others can write it"));
    unlink(path);
}

static void the_build_tree_has_themes(void **state) {
    (void)state;
    struct stat info;
    struct theme theme;
    struct error error = {""};
    if (stat("themes/mono.theme", &info) != 0 || (info.st_mode & (S_IWGRP | S_IWOTH)))
        skip();
    assert_true(theme_load(&theme, "mono", &error));
    assert_int_equal(theme.looks[STYLE_ERROR].fg.kind, COLOUR_DEFAULT);
}

static void the_manual_has_every_style(void **state) {
    (void)state;
    char *section = manual_section("THEMES"), line[64];
    for (int i = 0; i < STYLE_COUNT; i++) {
        snprintf(line, sizeof line, ".It Va %s\n", styles[i]);
        if (manual_lines(section, line) != 1)
            fail_msg("doc/pail.1 lacks this line: %s", line);
    }
    assert_int_equal(manual_lines(section, ".It Va "), STYLE_COUNT);
    free(section);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shipped_themes_set_every_style),
        cmocka_unit_test(the_default_file_is_the_built_in_theme),
        cmocka_unit_test(mono_has_no_colours),
        cmocka_unit_test(shipped_themes_can_be_read),
        cmocka_unit_test(colours),
        cmocka_unit_test(bad_themes_name_the_line),
        cmocka_unit_test(names_are_no_paths),
        cmocka_unit_test(the_users_theme_comes_first),
        cmocka_unit_test(the_build_tree_has_themes),
        cmocka_unit_test(the_manual_has_every_style),
    };
    return cmocka_run_group_tests_name("theme", tests, make_folder, remove_folder);
}
