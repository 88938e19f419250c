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

#endif
