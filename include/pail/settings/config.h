/*
 * A libconfig file, opened with care. libconfig 1.5 wraps integers silently, follows @include into
 * directories and FIFOs, stops at NUL and wants a newline at the end: so the file is read by us and
 * given to it as a string. A file is refused unless it is regular (no link), ours or root's, not
 * writable by others, at most 64 KiB, UTF-8 without control characters but tab and the ends of
 * lines, and without @include. Before libconfig sees it, the text is searched outside of strings
 * and comments for numbers longer than nine signs: what is left can't wrap.
 *
 * The wrappers below hide libconfig from other files: settings and themes are read through them,
 * and every error names the file and the line.
 */
#ifndef PAIL_SETTINGS_CONFIG_H
#define PAIL_SETTINGS_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "pail/base/error.h"

struct config_file;
struct config_setting; /* libconfig's */

/* NULL with an error. *missing (may be NULL) tells a file that isn't there from one that is bad. */
struct config_file *config_open(const char *path, bool *missing, struct error *error);
void config_close(struct config_file *file);
struct config_setting *config_root(const struct config_file *file);

/* Sets "FILE:LINE: ..." and returns false. */
__attribute__((format(printf, 4, 5))) bool config_error(const struct config_file *file,
                                                        const struct config_setting *setting,
                                                        struct error *error, const char *format,
                                                        ...);

/* Members of a group, elements of an array. */
size_t config_count(const struct config_setting *setting);
struct config_setting *config_at(const struct config_setting *setting, size_t index);
const char *config_name(const struct config_setting *setting); /* "" for an element */

bool config_is_array(const struct config_setting *setting);
bool config_is_number(const struct config_setting *setting);

/* Each fails with an error if the setting is of another type. The string is the file's. */
bool config_string(const struct config_file *file, const struct config_setting *setting,
                   const char **value, struct error *error);
bool config_bool(const struct config_file *file, const struct config_setting *setting, bool *value,
                 struct error *error);
bool config_number(const struct config_file *file, const struct config_setting *setting, long least,
                   long most, long *value, struct error *error);
bool config_group(const struct config_file *file, const struct config_setting *setting,
                  struct error *error);

#endif
