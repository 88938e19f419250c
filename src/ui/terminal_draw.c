/* Safe text into cells. */
#include "terminal_internal.h"

#include <string.h>
#include <wchar.h>

/* Where text goes: cells [column, end) of a row, and how much of the text is left of them. */
struct strip {
    int row, column, end, skip;
};

/* What of it lies on the screen. */
static bool clip(struct terminal *terminal, struct strip *strip) {
    if (strip->column < 0) {
        strip->skip -= strip->column;
        strip->column = 0;
    }
    if (strip->end > terminal_columns(terminal))
        strip->end = terminal_columns(terminal);
    if (strip->row < 0 || strip->row >= terminal_rows(terminal) || strip->column >= strip->end)
        return false;
    terminal_touch(terminal, strip->row);
    return true;
}

static void put(struct terminal *terminal, int row, int column, enum style style, const char *out) {
    const struct look *look = &terminal->looks[style];
    wchar_t wide[sizeof((struct text_unit *)0)->out];
    size_t length = 0;
    uint32_t code = 0;
    for (size_t size, left = strlen(out); left > 0; out += size, left -= size) {
        size = text_decode(out, left, &code);
        wide[length++] = (wchar_t)code;
        bool more = left > size && text_decode(out + size, left - size, &code) > 0 &&
                    wcwidth((wchar_t)code) == 0;
        if (more)
            continue;
        cchar_t cell;
        int pair = look->pair;
        wide[length] = L'\0';
        setcchar(&cell, wide, look->attributes, 0, &pair);
        mvadd_wch(row, column, &cell);
        int width = wcwidth(wide[0]);
        terminal->wide[row] |= width > 1;
        column += width;
        length = 0;
    }
}

enum { CELLS = 64, MOST_PAIR = 255 /* in a chtype (curs_color(3X), COLOR_PAIR) */ };

/* Plain ASCII over whatever is there: a wide character that is cut becomes a blank. curses' cells
 * are open to this (curses.h, cchar_t). */
static void put_ascii_over(const struct look *look, int row, int column, const char *bytes,
                           int count) {
    cchar_t cells[CELLS];
    int pair = look->pair;
    setcchar(&cells[0], L" ", look->attributes, 0, &pair);
    for (int i = 1; i < CELLS && i < count; i++)
        cells[i] = cells[0];
    for (int some; count > 0; count -= some, column += some) {
        some = count < CELLS ? count : CELLS;
        for (int i = 0; i < some && bytes; i++)
            cells[i].chars[0] = (wchar_t)*bytes++;
        mvadd_wchnstr(row, column, cells, some);
    }
}

/* Plain ASCII, a cell a byte: what nearly all text is, at a fraction of the cost. `bytes` of NULL
 * means blanks. */
static void put_ascii(const struct terminal *terminal, int row, int column, enum style style,
                      const char *bytes, int count) {
    const struct look *look = &terminal->looks[style];
    if (terminal->wide[row] || look->pair > MOST_PAIR) {
        put_ascii_over(look, row, column, bytes, count);
        return;
    }
    chtype cells[CELLS], attributes = look->attributes | COLOR_PAIR(look->pair);
    for (int some; count > 0; count -= some, column += some) {
        some = count < CELLS ? count : CELLS;
        for (int i = 0; i < some; i++)
            cells[i] = attributes | (bytes ? (unsigned char)*bytes++ : ' ');
        mvaddchnstr(row, column, cells, some);
    }
}

static void blanks(const struct terminal *terminal, int row, int column, int end,
                   enum style style) {
    put_ascii(terminal, row, column, style, NULL, end - column);
}

static bool is_ascii(const char *text, size_t length) {
    size_t i = 0;
    while (i < length && text[i] >= ' ' && text[i] <= '~')
        i++;
    return i == length;
}

/* True if the text from `skip` cells on takes more than `room` cells. Looks no further. */
static bool overflows(const char *text, size_t length, enum text_charset charset, int room) {
    struct text_unit unit;
    for (size_t at = 0; at < length && room >= 0; at += unit.consumed) {
        text_unit(text + at, length - at, charset, &unit);
        room -= unit.width;
    }
    return room < 0;
}

/* Draws one unit in [column, end), without the cells left of strip->column. Of one that is cut
 * blanks are left: a piece of a stand-in would look like another. */
static void draw_unit(struct terminal *terminal, const struct strip *strip, int column, int end,
                      enum style style, const struct text_unit *unit) {
    if (unit->stand_in)
        style = STYLE_STAND_IN;
    if (column >= strip->column && column + unit->width <= end) {
        put(terminal, strip->row, column, style, unit->out);
        return;
    }
    for (int i = 0; i < unit->width; i++)
        if (column + i >= strip->column && column + i < end)
            put(terminal, strip->row, column + i, style, " ");
}

static int draw_units(struct terminal *terminal, const struct strip *strip, int end,
                      enum style style, const char *text, size_t length) {
    int column = strip->column - strip->skip;
    struct text_unit unit;
    for (size_t at = 0; at < length && column < end; at += unit.consumed) {
        text_unit(text + at, length - at, terminal->charset, &unit);
        draw_unit(terminal, strip, column, end, style, &unit);
        column += unit.width;
    }
    return column;
}

static int draw_ascii(const struct terminal *terminal, const struct strip *strip, int end,
                      enum style style, const char *text, size_t length) {
    size_t skip = (size_t)strip->skip;
    if (skip >= length)
        return strip->column;
    size_t room = (size_t)(end - strip->column), left = length - skip;
    int count = (int)(left < room ? left : room);
    put_ascii(terminal, strip->row, strip->column, style, text + skip, count);
    return strip->column + count;
}

/* Returns the column after the text. */
static int draw(struct terminal *terminal, const struct strip *strip, enum style style,
                const char *text, size_t length) {
    int room = strip->end - strip->column + strip->skip;
    bool ascii = is_ascii(text, length);
    bool cut = ascii ? length > (size_t)room : overflows(text, length, terminal->charset, room);
    int end = cut ? strip->end - 1 : strip->end;
    int column = ascii ? draw_ascii(terminal, strip, end, style, text, length)
                       : draw_units(terminal, strip, end, style, text, length);
    if (!cut)
        return column > strip->column ? column : strip->column;
    put(terminal, strip->row, end, style, terminal_sign(terminal, SIGN_MORE));
    return strip->end;
}

int terminal_text(struct terminal *terminal, int row, int column, int width, enum style style,
                  const char *text) {
    struct strip strip = {row, column, column + width, 0};
    if (!clip(terminal, &strip))
        return 0;
    int after = draw(terminal, &strip, style, text, strlen(text));
    blanks(terminal, row, after, strip.end, style);
    return after - column;
}

int terminal_text_n(struct terminal *terminal, int row, int column, int width, enum style style,
                    const char *text, size_t length, int skip) {
    struct strip strip = {row, column, column + width, skip};
    if (!clip(terminal, &strip))
        return 0;
    return draw(terminal, &strip, style, text, length) - column;
}

void terminal_fill(struct terminal *terminal, int row, int column, int width, enum style style) {
    struct strip strip = {row, column, column + width, 0};
    if (clip(terminal, &strip))
        blanks(terminal, row, strip.column, strip.end, style);
}

void terminal_rule(struct terminal *terminal, int row, int column, int width) {
    struct strip strip = {row, column, column + width, 0};
    if (!clip(terminal, &strip))
        return;
    for (int i = strip.column; i < strip.end; i++)
        put(terminal, row, i, STYLE_FRAME, terminal->charset == TEXT_UTF8 ? "─" : "-");
}

void terminal_cursor(struct terminal *terminal, int row, int column) {
    if (row < 0 || row >= terminal_rows(terminal) || column < 0 ||
        column >= terminal_columns(terminal))
        return;
    terminal->cursor_row = row;
    terminal->cursor_column = column;
}

const char *terminal_sign(const struct terminal *terminal, enum sign sign) {
    static const char *const signs[][2] = {
        [SIGN_MORE] = {">", "›"},   [SIGN_UP] = {"^", "▲"},     [SIGN_DOWN] = {"v", "▼"},
        [SIGN_MARKER] = {"*", "▌"}, [SIGN_ARROW] = {"->", "→"}, [SIGN_LEFT] = {"<", "‹"},
        [SIGN_RIGHT] = {">", "›"},  [SIGN_MARKED] = {"+", "•"},
    };
    return signs[sign][terminal->charset == TEXT_UTF8 && !terminal->thrifty];
}
