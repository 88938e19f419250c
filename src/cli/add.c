#include "commands.h"
#include "fields.h"
#include "pail/base/buffer.h"
#include "send.h"

static int require_cloud(const struct cli *cli, const struct cli_arguments *arguments) {
    struct buffer list;
    if (arguments->field[FIELD_CLOUD])
        return CLI_DONE;
    buffer_init(&list);
    for (int cloud = 0; cloud < CLOUD_COUNT; cloud++)
        buffer_printf(&list, " %s", bucket_cloud_names[cloud]);
    cli_say(cli, CLI_USAGE, "add needs --cloud, one of:%s", list.data);
    buffer_finish(&list);
    return CLI_USAGE;
}

static int add(const struct cli *cli, const struct cli_arguments *arguments,
               struct sitting *sitting, struct fields *fields) {
    const char *name = arguments->words[0];
    struct bucket existing, wanted;
    bool exists = sitting_find(sitting, name, &existing);
    if (exists && arguments->flag[FLAG_REPLACE] == NULL)
        return cli_say(cli, CLI_REFUSED,
                       "%s is there already: change it with modify, or replace it with add "
                       "--replace; nothing was sent",
                       name);
    int status = fields_read(cli, arguments, fields);
    if (status == CLI_DONE)
        status = fields_need_secret(cli, arguments, fields);
    if (status != CLI_DONE)
        return status;
    bucket_init(&wanted);
    for (int field = 0; field < FIELD_COUNT; field++)
        if (fields->value[field])
            wanted.value[field] = fields->value[field];
    wanted.value[FIELD_NAME] = name;
    return send_change(cli, arguments, sitting, change_add(&wanted, exists ? &existing : NULL));
}

int command_add(const struct cli *cli, const struct cli_arguments *arguments) {
    struct sitting *sitting = NULL;
    struct fields fields = {0};
    int status = require_cloud(cli, arguments);
    if (status == CLI_DONE)
        status = fields_check(cli, arguments);
    if (status == CLI_DONE)
        status = send_open(cli, arguments, &sitting);
    if (status == CLI_DONE)
        status = add(cli, arguments, sitting, &fields);
    fields_finish(&fields);
    sitting_close(sitting);
    return status;
}
