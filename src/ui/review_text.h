/* What the review says, written into a text view: the outcome, the difference, the request. */
#ifndef PAIL_UI_REVIEW_TEXT_H
#define PAIL_UI_REVIEW_TEXT_H

#include "pail/session/session.h"
#include "pail/ui/text_view.h"

struct review_text {
    const struct change *change;
    const char *url;               /* NULL: it is said elsewhere */
    const struct submission *done; /* NULL while there is no outcome */
    bool unsettled;                /* what came of an earlier change of this bucket isn't known */
    int64_t settles_ms;            /* of an unknown outcome, as in struct unsettled_entry */
    int width;                     /* cells that a line may take */
};

void review_text_write(const struct review_text *text, struct text_view *view);

/* The same without an outcome, added to what is there. */
void review_text_add(const struct review_text *text, struct text_view *view);

/* The sentence that says from when on a reading can settle an unknown outcome, settles_ms > 0, as
 * in struct unsettled_entry. */
void review_text_settling(int64_t settles_ms, struct buffer *out);

#endif
