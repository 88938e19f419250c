/*
 * Keys as numbers and as names. A key that types a character is its code point; ^A is 1; the keys
 * without a character begin at 0x110000, beyond Unicode. Names are those of the configuration file,
 * the help and the manual: "a", "^N", "Space", "Enter", "Tab", "Shift-Tab", "Escape", "Up", "F5".
 */
#ifndef PAIL_SETTINGS_KEY_H
#define PAIL_SETTINGS_KEY_H

#include <stdbool.h>
#include <stddef.h>

#define SPECIAL_KEYS(X)       \
    X(UP, "Up")               \
    X(DOWN, "Down")           \
    X(LEFT, "Left")           \
    X(RIGHT, "Right")         \
    X(HOME, "Home")           \
    X(END, "End")             \
    X(PAGE_UP, "PageUp")      \
    X(PAGE_DOWN, "PageDown")  \
    X(INSERT, "Insert")       \
    X(DELETE, "Delete")       \
    X(BACKSPACE, "Backspace") \
    X(SHIFT_TAB, "Shift-Tab") \
    X(F1, "F1")               \
    X(F2, "F2")               \
    X(F3, "F3")               \
    X(F4, "F4")               \
    X(F5, "F5")               \
    X(F6, "F6")               \
    X(F7, "F7")               \
    X(F8, "F8")               \
    X(F9, "F9")               \
    X(F10, "F10")             \
    X(F11, "F11")             \
    X(F12, "F12")

#define SPECIAL_KEY_ID(id, name) K_##id,
enum special_key {
    K_NONE = -1, /* no key is waiting */
    K_TAB = 9,
    K_ENTER = 13, /* also what a terminal sends as ^J */
    K_ESCAPE = 27,
    K_SPACE = 32,
    K_FIRST_SPECIAL = 0x110000,
    SPECIAL_KEYS(SPECIAL_KEY_ID) K_LAST_SPECIAL,
    K_PASTE_BEGIN, /* what follows until K_PASTE_END was pasted, not typed */
    K_PASTE_END,
    K_MOUSE_WHEEL_UP,
    K_MOUSE_WHEEL_DOWN,
    K_MOUSE_CLICK, /* where: terminal_mouse_position */
    K_OTHER,       /* a sequence that we don't know */
};
#undef SPECIAL_KEY_ID

#define KEY_CTRL(letter) ((letter)&31)

/* The key that has this name; K_NONE if none has, as ^@, which is NUL and never a key. */
int key_parse(const char *name);

/* Writes the key's name; returns name. size >= 16. */
const char *key_name(int key, char *name, size_t size);

/* True for a key that types a character into a text field. */
bool key_is_text(int key);

#endif
