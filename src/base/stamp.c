#include "pail/base/stamp.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

void stamp_write(int64_t ms, char stamp[STAMP_SIZE]) {
    int64_t part = (ms % 1000 + 1000) % 1000;
    time_t seconds = (time_t)((ms - part) / 1000);
    struct tm tm;
    stamp[0] = '\0';
    if (gmtime_r(&seconds, &tm) == NULL || tm.tm_year < -1899 || tm.tm_year > 8099)
        return;
    snprintf(stamp, STAMP_SIZE, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ",
             (unsigned)(tm.tm_year + 1900) % 10000, (unsigned)(tm.tm_mon + 1) % 100,
             (unsigned)tm.tm_mday % 100, (unsigned)tm.tm_hour % 100, (unsigned)tm.tm_min % 100,
             (unsigned)tm.tm_sec % 100, (unsigned)part);
}

/* Exactly so many digits, a number from least to most, then that character ('\0': any). */
static bool take(const char **text, int digits, int least, int most, char then, int *number) {
    *number = 0;
    for (int i = 0; i < digits; i++, ++*text) {
        if (!isdigit((unsigned char)**text))
            return false;
        *number = *number * 10 + (**text - '0');
    }
    if (*number < least || *number > most)
        return false;
    if (then == '\0')
        return true;
    return *(*text)++ == then;
}

static bool take_date(const char **text, struct tm *tm) {
    static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year, month, day;
    if (!take(text, 4, 1, 9999, '-', &year) || !take(text, 2, 1, 12, '-', &month) ||
        !take(text, 2, 1, days[month - 1], '\0', &day))
        return false;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    tm->tm_year = year - 1900;
    tm->tm_mon = month - 1;
    tm->tm_mday = day;
    return leap || month != 2 || day <= 28;
}

static bool take_fraction(const char **text, int64_t *ms) {
    int digits = 0;
    for (++*text; isdigit((unsigned char)**text); ++*text)
        if (++digits <= 3)
            *ms = *ms * 10 + (**text - '0');
    for (int i = digits; i < 3; i++)
        *ms *= 10;
    return digits >= 1 && digits <= 9;
}

/* Seconds to the east. */
static bool take_zone(const char **text, int64_t *offset) {
    int hours, minutes, sign = **text == '-' ? -1 : 1;
    if (toupper((unsigned char)**text) == 'Z') {
        ++*text;
        return true;
    }
    if (**text != '+' && **text != '-')
        return false;
    ++*text;
    if (!take(text, 2, 0, 23, ':', &hours) || !take(text, 2, 0, 59, '\0', &minutes))
        return false;
    *offset = (int64_t)sign * (hours * 60 + minutes) * 60;
    return true;
}

static bool take_time(const char **text, struct tm *tm, int64_t *ms, int64_t *offset) {
    if (**text == '\0' || strchr("Tt ", **text) == NULL)
        return false;
    ++*text;
    if (!take(text, 2, 0, 23, ':', &tm->tm_hour) || !take(text, 2, 0, 59, ':', &tm->tm_min) ||
        !take(text, 2, 0, 60, '\0', &tm->tm_sec))
        return false;
    return (**text != '.' || take_fraction(text, ms)) && take_zone(text, offset);
}

bool stamp_read(const char *text, int64_t *ms) {
    struct tm tm = {.tm_isdst = 0};
    int64_t part = 0, offset = 0;
    if (!take_date(&text, &tm) || (*text != '\0' && !take_time(&text, &tm, &part, &offset)) ||
        *text != '\0')
        return false;
    *ms = ((int64_t)timegm(&tm) - offset) * 1000 + part;
    return true;
}

void stamp_write_local(int64_t ms, char text[STAMP_SIZE]) {
    time_t seconds = (time_t)(ms / 1000);
    struct tm local;
    if (localtime_r(&seconds, &local) == NULL ||
        strftime(text, STAMP_SIZE, "%Y-%m-%d %H:%M:%S", &local) == 0)
        snprintf(text, STAMP_SIZE, "-");
}
