#include "screens.h"

#include <fcntl.h>
#include <ftw.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pail/base/memory.h"

enum { TURNS = 500, PROFILES = 4 };

static const char token[] = "Token=Custom test-token\n";

static void must(bool good, const char *what) {
    if (!good) {
        printf("# %s failed\n", what);
        exit(1);
    }
}

/* The token's folder is named by a relative path, so that the screens that show it are the same in
 * each run. */
static void make_folder(struct scene *scene) {
    char path[128];
    snprintf(scene->folder, sizeof scene->folder, "/tmp/pail-screen-XXXXXX");
    must(mkdtemp(scene->folder) != NULL && chdir(scene->folder) == 0, "the scratch folder");
    must(mkdir("infinstor", 0700) == 0 && mkdir("pail", 0700) == 0 &&
             mkdir("pail/themes", 0700) == 0 && mkdir("state", 0700) == 0 &&
             mkdir("state/pail", 0700) == 0,
         "its folders");
    snprintf(path, sizeof path, "%s/pail/themes/screens.theme", scene->folder);
    dump_write_theme(path);
    must(chmod(path, 0600) == 0, "the theme's mode");
    setenv("HOME", scene->folder, 1);
    setenv("XDG_CONFIG_HOME", scene->folder, 1);
    setenv("INFINSTOR_TOKEN_FILE_DIR", "infinstor", 1);
    snprintf(path, sizeof path, "%s/state", scene->folder);
    setenv("XDG_STATE_HOME", path, 1);
}

static void write_token(mode_t mode) {
    FILE *file = fopen("infinstor/token", "we");
    must(file && fputs(token, file) >= 0 && fclose(file) == 0 &&
             chmod("infinstor/token", mode) == 0,
         "writing the token");
}

static struct profile *add_profile(struct scene *scene, const char *name) {
    struct settings *settings = &scene->settings;
    must(settings->profile_count < PROFILES, "another profile");
    struct profile *profile = &settings->profiles[settings->profile_count++];
    *profile = (struct profile){.name = arena_string(&settings->arena, name),
                                .url = "https://api.infinstor.example.com",
                                .service = "",
                                .region = "",
                                .client_id = "",
                                .token_dir = "",
                                .theme = "",
                                .principal = "",
                                .timeout_ms = 30000};
    return profile;
}

void scene_init(struct scene *scene) {
    *scene = (struct scene){.output = memfd_create("output", MFD_CLOEXEC)};
    must(scene->output >= 0 && pipe2(scene->keys, O_CLOEXEC) == 0, "the terminal");
    setenv("TZ", "UTC", 1);
    setenv("ESCDELAY", "1", 1);
    static const char *const unwanted[] = {"NO_COLOR", "TMUX", "STY", "LANG", "LC_CTYPE"};
    for (size_t i = 0; i < sizeof unwanted / sizeof *unwanted; i++)
        unsetenv(unwanted[i]);
    setlocale(LC_ALL, "C.UTF-8");
    make_folder(scene);
    write_token(0600);
    struct settings *settings = &scene->settings;
    settings_init(settings);
    settings->profiles = memory_new(PROFILES, sizeof *settings->profiles);
    settings->searched[0] = "/home/me/.config/pail/pail.conf";
    settings->searched[1] = "/etc/pail/pail.conf";
    scene->options = (struct dashboard_options){.settings = settings, .theme = "screens"};
    scene->options.terminal = (struct terminal_settings){
        .input = scene->keys[0], .output = scene->output, .rows = 24, .columns = 80};
    setenv("TERM", "xterm-256color", 1);
    add_profile(scene, "test");
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *ftw) {
    (void)info;
    (void)type;
    (void)ftw;
    return remove(path);
}

void scene_finish(struct scene *scene) {
    if (scene->dashboard)
        dashboard_destroy(scene->dashboard);
    settings_finish(&scene->settings);
    fake_http_forget();
    close(scene->keys[0]);
    close(scene->keys[1]);
    close(scene->output);
    if (chdir("/") == 0)
        nftw(scene->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* ---- before the start ---- */

static bool set_token(const char *value) {
    if (strcmp(value, "missing") == 0)
        return remove("infinstor/token") == 0;
    write_token(0644);
    return strcmp(value, "loose") == 0;
}

static bool set_of_profile(struct scene *scene, const char *word, char *value) {
    struct profile *profile = &scene->settings.profiles[scene->settings.profile_count - 1];
    char *copy = arena_string(&scene->settings.arena, value);
    if (strcmp(word, "url") == 0)
        profile->url = copy;
    else if (strcmp(word, "service") == 0) {
        profile->service = copy;
        profile->url = "";
    } else if (strcmp(word, "principal") == 0)
        profile->principal = copy;
    else if (strcmp(word, "danger") == 0)
        return profile->has_danger = colour_parse(value, &profile->danger);
    else if (strcmp(word, "read-only") == 0)
        profile->read_only = true;
    else
        return false;
    return true;
}

bool scene_parse_size(const char *text, int *rows, int *columns) {
    char *end;
    *columns = (int)strtol(text, &end, 10);
    *rows = *end == 'x' ? (int)strtol(end + 1, &end, 10) : 0;
    return *end == '\0' && *columns > 0 && *rows > 0;
}

bool scene_set(struct scene *scene, const char *word, char *value) {
    struct terminal_settings *terminal = &scene->options.terminal;
    if (strcmp(word, "size") == 0)
        return scene_parse_size(value, &terminal->rows, &terminal->columns);
    if (strcmp(word, "term") == 0)
        return setenv("TERM", value, 1) == 0;
    if (strcmp(word, "locale") == 0)
        return setlocale(LC_ALL, value) != NULL;
    if (strcmp(word, "token") == 0)
        return set_token(value);
    if (strcmp(word, "theme") == 0)
        scene->options.theme = arena_string(&scene->settings.arena, value);
    else if (strcmp(word, "no-colour") == 0)
        terminal->no_colour = true;
    else if (strcmp(word, "mouse") == 0)
        scene->settings.mouse = true;
    else if (strcmp(word, "no-profile") == 0)
        scene->settings.profile_count = 0;
    else if (strcmp(word, "name") == 0)
        scene->settings.profiles[0].name = arena_string(&scene->settings.arena, value);
    else if (strcmp(word, "profile") == 0)
        add_profile(scene, value);
    else
        return scene->settings.profile_count > 0 && set_of_profile(scene, word, value);
    return true;
}

bool scene_start(struct scene *scene, struct error *error) {
    scene->options.profile = scene->settings.profile_count ? &scene->settings.profiles[0] : NULL;
    scene->dashboard = dashboard_create(&scene->options, error);
    if (scene->dashboard == NULL)
        return false;
    scene_turn(scene);
    return true;
}

/* ---- afterwards ---- */

void scene_turn(struct scene *scene) {
    int quiet = 0;
    for (int i = 0; i < TURNS && quiet < 3 && !scene->over; i++) {
        unsigned long before = fake_http_activity();
        scene->over = !dashboard_turn(scene->dashboard, 0);
        quiet = fake_http_activity() == before ? quiet + 1 : 0;
    }
    must(quiet == 3 || scene->over, "coming to rest");
}

void scene_resize(struct scene *scene, int rows, int columns) {
    resizeterm(rows, columns);
    raise(SIGWINCH); /* which the dashboard reads as a descriptor */
    scene_turn(scene);
}

bool scene_signal(struct scene *scene, const char *name) {
    int number = strcmp(name, "HUP") == 0 ? SIGHUP : strcmp(name, "TERM") == 0 ? SIGTERM : 0;
    if (number == 0)
        return false;
    raise(number); /* which the dashboard reads as a descriptor */
    scene_turn(scene);
    return true;
}

void scene_type(struct scene *scene, const char *bytes, size_t length) {
    must(write(scene->keys[1], bytes, length) == (ssize_t)length, "typing");
    scene_turn(scene);
}

const char *scene_key_bytes(const char *name, char bytes[8]) {
    static const struct {
        int key;
        const char *bytes;
    } special[] = {
        {K_UP, "\033OA"},       {K_DOWN, "\033OB"},       {K_RIGHT, "\033OC"},
        {K_LEFT, "\033OD"},     {K_HOME, "\033OH"},       {K_END, "\033OF"},
        {K_PAGE_UP, "\033[5~"}, {K_PAGE_DOWN, "\033[6~"}, {K_INSERT, "\033[2~"},
        {K_DELETE, "\033[3~"},  {K_BACKSPACE, "\177"},    {K_SHIFT_TAB, "\033[Z"},
        {K_F1, "\033OP"},       {K_F2, "\033OQ"},         {K_F3, "\033OR"},
        {K_F4, "\033OS"},       {K_F5, "\033[15~"},       {K_F6, "\033[17~"},
        {K_F7, "\033[18~"},     {K_F8, "\033[19~"},       {K_F9, "\033[20~"},
        {K_F10, "\033[21~"},    {K_F11, "\033[23~"},      {K_F12, "\033[24~"},
    };
    int key = key_parse(name);
    if (key == K_NONE)
        return NULL;
    for (size_t i = 0; i < sizeof special / sizeof *special; i++)
        if (special[i].key == key)
            return special[i].bytes;
    if (key <= K_SPACE)
        snprintf(bytes, 8, "%c", key);
    else
        snprintf(bytes, 8, "%s", name);
    return bytes;
}
