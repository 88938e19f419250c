/* What every unit test includes: cmocka and the headers that it needs before it. */
#ifndef PAIL_TESTS_UNIT_TESTS_H
#define PAIL_TESTS_UNIT_TESTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Whether `make check-long` runs: then a program takes its long set. */
static inline int tests_are_long(void) {
    const char *text = getenv("LONG");
    return text && text[0] && strcmp(text, "0") != 0;
}

#endif
