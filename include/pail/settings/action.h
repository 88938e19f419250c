/*
 * What a key can do, written once: the key map, the hint line, the help screen, the command
 * palette, the names in the configuration and the manual are all made from ACTIONS.
 *
 *   X(id, name, default keys, contexts, mutates?, help, hint)
 *
 * hint: the word on the hint line, "" to stay off it. A key may serve several actions if no screen
 * has both. `mutates` actions are refused in a read-only sitting at dispatch (ui/app), and once
 * more at the session's door.
 */
#ifndef PAIL_SETTINGS_ACTION_H
#define PAIL_SETTINGS_ACTION_H

#include <stdbool.h>

enum context { /* kinds of screens, as bits */
               IN_LIST = 1,
               IN_DETAILS = 2,
               IN_FORM = 4,
               IN_REVIEW = 8,
               IN_POLICY = 16,
               IN_TEXT = 32, /* help, session log */
               IN_JOURNAL = 64,
               IN_PROMPT = 128, /* the filter, a search, the palette, a dialog: letters type */
               IN_BULK =
                   256, /* many changes at once: their review, how they go, what came of them */
};
#define IN_PAGES  (IN_LIST | IN_DETAILS | IN_POLICY | IN_TEXT | IN_JOURNAL | IN_BULK)
#define IN_TEXTS  (IN_DETAILS | IN_POLICY | IN_TEXT)
#define IN_TYPING (IN_FORM | IN_REVIEW | IN_PROMPT) /* letters type */
#define IN_ALL    511

#define ACTIONS(X)                                                                                \
    X(DETAILS, "details", "Enter d F3", IN_LIST, false, "show all fields of the entry", "")       \
    X(ADD, "add", "a F7", IN_LIST, true, "add a bucket", "add")                                   \
    X(EDIT, "edit", "e F4", IN_LIST | IN_DETAILS, true, "edit the entry", "edit")                 \
    X(DELETE, "delete", "D Delete F8", IN_LIST | IN_DETAILS, true,                                \
      "delete the entry, or the marked ones", "delete")                                           \
    X(DUPLICATE, "duplicate", "c", IN_LIST | IN_DETAILS, true, "copy the entry into a new form",  \
      "")                                                                                         \
    X(UNDO, "undo", "u", IN_LIST, true, "undo the last change that was applied", "")              \
    X(UNDO_RECORD, "undo-record", "u", IN_JOURNAL, true, "undo the selected change", "undo")      \
    X(POLICIES, "policies", "p", IN_LIST | IN_DETAILS, false, "CORS and IAM documents",           \
      "policies")                                                                                 \
    X(UP, "up", "k Up ^P", IN_PAGES, false, "one line up", "")                                    \
    X(DOWN, "down", "j Down ^N", IN_PAGES, false, "one line down", "")                            \
    X(TOP, "top", "g Home", IN_PAGES, false, "to the top", "")                                    \
    X(BOTTOM, "bottom", "G End", IN_PAGES, false, "to the bottom", "")                            \
    X(PAGE_UP, "page-up", "PageUp ^B", IN_PAGES, false, "one page up", "")                        \
    X(PAGE_DOWN, "page-down", "PageDown ^F", IN_PAGES, false, "one page down", "")                \
    X(HALF_UP, "half-page-up", "^U", IN_PAGES, false, "half a page up", "")                       \
    X(HALF_DOWN, "half-page-down", "^D", IN_PAGES, false, "half a page down", "")                 \
    X(TEXT_PAGE_UP, "text-page-up", "b", IN_TEXTS, false, "one page up", "")                      \
    X(TEXT_PAGE_DOWN, "text-page-down", "Space", IN_TEXTS, false, "one page down", "page")        \
    X(LEFT, "left", "h Left", IN_LIST, false, "scroll columns left", "")                          \
    X(RIGHT, "right", "l Right", IN_LIST, false, "scroll columns right", "")                      \
    X(MARK, "mark", "Space Insert", IN_LIST, false, "mark or unmark, and move down", "mark")      \
    X(MARK_ALL, "mark-all", "A *", IN_LIST, false, "mark or unmark all rows that are shown", "")  \
    X(BULK, "bulk", "b", IN_LIST, true, "change or delete the marked entries", "")                \
    X(CLEAR_MARKS, "clear-marks", "U", IN_LIST, false, "clear all marks", "")                     \
    X(FILTER, "filter", "/", IN_LIST, false, "filter as you type; Escape clears", "filter")       \
    X(SORT, "sort", "o", IN_LIST, false, "sort by the next column", "")                           \
    X(REVERSE, "reverse", "O", IN_LIST, false, "reverse the order", "")                           \
    X(COLUMNS, "columns", "w", IN_LIST, false, "next set of columns", "")                         \
    X(RELOAD, "reload", "r R F5 ^R", IN_LIST, false, "read the table again", "")                  \
    X(PROFILE, "profile", "P", IN_LIST, false, "choose another profile", "")                      \
    X(LOG, "log", "@", IN_LIST, false, "what was done in this sitting", "")                       \
    X(JOURNAL, "journal", "J", IN_LIST, false, "what was changed, by whom, what came of it", "")  \
    X(RECORD, "record", "Enter d F3", IN_JOURNAL, false, "show the record whole", "record")       \
    X(SETTLE, "settle", "s", IN_JOURNAL, false, "say what came of an unsettled change", "settle") \
    X(TIGHTEN, "tighten", "T", IN_LIST, false, "make a loose token file private (chmod 600)", "") \
    X(LOCK, "lock", "L", IN_LIST, false, "make this sitting read-only", "")                       \
    X(LOGIN, "login", "I F12", IN_LIST, false, "log in to the service", "")                       \
    X(NEXT_FIELD, "next-field", "Tab Down", IN_FORM | IN_REVIEW, false, "next field or button",   \
      "next")                                                                                     \
    X(PREVIOUS_FIELD, "previous-field", "Shift-Tab Up", IN_FORM | IN_REVIEW, false,               \
      "field or button before", "back")                                                           \
    X(REVIEW, "review", "F2", IN_FORM, true, "review what would be sent", "review")               \
    X(FORM_POLICIES, "form-policies", "F9", IN_FORM, false, "documents for what is being filled", \
      "policies")                                                                                 \
    X(REVEAL, "reveal", "F6", IN_FORM, false, "show the focused secret for 10 s", "show secret")  \
    X(FORM_LOGIN, "form-login", "F12", IN_FORM | IN_REVIEW, false, "log in to the service", "")   \
    X(SCROLL_UP, "scroll-up", "PageUp", IN_FORM | IN_REVIEW, false, "scroll up", "")              \
    X(SCROLL_DOWN, "scroll-down", "PageDown", IN_FORM | IN_REVIEW, false, "scroll down", "")      \
    X(NEXT_BUTTON, "next-button", "Tab Right", IN_BULK, false, "next button or field", "next")    \
    X(PREVIOUS_BUTTON, "previous-button", "Shift-Tab Left", IN_BULK, false,                       \
      "button or field before", "")                                                               \
    X(PAUSE, "pause", "p Space", IN_BULK, false, "pause between two changes, and go on", "")      \
    X(NEXT_DOCUMENT, "next-document", "Tab", IN_POLICY, false, "next document", "document")       \
    X(PREVIOUS_DOCUMENT, "previous-document", "Shift-Tab", IN_POLICY, false, "document before",   \
      "")                                                                                         \
    X(NEXT_SYNTAX, "next-syntax", "] Right", IN_POLICY, false, "other syntax", "syntax")          \
    X(PREVIOUS_SYNTAX, "previous-syntax", "[ Left", IN_POLICY, false, "other syntax", "")         \
    X(SAVE, "save", "s", IN_POLICY | IN_BULK, false, "save to a new file", "save")                \
    X(COPY, "copy", "y", IN_PAGES, false, "copy (OSC 52): the name, the text", "")                \
    X(COPY_PAGE, "copy-page", "F2", IN_PROMPT, false, "copy the address to log in at", "")        \
    X(SEARCH, "search", "/", IN_TEXTS | IN_BULK, false, "search", "search")                       \
    X(NEXT_MATCH, "next-match", "n", IN_TEXTS | IN_BULK, false, "next match", "")                 \
    X(PREVIOUS_MATCH, "previous-match", "N", IN_TEXTS | IN_BULK, false, "match before", "")       \
    X(PALETTE, "palette", ":", IN_PAGES, false, "commands by name", "command")                    \
    X(HELP, "help", "? F1", IN_PAGES, false, "this help", "help")                                 \
    X(FORM_HELP, "form-help", "F1", IN_FORM | IN_REVIEW, false, "this help", "")                  \
    X(MOUSE, "mouse", "%", IN_PAGES, false, "mouse on or off", "")                                \
    X(THRIFTY, "thrifty", "t", IN_LIST, false, "draw less, for slow lines; or all again", "")     \
    X(REDRAW, "redraw", "^L", IN_ALL, false, "draw the screen anew", "")                          \
    X(SUSPEND, "suspend", "^Z", IN_ALL, false, "suspend pail", "")                                \
    X(CANCEL, "cancel", "^C", IN_ALL, false, "stop what is under way; twice on the list: quit",   \
      "")                                                                                         \
    X(BACK, "back", "Escape", IN_ALL, false, "back; stop waiting; clear the filter", "")          \
    X(CLOSE, "close", "q", IN_TEXTS | IN_JOURNAL | IN_BULK, false, "back to the screen before",   \
      "back")                                                                                     \
    X(QUIT, "quit", "q F10", IN_LIST, false, "quit", "quit")

#define ACTION_ID(id, name, keys, contexts, mutates, help, hint) ACTION_##id,
enum action { ACTION_NONE = -1, ACTIONS(ACTION_ID) ACTION_COUNT };
#undef ACTION_ID

struct action_info {
    const char *name;
    const char *keys; /* names, space-separated */
    unsigned contexts;
    bool mutates;
    const char *help;
    const char *hint;
};

extern const struct action_info actions[ACTION_COUNT];

enum action action_by_name(const char *name); /* ACTION_NONE if there is none */

#endif
