#include "pail/base/signals.h"

#include <stddef.h>

void signals_add_heeded(sigset_t *set, int number) {
    struct sigaction now;
    if (sigaction(number, NULL, &now) == 0 && now.sa_handler != SIG_IGN)
        sigaddset(set, number);
}
