/*
 * The terminal's modes, changed so that they are given back: in order, or by the handler of a
 * signal that pail dies of. One terminal at a time.
 */
#ifndef PAIL_BASE_RESTORE_H
#define PAIL_BASE_RESTORE_H

#include <stdbool.h>
#include <termios.h>

/* Remembers how to give this terminal back, also in a crash. Before anything touches it; false if
 * it is none. */
bool restore_prepare(int input, int output);

/* The modes that it had then. */
struct termios restore_found(void);

/* Sets these modes, until restore_give. False if it can't; what was set in part is given back too.
 */
bool restore_take(const struct termios *modes);

/* The bytes that undo what was switched on; called again after a resize. */
void restore_set_reset(const char *reset);

/* Gives the terminal back. Safe in a signal handler; does nothing the second time. */
void restore_give(void);

/* The same, and signals are no longer caught. */
void restore_finish(void);

#endif
