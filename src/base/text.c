#include "pail/base/text.h"

#include <langinfo.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

enum { MARKS = 4 };

/* Characters that are invisible, or that change how their neighbours are shown.
 * Unicode 15: Cf, Zl, Zp, Default_Ignorable_Code_Point and the variation selectors. */
static const struct {
    uint32_t first, last;
} unsafe[] = {
    {0x00AD, 0x00AD},   {0x034F, 0x034F},   {0x0600, 0x0605},   {0x061C, 0x061C},
    {0x06DD, 0x06DD},   {0x070F, 0x070F},   {0x0890, 0x0891},   {0x08E2, 0x08E2},
    {0x115F, 0x1160},   {0x17B4, 0x17B5},   {0x180B, 0x180F},   {0x200B, 0x200F},
    {0x2028, 0x202E},   {0x2060, 0x206F},   {0x3164, 0x3164},   {0xFE00, 0xFE0F},
    {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},   {0xFFF0, 0xFFFB},   {0xFFFE, 0xFFFF},
    {0x110BD, 0x110BD}, {0x110CD, 0x110CD}, {0x13430, 0x1345F}, {0x1BCA0, 0x1BCA3},
    {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF},
};

enum text_charset text_charset(void) {
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0 ? TEXT_UTF8 : TEXT_ASCII;
}

size_t text_decode(const char *text, size_t length, uint32_t *code) {
    const unsigned char *s = (const unsigned char *)text;
    if (length == 0)
        return 0;
    if (s[0] < 0x80) {
        *code = s[0];
        return 1;
    }
    size_t size = s[0] >= 0xF0 ? 4 : s[0] >= 0xE0 ? 3 : 2;
    if (s[0] < 0xC2 || s[0] > 0xF4 || size > length)
        return 0;
    uint32_t value = s[0] & (0x7FU >> size);
    for (size_t i = 1; i < size; i++) {
        if ((s[i] & 0xC0) != 0x80)
            return 0;
        value = value << 6 | (s[i] & 0x3F);
    }
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (value < least[size] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
        return 0;
    *code = value;
    return size;
}

size_t text_encode(uint32_t code, char out[4]) {
    static const unsigned char first[] = {0, 0, 0xC0, 0xE0, 0xF0};
    size_t size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = size - 1; i > 0; i--, code >>= 6)
        out[i] = (char)(0x80 | (code & 0x3F));
    out[0] = (char)(first[size] | code);
    return size;
}

static bool is_control(uint32_t code) {
    return code < 0x20 || (code >= 0x7F && code < 0xA0);
}

static bool is_unsafe(uint32_t code) {
    size_t low = 0, high = sizeof unsafe / sizeof *unsafe;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (code > unsafe[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    return low < sizeof unsafe / sizeof *unsafe && code >= unsafe[low].first;
}

/* Cells of a character that may be shown as it is; 0 a combining mark; -1 it may not be shown. */
static int cells(uint32_t code, enum text_charset charset) {
    if (is_control(code) || (charset == TEXT_ASCII && code > 0x7E))
        return -1;
    if (code < 0x7F)
        return 1;
    return is_unsafe(code) ? -1 : wcwidth((wchar_t)code);
}

static void stand_in(struct text_unit *unit, uint32_t code, bool valid) {
    unit->stand_in = true;
    if (valid && (code < 0x20 || code == 0x7F))
        unit->width = snprintf(unit->out, sizeof unit->out, "^%c", (char)(code ^ 0x40));
    else if (valid)
        unit->width = snprintf(unit->out, sizeof unit->out, "<U+%04X>", (unsigned)code);
    else
        unit->width = snprintf(unit->out, sizeof unit->out, "<%02X>", (unsigned)code);
}

/* Adds the combining marks that follow. */
static void take_marks(const char *text, size_t length, enum text_charset charset,
                       struct text_unit *unit) {
    size_t used = unit->consumed;
    for (int marks = 0; marks < MARKS && unit->consumed < length; marks++) {
        uint32_t code = 0;
        size_t size = text_decode(text + unit->consumed, length - unit->consumed, &code);
        if (size == 0 || cells(code, charset) != 0)
            return;
        memcpy(unit->out + used, text + unit->consumed, size);
        used += size;
        unit->out[used] = '\0';
        unit->consumed += size;
    }
}

void text_unit(const char *text, size_t length, enum text_charset charset, struct text_unit *unit) {
    uint32_t code = 0;
    size_t size = text_decode(text, length, &code);
    unit->stand_in = false;
    unit->consumed = size ? size : 1;
    int width = size ? cells(code, charset) : -1;
    if (width <= 0) {
        stand_in(unit, size ? code : (unsigned char)text[0], size > 0);
        return;
    }
    memcpy(unit->out, text, size);
    unit->out[size] = '\0';
    unit->width = width;
    if (unit->consumed < length && (unsigned char)text[unit->consumed] >= 0x80)
        take_marks(text, length, charset, unit);
}

/* Its last is left out if what follows may be a mark on it. */
size_t text_plain(const char *text, size_t length, size_t most) {
    size_t plain = 0, end = length < most ? length : most;
    while (plain < end && text[plain] >= 0x20 && text[plain] < 0x7F)
        plain++;
    bool marked = plain > 0 && plain < length && (unsigned char)text[plain] >= 0x80;
    return marked ? plain - 1 : plain;
}

int text_width(const char *text, size_t length, enum text_charset charset) {
    int width = 0;
    struct text_unit unit;
    for (size_t at = 0; at < length; at += unit.consumed) {
        size_t plain = text_plain(text + at, length - at, length - at);
        width += (int)plain;
        at += plain;
        if (at == length)
            break;
        text_unit(text + at, length - at, charset, &unit);
        width += unit.width;
    }
    return width;
}

size_t text_fitting(const char *text, size_t length, enum text_charset charset, int cells) {
    struct text_unit unit;
    size_t at = 0;
    for (; at < length; at += unit.consumed) {
        text_unit(text + at, length - at, charset, &unit);
        cells -= unit.width;
        if (cells < 0)
            break;
    }
    return at;
}

void text_append_safe(struct buffer *buffer, const char *text, size_t length,
                      enum text_charset charset) {
    struct text_unit unit;
    for (size_t at = 0; at < length; at += unit.consumed) {
        size_t plain = text_plain(text + at, length - at, length - at);
        buffer_append(buffer, text + at, plain);
        at += plain;
        if (at == length)
            break;
        text_unit(text + at, length - at, charset, &unit);
        buffer_append_string(buffer, unit.out);
    }
}

bool text_is_clean(const char *text, size_t length) {
    for (size_t at = 0, size; at < length; at += size) {
        uint32_t code = 0;
        at += text_plain(text + at, length - at, length - at);
        if (at == length)
            break;
        size = text_decode(text + at, length - at, &code);
        if (size == 0 || is_control(code))
            return false;
    }
    return true;
}
