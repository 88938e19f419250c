/* Saving a text to a new file whose name is typed on the row above the hints. A file that exists,
 * also a link, is never touched; the new one is for its owner alone. */
#ifndef PAIL_UI_SAVE_PROMPT_H
#define PAIL_UI_SAVE_PROMPT_H

#include "pail/ui/app.h"
#include "pail/ui/line_editor.h"

struct save_prompt {
    struct line_editor file;
    bool open; /* the name is being typed */
};

void save_prompt_init(struct save_prompt *prompt);
void save_prompt_finish(struct save_prompt *prompt);

void save_prompt_open(struct save_prompt *prompt, const char *name); /* suggests it */

/* Nothing unless it is open, and there is no message. */
void save_prompt_draw(const struct save_prompt *prompt, struct app *app);

/* A key while it is open: false if it means nothing. Enter saves the text, and closes the prompt if
 * that went well; says in any case what became of it. */
bool save_prompt_key(struct save_prompt *prompt, struct app *app, int key,
                     const struct buffer *text);

#endif
