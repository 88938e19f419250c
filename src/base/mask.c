#include "pail/base/mask.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "pail/base/memory.h"
#include "pail/base/text.h"

enum { FEWEST_CUT = 4 /* bytes that are taken for the beginning of a value at the text's end */ };

/* The text as it is, or decoded. What cut-off escape is at its end is left out. */
struct view {
    struct buffer bytes;
    size_t *places; /* where in the text each byte begins; the last is the text's end */
};

/* Decodes what is at the beginning of the text, of which there are length bytes: its size there;
 * 0 if it is cut off. */
typedef size_t decode_fn(const char *text, size_t length, char out[4], size_t *size);

static size_t decode_nothing(const char *text, size_t length, char out[4], size_t *size) {
    (void)length;
    out[0] = text[0];
    *size = 1;
    return 1;
}

/* The value of some hexadecimal digits; -1 if they are none. */
static long hexadecimal(const char *digits, size_t count) {
    static const char all[] = "0123456789abcdef0123456789ABCDEF";
    long value = 0;
    for (size_t i = 0; i < count; i++) {
        const char *digit = digits[i] ? strchr(all, digits[i]) : NULL;
        if (digit == NULL)
            return -1;
        value = value * 16 + (digit - all) % 16;
    }
    return value;
}

static size_t decode_percent(const char *text, size_t length, char out[4], size_t *size) {
    enum { ESCAPE = 3 };
    if (text[0] != '%')
        return decode_nothing(text, length, out, size);
    if (length < ESCAPE)
        return 0;
    long value = hexadecimal(text + 1, ESCAPE - 1);
    if (value < 0)
        return decode_nothing(text, length, out, size);
    out[0] = (char)value;
    *size = 1;
    return ESCAPE;
}

static size_t decode_json(const char *text, size_t length, char out[4], size_t *size) {
    static const char short_ones[] = "b\bf\fn\nr\rt\t";
    enum { ESCAPE = 6 };
    if (text[0] != '\\')
        return decode_nothing(text, length, out, size);
    if (length < 2 || (text[1] == 'u' && length < ESCAPE))
        return 0;
    long value = text[1] == 'u' ? hexadecimal(text + 2, ESCAPE - 2) : -1;
    if (value > 0) {
        *size = text_encode((uint32_t)value, out);
        return ESCAPE;
    }
    out[0] = text[1];
    for (const char *one = short_ones; *one; one += 2)
        if (text[1] == one[0])
            out[0] = one[1];
    *size = 1;
    return 2;
}

static struct view view_of(const struct view *from, decode_fn *decode) {
    const char *text = from->bytes.data;
    size_t length = from->bytes.length, size = 0;
    struct view view = {.places = memory_new(length + 1, sizeof *view.places)};
    buffer_init(&view.bytes);
    for (size_t at = 0, taken; at < length; at += taken) {
        char out[4];
        taken = decode(text + at, length - at, out, &size);
        if (taken == 0)
            break;
        for (size_t i = 0; i < size; i++)
            view.places[view.bytes.length + i] = from->places[at];
        buffer_append(&view.bytes, out, size);
    }
    view.places[view.bytes.length] = from->places[length];
    return view;
}

static void view_finish(struct view *view) {
    buffer_finish(&view->bytes);
    free(view->places);
}

static void find(const struct view *view, const char *value, bool *masked) {
    size_t length = strlen(value);
    for (size_t at = 0; at < view->bytes.length; at++) {
        size_t left = view->bytes.length - at, some = length < left ? length : left;
        if (memcmp(view->bytes.data + at, value, some) != 0 || (some < length && some < FEWEST_CUT))
            continue;
        for (size_t i = view->places[at]; i < view->places[at + some]; i++)
            masked[i] = true;
    }
}

static void append_masked(struct buffer *out, const char *text, size_t length, const bool *masked) {
    for (size_t i = 0; i < length; i++)
        if (!masked[i])
            buffer_append_char(out, text[i]);
        else if (i == 0 || !masked[i - 1])
            buffer_append_string(out, "***");
}

void mask_append(struct buffer *out, const char *text, const char *const values[], size_t count) {
    enum { VIEWS = 4 };
    size_t length = strlen(text);
    bool *masked = memory_new(length + 1, sizeof *masked);
    struct view whole = {.places = memory_new(length + 1, sizeof *whole.places)};
    buffer_init(&whole.bytes);
    buffer_append(&whole.bytes, text, length);
    for (size_t i = 0; i <= length; i++)
        whole.places[i] = i;
    struct view views[VIEWS] = {whole, view_of(&whole, decode_json),
                                view_of(&whole, decode_percent)};
    views[VIEWS - 1] = view_of(&views[1], decode_percent);
    for (int view = 0; view < VIEWS; view++) {
        for (size_t i = 0; i < count; i++)
            if (values[i] != NULL && values[i][0] != '\0')
                find(&views[view], values[i], masked);
        view_finish(&views[view]);
    }
    append_masked(out, text, length, masked);
    free(masked);
}
