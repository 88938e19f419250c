#include "pail/service/label.h"

#include <string.h>

static bool is_label(const char *text, size_t length) {
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
    return length > 0 && length < LABEL_SIZE && strspn(text, allowed) >= length && text[0] != '-' &&
           text[length - 1] != '-';
}

bool label_is_valid(const char *text) {
    return is_label(text, strlen(text));
}

bool label_is_domain(const char *text) {
    if (strlen(text) >= DOMAIN_SIZE)
        return false;
    for (;;) {
        size_t length = strcspn(text, ".");
        if (!is_label(text, length))
            return false;
        if (text[length] == '\0')
            return true;
        text += length + 1;
    }
}

bool label_is_client_id(const char *text) {
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+";
    size_t length = strlen(text);
    return length > 0 && length <= 128 && strspn(text, allowed) == length;
}
