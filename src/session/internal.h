/*
 * The inside of session.h, for the files of this room:
 *
 *   session.c     the sitting as it is seen from outside, stopping, the clock
 *   access.c      before a reading: the service's hosts, a token that isn't due
 *   load.c        reading the table: rows, troubles, retries
 *   batch.c       changes that were submitted together, and their outcomes
 *   submission.c  the door: who comes in, the check before, stopping, the clock
 *   sending.c     windows of intents, POSTs, what their answers say
 *   conclusion.c  the reading after, and the end
 *   results.c     what came of them: kept after the end, as lines of JSON
 *   record.c      the door's side of the journal
 *   judge.c       what a table says of a change that was sent
 *   unsettled.c   those of which it hasn't said enough
 *   sequel.c      several changes of one bucket, one after the other
 *   recovery.c    the same, of earlier sittings
 *   quote.c       the service's words without our secrets
 *   log.c         what was done
 *
 * Answers arrive within http_wait and may start the next request there.
 */
#ifndef PAIL_SESSION_INTERNAL_H
#define PAIL_SESSION_INTERNAL_H

#include "pail/base/arena.h"
#include "pail/base/buffer.h"
#include "pail/service/cognito.h"
#include "pail/service/discovery.h"
#include "pail/service/infinstor.h"
#include "pail/session/journal.h"
#include "pail/session/session.h"

struct access {
    struct http *http;
    char *service, *base_url, *region, *client_id; /* of the settings; "" where not given */
    char *list_path, *list_body;                   /* NULL: the usual */
    long timeout_ms;
    enum token_scheme scheme;
    bool asked; /* the service has named its hosts */
    struct discovery found;
    struct discovery_call *discovery; /* under way, or NULL */
    bool in_memory;                   /* the token came from the environment and stays here */
    struct token token;               /* else only while it is looked at */
    struct cognito *cognito;
    bool renewing, forced; /* forced: the service wants another one */
    int64_t used;          /* when the token that was sent last was issued */
    int lock;              /* on the token file; -1: none */
    /* clock_ms: another program has the lock: when to look again, and until when; 0: no waiting */
    int64_t lock_at, lock_until;
};

struct load {
    struct infinstor_call *call; /* NULL: none under way */
    struct table *table;         /* what it fills; NULL before its first row */
    int64_t began;               /* clock_ms */
    bool repeated;               /* it is the second try after a 502, 503 or 504 */
    bool renewed;                /* the login was renewed for it, or could not be */
    int64_t progress_at;         /* clock_ms: progress isn't shown again before */
    size_t progress;             /* bytes received when it was shown */
};

/* One change: from its submission until its outcome is settled and nobody looks at it any more. */
struct item {
    struct session *session;
    struct change *change;
    char id[JOURNAL_ID_SIZE]; /* "" : no intent is written */
    int64_t intended;         /* clock_ms */
    time_t since;
    char *user; /* who sent it, as the service calls them; NULL or "": not known */
    enum item_state state;
    struct infinstor_call *call; /* while ITEM_SENDING */

    /* From ITEM_ANSWERED on */
    bool accepted, unmatched; /* a 2xx came; a 412 */
    bool finished;            /* the waiting for the answer wasn't broken off */
    int64_t ended;            /* clock_ms: when it was over */
    char why[256];            /* what was answered or happened instead, raw, no secrets */

    /* From ITEM_DONE on */
    enum submission_outcome outcome;
    enum session_trouble trouble;
    char *text;    /* of struct submission_item; NULL: "" */
    size_t before; /* bytes in it before what follows "modify b: " */
    bool has_now, now_is_known;
    struct bucket now; /* in the door's arena */

    /* While its outcome is unknown */
    bool in_batch, in_unsettled, taken; /* who holds it; nobody: it is freed */
    unsigned long order;                /* in which changes are sent */
    bool begun;                         /* it was to be sent: sequel_begins */
    size_t followers; /* later changes of this bucket that may have been applied */
    size_t rivals;    /* changes that may have made the entry what this one wanted */
    size_t restorers; /* earlier ones that may make it again what it was before this one */
    bool disturbed; /* somebody has made the entry otherwise: that it is as before proves nothing */
    bool covered;   /* a later change was applied that set all that this one had set */
    bool replaced;  /* and it was */
    bool recovered; /* it is of an earlier sitting */
    bool hopeless;  /* no reading can tell */
    int64_t read_at; /* clock_ms: when the next reading may tell; 0: none will */
};

struct judgement {
    enum submission_outcome outcome;
    char text[512];     /* without operation and bucket, raw */
    bool reading_helps; /* if unknown: another reading may tell */
};

struct door {
    enum submission_phase phase;
    struct item **items;
    size_t count, next; /* next: no item before it waits */
    size_t waiting, under_way, answered, tally[OUTCOME_COUNT];
    size_t window, sent_of_window; /* intents that are written together; of those, sent */
    bool paused, stop_on_error, login_expired;
    int64_t checked_at; /* clock_ms of the reading that the entries were compared with */
    bool rested;        /* since then the door was paused or held */
    int unconnected;    /* POSTs in a row that found no connection */
    int64_t held_until; /* clock_ms: the service asked to wait; 0: it didn't */
    /* clock_ms: since when the journal's lock is waited for, and when it is tried again; 0: not */
    int64_t lock_since, lock_at;
    char *reason, *undoes;
    int re_readings;    /* that were made of the table since the last POST */
    int64_t again_at;   /* clock_ms: the next of them; 0: none is waited for */
    struct buffer text; /* of a batch of several */
    struct arena arena; /* of what `now` points to */
};

enum {
    WINDOW = 64,        /* intents that share one fsync */
    INTENT_MS = 10000,  /* one that wasn't sent within that time is given back */
    CHECK_MS = 30000,   /* after a rest a reading before that is older is made again */
    LOCK_AGAIN_MS = 50, /* the journal's lock is tried again, for JOURNAL_WAIT_MS */
};

enum { LOG_LINES = 500 };

struct log {
    struct session_log_line *lines; /* a ring of LOG_LINES; the texts are ours */
    size_t first, count;
};

/* Outcomes that wait until another pail has written. */
struct records {
    struct journal_outcome *outcomes; /* their ids and texts are ours */
    size_t count, capacity;
    int64_t at; /* clock_ms of the next try */
    bool tried_last;
};

struct session {
    struct infinstor *infinstor;
    struct access access;
    char *token_path;
    int parallel; /* of the settings */
    bool read_only, settled_as_applied;
    unsigned long serial, table_serial;

    struct table *table;   /* shown; partial while as_of is 0 */
    struct table *retired; /* shown before, until session_tick */
    time_t as_of;
    char *user;
    char *account[ACCOUNT_COUNT]; /* NULL: not said */

    struct load load;
    enum session_trouble trouble;
    struct buffer text;
    const char *next;        /* static; "" where the trouble says it */
    struct buffer happening; /* besides reading */
    struct buffer remark;    /* of the hosts */
    char excerpt[sizeof((struct answer *)0)->excerpt];
    int64_t retry_at; /* clock_ms of a reading that nobody needs to ask for; 0: none */
    int retries;      /* that were begun since the last success or wish */

    struct door door;
    struct item **unsettled; /* some may be among the door's too */
    struct item **by_name;   /* the same, sorted */
    struct item **by_id;     /* and by id */
    size_t unsettled_count, unsettled_capacity;
    struct buffer settled_text; /* of the last that a reading has settled */
    size_t settled_count;       /* settled_as_applied: the last was */
    unsigned long last_order;
    struct journal *journal;  /* NULL: none, or it can't be opened */
    char *journal_path;       /* "" : the usual; NULL: none */
    struct error journal_why; /* it can't be opened */
    int journal_wait_ms;      /* of the settings */
    bool journal_busy;        /* it couldn't be opened because another pail is writing */
    struct records waiting;   /* outcomes that aren't written yet (record.c) */
    struct error not_written; /* why the last that couldn't be written won't be */
    char *profile;
    /* recovery.c: */
    char *host;                       /* the service that the unsettled changes are at */
    char last_seen[JOURNAL_ID_SIZE];  /* the journal's last record that was compared with them */
    char asked_run[JOURNAL_RUN_SIZE]; /* whether that pail is running; "": none was asked for */
    bool asked_running;
    int64_t look_at;       /* clock_ms: the journal is to be looked at again; 0: it isn't */
    unsigned long last_id; /* of an intent, without a journal */
    int64_t settle_after;  /* ms */

    struct log log;
};

/* access.c */

void access_init(struct access *access, struct http *http, const struct session_settings *settings);
void access_finish(struct access *access);
void access_open(
    struct session *session); /* before the first reading: the hosts as they should be */
bool access_is_busy(const struct access *access);
void access_drop(struct access *access); /* forgets what is under way */

/* Goes on with load_send or load_fail, now or later. forced: renews a token that isn't due. */
void access_prepare(struct session *session, bool forced);

/* Looks again at what it waits for. Milliseconds until the next need, -1: never. */
int access_tick(struct session *session);

/* Whether there is something to renew the login by, as far as is known. */
bool access_can_renew(struct session *session);

/* Reads the token and tells infinstor the id token. False with the trouble and its line set. */
bool load_authorization(struct session *session, struct buffer *authorization,
                        enum session_trouble *trouble, struct error *error);

/* load.c */

void load_send(struct session *session); /* all is prepared */

/* What is done before reading, or why it reads again; until the load ends. */
__attribute__((format(printf, 2, 3))) void load_tell(struct session *session, const char *format,
                                                     ...);
/* Begins session->text where it says why a reading came to nothing. */
#define LOAD_PHASE "reading the table: "
void load_fail(struct session *session, enum session_trouble trouble, const char *text);
bool load_retries(enum session_trouble trouble); /* whether it is tried again by itself */
bool load_is_busy(const struct session *session);

/* Starts reading; whatever comes of it ends in door_table_was_read. */
void load_start(struct session *session);

/* The same with a new login first: the service doesn't take the one that there is. Nothing is
 * started, and the old one stays, where it can't be renewed. */
void load_renew(struct session *session);
void load_drop(struct session *session); /* forgets the load under way; shown rows stay */
void load_stop(struct session *session); /* the same, as a trouble that is shown */

/* Starts what is due, moves the serial on progress. Milliseconds until the next need, -1: never. */
int load_tick(struct session *session);

/* batch.c */

/* Makes them the door's batch, in SUBMISSION_CHECKING, in place of the last one. */
void batch_take(struct session *session, struct change *const *changes, size_t count,
                const struct submit_options *options);
void batch_release(struct session *session);
void batch_move(struct item *item, enum item_state state); /* but not to ITEM_DONE */
void item_free(struct item *item);                         /* unless somebody holds it */
void item_show(const struct item *item, struct submission_item *out);

/* ITEM_DONE; the text follows "modify b: ". */
__attribute__((format(printf, 3, 4))) void
item_finish(struct item *item, enum submission_outcome outcome, const char *format, ...);

/* Another outcome for one that was done as unknown. */
void item_settle(struct item *item, enum submission_outcome outcome, const char *text);
void item_say(struct item *item, const char *text); /* another text, the outcome stays */
const char *item_name(const struct item *item);

void items_sort(struct item **items, size_t count); /* by name, and of one by their order */

/* All that wait aren't sent. */
__attribute__((format(printf, 3, 4))) void
batch_leave_rest(struct session *session, enum session_trouble trouble, const char *format, ...);

/* conclusion.c */

void conclusion_read(struct session *session); /* starts the reading after the POSTs */

/* The table has been read: ends the submission, unless some are better judged by another one. */
void conclusion_judge(struct session *session);

/* Ends it for those that were sent without such a reading: why there is none. */
void conclusion_remain_unknown(struct session *session, const char *reading);
void conclusion_end(struct session *session); /* all are done */

/* Keeps what the table shows, for a conflict. */
void conclusion_keep_entry(struct item *item);

/* sending.c */

/* Begins as many as may be under way; after the last of them the table is read again. */
void sending_go_on(struct session *session);
void sending_stop(struct item *item); /* one that is under way */

/* submission.c */

bool door_is_busy(const struct session *session);
void door_table_was_read(struct session *session, bool good);
/* The first step once more, for those that wait. */
void door_check_again(struct session *session);
void door_stop(struct session *session, bool leaving);

/* Starts a reading that is due. Milliseconds until the next need, -1: never. */
int door_tick(struct session *session);

/* The entry of that name in the shown table, seen through view; NULL if there is none. */
const struct bucket *door_entry(const struct session *session, const char *name,
                                struct bucket *view);

/* There is none of that name, but one that could not be read may be it. */
bool door_may_have(const struct session *session, const char *name);

/* quote.c */

/* The service's words with "***" for each secret of the change that they quote, whole or cut off at
 * their end. */
void quote_answer(const struct change *change, const char *text, char *out, size_t size);

/* judge.c */

/* What the table that has just been read says of a change that was sent. Notes in the item that
 * somebody else has made the entry otherwise. */
struct judgement judge(const struct session *session, struct item *item);

/* The reading began so late after the POST that it can't take effect any more. */
bool judge_is_late(const struct session *session, const struct item *item);

/* That it is as before, as `now`, proves in such a reading that the change was not applied. */
bool judge_is_proof(const struct item *item, const struct bucket *now);

/* sequel.c */

/* True if nothing that the older one set was left alone by the newer. */
bool sequel_covers(const struct change *newer, const struct change *older);

/* True if the table could show what the other one wanted by that change alone; what was there
 * before the other one. */
bool sequel_makes(const struct change *change, const struct change *other);
bool sequel_restores(const struct change *change, const struct change *other);

/* It will be sent; the outcome of some is known (or they stay unknown). */
void sequel_begins(struct item *newer);
void sequel_ends(struct session *session, struct item *const *ended, size_t ended_count);

/* It was taken up from the journal, and is among the unsettled. first: the order of the first that
 * was taken up with it. */
void sequel_joins(struct item *item, unsigned long first);

/* unsettled.c */

/* After the last of several has been added, or taken out (in_unsettled): unsettled_sweep. */
void unsettled_add(struct session *session, struct item *item);
void unsettled_sweep(struct session *session);

/* Those of that bucket, the oldest first. */
struct item *const *unsettled_of(const struct session *session, const char *name, size_t *count);

/* A whole table has been read: settles what it can. */
void unsettled_review(struct session *session);

/* Keeps it for session_settled: what has settled it was no key of this sitting. */
void unsettled_announce(const struct item *item);

/* Takes it out if a later change has taken its place. */
bool unsettled_replace(struct item *item);

/* clock_ms of the next reading that they want; 0: none. A reading that begins now is one of them.
 */
int64_t unsettled_reading_due(const struct session *session);
void unsettled_reading_begins(struct session *session);
void unsettled_finish(struct session *session);

/* Lets go of those that were recovered from the journal. */
void unsettled_forget_recovered(struct session *session);
bool unsettled_holds(const struct session *session, const char *id);

/* recovery.c */

/* Looks into the journal for what earlier sittings at this service, which have ended, left
 * unsettled, and for what others have settled or sent. The service's URL may be another one than
 * before. False: the journal couldn't be read as it is now, and what was taken up isn't to be
 * judged. */
bool recovery_look(struct session *session);

/* Looks again where another pail was writing, for whoever can't wait for it. Milliseconds until the
 * next need, -1: none. */
int recovery_tick(struct session *session);

/* record.c: the journal */

/* Writes the intents: false, and nothing may be sent. *busy: it may be tried again, since another
 * pail is writing. */
bool record_intend(struct session *session, struct item *const *items, size_t count, bool *busy,
                   struct error *error);

/* The time until what waits is to be tried again, ms, -1: nothing waits; and at the end of a
 * sitting, when it is tried for the last time. */
int record_tick(struct session *session);
void record_finish(struct session *session);

/* Tries it now. False while another pail is writing: what waits, waits on. */
bool record_catch_up(struct session *session);
#define RECORD_BUSY "another pail is writing to the journal; try again"

/* Writes what came of those whose intent was written, now or when another pail has let go of the
 * journal. False: it stays open in the journal. */
bool record_conclude(struct session *session, struct item *const *items, size_t count,
                     struct error *error);

/* The service that a URL of changes belongs to, as the journal names it: host, port unless it is
 * the usual one, and base path. The caller's to free. */
char *record_host(const struct session *session);
struct journal *record_journal(struct session *session); /* opened, or NULL with journal_why */

/* What a person says of one: false if it can't be written. */
bool record_by_hand(const struct item *item, bool applied, struct error *error);

/* The intents of the first of them that wait are concluded as not sent: they will be written anew.
 */
void record_give_back(struct session *session, struct item *const *items, size_t count);

/* log.c */

__attribute__((format(printf, 2, 3))) void log_line(struct session *session, const char *format,
                                                    ...);
void log_finish(struct log *log);

#endif
