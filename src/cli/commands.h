/* The commands: one a file, called by cli.c with arguments that have been parsed and counted. */
#ifndef PAIL_CLI_COMMANDS_H
#define PAIL_CLI_COMMANDS_H

#include "pail/cli/cli.h"

int command_list(const struct cli *cli, const struct cli_arguments *arguments);
int command_show(const struct cli *cli, const struct cli_arguments *arguments);
int command_add(const struct cli *cli, const struct cli_arguments *arguments);
int command_modify(const struct cli *cli, const struct cli_arguments *arguments);
int command_delete(const struct cli *cli, const struct cli_arguments *arguments);
int command_export(const struct cli *cli, const struct cli_arguments *arguments);
int command_apply(const struct cli *cli, const struct cli_arguments *arguments);
int command_diff(const struct cli *cli, const struct cli_arguments *arguments);
int command_policy(const struct cli *cli, const struct cli_arguments *arguments);
int command_undo(const struct cli *cli, const struct cli_arguments *arguments);
int command_journal(const struct cli *cli, const struct cli_arguments *arguments);
int command_login(const struct cli *cli, const struct cli_arguments *arguments);
int command_logout(const struct cli *cli, const struct cli_arguments *arguments);
int command_whoami(const struct cli *cli, const struct cli_arguments *arguments);
int command_config(const struct cli *cli, const struct cli_arguments *arguments);
int command_completion(const struct cli *cli, const struct cli_arguments *arguments);

#endif
