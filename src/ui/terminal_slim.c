/*
 * What a frame need not say. terminfo's entries have every change of attributes go back to ASCII,
 * in case lines were being drawn in another character set, and to plain text first; here nothing
 * leaves ASCII that way, and what is plain needn't be made so. Curses names the row that it goes to
 * where a line feed leads there, and writing the blanks with which that row begins; and the row
 * again where it stays. (That it resets the scrolling region by numbers is left: not every emulator
 * takes the sequence without.)
 */
#include "terminal_internal.h"

#include <stdio.h>
#include <string.h>
#include <wchar.h>

enum { MOST_PARAMETERS = 4, MOST_INDENT = 7 };

/* A control sequence (ECMA-48, 5.4) of numbers alone. */
struct sequence {
    size_t length; /* 0: there is none here */
    int parameters[MOST_PARAMETERS], count;
    char end;
};

static struct sequence read_sequence(const char *bytes, size_t length) {
    struct sequence sequence = {.length = 2, .count = 1};
    if (length < 3 || bytes[0] != '\033' || bytes[1] != '[')
        return (struct sequence){0};
    for (; sequence.length < length; sequence.length++) {
        char c = bytes[sequence.length];
        int *last = &sequence.parameters[sequence.count - 1];
        if (c >= '0' && c <= '9' && *last < 10000)
            *last = *last * 10 + (c - '0');
        else if (c == ';' && sequence.count < MOST_PARAMETERS)
            sequence.count++;
        else {
            sequence.end = c;
            sequence.length++;
            return c >= '@' && c <= '~' ? sequence : (struct sequence){0};
        }
    }
    return (struct sequence){0};
}

static bool says(const char *bytes, size_t length, const char *text) {
    return length >= strlen(text) && memcmp(bytes, text, strlen(text)) == 0;
}

/* Attributes: a leading 0 isn't needed where there are none. */
static const char *slim_attributes(struct slim *slim, const char *bytes, size_t length,
                                   size_t *skip) {
    bool again = slim->plain && says(bytes, length, "\033[0;");
    slim->plain = says(bytes, length, "\033[m");
    *skip = again ? 4 : 0;
    return again ? "\033[" : "";
}

int slim_screen_indent(int row) {
    int y, x, count = 0;
    cchar_t cell;
    wchar_t text[CCHARW_MAX + 1];
    attr_t attributes;
    short pair;
    getyx(curscr, y, x);
    while (count < MOST_INDENT && mvwin_wch(curscr, row - 1, count, &cell) == OK &&
           getcchar(&cell, text, &attributes, &pair, NULL) == OK && wcscmp(text, L" ") == 0 &&
           attributes == A_NORMAL && pair == 0)
        count++;
    wmove(curscr, y, x);
    return count;
}

/* The row below the cursor's, at that column: by its blanks if that is shorter. */
static const char *below(struct slim *slim, int row, int column, size_t length) {
    int blanks = column - 1;
    bool shorter = blanks >= 0 && blanks <= MOST_INDENT && 2 + (size_t)blanks < length;
    if (!shorter || (blanks > 0 && !(slim->plain && slim->indent && blanks <= slim->indent(row))))
        return "";
    snprintf(slim->text, sizeof slim->text, "\r\n%*s", blanks, "");
    return slim->text;
}

/* To that row: one line feed from the row above, which in a raw tty goes straight down; and within
 * the row the column is enough. */
static const char *slim_move(struct slim *slim, const struct sequence *sequence, size_t *skip) {
    int from = slim->row, row = sequence->parameters[0];
    int column = sequence->end == 'd' || sequence->count != 2 ? 0 : sequence->parameters[1];
    const char *instead = "";
    slim->row = row;
    if (from > 0 && row == from + 1 && sequence->end == 'd')
        instead = "\n";
    else if (from > 0 && row == from + 1)
        instead = below(slim, row, column, sequence->length);
    else if (from > 0 && row == from && column > 0 && slim->has_column) {
        snprintf(slim->text, sizeof slim->text, "\033[%dG", column);
        instead = slim->text;
    }
    if (*instead)
        *skip = sequence->length;
    return instead;
}

/* The same for a sequence; nothing is skipped if nothing can be. */
static const char *slim_sequence(struct slim *slim, const char *bytes, size_t length,
                                 size_t *skip) {
    struct sequence sequence = read_sequence(bytes, length);
    if (sequence.length == 0) {
        slim->row = 0;
        *skip = says(bytes, length, "\033(B") ? 3 : 0;
        return "";
    }
    if (sequence.end == 'm')
        return slim_attributes(slim, bytes, sequence.length, skip);
    if (sequence.end == 'd' || sequence.end == 'H')
        return slim_move(slim, &sequence, skip);
    if (strchr("KGCDX@Pb", sequence.end) != NULL) /* within the row */
        return "";
    slim->row = 0;
    return "";
}

static void follow(struct slim *slim, char c) {
    if (c == '\n' && slim->row > 0)
        slim->row++;
}

/* What stands for the `skip` bytes there. */
static const char *slim_piece(struct slim *slim, const char *bytes, size_t length, size_t *skip) {
    static const char colours_reset[] = "\033]104\a"; /* none was set, and the user's stay */
    *skip = says(bytes, length, colours_reset) ? sizeof colours_reset - 1 : 0;
    if (*skip > 0 || !slim->known)
        return "";
    if (bytes[0] == '\033')
        return slim_sequence(slim, bytes, length, skip);
    *skip = bytes[0] == '\017'; /* back to ASCII, on screen and its kin */
    return "";
}

void slim_frame(struct slim *slim, struct buffer *bytes, size_t from) {
    size_t kept = from, skip;
    slim->row = 0;
    for (size_t at = from; at < bytes->length; at += skip) {
        const char *instead = slim_piece(slim, bytes->data + at, bytes->length - at, &skip);
        while (*instead)
            bytes->data[kept++] = *instead++;
        if (skip == 0) {
            follow(slim, bytes->data[at]);
            bytes->data[kept++] = bytes->data[at];
            skip = 1;
        }
    }
    buffer_truncate(bytes, kept);
    slim->known = true;
}
