/* A theme's colours on terminals of any number of colours. */
#include "terminal_internal.h"

#include <limits.h>

/* xterm's first 16 colours. */
static const unsigned char first_colours[16][3] = {
    {0, 0, 0},     {205, 0, 0},     {0, 205, 0},     {205, 205, 0},   {0, 0, 238}, {205, 0, 205},
    {0, 205, 205}, {229, 229, 229}, {127, 127, 127}, {255, 0, 0},     {0, 255, 0}, {255, 255, 0},
    {92, 92, 255}, {255, 0, 255},   {0, 255, 255},   {255, 255, 255},
};

/* Attributes that carry a style where there are no colours. Styles that meet on a screen differ. */
static const attr_t plain_attributes[STYLE_COUNT] = {
    [STYLE_HEADER] = A_REVERSE,
    [STYLE_DANGER] = A_REVERSE | A_UNDERLINE,
    [STYLE_BADGE] = A_BOLD | A_UNDERLINE | A_REVERSE,
    [STYLE_TITLE] = A_BOLD,
    [STYLE_SELECTED] = A_REVERSE,
    [STYLE_MARKED] = A_BOLD,
    [STYLE_KEY] = A_BOLD,
    [STYLE_FIELD] = A_UNDERLINE,
    [STYLE_FOCUS] = A_REVERSE | A_BOLD,
    [STYLE_WARNING] = A_UNDERLINE,
    [STYLE_ERROR] = A_BOLD | A_UNDERLINE,
    [STYLE_STAND_IN] = A_REVERSE,
    [STYLE_MATCH] = A_REVERSE | A_UNDERLINE,
    [STYLE_JSON_KEY] = A_BOLD,
};

void colours_init(struct colours *colours, bool none) {
    *colours = (struct colours){0};
    if (none || !has_colors() || start_color() == ERR)
        return;
    colours->count = COLORS;
    colours->default_colours = use_default_colors() == OK;
    colours->direct = COLORS > 256 && tigetflag("RGB") > 0;
}

static int distance(const unsigned char a[3], const unsigned char b[3]) {
    int sum = 0;
    for (int i = 0; i < 3; i++)
        sum += (a[i] - b[i]) * (a[i] - b[i]);
    return sum;
}

static int nearest_first(const unsigned char rgb[3], int count) {
    int best = 0;
    for (int i = 1; i < count; i++)
        if (distance(rgb, first_colours[i]) < distance(rgb, first_colours[best]))
            best = i;
    return best;
}

/* The RGB value of one of xterm's 256 colours. */
static void palette(int index, unsigned char rgb[3]) {
    static const unsigned char steps[] = {0, 95, 135, 175, 215, 255};
    for (int i = 0; i < 3; i++)
        rgb[i] = index < 16 ? first_colours[index][i] : (unsigned char)(8 + 10 * (index - 232));
    if (index < 16 || index >= 232)
        return;
    index -= 16;
    rgb[0] = steps[index / 36];
    rgb[1] = steps[index / 6 % 6];
    rgb[2] = steps[index % 6];
}

/* In the cube and the greys; the first 16 are the person's own and may look like anything. */
static int nearest_of_256(const unsigned char rgb[3]) {
    int best = 16, least = INT_MAX;
    for (int i = 16; i < 256; i++) {
        unsigned char other[3];
        palette(i, other);
        int d = distance(rgb, other);
        if (d < least) {
            least = d;
            best = i;
        }
    }
    return best;
}

int colours_map(const struct colours *colours, const struct colour *colour) {
    unsigned char rgb[3] = {colour->red, colour->green, colour->blue};
    bool index = colour->kind == COLOUR_INDEX;
    if (colour->kind == COLOUR_DEFAULT || colours->count < 8)
        return -1;
    if (index && colours->direct)
        palette(colour->index, rgb);
    if (colours->direct)
        return rgb[0] << 16 | rgb[1] << 8 | rgb[2];
    if (index && colour->index < colours->count)
        return colour->index;
    if (index && colour->index < 16)
        return colour->index & 7;
    if (index)
        palette(colour->index, rgb);
    return colours->count >= 256 ? nearest_of_256(rgb)
                                 : nearest_first(rgb, colours->count >= 16 ? 16 : 8);
}

static attr_t theme_attributes(unsigned attributes) {
    return (attributes & ATTRIBUTE_BOLD ? A_BOLD : 0) |
           (attributes & ATTRIBUTE_UNDERLINE ? A_UNDERLINE : 0) |
           (attributes & ATTRIBUTE_REVERSE ? A_REVERSE : 0) |
           (attributes & ATTRIBUTE_DIM ? A_DIM : 0);
}

/* Bright text on 8 colours is bold text; two colours that have become one would be no text. */
static void mend_few_colours(const struct style_look *look, int *fg, int bg, attr_t *attributes) {
    if (look->fg.kind == COLOUR_INDEX && look->fg.index >= 8 && look->fg.index < 16)
        *attributes |= A_BOLD;
    if (*fg == bg && *fg >= 0)
        *fg = bg == COLOR_BLACK || bg == COLOR_BLUE ? COLOR_WHITE : COLOR_BLACK;
}

struct look colours_look(const struct colours *colours, enum style style,
                         const struct style_look *look) {
    attr_t attributes = theme_attributes(look->attributes);
    bool coloured = look->fg.kind != COLOUR_DEFAULT || look->bg.kind != COLOUR_DEFAULT;
    if (colours->count < 8)
        return (struct look){coloured ? plain_attributes[style] : attributes, 0};
    int fg = colours_map(colours, &look->fg), bg = colours_map(colours, &look->bg);
    if (colours->count < 16)
        mend_few_colours(look, &fg, bg, &attributes);
    if (!colours->default_colours) {
        fg = fg < 0 ? COLOR_WHITE : fg;
        bg = bg < 0 ? COLOR_BLACK : bg;
    }
    int pair = fg < 0 && bg < 0 ? 0 : alloc_pair(fg, bg);
    return (struct look){attributes, pair > 0 ? pair : 0};
}
