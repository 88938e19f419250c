/*
 * The terminal: set-up, keys in, styled cells out, one write() a frame, and giving it back however
 * the program ends (SIGKILL aside). Only src/ui/terminal*.c include curses. All text is drawn
 * through base/text.h, so text from outside can't drive the terminal.
 *
 * Colours fall back from the theme's to 256, 16 and 8 colours and none; with none (NO_COLOR, or a
 * terminal that has none) attributes alone carry the styles, so that selected, focus, warning and
 * error still differ.
 */
#ifndef PAIL_UI_TERMINAL_H
#define PAIL_UI_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pail/base/error.h"
#include "pail/base/text.h"
#include "pail/settings/key.h"
#include "pail/settings/theme.h"

struct terminal;

struct terminal_settings {
    int input, output; /* borrowed descriptors */
    const char *type;  /* NULL: $TERM */
    bool no_colour;
    int rows, columns; /* 0: the terminal's own; else fixed, for tests */
};

struct terminal *terminal_create(const struct terminal_settings *settings,
                                 const struct theme *theme, struct error *error);
void terminal_destroy(struct terminal *terminal); /* gives it back */

void terminal_set_theme(struct terminal *terminal, const struct theme *theme);
/* The profile's danger colour becomes the background of STYLE_DANGER; NULL: the theme's. */
void terminal_set_danger(struct terminal *terminal, const struct colour *danger);
/* A few signs take a byte each, as in ASCII. */
void terminal_set_thrifty(struct terminal *terminal, bool on);
void terminal_set_mouse(struct terminal *terminal, bool on);

int terminal_rows(const struct terminal *terminal);
int terminal_columns(const struct terminal *terminal);
enum text_charset terminal_charset(const struct terminal *terminal);

/* Asks the terminal for its size; true if it has changed (after SIGWINCH or SIGCONT). */
bool terminal_check_size(struct terminal *terminal);

/* The descriptor to wait on for keys. */
int terminal_input(const struct terminal *terminal);

/* The next key, or K_NONE if none is waiting. ^J is K_ENTER, DEL is K_BACKSPACE. *hung_up becomes
 * true if the terminal is gone, and is left alone else. */
int terminal_key(struct terminal *terminal, bool *hung_up);
void terminal_drop_keys(struct terminal *terminal); /* typed-ahead ones */
void terminal_mouse_position(const struct terminal *terminal, int *row, int *column);

/* A frame: begin empties it and hides the cursor, end writes what differs from the last one; or, if
 * the terminal has not taken that yet, nothing, and the next frame makes up for it. */
void terminal_begin(struct terminal *terminal);
void terminal_end(struct terminal *terminal);

/* True if the row was drawn under the same key (not 0) in the last frame: it is kept as it was, and
 * needn't be drawn. Else it is empty, and what is drawn on it goes by that key. */
bool terminal_keep_row(struct terminal *terminal, int row, uint64_t key);
void terminal_forget_row(struct terminal *terminal, int row); /* another thing was drawn on it */
void terminal_forget(struct terminal *terminal);              /* on any of them */

/* Milliseconds since when the terminal has not taken all that was written; -1 if it has. Its
 * descriptor is ready for writing once it takes more: then end a frame. */
int terminal_stalled(const struct terminal *terminal);
int terminal_output(const struct terminal *terminal);
void terminal_redraw(struct terminal *terminal); /* the next frame is written whole */

/* Draws text, made safe, into width cells from (row, column), and pads with blanks; what does not
 * fit is cut, and the last cell says so with › (> in ASCII). Returns the cells used by text. What
 * lies outside the screen is not drawn. */
int terminal_text(struct terminal *terminal, int row, int column, int width, enum style style,
                  const char *text);
/* The same for length bytes, leaving out the first `skip` cells, without padding. */
int terminal_text_n(struct terminal *terminal, int row, int column, int width, enum style style,
                    const char *text, size_t length, int skip);
void terminal_fill(struct terminal *terminal, int row, int column, int width, enum style style);
void terminal_rule(struct terminal *terminal, int row, int column, int width); /* a frame line */
void terminal_cursor(struct terminal *terminal, int row, int column);

/* A few signs that have an ASCII form. */
enum sign {
    SIGN_MORE,
    SIGN_UP,
    SIGN_DOWN,
    SIGN_MARKER,
    SIGN_ARROW,
    SIGN_LEFT,
    SIGN_RIGHT,
    SIGN_MARKED
};
const char *terminal_sign(const struct terminal *terminal, enum sign sign);

/* OSC 52, wrapped for tmux and screen; at most 74,994 bytes (xterm's limit). The terminal doesn't
 * say whether it took it. */
bool terminal_copy(struct terminal *terminal, const char *text, size_t length, struct error *error);

/* Gives the terminal back, stops the process, and takes the terminal again after SIGCONT. */
void terminal_suspend(struct terminal *terminal);

#endif
