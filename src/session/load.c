#include "load.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "access.h"
#include "door.h"
#include "internal.h"
#include "log.h"
#include "pail/base/clock.h"
#include "pail/base/memory.h"
#include "unsettled.h"

enum {
    PROGRESS_MS = 100, /* progress is shown no more often */
    RETRIES = 10,      /* at most, until somebody asks again */
    RETRY_FIRST_MS = 2000,
    RETRY_LAST_MS = 60000,
    WAIT_MOST_S = 3600, /* what a service may ask to wait */
};

/* ---- tables ---------------------------------------------------------------------------------- */

/* Whoever draws may still hold the old table until the next session_tick. When two tables are
 * replaced before that, nobody can have seen the second. */
static void show_table(struct session *session, struct table *table) {
    if (session->table == table)
        return;
    if (session->retired == NULL)
        session->retired = session->table;
    else
        table_destroy(session->table);
    session->table = table;
    session->table_serial++;
    session->serial++;
}

static struct table *table_to_fill(struct session *session) {
    if (session->load.table == NULL) {
        session->load.table = table_create();
        if (session->table == NULL)
            show_table(session, session->load.table);
    }
    return session->load.table;
}

static void take_entry(void *context, const struct bucket *bucket) {
    table_add(table_to_fill(context), bucket);
}

void load_drop(struct session *session) {
    struct load *load = &session->load;
    if (load->call != NULL)
        infinstor_cancel(session->infinstor, load->call);
    access_drop(&session->access);
    if (load->table != session->table)
        table_destroy(load->table);
    *load = (struct load){0};
    buffer_clear(&session->happening);
    session->retry_at = 0;
    session->serial++;
}

/* ---- ends ------------------------------------------------------------------------------------ */

static void set_trouble(struct session *session, enum session_trouble trouble, const char *prefix,
                        const char *text) {
    session->trouble = trouble;
    session->next = "";
    buffer_clear(&session->text);
    buffer_clear(&session->happening);
    if (trouble != TROUBLE_NONE) {
        buffer_printf(&session->text, "%s%s", prefix, text);
        log_line(session, "%s", session->text.data);
    }
    session->excerpt[0] = '\0';
    session->serial++;
}

bool load_retries(enum session_trouble trouble) {
    return trouble == TROUBLE_NETWORK || trouble == TROUBLE_BUSY;
}

static void schedule_retry(struct session *session, long asked_s) {
    if (session->retries >= RETRIES)
        return;
    int64_t wait = (int64_t)RETRY_FIRST_MS << session->retries++;
    int64_t asked = (int64_t)(asked_s < WAIT_MOST_S ? asked_s : WAIT_MOST_S) * 1000;
    wait = wait < RETRY_LAST_MS ? wait : RETRY_LAST_MS;
    session->retry_at = clock_ms() + (wait > asked ? wait : asked);
}

static enum session_trouble trouble_of(const struct answer *answer) {
    bool asks_to_wait = answer->status == 429 || (answer->status == 503 && answer->retry_after > 0);
    switch (answer->kind) {
    case ANSWER_LOGIN_EXPIRED:
        return TROUBLE_LOGIN_EXPIRED;
    case ANSWER_FORBIDDEN:
        return TROUBLE_FORBIDDEN;
    case ANSWER_UNREADABLE:
        return TROUBLE_UNREADABLE;
    case ANSWER_NOT_SENT:
    case ANSWER_UNKNOWN:
        return TROUBLE_NETWORK;
    case ANSWER_REFUSED:
    case ANSWER_UNMATCHED:
    case ANSWER_TROUBLED:
    case ANSWER_OK:
        break;
    }
    bool later = answer->status >= 500 || answer->status == 408; /* it may do better then */
    return asks_to_wait ? TROUBLE_BUSY : later ? TROUBLE_SERVICE : TROUBLE_REFUSED;
}

void load_tell(struct session *session, const char *format, ...) {
    char text[256];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    buffer_clear(&session->happening);
    buffer_append_string(&session->happening, text);
    session->serial++;
}

static void take_account(struct session *session, const struct reader *account) {
#define NAME(id, name, label) name,
    static const char *const names[] = {ACCOUNT_MEMBERS(NAME)};
#undef NAME
    const char *user = account ? reader_account(account, "userName") : NULL;
    free(session->user);
    session->user = memory_string(user ? user : "");
    for (int i = 0; i < ACCOUNT_COUNT; i++) {
        memory_free_wiped(session->account[i]);
        session->account[i] = account ? reader_account_json(account, names[i]) : NULL;
    }
}

static void take_whole_table(struct session *session, const struct reader *account) {
    take_account(session, account);
    show_table(session, table_to_fill(session));
    session->load.table = NULL;
    session->as_of = clock_now();
    session->retries = 0;
    set_trouble(session, TROUBLE_NONE, "", "");
    size_t count = table_count(session->table);
    log_line(session, "read the table: %zu %s in %lld ms", count, count == 1 ? "entry" : "entries",
             (long long)(clock_ms() - session->load.began));
    unsettled_review(session);
}

/* What came of a first load stays unless it was no listing after all. */
static void take_failure(struct session *session, const struct answer *answer) {
    enum session_trouble trouble = trouble_of(answer);
    if (trouble == TROUBLE_UNREADABLE && session->load.table == session->table) {
        show_table(session, NULL);
        session->load.table = NULL;
    }
    load_drop(session);
    set_trouble(session, trouble, LOAD_PHASE, answer->text);
    if (trouble == TROUBLE_UNREADABLE)
        memcpy(session->excerpt, answer->excerpt, sizeof session->excerpt);
    session->next = answer->next ? answer->next : "";
    if (load_retries(trouble))
        schedule_retry(session, answer->retry_after);
}

/* 504 on a cold start, which InfinStor's public Python client expects, and its neighbours. */
static bool is_worth_repeating(const struct answer *answer) {
    return answer->kind == ANSWER_TROUBLED && answer->status >= 502 && answer->status <= 504 &&
           answer->retry_after == 0;
}

static bool send_load(struct session *session);

static void end_load(void *context, const struct answer *answer, const struct reader *account) {
    struct session *session = context;
    session->load.call = NULL;
    if (answer->kind == ANSWER_LOGIN_EXPIRED && !session->load.renewed &&
        access_can_renew(session)) {
        session->load.renewed = true;
        access_prepare(session, true);
        return;
    }
    if (is_worth_repeating(answer) && !session->load.repeated) {
        session->load.repeated = true;
        load_tell(session, "%s: reading once more", answer->text);
        log_line(session, LOAD_PHASE "%s", session->happening.data);
        if (send_load(session))
            return;
    } else if (answer->kind == ANSWER_OK)
        take_whole_table(session, account);
    else
        take_failure(session, answer);
    door_table_was_read(session, answer->kind == ANSWER_OK);
}

/* ---- starting -------------------------------------------------------------------------------- */

/* False: it could not be started, and the trouble says why. */
static bool send_load(struct session *session) {
    const struct infinstor_list_listener listener = {take_entry, end_load, session};
    enum session_trouble trouble = TROUBLE_SERVICE;
    struct error error = {""};
    struct buffer authorization;
    buffer_init(&authorization);
    struct load *load = &session->load;
    if (access_authorization(session, &authorization, &trouble, &error))
        load->call = infinstor_list(session->infinstor, authorization.data, &listener, &error);
    buffer_finish(&authorization);
    if (load->call != NULL)
        return true;
    load_drop(session);
    set_trouble(session, trouble, trouble == TROUBLE_SERVICE ? LOAD_PHASE : "", error.text);
    return false;
}

void load_send(struct session *session) {
    if (!send_load(session))
        door_table_was_read(session, false);
}

void load_fail(struct session *session, enum session_trouble trouble, const char *text) {
    load_drop(session);
    set_trouble(session, trouble, "", text);
    door_table_was_read(session, false);
}

bool load_is_busy(const struct session *session) {
    return session->load.call != NULL || access_is_busy(&session->access);
}

/* What is being prepared serves this reading too: a renewal isn't broken off. */
void load_start(struct session *session) {
    bool prepared = access_is_busy(&session->access);
    if (!prepared)
        load_drop(session);
    unsettled_reading_begins(session);
    session->retry_at = 0;
    session->load.began = session->load.progress_at = clock_ms();
    session->serial++;
    if (!prepared)
        access_prepare(session, false);
}

void load_renew(struct session *session) {
    if (!access_can_renew(session))
        return;
    load_drop(session);
    unsettled_reading_begins(session);
    session->load.began = session->load.progress_at = clock_ms();
    session->load.renewed = true;
    access_prepare(session, true);
}

void load_stop(struct session *session) {
    load_drop(session);
    set_trouble(session, TROUBLE_STOPPED, "", "stopped reading the table");
}

/* ---- the clock ------------------------------------------------------------------------------- */

static int until(int64_t when, int64_t now) {
    int64_t wait = when - now;
    return wait <= 0 ? 0 : wait < INT_MAX ? (int)wait : INT_MAX;
}

static int show_progress(struct session *session) {
    struct load *load = &session->load;
    size_t received = 0, expected = 0;
    infinstor_progress(load->call, &received, &expected);
    if (received == load->progress)
        return -1;
    int64_t now = clock_ms();
    if (now < load->progress_at)
        return until(load->progress_at, now);
    load->progress = received;
    load->progress_at = now + PROGRESS_MS;
    session->serial++;
    return 0;
}

int load_tick(struct session *session) {
    if (session->load.call != NULL)
        return show_progress(session);
    if (access_is_busy(&session->access))
        return access_tick(session);
    /* After a failure its own pause counts: the service may have asked for it. */
    int64_t due = session->retry_at ? session->retry_at : unsettled_reading_due(session);
    if (due == 0 || door_is_busy(session))
        return -1;
    int64_t now = clock_ms();
    if (now < due)
        return until(due, now);
    load_start(session);
    return 0;
}
