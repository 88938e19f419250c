/* pail policy: the documents that a bucket needs. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "entry_json.h"
#include "pail/buckets/policy.h"
#include "pail/buckets/rules.h"
#include "pail/cli/sitting.h"
#include "print.h"
#include "words.h"

/* In the order of POLICY_DOCUMENTS, then all of them. */
const char *const policy_words[] = {"cors", "iam", "trust", "all", NULL};
enum { ALL = POLICY_DOCUMENT_COUNT };

/* Those of cors are its syntaxes, in their order. */
const char *const policy_formats[] = {"console", "aws-cli", "json", NULL};
static const char *const cors_formats[] = {"console", "aws-cli", NULL};
static const char *const json_formats[] = {"json", NULL};

/* What is asked for. */
struct request {
    int document; /* or ALL */
    int syntax;
    const char *principal;
};

static bool read_request(const struct cli *cli, const struct cli_arguments *arguments,
                         struct request *request) {
    const char *given = arguments->flag[FLAG_PRINCIPAL];
    char partition[RULES_PARTITION_SIZE];
    request->document = cli_choose(cli, "document", arguments->words[1], policy_words);
    if (request->document < 0)
        return false;
    request->syntax = cli_choose(cli, "--format", arguments->flag[FLAG_FORMAT],
                                 request->document == POLICY_CORS ? cors_formats : json_formats);
    if (request->syntax < 0)
        return false;
    request->principal = given ? given : cli->profile ? cli->profile->principal : "";
    if (given && !rules_parse_principal(given, partition)) {
        cli_say(cli, CLI_USAGE, "--principal: an account's 12 digits, or an ARN of IAM or STS");
        return false;
    }
    if (request->document == POLICY_TRUST && request->principal[0] == '\0') {
        cli_say(cli, CLI_USAGE,
                "a trust policy needs InfinStor's principal: give --principal ARN, or principal "
                "in the profile");
        return false;
    }
    return true;
}

static void print_remarks(FILE *out, const struct policy *policy) {
    print_lines(out, policy->note.data);
    print_lines(out, policy->usage.data);
}

/* One document on out, what there is to know about it on err. */
static int write_one(const struct cli *cli, const struct request *request,
                     const struct bucket *bucket) {
    struct policy policy;
    policy_init(&policy);
    policy_write(&policy, (enum policy_document)request->document, request->syntax, bucket,
                 request->principal);
    bool available = policy.available;
    fputs(policy.text.data, cli->out);
    print_remarks(cli->err, &policy);
    policy_finish(&policy);
    return available ? CLI_DONE : CLI_REFUSED;
}

/* {cors, iam, trust}; null for one that isn't available, and the reason on err. */
static int write_all(const struct cli *cli, const struct request *request,
                     const struct bucket *bucket) {
    json_t *object = json_object();
    struct policy policy;
    policy_init(&policy);
    for (int i = 0; i < POLICY_DOCUMENT_COUNT; i++) {
        policy_write(&policy, (enum policy_document)i, 0, bucket, request->principal);
        json_t *document = policy.available ? json_loads(policy.text.data, 0, NULL) : NULL;
        json_object_set_new(object, policy_words[i], document ? document : json_null());
        fprintf(cli->err, "%s:%s\n", policy_words[i], document ? "" : " not available");
        print_remarks(cli->err, &policy);
    }
    policy_finish(&policy);
    entry_json_write(cli->out, object, JSON_INDENT(4));
    fputs("\n", cli->out);
    json_decref(object);
    return CLI_DONE;
}

int command_policy(const struct cli *cli, const struct cli_arguments *arguments) {
    struct request request;
    struct sitting *sitting;
    struct bucket bucket;
    if (!read_request(cli, arguments, &request))
        return CLI_USAGE;
    int status = sitting_open(cli, &sitting);
    if (status == CLI_DONE)
        status = sitting_load(sitting);
    if (status == CLI_DONE && !sitting_find(sitting, arguments->words[0], &bucket))
        status = sitting_say_missing(sitting, arguments->words[0], "");
    if (status == CLI_DONE)
        status = request.document == ALL ? write_all(cli, &request, &bucket)
                                         : write_one(cli, &request, &bucket);
    if (status == CLI_DONE)
        status = print_end(cli);
    sitting_close(sitting);
    return status;
}
