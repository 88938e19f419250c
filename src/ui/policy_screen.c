/* The documents that a bucket needs: shown, searched, copied, saved to a new file. */
#include <stdlib.h>
#include <string.h>

#include "pail/base/memory.h"
#include "pail/buckets/policy.h"
#include "save_prompt.h"
#include "text_screen.h"

struct policy_screen {
    struct screen base;
    struct arena arena;
    struct bucket bucket;
    struct policy policy;
    enum policy_document document;
    int syntax[POLICY_DOCUMENT_COUNT]; /* the chosen one of each document */
    struct text_view *view;
    bool written;
    struct save_prompt prompt;
};

static struct policy_screen *of(struct screen *screen) {
    return (struct policy_screen *)screen;
}

/* ---- text ------------------------------------------------------------------------------------ */

static void write_document(struct text_view *view, const struct buffer *json) {
    static const enum style styles[] = {
        [TOKEN_PLAIN] = STYLE_NORMAL,       [TOKEN_KEY] = STYLE_JSON_KEY,
        [TOKEN_STRING] = STYLE_JSON_STRING, [TOKEN_NUMBER] = STYLE_JSON_NUMBER,
        [TOKEN_PUNCTUATION] = STYLE_NORMAL,
    };
    unsigned char *kinds = memory_new(json->length + 1, 1);
    policy_tokens(json->data, json->length, kinds);
    for (size_t at = 0, end; at < json->length; at = end) {
        for (end = at + 1; end < json->length && kinds[end] == kinds[at];)
            end++;
        text_view_add(view, styles[kinds[at]], json->data + at, end - at);
    }
    free(kinds);
}

static void write_part(struct text_view *view, enum style style, const struct buffer *part) {
    if (part->length == 0)
        return;
    if (!text_view_is_empty(view))
        text_view_add_string(view, STYLE_NORMAL, "\n");
    text_view_add(view, style, part->data, part->length);
    text_view_add_string(view, STYLE_NORMAL, "\n");
}

/* Also before a key is acted on: it may come before the document that it means was drawn. */
static void write_view(struct policy_screen *screen, const struct app *app) {
    struct policy *policy = &screen->policy;
    if (screen->written)
        return;
    policy_write(policy, screen->document, screen->syntax[screen->document], &screen->bucket,
                 app->profile ? app->profile->principal : "");
    text_view_clear(screen->view);
    if (policy->available)
        write_document(screen->view, &policy->text);
    write_part(screen->view, policy->available ? STYLE_NORMAL : STYLE_WARNING, &policy->note);
    write_part(screen->view, STYLE_DIM, &policy->usage);
    screen->written = true;
}

/* ---- drawing --------------------------------------------------------------------------------- */

/* A title among others; the chosen one is set off by signs too, not by colour alone. */
static int draw_tab(struct app *app, int row, int column, const char *title, bool chosen) {
    struct buffer text;
    buffer_init(&text);
    buffer_printf(&text, chosen ? "[%s]" : " %s ", title);
    int used = terminal_text_n(app->terminal, row, column, terminal_columns(app->terminal) - column,
                               chosen ? STYLE_FOCUS : STYLE_DIM, text.data, text.length, 0);
    buffer_finish(&text);
    return column + used + 1;
}

/* The syntaxes stand beside the documents, or below where there is no room. */
static void draw_tabs(const struct policy_screen *screen, struct app *app, int row) {
    int column = 1, width = 0;
    for (int i = 0; i < POLICY_DOCUMENT_COUNT; i++)
        column = draw_tab(app, row, column, policy_titles[i], i == (int)screen->document);
    int count = screen->policy.available ? policy_syntax_count(screen->document) : 1;
    for (int i = 0; i < count; i++)
        width += (int)strlen(policy_syntax_title(screen->document, i)) + 3;
    bool below = column + 2 + width > terminal_columns(app->terminal);
    row += below;
    column = below ? 1 : column + 2;
    for (int i = 0; i < count && count > 1; i++)
        column = draw_tab(app, row, column, policy_syntax_title(screen->document, i),
                          i == screen->syntax[screen->document]);
}

static void policy_draw(struct screen *base, struct app *app) {
    struct policy_screen *screen = of(base);
    struct buffer title;
    write_view(screen, app);
    buffer_init(&title);
    buffer_printf(&title, "policies for %s", screen->bucket.value[FIELD_NAME]);
    struct area area = frame_body(app);
    area.row += 2;
    area.height -= 2;
    text_view_draw(screen->view, app, area);
    frame_draw(app, IN_POLICY, title.data, text_view_status(screen->view));
    buffer_finish(&title);
    draw_tabs(screen, app, area.row - 2);
    text_view_draw_search(screen->view, app);
    save_prompt_draw(&screen->prompt, app);
}

/* ---- actions --------------------------------------------------------------------------------- */

static void show(struct policy_screen *screen, int document, int syntax_step) {
    screen->document = (enum policy_document)(document % POLICY_DOCUMENT_COUNT);
    int count = policy_syntax_count(screen->document);
    int *syntax = &screen->syntax[screen->document];
    *syntax = (*syntax + syntax_step + count) % count;
    screen->written = false;
    text_view_top(screen->view);
}

/* What is typed is left first. */
static void leave(struct policy_screen *screen, struct app *app) {
    if (screen->prompt.open)
        screen->prompt.open = false;
    else
        app_pop(app);
}

static void policy_act(struct screen *base, struct app *app, enum action action) {
    struct policy_screen *screen = of(base);
    bool uses_text = action == ACTION_COPY || action == ACTION_SAVE;
    write_view(screen, app);
    if (uses_text && !screen->policy.available) {
        app_say(app, STYLE_WARNING, "There is no document to %s here.", actions[action].name);
        return;
    }
    if (text_view_act(screen->view, app, action))
        return;
    switch (action) {
    case ACTION_NEXT_DOCUMENT:
        show(screen, (int)screen->document + 1, 0);
        break;
    case ACTION_PREVIOUS_DOCUMENT:
        show(screen, (int)screen->document + POLICY_DOCUMENT_COUNT - 1, 0);
        break;
    case ACTION_NEXT_SYNTAX:
        show(screen, (int)screen->document, 1);
        break;
    case ACTION_PREVIOUS_SYNTAX:
        show(screen, (int)screen->document, -1);
        break;
    case ACTION_COPY:
        app_copy(app, "document", screen->policy.text.data, screen->policy.text.length);
        break;
    case ACTION_SAVE:
        save_prompt_open(&screen->prompt, screen->policy.file);
        break;
    case ACTION_BACK:
    case ACTION_CLOSE:
    case ACTION_CANCEL:
        leave(screen, app);
        break;
    default:
        break;
    }
}

static bool policy_key(struct screen *base, struct app *app, int key) {
    struct policy_screen *screen = of(base);
    return screen->prompt.open ? save_prompt_key(&screen->prompt, app, key, &screen->policy.text)
                               : text_view_key(screen->view, app, key);
}

static bool policy_typing(const struct screen *base) {
    const struct policy_screen *screen = (const struct policy_screen *)base;
    return screen->prompt.open || text_view_typing(screen->view);
}

static void policy_destroy(struct screen *base) {
    struct policy_screen *screen = of(base);
    policy_finish(&screen->policy);
    text_view_destroy(screen->view);
    save_prompt_finish(&screen->prompt);
    arena_finish(&screen->arena);
    free(screen);
}

static const struct screen_ops policy_ops = {
    .context = IN_POLICY,
    .draw = policy_draw,
    .act = policy_act,
    .key = policy_key,
    .typing = policy_typing,
    .destroy = policy_destroy,
};

struct screen *policy_screen_create(const struct bucket *bucket) {
    struct policy_screen *screen = memory_new(1, sizeof *screen);
    screen->base.ops = &policy_ops;
    arena_init(&screen->arena);
    screen->bucket = bucket_copy(&screen->arena, bucket);
    policy_init(&screen->policy);
    screen->view = text_view_create();
    save_prompt_init(&screen->prompt);
    return &screen->base;
}
