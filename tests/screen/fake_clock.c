/* base/clock.h, with the time of the script: it begins at 2026-03-01 12:04:31. */
#include "screens.h"

#include "pail/base/clock.h"

static int64_t now = 1000000;

void fake_clock_advance(long ms) {
    now += ms;
}

int64_t clock_ms(void) {
    return now;
}

time_t clock_now(void) {
    return (time_t)(1772366671 + (now - 1000000) / 1000);
}

int64_t clock_wall_ms(void) {
    return (int64_t)1772366671000 + (now - 1000000);
}
