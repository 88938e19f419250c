/*
 * Three pails add, modify and delete by chance at one bucketd, through a proxy that goes wrong by
 * chance (proxy.h). In the end each claim, of a submission's outcome, of the journal's last outcome
 * and of an exit status, is compared with what the proxy knows that bucketd did:
 *
 *   each change arrives once at most · applied: once · refused, not sent, in conflict: never ·
 *   unknown: once at most · not sent: it didn't even arrive;
 *   what arrived was checked by a reading that showed what the change was made from;
 *   where entries have a version, the one that was replaced is the one that it was made from.
 *
 * Two things no reading of a table can tell: who deleted an entry that is gone, and whether a new
 * entry was there before somebody else deleted it. So in runs that are `owned` only one pail adds
 * and deletes an entry (all change it), and there is no exception; in the others such claims are
 * counted, if the other pail's delete is found in the book.
 *
 * PAIL_LEDGER_SEED=N chooses the seed, PAIL_LEDGER_OPS=N the number of operations of sittings, and
 * PAIL_LEDGER_COMMANDS=N that of commands. The processes run side by side, so a seed gives the same
 * plans, not the same order.
 */
#include "../unit/tests.h"

#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pail.h"
#include "pail/base/clock.h"
#include "pail/base/memory.h"
#include "proxy.h"

enum { SHOWN_AT_MOST = 6, RUN_LIMIT_MS = 1200000, AT_A_TIME = 4, ENOUGH = 400 };

static char programs[400]; /* the folder of pail and bucketd */
static unsigned long first_seed;

struct totals {
    size_t ops, sent, applied, late, dropped, readings, spoilt, disagreements;
    size_t fates[FATE_COUNT], states[JOURNAL_STATES], statuses[10];
    size_t twins, masked;             /* claims that another pail's delete made untrue */
    size_t versioned, modified;       /* applied changes of an entry that was there */
    size_t unseen, unseen_late, told; /* of those without versions: overwritten in the window */
    size_t new_ones, new_unseen;      /* adds of new entries */
    int64_t longest_window_ms;        /* of the last three */
};
static struct totals totals; /* of this run */

/* A run is a process, and the test sees its status. */
static void must(bool good, const char *what) {
    if (good)
        return;
    fprintf(stderr, "ledger: %s\n", what);
    _exit(3);
}

/* ---- bucketd --------------------------------------------------------------------------------- */

static pid_t bucketd;

static void write_token_file(const char *path) {
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    must(file >= 0 && write(file, "admin-token\n", 12) == 12, "no token file");
    close(file);
}

static void be_bucketd(const struct book *book, int out) {
    char db[96], token[96];
    snprintf(db, sizeof db, "%s/buckets.db", book->folder);
    snprintf(token, sizeof token, "%s/admin", book->folder);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(out, 1);
    execl(book->bucketd, "bucketd", "--db", db, "--listen", "127.0.0.1:0", "--admin-token-file",
          token, (char *)NULL);
    _exit(127);
}

/* Returns its port. */
static int start_bucketd(const struct book *book) {
    char token[96], line[128] = "";
    int ends[2];
    size_t length = 0;
    snprintf(token, sizeof token, "%s/admin", book->folder);
    write_token_file(token);
    must(pipe2(ends, O_CLOEXEC) == 0 && (bucketd = fork()) >= 0, "no process");
    if (bucketd == 0)
        be_bucketd(book, ends[1]);
    close(ends[1]);
    struct pollfd file = {ends[0], POLLIN, 0};
    while (strchr(line, '\n') == NULL && length + 1 < sizeof line && poll(&file, 1, 20000) == 1) {
        ssize_t got = read(ends[0], line + length, sizeof line - 1 - length);
        if (got <= 0)
            break;
        line[length += (size_t)got] = '\0';
    }
    close(ends[0]);
    const char *colon = strrchr(line, ':');
    must(colon != NULL, "bucketd did not start");
    return book_number(colon + 1);
}

static void stop_bucketd(void) {
    int status = 0;
    kill(bucketd, SIGTERM);
    must(waitpid(bucketd, &status, 0) == bucketd && status == 0, "bucketd did not end well");
}

/* ---- the pails ------------------------------------------------------------------------------- */

typedef void work_fn(struct book *book, int pail);

static pid_t start_pail(struct book *book, work_fn *work, int pail) {
    pid_t child = fork();
    must(child >= 0, "no process");
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        work(book, pail);
        _exit(0);
    }
    return child;
}

/* Serves them until all have ended and nothing late is left. */
static void serve(struct proxy *proxy, pid_t *pails, int count) {
    int64_t began = clock_ms();
    int running = count, status = 0;
    while (running > 0 || proxy_late(proxy) > 0) {
        proxy_turn(proxy, 20);
        for (int i = 0; i < count; i++) {
            if (pails[i] == 0 || waitpid(pails[i], &status, WNOHANG) != pails[i])
                continue;
            pails[i] = 0;
            running--;
            must(status == 0, "a pail did not end well");
        }
        must(clock_ms() - began < RUN_LIMIT_MS, "no end");
    }
}

static void work(struct book *book, struct proxy *proxy, work_fn *work_of_one, int count) {
    pid_t pails[PAILS] = {0};
    for (int i = 0; i < count; i++)
        pails[i] = start_pail(book, work_of_one, i);
    serve(proxy, pails, count);
}

/* ---- the journals ---------------------------------------------------------------------------- */

static bool take_record(void *context, const struct journal_record *record) {
    struct book *book = context;
    int first = book_number_behind("op-", record->reason);
    int bucket = book_number_behind("b", record->bucket);
    for (int i = first; i >= 0 && i < OPS && i < first + BATCH; i++) {
        struct op *op = &book->ops[i];
        if (!op->submitted || op->first != first || op->bucket != bucket)
            continue;
        /* What was given back says not sent, and another intent follows. */
        op->records++;
        op->state = record->state;
        snprintf(op->final, sizeof op->final, "%s", record->text);
    }
    return true;
}

static void read_journals(struct book *book) {
    struct error error = {""};
    for (int i = 0; i < (book->run.one_journal ? 1 : PAILS); i++) {
        char path[128];
        struct journal_check check;
        pail_journal_path(book, i, path, sizeof path);
        must(journal_verify(path, &check, &error) && journal_each(path, take_record, book, &error),
             error.text);
    }
}

/* ---- claims ---------------------------------------------------------------------------------- */

static void disagree(const struct book *book, const struct op *op, const char *what,
                     const char *text) {
    if (totals.disagreements++ >= SHOWN_AT_MOST)
        return;
    fprintf(stderr,
            "seed %lu%s%s: op %d, pail %d, %s b%d: %s: \"%s\"; arrived %d, %s; applied %d (serial "
            "%d in place of %d; checked %d)\n",
            book->run.seed, book->run.versions ? ", versions" : "",
            book->run.owned ? ", owned" : "", (int)(op - book->ops), op->pail,
            change_op_names[op->kind], op->bucket, what, text, op->arrived, fate_words[op->fate],
            op->applied, op->serial, op->replaced.serial, op->check.serial);
}

/* Its pail has heard a whole answer that says yes or no. */
static bool was_told(const struct op *op) {
    return op->clear && !op->deaf;
}

/* Another operation's delete of that bucket that took place after the reading before. */
static bool another_deleted(const struct book *book, const struct op *op) {
    for (int serial = op->check.serial + 1; serial <= book->serial; serial++) {
        const struct op *other = &book->ops[book->made[serial]];
        if (other != op && other->bucket == op->bucket && other->kind == CHANGE_DELETE &&
            other->pail != op->pail)
            return true;
    }
    return false;
}

static void check_applied(const struct book *book, const struct op *op, const char *text) {
    if (op->applied == 1)
        return;
    if (!book->run.owned && op->kind == CHANGE_DELETE && !was_told(op) && op->arrived == 1 &&
        another_deleted(book, op))
        totals.twins++;
    else
        disagree(book, op, "claimed applied", text);
}

static void check_never(const struct book *book, const struct op *op, const char *what,
                        const char *text) {
    if (op->applied == 0)
        return;
    if (!book->run.owned && op->kind != CHANGE_DELETE && !op->check.shown.there && !was_told(op) &&
        another_deleted(book, op))
        totals.masked++;
    else
        disagree(book, op, what, text);
}

static void check_state(const struct book *book, const struct op *op, enum journal_state state,
                        const char *text) {
    if (state == JOURNAL_APPLIED)
        check_applied(book, op, text);
    else if (state == JOURNAL_REFUSED || state == JOURNAL_CONFLICT)
        check_never(book, op, "claimed not applied", text);
    else if (state == JOURNAL_NOT_SENT && op->arrived > 0)
        disagree(book, op, "claimed not sent", text);
}

static void check_outcome(const struct book *book, const struct op *op) {
    static const enum journal_state states[OUTCOME_COUNT] = {
        [OUTCOME_APPLIED] = JOURNAL_APPLIED,   [OUTCOME_REFUSED] = JOURNAL_REFUSED,
        [OUTCOME_NOT_SENT] = JOURNAL_NOT_SENT, [OUTCOME_CONFLICT] = JOURNAL_CONFLICT,
        [OUTCOME_UNKNOWN] = JOURNAL_UNKNOWN,
    };
    if (op->outcome != NO_CLAIM)
        check_state(book, op, states[op->outcome], op->text);
}

/* The manual's exit statuses: 0 applied; 1 refused, 2 wrong usage, 3 no such bucket, 4 login, 6
 * conflict, 8 no connection: not applied; 5 unknown. */
static void check_status(const struct book *book, const struct op *op) {
    char text[32];
    if (op->status == NO_CLAIM || (op->status != 0 && !op->alone))
        return;
    snprintf(text, sizeof text, "exit status %d", op->status);
    if (op->status == 0)
        check_applied(book, op, text);
    else if (op->status != 5)
        check_never(book, op, "claimed not applied", text);
    totals.statuses[op->status < 9 ? op->status : 9]++;
}

static void check_record(const struct book *book, const struct op *op) {
    if (op->arrived > 0 && op->records == 0)
        disagree(book, op, "it isn't in the journal", "");
    if (op->records == 0)
        return;
    check_state(book, op, op->state, op->final);
    totals.states[op->state]++;
    if (op->state == JOURNAL_OPEN)
        disagree(book, op, "it is still open in the journal", "");
}

/* ---- what a change was made from ------------------------------------------------------------- */

static bool looks_same(const struct run *run, const struct shown *a, const struct shown *b) {
    return a->there == b->there &&
           (!a->there || (a->endpoint == b->endpoint && a->key == b->key &&
                          (!run->versions || strcmp(a->etag, b->etag) == 0)));
}

static bool says_that_it_overwrote(const struct op *op) {
    return op->state == JOURNAL_UNKNOWN;
}

/* It was applied to another state than the reading before had shown: changes of others lie between
 * the two, or of an earlier one of its own that was late. */
static void check_window(const struct book *book, const struct op *op) {
    bool new = !op->check.shown.there;
    if (new && !op->replaced.shown.there)
        return; /* it came and went */
    /* An empty listing doesn't tell that there are versions. */
    if (book->run.versions && (!new || op->others)) {
        disagree(book, op, "it overwrote another version than it was made from", op->final);
        return;
    }
    for (int serial = op->check.serial + 1; serial <= op->replaced.serial; serial++) {
        const struct op *other = &book->ops[book->made[serial]];
        if (other->bucket == op->bucket &&
            (other->applied_ms < op->check_ms || other->applied_ms > op->applied_ms))
            disagree(book, op, "it overwrote what the reading before must have shown", op->final);
    }
    int64_t window = op->applied_ms - op->check_ms;
    bool told = says_that_it_overwrote(op);
    if (window > totals.longest_window_ms)
        totals.longest_window_ms = window;
    if (new)
        totals.new_unseen++;
    else if (told)
        totals.told++;
    else
        totals.unseen++;
    totals.unseen_late += !new && !told && op->fate == FATE_LATE;
}

static void check_basis(const struct book *book, const struct op *op) {
    if (op->arrived == 0)
        return;
    if (!op->checked)
        disagree(book, op, "sent without a reading before", "");
    else if (op->opened_is_known && !looks_same(&book->run, &op->opened, &op->check.shown))
        disagree(book, op, "sent although the reading before showed another entry", "");
    if (op->applied == 0)
        return;
    if (!op->check.shown.there)
        totals.new_ones++;
    else if (book->run.versions)
        totals.versioned++;
    else
        totals.modified++;
    if (op->check.serial != op->replaced.serial)
        check_window(book, op);
}

static void check_all(const struct book *book) {
    for (int i = 0; i < book->run.ops; i++) {
        const struct op *op = &book->ops[i];
        if (!op->submitted)
            continue;
        totals.ops++;
        totals.sent += op->arrived > 0;
        totals.applied += (size_t)op->applied;
        if (op->arrived > 1 || op->applied > 1)
            disagree(book, op, "it arrived more than once", "");
        check_outcome(book, op);
        check_status(book, op);
        check_record(book, op);
        check_basis(book, op);
    }
    must(book->strange == 0, book->strange_text);
}

/* ---- a run ----------------------------------------------------------------------------------- */

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *ftw) {
    (void)info, (void)kind, (void)ftw;
    return remove(path);
}

static struct book *open_book(const struct run *run) {
    struct book *book =
        mmap(NULL, sizeof *book, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    must(book != MAP_FAILED, "no memory");
    book->run = *run;
    book->limit_ms = run->commands ? 1000 : 200;
    book->settle_after_ms = run->commands ? 1000 : 700;
    snprintf(book->bucketd, sizeof book->bucketd, "%s/bucketd", programs);
    snprintf(book->pail, sizeof book->pail, "%s/pail", programs);
    /* Where an fsync costs nothing. */
    snprintf(book->folder, sizeof book->folder, "/dev/shm/pail-ledger-XXXXXX");
    if (mkdtemp(book->folder) == NULL) {
        snprintf(book->folder, sizeof book->folder, "/tmp/pail-ledger-XXXXXX");
        must(mkdtemp(book->folder) != NULL, "no folder");
    }
    return book;
}

static void take_figures(const struct book *book) {
    totals.late += (size_t)book->late;
    totals.dropped += (size_t)book->dropped;
    totals.readings += (size_t)book->readings;
    totals.spoilt += (size_t)book->spoilt;
    for (int i = 0; i < FATE_COUNT; i++)
        totals.fates[i] += (size_t)book->fates[i];
}

static void play(const struct run *run) {
    struct book *book = open_book(run);
    struct proxy *proxy = proxy_create(book, start_bucketd(book));
    work(book, proxy, run->commands ? pail_command : pail_work, PAILS);
    book->calm = true;
    work(book, proxy, pail_settle, run->one_journal ? 1 : PAILS);
    proxy_compare(proxy);
    proxy_destroy(proxy);
    stop_bucketd();
    read_journals(book);
    check_all(book);
    take_figures(book);
    nftw(book->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    munmap(book, sizeof *book);
}

/* Several at a time: they mostly wait. */
static void play_runs(const struct run *runs, struct totals *results, size_t count) {
    size_t begun = 0, running = 0, bad = 0;
    while (begun < count || running > 0) {
        int status = 0;
        fflush(stdout);
        if (begun < count && running < AT_A_TIME) {
            pid_t child = fork();
            assert_true(child >= 0);
            if (child == 0) {
                prctl(PR_SET_PDEATHSIG, SIGKILL);
                totals = (struct totals){0};
                play(&runs[begun]);
                results[begun] = totals;
                _exit(0);
            }
            begun++;
            running++;
            continue;
        }
        assert_true(wait(&status) > 0);
        running--;
        bad += status != 0;
    }
    assert_int_equal(bad, 0);
}

/* All members are counts but the last, which is a maximum. */
static void add_up(const struct totals *results, size_t count) {
    totals = (struct totals){0};
    for (size_t i = 0; i < count; i++) {
        const size_t *from = (const size_t *)&results[i];
        size_t *to = (size_t *)&totals;
        for (size_t n = 0; n < offsetof(struct totals, longest_window_ms) / sizeof *to; n++)
            to[n] += from[n];
        if (results[i].longest_window_ms > totals.longest_window_ms)
            totals.longest_window_ms = results[i].longest_window_ms;
    }
}

/* ---- the sets -------------------------------------------------------------------------------- */

static unsigned long number_given(const char *name, unsigned long usual) {
    const char *text = getenv(name);
    return text && text[0] ? strtoul(text, NULL, 10) : usual;
}

static void print_figures(const char *what, int64_t began) {
    char text[512] = "";
    for (int i = 0; i < JOURNAL_STATES; i++)
        if (totals.states[i] > 0)
            snprintf(text + strlen(text), sizeof text - strlen(text), ", %s %zu",
                     journal_state_names[i], totals.states[i]);
    printf("# figures: ledger, %s: %zu operations (seed %lu), %zu sent, %zu applied, %zu of them "
           "late; in the journal in the end%s; %zu disagreements; %.1f s\n",
           what, totals.ops, first_seed, totals.sent, totals.applied, totals.late, text,
           totals.disagreements, (double)(clock_ms() - began) / 1000);
    printf(
        "# with versions: %zu applied changes of entries, all of the version that they were made "
        "from; without: %zu, of which %zu overwrote another change unseen (%zu of these late), "
        "%zu said so; window %lld ms at most\n",
        totals.versioned, totals.modified, totals.unseen, totals.unseen_late, totals.told,
        (long long)totals.longest_window_ms);
    printf("# new entries: %zu, of which %zu took the place of another's; claims that another's "
           "delete made untrue: %zu applied, %zu not applied; %zu readings, %zu spoilt; %zu late "
           "ones dropped\n#",
           totals.new_ones, totals.new_unseen, totals.twins, totals.masked, totals.readings,
           totals.spoilt, totals.dropped);
    for (int i = 0; i < FATE_COUNT; i++)
        printf(" %zu %s%s", totals.fates[i], fate_words[i], i + 1 < FATE_COUNT ? "," : "\n");
    for (int i = 0; i < 10; i++)
        if (totals.statuses[i] > 0)
            printf("# exit status %d: %zu\n", i, totals.statuses[i]);
    fflush(stdout);
}

/* Every kind of run as often. */
static void play_all(const char *what, bool commands, unsigned long ops) {
    int64_t began = clock_ms();
    size_t count = tests_are_long() ? 8 : 4;
    struct run *runs = memory_new(count, sizeof *runs);
    size_t room = count * sizeof(struct totals);
    struct totals *results =
        mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(results != MAP_FAILED);
    first_seed = number_given("PAIL_LEDGER_SEED", (unsigned long)clock_wall_ms() % 1000000);
    for (size_t i = 0; i < count; i++)
        runs[i] = (struct run){.seed = first_seed + i,
                               .versions = i & 1,
                               .owned = !commands && !(i & 2),
                               .one_journal = (i ^ i >> 1 ^ i >> 2) & 1,
                               .commands = commands,
                               .ops = (int)((ops / count + PAILS - 1) / PAILS * PAILS)};
    assert_true(runs[0].ops <= OPS);
    printf("# PAIL_LEDGER_SEED=%lu\n", first_seed);
    play_runs(runs, results, count);
    add_up(results, count);
    munmap(results, room);
    free(runs);
    print_figures(what, began);
    assert_int_equal(totals.disagreements, 0);
    if (ops < ENOUGH)
        return;
    /* Pail doesn't get off with saying nothing, and the proxy did go wrong. */
    assert_true(totals.states[JOURNAL_APPLIED] * 10 > totals.applied * 8);
    assert_true(totals.fates[FATE_WELL] * 10 < totals.sent * 6);
}

static void sittings_agree(void **state) {
    (void)state;
    play_all("sittings", false, number_given("PAIL_LEDGER_OPS", tests_are_long() ? 20000 : 500));
}

static void commands_agree(void **state) {
    (void)state;
    play_all("commands", true, number_given("PAIL_LEDGER_COMMANDS", tests_are_long() ? 400 : 24));
}

int main(int argc, char **argv) {
    (void)argc;
    signal(SIGPIPE, SIG_IGN);
    snprintf(programs, sizeof programs, "%s", argv[0]);
    for (int i = 0; i < 3 && strrchr(programs, '/') != NULL; i++)
        *strrchr(programs, '/') = '\0';
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sittings_agree),
        cmocka_unit_test(commands_agree),
    };
    return cmocka_run_group_tests_name("ledger", tests, NULL, NULL);
}
