#include "save_prompt.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "pail/ui/frame.h"

void save_prompt_init(struct save_prompt *prompt) {
    line_editor_init(&prompt->file, false);
    prompt->open = false;
}

void save_prompt_finish(struct save_prompt *prompt) {
    line_editor_finish(&prompt->file);
}

void save_prompt_open(struct save_prompt *prompt, const char *name) {
    line_editor_set(&prompt->file, name);
    prompt->open = true;
}

void save_prompt_draw(const struct save_prompt *prompt, struct app *app) {
    static const char question[] = "save to a new file: ";
    struct terminal *terminal = app->terminal;
    int row = terminal_rows(terminal) - 2, width = terminal_columns(terminal);
    if (!prompt->open || app->message.length > 0)
        return;
    terminal_fill(terminal, row, 0, width, STYLE_NORMAL);
    terminal_text(terminal, row, 1, width - 1, STYLE_KEY, question);
    line_editor_draw(&prompt->file, terminal, row, (int)sizeof question,
                     width - (int)sizeof question, STYLE_FIELD, false, true);
    frame_prompt_hints(app, row + 1, "Enter saves  Esc back");
}

/* ---- saving ---------------------------------------------------------------------------------- */

/* A new file that only we can read; an existing one, also a link, is never touched. */
static bool save(const char *path, const struct buffer *text, struct error *error) {
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file < 0 && errno == EEXIST)
        return error_set(error, "%s exists; nothing was written. Give another name.", path);
    if (file < 0)
        return error_set(error, "%s: not written: %s", path, strerror(errno));
    size_t done = 0;
    while (done < text->length) {
        ssize_t wrote = write(file, text->data + done, text->length - done);
        if (wrote < 0 && errno != EINTR)
            break;
        done += wrote > 0 ? (size_t)wrote : 0;
    }
    int failed = done < text->length ? errno : 0;
    if (close(file) != 0 && failed == 0)
        failed = errno;
    if (failed == 0)
        return true;
    unlink(path);
    return error_set(error, "%s: not written: %s", path, strerror(failed));
}

static void finish_saving(struct save_prompt *prompt, struct app *app, const struct buffer *text) {
    struct error error;
    if (prompt->file.text.length == 0)
        return;
    if (!save(prompt->file.text.data, text, &error)) {
        app_say(app, STYLE_ERROR, "%s", error.text);
        return;
    }
    app_say(app, STYLE_GOOD, "Saved to %s.", prompt->file.text.data);
    prompt->open = false;
}

bool save_prompt_key(struct save_prompt *prompt, struct app *app, int key,
                     const struct buffer *text) {
    if (key == K_ESCAPE)
        prompt->open = false;
    else if (key == K_ENTER && !prompt->file.pasting)
        finish_saving(prompt, app, text);
    else
        return app_type(app, &prompt->file, key);
    return true;
}
