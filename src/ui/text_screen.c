#include "text_screen.h"

#include <stdlib.h>
#include <string.h>

#include "pail/base/memory.h"

struct text_screen {
    struct screen base;
    const struct text_source *source;
    void *data;
    struct text_view *view;
    bool written;
    unsigned long serial; /* the session's, as written */
};

static struct text_screen *of(struct screen *screen) {
    return (struct text_screen *)screen;
}

static void copy(const struct text_view *view, struct app *app) {
    struct buffer text;
    buffer_init(&text);
    text_view_text(view, &text);
    app_copy(app, "text", text.data, text.length);
    buffer_finish(&text);
}

/* Also before a key is acted on: it may come before the first draw. */
static void write_view(struct text_screen *text, struct app *app) {
    unsigned long serial = app->session ? session_serial(app->session) : 0;
    if (text->written && (!text->source->follows_session || serial == text->serial))
        return;
    text_view_clear(text->view);
    text->source->write(text->data, app, text->view);
    if (text->source->from_end && !text->written)
        text_view_bottom(text->view);
    text->written = true;
    text->serial = serial;
}

static void text_screen_draw(struct screen *screen, struct app *app) {
    struct text_screen *text = of(screen);
    write_view(text, app);
    text_view_draw(text->view, app, frame_body(app));
    frame_draw(app, text->source->context, text->source->title, text_view_status(text->view));
    text_view_draw_search(text->view, app);
}

static void text_screen_act(struct screen *screen, struct app *app, enum action action) {
    struct text_screen *text = of(screen);
    write_view(text, app);
    if (text_view_act(text->view, app, action) ||
        (text->source->act && text->source->act(text->data, app, action)))
        return;
    if (action == ACTION_BACK || action == ACTION_CLOSE || action == ACTION_CANCEL)
        app_pop(app);
    else if (action == ACTION_COPY)
        copy(text->view, app);
}

static bool text_screen_key(struct screen *screen, struct app *app, int key) {
    return text_view_key(of(screen)->view, app, key);
}

static bool text_screen_typing(const struct screen *screen) {
    return text_view_typing(((const struct text_screen *)screen)->view);
}

static void text_screen_destroy(struct screen *screen) {
    struct text_screen *text = of(screen);
    text_view_destroy(text->view);
    if (text->source->destroy)
        text->source->destroy(text->data);
    free(text);
}

/* By kind of screen, since a screen's context is in its ops. */
#define TEXT_SCREEN_OPS(in)                                                                        \
    {                                                                                              \
        .context = (in), .draw = text_screen_draw, .act = text_screen_act, .key = text_screen_key, \
        .typing = text_screen_typing, .destroy = text_screen_destroy                               \
    }
static const struct screen_ops details_ops = TEXT_SCREEN_OPS(IN_DETAILS);
static const struct screen_ops text_ops = TEXT_SCREEN_OPS(IN_TEXT);

struct screen *text_screen_create(const struct text_source *source, void *data) {
    struct text_screen *text = memory_new(1, sizeof *text);
    text->base.ops = source->context == IN_DETAILS ? &details_ops : &text_ops;
    text->source = source;
    text->data = data;
    text->view = text_view_create();
    return &text->base;
}
