#include "print.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "pail/base/memory.h"
#include "pail/base/text.h"

enum { GAP = 2, LEAST_WIDTH = 5, USUAL_COLUMNS = 80 };

void print_lines(FILE *out, const char *text) {
    struct buffer line;
    buffer_init(&line);
    for (size_t length; *text; text += length + (text[length] == '\n')) {
        length = strcspn(text, "\n");
        buffer_clear(&line);
        text_append_safe(&line, text, length, text_charset());
        fprintf(out, "%s\n", line.data);
    }
    buffer_finish(&line);
}

void print_pair(FILE *out, const char *label, const char *value, const char *remark) {
    enum { LABEL_WIDTH = 20 };
    struct buffer line;
    buffer_init(&line);
    text_append_safe(&line, label, strlen(label), text_charset());
    buffer_append_char(&line, ':');
    int left = LABEL_WIDTH - text_width(line.data, line.length, text_charset());
    buffer_printf(&line, "%*s", left > 1 ? left : 1, "");
    text_append_safe(&line, value, strlen(value), text_charset());
    fprintf(out, "%s%s\n", line.data, remark);
    buffer_finish(&line);
}

/* ---- tables ---------------------------------------------------------------------------------- */

static int terminal_width(FILE *out) {
    struct winsize size = {0};
    if (ioctl(fileno(out), TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return USUAL_COLUMNS;
    return size.ws_col;
}

/* Takes from the widest column until all fit, or all are as narrow as can be. */
static void narrow(int *widths, int columns, int room) {
    int total = GAP * (columns - 1);
    for (int i = 0; i < columns; i++)
        total += widths[i];
    for (; total > room; total--) {
        int widest = 0;
        for (int i = 1; i < columns; i++)
            if (widths[i] > widths[widest])
                widest = i;
        if (widths[widest] <= LEAST_WIDTH)
            return;
        widths[widest]--;
    }
}

/* The text in so many cells, cut if need be; blanks fill up what is left unless it is the last. */
static void append_cell(struct buffer *out, const char *text, int width, bool last) {
    enum text_charset charset = text_charset();
    size_t length = strlen(text);
    bool fits = text_width(text, length, charset) <= width;
    size_t shown = text_fitting(text, length, charset, fits ? width : width - 1);
    text_append_safe(out, text, shown, charset);
    if (!fits)
        buffer_append_char(out, '>');
    int left = width - text_width(text, shown, charset) - !fits;
    if (!last)
        buffer_printf(out, "%*s", left + GAP, "");
}

static void print_row(FILE *out, const char *const *texts, const int *widths, int columns) {
    struct buffer line;
    buffer_init(&line);
    for (int i = 0; i < columns; i++)
        append_cell(&line, texts[i], widths[i], i == columns - 1);
    while (line.length > 0 && line.data[line.length - 1] == ' ')
        buffer_truncate(&line, line.length - 1);
    fprintf(out, "%s\n", line.data);
    buffer_finish(&line);
}

static void widen(int *widths, const char *const *texts, int columns) {
    for (int i = 0; i < columns; i++) {
        int width = text_width(texts[i], strlen(texts[i]), text_charset());
        if (width > widths[i])
            widths[i] = width;
    }
}

void print_table(const struct cli *cli, const char *const *titles, int columns, size_t rows,
                 print_row_fn *row, const void *context) {
    int *widths = memory_new((size_t)columns, sizeof *widths);
    const char **texts = memory_new((size_t)columns, sizeof *texts);
    widen(widths, titles, columns);
    for (size_t i = 0; i < rows; i++) {
        row(context, i, texts);
        widen(widths, texts, columns);
    }
    if (cli->out_is_terminal)
        narrow(widths, columns, terminal_width(cli->out));
    print_row(cli->out, titles, widths, columns);
    for (size_t i = 0; i < rows; i++) {
        row(context, i, texts);
        print_row(cli->out, texts, widths, columns);
    }
    free(texts);
    free(widths);
}

/* ---- csv and tsv ----------------------------------------------------------------------------- */

void print_csv(struct buffer *out, const char *text) {
    bool quoted = strpbrk(text, ",\"\n") != NULL;
    if (quoted)
        buffer_append_char(out, '"');
    while (*text) {
        size_t length = strcspn(text, "\"\n\t");
        text_append_safe(out, text, length, text_charset());
        text += length;
        if (*text == '"')
            buffer_append_char(out, '"');
        if (*text)
            buffer_append_char(out, *text++);
    }
    if (quoted)
        buffer_append_char(out, '"');
}

void print_tsv(struct buffer *out, const char *text) {
    static const char special[] = "\\\t\n\r", letters[] = "\\tnr";
    while (*text) {
        size_t length = strcspn(text, special);
        text_append_safe(out, text, length, text_charset());
        text += length;
        if (*text)
            buffer_printf(out, "\\%c", letters[strchr(special, *text++) - special]);
    }
}

int print_end(const struct cli *cli) {
    bool bad = ferror(cli->out) != 0;
    if (fflush(cli->out) == 0 && !bad)
        return CLI_DONE;
    return cli_say(cli, CLI_REFUSED, "the output could not be written: %s", strerror(errno));
}
