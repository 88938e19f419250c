/* A profile, read from its group in the configuration file. For settings.c alone. */
#ifndef PAIL_SETTINGS_PROFILE_H
#define PAIL_SETTINGS_PROFILE_H

#include "pail/settings/config.h"
#include "pail/settings/settings.h"

void profile_init(struct profile *profile); /* the defaults, without a name and a url */

/* What a base URL must be: https, or http to this machine, and nothing after its path. */
bool profile_check_url(const char *text, struct error *error);

/* Fills the profile; its strings go into the arena. */
bool profile_read(struct profile *profile, struct arena *arena, const struct config_file *file,
                  const struct config_setting *group, struct error *error);

/* A string that is kept in the arena. */
bool profile_read_string(struct arena *arena, const struct config_file *file,
                         const struct config_setting *setting, const char **value,
                         struct error *error);

/* The same for the name of a theme. */
bool profile_read_theme(struct arena *arena, const struct config_file *file,
                        const struct config_setting *setting, const char **value,
                        struct error *error);

#endif
