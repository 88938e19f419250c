/* The terminal's clipboard: OSC 52. */
#include "terminal_internal.h"

#include <stdlib.h>
#include <string.h>

#include "pail/base/encode.h"

enum {
    COPY_LIMIT = 74994,
    SCREEN_CHUNK = 240, /* well below what GNU screen hands on at once */
};

static bool starts_with(const char *text, const char *beginning) {
    return text && strncmp(text, beginning, strlen(beginning)) == 0;
}

/* tmux hands on what is in ESC P tmux; ... ESC \ with each ESC doubled. */
static void wrap_for_tmux(struct buffer *out, const struct buffer *sequence) {
    buffer_append_string(out, "\033Ptmux;");
    for (size_t i = 0; i < sequence->length; i++) {
        if (sequence->data[i] == '\033')
            buffer_append_char(out, '\033');
        buffer_append_char(out, sequence->data[i]);
    }
    buffer_append_string(out, "\033\\");
}

/* GNU screen hands on ESC P ... ESC \, in pieces. */
static void wrap_for_screen(struct buffer *out, const struct buffer *sequence) {
    for (size_t at = 0; at < sequence->length; at += SCREEN_CHUNK) {
        size_t left = sequence->length - at;
        buffer_append_string(out, "\033P");
        buffer_append(out, sequence->data + at, left < SCREEN_CHUNK ? left : SCREEN_CHUNK);
        buffer_append_string(out, "\033\\");
    }
}

bool terminal_copy(struct terminal *terminal, const char *text, size_t length,
                   struct error *error) {
    const char *type = getenv("TERM");
    if (length > COPY_LIMIT)
        return error_set(error, "%zu bytes are too much for the clipboard (at most %d)", length,
                         COPY_LIMIT);
    if (!terminal->ansi)
        return error_set(error, "this terminal has no clipboard sequence");
    struct buffer sequence, wrapped;
    buffer_init(&sequence);
    buffer_init(&wrapped);
    buffer_append_string(&sequence, "\033]52;c;");
    encode_base64(&sequence, text, length);
    buffer_append_char(&sequence, '\a');
    if (getenv("TMUX") || starts_with(type, "tmux"))
        wrap_for_tmux(&wrapped, &sequence);
    else if (getenv("STY") || starts_with(type, "screen"))
        wrap_for_screen(&wrapped, &sequence);
    else
        buffer_append(&wrapped, sequence.data, sequence.length);
    terminal_emit(terminal, wrapped.data, wrapped.length);
    terminal_flush(terminal);
    buffer_finish(&sequence);
    buffer_finish(&wrapped);
    return true;
}
