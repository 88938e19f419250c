#include "list_layout.h"

#include <ctype.h>
#include <string.h>

#include "pail/base/clock.h"
#include "pail/base/hash.h"
#include "pail/buckets/query.h"
#include "pail/ui/frame.h"
#include "wrap.h"

static const enum column usual[] = {COLUMN_NAME,     COLUMN_CLOUD, COLUMN_ACCESS,
                                    COLUMN_ENDPOINT, COLUMN_SNAP,  COLUMN_IDENTITY};
static const enum column access_set[] = {COLUMN_NAME, COLUMN_CLOUD, COLUMN_ACCESS, COLUMN_IDENTITY,
                                         COLUMN_SNAP};
static const struct {
    const enum column *list;
    int count;
} sets[COLUMN_SETS] = {{usual, 5}, {access_set, 5}, {usual, 6}};

enum { RATE_MS = 500 /* before that a rate says little */ };
enum { MARKS_WIDTH = 2, GAP = 2, ALL_FIT = 116 /* from here on the usual set is all columns */ };

/* Room that is left goes to the columns that want more, a cell each in turn. */
static void widen(struct column_layout *layout, int left) {
    bool grew = true;
    while (left > 0 && grew) {
        grew = false;
        for (int i = 0; i < layout->count && left > 0; i++) {
            struct column_place *place = &layout->places[i];
            if (place->width < columns[place->column].wanted) {
                place->width++;
                left--;
                grew = true;
            }
        }
    }
}

void column_layout(struct column_layout *layout, enum column_set set, int scrolled, int width) {
    if (set == SET_USUAL && width >= ALL_FIT)
        set = SET_ALL;
    int last = sets[set].count - 2;
    scrolled = scrolled > last ? last : scrolled;
    *layout = (struct column_layout){.scrolled = scrolled, .more_left = scrolled > 0};
    int left = width - MARKS_WIDTH;
    for (int i = 0; i < sets[set].count; i++) {
        enum column column = sets[set].list[i];
        if (i > 0 && i <= scrolled)
            continue;
        int needed = columns[column].least + (i > 0 ? GAP : 0);
        if (needed > left) {
            layout->more_right = true;
            break;
        }
        left -= needed;
        layout->places[layout->count++] = (struct column_place){column, 0, columns[column].least};
    }
    if (layout->more_right && left >= GAP)
        left -= GAP; /* for the sign that says so */
    widen(layout, left);
    int start = MARKS_WIDTH;
    for (int i = 0; i < layout->count; i++) {
        layout->places[i].start = start;
        start += layout->places[i].width + GAP;
    }
}

static void append_time(struct buffer *out, time_t when) {
    struct tm local;
    char text[16];
    if (localtime_r(&when, &local) && strftime(text, sizeof text, "%H:%M:%S", &local) > 0)
        buffer_append_string(out, text);
}

void list_title(const struct app *app, struct buffer *out) {
    struct session_status status;
    session_status(app->session, &status);
    if (status.user[0])
        buffer_printf(out, "%s  ", status.user);
    if (status.as_of == 0) {
        buffer_append_string(out, status.loading                     ? "reading the table"
                                  : session_is_partial(app->session) ? "read in part"
                                                                     : "not read yet");
        return;
    }
    buffer_append_string(out, status.trouble == TROUBLE_NONE         ? "as of "
                              : terminal_columns(app->terminal) < 60 ? "stale "
                                                                     : "stale since ");
    append_time(out, status.as_of);
}

/* Whether the row shows the column's text whole. */
static bool shows_whole(const struct column_layout *layout, const struct bucket *bucket,
                        enum column column, const char *value) {
    const char *text = column_text(bucket, column);
    for (int i = 0; i < layout->count; i++)
        if (layout->places[i].column == column && text == value)
            return text_width(text, strlen(text), text_charset()) <= layout->places[i].width;
    return false;
}

/* What its column cuts off of a name: whole it would cost a fifth more bytes for each Down. */
static void append_rest_of_name(const struct app *app, const struct column_layout *layout,
                                const struct bucket *bucket, struct buffer *out) {
    const char *name = bucket->value[FIELD_NAME];
    if (name[0] == '\0' || shows_whole(layout, bucket, COLUMN_NAME, name))
        return;
    int room = layout->places[0].width - 1; /* beside the sign for more */
    buffer_printf(out, "%s%s", terminal_sign(app->terminal, SIGN_LEFT),
                  name + text_fitting(name, strlen(name), text_charset(), room));
}

void list_describe(const struct app *app, const struct column_layout *layout,
                   const struct bucket *bucket, struct buffer *out) {
    static const struct {
        enum bucket_field field;
        enum column column;
        const char *before;
    } parts[] = {
        {FIELD_ACCESS_ROLE, COLUMN_IDENTITY, ""},
        {FIELD_ACCESS_ROLE_EXT, COLUMN_COUNT, "external ID "},
        {FIELD_ACCESS_KEY_ID, COLUMN_IDENTITY, "key "},
        {FIELD_ENDPOINT, COLUMN_ENDPOINT, ""},
        {FIELD_DDB_TABLE, COLUMN_COUNT, "InfinSnap "},
    };
    append_rest_of_name(app, layout, bucket, out);
    bool any = false;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const char *value = bucket->value[parts[i].field];
        any |= value[0] != '\0';
        if (value[0] && !shows_whole(layout, bucket, parts[i].column, value))
            buffer_printf(out, "%s%s%s", out->length ? ", " : "", parts[i].before, value);
    }
    if (bucket->unreadable)
        buffer_append_string(out, bucket->extra);
    else if (!any)
        buffer_printf(out, "%sdefault endpoint, no way to get in given", out->length ? ", " : "");
}

void list_count(const struct app *app, struct listing *listing, struct buffer *out) {
    size_t shown = listing_count(listing), total = listing_total(listing);
    size_t hidden = listing_hidden_marks(listing);
    bool narrow = terminal_columns(app->terminal) < 60;
    if (app->thrifty)
        total = 0;
    else if (hidden > 0 && narrow)
        buffer_printf(out, "%zu", shown);
    else if (listing_filter_text(listing)[0])
        buffer_printf(out, "%zu of %zu", shown, total);
    else if (total > 0)
        buffer_printf(out, "%zu", total);
    if (total > 0 && session_is_partial(app->session))
        buffer_append_string(out, " so far");
    if (listing_marks(listing) > 0)
        buffer_printf(out, "%s%zu marked", out->length ? ", " : "", listing_marks(listing));
    if (hidden > 0)
        buffer_printf(out, ", %zu hidden", hidden);
    if (session_unsettled(app->session) > 0)
        buffer_printf(out, "%s%zu ?", out->length ? ", " : "", session_unsettled(app->session));
}

void list_doubt_filter(const struct listing *listing, struct buffer *out) {
    size_t length;
    const char *word = query_misnamed(listing_query(listing), &length);
    if (word)
        buffer_printf(out, QUERY_MISNAMED, (int)length, word);
}

static const char *way_on(const struct app *app, const struct session_status *status) {
    switch (status->trouble) {
    case TROUBLE_LOOSE_TOKEN:
        return "T does the chmod and reads the table.";
    case TROUBLE_FORBIDDEN:
        return app_is_read_only(app) ? "Only the service's administrator may do this."
                                     : "Only the service's administrator may do this. L makes "
                                       "this sitting read-only.";
    case TROUBLE_UNREADABLE:
        return "Nothing was saved. r tries again.";
    case TROUBLE_BUSY:
        return status->retry_at != 0 ? "Trying again when that is over." : "r tries again.";
    default:
        return status->retry_at != 0 ? "Trying again; r tries at once." : "r tries again.";
    }
}

/* Both ways to log in: here, and in a shell, from where r goes on. */
static void append_login(const struct app *app, struct buffer *out) {
    char key[16];
    if (!profile_can_log_in(app->profile)) {
        buffer_append_string(out, "Log in with InfinStor's own client, then r.");
        return;
    }
    keymap_first_key(&app->settings->keymap, ACTION_LOGIN, key, sizeof key);
    buffer_printf(out, "%s%sn a shell: ", key, key[0] ? " logs in here. I" : "I");
    settings_login_command(app->settings, app->profile, out);
    buffer_append_string(out, ", then r.");
}

/* "Check this. r tries again." */
static void append_way_on(const struct app *app, const struct session_status *status,
                          struct buffer *out) {
    size_t length = strlen(status->next);
    bool asks = length > 0 && status->next[length - 1] == '?';
    if (length > 0)
        buffer_printf(out, "%c%s%s ", toupper((unsigned char)status->next[0]), status->next + 1,
                      asks ? "" : ".");
    if (status->trouble == TROUBLE_NO_TOKEN || status->trouble == TROUBLE_LOGIN_EXPIRED)
        append_login(app, out);
    else
        buffer_append_string(out, way_on(app, status));
}

void list_explain_nothing(const struct app *app, size_t total, struct buffer *out) {
    struct session_status status;
    session_status(app->session, &status);
    if (total > 0)
        buffer_printf(out, "%zu entries are hidden by the filter.\nEscape clears it.\n", total);
    else if (status.loading && status.happening[0])
        buffer_printf(out, "Reading the table: %s. Escape stops waiting.\n", status.happening);
    else if (status.loading)
        buffer_append_string(out, "Reading the table. Escape stops waiting.\n");
    else if (status.trouble != TROUBLE_NONE) {
        buffer_printf(out, "%s\n\n", status.text);
        append_way_on(app, &status, out);
        buffer_append_char(out, '\n');
        if (status.excerpt[0])
            buffer_printf(out, "\nThe answer began:\n%s\n", status.excerpt);
    } else if (status.as_of != 0)
        buffer_printf(out, "The buckets table is empty.\n%s\n",
                      app_is_read_only(app) ? "" : "a adds the first entry.");
}

static void append_bytes(struct buffer *out, size_t bytes) {
    if (bytes < 10000)
        buffer_printf(out, "%zu B", bytes);
    else if (bytes < 10000000)
        buffer_printf(out, "%zu kB", bytes / 1000);
    else
        buffer_printf(out, "%zu MB", bytes / 1000000);
}

static void append_bar(struct buffer *out, const struct session_status *status) {
    enum { BAR = 20 };
    size_t done =
        status->received < status->expected ? status->received * BAR / status->expected : BAR;
    buffer_printf(out, " [%.*s%.*s]", (int)done, "####################", BAR - (int)done,
                  "....................");
}

static void append_rate(struct buffer *out, const struct session_status *status) {
    int64_t took = clock_ms() - status->began;
    if (took < RATE_MS)
        return;
    buffer_append_string(out, ", ");
    append_bytes(out, status->received * 1000 / (size_t)took);
    buffer_append_string(out, "/s");
}

/* Where bytes are dear, what changes seldom. */
static void append_progress(const struct app *app, struct buffer *out,
                            const struct session_status *status) {
    if (status->happening[0])
        buffer_printf(out, "%s; ", status->happening);
    if (app->thrifty && status->rows >= 1000)
        buffer_printf(out, "reading: %zu thousand rows", status->rows / 1000);
    else if (app->thrifty)
        buffer_append_string(out, "reading");
    else {
        buffer_printf(out, "reading: %zu rows, ", status->rows);
        append_bytes(out, status->received);
        if (status->expected > 0) {
            buffer_append_string(out, " of ");
            append_bytes(out, status->expected);
        }
        append_rate(out, status);
    }
    if (status->expected > 0)
        append_bar(out, status);
    buffer_append_string(out, "  Escape stops");
}

/* Why changes that earlier sittings left unsettled may not be marked. */
static void append_journal(const struct session *session, struct buffer *out) {
    const char *trouble = session_journal_trouble(session);
    if (trouble[0] && out->length > 0)
        buffer_append_string(out, ". ");
    if (session_journal_is_awaited(session))
        buffer_append_string(out, "Another pail is writing to the journal: changes that are not "
                                  "settled may not be marked until it can be read.");
    else if (trouble[0])
        buffer_printf(out, "! Changes that are not settled may not be marked: %s", trouble);
}

/* What lasts, in words; nothing if all is well, or the body says it already. */
static void append_state(const struct app *app, bool explained, struct buffer *out) {
    struct session_status status;
    session_status(app->session, &status);
    if (status.loading)
        append_progress(app, out, &status);
    else if (status.trouble != TROUBLE_NONE && !explained) {
        buffer_printf(out, "! %s. ", status.text);
        append_way_on(app, &status, out);
    } else {
        if (status.remark[0])
            buffer_printf(out, "! %s", status.remark);
        append_journal(app->session, out);
    }
}

int list_state_rows(const struct app *app, bool explained) {
    enum { MOST = 3 };
    struct buffer line;
    buffer_init(&line);
    append_state(app, explained, &line);
    int rows = wrap_rows(line.data, line.length, terminal_columns(app->terminal) - 2,
                         terminal_charset(app->terminal));
    buffer_finish(&line);
    return rows < MOST ? rows : MOST;
}

void list_draw_state(struct app *app, bool explained, int row, int rows) {
    int width = terminal_columns(app->terminal);
    struct buffer line;
    buffer_init(&line);
    append_state(app, explained, &line);
    if (line.length > 0)
        frame_text(app, (struct area){row, 1, rows, width - 2},
                   line.data[0] == '!' ? STYLE_WARNING : STYLE_DIM, line.data);
    else if (!terminal_keep_row(app->terminal, row, HASH_START))
        terminal_rule(app->terminal, row, 0, width);
    buffer_finish(&line);
}
