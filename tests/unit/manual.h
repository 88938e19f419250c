/* doc/pail.1, for the tests that compare it with the tables it tells of. */
#ifndef PAIL_TESTS_UNIT_MANUAL_H
#define PAIL_TESTS_UNIT_MANUAL_H

#include "tests.h"

/* One section of it, from ".Sh NAME" to the next; the caller frees. */
static char *manual_section(const char *name) {
    char heading[64], *page = NULL;
    size_t size = 0;
    FILE *file = fopen("doc/pail.1", "r");
    assert_non_null(file);
    assert_true(getdelim(&page, &size, '\0', file) > 0);
    fclose(file);
    snprintf(heading, sizeof heading, "\n.Sh %s\n", name);
    char *start = strstr(page, heading);
    assert_non_null(start);
    char *end = strstr(start + 1, "\n.Sh ");
    if (end)
        end[1] = '\0';
    memmove(page, start, strlen(start) + 1);
    return page;
}

/* How many of its lines begin so. */
static int manual_lines(const char *section, const char *beginning) {
    char line[64];
    int count = 0;
    snprintf(line, sizeof line, "\n%s", beginning);
    for (const char *at = section; (at = strstr(at, line)) != NULL; at++)
        count++;
    return count;
}

#endif
