/*
 * Curses is used for output alone, and never meets the tty: it writes to a memfd, whose content
 * goes to the terminal in one write() a frame (by itself it makes about one a cursor move). So the
 * tty's modes are set here, in terminal_restore.c, and given back from one place.
 */
#include "terminal_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pail/base/buffer.h"
#include "pail/base/memory.h"

enum {
    ESCAPE_MS = 25,
    STALL_MS = 1000, /* how long one write waits for a terminal that doesn't take it */
    LEAST_SIDE = 1,
    MOST_SIDE = 1000,
    DROP_LIMIT = 65536,
};

#define PASTE_ON  "\033[?2004h"
#define PASTE_OFF "\033[?2004l"
#define MOUSE_ON  "\033[?1000h\033[?1006h"
#define MOUSE_OFF "\033[?1006l\033[?1000l"

void terminal_emit(struct terminal *terminal, const char *bytes, size_t length) {
    size_t done = 0;
    while (done < length) {
        ssize_t written = write(fileno(terminal->frame), bytes + done, length - done);
        if (written <= 0)
            return;
        done += (size_t)written;
    }
}

static void emit_string(struct terminal *terminal, const char *text) {
    terminal_emit(terminal, text, strlen(text));
}

/* Forgets what the frame file holds: the terminal has been given back without it. */
static void discard(struct terminal *terminal) {
    int frame = fileno(terminal->frame);
    if (ftruncate(frame, 0) == 0)
        lseek(frame, 0, SEEK_SET);
    terminal->sent = 0;
}

/* Writes at once what the terminal takes at once; waits for one that is slow, but not for ever. */
static size_t write_bounded(int output, const char *bytes, size_t length, int wait_ms) {
    size_t done = 0;
    while (done < length) {
        ssize_t written = write(output, bytes + done, length - done);
        if (written > 0)
            done += (size_t)written;
        else if (written < 0 && errno == EINTR)
            continue;
        else if (written < 0 && errno != EAGAIN)
            return length; /* it is gone, and nobody waits for the rest */
        else if (poll(&(struct pollfd){.fd = output, .events = POLLOUT}, 1, wait_ms) <= 0)
            break;
    }
    return done;
}

bool terminal_flush(struct terminal *terminal) {
    int frame = fileno(terminal->frame);
    off_t end = lseek(frame, 0, SEEK_CUR);
    if (end <= terminal->sent)
        return true;
    size_t length = (size_t)(end - terminal->sent);
    char *bytes = memory_new(length, 1);
    ssize_t got = pread(frame, bytes, length, terminal->sent);
    if (got > 0)
        terminal->sent += (off_t)write_bounded(terminal->output, bytes, (size_t)got,
                                               terminal->stalled ? 0 : STALL_MS);
    memory_free_wiped(bytes); /* a secret may have been shown */
    terminal->stalled = terminal->sent < end;
    if (!terminal->stalled)
        discard(terminal);
    return !terminal->stalled;
}

/* What was switched on here, beyond curses. */
static void emit_modes(struct terminal *terminal) {
    emit_string(terminal, terminal_capability("smkx"));
    if (terminal->ansi)
        emit_string(terminal, PASTE_ON);
    if (terminal->mouse)
        emit_string(terminal, MOUSE_ON);
}

/* Undoes all that curses and we switch on. A terminal without an alternate screen gets its cursor
 * on the last line. */
static void prepare_reset(const struct terminal *terminal) {
    struct buffer reset;
    buffer_init(&reset);
    if (terminal->ansi)
        buffer_append_string(&reset, MOUSE_OFF PASTE_OFF);
    buffer_append_string(&reset, terminal_capability("sgr0"));
    if (terminal->colours.count > 0)
        buffer_append_string(&reset, terminal_capability("op"));
    if (terminal_capability("rmcup")[0] == '\0') {
        buffer_append_string(&reset, tiparm(terminal_capability("cup"), LINES - 1, 0));
        buffer_append_string(&reset, "\r\n");
    }
    buffer_append_string(&reset, terminal_capability("rmcup"));
    buffer_append_string(&reset, terminal_capability("rmkx"));
    buffer_append_string(&reset, terminal_capability("cnorm"));
    restore_set_reset(reset.data);
    buffer_finish(&reset);
}

static int clamp(int side) {
    return side < LEAST_SIDE ? LEAST_SIDE : side > MOST_SIDE ? MOST_SIDE : side;
}

/* The size that the tty says, or terminfo's. */
static void real_size(const struct terminal *terminal, int *rows, int *columns) {
    struct winsize size = {0};
    *rows = tigetnum("lines");
    *columns = tigetnum("cols");
    if (ioctl(terminal->output, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0) {
        *rows = size.ws_row;
        *columns = size.ws_col;
    }
    *rows = *rows > 0 ? clamp(*rows) : 24;
    *columns = *columns > 0 ? clamp(*columns) : 80;
}

/* A description of its own for a tty, so that O_NONBLOCK isn't set on the shell's; where that is
 * not allowed, a duplicate. */
static int open_output(int output, bool real) {
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", output);
    int own = real ? open(path, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC) : -1;
    return own >= 0 ? own : fcntl(output, F_DUPFD_CLOEXEC, 3);
}

static bool open_frame(struct terminal *terminal, struct error *error) {
    int frame = memfd_create("frame", MFD_CLOEXEC);
    if (frame < 0)
        return error_set(error, "memfd_create: %s", strerror(errno));
    terminal->frame = fdopen(frame, "r+");
    return terminal->frame != NULL || error_set(error, "fdopen: %s", strerror(errno));
}

static void set_looks(struct terminal *terminal) {
    for (int i = 0; i < STYLE_COUNT; i++) {
        struct style_look look = terminal->theme.looks[i];
        if (i == STYLE_DANGER && terminal->has_danger)
            look.bg = terminal->danger;
        terminal->looks[i] = colours_look(&terminal->colours, (enum style)i, &look);
    }
    cchar_t blank;
    setcchar(&blank, L" ", terminal->looks[STYLE_NORMAL].attributes, 0,
             &terminal->looks[STYLE_NORMAL].pair);
    bkgrndset(&blank);
}

static int escape_delay(void) {
    const char *text = getenv("ESCDELAY");
    char *end;
    long delay = text ? strtol(text, &end, 10) : 0;
    return delay > 0 && delay <= 1000 && *end == '\0' ? (int)delay : ESCAPE_MS;
}

static void start(struct terminal *terminal, const struct terminal_settings *settings) {
    int rows = settings->rows, columns = settings->columns;
    typeahead(-1); /* a frame is never left half drawn */
    terminal->ansi = strncmp(terminal_capability("cup"), "\033[", 2) == 0;
    if (!terminal->fixed)
        real_size(terminal, &rows, &columns);
    resizeterm(rows, columns);
    colours_init(&terminal->colours, settings->no_colour);
    key_reader_init(&terminal->keys);
    prepare_reset(terminal);
    emit_modes(terminal);
    if (terminal->real) {
        restore_prepare(terminal->input, terminal->output);
        prepare_reset(terminal);
        restore_take();
    }
}

struct terminal *terminal_create(const struct terminal_settings *settings,
                                 const struct theme *theme, struct error *error) {
    struct terminal *terminal = memory_new(1, sizeof *terminal);
    terminal->input = settings->input;
    terminal->output = -1;
    terminal->fixed = settings->rows > 0 && settings->columns > 0;
    terminal->real = isatty(settings->input) && isatty(settings->output);
    terminal->charset = text_charset();
    terminal->cursor_row = terminal->cursor_column = terminal->cursor_shown = -1;
    terminal->escape_ms = escape_delay();
    terminal->pushed = K_NONE;
    if (!terminal->real && !terminal->fixed)
        error_set(error, "Standard input and output must be a terminal.");
    else if ((terminal->output = open_output(settings->output, terminal->real)) < 0)
        error_set(error, "The terminal can't be opened: %s", strerror(errno));
    else if (open_frame(terminal, error) &&
             (terminal->screen = terminal_type_open(settings->type, terminal->frame, error))) {
        start(terminal, settings);
        terminal_set_theme(terminal, theme);
        return terminal;
    }
    terminal_destroy(terminal);
    return NULL;
}

void terminal_destroy(struct terminal *terminal) {
    if (terminal == NULL)
        return;
    if (terminal->real && terminal->screen)
        restore_finish();
    if (terminal->screen) {
        endwin();
        delscreen(terminal->screen);
    }
    if (terminal->frame)
        fclose(terminal->frame);
    if (terminal->output >= 0)
        close(terminal->output);
    free(terminal);
}

void terminal_set_theme(struct terminal *terminal, const struct theme *theme) {
    terminal->theme = *theme;
    set_looks(terminal);
}

void terminal_set_danger(struct terminal *terminal, const struct colour *danger) {
    terminal->has_danger = danger != NULL;
    if (danger)
        terminal->danger = *danger;
    set_looks(terminal);
}

void terminal_set_mouse(struct terminal *terminal, bool on) {
    bool able = terminal->ansi && terminal_capability("kmous")[0] != '\0';
    if (able && on != terminal->mouse)
        emit_string(terminal, on ? MOUSE_ON : MOUSE_OFF);
    terminal->mouse = able && on;
}

int terminal_rows(const struct terminal *terminal) {
    (void)terminal;
    return getmaxy(stdscr);
}

int terminal_columns(const struct terminal *terminal) {
    (void)terminal;
    return getmaxx(stdscr);
}

enum text_charset terminal_charset(const struct terminal *terminal) {
    return terminal->charset;
}

bool terminal_check_size(struct terminal *terminal) {
    int rows, columns;
    if (terminal->fixed)
        return false;
    real_size(terminal, &rows, &columns);
    if (rows == terminal_rows(terminal) && columns == terminal_columns(terminal))
        return false;
    resizeterm(rows, columns);
    clearok(curscr, TRUE);
    prepare_reset(terminal);
    return true;
}

int terminal_input(const struct terminal *terminal) {
    return terminal->input;
}

/* Reads what is there. False if the terminal is gone. */
static bool read_keys(struct terminal *terminal) {
    struct key_reader *keys = &terminal->keys;
    ssize_t got = read(terminal->input, keys->bytes + keys->length, KEY_BYTES - keys->length);
    if (got > 0)
        keys->length += (size_t)got;
    return got > 0 || (got < 0 && (errno == EINTR || errno == EAGAIN));
}

static int next_key(struct terminal *terminal, bool *hung_up) {
    struct key_reader *keys = &terminal->keys;
    int key;
    while ((key = key_reader_take(keys, false)) == K_NONE) {
        bool begun = keys->length > 0 || keys->in_string;
        struct pollfd input = {.fd = terminal->input, .events = POLLIN};
        if (poll(&input, 1, begun ? terminal->escape_ms : 0) <= 0)
            return key_reader_take(keys, true);
        if (!read_keys(terminal)) {
            *hung_up = true;
            return K_NONE;
        }
    }
    return key;
}

int terminal_key(struct terminal *terminal, bool *hung_up) {
    int key = terminal->pushed;
    terminal->pushed = K_NONE;
    if (key == K_NONE)
        key = next_key(terminal, hung_up);
    if (key == K_PASTE_BEGIN || key == K_PASTE_END)
        terminal->pasting = key == K_PASTE_BEGIN;
    return key;
}

/* A paste whose begin or end is dropped would make its rest keys, or the next keys a paste: so
 * that much is kept. */
void terminal_drop_keys(struct terminal *terminal) {
    bool hung_up = false, pasting = terminal->pasting;
    for (int i = 0; i < DROP_LIMIT && terminal_key(terminal, &hung_up) != K_NONE; i++)
        continue;
    if (terminal->pasting != pasting)
        terminal->pushed = pasting ? K_PASTE_END : K_PASTE_BEGIN;
}

void terminal_mouse_position(const struct terminal *terminal, int *row, int *column) {
    *row = terminal->keys.mouse_row;
    *column = terminal->keys.mouse_column;
}

void terminal_begin(struct terminal *terminal) {
    werase(stdscr);
    terminal->cursor_row = terminal->cursor_column = -1;
}

void terminal_end(struct terminal *terminal) {
    bool shown = terminal->cursor_row >= 0;
    if (terminal->stalled && !terminal_flush(terminal))
        return; /* it has not even taken the last frame */
    if (terminal->cursor_shown != shown)
        curs_set(shown);
    terminal->cursor_shown = shown;
    wmove(stdscr, shown ? terminal->cursor_row : terminal_rows(terminal) - 1,
          shown ? terminal->cursor_column : 0);
    wnoutrefresh(stdscr);
    doupdate();
    terminal_flush(terminal);
}

/* The tty's modes too: another program may have had it. After endwin curses begins anew. */
void terminal_redraw(struct terminal *terminal) {
    if (terminal->real)
        restore_take();
    terminal_flush(terminal);
    endwin();
    discard(terminal);
    terminal->cursor_shown = -1;
    emit_modes(terminal);
    clearok(curscr, TRUE);
}

/* The whole process group stops, as it would by the tty's ^Z: make and the demo's script too. */
void terminal_suspend(struct terminal *terminal) {
    sigset_t stop, before;
    if (!terminal->real)
        return;
    terminal_flush(terminal);
    restore_give();
    sigemptyset(&stop);
    sigaddset(&stop, SIGTSTP);
    sigprocmask(SIG_UNBLOCK, &stop, &before);
    kill(0, SIGTSTP);
    sigprocmask(SIG_SETMASK, &before, NULL);
    terminal_check_size(terminal);
    terminal_redraw(terminal);
}
