#include "proxy.h"

#include <arpa/inet.h>
#include <errno.h>
#include <jansson.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pail/base/buffer.h"
#include "pail/base/clock.h"
#include "pail/base/memory.h"

enum { LINKS = 128, LATES = 256, PIECE = 16384, ADMIN = 10 };

#define FATE_WORDS(id, share, words) words,
const char *const fate_words[FATE_COUNT] = {FATES(FATE_WORDS)};
#undef FATE_WORDS

enum ending { END_KEEP, END_FIN, END_RESET, END_SILENCE };

struct link { /* with a pail */
    int file;
    struct buffer got, out;
    size_t sent;
    int64_t due; /* when out may leave */
    enum ending ending;
    bool answering;
};

struct late {
    int op;
    struct buffer request;
    int64_t arrived, due;
};

struct check { /* the listing that a submission was given */
    struct state states[BUCKETS];
    int64_t at; /* 0: none yet */
};

struct proxy {
    struct book *book;
    uint64_t seed;
    int listener;
    struct sockaddr_in bucketd;
    struct link links[LINKS];
    struct late lates[LATES];
    size_t late_count;
    struct check checks[OPS]; /* by the submission's first operation */
    int64_t looks[3];         /* when poll was called: this time, the last, the one before */
};

/* ---- bucketd --------------------------------------------------------------------------------- */

static void note(struct proxy *proxy, const char *what, const char *text) {
    if (proxy->book->strange++ == 0)
        snprintf(proxy->book->strange_text, TEXT_SIZE, "%s: %s", what, text);
}

static void send_all(int file, const char *data, size_t length) {
    while (length > 0) {
        ssize_t sent = send(file, data, length, MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        data += sent, length -= (size_t)sent;
    }
}

/* Sends a request and reads its answer whole; returns where its body begins, NULL if there is
 * none. */
static const char *ask_bucketd(struct proxy *proxy, const struct buffer *request,
                               struct buffer *answer, int *status) {
    struct timeval patience = {20, 0};
    int file = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(file, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(file, (struct sockaddr *)&proxy->bucketd, sizeof proxy->bucketd) == 0)
        send_all(file, request->data, request->length);
    for (;;) {
        ssize_t got = recv(file, buffer_room(answer, PIECE), PIECE, 0);
        if (got <= 0)
            break;
        buffer_extend(answer, (size_t)got);
    }
    close(file);
    const char *head = strstr(answer->data, "\r\n\r\n");
    *status = answer->length > 12 ? book_number(answer->data + 9) : 0;
    if (head == NULL)
        note(proxy, "bucketd gave no answer", request->data);
    return head ? head + 4 : NULL;
}

/* ---- requests -------------------------------------------------------------------------------- */

/* The value of a header, until its line's end; NULL if it isn't there. */
static const char *header(const struct buffer *request, const char *name) {
    const char *end = strstr(request->data, "\r\n\r\n");
    const char *at = strcasestr(request->data, name);
    return at && end && at < end ? at + strlen(name) : NULL;
}

static size_t request_length(const struct buffer *got) {
    const char *end = strstr(got->data, "\r\n\r\n"), *length = header(got, "\r\nContent-Length: ");
    if (end == NULL)
        return 0;
    return (size_t)(end + 4 - got->data) + (length ? strtoul(length, NULL, 10) : 0);
}

/* HTTP/1.0, so that the answer ends with the connection. */
static void rewrite(const struct buffer *got, const char *path, struct buffer *out) {
    const char *body = strstr(got->data, "\r\n\r\n") + 4, *match = header(got, "\r\nIf-Match: ");
    buffer_printf(
        out,
        "POST %s HTTP/1.0\r\nHost: bucketd\r\nAuthorization: admin-token\r\nContent-Type: "
        "application/x-www-form-urlencoded\r\nContent-Length: %zu\r\n",
        path, strlen(body));
    if (match)
        buffer_printf(out, "If-Match: %.*s\r\n", (int)strcspn(match, "\r"), match);
    if (header(got, "\r\nIf-None-Match: *"))
        buffer_append_string(out, "If-None-Match: *\r\n");
    buffer_printf(out, "\r\n%s", body);
}

/* The number at the end of a field's value: 0 if it is empty, -1 if the field isn't there. */
static int field(const char *body, const char *name) {
    char key[32];
    snprintf(key, sizeof key, "&%s=", name);
    const char *at = strstr(body, key);
    if (at == NULL)
        return -1;
    const char *value = at + strlen(key), *end = value + strcspn(value, "&");
    const char *digits = end;
    while (digits > value && digits[-1] >= '0' && digits[-1] <= '9')
        digits--;
    return digits < end ? book_number(digits) : 0;
}

static int op_of(struct proxy *proxy, const struct buffer *got) {
    const char *token = header(got, "\r\nAuthorization: op-");
    const char *name = strstr(got->data, "bucketname=b");
    int first = 0, count = 0, bucket = name ? book_number(name + strlen("bucketname=b")) : -1;
    if (token) {
        first = book_number(token);
        count = book_number(token + strcspn(token, "-") + 1);
    }
    for (int i = first; i >= 0 && i < first + count && i < OPS; i++)
        if (proxy->book->ops[i].bucket == bucket && proxy->book->ops[i].submitted)
            return i;
    note(proxy, "a change that nobody submitted", got->data);
    return -1;
}

/* ---- what bucketd did ------------------------------------------------------------------------ */

static void set(int *number, int value) {
    if (value >= 0)
        *number = value;
}

static void take_change(struct proxy *proxy, struct op *op, const char *body) {
    struct state *state = &proxy->book->now[op->bucket];
    bool add = strncmp(body, "op=add", 6) == 0;
    op->replaced = *state;
    op->applied++;
    op->applied_ms = clock_ms();
    op->serial = state->serial = ++proxy->book->serial;
    proxy->book->made[op->serial] = (int)(op - proxy->book->ops);
    state->shown.there = strncmp(body, "op=delete", 9) != 0;
    state->shown.etag[0] = '\0';
    if (add || !state->shown.there)
        state->shown.endpoint = state->shown.key = 0;
    set(&state->shown.endpoint, field(body, "endpoint"));
    set(&state->shown.key, field(body, "accessKeyId"));
}

/* How late a change may be after its arrival, ms. A fifth of settle_after is left to the machine,
 * whose processes may stand still for some time between two looks at the clock. */
static int64_t latest(const struct proxy *proxy) {
    return proxy->book->settle_after_ms * 4 / 5;
}

/* bucketd's answer to it; false if it was too late to be asked. */
static bool apply(struct proxy *proxy, int index, const struct buffer *request, int64_t arrived,
                  struct buffer *answer, int *status) {
    struct op *op = &proxy->book->ops[index];
    if (clock_ms() >= arrived + latest(proxy)) {
        proxy->book->dropped++;
        return false;
    }
    if (ask_bucketd(proxy, request, answer, status) && *status == 200)
        take_change(proxy, op, strstr(request->data, "\r\n\r\n") + 4);
    return true;
}

static int number_of(const json_t *entry, const char *name) {
    const char *text = json_string_value(json_object_get(entry, name));
    const char *digits = text ? text + strcspn(text, "0123456789") : "";
    return book_number(digits);
}

/* Compares the table with the book, and takes the versions out of it. */
static void take_table(struct proxy *proxy, json_t *entries) {
    bool seen[BUCKETS] = {false};
    size_t index;
    json_t *entry;
    json_array_foreach(entries, index, entry) {
        int bucket = number_of(entry, "bucketname");
        struct shown *shown = &proxy->book->now[bucket < BUCKETS ? bucket : 0].shown;
        if (!shown->there || shown->endpoint != number_of(entry, "endpoint") ||
            shown->key != number_of(entry, "accessKeyId"))
            note(proxy, "bucketd's entry isn't as the book says",
                 json_string_value(json_object_get(entry, "bucketname")));
        const char *etag = json_string_value(json_object_get(entry, "etag"));
        snprintf(shown->etag, sizeof shown->etag, "%s", etag ? etag : "");
        seen[bucket < BUCKETS ? bucket : 0] = true;
        if (!proxy->book->run.versions)
            json_object_del(entry, "etag");
    }
    for (int i = 0; i < BUCKETS; i++)
        if (!seen[i] && proxy->book->now[i].shown.there)
            note(proxy, "an entry of the book is missing at bucketd", "");
}

/* The table as pail is to see it: the caller's to free. NULL: bucketd has none. */
static char *list(struct proxy *proxy) {
    static const char body[] = "ProductCode=9fcazc4rbiwp6ewg4xlt5c8fu&clientType=browser";
    struct buffer request, answer;
    int status = 0;
    buffer_init(&request);
    buffer_init(&answer);
    buffer_printf(
        &request,
        "POST /customerinfo HTTP/1.0\r\nHost: bucketd\r\nAuthorization: admin-token\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %zu\r\n\r\n%s",
        sizeof body - 1, body);
    const char *text = ask_bucketd(proxy, &request, &answer, &status);
    json_t *table = text && status == 200 ? json_loads(text, 0, NULL) : NULL;
    if (table == NULL)
        note(proxy, "no listing", answer.data);
    else
        take_table(proxy, json_object_get(table, "InfinSnapBuckets"));
    char *rows = table ? json_dumps(table, JSON_COMPACT) : NULL;
    json_decref(table);
    buffer_finish(&request);
    buffer_finish(&answer);
    return rows;
}

void proxy_compare(struct proxy *proxy) {
    free(list(proxy));
}

/* ---- answers --------------------------------------------------------------------------------- */

static void say(struct link *link, int status, const char *type, const char *body) {
    buffer_clear(&link->out);
    buffer_printf(
        &link->out, "HTTP/1.1 %d X\r\nContent-Type: %s\r\nContent-Length: %zu\r\n%s\r\n%s", status,
        type, strlen(body), link->ending == END_KEEP ? "" : "Connection: close\r\n", body);
    link->answering = true;
    link->sent = 0;
    link->due = 0;
}

static void say_any(struct proxy *proxy, struct link *link, const int *statuses, unsigned count) {
    int status = statuses[book_choose(&proxy->seed, count)];
    link->ending = book_choose(&proxy->seed, 2) ? END_KEEP : END_FIN;
    if (status == 200)
        say(link, 200, "text/html", "<html><body>Login expired. Please login again</body></html>");
    else
        say(link, status, "text/plain", "it is so");
}

static void stop(struct proxy *proxy, struct link *link) {
    static const enum ending endings[] = {END_FIN, END_RESET, END_FIN, END_RESET, END_SILENCE};
    buffer_clear(&link->out);
    link->ending = endings[book_choose(&proxy->seed, 5)];
    link->answering = true;
    link->sent = 0;
    link->due = 0;
}

/* Part of the answer that is there, then the end. */
static void cut(struct proxy *proxy, struct link *link) {
    size_t length = link->out.length, part = book_choose(&proxy->seed, (unsigned)length - 1) + 1;
    struct buffer whole = link->out;
    buffer_init(&link->out);
    stop(proxy, link);
    buffer_append(&link->out, whole.data, part);
    buffer_finish(&whole);
}

/* ---- changes --------------------------------------------------------------------------------- */

static const int refusals[] = {400, 401, 403, 404, 429, 200}, breaks[] = {500, 502, 503, 504, 408};

static enum fate any_fate(struct proxy *proxy) {
#define FATE_SHARE(id, share, words) share,
    static const unsigned shares[FATE_COUNT] = {FATES(FATE_SHARE)};
#undef FATE_SHARE
    unsigned at = book_choose(&proxy->seed, 1000), fate = 0;
    while (fate + 1 < FATE_COUNT && at >= shares[fate])
        at -= shares[fate++];
    return proxy->book->calm ? FATE_WELL : (enum fate)fate;
}

static void keep_late(struct proxy *proxy, int op, struct buffer *request, int64_t arrived) {
    if (proxy->late_count == LATES)
        return;
    struct late *late = &proxy->lates[proxy->late_count++];
    late->op = op;
    late->request = *request;
    buffer_init(request);
    late->arrived = arrived;
    late->due = arrived + latest(proxy) * (5 + book_choose(&proxy->seed, 90)) / 100;
}

static void answer_change(struct proxy *proxy, struct link *link, int op, enum fate fate,
                          const struct buffer *request, int64_t arrived) {
    struct buffer answer;
    int status = 0;
    buffer_init(&answer);
    if (!apply(proxy, op, request, arrived, &answer, &status))
        stop(proxy, link);
    else if (fate == FATE_APPLIED_BROKEN && status == 200)
        say_any(proxy, link, breaks, 5);
    else {
        const char *body = strstr(answer.data, "\r\n\r\n");
        say(link, status, status == 200 ? "application/json" : "text/plain", body ? body + 4 : "");
        if (fate == FATE_LOST_AFTER)
            stop(proxy, link);
        else if (fate == FATE_CUT_ANSWER)
            cut(proxy, link);
        else
            proxy->book->ops[op].clear = true;
    }
    buffer_finish(&answer);
}

static void note_check(struct proxy *proxy, struct op *op) {
    const struct check *check = &proxy->checks[op->first];
    op->checked = check->at != 0;
    op->check = check->states[op->bucket];
    op->check_ms = check->at;
    for (int i = 0; i < BUCKETS; i++)
        op->others |= check->states[i].shown.there;
}

static void take_post(struct proxy *proxy, struct link *link, int64_t arrived) {
    int index = op_of(proxy, &link->got);
    struct op *op = &proxy->book->ops[index < 0 ? 0 : index];
    enum fate fate = any_fate(proxy);
    struct buffer request;
    link->ending = book_choose(&proxy->seed, 4) ? END_KEEP : END_FIN;
    if (index < 0 || ++op->arrived > 1) {
        say(link, 500, "text/plain", "once is enough");
        return;
    }
    /* Nobody could find out, or not if another delete came. */
    if (fate == FATE_LIE && (op->only_secrets || op->kind == CHANGE_DELETE))
        fate = FATE_WELL;
    proxy->book->fates[fate]++;
    op->fate = (int)fate;
    note_check(proxy, op);
    buffer_init(&request);
    rewrite(&link->got, "/add-mod-del-bucket", &request);
    if (fate == FATE_REFUSED)
        say_any(proxy, link, refusals, 6);
    else if (fate == FATE_BROKEN)
        say_any(proxy, link, breaks, 5);
    else if (fate == FATE_LIE)
        say(link, 200, "application/json", "{}");
    else if (fate == FATE_LOST_BEFORE || fate == FATE_LATE)
        stop(proxy, link);
    else
        answer_change(proxy, link, index, fate, &request, arrived);
    if (fate == FATE_LATE)
        keep_late(proxy, index, &request, arrived);
    op->clear |= fate == FATE_REFUSED;
    buffer_finish(&request);
}

static void forward_late(struct proxy *proxy) {
    size_t kept = 0;
    for (size_t i = 0; i < proxy->late_count; i++) {
        struct late *late = &proxy->lates[i];
        struct buffer answer;
        int status = 0;
        if (late->due > clock_ms()) {
            proxy->lates[kept++] = *late;
            continue;
        }
        buffer_init(&answer);
        if (apply(proxy, late->op, &late->request, late->arrived, &answer, &status) &&
            status == 200)
            proxy->book->late++;
        buffer_finish(&answer);
        buffer_finish(&late->request);
    }
    proxy->late_count = kept;
}

/* ---- readings -------------------------------------------------------------------------------- */

/* Of a sitting the first whole listing with its token is the one before the changes; commands read
 * the table once more before. */
static void keep_check(struct proxy *proxy, const struct link *link) {
    const char *token = header(&link->got, "\r\nAuthorization: op-");
    int first = token ? book_number(token) : OPS;
    if (first < 0 || first >= OPS)
        return;
    struct check *check = &proxy->checks[first];
    if (check->at != 0 && !proxy->book->run.commands)
        return;
    check->at = clock_ms();
    memcpy(check->states, proxy->book->now, sizeof check->states);
}

static void take_reading(struct proxy *proxy, struct link *link) {
    static const int statuses[] = {500, 504, 429, 200, 502, 504};
    bool spoilt = !proxy->book->calm && book_choose(&proxy->seed, 7) == 0;
    unsigned how = book_choose(&proxy->seed, 4);
    proxy->book->readings++;
    proxy->book->spoilt += spoilt;
    link->ending = book_choose(&proxy->seed, 4) ? END_KEEP : END_FIN;
    if (spoilt && how == 0)
        stop(proxy, link);
    else if (spoilt && how == 1)
        say_any(proxy, link, statuses, 6);
    else {
        char *rows = list(proxy);
        say(link, 200, "application/json", rows ? rows : "");
        free(rows);
        if (spoilt && how == 2)
            cut(proxy, link);
        else
            keep_check(proxy, link);
        if (spoilt && how == 3) /* slow, perhaps too slow */
            link->due =
                clock_ms() + book_choose(&proxy->seed, (unsigned)proxy->book->limit_ms * 5 / 4);
    }
}

/* ---- connections ----------------------------------------------------------------------------- */

static void close_link(struct link *link, bool reset) {
    struct linger none = {1, 0};
    if (reset)
        setsockopt(link->file, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    close(link->file);
    link->file = -1;
    buffer_finish(&link->got);
    buffer_finish(&link->out);
}

static void take_request(struct proxy *proxy, struct link *link) {
    bool post = strncmp(link->got.data, "POST /add-mod-del-bucket ", 25) == 0;
    if (post)
        take_post(proxy, link, proxy->looks[2]);
    else
        take_reading(proxy, link);
    buffer_clear(&link->got);
}

static void read_some(struct proxy *proxy, struct link *link) {
    ssize_t got = recv(link->file, buffer_room(&link->got, PIECE), PIECE, 0);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
        close_link(link, false);
    if (got <= 0)
        return;
    buffer_extend(&link->got, (size_t)got);
    size_t length = request_length(&link->got);
    if (length > 0 && link->got.length >= length)
        take_request(proxy, link);
}

static void write_some(struct link *link) {
    if (link->due > clock_ms())
        return;
    ssize_t sent =
        send(link->file, link->out.data + link->sent, link->out.length - link->sent, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) {
        close_link(link, false);
        return;
    }
    link->sent += sent > 0 ? (size_t)sent : 0;
    if (link->sent < link->out.length)
        return;
    link->answering = false;
    if (link->ending == END_FIN || link->ending == END_RESET)
        close_link(link, link->ending == END_RESET);
}

static void accept_all(struct proxy *proxy) {
    for (size_t i = 0; i < LINKS; i++) {
        struct link *link = &proxy->links[i];
        if (link->file >= 0)
            continue;
        int file = accept4(proxy->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (file < 0)
            return;
        int one = 1;
        setsockopt(file, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        *link = (struct link){.file = file};
        buffer_init(&link->got);
        buffer_init(&link->out);
    }
}

static int wait_of(const struct proxy *proxy, int timeout_ms) {
    int64_t now = clock_ms(), due = now + timeout_ms;
    for (size_t i = 0; i < proxy->late_count; i++)
        due = proxy->lates[i].due < due ? proxy->lates[i].due : due;
    for (size_t i = 0; i < LINKS; i++)
        if (proxy->links[i].file >= 0 && proxy->links[i].answering)
            due = proxy->links[i].due < due ? proxy->links[i].due : due;
    return due > now ? (int)(due - now) : 0;
}

void proxy_turn(struct proxy *proxy, int timeout_ms) {
    struct pollfd files[LINKS + 1] = {{proxy->listener, POLLIN, 0}};
    for (size_t i = 0; i < LINKS; i++)
        files[i + 1] = (struct pollfd){proxy->links[i].file, POLLIN, 0};
    proxy->looks[2] = proxy->looks[1];
    proxy->looks[1] = proxy->looks[0];
    proxy->looks[0] = clock_ms();
    poll(files, LINKS + 1, wait_of(proxy, timeout_ms));
    forward_late(proxy);
    for (size_t i = 0; i < LINKS; i++)
        if (files[i + 1].revents && proxy->links[i].file >= 0)
            read_some(proxy, &proxy->links[i]);
    for (size_t i = 0; i < LINKS; i++)
        if (proxy->links[i].file >= 0 && proxy->links[i].answering)
            write_some(&proxy->links[i]);
    accept_all(proxy);
}

size_t proxy_late(const struct proxy *proxy) {
    return proxy->late_count;
}

/* ---- beginning and end ----------------------------------------------------------------------- */

struct proxy *proxy_create(struct book *book, int bucketd_port) {
    struct proxy *proxy = memory_new(1, sizeof *proxy);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    proxy->book = book;
    proxy->seed = book_seed(book, PAILS);
    proxy->bucketd = address;
    proxy->bucketd.sin_port = htons((uint16_t)bucketd_port);
    proxy->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (bind(proxy->listener, (struct sockaddr *)&address, length) != 0 ||
        listen(proxy->listener, LINKS) != 0 ||
        getsockname(proxy->listener, (struct sockaddr *)&address, &length) != 0)
        abort();
    book->port = ntohs(address.sin_port);
    for (size_t i = 0; i < LINKS; i++)
        proxy->links[i].file = -1;
    return proxy;
}

void proxy_destroy(struct proxy *proxy) {
    for (size_t i = 0; i < LINKS; i++)
        if (proxy->links[i].file >= 0)
            close_link(&proxy->links[i], false);
    for (size_t i = 0; i < proxy->late_count; i++)
        buffer_finish(&proxy->lates[i].request);
    close(proxy->listener);
    free(proxy);
}
