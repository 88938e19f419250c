#include "tests.h"

#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../src/ui/terminal_internal.h"

/* A terminal of 5x20 whose keys come from a pipe and whose output goes to a memfd. */
struct fixture {
    struct terminal *terminal;
    struct theme theme;
    int keys[2], output;
};

static struct style_look rgb_look(unsigned char red, unsigned char green, unsigned char blue) {
    return (struct style_look){.fg = {COLOUR_RGB, 0, red, green, blue}};
}

static void make_terminal(struct fixture *fixture, const char *type, bool no_colour) {
    struct error error = {""};
    *fixture = (struct fixture){.output = memfd_create("output", MFD_CLOEXEC)};
    fixture->theme.looks[STYLE_SELECTED] = rgb_look(255, 0, 0);
    fixture->theme.looks[STYLE_WARNING] = rgb_look(255, 255, 0);
    assert_int_equal(pipe2(fixture->keys, O_CLOEXEC), 0);
    fixture->terminal = terminal_create(&(struct terminal_settings){.input = fixture->keys[0],
                                                                    .output = fixture->output,
                                                                    .type = type,
                                                                    .no_colour = no_colour,
                                                                    .rows = 5,
                                                                    .columns = 20},
                                        &fixture->theme, &error);
    assert_string_equal(error.text, "");
    assert_non_null(fixture->terminal);
}

static void end_terminal(struct fixture *fixture) {
    terminal_destroy(fixture->terminal);
    close(fixture->keys[0]);
    if (fixture->keys[1] >= 0)
        close(fixture->keys[1]);
    close(fixture->output);
}

static int set_up_in(void **state, const char *locale) {
    assert_non_null(setlocale(LC_ALL, locale));
    *state = calloc(1, sizeof(struct fixture));
    make_terminal(*state, "xterm-256color", false);
    return 0;
}

static int set_up(void **state) {
    return set_up_in(state, "C.UTF-8");
}

static int set_up_ascii(void **state) {
    return set_up_in(state, "C");
}

static int tear_down(void **state) {
    end_terminal(*state);
    free(*state);
    setlocale(LC_ALL, "C.UTF-8");
    return 0;
}

/* A row of the screen as UTF-8, trailing blanks kept; a wide character's second cell is nothing. */
static const char *row_text(int row) {
    static char text[512];
    size_t length = 0;
    int wide = 0;
    for (int column = 0; column < getmaxx(stdscr); column += wide) {
        cchar_t cell;
        wchar_t characters[CCHARW_MAX + 1] = {0};
        attr_t attributes;
        int pair = 0;
        mvin_wch(row, column, &cell);
        getcchar(&cell, characters, &attributes, &(short){0}, &pair);
        for (size_t i = 0; characters[i]; i++)
            length += (size_t)wctomb(text + length, characters[i]);
        wide = wcwidth(characters[0]) == 2 ? 2 : 1;
    }
    text[length] = '\0';
    return text;
}

static attr_t attributes_at(int row, int column) {
    cchar_t cell;
    wchar_t characters[CCHARW_MAX + 1];
    attr_t attributes = 0;
    int pair = 0;
    mvin_wch(row, column, &cell);
    getcchar(&cell, characters, &attributes, &(short){0}, &pair);
    return attributes;
}

/* What has been written since the last call. */
static const char *written(const struct fixture *fixture) {
    static char text[65536];
    off_t size = lseek(fixture->output, 0, SEEK_CUR);
    assert_true(size < (off_t)sizeof text);
    ssize_t got = pread(fixture->output, text, (size_t)size, 0);
    text[got] = '\0';
    assert_int_equal(ftruncate(fixture->output, 0), 0);
    lseek(fixture->output, 0, SEEK_SET);
    return text;
}

static void text_is_cut_and_padded(void **state) {
    struct fixture *f = *state;
    terminal_begin(f->terminal);
    terminal_fill(f->terminal, 0, 0, 20, STYLE_NORMAL);
    assert_int_equal(terminal_text(f->terminal, 0, 2, 6, STYLE_NORMAL, "abc"), 3);
    assert_string_equal(row_text(0), "  abc               ");
    assert_int_equal(terminal_text(f->terminal, 1, 0, 5, STYLE_NORMAL, "abcdef"), 5);
    assert_string_equal(row_text(1), "abcd›               ");
    assert_int_equal(terminal_text(f->terminal, 1, 0, 5, STYLE_NORMAL, "abcde"), 5);
    assert_string_equal(row_text(1), "abcde               ");
    terminal_text(f->terminal, 2, 16, 100, STYLE_NORMAL, "abcdef"); /* the screen's edge */
    assert_string_equal(row_text(2), "                abc›");
    terminal_text(f->terminal, 4, 19, 1, STYLE_NORMAL, "x"); /* the last cell */
    assert_string_equal(row_text(4), "                   x");
}

static void wide_characters_keep_whole(void **state) {
    struct fixture *f = *state;
    terminal_begin(f->terminal);
    assert_int_equal(terminal_text(f->terminal, 0, 0, 6, STYLE_NORMAL, "日本語"), 6);
    assert_string_equal(row_text(0), "日本語              ");
    terminal_text(f->terminal, 1, 0, 5, STYLE_NORMAL, "日本語");
    assert_string_equal(row_text(1), "日本›               ");
    terminal_text(f->terminal, 2, 0, 4, STYLE_NORMAL, "日本語");
    assert_string_equal(row_text(2), "日 ›                ");
    terminal_text(f->terminal, 3, 0, 5, STYLE_NORMAL, "e\xCC\x81te\xCC\x81");
    assert_string_equal(row_text(3), "e\xCC\x81te\xCC\x81                 ");
}

/* What a dialog cuts of a row that is under it, drawn in this frame or kept from the last one. */
static void of_a_cut_wide_character_a_blank_is_left(void **state) {
    struct fixture *f = *state;
    for (int frame = 0; frame < 3; frame++) {
        terminal_begin(f->terminal);
        assert_int_equal(terminal_keep_row(f->terminal, 0, 7), frame > 0);
        if (frame == 0)
            terminal_text(f->terminal, 0, 0, 10, STYLE_NORMAL, "日本語日本");
        if (frame == 1)
            terminal_text(f->terminal, 0, 1, 2, STYLE_MARKED, "ab");
        if (frame == 2)
            terminal_fill(f->terminal, 0, 5, 2, STYLE_MARKED);
        static const char *const rows[] = {"日本語日本          ", " ab 語日本          ",
                                           " ab     本          "};
        assert_string_equal(row_text(0), rows[frame]);
        terminal_end(f->terminal);
    }
    terminal_begin(f->terminal);
    terminal_text(f->terminal, 1, 0, 6, STYLE_NORMAL, "日本語");
    terminal_text(f->terminal, 1, 3, 2, STYLE_MARKED, "ab");
    assert_string_equal(row_text(1), "日 ab               ");
}

static void text_is_skipped_by_cells(void **state) {
    struct fixture *f = *state;
    terminal_begin(f->terminal);
    assert_int_equal(terminal_text_n(f->terminal, 0, 0, 20, STYLE_NORMAL, "abcdef", 6, 2), 4);
    assert_string_equal(row_text(0), "cdef                ");
    assert_int_equal(terminal_text_n(f->terminal, 1, 0, 20, STYLE_NORMAL, "日本", 6, 1), 3);
    assert_string_equal(row_text(1), " 本                 ");
    assert_int_equal(terminal_text_n(f->terminal, 2, 0, 20, STYLE_NORMAL, "abc", 3, 9), 0);
    assert_int_equal(terminal_text_n(f->terminal, 2, 0, 3, STYLE_NORMAL, "abcdef", 6, 1), 3);
    assert_string_equal(row_text(2), "bc›                 ");
    terminal_text_n(f->terminal, 3, -2, 20, STYLE_NORMAL, "abcdef", 6, 0);
    assert_string_equal(row_text(3), "cdef                ");
}

static void what_is_outside_is_not_drawn(void **state) {
    struct fixture *f = *state;
    terminal_begin(f->terminal);
    assert_int_equal(terminal_text(f->terminal, -1, 0, 5, STYLE_NORMAL, "a"), 0);
    assert_int_equal(terminal_text(f->terminal, 5, 0, 5, STYLE_NORMAL, "a"), 0);
    assert_int_equal(terminal_text(f->terminal, 0, 20, 5, STYLE_NORMAL, "a"), 0);
    assert_int_equal(terminal_text(f->terminal, 0, 3, 0, STYLE_NORMAL, "a"), 0);
    terminal_rule(f->terminal, 9, 0, 20);
    terminal_fill(f->terminal, 0, -5, 200, STYLE_SELECTED);
    terminal_cursor(f->terminal, 70, 70);
    terminal_end(f->terminal);
    assert_string_equal(row_text(0), "                    ");
}

static void text_cannot_drive_the_terminal(void **state) {
    struct fixture *f = *state;
    terminal_begin(f->terminal);
    terminal_end(f->terminal);
    written(f);
    terminal_begin(f->terminal);
    terminal_text(f->terminal, 0, 0, 20, STYLE_NORMAL, "a\033]0;x\a\xC2\x9B\r\n\xFF");
    terminal_end(f->terminal);
    assert_string_equal(row_text(0), "a^[]0;x^G<U+009B>^M›");
    const char *bytes = written(f);
    assert_null(strstr(bytes, "\033]"));
    assert_null(strchr(bytes, '\a'));
    assert_null(strstr(bytes, "\xC2\x9B"));
}

static void frame_is_ascii_in_the_c_locale(void **state) {
    struct fixture *f = *state;
    terminal_begin(f->terminal);
    terminal_rule(f->terminal, 0, 0, 3);
    terminal_text(f->terminal, 0, 3, 4, STYLE_NORMAL, "abcdef");
    terminal_text(f->terminal, 0, 7, 10, STYLE_NORMAL, "é");
    assert_string_equal(row_text(0), "---abc><U+00E9>     ");
    for (int sign = SIGN_MORE; sign <= SIGN_MARKED; sign++)
        for (const char *c = terminal_sign(f->terminal, (enum sign)sign); *c; c++)
            assert_in_range(*c, 0x20, 0x7E);
}

/* terminfo has 24 rows: a line feed on the 24th of more would scroll. */
static void the_whole_screen_scrolls(void **state) {
    const struct fixture *f = *state;
    terminal_begin(f->terminal);
    terminal_end(f->terminal);
    const char *text = written(f);
    assert_null(strstr(text, "\033[1;24r"));
    assert_non_null(strstr(text, "\033[1;5r"));
}

static void the_users_colours_stay(void **state) {
    const struct fixture *f = *state;
    terminal_begin(f->terminal);
    terminal_end(f->terminal);
    terminal_redraw(f->terminal);
    terminal_begin(f->terminal);
    terminal_end(f->terminal);
    assert_null(strstr(written(f), "\033]104"));
}

static void a_frame_writes_what_differs(void **state) {
    struct fixture *f = *state;
    terminal_begin(f->terminal);
    terminal_text(f->terminal, 0, 0, 20, STYLE_NORMAL, "hello");
    terminal_end(f->terminal);
    const char *bytes = written(f);
    assert_non_null(strstr(bytes, "hello"));
    assert_non_null(strstr(bytes, "\033[?1049h"));
    assert_non_null(strstr(bytes, "\033[?2004h"));
    terminal_begin(f->terminal);
    terminal_text(f->terminal, 0, 0, 20, STYLE_NORMAL, "hello");
    terminal_end(f->terminal);
    assert_string_equal(written(f), "");
    terminal_redraw(f->terminal);
    terminal_begin(f->terminal);
    terminal_text(f->terminal, 0, 0, 20, STYLE_NORMAL, "hello");
    terminal_end(f->terminal);
    assert_non_null(strstr(written(f), "hello"));
}

static void all_of_a_frame_leaves_at_once(void **state) {
    struct fixture *f = *state;
    int ends[2];
    char bytes[4096];
    assert_int_equal(pipe2(ends, O_CLOEXEC | O_DIRECT), 0); /* a read gives what a write gave */
    dup2(ends[1], f->terminal->output);
    for (int frame = 0; frame < 3; frame++) {
        terminal_begin(f->terminal);
        for (int row = 0; row < 5; row++)
            terminal_text(f->terminal, row, 2 * frame + row, 9, STYLE_SELECTED, "hello");
        terminal_cursor(f->terminal, frame, 3);
        terminal_end(f->terminal);
        ssize_t got = read(ends[0], bytes, sizeof bytes);
        assert_true(got > 0 && got < (ssize_t)sizeof bytes);
        struct pollfd more = {.fd = ends[0], .events = POLLIN};
        assert_int_equal(poll(&more, 1, 0), 0);
    }
    close(ends[0]);
    close(ends[1]);
}

static void a_stalled_terminal_gets_it_later(void **state) {
    struct fixture *f = *state;
    int ends[2];
    char bytes[65536];
    assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    assert_true(fcntl(ends[1], F_SETPIPE_SZ, 4096) >= 4096);
    while (write(ends[1], bytes, 1) == 1)
        continue;
    dup2(ends[1], f->terminal->output);
    static const char *const frames[] = {"first", "early", "hello"};
    for (int frame = 0; frame < 3; frame++) {
        terminal_begin(f->terminal);
        terminal_text(f->terminal, 0, 0, 20, STYLE_NORMAL, frames[frame]);
        terminal_end(f->terminal);
    }
    assert_true(terminal_stalled(f->terminal) >= 0);
    assert_int_equal(read(ends[0], bytes, sizeof bytes), 4096);
    terminal_end(f->terminal);
    ssize_t got = read(ends[0], bytes, sizeof bytes - 1);
    assert_true(got > 0);
    bytes[got] = '\0';
    assert_non_null(strstr(bytes, "hello"));
    assert_true(strstr(bytes, "first") != NULL && strstr(bytes, "first") < strstr(bytes, "hello"));
    assert_null(strstr(bytes, "early")); /* it never was a frame */
    assert_int_equal(terminal_stalled(f->terminal), -1);
    close(ends[0]);
    close(ends[1]);
}

static int next(const struct fixture *f) {
    bool hung_up = false;
    int key = terminal_key(f->terminal, &hung_up);
    assert_false(hung_up);
    return key;
}

static void type(const struct fixture *f, const char *bytes, size_t length) {
    assert_int_equal(write(f->keys[1], bytes, length), length);
}

#define TYPE(f, bytes) type(f, bytes, sizeof(bytes) - 1)

static void expect_keys(const struct fixture *f, const int *keys, size_t count) {
    for (size_t i = 0; i < count; i++)
        assert_int_equal(next(f), keys[i]);
    assert_int_equal(next(f), K_NONE);
}

#define EXPECT(f, ...) \
    expect_keys(f, (int[]){__VA_ARGS__}, sizeof((int[]){__VA_ARGS__}) / sizeof(int))

static void characters_and_controls(void **state) {
    struct fixture *f = *state;
    TYPE(f, "a\001\t\r\n\x7f\b Z");
    EXPECT(f, 'a', 1, K_TAB, K_ENTER, K_ENTER, K_BACKSPACE, 8, ' ', 'Z');
    TYPE(f, "é日\xF0\x9F\xAA\xA3");
    EXPECT(f, 0xE9, 0x65E5, 0x1FAA3);
    TYPE(f, "\xFFq\xC3q\xC2\x9Bq");
    EXPECT(f, K_OTHER, 'q', K_OTHER, 'q', K_OTHER, 'q');
    type(f, "\0q", 2);
    EXPECT(f, K_OTHER, 'q');
    TYPE(f, "\xE6\x97");
    assert_int_equal(next(f), K_OTHER); /* the rest did not come */
}

static void keys_with_sequences(void **state) {
    struct fixture *f = *state;
    TYPE(f, "\033OA\033[A\033[H\033OF\033[5~\033[6~\033[3~\033[2~\033[Z");
    EXPECT(f, K_UP, K_UP, K_HOME, K_END, K_PAGE_UP, K_PAGE_DOWN, K_DELETE, K_INSERT, K_SHIFT_TAB);
    TYPE(f, "\033OP\033[11~\033[[A\033[15~\033[24~\033OM\033Oq");
    EXPECT(f, K_F1, K_F1, K_F1, K_F5, K_F12, K_ENTER, '1');
    TYPE(f, "\033[200~x\033[201~");
    EXPECT(f, K_PASTE_BEGIN, 'x', K_PASTE_END);
}

static void a_paste_ends_whatever_is_in_it(void **state) {
    struct fixture *f = *state;
    TYPE(f, "\033[200~\033]0;\033[201~q");
    EXPECT(f, K_PASTE_BEGIN, K_OTHER, ']', '0', ';', K_PASTE_END, 'q');
    TYPE(f, "\033[200~\033[20\033P\033\033[201~q");
    EXPECT(f, K_PASTE_BEGIN, K_OTHER, '[', '2', '0', K_OTHER, 'P', K_OTHER, K_PASTE_END, 'q');
    TYPE(f, "\033[200~x\033[20");
    EXPECT(f, K_PASTE_BEGIN, 'x', K_NONE);
    TYPE(f, "1~q");
    EXPECT(f, K_PASTE_END, 'q');
}

static void escape_alone_and_with_others(void **state) {
    struct fixture *f = *state;
    TYPE(f, "\033");
    EXPECT(f, K_ESCAPE);
    TYPE(f, "\033\033");
    EXPECT(f, K_ESCAPE, K_ESCAPE);
    TYPE(f, "\033Dq"); /* Alt-D is not D */
    EXPECT(f, K_OTHER, 'q');
    TYPE(f, "\033éq");
    EXPECT(f, K_OTHER, 'q');
    TYPE(f, "\033[");
    EXPECT(f, K_OTHER);
}

static void unknown_sequences_type_nothing(void **state) {
    struct fixture *f = *state;
    TYPE(f, "\033[27;5;9~q\033[27u\033[97;5u\033[1;5Cq\033[?1;2c\033[I\033[99999999999~");
    EXPECT(f, K_OTHER, 'q', K_OTHER, K_OTHER, K_OTHER, 'q', K_OTHER, K_OTHER, K_OTHER);
    TYPE(f, "\033]52;c;aaaa\aq\033P1$rDDD\033\\q\033_Gi=1;OK\033\\");
    EXPECT(f, K_OTHER, 'q', K_OTHER, 'q', K_OTHER);
    TYPE(f, "\033[M !!q\033[1\033[Aq");
    EXPECT(f, K_OTHER, 'q', K_OTHER, K_UP, 'q');
    TYPE(f, "\033]never ended");
    EXPECT(f, K_OTHER);
    TYPE(f, "q");
    EXPECT(f, 'q');
}

static void a_long_answer_is_swallowed(void **state) {
    struct fixture *f = *state;
    char filler[3000];
    memset(filler, 'D', sizeof filler);
    TYPE(f, "\033]52;c;");
    type(f, filler, sizeof filler);
    TYPE(f, "\033\\q");
    EXPECT(f, K_OTHER, 'q');
    memset(filler, '1', sizeof filler);
    TYPE(f, "\033[");
    type(f, filler, KEY_BYTES);
    assert_int_equal(next(f), K_OTHER);
    terminal_drop_keys(f->terminal);
}

static void sequences_may_come_in_pieces(void **state) {
    struct fixture *f = *state;
    TYPE(f, "\033[");
    assert_int_equal(key_reader_take(&f->terminal->keys, false), K_NONE);
    f->terminal->keys.length = (size_t)read(f->keys[0], f->terminal->keys.bytes, KEY_BYTES);
    assert_int_equal(key_reader_take(&f->terminal->keys, false), K_NONE);
    TYPE(f, "6~");
    EXPECT(f, K_PAGE_DOWN);
}

/* Whatever comes, bytes are used up, and a key is one that the rest of pail knows. */
static void any_bytes_are_taken(void **state) {
    struct fixture *f = *state;
    struct key_reader *reader = &f->terminal->keys;
    static const char likely[] = "\033\033\033[[OP]\\\a<;;M~0123459Aq\xC3\xE6\x97";
    uint32_t seed = 1;
    for (int i = 0; i < 200000; i++) {
        seed = seed * 1664525 + 1013904223;
        bool usual = seed >> 31;
        char byte = usual ? likely[(seed >> 8) % (sizeof likely - 1)] : (char)(seed >> 16);
        assert_true(reader->length < KEY_BYTES);
        reader->bytes[reader->length++] = byte;
        bool last = (seed >> 24 & 15) == 0;
        int key;
        while ((key = key_reader_take(reader, last)) != K_NONE && reader->length > 0)
            assert_in_range(key, 1, K_OTHER);
        if (last)
            assert_int_equal(reader->length, 0);
    }
}

static void what_was_typed_is_not_kept(void **state) {
    struct fixture *f = *state;
    static const char nothing[KEY_BYTES];
    TYPE(f, "se\033[200~cret\xC3\xA9\033[201~\033[;1");
    while (next(f) != K_NONE)
        continue;
    assert_memory_equal(f->terminal->keys.bytes, nothing, KEY_BYTES);
}

static void the_mouse(void **state) {
    struct fixture *f = *state;
    int row = 0, column = 0;
    TYPE(f, "\033[<0;12;3M\033[<0;12;3m\033[<64;1;1M\033[<65;1;1M\033[<0;0;3M\033[<;;M\033[<0;1M");
    assert_int_equal(next(f), K_MOUSE_CLICK);
    terminal_mouse_position(f->terminal, &row, &column);
    assert_int_equal(row, 2);
    assert_int_equal(column, 11);
    EXPECT(f, K_OTHER, K_MOUSE_WHEEL_UP, K_MOUSE_WHEEL_DOWN, K_OTHER, K_OTHER, K_OTHER);
    written(f);
    terminal_set_mouse(f->terminal, true);
    terminal_end(f->terminal);
    assert_non_null(strstr(written(f), "\033[?1000h"));
    terminal_set_mouse(f->terminal, false);
    terminal_end(f->terminal);
    assert_non_null(strstr(written(f), "\033[?1000l"));
}

static void dropping_keys_keeps_a_paste_a_paste(void **state) {
    struct fixture *f = *state;
    TYPE(f, "abc\033[200~def");
    terminal_drop_keys(f->terminal);
    EXPECT(f, K_PASTE_BEGIN);
    TYPE(f, "x\033[201~y");
    terminal_drop_keys(f->terminal);
    EXPECT(f, K_PASTE_END);
    TYPE(f, "abc\033[200~def\033[201~");
    terminal_drop_keys(f->terminal);
    assert_int_equal(next(f), K_NONE);
}

static void a_hang_up_is_seen(void **state) {
    struct fixture *f = *state;
    bool hung_up = false;
    TYPE(f, "q");
    close(f->keys[1]);
    f->keys[1] = -1;
    assert_int_equal(terminal_key(f->terminal, &hung_up), 'q');
    assert_false(hung_up);
    assert_int_equal(terminal_key(f->terminal, &hung_up), K_NONE);
    assert_true(hung_up);
}

static void copies_are_wrapped(void **state) {
    struct fixture *f = *state;
    struct error error;
    unsetenv("TMUX");
    unsetenv("STY");
    setenv("TERM", "xterm", 1);
    terminal_end(f->terminal);
    written(f);
    assert_true(terminal_copy(f->terminal, "hello", 5, &error));
    assert_string_equal(written(f), "\033]52;c;aGVsbG8=\a");
    setenv("TMUX", "/tmp/tmux,1,0", 1);
    assert_true(terminal_copy(f->terminal, "hello", 5, &error));
    assert_string_equal(written(f), "\033Ptmux;\033\033]52;c;aGVsbG8=\a\033\\");
    unsetenv("TMUX");
    setenv("TERM", "screen", 1);
    assert_true(terminal_copy(f->terminal, "hello", 5, &error));
    assert_string_equal(written(f), "\033P\033]52;c;aGVsbG8=\a\033\\");
    static char much[74995];
    assert_false(terminal_copy(f->terminal, much, sizeof much, &error));
    assert_string_equal(written(f), "");
}

static void an_unknown_terminal_is_refused(void **state) {
    (void)state;
    static const char *const types[] = {"dumb", "no-such-terminal", ""};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        struct error error = {""};
        struct theme theme = {0};
        struct terminal_settings settings = {
            .input = 0, .output = 1, .type = types[i], .rows = 5, .columns = 20};
        assert_null(terminal_create(&settings, &theme, &error));
        assert_non_null(strstr(error.text, "TERM"));
    }
}

static void styles_differ_without_colours(void **state) {
    (void)state;
    struct fixture f;
    make_terminal(&f, "xterm-256color", true);
    struct colours none = {0};
    struct style_look coloured = rgb_look(1, 2, 3);
    static const enum style styles[] = {STYLE_NORMAL,  STYLE_SELECTED, STYLE_FOCUS, STYLE_MARKED,
                                        STYLE_WARNING, STYLE_ERROR,    STYLE_BADGE, STYLE_DANGER};
    size_t count = sizeof styles / sizeof *styles;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++)
            assert_true(colours_look(&none, styles[i], &coloured).attributes !=
                        colours_look(&none, styles[j], &coloured).attributes);
    terminal_begin(f.terminal);
    terminal_text(f.terminal, 0, 0, 3, STYLE_SELECTED, "x");
    terminal_end(f.terminal);
    assert_true(attributes_at(0, 1) & A_REVERSE);
    assert_null(strstr(written(&f), "\033[38"));
    end_terminal(&f);
}

/* curses numbers the pairs of colours, and only the first 255 fit into its older kind of cell. */
static void the_colours_of_many_themes(void **state) {
    (void)state;
    enum { THEMES = 300, COLOURS = 200 };
    struct fixture f;
    make_terminal(&f, "xterm-256color", false);
    int most = 0;
    for (int i = 0; i < THEMES; i++) {
        int ink = 16 + i % COLOURS, paper = 17 + i / COLOURS, fg = 0, bg = 0, pair = 0;
        f.theme.looks[STYLE_SELECTED] = (struct style_look){
            .fg = {COLOUR_INDEX, (unsigned char)ink, 0, 0, 0},
            .bg = {COLOUR_INDEX, (unsigned char)paper, 0, 0, 0},
        };
        terminal_set_theme(f.terminal, &f.theme);
        terminal_begin(f.terminal);
        terminal_text(f.terminal, 0, 0, 5, STYLE_SELECTED, "hello");
        cchar_t cell;
        wchar_t characters[CCHARW_MAX + 1];
        attr_t attributes;
        mvin_wch(0, 2, &cell);
        getcchar(&cell, characters, &attributes, &(short){0}, &pair);
        assert_int_equal(extended_pair_content(pair, &fg, &bg), OK);
        assert_int_equal(fg, ink);
        assert_int_equal(bg, paper);
        most = pair > most ? pair : most;
    }
    assert_true(most > 255);
    end_terminal(&f);
}

static void all_kinds_of_terminals(void **state) {
    (void)state;
    static const char *const types[] = {
        "xterm", "xterm-256color", "linux",           "vt100", "vt220",
        "vt52",  "screen",         "tmux-256color",   "rxvt",  "ansi",
        "sun",   "cygwin",         "screen-256color", "wsvt25"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        struct fixture f;
        make_terminal(&f, types[i], false);
        for (int style = 0; style < STYLE_COUNT; style++) {
            f.theme.looks[style] = rgb_look((unsigned char)(9 * style), 128, 40);
            f.theme.looks[style].bg = (struct colour){COLOUR_INDEX, (unsigned char)style, 0, 0, 0};
        }
        terminal_set_theme(f.terminal, &f.theme);
        for (int style = 0; style < STYLE_COUNT; style++) {
            terminal_begin(f.terminal);
            terminal_text(f.terminal, 2, 3, 9, (enum style)style, "hello");
            terminal_redraw(f.terminal);
            terminal_end(f.terminal);
            assert_non_null(strstr(written(&f), "hello"));
        }
        end_terminal(&f);
    }
}

static void colours_fall_back(void **state) {
    (void)state;
    struct colours many = {.count = 256}, sixteen = {.count = 16}, eight = {.count = 8};
    struct colours direct = {.count = 1 << 24, .direct = true}, none = {.count = 0};
    struct colour grey = {COLOUR_RGB, 0, 128, 128, 128}, red = {COLOUR_RGB, 0, 255, 0, 0};
    struct colour bright_red = {COLOUR_INDEX, 9, 0, 0, 0}, orange = {COLOUR_INDEX, 208, 0, 0, 0};
    struct colour usual = {COLOUR_DEFAULT, 0, 0, 0, 0};
    assert_int_equal(colours_map(&many, &grey), 244);
    assert_int_equal(colours_map(&many, &red), 196);
    assert_int_equal(colours_map(&many, &orange), 208);
    assert_int_equal(colours_map(&sixteen, &red), 9);
    assert_int_equal(colours_map(&sixteen, &grey), 8);
    assert_int_equal(colours_map(&eight, &red), 1);
    assert_int_equal(colours_map(&eight, &bright_red), 1);
    assert_int_equal(colours_map(&direct, &red), 0xFF0000);
    assert_int_equal(colours_map(&direct, &orange), 0xFF8700);
    assert_int_equal(colours_map(&none, &red), -1);
    assert_int_equal(colours_map(&many, &usual), -1);
}

int main(void) {
    setlocale(LC_ALL, "C.UTF-8");
#define WITH_TERMINAL(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        WITH_TERMINAL(text_is_cut_and_padded),
        WITH_TERMINAL(wide_characters_keep_whole),
        WITH_TERMINAL(of_a_cut_wide_character_a_blank_is_left),
        WITH_TERMINAL(text_is_skipped_by_cells),
        WITH_TERMINAL(what_is_outside_is_not_drawn),
        WITH_TERMINAL(text_cannot_drive_the_terminal),
        cmocka_unit_test_setup_teardown(frame_is_ascii_in_the_c_locale, set_up_ascii, tear_down),
        WITH_TERMINAL(the_whole_screen_scrolls),
        WITH_TERMINAL(the_users_colours_stay),
        WITH_TERMINAL(a_frame_writes_what_differs),
        WITH_TERMINAL(all_of_a_frame_leaves_at_once),
        WITH_TERMINAL(a_stalled_terminal_gets_it_later),
        WITH_TERMINAL(characters_and_controls),
        WITH_TERMINAL(keys_with_sequences),
        WITH_TERMINAL(a_paste_ends_whatever_is_in_it),
        WITH_TERMINAL(escape_alone_and_with_others),
        WITH_TERMINAL(unknown_sequences_type_nothing),
        WITH_TERMINAL(a_long_answer_is_swallowed),
        WITH_TERMINAL(sequences_may_come_in_pieces),
        WITH_TERMINAL(any_bytes_are_taken),
        WITH_TERMINAL(what_was_typed_is_not_kept),
        WITH_TERMINAL(the_mouse),
        WITH_TERMINAL(dropping_keys_keeps_a_paste_a_paste),
        WITH_TERMINAL(a_hang_up_is_seen),
        WITH_TERMINAL(copies_are_wrapped),
        cmocka_unit_test(an_unknown_terminal_is_refused),
        cmocka_unit_test(styles_differ_without_colours),
        cmocka_unit_test(the_colours_of_many_themes),
        cmocka_unit_test(all_kinds_of_terminals),
        cmocka_unit_test(colours_fall_back),
    };
    return cmocka_run_group_tests_name("terminal", tests, NULL, NULL);
}
