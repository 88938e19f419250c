/* How far the sending of many changes is. */
#include <string.h>

#include "bulk_screen.h"
#include "pail/base/clock.h"

/* Those whose answers are awaited, made safe: the line that they are on is wrapped. */
static void name_under_way(const struct session *session, size_t count, struct buffer *out) {
    struct submission_item item;
    buffer_clear(out);
    for (size_t i = 0; i < count; i++) {
        session_submission_item(session, i, &item);
        if (item.state != ITEM_SENDING)
            continue;
        const char *name = change_name(item.change);
        buffer_append_string(out, out->length ? ", " : "");
        text_append_safe(out, name, strlen(name), text_charset());
    }
}

static size_t begun(const struct submission *submission) {
    return submission->count - submission->waiting - submission->under_way;
}

static void measure(struct bulk_progress *progress) {
    const struct submission *now = &progress->submission;
    if (now->phase != SUBMISSION_SENDING || now->paused) {
        progress->began = 0;
        progress->rate = 0;
        return;
    }
    if (progress->began == 0) {
        progress->began = progress->taken;
        progress->done_before = begun(now);
    }
    int64_t spent = progress->taken - progress->began;
    size_t done = begun(now) - progress->done_before;
    progress->rate = spent >= BULK_LOOK_MS ? done * 1000 / (size_t)spent : 0;
}

void bulk_progress_take(struct bulk_progress *progress, const struct session *session) {
    struct session_status status;
    progress->serial = session_serial(session);
    progress->taken = clock_ms();
    progress->due = 0;
    session_submission(session, &progress->submission);
    session_status(session, &status);
    progress->rows = status.loading ? status.rows : 0;
    name_under_way(session, progress->submission.count, &progress->under_way);
    measure(progress);
}
