/* The words that the reading commands take, NULL after the last: for cli_choose, and for
 * completion. */
#ifndef PAIL_SRC_CLI_WORDS_H
#define PAIL_SRC_CLI_WORDS_H

extern const char *const list_formats[];
extern const char *const show_formats[]; /* also of whoami */
extern const char *const policy_words[];
extern const char *const policy_formats[]; /* of all documents */
extern const char *const journal_words[];
extern const char *const journal_formats[];
extern const char *const config_words[];

#endif
