/* Time, in one place, so that the tests of the screens can bring their own. */
#ifndef PAIL_BASE_CLOCK_H
#define PAIL_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Monotonic milliseconds since some start. They pass while the machine sleeps too: what was to be
 * sent before that is old when it wakes. */
int64_t clock_ms(void);

time_t clock_now(void);      /* seconds of the calendar */
int64_t clock_wall_ms(void); /* milliseconds of the calendar, since 1970 */

#endif
