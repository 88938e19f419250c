#include "pail/buckets/policy.h"

#include <string.h>

#include "pail/base/encode.h"
#include "pail/base/text.h"
#include "pail/buckets/rules.h"
#include "policy_internal.h"

#define DOCUMENT_TITLE(id, title, file) title,
const char *const policy_titles[POLICY_DOCUMENT_COUNT] = {POLICY_DOCUMENTS(DOCUMENT_TITLE)};

#define DOCUMENT_FILE(id, title, file) file,
static const char *const files[POLICY_DOCUMENT_COUNT] = {POLICY_DOCUMENTS(DOCUMENT_FILE)};

int policy_syntax_count(enum policy_document document) {
    return document == POLICY_CORS ? CORS_SYNTAX_COUNT : 1;
}

const char *policy_syntax_title(enum policy_document document, int syntax) {
    if (document != POLICY_CORS)
        return "JSON";
    return syntax == CORS_CLI ? "AWS CLI" : "S3 console";
}

void policy_init(struct policy *policy) {
    *policy = (struct policy){.file = ""};
    buffer_init(&policy->text);
    buffer_init(&policy->note);
    buffer_init(&policy->usage);
}

void policy_finish(struct policy *policy) {
    buffer_finish(&policy->text);
    buffer_finish(&policy->note);
    buffer_finish(&policy->usage);
}

/* ---- sentences and commands ------------------------------------------------------------------ */

struct buffer *policy_line(struct buffer *buffer) {
    if (buffer->length > 0)
        buffer_append_char(buffer, '\n');
    return buffer;
}

void policy_say(struct policy *policy, const char *sentence) {
    buffer_append_string(policy_line(&policy->note), sentence);
}

void policy_option(struct policy *policy, const char *option, const char *prefix,
                   const char *value) {
    struct buffer word;
    buffer_init(&word);
    buffer_printf(&word, "%s%s", prefix, value);
    buffer_printf(&policy->usage, "%s ", option);
    encode_shell_word(&policy->usage, word.data);
    buffer_finish(&word);
}

void policy_say_endpoint(struct policy *policy, const struct bucket *bucket) {
    if (!rules_is_aws_endpoint(bucket->value[FIELD_ENDPOINT]))
        policy_say(policy,
                   "The endpoint is no host of AWS: whether this fits is its vendor's to say.");
}

bool policy_can_type(const char *text) {
    return text[0] != '\0' && text_is_clean(text, strlen(text));
}

/* ---- CORS ------------------------------------------------------------------------------------ */

static void say_cors(struct policy *policy) {
    policy_say(policy, "Without CORS InfinStor's MLflow UI can't list and preview artifacts.");
}

static void write_cors_aws(struct policy *policy, enum cors_syntax syntax,
                           const struct bucket *bucket) {
    policy->available = policy_json_cors(&policy->text, syntax);
    say_cors(policy);
    policy_say_endpoint(policy, bucket);
    policy_say(policy, "It replaces the bucket's whole CORS configuration: add what must stay.");
    if (syntax == CORS_CONSOLE) {
        policy_say(policy,
                   "In the S3 console: the bucket, Permissions, Cross-origin resource sharing.");
        return;
    }
    if (!policy_can_type(bucket->value[FIELD_NAME]))
        return;
    policy_option(policy, "aws s3api put-bucket-cors --bucket", "", bucket->value[FIELD_NAME]);
    buffer_printf(&policy->usage, " --cors-configuration file://%s", policy->file);
    const char *endpoint = bucket->value[FIELD_ENDPOINT];
    if (policy_can_type(endpoint))
        policy_option(policy, " --endpoint-url", "", endpoint);
}

static void write_cors_azure(struct policy *policy, const struct bucket *bucket) {
    char account[RULES_ACCOUNT_SIZE] = "ACCOUNT";
    say_cors(policy);
    policy_say(policy, "On Azure CORS belongs to the storage account, not to the container.");
    if (!rules_parse_azure_endpoint(bucket->value[FIELD_ENDPOINT], account))
        policy_say(policy,
                   "The entry's endpoint doesn't show the account: write its name for ACCOUNT.");
    buffer_printf(&policy->usage,
                  "az storage cors add --services b --methods GET --origins '*' "
                  "--allowed-headers '*' --max-age 3600 --account-name %s",
                  account);
}

static void write_cors_minio(struct policy *policy, const struct bucket *bucket) {
    say_cors(policy);
    policy_say(policy,
               "MinIO's community server has one CORS setting for all buckets. By default it\n"
               "allows every origin, so usually there is nothing to do.");
    policy_say(policy, "A server that has it per bucket takes it as XML, by mc cors set.");
    policy_say(policy, "Write your own for ALIAS and UI-HOST.");
    buffer_append_string(policy_line(&policy->usage),
                         "mc admin config set ALIAS api cors_allow_origin=\"https://UI-HOST\"");
    if (!policy_can_type(bucket->value[FIELD_NAME]))
        return;
    policy_option(policy, "\nmc cors set", "ALIAS/", bucket->value[FIELD_NAME]);
    buffer_append_string(&policy->usage, " cors.xml");
}

static void write_cors(struct policy *policy, enum cors_syntax syntax,
                       const struct bucket *bucket) {
    switch (bucket_cloud(bucket)) {
    case CLOUD_AWS:
        write_cors_aws(policy, syntax, bucket);
        break;
    case CLOUD_AZURE:
        write_cors_azure(policy, bucket);
        break;
    case CLOUD_MINIO:
        write_cors_minio(policy, bucket);
        break;
    default:
        say_cors(policy);
        policy_say(policy, "How to set it is the vendor's to say.");
        policy_say(policy, "Allow GET from every origin with every header, for 3600 seconds.");
    }
}

/* ---- all ------------------------------------------------------------------------------------- */

void policy_write(struct policy *policy, enum policy_document document, int syntax,
                  const struct bucket *bucket, const char *principal) {
    policy->available = false;
    policy->file = files[document];
    buffer_clear(&policy->text);
    buffer_clear(&policy->note);
    buffer_clear(&policy->usage);
    switch (document) {
    case POLICY_CORS:
        write_cors(policy, syntax == CORS_CLI ? CORS_CLI : CORS_CONSOLE, bucket);
        break;
    case POLICY_PERMISSIONS:
        policy_write_permissions(policy, bucket);
        break;
    default:
        policy_write_trust(policy, bucket, principal);
    }
}
