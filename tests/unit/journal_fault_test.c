/* The journal when pail dies, or the disk is full, at any of its steps. The calls that change files
 * are defined here, so that each can be the last one, or fail. */
#include "journal_place.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "pail/session/draft.h"

/* ---- steps ----------------------------------------------------------------------------------- */

enum { PIECE = 64 /* bytes that one step writes */ };

static struct {
    long step;    /* that were made */
    long dies_at; /* 0: never */
    long fails_from, fails_until;
    bool in_pieces;
    bool unsynced; /* something was written, and is not durable yet */
    int folders;   /* that were made durable */
    int files;     /* the same: calls of fsync */
    int no_folder; /* why none can be made; 0: they can */
} steps;

/* False if the step fails. */
static bool step(void) {
    steps.step++;
    if (steps.step == steps.dies_at)
        kill(getpid(), SIGKILL);
    bool fails = steps.step >= steps.fails_from && steps.step < steps.fails_until;
    errno = fails ? ENOSPC : errno;
    return !fails;
}

ssize_t pwrite(int file, const void *data, size_t length, off_t at) {
    if (!step())
        return -1;
    if (steps.in_pieces && length > PIECE)
        length = PIECE;
    steps.unsynced = true;
    return syscall(SYS_pwrite64, file, data, length, at);
}

int fsync(int file) {
    struct stat info;
    bool folder = fstat(file, &info) == 0 && S_ISDIR(info.st_mode);
    steps.folders += folder;
    steps.files += !folder;
    steps.unsynced = steps.unsynced && folder;
    return step() ? (int)syscall(SYS_fsync, file) : -1;
}

int ftruncate(int file, off_t length) {
    return step() ? (int)syscall(SYS_ftruncate, file, length) : -1;
}

int rename(const char *from, const char *to) {
    return step() ? (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0) : -1;
}

int mkdir(const char *path, mode_t mode) {
    if (steps.no_folder == 0)
        return (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
    errno = steps.no_folder;
    return -1;
}

/* ---- what the journal must have -------------------------------------------------------------- */

enum { NAMES = 4096 };

struct tally {
    int seen[NAMES];
    enum journal_state state[NAMES];
};

static bool tally_record(void *context, const struct journal_record *record) {
    struct tally *tally = context;
    long number = strtol(record->bucket + 1, NULL, 10);
    assert_in_range(number, 0, NAMES - 1);
    tally->seen[number]++;
    tally->state[number] = record->state;
    return true;
}

static void read_tally(struct place *place, struct tally *tally) {
    struct journal_check check;
    memset(tally, 0, sizeof *tally);
    if (!journal_verify(place->path, &check, &place->error) ||
        !journal_each(place->path, tally_record, tally, &place->error))
        fail_msg("%s", place->error.text);
}

/* How far the operation of that number had come: what was said of it on the pipe. */
enum progress { BEGUN, INTENDED, CONCLUDED };

struct said {
    int number;
    enum progress progress;
};

static void say(int pipe, int number, enum progress progress) {
    const struct said said = {number, progress};
    if (write(pipe, &said, sizeof said) != (ssize_t)sizeof said)
        _exit(3);
}

/* One operation with its outcome, in a child. */
static void operate(struct place *place, struct journal *journal, int pipe, int number) {
    char name[16], id[1][JOURNAL_ID_SIZE];
    snprintf(name, sizeof name, "b%d", number);
    struct change *change = endpoint_edit(name);
    struct journal_intent intent = intent_of(change);
    say(pipe, number, BEGUN);
    if (!journal_intend(journal, &intent, 1, id, &place->error))
        _exit(4);
    say(pipe, number, INTENDED);
    struct journal_outcome outcome = {.id = id[0], .state = JOURNAL_APPLIED, .text = name};
    if (!journal_conclude(journal, &outcome, 1, &place->error))
        _exit(5);
    say(pipe, number, CONCLUDED);
    change_destroy(change);
}

/* The journal is whole, and has what was said once, and nothing else. */
static void expect_said(struct place *place, const enum progress *said, const bool *begun,
                        int count) {
    static struct tally tally;
    read_tally(place, &tally);
    for (int i = 0; i < count; i++) {
        int least = begun[i] && said[i] >= INTENDED, most = begun[i];
        if (tally.seen[i] < least || tally.seen[i] > most)
            fail_msg("b%d is there %d times, and was %s", i, tally.seen[i],
                     least  ? "intended"
                     : most ? "begun"
                            : "not begun");
        if (begun[i] && said[i] == CONCLUDED)
            assert_int_equal(tally.state[i], JOURNAL_APPLIED);
    }
}

/* Reads what a child said until it ended. */
static void listen(int pipe, enum progress *said, bool *begun) {
    struct said one;
    while (read(pipe, &one, sizeof one) == (ssize_t)sizeof one) {
        begun[one.number] = true;
        said[one.number] = one.progress;
    }
    close(pipe);
}

/* ---- dying ----------------------------------------------------------------------------------- */

enum { SCRIPT = 6, SMALL = 2500 /* bytes: about three operations in a file */ };

/* In a child: some operations, with rotations, to the end or to its death. */
static void run_script(struct place *place, int pipe, int first, int count) {
    steps.in_pieces = true;
    struct journal *journal = journal_open(place->path, &place->error);
    if (journal == NULL)
        _exit(2);
    journal_set_limit(journal, SMALL);
    for (int i = 0; i < count; i++)
        operate(place, journal, pipe, first + i);
    journal_close(journal);
    _exit(0);
}

static pid_t begin_child(struct place *place, int first, int count, long dies_at, int *pipe) {
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        steps.dies_at = dies_at;
        close(ends[0]);
        run_script(place, ends[1], first, count);
    }
    close(ends[1]);
    *pipe = ends[0];
    return child;
}

/* True if it came to its end. */
static bool end_child(pid_t child) {
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    if (!WIFSIGNALED(status))
        assert_int_equal(status, 0);
    return !WIFSIGNALED(status);
}

static void empty_place(void **state) {
    close_place(state);
    open_place(state);
}

/* Whatever step is the last, the next pail finds a whole journal, and goes on with it. */
static void it_may_die_at_every_step(void **state) {
    enum progress said[2 * SCRIPT];
    bool ended = false;
    int pipe;
    long at = 1;
    for (; !ended; at++) {
        bool begun[2 * SCRIPT] = {false};
        struct place *place = *state;
        pid_t child = begin_child(place, 0, SCRIPT, at, &pipe);
        listen(pipe, said, begun);
        ended = end_child(child);
        expect_said(place, said, begun, SCRIPT);
        child = begin_child(place, SCRIPT, 1, 0, &pipe);
        listen(pipe, said, begun);
        assert_true(end_child(child));
        expect_said(place, said, begun, SCRIPT + 1);
        empty_place(state);
    }
    print_message("# died at each of %ld steps\n", at - 2);
    assert_true(at > 100);
}

enum { ROUNDS_EACH = 20, MANY = 60 };

/* Two at once, killed from outside at any moment. */
static void kill_some(void **state, long count, long *kept) {
    static enum progress said[NAMES];
    static bool begun[NAMES];
    struct place *place = *state;
    memset(begun, 0, sizeof begun);
    for (long i = 0; i < count; i++) {
        pid_t children[2];
        int pipes[2], first = (int)(i * 2 * MANY);
        unsigned random;
        assert_int_equal(getrandom(&random, sizeof random, 0), sizeof random);
        for (int j = 0; j < 2; j++)
            children[j] = begin_child(place, first + j * MANY, MANY, 0, &pipes[j]);
        usleep(random % 8000);
        for (int j = 0; j < 2; j++)
            kill(children[j], SIGKILL);
        for (int j = 0; j < 2; j++) {
            listen(pipes[j], said, begun);
            end_child(children[j]);
        }
        expect_said(place, said, begun, first + 2 * MANY);
    }
    for (int i = 0; i < NAMES; i++)
        *kept += begun[i] && said[i] >= INTENDED;
}

static void it_may_be_killed_at_any_moment(void **state) {
    long left = tests_are_long() ? 5000 : 100, done = 0, kept = 0; /* each kills two */
    for (; left > 0; left -= ROUNDS_EACH) {
        long now = left < ROUNDS_EACH ? left : ROUNDS_EACH;
        kill_some(state, now, &kept);
        done += now;
        empty_place(state);
    }
    print_message("# %ld killed; %ld operations were intended, and all are there\n", 2 * done,
                  kept);
}

/* ---- failing --------------------------------------------------------------------------------- */

/* How many operations there are, and how many of them were applied. */
static void count_operations(struct place *place, int *seen, int *applied) {
    static struct tally tally;
    read_tally(place, &tally);
    *seen = *applied = 0;
    for (int i = 0; i < NAMES; i++) {
        *seen += tally.seen[i];
        *applied += tally.state[i] == JOURNAL_APPLIED;
    }
}

/* Steps fail from one on, so many of them; after each refusal the journal is as it was, and when
 * they work again all goes on. False once no step failed. */
static bool fail_from(void **state, long from, long count) {
    struct place *place = *state;
    char ids[SCRIPT][JOURNAL_ID_SIZE];
    bool failed = false, undoes = count == 1; /* taking back may fail too, else */
    struct journal *journal = open_journal(place);
    journal_set_limit(journal, SMALL);
    steps.step = 0;
    steps.fails_from = from;
    steps.fails_until = from + count;
    for (int i = 0; i < 2 * SCRIPT; i++) {
        char name[16];
        snprintf(name, sizeof name, "b%d", i / 2);
        struct change *change = endpoint_edit(name);
        struct journal_intent intent = intent_of(change);
        struct journal_outcome outcome = {.id = ids[i / 2], .state = JOURNAL_APPLIED, .text = name};
        int seen, applied, seen_after, applied_after;
        bool good = false;
        count_operations(place, &seen, &applied);
        for (int tries = 0; !good && tries < 8; tries++) {
            long step_before = steps.step;
            good = i % 2 ? journal_conclude(journal, &outcome, 1, &place->error)
                         : journal_intend(journal, &intent, 1, &ids[i / 2], &place->error);
            if (good)
                break;
            failed = true;
            assert_true(steps.step > step_before);
            assert_non_null(strstr(place->error.text, "No space left"));
            count_operations(place, &seen_after, &applied_after);
            assert_true(applied_after == applied || !undoes);
            assert_true(seen_after == seen || (!undoes && seen_after > seen));
            steps.fails_until = steps.step >= from + count - 1 ? 0 : steps.fails_until;
        }
        assert_true(good);
        change_destroy(change);
    }
    bool reached = steps.step >= from;
    steps.fails_from = steps.fails_until = 0;
    journal_close(journal);
    static struct tally tally;
    read_tally(place, &tally);
    for (int i = 0; i < SCRIPT; i++) {
        if (undoes)
            assert_int_equal(tally.seen[i], 1);
        assert_true(tally.seen[i] >= 1);
    }
    return reached || failed;
}

static void every_step_may_fail(void **state) {
    long at = 1;
    while (fail_from(state, at, 1)) {
        empty_place(state);
        at++;
    }
    print_message("# each of %ld steps failed once\n", at - 1);
    assert_true(at > 20);
}

/* A full disk stays full for a while: what was to be taken back may not be, but what follows is
 * whole. */
static void several_steps_may_fail(void **state) {
    for (long count = 2; count <= 4; count++)
        for (long at = 1; fail_from(state, at, count); at++)
            empty_place(state);
}

static void writes_may_be_short(void **state) {
    steps.in_pieces = true;
    for (long at = 1; at < 150; at += 7) {
        fail_from(state, at, 1);
        empty_place(state);
    }
    steps.in_pieces = false;
}

/* ---- what is durable ------------------------------------------------------------------------- */

static void what_is_recorded_is_durable(void **state) {
    struct place *place = *state;
    char id[JOURNAL_ID_SIZE];
    struct journal *journal = open_journal(place);
    steps.folders = 0;
    intend(place, journal, "b0", id);
    assert_false(steps.unsynced);
    assert_true(steps.folders >= 3); /* state/, pail/ and the file were made */
    steps.folders = 0;
    conclude(place, journal, id, JOURNAL_APPLIED);
    assert_false(steps.unsynced);
    assert_int_equal(steps.folders, 0);
    journal_set_limit(journal, 1);
    intend(place, journal, "b0", id); /* rotates */
    assert_false(steps.unsynced);
    assert_true(steps.folders >= 1);
    journal_close(journal);
}

static void a_window_shares_one_fsync(void **state) {
    enum { WINDOW = 64 };
    struct place *place = *state;
    struct change *change = endpoint_edit("b0");
    struct journal_intent intents[WINDOW];
    struct journal_outcome outcomes[WINDOW];
    char ids[WINDOW][JOURNAL_ID_SIZE];
    struct journal *journal = open_journal(place);
    record(place, journal, "b1"); /* the file is there */
    for (int i = 0; i < WINDOW; i++)
        intents[i] = intent_of(change);
    steps.files = 0;
    assert_true(journal_intend(journal, intents, WINDOW, ids, &place->error));
    assert_int_equal(steps.files, 1);
    for (int i = 0; i < WINDOW; i++)
        outcomes[i] = (struct journal_outcome){.id = ids[i], .state = JOURNAL_APPLIED, .text = ""};
    assert_true(journal_conclude(journal, outcomes, WINDOW, &place->error));
    assert_int_equal(steps.files, 2);
    assert_false(steps.unsynced);
    change_destroy(change);
    journal_close(journal);
}

/* ---- a disk that is full --------------------------------------------------------------------- */

enum { NO_DISK = 77 };

/* Fills what is left; the file is there to be removed again. */
static void fill(const char *path) {
    static const char zeros[4096];
    int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0)
        _exit(10);
    while (write(file, zeros, sizeof zeros) > 0)
        ;
    close(file);
}

/* The operation's intent, or, where it has an id, its outcome. */
static bool append_one(struct place *place, struct journal *journal, const struct change *change,
                       char id[1][JOURNAL_ID_SIZE], bool intends) {
    struct journal_intent intent = intent_of(change);
    struct journal_outcome outcome = {.id = id[0], .state = JOURNAL_APPLIED, .text = "t"};
    return intends ? journal_intend(journal, &intent, 1, id, &place->error)
                   : journal_conclude(journal, &outcome, 1, &place->error);
}

/* Meets the full disk first, and works when there is room again. True if it was refused. */
static bool append_to_full_disk(struct place *place, struct journal *journal, const char *filler,
                                const struct change *change, char id[1][JOURNAL_ID_SIZE],
                                bool intends) {
    struct journal_check check;
    struct stat was = {.st_size = 0}, is = {.st_size = 0};
    stat(place->path, &was);
    fill(filler);
    bool refused = !append_one(place, journal, change, id, intends);
    stat(place->path, &is);
    if (refused &&
        (is.st_size != was.st_size || strstr(place->error.text, "No space left") == NULL))
        _exit(12);
    if (!journal_verify(place->path, &check, &place->error))
        _exit(13);
    unlink(filler);
    if (refused && !append_one(place, journal, change, id, intends))
        _exit(14);
    return refused;
}

/* In a child that has a small disk of its own. */
static void use_small_disk(struct place *place) {
    enum { OPERATIONS = 100 };
    char filler[128], name[16], id[1][JOURNAL_ID_SIZE];
    int refused[2] = {0};
    snprintf(filler, sizeof filler, "%s/filler", place->folder);
    struct journal *journal = journal_open(place->path, &place->error);
    if (journal == NULL)
        _exit(11);
    journal_set_limit(journal, 20000);
    for (int i = 0; i < OPERATIONS; i++) {
        snprintf(name, sizeof name, "b%d", i);
        struct change *change = endpoint_edit(name);
        refused[0] += append_to_full_disk(place, journal, filler, change, id, true);
        refused[1] += append_to_full_disk(place, journal, filler, change, id, false);
        change_destroy(change);
    }
    bool all = journal_count(journal) > 0;
    journal_close(journal);
    static struct tally tally;
    read_tally(place, &tally);
    for (int i = 0; i < OPERATIONS; i++)
        all = all && tally.seen[i] == 1 && tally.state[i] == JOURNAL_APPLIED;
    _exit(all && refused[0] >= 5 && refused[1] >= 2 ? 0 : 15);
}

static void a_full_disk_refuses(void **state) {
    struct place *place = *state;
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        int own = CLONE_NEWNS | (geteuid() == 0 ? 0 : CLONE_NEWUSER);
        if (unshare(own) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
            mount("tmpfs", place->folder, "tmpfs", 0, "size=256k,mode=700") != 0)
            _exit(NO_DISK);
        use_small_disk(place);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == NO_DISK)
        skip();
    assert_int_equal(status, 0);
}

/* A home that can't be written: the true reason, with the folder; also for a draft. */
static void a_folder_that_cannot_be_made_is_named(void **state) {
    struct place *place = *state;
    static const int reasons[] = {EACCES, EROFS, ENOSPC};
    struct journal *journal = open_journal(place);
    struct change *change = endpoint_edit("b1");
    struct journal_intent intent = intent_of(change);
    char id[1][JOURNAL_ID_SIZE], wanted[256], folder[96];
    snprintf(folder, sizeof folder, "%s/state", place->folder);
    setenv("XDG_STATE_HOME", folder, 1);
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        struct draft draft;
        steps.no_folder = reasons[i];
        assert_false(journal_intend(journal, &intent, 1, id, &place->error));
        snprintf(wanted, sizeof wanted, "journal: the folder %s can't be made: %s", folder,
                 strerror(reasons[i]));
        assert_string_equal(place->error.text, wanted);
        draft_init(&draft);
        assert_false(draft_keep(&draft, &place->error));
        snprintf(wanted, sizeof wanted, "draft: the folder %s can't be made: %s", folder,
                 strerror(reasons[i]));
        assert_string_equal(place->error.text, wanted);
        draft_finish(&draft);
    }
    steps.no_folder = 0;
    assert_true(journal_intend(journal, &intent, 1, id, &place->error));
    steps.no_folder = EROFS; /* of those above, which are there */
    assert_true(journal_intend(journal, &intent, 1, id, &place->error));
    steps.no_folder = 0;
    change_destroy(change);
    journal_close(journal);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(it_may_die_at_every_step),
        TEST(it_may_be_killed_at_any_moment),
        TEST(every_step_may_fail),
        TEST(several_steps_may_fail),
        TEST(writes_may_be_short),
        TEST(what_is_recorded_is_durable),
        TEST(a_window_shares_one_fsync),
        TEST(a_full_disk_refuses),
        TEST(a_folder_that_cannot_be_made_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
