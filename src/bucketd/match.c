#include "match.h"

#include <string.h>
#include <strings.h>

struct tag {
    const char *text; /* without its quotes */
    size_t length;
    bool weak;
};

/* Reads the tag at *at and steps behind it: false if there is none (RFC 9110, 8.8.3: visible
 * characters and bytes beyond ASCII, no quote). */
static bool read_tag(const char **at, struct tag *tag) {
    const char *text = *at;
    tag->weak = strncmp(text, "W/", 2) == 0;
    text += tag->weak ? 2 : 0;
    if (*text++ != '"')
        return false;
    tag->text = text;
    while ((unsigned char)*text > ' ' && *text != '"' && *text != '\x7F')
        text++;
    tag->length = (size_t)(text - tag->text);
    if (*text != '"')
        return false;
    *at = text + 1;
    return true;
}

static const char *skip_blanks(const char *text) {
    return text + strspn(text, " \t");
}

/* Takes the next tag of a list: false at its end, and where it is none; then **list isn't NUL. A
 * list may have empty elements (5.6.1.2). */
static bool next_tag(const char **list, struct tag *tag) {
    *list += strspn(*list, " \t,");
    if (**list == '\0' || !read_tag(list, tag))
        return false;
    const char *behind = skip_blanks(*list);
    if (*behind != ',' && *behind != '\0')
        return false;
    *list = behind;
    return true;
}

static bool is_any(const char *demand) {
    const char *at = skip_blanks(demand);
    return *at == '*' && *skip_blanks(at + 1) == '\0';
}

static bool is_list(const char *demand) {
    struct tag tag;
    size_t count = 0;
    while (next_tag(&demand, &tag))
        count++;
    return count > 0 && *demand == '\0';
}

#define NO_ENTRY "none" /* as a demand; no list of tags looks so */

struct collection {
    struct buffer *demand;
    bool given;
    bool no_entry, odd; /* If-None-Match: *, or another one */
};

static enum MHD_Result collect(void *context, enum MHD_ValueKind kind, const char *name,
                               const char *value) {
    struct collection *collection = context;
    (void)kind;
    if (strcasecmp(name, "If-None-Match") == 0) {
        collection->no_entry = value != NULL && is_any(value);
        collection->odd |= !collection->no_entry;
    }
    if (strcasecmp(name, "If-Match") != 0)
        return MHD_YES;
    buffer_printf(collection->demand, "%s%s", collection->given ? "," : "", value ? value : "");
    collection->given = true;
    return MHD_YES;
}

bool match_read(struct buffer *demand, struct MHD_Connection *connection, struct error *error) {
    struct collection collection = {.demand = demand};
    MHD_get_connection_values(connection, MHD_HEADER_KIND, collect, &collection);
    if (collection.odd || (collection.no_entry && collection.given))
        return error_set(error, "If-None-Match must be *, and without If-Match");
    if (collection.no_entry)
        buffer_append_string(demand, NO_ENTRY);
    return collection.no_entry || !collection.given || is_any(demand->data) ||
           is_list(demand->data) ||
           error_set(error, "If-Match must be * or a list of versions in quotes, such as \"17\"");
}

bool match_holds(const char *demand, const char *version) {
    struct tag tag;
    if (strcmp(demand, NO_ENTRY) == 0)
        return version == NULL;
    if (version == NULL || is_any(demand))
        return version != NULL;
    while (next_tag(&demand, &tag))
        if (!tag.weak && tag.length == strlen(version) &&
            memcmp(tag.text, version, tag.length) == 0)
            return true;
    return false;
}
