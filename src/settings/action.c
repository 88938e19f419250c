#include "pail/settings/action.h"

#include <string.h>

#define ACTION_INFO(id, name, keys, contexts, mutates, help, hint) \
    {name, keys, contexts, mutates, help, hint},
const struct action_info actions[ACTION_COUNT] = {ACTIONS(ACTION_INFO)};

enum action action_by_name(const char *name) {
    for (int i = 0; i < ACTION_COUNT; i++)
        if (strcmp(actions[i].name, name) == 0)
            return (enum action)i;
    return ACTION_NONE;
}
