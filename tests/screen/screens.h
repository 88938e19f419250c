/*
 * The driver of the screen tests (README.md): a script plays the person, the network and the clock
 * to a dashboard in this process, and compares what the terminal would show.
 */
#ifndef PAIL_TESTS_SCREEN_SCREENS_H
#define PAIL_TESTS_SCREEN_SCREENS_H

#include "../../src/ui/terminal_internal.h"

#include "pail/base/buffer.h"
#include "pail/ui/dashboard.h"

/* ---- script.c: a .screen file ---- */

/* Runs the file in this process; false if something was not as expected, which has been printed.
 * With update the expected screens are written anew. folder: where its data is. */
bool script_run(const char *folder, const char *path, bool update);

/* ---- scene.c: the dashboard under test ---- */

struct scene {
    struct settings settings;
    struct dashboard_options options;
    struct dashboard *dashboard; /* NULL before the start */
    int keys[2];                 /* a pipe */
    int output;                  /* a memfd */
    bool over;
    char folder[64]; /* scratch: home, token, theme, and the current one */
};

void scene_init(struct scene *scene);
void scene_finish(struct scene *scene);

/* A directive of the kind that comes before `start`; false if it is none or its value is wrong. */
bool scene_set(struct scene *scene, const char *word, char *value);
bool scene_parse_size(const char *text, int *rows, int *columns); /* "80x24" */
bool scene_start(struct scene *scene, struct error *error);
void scene_resize(struct scene *scene, int rows, int columns);

/* Types the bytes, and turns the dashboard until nothing happens any more. */
bool scene_signal(struct scene *scene, const char *name); /* HUP, TERM; false for another */
void scene_type(struct scene *scene, const char *bytes, size_t length);
void scene_turn(struct scene *scene);

/* The bytes that a key sends; NULL if it has no such name. */
const char *scene_key_bytes(const char *name, char bytes[8]);

/* ---- monkey.c ---- */

/* Presses `count` keys by chance, with all that may happen besides. False if a read-only sitting
 * has sent a change. */
bool monkey_run(struct scene *scene, const char *listing, uint32_t seed, long count);

/* ---- dump.c: what is on the screen ---- */

/* Appends a row as "|...|\n", or its styles, a letter a cell. */
void dump_row(struct buffer *out, int row);
void dump_styles(struct buffer *out, int row);

/* Writes a theme in which each style has a colour of its own, by which dump_styles knows it. */
void dump_write_theme(const char *path);

/* ---- fake_clock.c ---- */

void fake_clock_advance(long ms);

/* ---- fake_http.c: service/http.h, answered by the script ---- */

enum fake_end { FAKE_WHOLE, FAKE_CUT, FAKE_PART, FAKE_NOT_SENT, FAKE_UNKNOWN };

/* An answer for the oldest request without one, now or to come. Strings are copied. FAKE_CUT: the
 * connection breaks after `count` bytes; FAKE_PART: it pauses there until fake_http_rest. */
struct fake_answer {
    enum fake_end end;
    long status;
    char type[64];
    char *body; /* taken over */
    size_t length, count;
    char text[256]; /* of FAKE_NOT_SENT and FAKE_UNKNOWN */
};

void fake_http_answer(const struct fake_answer *answer);
bool fake_http_rest(void); /* false: none has paused */

/* Moves whenever something happens. */
unsigned long fake_http_activity(void);

/* The oldest request to a URL that ends so and has not been asked for; its body, valid until
 * fake_http_forget, or NULL if there is none. "" for a request without a body. */
const char *fake_http_request(const char *path);
void fake_http_forget(void);

#endif
