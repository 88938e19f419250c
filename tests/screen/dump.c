#include "screens.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

enum { FIRST_COLOUR = 16 }; /* of the theme in which each style has its own */

static const char letters[STYLE_COUNT + 1] = ".HDBTLSMd-KfFGWE^*ksn";

/* The cell's characters; returns its width, 0 for the right half of a wide character. */
static void read_cell(int row, int column, wchar_t *wide, attr_t *attributes, int *pair) {
    cchar_t cell;
    short short_pair;
    memset(wide, 0, (CCHARW_MAX + 1) * sizeof *wide);
    mvin_wch(row, column, &cell);
    getcchar(&cell, wide, attributes, &short_pair, pair);
}

void dump_row(struct buffer *out, int row) {
    wchar_t wide[CCHARW_MAX + 1];
    attr_t attributes = 0;
    int pair = 0;
    buffer_append_char(out, '|');
    for (int column = 0; column < getmaxx(stdscr);) {
        char bytes[MB_LEN_MAX];
        read_cell(row, column, wide, &attributes, &pair);
        for (size_t i = 0; wide[i]; i++) {
            int length = wctomb(bytes, wide[i]);
            buffer_append(out, bytes, length > 0 ? (size_t)length : 0);
        }
        column += wcwidth(wide[0]) == 2 ? 2 : 1;
    }
    buffer_append_string(out, "|\n");
}

/* The style by its colour in our theme; in another, its attributes. */
static char style_letter(attr_t attributes, int pair) {
    int fg = -1, bg = -1;
    extended_pair_content(pair, &fg, &bg);
    if (fg >= FIRST_COLOUR && fg < FIRST_COLOUR + STYLE_COUNT)
        return letters[fg - FIRST_COLOUR];
    bool bold = attributes & A_BOLD, underline = attributes & A_UNDERLINE;
    if (attributes & A_REVERSE)
        return bold && underline ? 'A' : bold ? 'R' : underline ? 'U' : 'r';
    return bold && underline ? 'X' : bold ? 'b' : underline ? 'u' : '.';
}

void dump_styles(struct buffer *out, int row) {
    wchar_t wide[CCHARW_MAX + 1];
    attr_t attributes = 0;
    int pair = 0;
    buffer_append_char(out, '|');
    for (int column = 0; column < getmaxx(stdscr);) {
        read_cell(row, column, wide, &attributes, &pair);
        int width = wcwidth(wide[0]) == 2 ? 2 : 1;
        for (int i = 0; i < width; i++)
            buffer_append_char(out, style_letter(attributes, pair));
        column += width;
    }
    buffer_append_string(out, "|\n");
}

void dump_write_theme(const char *path) {
#define STYLE_NAME(id, name) name,
    static const char *const names[] = {STYLES(STYLE_NAME)};
    FILE *file = fopen(path, "we");
    if (file == NULL)
        abort();
    for (int i = 0; i < STYLE_COUNT; i++)
        fprintf(file, "%s = { fg = %d; bg = \"default\"; attributes = []; };\n", names[i],
                FIRST_COLOUR + i);
    fclose(file);
}
