/* No service configured: what was looked for, and the ways on. */
#include <unistd.h>

#include "pail/service/token.h"
#include "text_screen.h"

static void write_no_profile(void *data, struct app *app, struct text_view *view) {
    (void)data;
    struct buffer line;
    buffer_init(&line);
    text_view_add_string(view, STYLE_TITLE, "No service is configured.\n\n");
    if (app->settings->path[0]) {
        text_view_add_string(view, STYLE_NORMAL,
                             "Read, but without a profile that would be used:\n");
        buffer_printf(&line, "  %s\n", app->settings->path);
    } else {
        text_view_add_string(view, STYLE_NORMAL, "Looked for a configuration in:\n");
        for (int i = 0; app->settings->searched[i][0]; i++)
            buffer_printf(&line, "  %s\n", app->settings->searched[i]);
    }
    text_view_add_string(view, STYLE_NORMAL, line.data);
    buffer_clear(&line);
    struct buffer path;
    buffer_init(&path);
    token_path(&path, "");
    buffer_printf(&line, "and for the token file %s: %s\n\n", path.data,
                  access(path.data, F_OK) == 0 ? "found" : "not found");
    buffer_finish(&path);
    text_view_add_string(view, STYLE_NORMAL, line.data);
    buffer_clear(&line);
    buffer_printf(&line,
                  "Two ways on:\n\n"
                  "1  Make a profile. Write this to %s:\n\n"
                  "     profiles = {\n"
                  "       prod = { url = \"https://api.infinstor.yourcompany.com\"; };\n"
                  "     };\n\n"
                  "   or try it once:  pail --url https://api.infinstor.yourcompany.com\n\n"
                  "2  Look around in the demo: `make demo` in pail's source tree starts a\n"
                  "   service of its own with sample data.\n",
                  app->settings->searched[0]);
    text_view_add_string(view, STYLE_NORMAL, line.data);
    buffer_finish(&line);
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
