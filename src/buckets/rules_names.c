/* The grammars of bucket names: S3 user guide "General purpose bucket naming rules", Azure "Naming
 * and referencing containers", MinIO's IsValidBucketName. */
#include <string.h>

#include "rules_internal.h"

bool rules_only(const char *text, size_t length, const char *characters) {
    return strspn(text, characters) >= length;
}

static bool is_alphanumeric(char c) {
    return c != '\0' && strchr(RULES_LOWER RULES_DIGITS, c) != NULL;
}

static bool has_prefix(const char *text, const char *prefix) {
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool has_suffix(const char *text, const char *suffix) {
    size_t length = strlen(text), end = strlen(suffix);
    return length >= end && strcmp(text + length - end, suffix) == 0;
}

bool name_length_is_odd(const char *name) {
    size_t length = strlen(name);
    return length < 3 || length > 63;
}

/* Four groups of digits, whatever their size. */
bool name_looks_like_ipv4(const char *name) {
    for (int group = 0; group < 4; group++) {
        size_t digits = strspn(name, RULES_DIGITS);
        if (digits == 0 || name[digits] != (group < 3 ? '.' : '\0'))
            return false;
        name += digits + 1;
    }
    return true;
}

/* ---- S3 -------------------------------------------------------------------------------------- */

bool s3_characters_are_odd(const char *name) {
    return !rules_only(name, strlen(name), RULES_LOWER RULES_DIGITS ".-");
}

bool s3_ends_are_odd(const char *name) {
    return !is_alphanumeric(name[0]) || !is_alphanumeric(name[strlen(name) - 1]);
}

bool s3_dots_are_adjacent(const char *name) {
    return strstr(name, "..") != NULL;
}

bool s3_prefix_is_reserved(const char *name) {
    return has_prefix(name, "xn--") || has_prefix(name, "sthree-") ||
           has_prefix(name, "amzn-s3-demo-");
}

bool s3_suffix_is_reserved(const char *name) {
    static const char *const suffixes[] = {"-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"};
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
        if (has_suffix(name, suffixes[i]))
            return true;
    return false;
}

/* The account-regional form is PREFIX-ACCOUNT-REGION-an, with a region as in us-west-2. */
bool s3_account_suffix_is_odd(const char *name) {
    enum { ACCOUNT_LENGTH = 12 };
    if (!has_suffix(name, "-an"))
        return false;
    const char *end = name + strlen(name) - strlen("-an");
    for (const char *at = strchr(name + 1, '-'); at != NULL && at < end; at = strchr(at + 1, '-')) {
        const char *region = at + 1 + ACCOUNT_LENGTH;
        if (strspn(at + 1, RULES_DIGITS) == ACCOUNT_LENGTH && *region == '-' && region + 1 < end)
            return false;
    }
    return true;
}

bool s3_has_dots(const char *name) {
    return strchr(name, '.') != NULL;
}

/* ---- Azure ----------------------------------------------------------------------------------- */

bool azure_is_special(const char *name) {
    return strcmp(name, "$root") == 0 || strcmp(name, "$web") == 0 || strcmp(name, "$logs") == 0;
}

bool azure_characters_are_odd(const char *name) {
    return !azure_is_special(name) && !rules_only(name, strlen(name), RULES_LOWER RULES_DIGITS "-");
}

bool azure_hyphens_are_odd(const char *name) {
    return !azure_is_special(name) && (s3_ends_are_odd(name) || strstr(name, "--") != NULL);
}

/* ---- MinIO ----------------------------------------------------------------------------------- */

bool minio_is_reserved(const char *name) {
    return strcmp(name, "minio") == 0 || strcmp(name, ".minio.sys") == 0;
}

bool minio_labels_are_odd(const char *name) {
    for (;;) {
        size_t length = strcspn(name, ".");
        if (length == 0 || !rules_only(name, length, RULES_LOWER RULES_DIGITS "-") ||
            name[0] == '-' || name[length - 1] == '-')
            return true;
        if (name[length] == '\0')
            return false;
        name += length + 1;
    }
}
