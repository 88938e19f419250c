/* Many changes at once: their review, how they are sent, what came of each. Shared by bulk_screen.c
 * (keys, stages), bulk_progress.c (how far it is), bulk_result.c (what follows from the outcomes),
 * bulk_draw.c (drawing) and bulk_text.c (what is to be read). */
#ifndef PAIL_UI_BULK_SCREEN_H
#define PAIL_UI_BULK_SCREEN_H

#include "bulk_screens.h"
#include "pail/ui/line_editor.h"
#include "pail/ui/text_view.h"
#include "save_prompt.h"

enum bulk_stage { STAGE_REVIEW, STAGE_SENDING, STAGE_DONE };

/* What can have the focus: in a review the first five, later only the two buttons, and at the end
 * the conflicts too. */
enum bulk_focus {
    FOCUS_COUNT, /* where the count is typed */
    FOCUS_REASON,
    FOCUS_STOP,  /* whether the first failure ends it */
    FOCUS_SEND,  /* then: pause; at the end: save */
    FOCUS_LEAVE, /* cancel, stop, close */
    FOCUS_CONFLICTS,
    FOCUSES
};

/* What is shown of the sending: taken each BULK_LOOK_MS at most, since it may move a thousand times
 * a second. */
enum { BULK_LOOK_MS = 100 };
struct bulk_progress {
    struct submission submission;
    struct buffer under_way; /* names */
    size_t rate;             /* a second; 0: not known yet */
    size_t rows;             /* of the reading under way; 0: none */
    unsigned long serial;    /* the session's, then */
    int64_t taken;           /* clock_ms */
    int64_t due;             /* clock_ms: the session has moved since, look again then; 0: not */
    int64_t began;           /* clock_ms of the first POST, or of going on; 0: none yet */
    size_t done_before;      /* by then */
};

/* What was decided of a conflict. */
struct bulk_decision {
    bool made;
    struct submitted *sent; /* the change that resulted; NULL: nothing was sent */
};

struct bulk_screen {
    struct screen base;
    struct listing *listing;
    struct bulk bulk; /* its changes until they are sent; what was left out */
    enum bulk_kind kind;
    size_t count;      /* of changes */
    size_t hidden;     /* of them, those whose entries the filter hides as the review opens */
    size_t to_confirm; /* of them, those that delete or replace: this number must be typed */
    struct text_view *view;
    int width;            /* cells for which the review was written; 0: not yet */
    size_t written;       /* changes of which the review has its lines by now */
    unsigned long serial; /* the session's, as the results were written */
    struct line_editor typed, reason;
    bool stop_on_error;
    enum bulk_stage stage;
    int64_t ended; /* clock_ms of STAGE_DONE */
    enum bulk_focus focus;
    bool drawn; /* until then no key counts: it was typed before there was something to see */
    struct bulk_progress progress;
    struct save_prompt prompt;

    /* Of STAGE_DONE */
    struct submitted *result;
    struct bulk_decision *decided; /* of each change */
    size_t conflicts;              /* those of which nothing was decided */
    size_t opened;                 /* the change whose conflict is looked at */
    unsigned long table_serial;    /* the session's, when it ended */
};

/* As it is now. */
void bulk_progress_take(struct bulk_progress *progress, const struct session *session);

/* Takes the submission that is done out of the session, and writes what came of it. */
void bulk_result_take(struct bulk_screen *screen, struct app *app);

/* Again whenever the session has moved: what is unknown may be settled meanwhile. */
void bulk_result_write(struct bulk_screen *screen, struct app *app);

/* How a change stands: where a conflict was decided by another one, as that does. */
void bulk_result_item(const struct bulk_screen *screen, size_t index, struct submission_item *item);

/* A line of JSON for each. */
void bulk_result_append(const struct bulk_screen *screen, struct buffer *out);

/* Whether its conflict was decided for good: what resulted was applied, or nothing was sent. */
bool bulk_result_is_decided(const struct bulk_screen *screen, size_t index);

/* Opens the chosen conflict: the three versions, and what results from them in a review of its own.
 */
void bulk_result_open(struct bulk_screen *screen, struct app *app);

/* Something was decided of the conflict that was opened. */
void bulk_result_decided(struct bulk_screen *screen, struct app *app);
void bulk_result_finish(struct bulk_screen *screen);

/* As bulk_screen_left. */
const char *bulk_result_left(const struct bulk_screen *screen, const struct session *session,
                             size_t index);
bool bulk_had_no_effect(const struct submission_item *item); /* surely, so far */

bool bulk_takes_focus(const struct bulk_screen *screen, enum bulk_focus focus);

void bulk_draw(struct screen *base, struct app *app);

/* What there is to read in a review, with lines that take up to screen->width cells: what it begins
 * with, then `most` changes more. */
void bulk_text_review(struct bulk_screen *screen, const struct app *app);
void bulk_text_review_more(struct bulk_screen *screen, const struct app *app, size_t most);
/* At the end. */
void bulk_text_results(const struct bulk_screen *screen);
/* While it is sent: lines of plain text. */
void bulk_text_progress(const struct bulk_screen *screen, int width, struct buffer *out);

#endif
