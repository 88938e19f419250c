/* What the commands print by: text made safe, tables, values of csv and tsv. */
#ifndef PAIL_SRC_CLI_PRINT_H
#define PAIL_SRC_CLI_PRINT_H

#include "pail/base/buffer.h"
#include "pail/cli/cli.h"

/* What stands for a secret that a service sends. */
#define PRINT_MASK "********"

/* The text line by line, each made safe; the last gets its newline. "" prints nothing. */
void print_lines(FILE *out, const char *text);

/* "Label:        value" and what may come behind it; label and value are made safe. */
void print_pair(FILE *out, const char *label, const char *value, const char *remark);

/* Sets the texts of a row, raw; they are good until the next call. */
typedef void print_row_fn(const void *context, size_t row, const char **texts);

/* Columns that are as wide as their widest text, two blanks between them. On a terminal the widest
 * are cut, with a `>` at the end, until a row fits; elsewhere nothing is cut. */
void print_table(const struct cli *cli, const char *const *titles, int columns, size_t rows,
                 print_row_fn *row, const void *context);

/* Appends a value. csv as in RFC 4180: in quotation marks if it has a comma, a quotation mark or a
 * line feed. tsv: backslash, tab, line feed and carriage return as \\ \t \n \r. In both all else is
 * made safe for a terminal. */
void print_csv(struct buffer *out, const char *text);
void print_tsv(struct buffer *out, const char *text);

/* Flushes out: CLI_DONE, or CLI_REFUSED after having said why it could not be written. */
int print_end(const struct cli *cli);

#endif
