/* No service configured: what was looked for, and the ways on. */
#include <unistd.h>

#include "pail/service/token.h"
#include "text_screen.h"

static void write_searched(struct app *app, struct buffer *out) {
    if (app->settings->path[0]) {
        buffer_printf(out, "Read, but without a profile that would be used:\n  %s\n",
                      app->settings->path);
        return;
    }
    buffer_append_string(out, "Looked for a configuration in:\n");
    for (int i = 0; app->settings->searched[i][0]; i++)
        buffer_printf(out, "  %s\n", app->settings->searched[i]);
}

static void write_token(struct app *app, struct buffer *out) {
    struct buffer path;
    buffer_init(&path);
    token_path(&path, "");
    buffer_printf(out, "%s for the token file %s: %s\n\n",
                  app->settings->path[0] ? "Looked" : "and", path.data,
                  access(path.data, F_OK) == 0 ? "found" : "not found");
    buffer_finish(&path);
}

/* There are profiles, but which is to be opened isn't said. */
static void write_profiles(struct app *app, struct buffer *out) {
    buffer_append_string(out, "Open one of its profiles:  pail --profile NAME\n\n ");
    for (size_t i = 0; i < app->settings->profile_count; i++)
        buffer_printf(out, " %s", app->settings->profiles[i].name);
    buffer_append_string(out, "\n\nor make it the usual one:  default_profile = \"NAME\";\n");
}

static void write_ways(struct app *app, struct buffer *out) {
    buffer_printf(out,
                  "Two ways on:\n\n"
                  "1  Make a profile. Write this to %s:\n\n"
                  "     profiles = {\n"
                  "       prod = { service = \"infinstor.yourcompany.com\"; };\n"
                  "     };\n"
                  "   and log in:  pail login\n"
                  "   Or once:  pail --url https://api.infinstor.yourcompany.com\n\n"
                  "2  Look around in the demo: `make demo` in pail's source tree starts a\n"
                  "   service of its own with sample data.\n",
                  app->settings->searched[0]);
}

static void write_no_profile(void *data, struct app *app, struct text_view *view) {
    (void)data;
    struct buffer text;
    buffer_init(&text);
    write_searched(app, &text);
    write_token(app, &text);
    bool several = app->settings->profile_count > 0;
    (several ? write_profiles : write_ways)(app, &text);
    text_view_add_string(view, STYLE_TITLE,
                         several ? "No profile is chosen.\n\n" : "No service is configured.\n\n");
    text_view_add_string(view, STYLE_NORMAL, text.data);
    buffer_finish(&text);
}

static bool no_profile_act(void *data, struct app *app, enum action action) {
    (void)data;
    if (action != ACTION_CLOSE && action != ACTION_CANCEL)
        return false;
    app->quit = true;
    return true;
}

static const struct text_source no_profile = {
    .context = IN_TEXT,
    .title = "no configuration",
    .write = write_no_profile,
    .act = no_profile_act,
};

struct screen *no_profile_screen_create(void) {
    return text_screen_create(&no_profile, NULL);
}
