/* Points in time as text: RFC 3339 in UTC with milliseconds, "2026-03-01T12:04:31.250Z". */
#ifndef PAIL_BASE_STAMP_H
#define PAIL_BASE_STAMP_H

#include <stdbool.h>
#include <stdint.h>

enum { STAMP_SIZE = 32 }; /* of a stamp with its NUL */

/* Of milliseconds since 1970; "" for what lies outside of the years 1 to 9999. */
void stamp_write(int64_t ms, char stamp[STAMP_SIZE]);

/* For a person, in the local time: "2026-03-01 12:04:31"; "-" where there is none. */
void stamp_write_local(int64_t ms, char text[STAMP_SIZE]);

/* Takes a date (its first moment in UTC), or a date and time with up to nine digits of fraction and
 * Z or an offset; a blank may stand for the T, and small letters for the capitals. */
bool stamp_read(const char *text, int64_t *ms);

#endif
