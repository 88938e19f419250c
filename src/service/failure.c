#include "pail/service/failure.h"

#define FAILURE_NEXT(id, next) [FAILURE_##id] = (next),
static const char *const nexts[FAILURE_COUNT] = {FAILURES(FAILURE_NEXT)};

const char *failure_next(enum failure failure) {
    return nexts[failure];
}
