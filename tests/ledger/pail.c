#include "pail.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pail/base/buffer.h"
#include "pail/base/clock.h"

enum { PATH = 128, TURN_MS = 20 };

struct worker {
    struct book *book;
    int pail;
    uint64_t seed;
    int next, end; /* of its operations */
    char url[64], token[PATH], journal[PATH];
    struct http *http;
    struct session *session;
    int first, count;          /* of the last submission; count 0: its outcomes are known */
    int64_t stop_at, leave_at; /* 0: not */
};

/* What can't happen: the test sees the status. */
__attribute__((noreturn)) static void give_up(const char *what) {
    fprintf(stderr, "pail: %s\n", what);
    _exit(3);
}

void pail_journal_path(const struct book *book, int pail, char *path, size_t size) {
    int number = book->run.one_journal ? 0 : pail;
    snprintf(path, size, "%s/state-%d/pail/journal.jsonl", book->folder, number);
}

static void make_folder(const struct book *book, const char *name, int number, const char *below) {
    char path[PATH];
    snprintf(path, sizeof path, "%s/%s-%d%s", book->folder, name, number, below);
    mkdir(path, 0700);
}

static struct worker worker_of(struct book *book, int pail) {
    int share = book->run.ops / PAILS, journal = book->run.one_journal ? 0 : pail;
    struct worker worker = {.book = book, .pail = pail, .seed = book_seed(book, (unsigned)pail)};
    worker.first = OPS; /* none yet */
    worker.next = pail * share;
    worker.end = worker.next + share;
    snprintf(worker.url, sizeof worker.url, "http://127.0.0.1:%d", book->port);
    snprintf(worker.token, sizeof worker.token, "%s/token-%d/token", book->folder, pail);
    pail_journal_path(book, pail, worker.journal, sizeof worker.journal);
    make_folder(book, "token", pail, "");
    make_folder(book, "state", journal, "");
    make_folder(book, "state", journal, "/pail");
    return worker;
}

static unsigned choose(struct worker *worker, unsigned count) {
    return book_choose(&worker->seed, count);
}

static void write_token(const struct worker *worker) {
    char text[128];
    int file = open(worker->token, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    int length = snprintf(text, sizeof text, "TokenTimeEpochSeconds=%lld\nIdToken=op-%d-%d\n",
                          (long long)clock_now(), worker->first, worker->count);
    if (file < 0 || write(file, text, (size_t)length) != length)
        give_up("no token file");
    close(file);
}

/* ---- an operation ---------------------------------------------------------------------------- */

struct words { /* the values of a change */
    char name[8], endpoint[24], key[16], secret[16];
};

static struct words words_of(int bucket, int number) {
    struct words words;
    snprintf(words.name, sizeof words.name, "b%d", bucket);
    snprintf(words.endpoint, sizeof words.endpoint, "http://e/%d", number);
    snprintf(words.key, sizeof words.key, "K%d", number);
    snprintf(words.secret, sizeof words.secret, "s%d", number);
    return words;
}

static struct op *begin_op(struct worker *worker, int index, int bucket) {
    struct op *op = &worker->book->ops[index];
    op->pail = worker->pail;
    op->bucket = bucket;
    op->first = worker->first;
    op->outcome = op->status = NO_CLAIM;
    return op;
}

/* Only the owner of an entry may make it or remove it. */
static bool may_remake(const struct worker *worker, int bucket) {
    return !worker->book->run.owned || bucket % PAILS == worker->pail;
}

static int number_in(const char *text) {
    return book_number(text + strcspn(text, "0123456789"));
}

static struct shown shown_of(const struct bucket *bucket) {
    struct shown shown = {.there = true};
    shown.endpoint = number_in(bucket->value[FIELD_ENDPOINT]);
    shown.key = number_in(bucket->value[FIELD_ACCESS_KEY_ID]);
    snprintf(shown.etag, sizeof shown.etag, "%s", bucket->value[FIELD_ETAG]);
    return shown;
}

static struct change *modify(struct worker *worker, const struct bucket *opened,
                             const struct words *words, struct op *op) {
    static const struct {
        bool endpoint, key, secret;
    } ways[] = {{true, false, false}, {true, false, false}, {false, true, false},
                {true, true, false},  {true, false, true},  {false, false, true}};
    enum secret_choice secrets[FIELD_COUNT] = {SECRET_KEEP};
    struct bucket wanted = *opened;
    unsigned way = choose(worker, 6);
    if (ways[way].endpoint)
        wanted.value[FIELD_ENDPOINT] = words->endpoint;
    if (ways[way].key)
        wanted.value[FIELD_ACCESS_KEY_ID] = words->key;
    if (ways[way].secret) {
        wanted.value[FIELD_SECRET_ACCESS_KEY] = words->secret;
        secrets[FIELD_SECRET_ACCESS_KEY] = SECRET_REPLACE;
    }
    op->only_secrets = !ways[way].endpoint && !ways[way].key;
    return change_edit(opened, &wanted, secrets);
}

static struct change *add(const struct bucket *opened, const struct words *words) {
    struct bucket wanted;
    bucket_init(&wanted);
    wanted.value[FIELD_NAME] = words->name;
    wanted.value[FIELD_CLOUD] = "minio";
    wanted.value[FIELD_ENDPOINT] = words->endpoint;
    wanted.value[FIELD_ACCESS_KEY_ID] = words->key;
    wanted.value[FIELD_SECRET_ACCESS_KEY] = words->secret;
    return change_add(&wanted, opened);
}

/* NULL: this pail has nothing to do with that entry as it is. */
static struct change *any_change(struct worker *worker, int bucket, int index) {
    struct words words = words_of(bucket, index + 1);
    struct table *table = session_table(worker->session);
    struct bucket opened;
    size_t row;
    bool there = table != NULL && table_find(table, words.name, &row);
    bool remakes = may_remake(worker, bucket);
    unsigned kind = choose(worker, 10);
    if (!there && !remakes)
        return NULL;
    struct op *op = begin_op(worker, index, bucket);
    if (there)
        table_get(table, row, &opened);
    op->opened = there ? shown_of(&opened) : (struct shown){0};
    op->opened_is_known = true;
    struct change *change = !there                ? add(NULL, &words)
                            : kind == 0           ? add(&opened, &words)
                            : kind < 4 && remakes ? change_delete(&opened)
                                                  : modify(worker, &opened, &words, op);
    op->kind = change_op(change);
    op->submitted = true;
    return change;
}

static void submit(struct worker *worker) {
    struct change *changes[BATCH];
    char reason[24];
    struct error error;
    int most = choose(worker, 3) ? 1 : BATCH, bucket = (int)choose(worker, BUCKETS), count = 0;
    worker->first = worker->next;
    for (int i = 0; i < BUCKETS && count < most && worker->next < worker->end; i++) {
        changes[count] = any_change(worker, (bucket + i) % BUCKETS, worker->next);
        if (changes[count] != NULL)
            count++, worker->next++;
    }
    if (count == 0) {
        session_load(worker->session);
        return;
    }
    worker->count = count;
    snprintf(reason, sizeof reason, "op-%d", worker->first);
    write_token(worker);
    if (!session_submit_all(
            worker->session, changes, (size_t)count,
            &(struct submit_options){.reason = reason, .stop_on_error = choose(worker, 6) == 0},
            &error))
        give_up(error.text);
    int64_t now = clock_ms();
    worker->stop_at = choose(worker, 16) ? 0 : now + choose(worker, 60);
    worker->leave_at = choose(worker, 24) ? 0 : now + choose(worker, 100);
}

/* ---- a sitting ------------------------------------------------------------------------------- */

static void sit_down(struct worker *worker) {
    worker->http = http_create(&(struct http_settings){.connect_ms = 5000});
    worker->session = session_create(
        worker->http, &(struct session_settings){.base_url = worker->url,
                                                 .service = "",
                                                 .token_path = worker->token,
                                                 .region = "",
                                                 .client_id = "",
                                                 .timeout_ms = worker->book->limit_ms,
                                                 .settle_after_ms = worker->book->settle_after_ms,
                                                 .parallel = 2,
                                                 .profile = "ledger",
                                                 .journal_path = worker->journal});
}

static void get_up(struct worker *worker) {
    session_destroy(worker->session);
    http_destroy(worker->http);
}

static void take_claims(struct worker *worker) {
    for (int i = 0; i < worker->count; i++) {
        struct op *op = &worker->book->ops[worker->first + i];
        struct submission_item item;
        session_submission_item(worker->session, (size_t)i, &item);
        op->outcome = (int)item.outcome;
        snprintf(op->text, sizeof op->text, "%s", item.text);
    }
    worker->count = 0;
}

static void turn(struct worker *worker) {
    int wait = session_tick(worker->session);
    http_wait(worker->http, NULL, 0, wait < 0 || wait > TURN_MS ? TURN_MS : wait);
}

static bool is_past(int64_t *when) {
    if (*when == 0 || clock_ms() < *when)
        return false;
    *when = 0;
    return true;
}

static bool is_done(const struct worker *worker) {
    struct submission submission;
    session_submission(worker->session, &submission);
    return submission.phase == SUBMISSION_DONE;
}

static void listen_no_more(struct worker *worker) {
    for (int i = 0; i < worker->count; i++)
        worker->book->ops[worker->first + i].deaf = true;
}

static void step(struct worker *worker) {
    turn(worker);
    if (worker->count > 0 && is_done(worker))
        take_claims(worker);
    if (is_past(&worker->leave_at)) {
        listen_no_more(worker);
        get_up(worker);
        worker->count = 0;
        sit_down(worker);
    }
    if (is_past(&worker->stop_at)) {
        listen_no_more(worker);
        session_cancel(worker->session);
    }
    if (worker->count > 0)
        return;
    if (session_table(worker->session) == NULL) {
        if (!session_is_busy(worker->session))
            session_load(worker->session);
    } else if (worker->next < worker->end)
        submit(worker);
}

/* Two of three stay until their own sitting has settled what it can. */
static void linger(struct worker *worker) {
    int64_t until = clock_ms() + worker->book->settle_after_ms * 3 / 2;
    while (worker->pail > 0 && clock_ms() < until && session_unsettled(worker->session) > 0)
        turn(worker);
}

void pail_work(struct book *book, int pail) {
    struct worker worker = worker_of(book, pail);
    write_token(&worker);
    sit_down(&worker);
    while (worker.next < worker.end || worker.count > 0)
        step(&worker);
    linger(&worker);
    get_up(&worker);
}

void pail_settle(struct book *book, int pail) {
    struct worker worker = worker_of(book, pail);
    int64_t began = clock_ms(), last = 0, longest = book->settle_after_ms + 600;
    write_token(&worker);
    sit_down(&worker);
    do {
        if (!session_is_busy(worker.session) && clock_ms() - last > 150) {
            last = clock_ms();
            session_load(worker.session);
        }
        turn(&worker);
    } while (clock_ms() - began < book->settle_after_ms / 4 ||
             (session_unsettled(worker.session) > 0 && clock_ms() - began < longest));
    get_up(&worker);
}

/* ---- commands -------------------------------------------------------------------------------- */

enum { WORDS = 24, WORD = 256 };

struct command {
    char word[WORDS][WORD];
    int count;
};

__attribute__((format(printf, 2, 3))) static void say(struct command *command, const char *format,
                                                      ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(command->word[command->count++], WORD, format, args);
    va_end(args);
}

static void write_file(const char *path, const char *text) {
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0 || write(file, text, strlen(text)) != (ssize_t)strlen(text))
        give_up(path);
    close(file);
}

static void write_configuration(const struct worker *worker) {
    char path[PATH], text[512];
    snprintf(path, sizeof path, "%s/token-%d/pail.conf", worker->book->folder, worker->pail);
    snprintf(text, sizeof text,
             "profiles = { ledger = { url = \"%s\"; token_dir = \"%s/token-%d\"; timeout = %ld; "
             "settle_after = %ld; }; };\n",
             worker->url, worker->book->folder, worker->pail, worker->book->limit_ms / 1000,
             worker->book->settle_after_ms / 1000);
    write_file(path, text);
}

static int run(const struct worker *worker, struct command *command) {
    char *words[WORDS + 1] = {0}, state[PATH], output[PATH];
    int status = 0, journal = worker->book->run.one_journal ? 0 : worker->pail;
    for (int i = 0; i < command->count; i++)
        words[i] = command->word[i];
    snprintf(state, sizeof state, "%s/state-%d", worker->book->folder, journal);
    snprintf(output, sizeof output, "%s/token-%d/output", worker->book->folder, worker->pail);
    pid_t child = fork();
    if (child == 0) {
        int file = open(output, O_WRONLY | O_CREAT | O_APPEND, 0600), none = open("/dev/null", 0);
        setenv("XDG_STATE_HOME", state, 1);
        dup2(none, 0), dup2(file, 1), dup2(file, 2);
        execv(worker->book->pail, words);
        _exit(127);
    }
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
        give_up("a process of pail did not end well");
    return WEXITSTATUS(status);
}

static void begin_command(const struct worker *worker, struct command *command, const char *name) {
    command->count = 0;
    say(command, "pail");
    say(command, "--config");
    say(command, "%s/token-%d/pail.conf", worker->book->folder, worker->pail);
    say(command, "%s", name);
}

static void end_command(const struct worker *worker, struct command *command) {
    say(command, "--reason");
    say(command, "op-%d", worker->first);
    say(command, "--settle");
    say(command, "%u", worker->first % 3 ? 2U : 0U);
    say(command, "--yes");
}

/* The file of apply: entries that only this pail has values for. */
static void say_apply(struct worker *worker, struct command *command) {
    char path[PATH], text[512] = "[";
    int bucket = (int)choose(worker, BUCKETS);
    worker->count = worker->end - worker->next > 1 ? 2 : 1;
    for (int i = 0; i < worker->count; i++) {
        struct op *op = begin_op(worker, worker->next, (bucket + i) % BUCKETS);
        struct words words = words_of(op->bucket, ++worker->next);
        op->kind = CHANGE_MODIFY;
        op->alone = worker->count == 1;
        op->submitted = true;
        snprintf(text + strlen(text), sizeof text - strlen(text),
                 "%s{\"bucketname\":\"%s\",\"cloud\":\"minio\",\"endpoint\":\"%s\"}", i ? "," : "",
                 words.name, words.endpoint);
    }
    snprintf(text + strlen(text), sizeof text - strlen(text), "]\n");
    snprintf(path, sizeof path, "%s/token-%d/state.json", worker->book->folder, worker->pail);
    write_file(path, text);
    begin_command(worker, command, "apply");
    say(command, "%s", path);
}

static void say_single(struct worker *worker, struct command *command, enum change_op kind) {
    struct op *op = begin_op(worker, worker->next, (int)choose(worker, BUCKETS));
    struct words words = words_of(op->bucket, ++worker->next);
    op->kind = kind;
    op->alone = op->submitted = true;
    worker->count = 1;
    begin_command(worker, command, change_op_names[kind]);
    say(command, "%s", words.name);
    if (kind == CHANGE_DELETE)
        return;
    say(command, "--endpoint");
    say(command, "%s", words.endpoint);
    if (kind == CHANGE_ADD)
        say(command, "--cloud=minio");
    if (kind == CHANGE_ADD && choose(worker, 2))
        say(command, "--replace");
}

static void one_command(struct worker *worker) {
    struct command command;
    unsigned kind = choose(worker, 10);
    worker->first = worker->next;
    if (kind < 2)
        say_apply(worker, &command);
    else
        say_single(worker, &command,
                   kind < 5   ? CHANGE_ADD
                   : kind < 8 ? CHANGE_MODIFY
                              : CHANGE_DELETE);
    end_command(worker, &command);
    write_token(worker);
    int status = run(worker, &command);
    for (int i = 0; i < worker->count; i++)
        worker->book->ops[worker->first + i].status = status;
}

void pail_command(struct book *book, int pail) {
    struct worker worker = worker_of(book, pail);
    write_configuration(&worker);
    while (worker.next < worker.end)
        one_command(&worker);
}
