/* The keys, made from the action table: those of the screen below first. */
#include <stdlib.h>

#include "pail/base/memory.h"
#include "text_screen.h"

static const struct {
    enum context context;
    const char *title;
} sections[] = {
    {IN_LIST, "The list"},     {IN_DETAILS, "Details"},         {IN_FORM, "The form"},
    {IN_REVIEW, "The review"}, {IN_POLICY, "Policy documents"}, {IN_TEXT, "This help, the log"},
    {IN_BULK, "Many at once"}, {IN_JOURNAL, "The journal"},
};

static const char about[] =
    "  ?   a change of this bucket whose outcome is not settled yet\n"
    "  !   (beside access) a warning of the rules: the details say which\n"
    "\n"
    "The filter: words that must all match, anywhere in the row; A-Z in any case\n"
    "  minio           anywhere\n"
    "  cloud:aws       in that field: name cloud access endpoint identity snap,\n"
    "                  or an API name such as accessRole\n"
    "  endpoint:       that field is empty\n"
    "  !word           rows without it; also !cloud:aws\n"
    "  arn:aws         a prefix that names no field is plain text\n"
    "\n"
    "In text fields: ^A ^E to the ends, ^K ^U cut, ^W cuts a word, ^Y puts back\n";

static void write_section(struct text_view *view, const struct keymap *keymap, size_t section) {
    struct buffer line;
    buffer_init(&line);
    text_view_add_string(view, STYLE_TITLE, sections[section].title);
    text_view_add_string(view, STYLE_NORMAL, "\n");
    for (int i = 0; i < ACTION_COUNT; i++) {
        if (!(actions[i].contexts & sections[section].context))
            continue;
        buffer_clear(&line);
        keymap_append_keys(keymap, (enum action)i, &line);
        int width = text_width(line.data, line.length, TEXT_UTF8);
        text_view_add_string(view, STYLE_NORMAL, "  ");
        text_view_add_string(view, STYLE_KEY, line.data);
        buffer_clear(&line);
        buffer_printf(&line, "%*s  %s\n", width < 18 ? 18 - width : 0, "", actions[i].help);
        text_view_add_string(view, STYLE_NORMAL, line.data);
    }
    text_view_add_string(view, STYLE_NORMAL, "\n");
    buffer_finish(&line);
}

static void write_signs(struct text_view *view, const struct terminal *terminal) {
    struct buffer lines;
    buffer_init(&lines);
    buffer_printf(&lines, "  %s   the selected entry\n  %s   a marked entry\n",
                  terminal_sign(terminal, SIGN_MARKER), terminal_sign(terminal, SIGN_MARKED));
    text_view_add_string(view, STYLE_TITLE, "The signs before a name\n");
    text_view_add_string(view, STYLE_NORMAL, lines.data);
    buffer_finish(&lines);
}

static void write_help(void *data, struct app *app, struct text_view *view) {
    enum { COUNT = sizeof sections / sizeof *sections };
    const struct keymap *keymap = &app->settings->keymap;
    enum context first = *(const enum context *)data;
    for (size_t i = 0; i < COUNT; i++)
        if (sections[i].context == first)
            write_section(view, keymap, i);
    write_signs(view, app->terminal);
    text_view_add_string(view, STYLE_NORMAL, about);
    text_view_add_string(view, STYLE_NORMAL, "\n");
    for (size_t i = 0; i < COUNT; i++)
        if (sections[i].context != first)
            write_section(view, keymap, i);
}

static const struct text_source help = {
    .context = IN_TEXT,
    .title = "help",
    .write = write_help,
    .destroy = free,
};

struct screen *help_screen_create(enum context context) {
    enum context *first = memory_new(1, sizeof *first);
    *first = context;
    return text_screen_create(&help, first);
}
