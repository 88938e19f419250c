#include "tests.h"

#include <fcntl.h>
#include <locale.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pail/buckets/table.h"
#include "pail/ui/screens.h"

/* ---- a session that does what the test says -------------------------------------------------- */

struct session {
    struct submission door;
    struct change *change;
    struct table *table;
    struct bucket now;
    int submits, cancels;
    bool refuses;
    char reason[64]; /* of the last one */
};

bool session_submit_all(struct session *session, struct change *const *changes, size_t count,
                        const struct submit_options *options, struct error *error) {
    struct change *change = changes[0];
    assert_int_equal(count, 1);
    snprintf(session->reason, sizeof session->reason, "%s", options->reason);
    if (session->refuses)
        return error_set(error, "read-only: nothing was sent");
    change_destroy(session->change);
    session->change = change;
    session->door = (struct submission){.phase = SUBMISSION_CHECKING, .text = "", .change = change};
    session->submits++;
    return true;
}

void session_status(const struct session *session, struct session_status *status) {
    (void)session;
    *status = (struct session_status){.text = ""};
}

void session_submission(const struct session *session, struct submission *submission) {
    *submission = session->door;
}

void session_cancel(struct session *session) {
    session->cancels++;
}

const char *session_change_url(const struct session *session) {
    (void)session;
    return "https://api.example/add-mod-del-bucket";
}

struct screen *login_screen_create(const struct app *app) {
    (void)app;
    return NULL; /* no test logs in */
}

int64_t session_settles_ms(const struct session *session, const char *name) {
    (void)session;
    (void)name;
    return 0;
}

struct table *session_table(const struct session *session) {
    return session->table;
}

bool session_is_partial(const struct session *session) {
    (void)session;
    return false;
}

bool session_is_read_only(const struct session *session) {
    (void)session;
    return false;
}

void session_set_read_only(struct session *session) {
    session->refuses = true;
}

size_t session_unsettled(const struct session *session) {
    (void)session;
    return 0;
}

bool session_is_unsettled(const struct session *session, const char *name) {
    (void)session, (void)name;
    return false;
}

unsigned long session_serial(const struct session *session) {
    (void)session;
    return 0;
}

/* ---- the stage ------------------------------------------------------------------------------- */

struct stage {
    struct app app;
    struct session session;
    struct settings settings;
    struct theme theme;
    struct screen bottom;
    int keys[2], output;
    struct bucket entry;
};

static void nothing(struct screen *screen, struct app *app) {
    (void)screen;
    (void)app;
}

static void no_act(struct screen *screen, struct app *app, enum action action) {
    (void)screen;
    (void)app;
    (void)action;
}

static void no_destroy(struct screen *screen) {
    (void)screen;
}

static const struct screen_ops bottom_ops = {
    .context = IN_LIST, .draw = nothing, .act = no_act, .destroy = no_destroy};

static int set_up(void **state) {
    struct stage *stage = calloc(1, sizeof *stage);
    struct error error = {""};
    *state = stage;
    stage->output = memfd_create("output", MFD_CLOEXEC);
    assert_int_equal(pipe2(stage->keys, O_CLOEXEC), 0);
    theme_init(&stage->theme);
    settings_init(&stage->settings);
    stage->app = (struct app){.settings = &stage->settings, .session = &stage->session};
    buffer_init(&stage->app.message);
    stage->app.terminal = terminal_create(&(struct terminal_settings){.input = stage->keys[0],
                                                                      .output = stage->output,
                                                                      .type = "xterm-256color",
                                                                      .rows = 24,
                                                                      .columns = 80},
                                          &stage->theme, &error);
    assert_string_equal(error.text, "");
    stage->bottom.ops = &bottom_ops;
    app_push(&stage->app, &stage->bottom);
    stage->session.table = table_create();
    bucket_init(&stage->entry);
    stage->entry.value[FIELD_NAME] = "testb3";
    stage->entry.value[FIELD_CLOUD] = "minio";
    stage->entry.value[FIELD_ACCESS_KEY_ID] = "AKIAABCDEFGHIJKLMNOP";
    return 0;
}

static int tear_down(void **state) {
    struct stage *stage = *state;
    while (stage->app.depth > 1)
        app_pop(&stage->app);
    terminal_destroy(stage->app.terminal);
    settings_finish(&stage->settings);
    buffer_finish(&stage->app.message);
    change_destroy(stage->session.change);
    table_destroy(stage->session.table);
    close(stage->keys[0]);
    close(stage->keys[1]);
    close(stage->output);
    free(stage);
    return 0;
}

static void draw(struct stage *stage) {
    terminal_begin(stage->app.terminal);
    app_top(&stage->app)->ops->draw(app_top(&stage->app), &stage->app);
    terminal_end(stage->app.terminal);
}

/* As the dashboard hands out a key. */
static void press(struct stage *stage, int key) {
    struct app *app = &stage->app;
    struct screen *top = app_top(app);
    bool typing = top->ops->typing && top->ops->typing(top);
    buffer_clear(&app->message);
    if ((typing && top->ops->key(top, app, key)) || key == K_PASTE_BEGIN || key == K_PASTE_END)
        return;
    enum action action = keymap_find(&app->settings->keymap, top->ops->context, key);
    if (action != ACTION_NONE)
        app_act(app, action);
    else if (!typing && top->ops->key)
        top->ops->key(top, app, key);
}

static void type(struct stage *stage, const char *text) {
    for (; *text; text++)
        press(stage, *text);
}

static void open_delete(struct stage *stage) {
    app_push(&stage->app, review_screen_create(change_delete(&stage->entry)));
    draw(stage);
}

/* The form with an endpoint typed, and its review. */
static void open_edit(struct stage *stage) {
    app_push(&stage->app, edit_form_create(&stage->entry));
    draw(stage);
    type(stage, "https://mine.example");
    press(stage, K_F2);
    draw(stage);
    assert_int_equal(stage->app.depth, 3);
}

static void wake(struct stage *stage) {
    struct app *app = &stage->app;
    for (int i = 0; i < app->depth; i++)
        if (app->stack[i]->ops->wake)
            app->stack[i]->ops->wake(app->stack[i], app);
    draw(stage);
}

static void finish(struct stage *stage, enum submission_outcome outcome, const char *text) {
    stage->session.door.phase = SUBMISSION_DONE;
    stage->session.door.outcome = outcome;
    stage->session.door.text = text;
    wake(stage);
}

/* ---- confirming ------------------------------------------------------------------------------ */

static void test_a_delete_wants_the_name(void **state) {
    struct stage *stage = *state;
    open_delete(stage);
    press(stage, K_TAB); /* from Back to the name, */
    press(stage, K_TAB); /* and to Send */
    press(stage, K_ENTER);
    assert_int_equal(stage->session.submits, 0);
    type(stage, "testb");
    press(stage, K_ENTER);
    press(stage, K_TAB);
    press(stage, K_ENTER);
    assert_int_equal(stage->session.submits, 0);
    type(stage, "3");
    press(stage, K_ENTER); /* never sends: it moves to Send */
    assert_int_equal(stage->session.submits, 0);
    press(stage, K_ENTER);
    assert_int_equal(stage->session.submits, 1);
    assert_int_equal(change_op(stage->session.change), CHANGE_DELETE);
}

static void test_enter_on_a_new_delete_goes_back(void **state) {
    struct stage *stage = *state;
    open_delete(stage);
    press(stage, K_ENTER);
    assert_int_equal(stage->app.depth, 1);
    assert_int_equal(stage->session.submits, 0);
}

static void test_a_paste_never_confirms(void **state) {
    struct stage *stage = *state;
    open_delete(stage);
    press(stage, K_TAB);
    press(stage, K_PASTE_BEGIN);
    type(stage, "testb3");
    press(stage, K_ENTER);
    press(stage, K_PASTE_END);
    assert_string_not_equal(stage->app.message.data, "");
    press(stage, K_ENTER);
    press(stage, K_TAB);
    press(stage, K_ENTER);
    assert_int_equal(stage->session.submits, 0);
}

static void test_keys_before_the_first_frame_do_not_count(void **state) {
    struct stage *stage = *state;
    app_push(&stage->app, edit_form_create(&stage->entry));
    type(stage, "https://mine.example");
    press(stage, K_F2);
    press(stage, K_ENTER);
    assert_int_equal(stage->app.depth, 3);
    assert_int_equal(stage->session.submits, 0);
    assert_int_equal(write(stage->keys[1], "\r\r", 2), 2); /* typed ahead, read after the frame */
    draw(stage);
    bool hung_up = false;
    assert_int_equal(terminal_key(stage->app.terminal, &hung_up), K_NONE);
    press(stage, K_ENTER);
    assert_int_equal(stage->session.submits, 1);
}

static void test_a_paste_from_before_the_first_frame(void **state) {
    struct stage *stage = *state;
    app_push(&stage->app, review_screen_create(change_delete(&stage->entry)));
    press(stage, K_PASTE_BEGIN);
    draw(stage);
    type(stage, "testb3");
    press(stage, K_ENTER);
    press(stage, K_PASTE_END);
    assert_int_equal(stage->app.depth, 2);
    assert_string_equal(stage->app.message.data, "A paste doesn't confirm: type the name.");
    press(stage, K_ENTER); /* Back has the focus still */
    assert_int_equal(stage->app.depth, 1);
    assert_int_equal(stage->session.submits, 0);
}

static void test_a_name_that_cannot_be_typed(void **state) {
    struct stage *stage = *state;
    stage->entry.value[FIELD_NAME] = "a\033[2Jb";
    open_delete(stage);
    type(stage, "a^[[2Jb");
    press(stage, K_ENTER);
    press(stage, K_ENTER);
    assert_int_equal(stage->session.submits, 1);
}

static void test_a_replacement_wants_the_name(void **state) {
    struct stage *stage = *state;
    table_add(stage->session.table, &stage->entry);
    app_push(&stage->app, add_form_create(NULL));
    draw(stage);
    type(stage, "testb3");
    press(stage, K_F2);
    draw(stage);
    assert_int_equal(stage->app.depth, 3);
    type(stage, "testb3");
    press(stage, K_ENTER);
    press(stage, K_ENTER);
    assert_int_equal(stage->session.submits, 1);
    assert_int_equal(change_op(stage->session.change), CHANGE_ADD);
}

/* ---- the form's side ------------------------------------------------------------------------- */

static void test_an_error_keeps_the_review_shut(void **state) {
    struct stage *stage = *state;
    app_push(&stage->app, edit_form_create(&stage->entry));
    type(stage, "ftp://x");
    press(stage, K_TAB);
    press(stage, K_F2);
    assert_int_equal(stage->app.depth, 2);
    assert_non_null(strstr(stage->app.message.data, "Endpoint"));
    for (int i = 0; i < 7; i++)
        press(stage, K_BACKSPACE); /* the focus is on it */
    press(stage, K_F2);
    assert_int_equal(stage->app.depth, 2);
    assert_non_null(strstr(stage->app.message.data, "Nothing differs"));
}

static void test_escape_asks_only_if_something_changed(void **state) {
    struct stage *stage = *state;
    app_push(&stage->app, edit_form_create(&stage->entry));
    press(stage, K_ESCAPE);
    assert_int_equal(stage->app.depth, 1);
    app_push(&stage->app, edit_form_create(&stage->entry));
    type(stage, "x");
    press(stage, K_ESCAPE);
    assert_int_equal(stage->app.depth, 3);
    press(stage, K_ENTER); /* Keep editing has the focus */
    assert_int_equal(stage->app.depth, 2);
    press(stage, K_ESCAPE);
    press(stage, K_ESCAPE);
    assert_int_equal(stage->app.depth, 2);
    press(stage, K_ESCAPE);
    press(stage, 'd');
    assert_int_equal(stage->app.depth, 3); /* it has the focus now, and nothing more */
    press(stage, K_ENTER);
    assert_int_equal(stage->app.depth, 1);
}

static void test_a_pasted_newline_stays_in_the_field(void **state) {
    struct stage *stage = *state;
    app_push(&stage->app, add_form_create(NULL));
    press(stage, K_PASTE_BEGIN);
    type(stage, "one");
    press(stage, K_ENTER);
    press(stage, K_TAB);
    type(stage, "two");
    press(stage, K_PASTE_END);
    assert_non_null(strstr(stage->app.message.data, "2 control characters"));
    type(stage, "3");
    press(stage, K_F2);
    draw(stage);
    press(stage, K_ENTER);
    assert_string_equal(change_name(stage->session.change), "onetwo3");
}

/* ---- outcomes -------------------------------------------------------------------------------- */

static void test_applied_closes_review_and_form(void **state) {
    struct stage *stage = *state;
    open_edit(stage);
    press(stage, K_ENTER);
    wake(stage);
    assert_int_equal(stage->app.depth, 3);
    finish(stage, OUTCOME_APPLIED, "modify testb3: applied");
    assert_int_equal(stage->app.depth, 1);
    assert_string_equal(stage->app.message.data, "modify testb3: applied");
}

static void test_applied_under_the_help_waits(void **state) {
    struct stage *stage = *state;
    open_edit(stage);
    press(stage, K_ENTER);
    app_push(&stage->app, dialog_create("?", (const char *const[]){"Yes"}, 1, 0, NULL, NULL));
    finish(stage, OUTCOME_APPLIED, "applied");
    assert_int_equal(stage->app.depth, 4);
    app_pop(&stage->app);
    wake(stage);
    assert_int_equal(stage->app.depth, 1);
}

static void test_refused_gives_the_form_back(void **state) {
    struct stage *stage = *state;
    open_edit(stage);
    press(stage, K_ENTER);
    finish(stage, OUTCOME_REFUSED, "modify testb3: refused");
    press(stage, K_TAB);
    press(stage, K_ENTER); /* Back is the only button */
    assert_int_equal(stage->session.submits, 1);
    assert_int_equal(stage->app.depth, 2);
    assert_true(screen_is_form(app_top(&stage->app)));
    press(stage, K_F2);
    draw(stage);
    press(stage, K_ENTER);
    assert_int_equal(stage->session.submits, 2);
    assert_string_equal(change_wanted(stage->session.change)->value[FIELD_ENDPOINT],
                        "https://mine.example");
}

static void test_a_reason_goes_along(void **state) {
    struct stage *stage = *state;
    open_edit(stage);
    press(stage, K_SHIFT_TAB);
    type(stage, "because");
    press(stage, K_PASTE_BEGIN);
    type(stage, " of");
    press(stage, K_ENTER);
    press(stage, K_PASTE_END);
    type(stage, " it");
    press(stage, K_ENTER); /* to the button */
    assert_int_equal(stage->session.submits, 0);
    press(stage, K_ENTER);
    assert_int_equal(stage->session.submits, 1);
    assert_string_equal(stage->session.reason, "because of it");
}

static void test_escape_stops_waiting(void **state) {
    struct stage *stage = *state;
    open_edit(stage);
    press(stage, K_ENTER);
    press(stage, K_ENTER); /* pressed twice, before there was something to see */
    assert_int_equal(stage->session.cancels, 0);
    draw(stage);
    press(stage, K_ENTER); /* the button says Stop waiting */
    press(stage, K_ESCAPE);
    assert_int_equal(stage->session.cancels, 2);
    assert_int_equal(stage->session.submits, 1);
    finish(stage, OUTCOME_UNKNOWN, "modify testb3: unknown");
    assert_int_equal(stage->app.depth, 3);
    for (int i = 0; i < 3; i++) {
        press(stage, K_TAB);
        assert_int_equal(stage->session.submits, 1);
    }
    finish(stage, OUTCOME_APPLIED, "modify testb3: applied after all");
    assert_int_equal(stage->app.depth, 1);
}

static void test_a_conflict_rebases_the_form(void **state) {
    struct stage *stage = *state;
    struct bucket now = stage->entry;
    now.value[FIELD_ACCESS_KEY_ID] = "AKIATHEIRSTHEIRSTHEI";
    open_edit(stage);
    press(stage, K_ENTER);
    stage->session.door.now = &now;
    stage->session.door.now_is_known = true;
    finish(stage, OUTCOME_CONFLICT, "modify testb3: not sent: the entry was changed meanwhile");
    press(stage, K_ESCAPE);
    assert_int_equal(stage->app.depth, 2);
    press(stage, K_F2);
    draw(stage);
    press(stage, K_ENTER);
    const struct change *change = stage->session.change;
    assert_string_equal(change_before(change)->value[FIELD_ACCESS_KEY_ID], "AKIATHEIRSTHEIRSTHEI");
    assert_string_equal(change_wanted(change)->value[FIELD_ACCESS_KEY_ID], "AKIATHEIRSTHEIRSTHEI");
    assert_string_equal(change_wanted(change)->value[FIELD_ENDPOINT], "https://mine.example");
}

static void test_a_delete_that_was_not_sent_can_be_sent_again(void **state) {
    struct stage *stage = *state;
    open_delete(stage);
    type(stage, "testb3");
    press(stage, K_ENTER);
    press(stage, K_ENTER);
    finish(stage, OUTCOME_NOT_SENT, "delete testb3: not sent");
    press(stage, K_TAB);
    press(stage, K_ENTER);
    assert_int_equal(stage->session.submits, 2);
    assert_string_equal(change_name(stage->session.change), "testb3");
    finish(stage, OUTCOME_UNKNOWN, "delete testb3: unknown");
    press(stage, K_TAB);
    press(stage, K_ENTER);
    assert_int_equal(stage->session.submits, 2);
    assert_int_equal(stage->app.depth, 1);
}

static void test_a_closed_door_leaves_the_review_open(void **state) {
    struct stage *stage = *state;
    stage->session.refuses = true;
    open_edit(stage);
    press(stage, K_ENTER);
    assert_int_equal(stage->app.depth, 3);
    assert_non_null(strstr(stage->app.message.data, "nothing was sent"));
    stage->session.refuses = false;
    press(stage, K_ENTER);
    assert_int_equal(stage->session.submits, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_a_delete_wants_the_name),
        TEST(test_enter_on_a_new_delete_goes_back),
        TEST(test_a_paste_never_confirms),
        TEST(test_keys_before_the_first_frame_do_not_count),
        TEST(test_a_paste_from_before_the_first_frame),
        TEST(test_a_name_that_cannot_be_typed),
        TEST(test_a_replacement_wants_the_name),
        TEST(test_an_error_keeps_the_review_shut),
        TEST(test_escape_asks_only_if_something_changed),
        TEST(test_a_pasted_newline_stays_in_the_field),
        TEST(test_applied_closes_review_and_form),
        TEST(test_applied_under_the_help_waits),
        TEST(test_refused_gives_the_form_back),
        TEST(test_a_reason_goes_along),
        TEST(test_escape_stops_waiting),
        TEST(test_a_conflict_rebases_the_form),
        TEST(test_a_delete_that_was_not_sent_can_be_sent_again),
        TEST(test_a_closed_door_leaves_the_review_open),
    };
    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
