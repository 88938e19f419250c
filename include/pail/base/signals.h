/* Signals that end a program, for those that take them from a signalfd. */
#ifndef PAIL_BASE_SIGNALS_H
#define PAIL_BASE_SIGNALS_H

#include <signal.h>

/* Adds the signal unless it is ignored, as nohup, a shell's trap '' or a script's job in the
 * background has it: one that is ignored and blocked is queued all the same. */
void signals_add_heeded(sigset_t *set, int number);

#endif
