/* What there is to read of many changes: before they are sent, while, and at the end. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "bulk_screen.h"
#include "pail/base/clock.h"
#include "pail/base/stamp.h"
#include "review_text.h"

enum { BAR_MOST = 50, BAR_LEAST = 10 };

__attribute__((format(printf, 3, 4))) static void add_line(struct text_view *view, enum style style,
                                                           const char *format, ...) {
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    text_view_add_raw(view, style, text);
    text_view_add_string(view, STYLE_NORMAL, "\n");
}

static const char *entries(size_t count) {
    return count == 1 ? "entry" : "entries";
}

/* ---- the review ------------------------------------------------------------------------------ */

static void add_counts(const struct bulk_screen *screen) {
    size_t count[] = {0, 0, 0};
    for (size_t i = 0; i < screen->count; i++)
        count[change_op(screen->bulk.changes[i])]++;
    for (int op = CHANGE_ADD; op <= CHANGE_DELETE; op++)
        if (count[op] > 0)
            add_line(screen->view, STYLE_TITLE, "  %s %zu %s", change_op_names[op], count[op],
                     entries(count[op]));
}

static void add_left(const struct bulk_screen *screen) {
    const struct bulk *bulk = &screen->bulk;
    if (bulk->left_count == 0)
        return;
    text_view_add_string(screen->view, STYLE_NORMAL, "\n");
    add_line(screen->view, STYLE_WARNING, "  ! %zu marked %s left out:", bulk->left_count,
             bulk->left_count == 1 ? "entry is" : "entries are");
    for (size_t i = 0; i < bulk->left_count; i++)
        add_line(screen->view, STYLE_WARNING, "    %s: %s", bulk->left[i].name,
                 bulk_why_texts[bulk->left[i].why]);
}

static void add_notes(const struct bulk_screen *screen) {
    if (screen->hidden > 0)
        add_line(screen->view, STYLE_WARNING, "  ! the filter hides %zu of these entries",
                 screen->hidden);
    if (screen->bulk.keys > 1)
        add_line(
            screen->view, STYLE_WARNING,
            "  ! %zu different access keys give way to this one; their secrets can't be brought "
            "back",
            screen->bulk.keys);
    else if (screen->kind == BULK_KEY)
        add_line(screen->view, STYLE_WARNING,
                 "  ! the secret that is replaced can't be brought back");
    else if (screen->kind == BULK_DELETE)
        add_line(screen->view, STYLE_WARNING,
                 "  ! secrets of what is deleted can't be brought back");
}

void bulk_text_review(struct bulk_screen *screen, const struct app *app) {
    screen->written = 0;
    text_view_clear(screen->view);
    add_counts(screen);
    add_notes(screen);
    add_line(screen->view, STYLE_NORMAL, "  each by a POST to %s",
             session_change_url(app->session));
    add_left(screen);
}

void bulk_text_review_more(struct bulk_screen *screen, const struct app *app, size_t most) {
    for (; screen->written < screen->count && most > 0; screen->written++, most--) {
        const struct change *change = screen->bulk.changes[screen->written];
        const struct review_text text = {
            .change = change,
            .unsettled = session_is_unsettled(app->session, change_name(change)),
            .width = screen->width,
        };
        text_view_add_string(screen->view, STYLE_NORMAL, "\n");
        add_line(screen->view, STYLE_TITLE, "  %s %s", change_op_names[change_op(change)],
                 change_name(change));
        review_text_add(&text, screen->view);
    }
}

/* ---- while it is sent ------------------------------------------------------------------------ */

static void append_bar(size_t done, size_t count, int width, struct buffer *out) {
    int cells = width - 2 < BAR_MOST ? width - 2 : BAR_MOST;
    cells = cells < BAR_LEAST ? BAR_LEAST : cells;
    size_t filled = done * (size_t)cells / count;
    buffer_append_char(out, '[');
    for (size_t i = 0; i < (size_t)cells; i++)
        buffer_append_char(out, i < filled ? '#' : '.');
    buffer_append_string(out, "]\n");
}

/* A line of its own. */
static void append_wait(int64_t until, struct buffer *out) {
    char when[STAMP_SIZE];
    stamp_write_local(clock_wall_ms() + until - clock_ms(), when);
    buffer_printf(out, "\nthe service asked to wait: the rest is sent from %s on", when);
}

static void append_state(const struct bulk_progress *progress, size_t done, struct buffer *out) {
    const struct submission *now = &progress->submission;
    switch (now->phase) {
    case SUBMISSION_CHECKING:
        buffer_append_string(out, now->waiting == now->count
                                      ? "reading the table first; nothing was sent yet"
                                      : "reading the table again before the rest is sent");
        break;
    case SUBMISSION_RE_READING:
        buffer_append_string(out, "reading the table again; Escape stops waiting");
        break;
    default:
        buffer_printf(out, "%zu of %zu", done, now->count);
        if (now->paused)
            buffer_append_string(out, ", paused");
        else if (now->held_until > clock_ms())
            append_wait(now->held_until, out);
        else if (now->waits_for_journal)
            buffer_append_string(out, ", waiting for another pail's journal lock");
        else if (progress->rate > 0)
            buffer_printf(out, ", %zu a second", progress->rate);
    }
    if (progress->rows > 0)
        buffer_printf(out, ": %zu rows", progress->rows);
    buffer_append_char(out, '\n');
}

void bulk_text_progress(const struct bulk_screen *screen, int width, struct buffer *out) {
    const struct bulk_progress *progress = &screen->progress;
    const struct submission *now = &progress->submission;
    const size_t *tally = now->tally;
    size_t done = now->count - now->waiting - now->under_way;
    append_state(progress, done, out);
    append_bar(done, now->count, width, out);
    buffer_printf(out, "refused %zu, conflict %zu, not sent %zu, to be judged %zu\n",
                  tally[OUTCOME_REFUSED], tally[OUTCOME_CONFLICT], tally[OUTCOME_NOT_SENT],
                  now->answered);
    if (now->under_way > 0)
        buffer_printf(out, "under way: %s\n", progress->under_way.data);
}

/* ---- at the end ------------------------------------------------------------------------------ */

static const struct {
    enum submission_outcome outcome;
    enum style style;
    const char *title, *next;
} groups[] = {
    {OUTCOME_REFUSED, STYLE_ERROR, "refused or not applied", "still marked, for another go"},
    {OUTCOME_CONFLICT, STYLE_WARNING, "in conflict",
     "still marked; Enter opens one: its three versions. Another go begins with the entry as it is "
     "now"},
    {OUTCOME_NOT_SENT, STYLE_WARNING, "not sent", "still marked, for another go"},
    {OUTCOME_UNKNOWN, STYLE_WARNING, "unknown",
     "still marked, and ? in the list until a reading of the table settles it: wait for that"},
    {OUTCOME_APPLIED, STYLE_GOOD, "applied", "not marked any more"},
};
enum { GROUPS = sizeof groups / sizeof *groups };

/* The number of a group; a conflict that was decided is in none. */
static size_t group_of(const struct bulk_screen *screen, size_t index) {
    struct submission_item item;
    size_t group = 0;
    bulk_result_item(screen, index, &item);
    while (groups[group].outcome != item.outcome)
        group++;
    return bulk_result_is_decided(screen, index) ? GROUPS : group;
}

static void add_group(const struct bulk_screen *screen, size_t group, size_t count) {
    struct submission_item item;
    if (count == 0)
        return;
    text_view_add_string(screen->view, STYLE_NORMAL, "\n");
    add_line(screen->view, groups[group].style, "  %s: %zu; %s", groups[group].title, count,
             groups[group].next);
    for (size_t i = 0; i < screen->count; i++) {
        if (group_of(screen, i) != group)
            continue;
        bulk_result_item(screen, i, &item);
        if (item.outcome == OUTCOME_CONFLICT)
            text_view_add_choice(screen->view);
        add_line(screen->view, STYLE_NORMAL, "    %s", item.text);
    }
}

static void add_decided(const struct bulk_screen *screen, size_t count) {
    struct submission_item item;
    if (count == 0)
        return;
    text_view_add_string(screen->view, STYLE_NORMAL, "\n");
    add_line(screen->view, STYLE_GOOD, "  conflicts decided since: %zu; not marked any more",
             count);
    for (size_t i = 0; i < screen->count; i++) {
        if (!bulk_result_is_decided(screen, i))
            continue;
        bulk_result_item(screen, i, &item);
        if (screen->decided[i].sent)
            add_line(screen->view, STYLE_NORMAL, "    %s", item.text);
        else
            add_line(screen->view, STYLE_NORMAL,
                     "    %s: nothing was sent; it was left as it was then",
                     change_name(item.change));
    }
}

static const char *outcome_title(enum submission_outcome outcome) {
    size_t group = 0;
    while (groups[group].outcome != outcome)
        group++;
    return groups[group].title;
}

/* The line above tells how it ended; what is unknown is settled later, and conflicts are decided.
 */
static void add_by_now(const struct bulk_screen *screen) {
    size_t tally[OUTCOME_COUNT] = {0}, left = 0;
    struct buffer line;
    for (size_t i = 0; i < screen->count; i++) {
        struct submission_item item;
        bulk_result_item(screen, i, &item);
        if (bulk_result_is_decided(screen, i) && screen->decided[i].sent == NULL)
            left++;
        else
            tally[item.outcome]++;
    }
    if (memcmp(tally, screen->progress.submission.tally, sizeof tally) == 0)
        return;
    buffer_init(&line);
    for (int outcome = 0; outcome < OUTCOME_COUNT; outcome++)
        if (tally[outcome] > 0)
            buffer_printf(&line, "%s%zu %s", line.length ? ", " : "", tally[outcome],
                          outcome_title((enum submission_outcome)outcome));
    if (left > 0)
        buffer_printf(&line, "%s%zu left as it was", line.length ? ", " : "", left);
    add_line(screen->view, STYLE_TITLE, "  by now: %s", line.data);
    buffer_finish(&line);
}

void bulk_text_results(const struct bulk_screen *screen) {
    size_t count[GROUPS + 1] = {0};
    for (size_t i = 0; i < screen->count; i++)
        count[group_of(screen, i)]++;
    text_view_clear(screen->view);
    add_line(screen->view, STYLE_TITLE, "  %s", submitted_text(screen->result));
    add_by_now(screen);
    for (size_t group = 0; group < GROUPS; group++)
        add_group(screen, group, count[group]);
    add_decided(screen, count[GROUPS]);
    add_left(screen);
}
