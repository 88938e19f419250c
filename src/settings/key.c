#include "pail/settings/key.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "pail/base/text.h"

struct named_key {
    int key;
    const char *name;
};

#define NAMED_KEY(id, name) {K_##id, name},
static const struct named_key named[] = {{K_TAB, "Tab"},
                                         {K_ENTER, "Enter"},
                                         {K_ESCAPE, "Escape"},
                                         {K_SPACE, "Space"},
                                         SPECIAL_KEYS(NAMED_KEY)};

enum { NAMED = sizeof named / sizeof *named };

int key_parse(const char *name) {
    for (size_t i = 0; i < NAMED; i++)
        if (strcmp(named[i].name, name) == 0)
            return named[i].key;
    size_t length = strlen(name);
    if (strcmp(name, "^J") == 0)
        return K_ENTER;
    if (length == 2 && name[0] == '^' && name[1] > '@' && name[1] <= '_')
        return KEY_CTRL(name[1]);
    uint32_t code;
    if (length > 0 && text_decode(name, length, &code) == length && key_is_text((int)code))
        return (int)code;
    return K_NONE;
}

const char *key_name(int key, char *name, size_t size) {
    char utf8[4];
    for (size_t i = 0; i < NAMED; i++)
        if (named[i].key == key) {
            snprintf(name, size, "%s", named[i].name);
            return name;
        }
    if (key_is_text(key))
        snprintf(name, size, "%.*s", (int)text_encode((uint32_t)key, utf8), utf8);
    else if (key >= 0 && key < 32)
        snprintf(name, size, "^%c", key + '@');
    else
        snprintf(name, size, "%s", "?");
    return name;
}

bool key_is_text(int key) {
    return key >= 32 && key != 127 && !(key >= 0x80 && key < 0xA0) && key < K_FIRST_SPECIAL;
}
