/*
 * Curses is used for output alone, and never meets the tty: it writes to a memfd, whose content
 * goes to the terminal in one write() a frame (terminal_frame.c). So the tty's modes are set here,
 * and given back from one place (base/restore.h).
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
#include "pail/base/restore.h"

enum {
    ESCAPE_MS = 25,
    LEAST_SIDE = 1,
    DROP_LIMIT = 65536,
};

#define PASTE_ON  "\033[?2004h"
#define PASTE_OFF "\033[?2004l"
#define MOUSE_ON  "\033[?1000h\033[?1006h"
#define MOUSE_OFF "\033[?1006l\033[?1000l"

static void emit_string(struct terminal *terminal, const char *text) {
    terminal_emit(terminal, text, strlen(text));
}

/* What was switched on here, beyond curses. */
static void emit_modes(struct terminal *terminal) {
    emit_string(terminal, terminal_capability("smkx"));
    if (terminal->ansi)
        emit_string(terminal, PASTE_ON);
    if (terminal->mouse)
        emit_string(terminal, MOUSE_ON);
}

/* Appends what makes the screen scroll as a whole; it moves the cursor. */
static void append_region(struct buffer *out) {
    const char *region = terminal_capability("csr");
    if (*region)
        terminal_append_capability(out, tiparm(region, 0, LINES - 1));
}

/* Undoes all that curses and we switch on. The cursor goes to the last line, for terminals without
 * an alternate screen, or whose alternate screen doesn't bring it back. */
static void prepare_reset(const struct terminal *terminal) {
    struct buffer reset;
    buffer_init(&reset);
    if (terminal->ansi)
        buffer_append_string(&reset, MOUSE_OFF PASTE_OFF);
    terminal_append_capability(&reset, terminal_capability("sgr0"));
    if (terminal->colours.count > 0)
        terminal_append_capability(&reset, terminal_capability("op"));
    append_region(&reset);
    terminal_append_capability(&reset, tiparm(terminal_capability("cup"), LINES - 1, 0));
    if (terminal_capability("rmcup")[0] == '\0')
        buffer_append_string(&reset, "\r\n");
    terminal_append_capability(&reset, terminal_capability("rmcup"));
    terminal_append_capability(&reset, terminal_capability("rmkx"));
    terminal_append_capability(&reset, terminal_capability("cnorm"));
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
    const struct look *normal = &terminal->looks[STYLE_NORMAL];
    setcchar(&blank, L" ", normal->attributes, 0, &normal->pair);
    bkgrndset(&blank);
    for (int i = 0; i < STYLE_COUNT; i++) { /* as curses would by the background */
        struct look *look = &terminal->looks[i];
        look->attributes |= normal->attributes;
        look->pair = look->pair ? look->pair : normal->pair;
    }
    terminal_forget(terminal);
}

static int escape_delay(void) {
    const char *text = getenv("ESCDELAY");
    char *end;
    long delay = text ? strtol(text, &end, 10) : 0;
    return delay > 0 && delay <= 1000 && *end == '\0' ? (int)delay : ESCAPE_MS;
}

static void set_raw_mode(void) {
    struct termios raw = restore_found();
    cfmakeraw(&raw);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    restore_take(&raw);
}

static void start(struct terminal *terminal, const struct terminal_settings *settings) {
    int rows = settings->rows, columns = settings->columns;
    typeahead(-1);         /* a frame is never left half drawn */
    nonl();                /* a raw tty's line feed goes straight down */
    leaveok(stdscr, TRUE); /* where the cursor ends, while it isn't shown */
    terminal->ansi = strncmp(terminal_capability("cup"), "\033[", 2) == 0;
    terminal->slim.has_column = strcmp(terminal_capability("hpa"), "\033[%i%p1%dG") == 0;
    terminal->slim.indent = slim_screen_indent;
    if (!terminal->fixed)
        real_size(terminal, &rows, &columns);
    resizeterm(rows, columns);
    endwin(); /* it began with terminfo's size, and a scrolling region of that */
    terminal_discard(terminal);
    colours_init(&terminal->colours, settings->no_colour);
    key_reader_init(&terminal->keys);
    prepare_reset(terminal);
    emit_modes(terminal);
    if (terminal->real) {
        restore_prepare(terminal->input, terminal->output);
        prepare_reset(terminal);
        set_raw_mode();
    }
}

struct terminal *terminal_create(const struct terminal_settings *settings,
                                 const struct theme *theme, struct error *error) {
    struct terminal *terminal = memory_new(1, sizeof *terminal);
    terminal->input = settings->input;
    terminal->output = -1;
    buffer_init(&terminal->pending);
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
    buffer_finish(&terminal->pending);
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

void terminal_set_thrifty(struct terminal *terminal, bool on) {
    terminal->thrifty = on;
    terminal_forget(terminal);
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
    struct buffer region;
    if (terminal->fixed)
        return false;
    real_size(terminal, &rows, &columns);
    if (rows == terminal_rows(terminal) && columns == terminal_columns(terminal))
        return false;
    resizeterm(rows, columns);
    buffer_init(&region);
    append_region(&region);
    terminal_emit(terminal, region.data, region.length);
    buffer_finish(&region);
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

/* The tty's modes too: another program may have had it. After endwin curses begins anew. */
void terminal_redraw(struct terminal *terminal) {
    if (terminal->real)
        set_raw_mode();
    terminal_flush(terminal);
    endwin();
    terminal_discard(terminal);
    terminal->slim.known = terminal->slim.plain = false;
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
