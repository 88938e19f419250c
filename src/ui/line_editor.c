#include "pail/ui/line_editor.h"

#include <string.h>

void line_editor_init(struct line_editor *editor, bool secret) {
    *editor = (struct line_editor){.secret = secret};
    buffer_init(&editor->text);
    buffer_init(&editor->killed);
}

void line_editor_finish(struct line_editor *editor) {
    buffer_finish(&editor->text);
    buffer_finish(&editor->killed);
    editor->cursor = 0;
}

void line_editor_set(struct line_editor *editor, const char *text) {
    buffer_clear(&editor->text);
    buffer_append_string(&editor->text, text);
    editor->cursor = editor->text.length;
}

/* The last place between two units that is before `offset`; 0 if there is none. */
static size_t unit_before(const struct line_editor *editor, size_t offset) {
    struct text_unit unit = {.consumed = 0};
    size_t at = 0;
    while (at + unit.consumed < offset) {
        at += unit.consumed;
        text_unit(editor->text.data + at, editor->text.length - at, text_charset(), &unit);
    }
    return at;
}

/* The first such place after `offset`. */
static size_t unit_after(const struct line_editor *editor, size_t offset) {
    struct text_unit unit;
    if (offset >= editor->text.length)
        return editor->text.length;
    text_unit(editor->text.data + offset, editor->text.length - offset, text_charset(), &unit);
    return offset + unit.consumed;
}

/* An edit may have joined a mark to the character at the cursor. */
static void leave_unit(struct line_editor *editor) {
    size_t before = unit_before(editor, editor->cursor);
    if (before < editor->cursor)
        editor->cursor = unit_after(editor, before);
}

static void insert(struct line_editor *editor, const char *text, size_t length) {
    if (editor->text.length + length > LINE_LIMIT)
        return;
    buffer_splice(&editor->text, editor->cursor, 0, text, length);
    editor->cursor += length;
    leave_unit(editor);
}

static void insert_code(struct line_editor *editor, int key) {
    char utf8[4];
    insert(editor, utf8, text_encode((uint32_t)key, utf8));
    explicit_bzero(utf8, sizeof utf8);
}

static void erase(struct line_editor *editor, size_t from, size_t to) {
    buffer_splice(&editor->text, from, to - from, NULL, 0);
    editor->cursor = from;
    leave_unit(editor);
}

static void kill(struct line_editor *editor, size_t from, size_t to) {
    if (from == to)
        return;
    buffer_clear(&editor->killed);
    if (!editor->secret)
        buffer_append(&editor->killed, editor->text.data + from, to - from);
    erase(editor, from, to);
}

/* Where the word before the cursor begins; blanks are what lies between words. */
static size_t word_start(const struct line_editor *editor) {
    size_t at = editor->cursor;
    while (at > 0 && editor->text.data[at - 1] == ' ')
        at--;
    while (at > 0 && editor->text.data[at - 1] != ' ')
        at--;
    return at;
}

static bool is_pasted(struct line_editor *editor, int key) {
    if (key == K_PASTE_BEGIN)
        editor->dropped = 0;
    if (key == K_PASTE_BEGIN || key == K_PASTE_END) {
        editor->pasting = key == K_PASTE_BEGIN;
        return true;
    }
    if (!editor->pasting)
        return false;
    if (key_is_text(key))
        insert_code(editor, key);
    else
        editor->dropped++;
    return true;
}

static bool move_or_erase(struct line_editor *editor, int key) {
    size_t cursor = editor->cursor, end = editor->text.length;
    switch (key) {
    case KEY_CTRL('a'):
    case K_HOME:
        editor->cursor = 0;
        return true;
    case KEY_CTRL('e'):
    case K_END:
        editor->cursor = end;
        return true;
    case KEY_CTRL('b'):
    case K_LEFT:
        editor->cursor = unit_before(editor, cursor);
        return true;
    case KEY_CTRL('f'):
    case K_RIGHT:
        editor->cursor = unit_after(editor, cursor);
        return true;
    case KEY_CTRL('d'):
    case K_DELETE:
        erase(editor, cursor, unit_after(editor, cursor));
        return true;
    case KEY_CTRL('h'):
    case K_BACKSPACE:
        erase(editor, unit_before(editor, cursor), cursor);
        return true;
    default:
        return false;
    }
}

bool line_editor_key(struct line_editor *editor, int key) {
    if (is_pasted(editor, key) || move_or_erase(editor, key))
        return true;
    switch (key) {
    case KEY_CTRL('k'):
        kill(editor, editor->cursor, editor->text.length);
        return true;
    case KEY_CTRL('u'):
        kill(editor, 0, editor->cursor);
        return true;
    case KEY_CTRL('w'):
        kill(editor, word_start(editor), editor->cursor);
        return true;
    case KEY_CTRL('y'):
        insert(editor, editor->killed.data, editor->killed.length);
        return true;
    default:
        if (!key_is_text(key))
            return false;
        insert_code(editor, key);
        return true;
    }
}

/* As many * as the text has units up to `end`. */
static void mask(const struct line_editor *editor, size_t end, struct buffer *out) {
    for (size_t at = 0; at < end; at = unit_after(editor, at))
        buffer_append_char(out, '*');
}

void line_editor_draw(const struct line_editor *editor, struct terminal *terminal, int row,
                      int column, int width, enum style style, bool masked, bool focus) {
    struct buffer stars;
    buffer_init(&stars);
    const struct buffer *shown = &editor->text;
    size_t cursor = editor->cursor;
    if (masked) {
        mask(editor, editor->cursor, &stars);
        cursor = stars.length;
        buffer_clear(&stars);
        mask(editor, editor->text.length, &stars);
        shown = &stars;
    }
    enum text_charset charset = terminal_charset(terminal);
    int before = text_width(shown->data, cursor, charset);
    int whole =
        text_width(shown->data, shown->length, charset) + 1; /* the cursor's cell at the end */
    int skip = focus && whole > width && before > width - 2 ? before - (width - 2) : 0;
    if (skip > 0 && cursor == shown->length)
        skip = whole - width;
    terminal_fill(terminal, row, column, width, style);
    int sign = skip > 0 ? 1 : 0;
    terminal_text(terminal, row, column, sign, style, terminal_sign(terminal, SIGN_LEFT));
    terminal_text_n(terminal, row, column + sign, width - sign, style, shown->data, shown->length,
                    skip + sign);
    if (focus)
        terminal_cursor(terminal, row, column + before - skip);
    buffer_finish(&stars);
}
