/* The built-in theme: the terminal's own colours, so that it is at home on dark and light ones. */
#include "pail/settings/theme.h"

#define INDEX(n) \
    { .kind = COLOUR_INDEX, .index = (n) }
static const struct theme built_in = {
    .looks = {
        [STYLE_HEADER] = {.attributes = ATTRIBUTE_REVERSE},
        [STYLE_DANGER] = {.fg = INDEX(15), .bg = INDEX(1), .attributes = ATTRIBUTE_BOLD},
        [STYLE_BADGE] = {.fg = INDEX(0), .bg = INDEX(3), .attributes = ATTRIBUTE_BOLD},
        [STYLE_TITLE] = {.attributes = ATTRIBUTE_BOLD},
        [STYLE_LABEL] = {.fg = INDEX(6)},
        [STYLE_SELECTED] = {.attributes = ATTRIBUTE_REVERSE},
        [STYLE_MARKED] = {.fg = INDEX(6), .attributes = ATTRIBUTE_BOLD},
        [STYLE_DIM] = {.attributes = ATTRIBUTE_DIM},
        [STYLE_FRAME] = {.attributes = ATTRIBUTE_DIM},
        [STYLE_KEY] = {.fg = INDEX(6), .attributes = ATTRIBUTE_BOLD},
        [STYLE_FIELD] = {.attributes = ATTRIBUTE_UNDERLINE},
        [STYLE_FOCUS] = {.attributes = ATTRIBUTE_REVERSE | ATTRIBUTE_BOLD},
        [STYLE_GOOD] = {.fg = INDEX(2)},
        [STYLE_WARNING] = {.fg = INDEX(5), .attributes = ATTRIBUTE_BOLD},
        [STYLE_ERROR] = {.fg = INDEX(1), .attributes = ATTRIBUTE_BOLD},
        [STYLE_STAND_IN] = {.fg = INDEX(5)},
        [STYLE_MATCH] = {.fg = INDEX(0), .bg = INDEX(3)},
        [STYLE_JSON_KEY] = {.fg = INDEX(6)},
        [STYLE_JSON_STRING] = {.fg = INDEX(2)},
        [STYLE_JSON_NUMBER] = {.fg = INDEX(5)},
    }};

void theme_init(struct theme *theme) {
    *theme = built_in;
}
