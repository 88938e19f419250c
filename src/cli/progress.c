#include "progress.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "pail/base/buffer.h"
#include "pail/base/clock.h"
#include "pail/base/text.h"

enum { REDRAW_MS = 100, USUAL_COLUMNS = 80 };

void progress_init(struct progress *progress, const struct cli *cli) {
    *progress = (struct progress){.cli = cli, .shown = isatty(fileno(cli->err)) == 1};
}

static int columns(FILE *out) {
    struct winsize size = {0};
    if (ioctl(fileno(out), TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return USUAL_COLUMNS;
    return size.ws_col;
}

/* Over the line before, in less than a terminal's width so that it never wraps; in one write. */
static void draw(struct progress *progress, const char *text) {
    int room = columns(progress->cli->err) - 1, width = (int)strlen(text);
    struct buffer out;
    buffer_init(&out);
    if (width > room)
        width = room;
    buffer_printf(&out, "\r%.*s", width, text);
    if (progress->width > width)
        buffer_printf(&out, "%*s", progress->width - width, "");
    fputs(out.data, progress->cli->err);
    fflush(progress->cli->err);
    buffer_finish(&out);
    progress->width = width;
}

static void append_count(struct buffer *line, size_t count, const char *what) {
    if (count > 0)
        buffer_printf(line, ", %zu %s", count, what);
}

static void append_rate(struct buffer *line, const struct progress *progress, size_t done) {
    int64_t spent = clock_ms() - progress->began;
    if (done > 0 && spent >= REDRAW_MS)
        buffer_printf(line, ", %lld/s", (long long)((int64_t)done * 1000 / spent));
}

static void describe(const struct progress *progress, const struct submission *submission,
                     const char *happening, struct buffer *line) {
    size_t done = submission->count - submission->waiting - submission->under_way;
    if (submission->phase == SUBMISSION_CHECKING)
        buffer_append_string(line, "reading the table");
    else
        buffer_printf(line, "%zu/%zu", done, submission->count);
    append_count(line, submission->tally[OUTCOME_REFUSED], "refused");
    append_count(line, submission->tally[OUTCOME_CONFLICT], "in conflict");
    append_count(line, submission->tally[OUTCOME_NOT_SENT], "not sent");
    if (submission->phase == SUBMISSION_SENDING)
        append_rate(line, progress, done);
    if (submission->phase == SUBMISSION_RE_READING)
        buffer_append_string(line, ": reading the table again");
    if (happening[0] != '\0') {
        buffer_append_string(line, ": ");
        text_append_safe(line, happening, strlen(happening), TEXT_ASCII);
    }
}

void progress_watch(void *context, const struct submission *submission, const char *happening) {
    struct progress *progress = context;
    int64_t now = clock_ms();
    if (!progress->shown)
        return;
    if (progress->began == 0 && submission->phase == SUBMISSION_SENDING)
        progress->began = now;
    if (submission->phase == SUBMISSION_DONE) {
        if (progress->width > 0)
            fprintf(progress->cli->err, "\r%*s\r", progress->width, "");
        progress->width = 0;
    } else if (progress->width == 0 || now >= progress->drawn_at + REDRAW_MS) {
        struct buffer line;
        buffer_init(&line);
        describe(progress, submission, happening, &line);
        draw(progress, line.data);
        buffer_finish(&line);
        progress->drawn_at = now;
    }
}
