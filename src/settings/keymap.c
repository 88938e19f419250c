#include "pail/settings/keymap.h"

#include <stdlib.h>
#include <string.h>

#include "pail/base/memory.h"
#include "pail/settings/key.h"

static void clear(int keys[KEYMAP_KEYS]) {
    for (int i = 0; i < KEYMAP_KEYS; i++)
        keys[i] = K_NONE;
}

void keymap_init(struct keymap *keymap) {
    for (int action = 0; action < ACTION_COUNT; action++) {
        char *names = memory_string(actions[action].keys), *rest = names, *name;
        int count = 0;
        clear(keymap->keys[action]);
        while ((name = strsep(&rest, " ")) != NULL && count < KEYMAP_KEYS)
            keymap->keys[action][count++] = key_parse(name);
        free(names);
    }
}

static bool has_key(const struct keymap *keymap, enum action action, int key) {
    for (int i = 0; i < KEYMAP_KEYS; i++)
        if (keymap->keys[action][i] == key)
            return key != K_NONE;
    return false;
}

enum action keymap_find(const struct keymap *keymap, enum context context, int key) {
    for (int action = 0; action < ACTION_COUNT; action++)
        if ((actions[action].contexts & context) && has_key(keymap, (enum action)action, key))
            return (enum action)action;
    return ACTION_NONE;
}

bool keymap_bind(struct keymap *keymap, enum action action, const char *const *names, size_t count,
                 struct error *error) {
    int keys[KEYMAP_KEYS];
    clear(keys);
    if (count > KEYMAP_KEYS)
        return error_set(error, "%s: at most %d keys", actions[action].name, KEYMAP_KEYS);
    for (size_t i = 0; i < count; i++) {
        if ((keys[i] = key_parse(names[i])) == K_NONE)
            return error_set(error, "%s: \"%s\" is no key", actions[action].name, names[i]);
        if (key_is_text(keys[i]) && (actions[action].contexts & IN_TYPING))
            return error_set(error, "%s: \"%s\" types where this is a command",
                             actions[action].name, names[i]);
    }
    memcpy(keymap->keys[action], keys, sizeof keys);
    return true;
}

static int shared_key(const struct keymap *keymap, enum action a, enum action b) {
    for (int i = 0; i < KEYMAP_KEYS; i++)
        if (has_key(keymap, b, keymap->keys[a][i]))
            return keymap->keys[a][i];
    return K_NONE;
}

bool keymap_check(const struct keymap *keymap, enum action action, struct error *error) {
    char name[16];
    for (int other = 0; other < ACTION_COUNT; other++) {
        if (other == (int)action || !(actions[action].contexts & actions[other].contexts))
            continue;
        int key = shared_key(keymap, action, (enum action)other);
        if (key != K_NONE)
            return error_set(error, "%s and %s both have the key %s", actions[action].name,
                             actions[other].name, key_name(key, name, sizeof name));
    }
    return true;
}

void keymap_append_keys(const struct keymap *keymap, enum action action, struct buffer *out) {
    char name[16];
    for (int i = 0; i < KEYMAP_KEYS && keymap->keys[action][i] != K_NONE; i++)
        buffer_printf(out, "%s%s", i ? " " : "",
                      key_name(keymap->keys[action][i], name, sizeof name));
}

const char *keymap_first_key(const struct keymap *keymap, enum action action, char *name,
                             size_t size) {
    int key = keymap->keys[action][0];
    if (key == K_NONE)
        name[0] = '\0';
    else
        key_name(key, name, size);
    return name;
}
