/*
 * Frames: what curses has to say goes into a memfd, and from there to the terminal in one write() a
 * frame (by itself curses makes about one a cursor move). A terminal that is slow is not waited
 * for: what it hasn't taken stays pending, and no frame is made until it has.
 */
#include "terminal_internal.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "pail/base/clock.h"

void terminal_emit(struct terminal *terminal, const char *bytes, size_t length) {
    size_t done = 0;
    while (done < length) {
        ssize_t written = write(fileno(terminal->frame), bytes + done, length - done);
        if (written <= 0)
            return;
        done += (size_t)written;
    }
}

/* ---- to the terminal ------------------------------------------------------------------------- */

static void empty_frame(const struct terminal *terminal) {
    int frame = fileno(terminal->frame);
    if (ftruncate(frame, 0) == 0)
        lseek(frame, 0, SEEK_SET);
}

void terminal_discard(struct terminal *terminal) {
    empty_frame(terminal);
    buffer_clear(&terminal->pending); /* a secret may have been shown */
    terminal->stalled_at = 0;
}

/* Moves the frame file's content behind what is pending. */
static void take_frame(struct terminal *terminal) {
    char piece[4096];
    ssize_t got;
    off_t at = 0;
    size_t from = terminal->pending.length;
    while ((got = pread(fileno(terminal->frame), piece, sizeof piece, at)) > 0) {
        buffer_append(&terminal->pending, piece, (size_t)got);
        at += got;
    }
    explicit_bzero(piece, sizeof piece);
    empty_frame(terminal);
    slim_frame(&terminal->slim, &terminal->pending, from);
}

/* Bytes that it took; all of them if it is gone, since nobody waits for the rest. */
static size_t write_some(int output, const struct buffer *bytes) {
    ssize_t written;
    do
        written = write(output, bytes->data, bytes->length);
    while (written < 0 && errno == EINTR);
    return written >= 0 ? (size_t)written : errno == EAGAIN ? 0 : bytes->length;
}

bool terminal_flush(struct terminal *terminal) {
    struct buffer *pending = &terminal->pending;
    take_frame(terminal);
    if (pending->length > 0)
        buffer_splice(pending, 0, write_some(terminal->output, pending), "", 0);
    if (pending->length == 0)
        terminal_discard(terminal);
    else if (terminal->stalled_at == 0)
        terminal->stalled_at = clock_ms();
    return pending->length == 0;
}

int terminal_stalled(const struct terminal *terminal) {
    int64_t since = terminal->stalled_at;
    return since == 0 ? -1 : (int)(clock_ms() - since);
}

int terminal_output(const struct terminal *terminal) {
    return terminal->output;
}

/* ---- rows ------------------------------------------------------------------------------------ */

void terminal_touch(struct terminal *terminal, int row) {
    if (terminal->drawn[row])
        return;
    terminal->drawn[row] = true;
    terminal->keys_of_rows[row] = 0;
    terminal->wide[row] = false;
    wmove(stdscr, row, 0);
    wclrtoeol(stdscr);
}

bool terminal_keep_row(struct terminal *terminal, int row, uint64_t key) {
    if (row < 0 || row >= terminal_rows(terminal))
        return true;
    if (!terminal->drawn[row] && terminal->keys_of_rows[row] == key && key != 0) {
        terminal->drawn[row] = true;
        return true;
    }
    terminal_touch(terminal, row);
    terminal->keys_of_rows[row] = key;
    return false;
}

void terminal_forget_row(struct terminal *terminal, int row) {
    if (row >= 0 && row < terminal_rows(terminal))
        terminal->keys_of_rows[row] = 0;
}

void terminal_forget(struct terminal *terminal) {
    memset(terminal->keys_of_rows, 0, sizeof terminal->keys_of_rows);
}

/* ---- a frame --------------------------------------------------------------------------------- */

void terminal_begin(struct terminal *terminal) {
    int rows = terminal_rows(terminal), columns = terminal_columns(terminal);
    if (rows != terminal->drawn_rows || columns != terminal->drawn_columns)
        terminal_forget(terminal);
    terminal->drawn_rows = rows;
    terminal->drawn_columns = columns;
    memset(terminal->drawn, 0, sizeof terminal->drawn);
    terminal->cursor_row = terminal->cursor_column = -1;
}

static void place_cursor(struct terminal *terminal) {
    bool shown = terminal->cursor_row >= 0;
    if (terminal->cursor_shown != shown) {
        leaveok(stdscr, !shown);
        curs_set(shown);
    }
    terminal->cursor_shown = shown;
    if (shown)
        wmove(stdscr, terminal->cursor_row, terminal->cursor_column);
}

void terminal_end(struct terminal *terminal) {
    for (int row = 0; row < terminal_rows(terminal); row++)
        terminal_touch(terminal, row);
    if (terminal_stalled(terminal) >= 0 && !terminal_flush(terminal))
        return; /* it has not even taken the last frame */
    place_cursor(terminal);
    wnoutrefresh(stdscr);
    doupdate();
    terminal_flush(terminal);
}
