/* Which key does what on which kind of screen: the defaults of the action table, then what the
 * configuration says instead. */
#ifndef PAIL_SETTINGS_KEYMAP_H
#define PAIL_SETTINGS_KEYMAP_H

#include "pail/base/buffer.h"
#include "pail/base/error.h"
#include "pail/settings/action.h"

enum { KEYMAP_KEYS = 8 }; /* at most, per action */

struct keymap {
    int keys[ACTION_COUNT][KEYMAP_KEYS]; /* K_NONE ends them */
};

void keymap_init(struct keymap *keymap); /* the defaults */

/* Gives the action these keys instead (count may be 0: none). Fails, changing nothing, on a name
 * that is no key, too many keys, or a key that types where the action is: letters always type in
 * forms and prompts. */
bool keymap_bind(struct keymap *keymap, enum action action, const char *const *names, size_t count,
                 struct error *error);

/* After all have been bound: false if another action of its contexts has one of the action's keys.
 */
bool keymap_check(const struct keymap *keymap, enum action action, struct error *error);

/* The action of a key on a screen of that context; ACTION_NONE if it has none. */
enum action keymap_find(const struct keymap *keymap, enum context context, int key);

/* Appends the keys' names, space-separated; keymap_first_key just the first ("" if none). */
void keymap_append_keys(const struct keymap *keymap, enum action action, struct buffer *out);
const char *keymap_first_key(const struct keymap *keymap, enum action action, char *name,
                             size_t size);

#endif
