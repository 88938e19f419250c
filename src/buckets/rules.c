#include "pail/buckets/rules.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "pail/base/text.h"
#include "pail/base/url.h"
#include "rules_internal.h"

/* ---- any field ------------------------------------------------------------------------------- */

static bool is_unclean(const char *value) {
    return !text_is_clean(value, strlen(value));
}

static bool has_outer_space(const char *value) {
    return value[0] == ' ' || value[strlen(value) - 1] == ' ';
}

static bool is_for_another_cloud(const struct bucket *bucket, enum bucket_field field) {
    return bucket->value[field][0] != '\0' &&
           !(bucket_fields[field].clouds & 1U << bucket_cloud(bucket));
}

static bool is_empty(const struct bucket *bucket, enum bucket_field field) {
    return bucket->value[field][0] == '\0';
}

static bool cloud_is_unknown(const char *cloud) {
    enum bucket_cloud parsed;
    return !bucket_cloud_parse(cloud, &parsed);
}

/* ---- endpoints ------------------------------------------------------------------------------- */

static bool is_no_url(const char *endpoint) {
    struct url url;
    return !url_parse(endpoint, &url, NULL);
}

/* Of what is no URL, the error that it is none counts more, whatever this says. */
static bool is_plain_http(const char *endpoint) {
    return strncasecmp(endpoint, "http://", strlen("http://")) == 0;
}

static bool is_loopback(const char *endpoint) {
    struct url url;
    return url_parse(endpoint, &url, NULL) && url_is_loopback(&url);
}

bool rules_is_aws_endpoint(const char *endpoint) {
    struct url url;
    return !url_parse(endpoint, &url, NULL) || strstr(url.host, ".amazonaws.") != NULL;
}

static bool is_not_of_aws(const char *endpoint) {
    return !rules_is_aws_endpoint(endpoint);
}

/* As above. */
static bool is_no_azure_account(const char *endpoint) {
    char account[RULES_ACCOUNT_SIZE];
    return !rules_parse_azure_endpoint(endpoint, account);
}

bool rules_parse_azure_endpoint(const char *endpoint, char account[RULES_ACCOUNT_SIZE]) {
    static const char service[] = ".blob.core.";
    struct url url;
    if (!url_parse(endpoint, &url, NULL))
        return false;
    size_t length = strspn(url.host, RULES_LOWER RULES_DIGITS);
    if (length < 3 || length >= RULES_ACCOUNT_SIZE ||
        strncmp(url.host + length, service, strlen(service)) != 0)
        return false;
    snprintf(account, RULES_ACCOUNT_SIZE, "%.*s", (int)length, url.host);
    return true;
}

/* ---- keys, roles, external IDs --------------------------------------------------------------- */

static bool is_temporary_key(const char *id) {
    return strncmp(id, "ASIA", 4) == 0;
}

static bool is_key_of_infinstor(const char *id) {
    return strncmp(id, "AKII", 4) == 0;
}

static bool is_no_key_id(const char *id) {
    size_t length = strlen(id);
    return length < 16 || length > 128 ||
           !rules_only(id, length, RULES_LOWER RULES_UPPER RULES_DIGITS "_");
}

/* A secret that is kept or not shown isn't in the entry, so the reverse can't be judged. */
static bool is_secret_without_id(const struct bucket *bucket, enum bucket_field field) {
    return bucket->value[field][0] == '\0' && bucket->value[FIELD_SECRET_ACCESS_KEY][0] != '\0';
}

static bool is_both(const struct bucket *bucket, enum bucket_field field) {
    (void)field;
    return bucket_access(bucket) == ACCESS_BOTH;
}

/* Said beside the first field that would mend it. */
static bool is_none(const struct bucket *bucket, enum bucket_field field) {
    bool by_role = bucket_fields[FIELD_ACCESS_ROLE].clouds & 1U << bucket_cloud(bucket);
    return bucket_access(bucket) == ACCESS_NONE &&
           field == (by_role ? FIELD_ACCESS_ROLE : FIELD_ACCESS_KEY_ID);
}

static bool external_id_length_is_odd(const char *id) {
    size_t length = strlen(id);
    return length < 2 || length > 1224;
}

static bool external_id_characters_are_odd(const char *id) {
    return !rules_only(id, strlen(id), RULES_LOWER RULES_UPPER RULES_DIGITS "_+=,.@:/-");
}

static bool is_without_role(const struct bucket *bucket, enum bucket_field field) {
    return bucket->value[field][0] != '\0' && bucket->value[FIELD_ACCESS_ROLE][0] == '\0';
}

/* ---- the table ------------------------------------------------------------------------------- */

enum {
    ANY_FIELD = FIELD_COUNT,
    ANY = USED_BY_ALL,
    AWS = 1U << CLOUD_AWS,
    AZURE = 1U << CLOUD_AZURE,
    MINIO = 1U << CLOUD_MINIO,
    OTHER = 1U << CLOUD_OTHER,
};

/* Of two rules of a level the first is told. */
static const struct rule {
    const char *name;
    int field;
    unsigned clouds;
    enum rule_level level;
    /* One of them: does the value, which isn't empty, break the rule? Does the entry? */
    bool (*value_breaks)(const char *value);
    bool (*entry_breaks)(const struct bucket *bucket, enum bucket_field field);
    const char *text;
} rules[] = {
#define VALUE(function) function, NULL
#define ENTRY(function) NULL, function
    {"clean-text", ANY_FIELD, ANY, RULE_ERROR, VALUE(is_unclean),
     "holds control characters, or bytes that are no UTF-8"},
    {"outer-space", ANY_FIELD, ANY, RULE_WARNING, VALUE(has_outer_space),
     "begins or ends with a space, which is sent with it"},

    {"name-empty", FIELD_NAME, ANY, RULE_ERROR, ENTRY(is_empty), "a name is needed"},
    {"s3-name-length", FIELD_NAME, AWS, RULE_WARNING, VALUE(name_length_is_odd),
     "S3 names have 3 to 63 characters; old ones of us-east-1 up to 255"},
    {"s3-name-characters", FIELD_NAME, AWS, RULE_WARNING, VALUE(s3_characters_are_odd),
     "S3 names are of a-z 0-9 . -; old ones of us-east-1 also A-Z _"},
    {"s3-name-ends", FIELD_NAME, AWS, RULE_WARNING, VALUE(s3_ends_are_odd),
     "S3 names begin and end with a letter or digit"},
    {"s3-name-adjacent-dots", FIELD_NAME, AWS, RULE_WARNING, VALUE(s3_dots_are_adjacent),
     "S3 names have no two dots in a row"},
    {"s3-name-ipv4", FIELD_NAME, AWS, RULE_WARNING, VALUE(name_looks_like_ipv4),
     "S3 names don't look like an IPv4 address"},
    {"s3-name-reserved-prefix", FIELD_NAME, AWS, RULE_WARNING, VALUE(s3_prefix_is_reserved),
     "S3 reserves names that begin with xn--, sthree- or amzn-s3-demo-"},
    {"s3-name-reserved-suffix", FIELD_NAME, AWS, RULE_WARNING, VALUE(s3_suffix_is_reserved),
     "S3 reserves -s3alias, --ol-s3, .mrap, --x-s3 and --table-s3 at the end"},
    {"s3-name-account-regional", FIELD_NAME, AWS, RULE_WARNING, VALUE(s3_account_suffix_is_odd),
     "S3 reserves -an at the end for NAME-ACCOUNT-REGION-an"},
    {"s3-name-dots-tls", FIELD_NAME, AWS, RULE_WARNING, VALUE(s3_has_dots),
     "dots break TLS where the bucket's name is part of the host's"},

    {"azure-container-special", FIELD_NAME, AZURE, RULE_WARNING, VALUE(azure_is_special),
     "$root, $web and $logs are containers of Azure's own"},
    {"azure-container-length", FIELD_NAME, AZURE, RULE_WARNING, VALUE(name_length_is_odd),
     "Azure's containers have names of 3 to 63 characters"},
    {"azure-container-characters", FIELD_NAME, AZURE, RULE_WARNING, VALUE(azure_characters_are_odd),
     "Azure's containers have names of a-z 0-9 -"},
    {"azure-container-hyphens", FIELD_NAME, AZURE, RULE_WARNING, VALUE(azure_hyphens_are_odd),
     "Azure: hyphens only one at a time, between letters or digits"},

    {"minio-name-reserved", FIELD_NAME, MINIO, RULE_WARNING, VALUE(minio_is_reserved),
     "MinIO keeps the names minio and .minio.sys for itself"},
    {"minio-name-length", FIELD_NAME, MINIO, RULE_WARNING, VALUE(name_length_is_odd),
     "MinIO's names have 3 to 63 characters"},
    {"minio-name-labels", FIELD_NAME, MINIO, RULE_WARNING, VALUE(minio_labels_are_odd),
     "MinIO's names are words of a-z 0-9 - with dots between them"},
    {"minio-name-ipv4", FIELD_NAME, MINIO, RULE_WARNING, VALUE(name_looks_like_ipv4),
     "MinIO's names don't look like an IPv4 address"},

    {"cloud-known", FIELD_CLOUD, ANY, RULE_ERROR, VALUE(cloud_is_unknown),
     "must be aws, azure, minio or other"},

    {"endpoint-url", FIELD_ENDPOINT, ANY, RULE_ERROR, VALUE(is_no_url),
     "must be https://HOST or http://HOST, a port or path may follow"},
    {"endpoint-plain-http", FIELD_ENDPOINT, ANY, RULE_WARNING, VALUE(is_plain_http),
     "plain http: what is read and written travels in clear"},
    {"endpoint-loopback", FIELD_ENDPOINT, ANY, RULE_WARNING, VALUE(is_loopback),
     "is the service's own machine, not this one"},
    {"endpoint-aws", FIELD_ENDPOINT, AWS, RULE_WARNING, VALUE(is_not_of_aws),
     "not a host of AWS; entries of aws usually have no endpoint"},
    {"endpoint-azure", FIELD_ENDPOINT, AZURE, RULE_WARNING, VALUE(is_no_azure_account),
     "usually https://ACCOUNT.blob.core.windows.net, 3 to 24 of a-z 0-9"},
    {"endpoint-empty", FIELD_ENDPOINT, MINIO | OTHER, RULE_WARNING, ENTRY(is_empty),
     "no endpoint: only AWS and Azure have one by default"},

    {"access-key-id-temporary", FIELD_ACCESS_KEY_ID, AWS, RULE_WARNING, VALUE(is_temporary_key),
     "ASIA: a temporary key, needs a session token that can't be given"},
    {"access-key-id-infinstor", FIELD_ACCESS_KEY_ID, AWS, RULE_WARNING, VALUE(is_key_of_infinstor),
     "AKII: a key of InfinStor's own, not of AWS"},
    {"access-key-id", FIELD_ACCESS_KEY_ID, AWS, RULE_WARNING, VALUE(is_no_key_id),
     "AWS's key ids have 16 to 128 letters, digits or _"},
    {"access-key-id-empty", FIELD_ACCESS_KEY_ID, ANY, RULE_WARNING, ENTRY(is_secret_without_id),
     "a secret access key without its id"},
    {"access-none", FIELD_ACCESS_KEY_ID, ANY, RULE_WARNING, ENTRY(is_none),
     "no access key id is set"},

    {"role-arn-assumed-role", FIELD_ACCESS_ROLE, ANY, RULE_ERROR, VALUE(arn_is_assumed_role),
     "is a session of a role; give the role: arn:aws:iam::ACCOUNT:role/NAME"},
    {"role-arn-user", FIELD_ACCESS_ROLE, ANY, RULE_ERROR, VALUE(arn_is_user),
     "is a user, which can't be assumed; give a role"},
    {"role-arn-root", FIELD_ACCESS_ROLE, ANY, RULE_ERROR, VALUE(arn_is_root),
     "is an account's root, which can't be assumed; give a role"},
    {"role-arn-instance-profile", FIELD_ACCESS_ROLE, ANY, RULE_ERROR,
     VALUE(arn_is_instance_profile), "is an instance profile; give the role that it holds"},
    {"cloud-field", FIELD_ACCESS_ROLE, ANY, RULE_WARNING, ENTRY(is_for_another_cloud),
     "only aws uses it; it has a value and is sent"},
    {"role-arn", FIELD_ACCESS_ROLE, ANY, RULE_WARNING, VALUE(arn_is_no_role),
     "not an ARN (arn:aws:iam::ACCOUNT:role/NAME); it can be sent"},
    {"role-arn-partition", FIELD_ACCESS_ROLE, ANY, RULE_WARNING, VALUE(arn_partition_is_unknown),
     "a partition of AWS that isn't known here"},
    {"access-both", FIELD_ACCESS_ROLE, ANY, RULE_WARNING, ENTRY(is_both),
     "both a role and a key are set: which counts isn't documented"},
    {"access-none", FIELD_ACCESS_ROLE, ANY, RULE_WARNING, ENTRY(is_none),
     "neither a role nor an access key id is set"},

    {"cloud-field", FIELD_ACCESS_ROLE_EXT, ANY, RULE_WARNING, ENTRY(is_for_another_cloud),
     "only aws uses it; it has a value and is sent"},
    {"external-id-length", FIELD_ACCESS_ROLE_EXT, ANY, RULE_WARNING,
     VALUE(external_id_length_is_odd), "AWS's external IDs have 2 to 1224 characters"},
    {"external-id-characters", FIELD_ACCESS_ROLE_EXT, ANY, RULE_WARNING,
     VALUE(external_id_characters_are_odd), "AWS's external IDs are of A-Z a-z 0-9 _+=,.@:/-"},
    {"external-id-role", FIELD_ACCESS_ROLE_EXT, ANY, RULE_WARNING, ENTRY(is_without_role),
     "an external ID without a role"},

    {"cloud-field", FIELD_SHARED_SECRET, ANY, RULE_WARNING, ENTRY(is_for_another_cloud),
     "only minio uses it; it has a value and is sent"},
#undef VALUE
#undef ENTRY
};

/* ---- judging --------------------------------------------------------------------------------- */

static bool applies(const struct rule *rule, enum bucket_field field, unsigned cloud) {
    return (rule->field == (int)field || rule->field == ANY_FIELD) && rule->clouds & cloud;
}

static bool is_broken(const struct rule *rule, const struct bucket *bucket,
                      enum bucket_field field) {
    if (rule->entry_breaks != NULL)
        return rule->entry_breaks(bucket, field);
    return bucket->value[field][0] != '\0' && rule->value_breaks(bucket->value[field]);
}

void rules_check(const struct bucket *bucket, enum bucket_field field, struct verdict *verdict) {
    unsigned cloud = 1U << bucket_cloud(bucket);
    *verdict = (struct verdict){RULE_OK, "", ""};
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        const struct rule *rule = &rules[i];
        if (rule->level <= verdict->level || !applies(rule, field, cloud) ||
            !is_broken(rule, bucket, field))
            continue;
        verdict->level = rule->level;
        verdict->rule = rule->name;
        verdict->text = rule->text;
    }
}

bool rules_any(const struct bucket *bucket) {
    unsigned cloud = 1U << bucket_cloud(bucket);
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        const struct rule *rule = &rules[i];
        bool is_for_all = rule->field == ANY_FIELD;
        int field = is_for_all ? 0 : rule->field, end = is_for_all ? FIELD_COUNT : field + 1;
        for (; rule->clouds & cloud && field < end; field++)
            if (is_broken(rule, bucket, (enum bucket_field)field))
                return true;
    }
    return false;
}
