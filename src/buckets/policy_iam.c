/* What AWS's IAM has to be told: the permissions policy and the trust policy. */
#include <string.h>

#include "pail/buckets/rules.h"
#include "policy_internal.h"

/* False, with the reason, if the name would mean more than itself in an ARN of a policy: IAM User
 * Guide, "IAM JSON policy elements: Resource" and "Variables and tags". */
static bool name_fits_arn(struct policy *policy, const struct bucket *bucket) {
    if (bucket->value[FIELD_NAME][0] == '\0')
        policy_say(policy, "There is no bucket name yet.");
    else if (strpbrk(bucket->value[FIELD_NAME], "*?$/") != NULL)
        policy_say(policy, "The bucket's name holds * ? $ or /, which S3's names don't.\n"
                           "In a policy it would mean other buckets too.");
    else
        return true;
    return false;
}

/* What a document can't be made of at all. */
static void say_not_utf8(struct policy *policy) {
    if (!policy->available)
        policy_say(policy, "The entry, or the principal, is not UTF-8.");
}

/* ---- permissions ----------------------------------------------------------------------------- */

/* The partition that every ARN of this bucket uses; says where it is a guess. */
static const char *find_partition(struct policy *policy, const struct bucket *bucket,
                                  struct role_arn *role) {
    if (rules_parse_role_arn(bucket->value[FIELD_ACCESS_ROLE], role)) {
        if (!rules_partition_is_known(role->partition))
            buffer_printf(policy_line(&policy->note),
                          "The role's partition, %s, is none that pail knows.", role->partition);
        return role->partition;
    }
    policy_say(policy, bucket->value[FIELD_ACCESS_ROLE][0]
                           ? "The role is no ARN, so the partition isn't known: aws is taken."
                           : "No role tells the partition: aws is taken.");
    *role = (struct role_arn){.partition = "aws"};
    return role->partition;
}

static void use_permissions(struct policy *policy, const struct bucket *bucket,
                            const struct role_arn *role) {
    bool by_key = bucket_access(bucket) == ACCESS_KEY;
    if (!policy_can_type(bucket->value[FIELD_NAME]) || (!by_key && role->name[0] == '\0'))
        return;
    if (by_key)
        buffer_append_string(&policy->usage, "aws iam put-user-policy --user-name USER");
    else
        policy_option(policy, "aws iam put-role-policy --role-name", "", role->name);
    policy_option(policy, " --policy-name", "infinstor-", bucket->value[FIELD_NAME]);
    buffer_printf(&policy->usage, " --policy-document file://%s", policy->file);
    policy_say(policy, "The command replaces a policy of the same name.");
}

static void write_permissions_aws(struct policy *policy, const struct bucket *bucket) {
    struct role_arn role;
    if (!name_fits_arn(policy, bucket))
        return;
    policy_say_endpoint(policy, bucket);
    const char *partition = find_partition(policy, bucket, &role);
    policy->available =
        policy_json_permissions(&policy->text, partition, bucket->value[FIELD_NAME]);
    say_not_utf8(policy);
    if (!policy->available)
        return;
    switch (bucket_access(bucket)) {
    case ACCESS_KEY:
        policy_say(policy,
                   "The entry gets in by a key: this belongs to the IAM user whose key it is.\n"
                   "Write the user's name for USER.");
        break;
    case ACCESS_BOTH:
        policy_say(policy,
                   "The entry has a role and a key: the role needs this, and the key's IAM user.");
        break;
    case ACCESS_NONE:
        policy_say(policy, "The entry has neither a role nor a key: what it will have needs this.");
        break;
    default:
        policy_say(policy, "The role must have this permissions policy.");
    }
    use_permissions(policy, bucket, &role);
}

void policy_write_permissions(struct policy *policy, const struct bucket *bucket) {
    if (bucket_cloud(bucket) == CLOUD_AWS) {
        write_permissions_aws(policy, bucket);
        return;
    }
    policy_say(policy, "AWS's IAM doesn't apply to this cloud.");
    policy_say(policy,
               "The key must be allowed to list the bucket and to put, get and delete objects.");
}

/* ---- trust ----------------------------------------------------------------------------------- */

static const char *missing_for_trust(const struct bucket *bucket, const char *principal) {
    const char *external_id = bucket->value[FIELD_ACCESS_ROLE_EXT];
    char partition[RULES_PARTITION_SIZE];
    if (bucket_access(bucket) == ACCESS_KEY)
        return "The entry gets in by a key: no role is assumed, so there is none to trust.";
    if (bucket_access(bucket) == ACCESS_NONE)
        return "The entry has no role.";
    if (principal[0] == '\0')
        return "Whom the role is to trust isn't known: InfinStor's account or role.\n"
               "Set it as `principal` in the profile.";
    if (!rules_parse_principal(principal, partition))
        return "The profile's `principal` is neither an account's 12 digits nor an ARN such as\n"
               "arn:aws:iam::ACCOUNT:root or arn:aws:iam::ACCOUNT:role/NAME.";
    if (external_id[0] == '\0')
        return "No external ID: without one the service could be brought to use the role for\n"
               "somebody else. Give the entry one (accessRoleExt).";
    if (strchr(external_id, '$') != NULL)
        return "The external ID holds a $, which AWS's don't: in a policy it begins a variable.";
    return NULL;
}

static bool partitions_agree(struct policy *policy, const struct role_arn *role,
                             const char *principal) {
    char partition[RULES_PARTITION_SIZE];
    if (!rules_parse_principal(principal, partition) || partition[0] == '\0' ||
        role->partition[0] == '\0' || strcmp(partition, role->partition) == 0)
        return true;
    buffer_printf(policy_line(&policy->note),
                  "The role is in the partition %s, the principal in %s:\n"
                  "access can't be delegated across partitions.",
                  role->partition, partition);
    return false;
}

static void write_trust_aws(struct policy *policy, const struct bucket *bucket,
                            const char *principal) {
    struct role_arn role = {"", "", ""};
    const char *missing = missing_for_trust(bucket, principal);
    if (missing != NULL) {
        policy_say(policy, missing);
        return;
    }
    bool is_arn = rules_parse_role_arn(bucket->value[FIELD_ACCESS_ROLE], &role);
    if (!partitions_agree(policy, &role, principal))
        return;
    policy->available =
        policy_json_trust(&policy->text, principal, bucket->value[FIELD_ACCESS_ROLE_EXT]);
    say_not_utf8(policy);
    if (!policy->available)
        return;
    policy_say(policy, "The principal is as given: pail knows none of InfinStor's.");
    if (!is_arn) {
        policy_say(policy, "The role is no ARN, so neither its name nor its partition is known.");
        return;
    }
    policy_say(policy, "The command replaces the role's whole trust policy.");
    policy_option(policy, "aws iam update-assume-role-policy --role-name", "", role.name);
    buffer_printf(&policy->usage, " --policy-document file://%s", policy->file);
}

/* The reverse way: MinIO proves itself to InfinStor by the shared secret. */
static void write_minio_events(struct policy *policy, const struct bucket *bucket) {
    policy_say(policy, "For InfinSnap, MinIO sends its events to InfinStor with the sharedSecret.\n"
                       "Write your own for ALIAS, ID, URL and SECRET; the URL isn't published.");
    policy_say(policy, "A secret of one word is sent as `Authorization: Bearer SECRET`,\n"
                       "one of two words as `Authorization: SECRET`.\n"
                       "An ID that is in use is overwritten.");
    policy_say(policy, "Others on the machine can see a command line, and the secret in it.");
    buffer_append_string(
        policy_line(&policy->usage),
        "mc admin config set ALIAS/ notify_webhook:ID endpoint=\"URL\" auth_token=\"SECRET\"");
    buffer_append_string(policy_line(&policy->usage), "mc admin service restart ALIAS");
    if (!policy_can_type(bucket->value[FIELD_NAME]))
        return;
    policy_option(policy, "\nmc event add", "ALIAS/", bucket->value[FIELD_NAME]);
    buffer_append_string(&policy->usage, " arn:minio:sqs::ID:webhook --event put,delete");
}

void policy_write_trust(struct policy *policy, const struct bucket *bucket, const char *principal) {
    if (bucket_cloud(bucket) == CLOUD_AWS) {
        write_trust_aws(policy, bucket, principal);
        return;
    }
    policy_say(policy, "A trust policy belongs to a role of AWS's IAM; this cloud has none.");
    if (bucket_cloud(bucket) == CLOUD_MINIO)
        write_minio_events(policy, bucket);
}
