#include "screens.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pail/base/memory.h"

struct script {
    const char *folder, *path;
    bool update;
    struct buffer text; /* of the file; lines are cut out of it */
    char *next;         /* line */
    int line;           /* number of the last one, from 1 */
    struct buffer out;  /* the file with what was seen */
    bool failed;        /* something can't be gone on from */
    int differences;
    struct scene scene;
};

__attribute__((format(printf, 2, 3))) static void fail(struct script *script, const char *format,
                                                       ...) {
    va_list args;
    va_start(args, format);
    printf("# %s:%d: ", strrchr(script->path, '/') + 1, script->line);
    vprintf(format, args);
    printf("\n");
    va_end(args);
    script->failed = true;
}

static bool read_file(const char *path, struct buffer *text) {
    char piece[4096];
    size_t got;
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return false;
    while ((got = fread(piece, 1, sizeof piece, file)) > 0)
        buffer_append(text, piece, got);
    fclose(file);
    return true;
}

/* The next line, without its end; NULL after the last. */
static char *next_line(struct script *script) {
    char *line = script->next;
    if (*line == '\0')
        return NULL;
    char *end = strchrnul(line, '\n');
    script->next = *end ? end + 1 : end;
    *end = '\0';
    script->line++;
    return line;
}

/* The lines up to `end`, each with its newline. */
static void read_block(struct script *script, struct buffer *block) {
    char *line;
    while ((line = next_line(script)) && strcmp(line, "end") != 0)
        buffer_printf(block, "%s\n", line);
    if (line == NULL)
        fail(script, "a block without its end");
}

/* Copies the block to the output as it is. */
static void keep_block(struct script *script, const struct buffer *block) {
    buffer_printf(&script->out, "%send\n", block->data);
}

/* Undoes the escape that `from`, a backslash, begins; returns its last character. */
static char *undo_escape(char *from, char *value) {
    static const char names[] = "enrt", values[] = "\033\n\r\t";
    const char *name = from[1] ? strchr(names, from[1]) : NULL;
    if (from[1] == 'x' && from[2] && from[3]) {
        char digits[3] = {from[2], from[3], '\0'};
        *value = (char)strtol(digits, NULL, 16);
        return from + 3;
    }
    *value = name ? values[name - names] : from[1];
    return from[1] ? from + 1 : from;
}

/* Takes the first word off the text: up to a blank, or a "string", which may hold anything but NUL.
 * NULL at the end. */
static char *take_word(char **text, bool *quoted) {
    char *from = *text + strspn(*text, " "), *to = from, *word = from;
    *quoted = *from == '"';
    if (*from == '\0')
        return NULL;
    if (!*quoted) {
        from += strcspn(from, " ");
        *text = *from ? from + 1 : from;
        *from = '\0';
        return word;
    }
    for (from++; *from && *from != '"'; from++) {
        char value = *from;
        if (value == '\\')
            from = undo_escape(from, &value);
        *to++ = value;
    }
    *text = *from ? from + 1 : from;
    *to = '\0';
    return word;
}

/* ---- keys and time ---- */

static void do_keys(struct script *script, char *rest) {
    bool quoted;
    char *word, bytes[8];
    while (!script->scene.over && (word = take_word(&rest, &quoted))) {
        const char *send = quoted ? word : scene_key_bytes(word, bytes);
        if (send == NULL) {
            fail(script, "no key is called %s", word);
            return;
        }
        scene_type(&script->scene, send, strlen(send));
    }
}

static void do_paste(struct script *script, char *rest) {
    bool quoted;
    char *word = take_word(&rest, &quoted);
    struct buffer bytes;
    buffer_init(&bytes);
    buffer_printf(&bytes, "\033[200~%s\033[201~", word ? word : "");
    scene_type(&script->scene, bytes.data, bytes.length);
    buffer_finish(&bytes);
}

static void do_advance(struct script *script, char *rest) {
    char *unit;
    long amount = strtol(rest, &unit, 10);
    if (strcmp(unit, "s") == 0)
        amount *= 1000;
    else if (strcmp(unit, "ms") != 0)
        fail(script, "advance by what? 10s, 500ms");
    fake_clock_advance(amount);
    scene_turn(&script->scene);
}

static void do_resize(struct script *script, char *rest) {
    int rows = 0, columns = 0;
    if (scene_parse_size(rest, &rows, &columns))
        scene_resize(&script->scene, rows, columns);
    else
        fail(script, "resize to what? 40x10");
}

/* monkey COUNT SEED LISTING */
static void do_monkey(struct script *script, char *rest) {
    struct buffer listing;
    char path[PATH_MAX];
    long count = strtol(rest, &rest, 10), seed = strtol(rest, &rest, 10);
    buffer_init(&listing);
    snprintf(path, sizeof path, "%s/%s", script->folder, rest + strspn(rest, " "));
    if (count <= 0 || !read_file(path, &listing))
        fail(script, "monkey COUNT SEED LISTING");
    else if (!monkey_run(&script->scene, listing.data, (uint32_t)seed, count))
        fail(script, "a read-only sitting has sent a change");
    buffer_finish(&listing);
}

/* ---- the network ---- */

/* The body is "text", a file of the folder, or what follows up to `end`. */
static bool take_body(struct script *script, char *rest, struct fake_answer *answer) {
    struct buffer body;
    bool quoted;
    char path[PATH_MAX], *word = take_word(&rest, &quoted);
    buffer_init(&body);
    if (word == NULL) {
        read_block(script, &body);
        keep_block(script, &body);
    } else if (quoted) {
        buffer_append_string(&body, word);
    } else {
        snprintf(path, sizeof path, "%s/%s", script->folder, word);
        if (!read_file(path, &body))
            fail(script, "%s can't be read", path);
    }
    answer->length = body.length;
    answer->body = buffer_steal(&body);
    return !script->failed;
}

static void give_answer(struct script *script, struct fake_answer *answer) {
    fake_http_answer(answer);
    if (script->scene.dashboard)
        scene_turn(&script->scene);
}

/* list [BODY] */
static void do_list(struct script *script, char *rest) {
    struct fake_answer answer = {.status = 200, .type = "application/json"};
    if (take_body(script, rest, &answer))
        give_answer(script, &answer);
}

/* answer STATUS TYPE [BODY] */
static void do_answer(struct script *script, char *rest) {
    bool quoted;
    struct fake_answer answer = {.status = strtol(rest, &rest, 10)};
    const char *type = take_word(&rest, &quoted);
    if (answer.status == 0 || type == NULL) {
        fail(script, "answer STATUS TYPE [BODY]");
        return;
    }
    snprintf(answer.type, sizeof answer.type, "%s", type);
    if (take_body(script, rest, &answer))
        give_answer(script, &answer);
}

/* cut|part COUNT [BODY] */
static void do_piece(struct script *script, char *rest, enum fake_end end) {
    struct fake_answer answer = {.end = end, .status = 200, .type = "application/json"};
    char *after;
    answer.count = strtoul(rest, &after, 10);
    if (after == rest)
        fail(script, "how many bytes of it?");
    else if (take_body(script, after, &answer))
        give_answer(script, &answer);
}

/* fail not-sent|unknown "text" */
static void do_fail(struct script *script, char *rest) {
    bool quoted;
    const char *how = take_word(&rest, &quoted), *text = take_word(&rest, &quoted);
    struct fake_answer answer = {.end = FAKE_UNKNOWN};
    if (how && strcmp(how, "not-sent") == 0)
        answer.end = FAKE_NOT_SENT;
    snprintf(answer.text, sizeof answer.text, "%s", text ? text : "");
    answer.body = memory_string("");
    give_answer(script, &answer);
}

static void do_rest(struct script *script) {
    if (!fake_http_rest())
        fail(script, "no answer has paused");
    scene_turn(&script->scene);
}

/* expect-request PATH [BODY] */
static void expect_request(struct script *script, char *rest) {
    bool quoted;
    const char *path = take_word(&rest, &quoted), *body = take_word(&rest, &quoted);
    const char *sent = path ? fake_http_request(path) : NULL;
    if (sent == NULL)
        fail(script, "no request went to %s", path ? path : "?");
    else if (body && strcmp(body, sent) != 0)
        fail(script, "the request was\n#   %s\n# and not\n#   %s", sent, body);
}

static void expect_no_request(struct script *script, const char *path) {
    const char *sent = fake_http_request(path);
    if (sent)
        fail(script, "a request went to %s: %s", path, sent);
}

/* ---- what is seen ---- */

static void print_lines(const char *title, const char *text) {
    printf("# %s\n", title);
    for (const char *end; *text; text = *end ? end + 1 : end) {
        end = strchrnul(text, '\n');
        printf("#   %.*s\n", (int)(end - text), text);
    }
}

/* Compares a block of the file with what is there, or takes that over. */
static void compare(struct script *script, const struct buffer *seen) {
    struct buffer wanted;
    int line = script->line;
    buffer_init(&wanted);
    read_block(script, &wanted);
    bool same = strcmp(wanted.data, seen->data) == 0;
    if (!same && !script->update) {
        printf("# %s:%d: differs\n", strrchr(script->path, '/') + 1, line);
        print_lines("wanted:", wanted.data);
        print_lines("seen:", seen->data);
        script->differences++;
    }
    keep_block(script, script->update ? seen : &wanted);
    buffer_finish(&wanted);
}

static void do_screen(struct script *script) {
    struct buffer seen;
    buffer_init(&seen);
    for (int row = 0; row < getmaxy(stdscr); row++)
        dump_row(&seen, row);
    compare(script, &seen);
    buffer_finish(&seen);
}

/* rows|styles ROW... */
static void do_rows(struct script *script, char *rest, bool styles) {
    struct buffer seen;
    bool quoted;
    char *word;
    buffer_init(&seen);
    while ((word = take_word(&rest, &quoted))) {
        int row = (int)strtol(word, NULL, 10);
        row = row < 0 ? getmaxy(stdscr) + row : row;
        if (row < 0 || row >= getmaxy(stdscr)) {
            fail(script, "there is no row %s", word);
            break;
        }
        dump_row(&seen, row);
        if (styles)
            dump_styles(&seen, row);
    }
    compare(script, &seen);
    buffer_finish(&seen);
}

static void expect_cursor(struct script *script, const char *rest) {
    const struct terminal *terminal = dashboard_app(script->scene.dashboard)->terminal;
    char seen[32];
    if (terminal->cursor_row < 0)
        snprintf(seen, sizeof seen, "hidden");
    else
        snprintf(seen, sizeof seen, "%d %d", terminal->cursor_row, terminal->cursor_column);
    if (strcmp(seen, rest) != 0)
        fail(script, "the cursor is %s", seen);
}

static void expect_written(struct script *script, char *rest) {
    bool quoted;
    const char *word = take_word(&rest, &quoted);
    off_t size = lseek(script->scene.output, 0, SEEK_CUR);
    char *bytes = memory_new((size_t)size + 1, 1);
    ssize_t got = pread(script->scene.output, bytes, (size_t)size, 0);
    if (word == NULL || got < 0 || memmem(bytes, (size_t)got, word, strlen(word)) == NULL)
        fail(script, "that was not written to the terminal");
    free(bytes);
}

/* file NAME, and what is in it */
static void expect_file(struct script *script, const char *name) {
    struct buffer seen;
    buffer_init(&seen);
    if (!read_file(name, &seen))
        fail(script, "there is no file %s", name);
    compare(script, &seen);
    buffer_finish(&seen);
}

/* draft, and what is in the file of drafts */
static void do_draft(struct script *script) {
    struct buffer text;
    buffer_init(&text);
    read_block(script, &text);
    keep_block(script, &text);
    FILE *file = fopen("state/pail/draft.json", "we");
    if (file == NULL || fchmod(fileno(file), 0600) != 0 || fputs(text.data, file) < 0)
        fail(script, "the file of drafts can't be written");
    if (file)
        fclose(file);
    buffer_finish(&text);
}

/* ---- lines ---- */

static bool do_outside(struct script *script, const char *word, char *rest) {
    if (strcmp(word, "list") == 0)
        do_list(script, rest);
    else if (strcmp(word, "answer") == 0)
        do_answer(script, rest);
    else if (strcmp(word, "cut") == 0)
        do_piece(script, rest, FAKE_CUT);
    else if (strcmp(word, "part") == 0)
        do_piece(script, rest, FAKE_PART);
    else if (strcmp(word, "fail") == 0)
        do_fail(script, rest);
    else
        return false;
    return true;
}

static bool do_action(struct script *script, const char *word, char *rest) {
    if (strcmp(word, "keys") == 0)
        do_keys(script, rest);
    else if (strcmp(word, "paste") == 0)
        do_paste(script, rest);
    else if (strcmp(word, "advance") == 0)
        do_advance(script, rest);
    else if (strcmp(word, "resize") == 0)
        do_resize(script, rest);
    else if (strcmp(word, "rest") == 0)
        do_rest(script);
    else if (strcmp(word, "signal") == 0) {
        if (!scene_signal(&script->scene, rest))
            fail(script, "signal HUP or TERM");
    } else if (strcmp(word, "monkey") == 0)
        do_monkey(script, rest);
    else
        return false;
    return true;
}

static bool do_expectation(struct script *script, const char *word, char *rest) {
    if (strcmp(word, "screen") == 0)
        do_screen(script);
    else if (strcmp(word, "rows") == 0)
        do_rows(script, rest, false);
    else if (strcmp(word, "styles") == 0)
        do_rows(script, rest, true);
    else if (strcmp(word, "cursor") == 0)
        expect_cursor(script, rest);
    else if (strcmp(word, "written") == 0)
        expect_written(script, rest);
    else if (strcmp(word, "file") == 0)
        expect_file(script, rest);
    else if (strcmp(word, "expect-request") == 0)
        expect_request(script, rest);
    else if (strcmp(word, "expect-no-request") == 0)
        expect_no_request(script, rest);
    else
        return false;
    return true;
}

/* What the shell is told after the end. */
static void expect_farewell(struct script *script) {
    struct buffer seen;
    buffer_init(&seen);
    if (script->scene.over)
        dashboard_run(script->scene.dashboard, &seen);
    else
        fail(script, "pail is still running");
    compare(script, &seen);
    buffer_finish(&seen);
}

static void do_line(struct script *script, char *line) {
    struct error error;
    struct scene *scene = &script->scene;
    char *rest = line + strcspn(line, " ");
    if (*rest)
        *rest++ = '\0';
    if (line[0] == '\0' || line[0] == '#' || do_outside(script, line, rest))
        return;
    if (strcmp(line, "over") == 0) {
        if (!scene->over)
            fail(script, "pail is still running");
    } else if (strcmp(line, "farewell") == 0) {
        expect_farewell(script);
    } else if (scene->over) {
        fail(script, "pail has ended");
    } else if (scene->dashboard) {
        if (!do_action(script, line, rest) && !do_expectation(script, line, rest))
            fail(script, "no such directive: %s", line);
    } else if (strcmp(line, "draft") == 0) {
        do_draft(script);
    } else if (strcmp(line, "start") == 0) {
        if (!scene_start(scene, &error))
            fail(script, "%s", error.text);
    } else if (!scene_set(scene, line, rest)) {
        fail(script, "not before start, or not so: %s %s", line, rest);
    }
}

static bool write_back(const struct script *script) {
    FILE *file = fopen(script->path, "we");
    bool good = file && fwrite(script->out.data, 1, script->out.length, file) == script->out.length;
    return file && fclose(file) == 0 && good;
}

bool script_run(const char *folder, const char *path, bool update) {
    struct script script = {.folder = folder, .path = path, .update = update};
    char *line;
    buffer_init(&script.text);
    buffer_init(&script.out);
    if (!read_file(path, &script.text))
        fail(&script, "can't be read");
    script.next = script.text.data;
    scene_init(&script.scene);
    while (!script.failed && (line = next_line(&script))) {
        buffer_printf(&script.out, "%s\n", line);
        do_line(&script, line);
    }
    scene_finish(&script.scene);
    if (update && !script.failed && !write_back(&script))
        fail(&script, "can't be written");
    buffer_finish(&script.text);
    buffer_finish(&script.out);
    return !script.failed && script.differences == 0;
}
