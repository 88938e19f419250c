/*
 * What the files of the terminal share. terminal.c sets it up, terminal_frame.c makes frames,
 * terminal_keys.c reads, terminal_draw.c draws, terminal_colours.c makes looks of a theme,
 * terminal_clipboard.c copies, terminal_type.c opens curses.
 */
#ifndef PAIL_UI_TERMINAL_INTERNAL_H
#define PAIL_UI_TERMINAL_INTERNAL_H

#include "pail/ui/terminal.h"

#include <stdint.h>
#include <stdio.h>

#include "pail/base/buffer.h"

/* curses has a key_name of its own, which nobody here calls. */
#define key_name curses_key_name
#include <curses.h>
#undef key_name

/* What is read from the terminal, and how keys are made of it. */
enum { KEY_BYTES = 256, KEY_SEQUENCES = 32 };

enum { MOST_SIDE = 1000 /* rows and columns */ };

struct key_reader {
    char bytes[KEY_BYTES];
    size_t length;
    struct {
        const char *bytes; /* curses' own */
        int key;
    } sequences[KEY_SEQUENCES]; /* what terminfo says that keys send */
    size_t sequence_count;
    bool in_string; /* swallowing an answer of the terminal up to its end */
    bool pasting;
    int mouse_row, mouse_column;
};

/* Asks terminfo for the terminal's own sequences. */
void key_reader_init(struct key_reader *reader);

/* Takes a key from the bytes; K_NONE if there are none, or if what is there may be the beginning of
 * a key. last: nothing more came within ESCDELAY, so it is no beginning. */
int key_reader_take(struct key_reader *reader, bool last);

/* How a style is drawn. */
struct look {
    attr_t attributes;
    int pair;
};

struct colours {
    int count; /* 0: none */
    bool default_colours;
    bool direct; /* a colour's number is its RGB value */
};

/* Starts curses' colours; none is true for NO_COLOR. */
void colours_init(struct colours *colours, bool none);
struct look colours_look(const struct colours *colours, enum style style,
                         const struct style_look *look);

/* The number of the nearest colour that the terminal has; -1 is its default. */
int colours_map(const struct colours *colours, const struct colour *colour);

/* Opens curses for that type ($TERM if NULL); NULL with an error if it can't move its cursor. */
SCREEN *terminal_type_open(const char *type, FILE *frame, struct error *error);

/* A capability's string, or "" if the terminal hasn't got it. */
const char *terminal_capability(const char *name);

/* Appends a capability's string as a terminal wants it, without the delays, "$<5>", that terminfo
 * writes into it for curses. */
void terminal_append_capability(struct buffer *out, const char *text);

/* What is known of the terminal between two frames. */
struct slim {
    bool known;             /* it is in ASCII: that needn't be said again */
    bool plain;             /* what was written last left no attribute on */
    int row;                /* of the cursor, from 1; 0: not known */
    bool has_column;        /* it understands CHA (ECMA-48, 8.3.9) */
    int (*indent)(int row); /* how many blanks without attributes that row of the frame, from 1,
                               begins with; NULL: not known */
    char text[16];
};

/* slim.indent of what curses has put on the screen last; at most 7. */
int slim_screen_indent(int row);

/* Takes out of the bytes of a frame, from `from` on, what the terminal needn't be told, or mustn't;
 * only the latter out of the first. */
void slim_frame(struct slim *slim, struct buffer *bytes, size_t from);

struct terminal {
    int input;             /* borrowed */
    int output;            /* ours: a description of its own if it is a tty */
    bool real;             /* a tty, whose modes are set and given back */
    bool fixed;            /* the size was given */
    bool ansi;             /* understands private modes, or ignores them */
    FILE *frame;           /* a memfd: curses writes here, and each frame goes on in one write() */
    struct buffer pending; /* what the terminal hasn't taken yet */
    int64_t stalled_at;    /* clock_ms since when there is some; 0: there is none */
    struct slim slim;
    int drawn_rows, drawn_columns;    /* the size of the last frame */
    bool drawn[MOST_SIDE];            /* in this frame */
    bool wide[MOST_SIDE];             /* since it was blank: characters of two cells */
    uint64_t keys_of_rows[MOST_SIDE]; /* terminal_keep_row; 0: none */
    SCREEN *screen;                   /* curses' */
    enum text_charset charset;
    struct colours colours;
    struct theme theme;
    bool has_danger;
    struct colour danger;
    struct look looks[STYLE_COUNT];
    bool mouse;
    bool thrifty;                  /* signs are a byte each */
    int cursor_row, cursor_column; /* -1: hidden */
    int cursor_shown;              /* what the terminal was told; -1: nothing yet */
    struct key_reader keys;
    int escape_ms;
    bool pasting;
    int pushed; /* a key to give before all others, or K_NONE */
};

/* Bytes for the terminal; they leave with the next flush. */
void terminal_emit(struct terminal *terminal, const char *bytes, size_t length);

/* Writes what the frame file holds to the terminal, as much as that takes at once. False if some is
 * left; it goes first the next time. */
bool terminal_flush(struct terminal *terminal);

/* Forgets what has not been written: the terminal has been given back without it. */
void terminal_discard(struct terminal *terminal);

/* Something is about to be drawn on that row of the screen: it begins blank. */
void terminal_touch(struct terminal *terminal, int row);

#endif
