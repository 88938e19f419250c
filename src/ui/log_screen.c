/* What was done in this sitting. */
#include "text_screen.h"

static void write_log(void *data, struct app *app, struct text_view *view) {
    (void)data;
    size_t count = session_log_count(app->session);
    for (size_t i = 0; i < count; i++) {
        struct session_log_line line = session_log_line(app->session, i);
        struct tm local;
        char when[16] = "";
        if (localtime_r(&line.when, &local))
            strftime(when, sizeof when, "%H:%M:%S  ", &local);
        text_view_add_string(view, STYLE_DIM, when);
        text_view_add_raw(view, STYLE_NORMAL, line.text);
        text_view_add_string(view, STYLE_NORMAL, "\n");
    }
    if (count == 0)
        text_view_add_string(view, STYLE_DIM, "Nothing was done yet in this sitting.\n");
}

static const struct text_source session_log = {
    .context = IN_TEXT,
    .title = "session log",
    .from_end = true,
    .follows_session = true,
    .write = write_log,
};

struct screen *log_screen_create(void) {
    return text_screen_create(&session_log, NULL);
}
