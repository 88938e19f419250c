/*
 * How things look: a style for each thing that is drawn, read from a libconfig file
 * NAME.theme, e.g.
 *
 *   header = { fg = "brightwhite"; bg = "#1c3a57"; attributes = ["bold"]; };
 *
 * A colour is "default", one of the 16 names (black red green yellow blue magenta cyan white and
 * bright...), 0-255 as a number, or "#rrggbb". A style that a file leaves out is the built-in
 * default theme's. State is never shown by colour alone, so any theme may be all default.
 */
#ifndef PAIL_SETTINGS_THEME_H
#define PAIL_SETTINGS_THEME_H

#include "pail/base/error.h"

#define STYLES(X)                                                                 \
    X(NORMAL, "normal")                                                           \
    X(HEADER, "header")     /* the first line */                                  \
    X(DANGER, "danger")     /* the profile's name where it has a danger colour */ \
    X(BADGE, "badge")       /* READ-ONLY */                                       \
    X(TITLE, "title")       /* column titles, labels' headings */                 \
    X(LABEL, "label")       /* a field's label */                                 \
    X(SELECTED, "selected") /* the row or line with the cursor */                 \
    X(MARKED, "marked")                                                           \
    X(DIM, "dim") /* hints, what doesn't matter now */                            \
    X(FRAME, "frame")                                                             \
    X(KEY, "key")     /* a key's name on the hint line */                         \
    X(FIELD, "field") /* a text field */                                          \
    X(FOCUS, "focus") /* the focused field or button */                           \
    X(GOOD, "good")                                                               \
    X(WARNING, "warning")                                                         \
    X(ERROR, "error")                                                             \
    X(STAND_IN, "stand_in") /* ^[ and <U+202E> in text from outside */            \
    X(MATCH, "match")       /* what a search found */                             \
    X(JSON_KEY, "json_key")                                                       \
    X(JSON_STRING, "json_string")                                                 \
    X(JSON_NUMBER, "json_number")

#define STYLE_ID(id, name) STYLE_##id,
enum style { STYLES(STYLE_ID) STYLE_COUNT };
#undef STYLE_ID

enum colour_kind { COLOUR_DEFAULT, COLOUR_INDEX, COLOUR_RGB };
struct colour {
    enum colour_kind kind;
    unsigned char index; /* 0-15 the terminal's own, 16-255 xterm's */
    unsigned char red, green, blue;
};

enum { ATTRIBUTE_BOLD = 1, ATTRIBUTE_UNDERLINE = 2, ATTRIBUTE_REVERSE = 4, ATTRIBUTE_DIM = 8 };
struct style_look {
    struct colour fg, bg;
    unsigned attributes;
};

struct theme {
    struct style_look looks[STYLE_COUNT];
};

void theme_init(struct theme *theme); /* the built-in default, equal to themes/default.theme */

/* What a theme may be called: A-Z a-z 0-9 _ - alone, so that a name is no path. */
bool theme_is_name(const char *name);

/* Reads NAME.theme from $XDG_CONFIG_HOME/pail/themes (or ~/.config), the installed data directory,
 * then the folder themes of the tree that the program was built in. Errors name the file and line.
 */
bool theme_load(struct theme *theme, const char *name, struct error *error);

/* A colour by its name as in a theme file; used for a profile's danger colour too. */
bool colour_parse(const char *text, struct colour *colour);

#endif
