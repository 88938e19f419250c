/* Someone who presses any key at any time, on a network that does anything. What is looked for is
 * done by the sanitizers, and by the bounds on how long anything may take. */
#include "screens.h"

#include <stdlib.h>
#include <string.h>

#include "pail/base/memory.h"

struct monkey {
    struct scene *scene;
    const char *listing;
    uint32_t seed;
};

static uint32_t chance(struct monkey *monkey, uint32_t limit) {
    monkey->seed = monkey->seed * 1664525 + 1013904223;
    return (monkey->seed >> 8) % limit;
}

/* The next request gets any answer. */
static void answer_somehow(struct monkey *monkey) {
    struct fake_answer answer = {.status = 200, .type = "application/json"};
    const char *body = monkey->listing;
    switch (chance(monkey, 8)) {
    case 0:
        answer.end = FAKE_CUT;
        answer.count = chance(monkey, (uint32_t)strlen(body));
        break;
    case 1:
        answer.end = FAKE_NOT_SENT;
        break;
    case 2:
        answer.end = FAKE_UNKNOWN;
        break;
    case 3:
        answer.status = 403;
        body = "not an administrator";
        break;
    case 4:
        body = "<html>Login expired. Please login again</html>";
        break;
    default:
        break;
    }
    answer.body = memory_string(body);
    answer.length = strlen(body);
    fake_http_answer(&answer);
    scene_turn(monkey->scene);
}

static void press(struct monkey *monkey) {
    static const char *const bytes[] = {
        "\033OA",
        "\033OB",
        "\033OC",
        "\033OD",
        "\033[5~",
        "\033[6~",
        "\033OH",
        "\033OF",
        "\r",
        "\r",
        "\r",
        "\t",
        "\t",
        "\033[Z",
        "\033",
        "\033",
        "\033OP",
        "\033OQ",
        "\033OQ",
        "\033[17~",
        "\033[20~",
        " ",
        " ",
        "\177",
        "\001",
        "\005",
        "\013",
        "\025",
        "\027",
        "\031",
        "\014",
        "\022",
        "\033[200~a\033[201~",
        "artifacts-main",
        "日本",
        "e\xCC\x81",
        "arn:aws:iam::1:role/r",
        "aaaeeeeeeDDDcccppwoOUP@:/?%nNy[]sjkhlgGxrTAAbbbbb12345",
    };
    const struct app *app = dashboard_app(monkey->scene->dashboard);
    size_t count = sizeof bytes / sizeof *bytes;
    if (app->depth > 1 && chance(monkey, 40) < (uint32_t)(app->depth * app->depth)) {
        scene_type(monkey->scene, "\033", 1); /* else it would live in the help */
        return;
    }
    size_t which = chance(monkey, (uint32_t)count * 2);
    if (which < count - 1) {
        scene_type(monkey->scene, bytes[which], strlen(bytes[which]));
        return;
    }
    const char *letters = bytes[count - 1];
    scene_type(monkey->scene, letters + chance(monkey, (uint32_t)strlen(letters)), 1);
}

bool monkey_run(struct scene *scene, const char *listing, uint32_t seed, long count) {
    struct monkey monkey = {scene, listing, seed};
    const struct app *app = dashboard_app(scene->dashboard);
    bool may_write = !app_is_read_only(app), wrote = false;
    for (long i = 0; i < count && !scene->over; i++) {
        press(&monkey);
        if (!scene->over && chance(&monkey, 3) == 0)
            answer_somehow(&monkey);
        if (!scene->over && chance(&monkey, 40) == 0)
            scene_resize(scene, 1 + (int)chance(&monkey, 40), 1 + (int)chance(&monkey, 120));
        fake_clock_advance((long)chance(&monkey, 300));
        wrote = wrote || fake_http_request("/add-mod-del-bucket");
        if (i % 50 == 0)
            fake_http_forget();
    }
    return may_write || !wrote;
}
