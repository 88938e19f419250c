/*
 * One line of text being edited. Readline's keys: ^A ^E ^B ^F ^D ^H ^K ^U ^W ^Y, arrows, Home, End,
 * Backspace, Delete. The cursor moves by what text_unit calls a unit, so it never lands inside a
 * character. Fit for secrets: what is deleted is overwritten; a secret's kills are not kept.
 * Pasted control characters are dropped and counted.
 */
#ifndef PAIL_UI_LINE_EDITOR_H
#define PAIL_UI_LINE_EDITOR_H

#include "pail/base/buffer.h"
#include "pail/ui/terminal.h"

struct line_editor {
    struct buffer text;
    struct buffer killed; /* what ^Y gives back */
    size_t cursor;        /* byte offset in text */
    bool secret;
    bool pasting;
    unsigned dropped; /* control characters left out of the last paste */
};

enum { LINE_LIMIT = 4096 }; /* bytes; more is not taken */

void line_editor_init(struct line_editor *editor, bool secret);
void line_editor_finish(struct line_editor *editor);
void line_editor_set(struct line_editor *editor, const char *text); /* cursor to the end */

/* True if the key was used. Enter, Escape, Tab and what it doesn't know are not, but in a paste,
 * which uses every key. */
bool line_editor_key(struct line_editor *editor, int key);

/* Draws it in width cells; masked shows a * for each unit. With focus it is scrolled so that the
 * cursor shows, a sign tells where it goes on to the left, and the terminal's cursor is set;
 * without, it shows from its beginning. */
void line_editor_draw(const struct line_editor *editor, struct terminal *terminal, int row,
                      int column, int width, enum style style, bool masked, bool focus);

#endif
