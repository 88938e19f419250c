/* Lines out of a file, and how each hangs on the one before it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "journal_internal.h"
#include "pail/base/memory.h"

#define PREV ",\"prev\":\""
#define SUM  ",\"sum\":\""
#define END  "\"}\n"

enum {
    PREV_LENGTH = sizeof PREV - 1,
    SUM_LENGTH = sizeof SUM - 1,
    END_LENGTH = sizeof END - 1,
    SUM_PART = SUM_LENGTH + SHA256_HEX + END_LENGTH,
    SEAL_LENGTH = PREV_LENGTH + SHA256_HEX + 1 /* its quotation mark */ + SUM_PART,
    PIECE = 64 * 1024,
};

/* ---- the chain ------------------------------------------------------------------------------- */

void journal_chain_init(struct journal_chain *chain) {
    memset(chain->last, '0', SHA256_HEX);
    chain->last[SHA256_HEX] = '\0';
    chain->known = true;
}

static void move_on(struct journal_chain *chain, const char *line, size_t length) {
    sha256_hex(line, length, chain->last);
    chain->known = true;
}

/* Ends the line "{...}": its place in the chain, its own hash, a newline. */
static void seal(struct journal_chain *chain, struct buffer *line) {
    char sum[SHA256_HEX + 1];
    buffer_truncate(line, line->length - 1); /* the brace */
    buffer_printf(line, PREV "%s\"", chain->last);
    sha256_hex(line->data, line->length, sum);
    buffer_printf(line, SUM "%s" END, sum);
    move_on(chain, line->data, line->length);
}

void journal_chain_append(struct journal_chain *chain, struct buffer *out, struct buffer *line) {
    seal(chain, line);
    buffer_append(out, line->data, line->length);
    buffer_clear(line);
}

static const char *fault(const struct journal_chain *chain, const char *line, size_t length) {
    char sum[SHA256_HEX + 1];
    const char *changed = "was changed after pail wrote it";
    if (length <= SEAL_LENGTH)
        return changed;
    const char *prev = line + length - SEAL_LENGTH, *own = line + length - SUM_PART;
    sha256_hex(line, (size_t)(own - line), sum);
    if (memcmp(prev, PREV, PREV_LENGTH) != 0 || own[-1] != '"' ||
        memcmp(own, SUM, SUM_LENGTH) != 0 || memcmp(own + SUM_LENGTH, sum, SHA256_HEX) != 0 ||
        memcmp(own + SUM_LENGTH + SHA256_HEX, END, END_LENGTH) != 0)
        return changed;
    if (chain->known && memcmp(prev + PREV_LENGTH, chain->last, SHA256_HEX) != 0)
        return "doesn't follow the one before it: lines were removed, put in or moved";
    return NULL;
}

const char *journal_chain_take(struct journal_chain *chain, const char *line, size_t length) {
    const char *wrong = fault(chain, line, length);
    move_on(chain, line, length);
    return wrong;
}

/* ---- lines ----------------------------------------------------------------------------------- */

void journal_lines_init(struct journal_lines *lines, int file, off_t from, off_t until) {
    *lines = (struct journal_lines){.file = file, .at = from, .until = until};
}

void journal_lines_finish(struct journal_lines *lines) {
    free(lines->data);
    lines->data = NULL;
}

/* Reads more behind what is there. False at the end. */
static bool read_more(struct journal_lines *lines) {
    if (lines->at >= lines->until)
        return false;
    if (lines->data != NULL && lines->start > 0) {
        memmove(lines->data, lines->data + lines->start, lines->end - lines->start);
        lines->end -= lines->start;
        lines->start = 0;
    }
    if (lines->end >= JOURNAL_LINE_LIMIT) {
        lines->too_long = true;
        return false;
    }
    if (lines->capacity - lines->end < PIECE) {
        lines->capacity = lines->capacity ? lines->capacity * 2 : 2 * (size_t)PIECE;
        lines->data = memory_resize(lines->data, lines->capacity, 1);
    }
    size_t room = lines->until - lines->at < PIECE ? (size_t)(lines->until - lines->at) : PIECE;
    ssize_t got = pread(lines->file, lines->data + lines->end, room, lines->at);
    if (got < 0 && errno == EINTR)
        return read_more(lines);
    lines->failed = got < 0;
    if (got <= 0)
        return false;
    lines->end += (size_t)got;
    lines->at += got;
    return true;
}

bool journal_lines_next(struct journal_lines *lines, const char **line, size_t *length) {
    for (size_t looked = 0;;) {
        size_t have = lines->end - lines->start;
        const char *from = have > looked ? lines->data + lines->start + looked : NULL;
        const char *newline = from ? memchr(from, '\n', have - looked) : NULL;
        if (newline != NULL) {
            *line = lines->data + lines->start;
            *length = (size_t)(newline + 1 - *line);
            lines->start += *length;
            return true;
        }
        looked = have;
        if (!read_more(lines))
            return false;
    }
}
