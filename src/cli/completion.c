/* pail completion: scripts for a shell. */
#include "commands.h"
#include "print.h"
#include "words.h"

const char *const completion_shells[] = {"bash", "zsh", "fish", NULL};

int command_completion(const struct cli *cli, const struct cli_arguments *arguments) {
    int shell = cli_choose(cli, "shell", arguments->words[0], completion_shells);
    return shell < 0 ? CLI_USAGE : print_end(cli);
}
