/*
 * The lines of an answer's head, as far as they say where the answer ends. libcurl is generous with
 * them (it takes the last of two Content-Lengths, "0x17" for 0, and inflates a Transfer-Encoding
 * that nobody asked for); here an answer whose end is in doubt is none, since on a kept connection
 * what is left over would be taken for the answer to the next request. RFC 9112, 6.3.
 */
#ifndef PAIL_SERVICE_HEAD_H
#define PAIL_SERVICE_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HEAD_BYTES = 256 * 1024 /* of all heads and trailers of an answer, at most */ };

struct head {
    size_t bytes;
    bool whole;        /* its empty line has come */
    int64_t length;    /* of the body, as announced; -1: it isn't */
    char encoding[32]; /* of the content: "gzip"; "": none */
};

void head_init(struct head *head);

/* Takes the next line, with its end; a status line begins another head. NULL if nothing is wrong
 * with it, else why the answer can't be trusted, for a person. */
const char *head_line(struct head *head, const char *line, size_t length);

#endif
