/*
 * Keys of the terminal's bytes. Not curses' wget_wch: that gives an escape sequence which it
 * doesn't know as Escape and letters, and letters are commands here. What we don't know is
 * swallowed whole (ECMA-48, 5.4: a control sequence ends with a byte from @ to ~).
 */
#include "terminal_internal.h"

#include <stdlib.h>
#include <string.h>

enum { ESC = 27, BEL = 7 };

void key_reader_init(struct key_reader *reader) {
    static const struct {
        const char *name;
        int key;
    } known[] = {
        {"kcuu1", K_UP},     {"kcud1", K_DOWN},   {"kcub1", K_LEFT},     {"kcuf1", K_RIGHT},
        {"khome", K_HOME},   {"kend", K_END},     {"kpp", K_PAGE_UP},    {"knp", K_PAGE_DOWN},
        {"kich1", K_INSERT}, {"kdch1", K_DELETE}, {"kcbt", K_SHIFT_TAB}, {"kf1", K_F1},
        {"kf2", K_F2},       {"kf3", K_F3},       {"kf4", K_F4},         {"kf5", K_F5},
        {"kf6", K_F6},       {"kf7", K_F7},       {"kf8", K_F8},         {"kf9", K_F9},
        {"kf10", K_F10},     {"kf11", K_F11},     {"kf12", K_F12},       {"kent", K_ENTER},
    };
    *reader = (struct key_reader){.mouse_row = -1, .mouse_column = -1};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const char *bytes = tigetstr(known[i].name);
        if (bytes == NULL || bytes == (char *)-1 || bytes[0] != ESC || bytes[1] == '\0')
            continue;
        reader->sequences[reader->sequence_count].bytes = bytes;
        reader->sequences[reader->sequence_count++].key = known[i].key;
    }
}

/* Takes the bytes of a key out. They may be of a secret: none stays behind. */
static int drop(struct key_reader *reader, size_t count, int key) {
    reader->length -= count;
    memmove(reader->bytes, reader->bytes + count, reader->length);
    explicit_bzero(reader->bytes + reader->length, count);
    return key;
}

/* A key of terminfo, the longest that is there; 0 if none is. */
static size_t find_sequence(const struct key_reader *reader, int *key) {
    size_t best = 0;
    for (size_t i = 0; i < reader->sequence_count; i++) {
        size_t length = strlen(reader->sequences[i].bytes);
        if (length > best && length <= reader->length &&
            memcmp(reader->bytes, reader->sequences[i].bytes, length) == 0) {
            best = length;
            *key = reader->sequences[i].key;
        }
    }
    return best;
}

/* What xterm and its kin send for keys with a letter, after ESC [ or ESC O. */
static int letter_key(char letter) {
    switch (letter) {
    case 'A':
        return K_UP;
    case 'B':
        return K_DOWN;
    case 'C':
        return K_RIGHT;
    case 'D':
        return K_LEFT;
    case 'H':
        return K_HOME;
    case 'F':
        return K_END;
    case 'Z':
        return K_SHIFT_TAB;
    default:
        return letter >= 'P' && letter <= 'S' ? K_F1 + letter - 'P' : K_OTHER;
    }
}

/* ... and with a number: ESC [ number ~ */
static int number_key(long number) {
    static const int keys[] = {
        [1] = K_HOME,      [2] = K_INSERT, [3] = K_DELETE, [4] = K_END,  [5] = K_PAGE_UP,
        [6] = K_PAGE_DOWN, [7] = K_HOME,   [8] = K_END,    [11] = K_F1,  [12] = K_F2,
        [13] = K_F3,       [14] = K_F4,    [15] = K_F5,    [17] = K_F6,  [18] = K_F7,
        [19] = K_F8,       [20] = K_F9,    [21] = K_F10,   [23] = K_F11, [24] = K_F12,
    };
    if (number == 200)
        return K_PASTE_BEGIN;
    if (number == 201)
        return K_PASTE_END;
    bool known = number > 0 && number < (long)(sizeof keys / sizeof *keys) && keys[number] != 0;
    return known ? keys[number] : K_OTHER;
}

/* ESC [ < button ; column ; row M, counted from 1. */
static int mouse_key(struct key_reader *reader, const char *parameters) {
    char *end;
    long button = strtol(parameters, &end, 10);
    long column = *end == ';' ? strtol(end + 1, &end, 10) : 0;
    long row = *end == ';' ? strtol(end + 1, &end, 10) : 0;
    if (*end != 'M' || column < 1 || column > 9999 || row < 1 || row > 9999)
        return K_OTHER;
    reader->mouse_row = (int)row - 1;
    reader->mouse_column = (int)column - 1;
    return button == 0    ? K_MOUSE_CLICK
           : button == 64 ? K_MOUSE_WHEEL_UP
           : button == 65 ? K_MOUSE_WHEEL_DOWN
                          : K_OTHER;
}

/* ESC [ parameters final; modified keys (Ctrl-Up) have two parameters, and mean nothing to us. */
static int sequence_key(struct key_reader *reader, size_t length) {
    char text[KEY_BYTES + 1];
    memcpy(text, reader->bytes, length);
    text[length] = '\0';
    char final = text[length - 1], *end;
    if (text[2] == '<')
        return mouse_key(reader, text + 3);
    if (length == 3)
        return letter_key(final);
    long number = strtol(text + 2, &end, 10);
    return final == '~' && *end == '~' ? number_key(number) : K_OTHER;
}

/* How long the control sequence is, 0 if its end isn't there yet. */
static size_t sequence_length(const struct key_reader *reader) {
    const char *bytes = reader->bytes;
    size_t i = 2;
    if (reader->length > 2 && (bytes[2] == 'M' || bytes[2] == '[')) { /* X10's mouse; Linux' F1 */
        size_t length = bytes[2] == 'M' ? 6 : 4;
        return reader->length >= length ? length : 0;
    }
    while (i < reader->length && bytes[i] >= 0x20 && bytes[i] <= 0x3f)
        i++;
    if (i == reader->length)
        return i == KEY_BYTES ? i : 0;
    return bytes[i] >= 0x40 && bytes[i] <= 0x7e ? i + 1 : i;
}

static int take_sequence(struct key_reader *reader, bool last) {
    size_t length = sequence_length(reader);
    if (length == 0)
        return last ? drop(reader, reader->length, K_OTHER) : K_NONE;
    char final = reader->bytes[length - 1];
    int key = K_OTHER;
    if (reader->bytes[2] == '[')
        key = final >= 'A' && final <= 'E' ? K_F1 + final - 'A' : K_OTHER;
    else if (length > 2)
        key = sequence_key(reader, length);
    return drop(reader, length, key);
}

/* ESC O letter; the number pad in application mode types what is printed on it. */
static int take_single_shift(struct key_reader *reader, bool last) {
    if (reader->length < 3)
        return last ? drop(reader, 2, K_OTHER) : K_NONE;
    char letter = reader->bytes[2];
    if (letter == 'M')
        return drop(reader, 3, K_ENTER);
    if (letter >= 'j' && letter <= 'y')
        return drop(reader, 3, "*+,-./0123456789"[letter - 'j']);
    return drop(reader, 3, letter_key(letter));
}

/* An answer of the terminal (OSC, DCS, APC, PM, SOS), up to BEL or ESC \. */
static int take_string(struct key_reader *reader, bool last) {
    for (size_t i = 0; i < reader->length; i++) {
        char c = reader->bytes[i];
        bool end = c == BEL || (c == '\\' && i > 0 && reader->bytes[i - 1] == ESC);
        if (end) {
            reader->in_string = false;
            return drop(reader, i + 1, K_OTHER);
        }
    }
    reader->in_string = !last;
    size_t keep = !last && reader->length > 0 && reader->bytes[reader->length - 1] == ESC;
    drop(reader, reader->length - keep, K_OTHER);
    return last ? K_OTHER : K_NONE;
}

static int take_character(struct key_reader *reader, bool last) {
    unsigned char first = (unsigned char)reader->bytes[0];
    size_t whole = first < 0xC2 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 1;
    uint32_t code = 0;
    size_t size = text_decode(reader->bytes, reader->length, &code);
    if (size == 0 && reader->length < whole && !last)
        return K_NONE;
    if (size == 0 || code == 0 || (code >= 0x80 && code < 0xA0))
        return drop(reader, size ? size : 1, K_OTHER);
    return drop(reader, size, code == '\n' ? K_ENTER : code == 0x7F ? K_BACKSPACE : (int)code);
}

static int take_escape(struct key_reader *reader, bool last) {
    int key = K_NONE;
    size_t length = find_sequence(reader, &key);
    if (length > 0)
        return drop(reader, length, key);
    if (reader->length == 1)
        return last ? drop(reader, 1, K_ESCAPE) : K_NONE;
    switch (reader->bytes[1]) {
    case ESC:
        return drop(reader, 1, K_ESCAPE);
    case '[':
        return take_sequence(reader, last);
    case 'O':
        return take_single_shift(reader, last);
    case ']':
    case 'P':
    case '_':
    case '^':
    case 'X':
        drop(reader, 2, K_NONE);
        return take_string(reader, last);
    default: /* Alt with a key: not that key */
        drop(reader, 1, K_NONE);
        take_character(reader, true);
        return K_OTHER;
    }
}

/* Within a paste escape sequences are text, or one that is cut off would swallow the end of the
 * paste, and all later keys were pasted. The beginning of the end is waited for. */
static int take_pasted(struct key_reader *reader, bool last) {
    static const char end[] = "\033[201~";
    size_t length = sizeof end - 1, there = reader->length < length ? reader->length : length;
    if (reader->bytes[0] != ESC)
        return take_character(reader, last);
    if (memcmp(reader->bytes, end, there) != 0)
        return drop(reader, 1, K_OTHER);
    return there < length ? K_NONE : drop(reader, length, K_PASTE_END);
}

static int take_key(struct key_reader *reader, bool last) {
    if (reader->in_string)
        return take_string(reader, last);
    if (reader->length == 0)
        return K_NONE;
    if (reader->pasting)
        return take_pasted(reader, last);
    return reader->bytes[0] == ESC ? take_escape(reader, last) : take_character(reader, last);
}

int key_reader_take(struct key_reader *reader, bool last) {
    int key = take_key(reader, last);
    if (key == K_PASTE_BEGIN || key == K_PASTE_END)
        reader->pasting = key == K_PASTE_BEGIN;
    return key;
}
