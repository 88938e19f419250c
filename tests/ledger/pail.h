/* The pails of a run, each in a process of its own. */
#ifndef PAIL_TESTS_LEDGER_PAIL_H
#define PAIL_TESTS_LEDGER_PAIL_H

#include "book.h"

/* Adds, modifies and deletes by chance until its share of the run's operations is done. It is left
 * and started again by chance, stops waiting by chance, and sends one change or several at a time;
 * its change is made from its table as that is. */
void pail_work(struct book *book, int pail);

/* The same with processes of pail: add, modify, delete and apply with --yes. */
void pail_command(struct book *book, int pail);

/* A last sitting at the journal of that pail: until all that readings can settle is settled. */
void pail_settle(struct book *book, int pail);

/* Of that pail's journal. */
void pail_journal_path(const struct book *book, int pail, char *path, size_t size);

#endif
