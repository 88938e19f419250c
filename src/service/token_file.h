/* The token file's bytes and lines: what reading and writing it share. */
#ifndef PAIL_SERVICE_TOKEN_FILE_H
#define PAIL_SERVICE_TOKEN_FILE_H

#include "pail/service/token.h"

enum { TOKEN_FILE_LIMIT = 64 * 1024 };

/* The keys, in the order in which they are written. */
enum token_key {
    TOKEN_KEY_ACCESS,
    TOKEN_KEY_REFRESH,
    TOKEN_KEY_CLIENT_ID,
    TOKEN_KEY_ISSUED,
    TOKEN_KEY_ID,
    TOKEN_KEY_TYPE,
    TOKEN_KEY_SERVICE,
    TOKEN_KEYS, /* none of these */
};

struct token_line {
    enum token_key key;
    const char *start;
    size_t length; /* without its end */
    bool crlf;
    const char *value; /* after the =; of an unknown key not set */
    size_t value_length;
};

extern const char *const token_key_names[TOKEN_KEYS];

/* The line at *at, which is moved past it. False at the end of the text. */
bool token_line_next(const char **at, struct token_line *line);

/* The member for a key; NULL for TOKEN_KEY_ISSUED. */
char **token_member(struct token *token, enum token_key key);

/* Opens without following a link or waiting for a FIFO. The file is open after TOKEN_LOADED, which
 * says that it may be read, and after TOKEN_LOOSE, which leaves the error to the caller. */
enum token_state token_file_open(const char *path, int *file, struct error *error);

/* Reads an open file. False for what is no text of at most TOKEN_FILE_LIMIT bytes too. */
bool token_file_read_all(int file, struct buffer *text);

/* Makes the folder of a path, if only that is missing. */
void token_file_make_folder(const char *path);

#endif
