#include "manual.h"

#include <sys/stat.h>
#include <unistd.h>

#include "pail/settings/key.h"
#include "pail/settings/settings.h"

static char folder[64];
static char path[96];

static int make_folder(void **state) {
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/pail-settings-XXXXXX");
    snprintf(path, sizeof path, "%s/pail.conf", mkdtemp(folder));
    return 0;
}

static int remove_folder(void **state) {
    (void)state;
    unlink(path);
    return rmdir(folder);
}

static void write_file(const char *text, size_t length) {
    unlink(path);
    FILE *file = fopen(path, "w");
    assert_int_equal(fwrite(text, 1, length, file), length);
    fclose(file);
    chmod(path, 0600);
}

static bool load(struct settings *settings, struct error *error) {
    settings_init(settings);
    error->text[0] = '\0';
    return settings_load(settings, path, error);
}

/* What is said of this text, without the path before it. */
static const char *refusal_n(const char *text, size_t length) {
    static struct error error;
    struct settings settings;
    write_file(text, length);
    assert_false(load(&settings, &error));
    settings_finish(&settings);
    assert_memory_equal(error.text, path, strlen(path));
    return error.text + strlen(path);
}

static const char *refusal(const char *text) {
    return refusal_n(text, strlen(text));
}

static void a_whole_file(void **state) {
    (void)state;
    struct settings settings;
    struct error error;
    static const char text[] =
        "default_profile = \"prod\";\ntheme = \"light\";\nmouse = true;\n"
        "profiles = {\n"
        "  prod = { url = \"https://api.example.com\"; token_dir = \"/t\"; read_only = true;\n"
        "    danger = \"red\"; theme = \"mono\"; principal = \"arn:aws:iam::1:root\";\n"
        "    proxy = \"env\"; cacert = \"/c\"; timeout = 7; settle_after = 3; parallel = 16; list_path = \"/l\"; list_body = \"b\";\n"
        "    service = \"a.example.com\"; region = \"us-east-1\"; client_id = \"abc+d\";\n"
        "    authorization = \"bearer\"; connect_to = \"a:443:127.0.0.1:8443\"; };\n"
        "  local = { url = \"http://127.0.0.1:8080\"; };\n"
        "};\n"
        "keys = { delete = [\"X\"]; up = [\"k\", \"^P\"]; help = \"F1\"; };\n"
        "# a comment without a newline at its end";
    write_file(text, strlen(text));
    if (!load(&settings, &error))
        fail_msg("%s", error.text);
    assert_string_equal(settings.path, path);
    assert_string_equal(settings.theme, "light");
    assert_true(settings.mouse);
    assert_int_equal(settings.profile_count, 2);
    const struct profile *profile = settings_profile(&settings, NULL, &error);
    assert_string_equal(profile->name, "prod");
    assert_string_equal(profile->url, "https://api.example.com");
    assert_string_equal(profile->token_dir, "/t");
    assert_string_equal(profile->theme, "mono");
    assert_string_equal(profile->cacert, "/c");
    assert_string_equal(profile->list_path, "/l");
    assert_string_equal(profile->list_body, "b");
    assert_string_equal(profile->service, "a.example.com");
    assert_string_equal(profile->region, "us-east-1");
    assert_string_equal(profile->client_id, "abc+d");
    assert_string_equal(profile->connect_to, "a:443:127.0.0.1:8443");
    assert_int_equal(profile->authorization, AUTHORIZE_BEARER);
    assert_int_equal(profile->timeout_ms, 7000);
    assert_int_equal(profile->settle_after_ms, 3000);
    assert_int_equal(profile->parallel, 16);
    assert_true(profile->read_only && profile->has_danger && profile->proxy_from_environment);
    profile = settings_profile(&settings, "local", &error);
    assert_int_equal(profile->timeout_ms, 30000);
    assert_int_equal(profile->settle_after_ms, 60000);
    assert_int_equal(profile->parallel, 8);
    assert_false(profile->read_only || profile->has_danger || profile->proxy_from_environment);
    assert_null(settings_profile(&settings, "none", &error));
    assert_string_equal(error.text, "there is no profile \"none\"");
    assert_int_equal(keymap_find(&settings.keymap, IN_LIST, 'X'), ACTION_DELETE);
    assert_int_equal(keymap_find(&settings.keymap, IN_LIST, K_UP), ACTION_NONE);
    settings_finish(&settings);
}

static void mistakes_name_file_and_line(void **state) {
    (void)state;
    assert_string_equal(refusal("\nnosuch = 1;"), ":2: nosuch: no setting has that name");
    assert_string_equal(
        refusal("profiles = { p = { url = \"https://a\"; connect_to = \"a:443:b\"; }; };"),
        ":1: connect_to is not HOST:PORT:CONNECT-HOST:CONNECT-PORT: a:443:b");
    assert_string_equal(
        refusal("profiles = { p = { url = \"https://a\"; client_id = \"a-b\"; }; };"),
        ":1: client_id: must be 1 to 128 of A-Z a-z 0-9 _ +");
    assert_string_equal(refusal("theme = 1;"), ":1: theme: must be a string in quotes");
    assert_string_equal(refusal("mouse = \"yes\";"), ":1: mouse: must be true or false");
    assert_string_equal(refusal("theme = ;"), ":1: syntax error");
    assert_string_equal(refusal("mouse = true;\nprofiles = {\n\n"),
                        ":2: syntax error: it ends too soon; is a } or a ; missing?");
    assert_string_equal(refusal("profiles = { p = { }; };"), ":1: p: service or url is missing");
    assert_string_equal(refusal("profiles = { p = { url = \"https://a\";\ncolour = 1; }; };"),
                        ":2: colour: no setting of a profile has that name");
    assert_string_equal(refusal("profiles = { p = { url = \"http://a.com\"; }; };"),
                        ":1: http://a.com: plain http only to this machine; use https");
    assert_non_null(strstr(refusal("profiles = { p = { url = \"nonsense\"; }; };"), ":1: "));
    static const char *const bad_services[] = {"Example.com", "https://a.b", "a.b:1",
                                               "a.b/c",       "a",           "a b.c"};
    for (size_t i = 0; i < sizeof bad_services / sizeof *bad_services; i++) {
        char text[96];
        snprintf(text, sizeof text, "profiles = { p = { service = \"%s\"; }; };", bad_services[i]);
        assert_string_equal(refusal(text), ":1: service: must be a domain, such as "
                                           "infinstor.yourcompany.com");
    }
    assert_string_equal(refusal("profiles = { p = { authorization = \"basic\"; }; };"),
                        ":1: authorization: must be \"id\", \"bearer\" or \"access+id\"");
    assert_string_equal(refusal("profiles = { p = { timeout = 0; }; };"),
                        ":1: timeout: must be 1 to 3600");
    assert_string_equal(refusal("profiles = { p = { settle_after = 0; }; };"),
                        ":1: settle_after: must be 1 to 3600");
    assert_string_equal(refusal("profiles = { p = { settle_after = 3601; }; };"),
                        ":1: settle_after: must be 1 to 3600");
    assert_string_equal(refusal("profiles = { p = { parallel = 0; }; };"),
                        ":1: parallel: must be 1 to 16");
    assert_string_equal(refusal("profiles = { p = { parallel = 17; }; };"),
                        ":1: parallel: must be 1 to 16");
    assert_string_equal(refusal("profiles = { p = { timeout = 3601; }; };"),
                        ":1: timeout: must be 1 to 3600");
    assert_string_equal(refusal("profiles = { p = { timeout = 1.5; }; };"),
                        ":1: timeout: must be a whole number");
    assert_string_equal(refusal("profiles = { p = { danger = \"mauve\"; }; };"),
                        ":1: danger: \"mauve\" is no colour");
    assert_string_equal(refusal("profiles = { p = { proxy = \"http://p\"; }; };"),
                        ":1: proxy: must be \"env\" or \"none\"");
    assert_string_equal(refusal("default_profile = \"p\";"),
                        ":1: default_profile: there is no profile \"p\"");
    assert_string_equal(refusal("\ndefault_profile = \"q\";\n"
                                "profiles = { p = { url = \"https://a\"; }; };"),
                        ":2: default_profile: there is no profile \"q\"");
    assert_string_equal(refusal("theme = \"../x\";"), ":1: theme: a name is of A-Z a-z 0-9 _ -");
    assert_string_equal(refusal("profiles = { p = { theme = \"a.b\"; }; };"),
                        ":1: theme: a name is of A-Z a-z 0-9 _ -");
    assert_non_null(strstr(refusal("profiles = { *p = { }; };"),
                           ":1: *p: a profile's name is of A-Z a-z 0-9 _ -"));
    assert_string_equal(refusal("profiles = 1;"), ":1: profiles: must be a group { ... }");
    assert_string_equal(refusal("profiles = { p = 1; };"), ":1: p: must be a group { ... }");
    assert_non_null(strstr(refusal("profiles = { p = { url = \"https://a\"; };\n"
                                   "p = { url = \"https://b\"; }; };"),
                           ":2: "));
    assert_non_null(strstr(refusal("theme = \"a\";\ntheme = \"b\";"), ":2: "));
}

static void keys_are_checked(void **state) {
    (void)state;
    assert_string_equal(refusal("keys = { fly = [\"x\"]; };"), ":1: fly: no action has that name");
    assert_string_equal(refusal("keys = {\nadd = [\"Nokey\"]; };"), ":2: add: \"Nokey\" is no key");
    assert_string_equal(refusal("keys = {\nup = [\"k\"];\nadd = [\"j\"]; };"),
                        ":3: add and down both have the key j");
    assert_string_equal(refusal("keys = { add = 5; };"), ":1: add: must be a string in quotes");
    assert_string_equal(refusal("keys = { add = [5]; };"), ":1: add: must be a string in quotes");
    assert_string_equal(refusal("keys = { add = [\"1\", \"2\", \"3\", \"4\", \"5\", \"6\", \"7\",\n"
                                "\"8\", \"9\"]; };"),
                        ":1: add: at most 8 keys");
    assert_string_equal(refusal("keys = { review = \"x\"; };"),
                        ":1: review: \"x\" types where this is a command");
}

/* Neither alone would do: the other still has the key when it is read. */
static void keys_can_be_exchanged(void **state) {
    (void)state;
    struct settings settings;
    struct error error;
    static const char text[] = "keys = { up = \"j\"; down = [\"k\", \"^N\"]; clear-marks = []; };";
    write_file(text, strlen(text));
    if (!load(&settings, &error))
        fail_msg("%s", error.text);
    assert_int_equal(keymap_find(&settings.keymap, IN_LIST, 'j'), ACTION_UP);
    assert_int_equal(keymap_find(&settings.keymap, IN_LIST, 'k'), ACTION_DOWN);
    assert_int_equal(keymap_find(&settings.keymap, IN_LIST, 'U'), ACTION_NONE);
    settings_finish(&settings);
}

static void a_profile_says_where(void **state) {
    (void)state;
    assert_string_equal(refusal("profiles = { p = { token_dir = \"~/t\"; }; };"),
                        ":1: token_dir: must begin with /");
    assert_string_equal(refusal("profiles = { p = { cacert = \"ca.pem\"; }; };"),
                        ":1: cacert: must begin with /");
    assert_string_equal(refusal("profiles = { p = { list_path = \"@b.com/\"; }; };"),
                        ":1: list_path: must begin with /");
    assert_string_equal(refusal("profiles = { p = { list_path = \"/a b\"; }; };"),
                        ":1: list_path: a URL has no spaces, backslashes or control characters");
    assert_string_equal(refusal("profiles = { p = { url = \"https://a/?b\"; }; };"),
                        ":1: https://a/?b: a base URL ends with its path");
    static const char *const elsewhere[] = {"http://127.0.0.1.com", "http://localhost.a.com",
                                            "http://0x7f.1", "http://[::2]", "http://10.0.0.1"};
    for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++) {
        char text[96];
        snprintf(text, sizeof text, "profiles = { p = { url = \"%s\"; }; };", elsewhere[i]);
        assert_non_null(strstr(refusal(text), "plain http only to this machine; use https"));
    }
}

/* What libconfig alone would take in silence, or hang or die on. */
static void what_libconfig_would_take(void **state) {
    (void)state;
    assert_string_equal(refusal("profiles = { p = { timeout = 4294967297; }; };"),
                        ":1: a number that is too large");
    static const char *const numbers[] = {"5000000000",       "-4294967266", "+4294967326",
                                          "0x10000001e",      "4294967326L", "4294967326LL",
                                          "00000000000000030"};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        char text[80];
        snprintf(text, sizeof text, "profiles = { p = {\n timeout = %s; }; };", numbers[i]);
        assert_string_equal(refusal(text), ":2: a number that is too large");
    }
    assert_string_equal(refusal("profiles = { p = { timeout = 30L; }; };"),
                        ":1: timeout: must be a whole number");
    assert_string_equal(refusal("profiles = { p = { timeout = -30; }; };"),
                        ":1: timeout: must be 1 to 3600");
    assert_string_equal(refusal("theme = \"a\\x00b\";"), ":1: a string with \\x00");
    assert_string_equal(refusal("mouse = true;\n/* keys = { };"), ":2: a comment without its end");
    assert_string_equal(refusal("mouse = true;\ntheme = \"a;"), ":2: a string without its end");
    assert_string_equal(refusal("mouse = true;\ntheme = \"a\\"), ":2: a string without its end");
    assert_string_equal(refusal("/*/"), ":1: a comment without its end");
    assert_string_equal(refusal("mouse = true; @Include\"/tmp\"\n"), ":1: @include is not taken");
    assert_string_equal(refusal("/**/@include \"/tmp\"\n"), ":1: @include is not taken");
    assert_string_equal(refusal("\xEF\xBB\xBFmouse = true;"), ":1: syntax error");
    assert_string_equal(refusal("mouse = true;\n  @include \"/tmp\"\n"),
                        ":2: @include is not taken");
    static const char nul[] = "theme = \"a\";\0nosuch = 1;";
    assert_string_equal(refusal_n(nul, sizeof nul - 1), ":1: a control character or bad UTF-8");
    assert_string_equal(refusal("theme = \"\xFF\";"), ":1: a control character or bad UTF-8");
    assert_string_equal(refusal("theme = \"\\x1b[2J\";"),
                        ":1: theme: holds control characters or bad UTF-8");
    enum { LIMIT = 64 * 1024 };
    static char large[LIMIT + 2048];
    memset(large, '\n', sizeof large);
    assert_string_equal(refusal_n(large, sizeof large), ": more than 64 KiB");
    assert_string_equal(refusal_n(large, LIMIT + 1), ": more than 64 KiB");
    for (const char *open = "([{"; *open; open++) { /* libconfig's parser has an end to its stack */
        memset(large, *open, sizeof large);
        memcpy(large, "keys =\n", sizeof "keys =\n" - 1);
        assert_non_null(strstr(refusal_n(large, LIMIT), ":2: "));
    }
}

static void a_string_or_comment_may_hold_anything(void **state) {
    (void)state;
    struct settings settings;
    struct error error;
    static const char text[] = "\r\n# 12345678901 @include\n/* 12345678901 */ // @\n"
                               "profiles = { p = { url = \"https://a\"; list_body = "
                               "\"id=12345678901&a=\\\"@include\"; }; };";
    write_file(text, strlen(text));
    if (!load(&settings, &error))
        fail_msg("%s", error.text);
    settings_finish(&settings);
}

static void loose_or_odd_files_are_refused(void **state) {
    (void)state;
    struct settings settings;
    struct error error;
    write_file("", 0);
    chmod(path, 0622);
    assert_false(load(&settings, &error));
    assert_non_null(strstr(error.text, "others can write it; chmod go-w"));
    settings_finish(&settings);
    unlink(path);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_false(load(&settings, &error));
    assert_non_null(strstr(error.text, "not a regular file"));
    settings_finish(&settings);
    unlink(path);
    assert_int_equal(symlink("/dev/null", path), 0);
    assert_false(load(&settings, &error));
    assert_non_null(strstr(error.text, "symbolic link"));
    settings_finish(&settings);
    unlink(path);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_false(load(&settings, &error));
    assert_non_null(strstr(error.text, "not a regular file"));
    settings_finish(&settings);
    rmdir(path);
    if (geteuid() == 0) {
        write_file("", 0);
        assert_int_equal(chown(path, 65534, (gid_t)-1), 0);
        assert_false(load(&settings, &error));
        assert_non_null(strstr(error.text, "belongs to another user"));
        settings_finish(&settings);
        unlink(path);
    }
    assert_false(load(&settings, &error)); /* asked for by name, and not there */
    settings_finish(&settings);
}

static void the_search_follows_xdg(void **state) {
    (void)state;
    struct settings settings;
    struct error error = {""};
    setenv("XDG_CONFIG_HOME", "/nonexistent/x", 1);
    setenv("HOME", "/nonexistent/h", 1);
    settings_init(&settings);
    assert_true(settings_load(&settings, NULL, &error));
    assert_string_equal(settings.path, "");
    assert_string_equal(settings.searched[0], "/nonexistent/x/pail/pail.conf");
    assert_string_equal(settings.searched[1], "/nonexistent/h/.config/pail/pail.conf");
    assert_string_equal(settings.searched[2], "/etc/pail/pail.conf");
    assert_string_equal(settings.searched[3], "");
    assert_null(settings_profile(&settings, NULL, &error));
    assert_string_equal(error.text, "");
    settings_finish(&settings);
    setenv("XDG_CONFIG_HOME", "relative", 1); /* counts as not set, says the XDG specification */
    settings_init(&settings);
    assert_true(settings_load(&settings, NULL, &error));
    assert_string_equal(settings.searched[0], "/nonexistent/h/.config/pail/pail.conf");
    settings_finish(&settings);
}

static void a_bad_file_is_not_passed_over(void **state) {
    (void)state;
    struct settings settings;
    struct error error = {""};
    char inner[96];
    snprintf(inner, sizeof inner, "%s/pail", folder);
    assert_int_equal(mkdir(inner, 0700), 0);
    snprintf(path, sizeof path, "%s/pail/pail.conf", folder);
    setenv("XDG_CONFIG_HOME", folder, 1);
    write_file("nosuch = 1;", 11);
    settings_init(&settings);
    assert_false(settings_load(&settings, NULL, &error));
    assert_non_null(strstr(error.text, "/pail/pail.conf:1: nosuch: no setting has that name"));
    settings_finish(&settings);
    unlink(path);
    rmdir(inner);
    snprintf(path, sizeof path, "%s/pail.conf", folder);
}

static void many_profiles_without_a_default(void **state) {
    (void)state;
    struct settings settings;
    struct error error;
    static const char text[] =
        "profiles = { a = { url = \"https://a\"; }; b = { url = \"https://b\"; }; };";
    write_file(text, strlen(text));
    assert_true(load(&settings, &error));
    assert_null(settings_profile(&settings, NULL, &error));
    assert_string_equal(error.text, "");
    assert_string_equal(settings_profile(&settings, "b", &error)->url, "https://b");
    settings_finish(&settings);
}

#define NAME(name) #name,
static void the_manual_has_every_setting(void **state) {
    (void)state;
    static const char *const own[] = {SETTINGS(NAME)}, *const profiles[] = {PROFILE_SETTINGS(NAME)};
    enum { OWN = sizeof own / sizeof *own, PROFILES = sizeof profiles / sizeof *profiles };
    char *section = manual_section("CONFIGURATION"), line[64];
    char *split = strstr(section, "\nAnd for each profile:");
    assert_non_null(split);
    for (size_t i = 0; i < OWN + PROFILES; i++) {
        snprintf(line, sizeof line, ".It Va %s\n", i < PROFILES ? profiles[i] : own[i - PROFILES]);
        const char *found = strstr(i < PROFILES ? split : section, line);
        if (found == NULL || (i >= PROFILES && found > split))
            fail_msg("doc/pail.1 lacks this line: %s", line);
    }
    assert_int_equal(manual_lines(section, ".It Va "), OWN + PROFILES);
    free(section);
}

static void a_url_makes_a_profile(void **state) {
    (void)state;
    struct settings settings;
    struct error error = {""};
    settings_init(&settings);
    const struct profile *profile =
        settings_profile_for_url(&settings, NULL, "https://api.example.com", &error);
    assert_string_equal(profile->name, "api.example.com");
    struct profile base = *profile;
    base.name = "prod";
    base.read_only = true;
    profile = settings_profile_for_url(&settings, &base, "https://other.example.com", &error);
    assert_string_equal(profile->name, "prod");
    assert_string_equal(profile->url, "https://other.example.com");
    assert_true(profile->read_only);
    assert_null(settings_profile_for_url(&settings, NULL, "http://example.com", &error));
    assert_non_null(strstr(error.text, "plain http only to this machine; use https"));
    settings_finish(&settings);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_file),
        cmocka_unit_test(mistakes_name_file_and_line),
        cmocka_unit_test(keys_are_checked),
        cmocka_unit_test(keys_can_be_exchanged),
        cmocka_unit_test(a_profile_says_where),
        cmocka_unit_test(what_libconfig_would_take),
        cmocka_unit_test(a_string_or_comment_may_hold_anything),
        cmocka_unit_test(loose_or_odd_files_are_refused),
        cmocka_unit_test(the_search_follows_xdg),
        cmocka_unit_test(a_bad_file_is_not_passed_over),
        cmocka_unit_test(many_profiles_without_a_default),
        cmocka_unit_test(a_url_makes_a_profile),
        cmocka_unit_test(the_manual_has_every_setting),
    };
    return cmocka_run_group_tests_name("settings", tests, make_folder, remove_folder);
}
