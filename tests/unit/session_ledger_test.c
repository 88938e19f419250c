/* A service of four buckets that keeps a ledger of what it did, walked by chance: answers get lost,
 * requests take effect late, listings lag, somebody else changes entries, pail is left or killed
 * and started again. Whatever pail claims must agree with the ledger:
 *
 *   each change is sent once at most · applied: it was · refused, not sent or in conflict: it never
 *   was, and never will be.
 *
 * What somebody else writes is never what pail wants nor what was there before, and no listing is
 * older than the one before it: the table alone couldn't tell then (doc/safety.md). */
#include "session_stage.h"

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pail/session/journal.h"

enum {
    WALKS = 150,
    LONG_WALKS = 20000,
    STEPS = 250,
    BUCKETS = 4,
    OPS = 400,
    LATEST = SETTLE_AFTER - 3000,
    LAG = 2000
};

static unsigned choose(unsigned *seed, unsigned count) {
    *seed = *seed * 1103515245U + 12345U; /* the C standard's example */
    return (*seed >> 16) % count;
}

/* ---- the service ----------------------------------------------------------------------------- */

struct entry {
    bool there;
    int endpoint, version; /* endpoint 7 is "http://7" */
};

struct op { /* one change that was submitted */
    size_t bucket;
    char body[256];
    int posts, version; /* of If-Match; -1: none */
    bool landed;
    int64_t lands_at; /* 0: it isn't waiting */
    char id[JOURNAL_ID_SIZE];
};

static struct {
    struct entry now[BUCKETS];
    struct {
        int64_t at;
        struct entry entries[BUCKETS];
    } past[4096];
    size_t past_count, shown; /* shown: how many of them the last listing knew */
    struct op ops[OPS];
    size_t count, batch; /* batch: the first of the last batch */
    int fresh;           /* the next endpoint that nobody has used */
    bool versions;
    unsigned *seed;
} world;

static void remember(void) {
    assert_true(world.past_count < sizeof world.past / sizeof *world.past);
    world.past[world.past_count].at = fake.ms;
    memcpy(world.past[world.past_count++].entries, world.now, sizeof world.now);
}

/* What a listing shows that lags by up to that much, but doesn't go back behind another one. */
static const struct entry *seen(int64_t lag) {
    size_t i = world.past_count;
    while (i > world.shown && world.past[i - 1].at > fake.ms - lag)
        i--;
    world.shown = i;
    return world.past[i - 1].entries;
}

static char *rows_of(const struct entry *entries) {
    struct buffer rows;
    buffer_init(&rows);
    for (size_t i = 0; i < BUCKETS; i++) {
        if (!entries[i].there)
            continue;
        buffer_printf(&rows,
                      "%s{\"bucketname\":\"b%zu\",\"cloud\":\"minio\",\"accessKeyId\":\"K\","
                      "\"endpoint\":\"http://%d\"",
                      rows.length ? "," : "", i, entries[i].endpoint);
        if (world.versions)
            buffer_printf(&rows, ",\"etag\":\"%d\"", entries[i].version);
        buffer_append_char(&rows, '}');
    }
    return buffer_steal(&rows);
}

static bool body_has(const char *body, const char *text) {
    return strstr(body, text) != NULL;
}

/* It takes effect, unless it can't any more. */
static void land(struct op *op) {
    struct entry *entry = &world.now[op->bucket];
    bool add = body_has(op->body, "op=add"), remove = body_has(op->body, "op=delete");
    op->lands_at = 0;
    if ((!add && !entry->there) ||
        (op->version >= 0 && (!entry->there || entry->version != op->version)))
        return;
    op->landed = true;
    entry->there = !remove;
    entry->version++;
    const char *endpoint = strstr(op->body, "endpoint=http%3A%2F%2F");
    if (endpoint != NULL)
        entry->endpoint = (int)strtol(endpoint + strlen("endpoint=http%3A%2F%2F"), NULL, 10);
    remember();
}

static void pass(int64_t ms) {
    for (int64_t i = 0; i < ms; i += 100) {
        fake.ms += 100;
        for (size_t o = 0; o < world.count; o++)
            if (world.ops[o].lands_at != 0 && world.ops[o].lands_at <= fake.ms)
                land(&world.ops[o]);
    }
}

/* The op of the batch under way that this POST is of. */
static struct op *op_of(const char *body) {
    for (size_t i = world.batch; i < world.count; i++)
        if (strcmp(world.ops[i].body, body) == 0)
            return &world.ops[i];
    fail_msg("nobody submitted %s", body);
    return NULL;
}

static void count_post(const struct infinstor_call *call) {
    struct op *op = op_of(call->body);
    op->version = call->if_match[0] ? (int)strtol(call->if_match, NULL, 10) : -1;
    assert_int_equal(++op->posts, 1);
}

/* Nobody learns what it did: at once, late, or never. */
static void leave_open(struct op *op) {
    unsigned fate = choose(world.seed, 3);
    if (fate == 0)
        land(op);
    else if (fate == 1)
        op->lands_at = fake.ms + 1 + choose(world.seed, LATEST);
}

static void drop_post(const struct infinstor_call *call, enum http_end end) {
    if (end != HTTP_NOT_SENT)
        leave_open(op_of(call->body));
}

static void somebody_else(void) {
    struct entry *entry = &world.now[choose(world.seed, BUCKETS)];
    if (!entry->there)
        return;
    if (choose(world.seed, 3))
        entry->endpoint = world.fresh++;
    entry->version++; /* else it was a secret */
    remember();
}

/* ---- what pail does -------------------------------------------------------------------------- */

static struct change *any_change(const struct entry *seen_entry, size_t index, struct op *op) {
    char name[24], old[32], new[32];
    char version[16];
    struct bucket opened, wanted;
    enum secret_choice secrets[FIELD_COUNT] = {SECRET_KEEP};
    snprintf(name, sizeof name, "b%zu", index);
    snprintf(old, sizeof old, "http://%d", seen_entry->endpoint);
    snprintf(version, sizeof version, "%d", seen_entry->version);
    snprintf(new, sizeof new, "http://%d", world.fresh++);
    opened = entry(old);
    opened.value[FIELD_NAME] = name;
    opened.value[FIELD_ETAG] = world.versions ? version : "";
    wanted = opened;
    wanted.value[FIELD_ENDPOINT] = new;
    struct change *change;
    size_t length;
    unsigned kind = choose(world.seed, 8);
    if (!seen_entry->there)
        change = change_add(&wanted, NULL);
    else if (kind == 0)
        change = change_add(&wanted, &opened);
    else if (kind < 3)
        change = change_delete(&opened);
    else {
        if (kind == 3)
            wanted.value[FIELD_ENDPOINT] = old;
        if (kind < 5) {
            wanted.value[FIELD_SECRET_ACCESS_KEY] = new;
            secrets[FIELD_SECRET_ACCESS_KEY] = SECRET_REPLACE;
        }
        change = change_edit(&opened, &wanted, secrets);
    }
    *op = (struct op){.bucket = index, .version = -1};
    snprintf(op->body, sizeof op->body, "%s", change_body(change, &length));
    return change;
}

static void submit_some(struct session *session) {
    struct change *changes[BUCKETS];
    struct op ops[BUCKETS];
    size_t count = 0, most = choose(world.seed, 2) ? 1 : BUCKETS;
    const struct entry *entries = world.past[world.shown - 1].entries;
    for (size_t i = choose(world.seed, BUCKETS); i < BUCKETS && count < most; i++, count++)
        changes[count] = any_change(&entries[i], i, &ops[count]);
    if (world.count + count > OPS ||
        !session_submit_all(session, changes, count,
                            &(struct submit_options){.stop_on_error = choose(world.seed, 4) == 0},
                            NULL)) {
        for (size_t i = 0; i < count; i++)
            change_destroy(changes[i]);
        return;
    }
    world.batch = world.count;
    memcpy(&world.ops[world.count], ops, count * sizeof *ops);
    world.count += count;
}

/* ---- answers --------------------------------------------------------------------------------- */

static void answer_a_post(void) {
    struct infinstor_call *call = fake.change;
    struct op *op = op_of(call->body);
    const struct entry *entry = &world.now[op->bucket];
    enum answer_kind kind = (enum answer_kind)choose(world.seed, ANSWER_UNKNOWN + 1);
    if (choose(world.seed, 3) == 0)
        kind = ANSWER_OK;
    bool fits = op->version < 0 || (entry->there && entry->version == op->version);
    if (kind == ANSWER_OK || kind == ANSWER_UNMATCHED) {
        kind = fits ? ANSWER_OK : ANSWER_UNMATCHED;
        if (fits)
            land(op);
        if (fits && !op->landed)
            kind = ANSWER_REFUSED; /* of an entry that is gone */
    } else if (kind == ANSWER_TROUBLED || kind == ANSWER_UNREADABLE || kind == ANSWER_UNKNOWN)
        leave_open(op);
    answer_change(kind, 500, "what it says");
}

static void answer_a_reading(void) {
    if (choose(world.seed, 6) == 0) {
        fail_list(ANSWER_UNKNOWN, 0, "connection reset");
        return;
    }
    char *rows = rows_of(seen(choose(world.seed, 3) ? 0 : choose(world.seed, LAG)));
    answer_rows(rows);
    free(rows);
}

/* ---- the walk -------------------------------------------------------------------------------- */

static char journal_file[128];

static struct session *sit_down(void) {
    struct session_settings settings = usual;
    settings.journal_path = journal_file;
    settings.parallel = 1 + (int)choose(world.seed, 3);
    return session_create(NULL, &settings);
}

/* pail is left, or killed: what it would have written at its end isn't in the journal then. */
static void start_again(struct session **session) {
    struct stat info = {.st_size = 0};
    bool killed = choose(world.seed, 2) && stat(journal_file, &info) == 0;
    session_destroy(*session);
    if (killed)
        assert_int_equal(truncate(journal_file, info.st_size), 0);
    *session = sit_down();
}

static void step(struct session **session) {
    switch (choose(world.seed, 16)) {
    case 0:
        session_load(*session);
        break;
    case 1:
        fake.cancelled_change = choose(world.seed, 3) ? HTTP_UNKNOWN : HTTP_NOT_SENT;
        session_cancel(*session);
        break;
    case 2:
        session_pause(*session, choose(world.seed, 2));
        break;
    case 3:
        pass(choose(world.seed, choose(world.seed, 3) ? 2000 : 2 * SETTLE_AFTER));
        break;
    case 4:
        somebody_else();
        break;
    case 5:
        if (choose(world.seed, 6) == 0)
            start_again(session);
        break;
    case 6:
        submit_some(*session);
        break;
    case 7:
    case 8:
    case 9:
        session_tick(*session);
        break;
    default:
        if (fake.change != NULL)
            answer_a_post();
        else if (fake.list != NULL)
            answer_a_reading();
    }
}

/* Ids are known once the intent is written, and change if it is given back. */
static void take_ids(const struct session *session) {
    struct submission submission;
    session_submission(session, &submission);
    for (size_t i = 0; i < submission.count; i++) {
        struct submission_item item;
        session_submission_item(session, i, &item);
        memcpy(world.ops[world.batch + i].id, item.id, strlen(item.id) + 1);
    }
}

static void check_claim(const struct op *op, enum journal_state state, const char *text) {
    bool never = state == JOURNAL_REFUSED || state == JOURNAL_NOT_SENT || state == JOURNAL_CONFLICT;
    if (state == JOURNAL_APPLIED ? !op->landed : never && (op->landed || op->lands_at != 0))
        fail_msg("%s: %s, but %s: %s", op->body, journal_state_names[state],
                 op->landed     ? "it was applied"
                 : op->lands_at ? "it will be"
                                : "it never was",
                 text);
}

static size_t check_claims(struct session *session) {
    size_t open = 0;
    struct journal *journal = session_journal(session);
    for (size_t i = 0; i < world.count; i++) {
        const struct op *op = &world.ops[i];
        const struct journal_record *record = journal_find(journal, op->id);
        if (record == NULL) {
            if (op->posts > 0)
                fail_msg("%s (%s) was sent, and isn't in the journal", op->body, op->id);
            continue;
        }
        check_claim(op, record->state, record->text);
        open += !journal_is_settled(record->state);
    }
    return open;
}

/* What the screen says of the last batch. */
static void check_items(const struct session *session) {
    static const enum journal_state states[OUTCOME_COUNT] = {
        JOURNAL_APPLIED, JOURNAL_REFUSED, JOURNAL_NOT_SENT, JOURNAL_CONFLICT, JOURNAL_UNKNOWN};
    struct submission submission;
    session_submission(session, &submission);
    size_t sum = submission.waiting + submission.under_way + submission.answered;
    for (int i = 0; i < OUTCOME_COUNT; i++)
        sum += submission.tally[i];
    assert_int_equal(sum, submission.count);
    for (size_t i = 0; i < submission.count; i++) {
        struct submission_item item;
        session_submission_item(session, i, &item);
        if (item.state == ITEM_DONE)
            check_claim(&world.ops[world.batch + i], states[item.outcome], item.text);
    }
}

static void begin_world(unsigned *seed) {
    memset(&world, 0, sizeof world);
    world.seed = seed;
    world.versions = choose(seed, 2);
    world.fresh = 1;
    for (size_t i = 0; i + 1 < BUCKETS; i++)
        world.now[i] = (struct entry){true, world.fresh++, 1};
    reset_fake();
    fake.posted = count_post;
    fake.dropped = drop_post;
    remember();
    world.shown = 1;
}

static void clear_journal(void) {
    static const char *const suffixes[] = {"", ".lock", ".running"};
    char name[160];
    for (size_t i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "%s%s", journal_file, suffixes[i]);
        unlink(name);
    }
}

/* All that readings can settle is settled in the end; the rest is still to be seen. */
static size_t end_walk(struct session *session) {
    for (int i = 0; i < 400 && (session_is_busy(session) || i < 40); i++) {
        session_pause(session, false);
        if (fake.change != NULL)
            answer_a_post();
        else if (fake.list != NULL)
            answer_a_reading();
        else {
            pass(3000);
            session_tick(session);
        }
        take_ids(session);
    }
    assert_false(session_is_busy(session));
    size_t open = check_claims(session);
    assert_int_equal(open, session_unsettled(session));
    return open;
}

static void every_claim_agrees_with_the_ledger(void **state) {
    (void)state;
    size_t ops = 0, posts = 0, open = 0;
    const unsigned walks = tests_are_long() ? LONG_WALKS : WALKS;
    for (unsigned walk = 0; walk < walks; walk++) {
        unsigned seed = walk;
        begin_world(&seed);
        clear_journal();
        struct session *session = sit_down();
        for (int i = 0; i < STEPS; i++) {
            step(&session);
            take_ids(session);
            check_items(session);
            if (i % 8 == 0)
                check_claims(session);
        }
        open += end_walk(session);
        ops += world.count;
        for (size_t i = 0; i < world.count; i++)
            posts += (size_t)world.ops[i].posts;
        session_destroy(session);
    }
    print_message("# ledger: %u walks, %zu changes, %zu sent, %zu unknown in the end, 0 "
                  "disagreements\n",
                  walks, ops, posts, open);
    assert_true(posts > walks);
}

/* ---- the folder ------------------------------------------------------------------------------ */

static int open_folder(void **state) {
    static char folder[64] = "/dev/shm/pail-ledger-XXXXXX"; /* where an fsync costs nothing */
    if (mkdtemp(folder) == NULL) {
        snprintf(folder, sizeof folder, "/tmp/pail-ledger-XXXXXX");
        assert_non_null(mkdtemp(folder));
    }
    snprintf(journal_file, sizeof journal_file, "%s/journal.jsonl", folder);
    *state = folder;
    return 0;
}

static int close_folder(void **state) {
    clear_journal();
    return rmdir(*state);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_claim_agrees_with_the_ledger),
    };
    return cmocka_run_group_tests_name("session_ledger", tests, open_folder, close_folder);
}
