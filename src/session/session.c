#include <stdlib.h>

#include "access.h"
#include "batch.h"
#include "door.h"
#include "internal.h"
#include "load.h"
#include "log.h"
#include "pail/base/memory.h"
#include "pail/service/token.h"
#include "record.h"
#include "recovery.h"
#include "unsettled.h"

enum { SETTLE_AFTER_MS = 60000, PARALLEL = 8 };

struct session *session_create(struct http *http, const struct session_settings *settings) {
    struct session *session = memory_new(1, sizeof *session);
    access_init(&session->access, http, settings);
    session->token_path = memory_string(settings->token_path);
    session->read_only = settings->read_only;
    session->user = memory_string("");
    session->settle_after = settings->settle_after_ms ? settings->settle_after_ms : SETTLE_AFTER_MS;
    session->parallel = settings->parallel ? settings->parallel : PARALLEL;
    buffer_init(&session->text);
    batch_release(session); /* it begins with none */
    buffer_init(&session->happening);
    buffer_init(&session->remark);
    buffer_init(&session->unsettled.settled_text);
    session->next = "";
    session->profile = memory_string(settings->profile ? settings->profile : "");
    session->record.wait_ms =
        settings->journal_wait_ms ? settings->journal_wait_ms : JOURNAL_WAIT_MS;
    session->record.path = settings->journal_path ? memory_string(settings->journal_path) : NULL;
    access_open(session);
    return session;
}

void session_destroy(struct session *session) {
    if (session == NULL)
        return;
    session_stop(session);
    record_finish(session);
    batch_release(session);
    unsettled_finish(session);
    access_finish(&session->access);
    infinstor_destroy(session->infinstor);
    table_destroy(session->table);
    table_destroy(session->retired);
    buffer_finish(&session->text);
    buffer_finish(&session->happening);
    buffer_finish(&session->remark);
    buffer_finish(&session->unsettled.settled_text);
    log_finish(&session->log);
    journal_close(session->record.journal);
    free(session->record.path);
    free(session->profile);
    free(session->recovery.host);
    free(session->token_path);
    free(session->user);
    for (int i = 0; i < ACCOUNT_COUNT; i++)
        memory_free_wiped(session->account[i]);
    free(session);
}

/* ---- what is seen ---------------------------------------------------------------------------- */

unsigned long session_serial(const struct session *session) {
    return session->serial;
}

void session_status(const struct session *session, struct session_status *status) {
    const struct load *load = &session->load;
    *status = (struct session_status){
        .loading = load_is_busy(session),
        .began = load->began,
        .rows = load->table ? table_count(load->table) : 0,
        .as_of = session->as_of,
        .trouble = session->trouble,
        .text = session->text.data,
        .next = session->next,
        .happening = session->happening.data,
        .remark = session->remark.data,
        .excerpt = session->excerpt,
        .retry_at = load_retries(session->trouble) ? session->retry_at : 0,
        .user = session->user,
    };
    if (load->call != NULL)
        infinstor_progress(load->call, &status->received, &status->expected);
}

struct table *session_table(const struct session *session) {
    return session->table;
}

bool session_is_partial(const struct session *session) {
    return session->table != NULL && session->as_of == 0;
}

unsigned long session_table_serial(const struct session *session) {
    return session->table_serial;
}

const char *session_account(const struct session *session, enum account_member member) {
    return session->account[member] ? session->account[member] : "";
}

const char *session_token_path(const struct session *session) {
    return session->token_path;
}

const char *session_change_url(const struct session *session) {
    return infinstor_change_url(session->infinstor);
}

/* ---- what is done ---------------------------------------------------------------------------- */

bool session_is_busy(const struct session *session) {
    return load_is_busy(session) || door_is_busy(session);
}

void session_load(struct session *session) {
    if (session_is_busy(session))
        return;
    session->retries = 0;
    load_start(session);
}

void session_cancel(struct session *session) {
    session->retry_at = 0;
    bool loading = load_is_busy(session);
    if (loading)
        load_stop(session);
    if (door_is_busy(session))
        door_stop(session, false);
    session->serial++;
}

void session_stop(struct session *session) {
    load_drop(session);
    if (door_is_busy(session))
        door_stop(session, true);
}

int session_tick(struct session *session) {
    unsigned long before = session->serial;
    table_destroy(session->retired);
    session->retired = NULL;
    int wait =
        door_is_busy(session) && !load_is_busy(session) ? door_tick(session) : load_tick(session);
    int records = record_tick(session);
    if (records >= 0 && (wait < 0 || records < wait))
        wait = records;
    int recovery = recovery_tick(session);
    if (recovery >= 0 && (wait < 0 || recovery < wait))
        wait = recovery;
    return session->serial != before ? 0 : wait;
}

bool session_is_read_only(const struct session *session) {
    return session->read_only;
}

void session_set_read_only(struct session *session) {
    if (!session->read_only)
        log_line(session, "this sitting is read-only from here");
    session->read_only = true;
}

bool session_tighten_token(struct session *session, struct error *error) {
    if (!token_tighten(session->token_path, error))
        return false;
    log_line(session, "chmod 600 %s", session->token_path);
    session_load(session);
    return true;
}
