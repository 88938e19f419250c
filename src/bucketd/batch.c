#include "batch.h"

#include <stdlib.h>
#include <time.h>

#include "amend.h"
#include "answer.h"
#include "match.h"
#include "pail/base/memory.h"

enum { PATIENCE_MAX_US = 2000 };

struct waiting {
    struct waiting *next;
    struct MHD_Connection *connection;
    struct form form;
    struct buffer demand;
    enum amend_end end;
    struct error error;
};

static int64_t now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* ---- taking ---------------------------------------------------------------------------------- */

void batch_init(struct batch *batch, struct store *store) {
    *batch = (struct batch){.store = store};
    batch->end = &batch->first;
}

static struct waiting *create(struct MHD_Connection *connection) {
    struct waiting *waiting = memory_new(1, sizeof *waiting);
    waiting->connection = connection;
    form_init(&waiting->form);
    buffer_init(&waiting->demand);
    return waiting;
}

static void destroy(struct waiting *waiting) {
    form_finish(&waiting->form);
    buffer_finish(&waiting->demand);
    free(waiting);
}

static void enqueue(struct batch *batch, struct waiting *waiting) {
    if (batch->first == NULL)
        batch->since_us = now_us();
    *batch->end = waiting;
    batch->end = &waiting->next;
    batch->count++;
    MHD_suspend_connection(waiting->connection);
}

enum MHD_Result batch_take(struct batch *batch, struct MHD_Connection *connection,
                           const struct buffer *body) {
    struct waiting *waiting = create(connection);
    if (form_read(&waiting->form, connection, body, &waiting->error) &&
        match_read(&waiting->demand, connection, &waiting->error)) {
        enqueue(batch, waiting);
        return MHD_YES;
    }
    enum MHD_Result result = answer_text(connection, MHD_HTTP_BAD_REQUEST, waiting->error.text);
    destroy(waiting);
    return result;
}

/* ---- when ------------------------------------------------------------------------------------ */

/* Those who got their answers together are about to send their next changes together: without
 * patience the first of them would have a commit of its own, and all others wait for it. */
int64_t batch_patience_us(const struct batch *batch) {
    if (batch->first == NULL)
        return -1;
    int64_t patience = batch->count >= batch->usual ? 0 : batch->commit_us / 4;
    if (patience > PATIENCE_MAX_US)
        patience = PATIENCE_MAX_US;
    if (patience < batch->hold_us)
        patience = batch->hold_us;
    int64_t left = batch->since_us + patience - now_us();
    return left > 0 ? left : 0;
}

/* As long as every look finds further changes, it looks again: a connection has one at most. */
bool batch_is_due(struct batch *batch) {
    bool grew = batch->count > batch->seen;
    batch->seen = batch->count;
    return batch->first && !grew && batch_patience_us(batch) == 0;
}

/* ---- committing ------------------------------------------------------------------------------ */

static bool carry_out(struct batch *batch, struct error *error) {
    if (!store_begin(batch->store, error))
        return false;
    for (struct waiting *waiting = batch->first; waiting; waiting = waiting->next) {
        waiting->end = amend(batch->store, &waiting->form, waiting->demand.data, &waiting->error);
        if (waiting->end == AMEND_FAILED) {
            *error = waiting->error;
            store_rollback(batch->store);
            return false;
        }
    }
    return store_commit(batch->store, error);
}

static void answer(struct waiting *waiting) {
    static const unsigned status[] = {
        [AMEND_REFUSED] = MHD_HTTP_BAD_REQUEST,
        [AMEND_UNMATCHED] = MHD_HTTP_PRECONDITION_FAILED,
        [AMEND_FAILED] = MHD_HTTP_INTERNAL_SERVER_ERROR,
    };
    if (waiting->end == AMEND_DONE)
        answer_json(waiting->connection, "{}");
    else
        answer_text(waiting->connection, status[waiting->end], waiting->error.text);
    MHD_resume_connection(waiting->connection);
}

/* error: what failed for all, or NULL. */
static void answer_all(struct batch *batch, const struct error *error) {
    struct waiting *next = NULL;
    for (struct waiting *waiting = batch->first; waiting; waiting = next) {
        next = waiting->next;
        if (error) {
            waiting->end = AMEND_FAILED;
            waiting->error = *error;
        }
        answer(waiting);
        destroy(waiting);
    }
}

void batch_commit(struct batch *batch) {
    struct error error = {""};
    int64_t start_us = now_us();
    bool ok = carry_out(batch, &error);
    batch->commit_us = now_us() - start_us;
    answer_all(batch, ok ? NULL : &error);
    batch->usual = batch->count;
    batch->count = batch->seen = 0;
    batch->first = NULL;
    batch->end = &batch->first;
}
