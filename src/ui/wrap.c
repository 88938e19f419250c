#include "wrap.h"

size_t wrap_row(const char *text, size_t length, int width, enum text_charset charset,
                size_t *next) {
    struct text_unit unit;
    size_t at = 0, blank = 0, indent = 0, most = width > 0 ? (size_t)width + 1 : 1, plain_end = 0;
    while (indent < length && text[indent] == ' ')
        indent++;
    for (int used = 0; at < length; at += unit.consumed) {
        if (at >= plain_end)
            plain_end = at + text_plain(text + at, length - at, most);
        if (at < plain_end)
            unit.width = 1, unit.consumed = 1;
        else
            text_unit(text + at, length - at, charset, &unit);
        used += unit.width;
        if (text[at] == ' ' && at > indent)
            blank = at;
        if (used > width && at > 0)
            break;
    }
    size_t end = at < length && blank > 0 ? blank : at;
    *next = end;
    while (*next < length && text[*next] == ' ')
        ++*next;
    return end;
}

int wrap_rows(const char *text, size_t length, int width, enum text_charset charset) {
    int rows = 0;
    for (size_t at = 0, next; at < length; at += next, rows++)
        wrap_row(text + at, length - at, width, charset, &next);
    return rows > 0 ? rows : 1;
}
