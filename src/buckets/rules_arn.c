/* Role ARNs: IAM User Guide, "IAM identifiers" and "IAM and AWS STS quotas". */
#include <string.h>

#include "pail/buckets/rules.h"
#include "rules_internal.h"

/* What has all its parts is longer than the least length, 20. */
enum { ARN_MOST = 2048, ACCOUNT_LENGTH = 12, NAME_MOST = 64 };

/* The parts of arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE, as far as it has them. */
struct arn {
    const char *part[6];
    size_t length[6];
};

enum { ARN, PARTITION, SERVICE, REGION, ACCOUNT, RESOURCE };

static bool part_is(const struct arn *arn, int part, const char *text) {
    return arn->length[part] == strlen(text) &&
           strncmp(arn->part[part], text, arn->length[part]) == 0;
}

static bool split(const char *text, struct arn *arn) {
    for (int part = 0; part < RESOURCE; part++) {
        arn->part[part] = text;
        arn->length[part] = strcspn(text, ":");
        text += arn->length[part];
        if (*text++ != ':')
            return false;
    }
    arn->part[RESOURCE] = text;
    arn->length[RESOURCE] = strlen(text);
    return part_is(arn, ARN, "arn");
}

/* ---- what can't be a role to assume ---------------------------------------------------------- */

/* A space before it doesn't make another thing of it. */
static bool resource_begins(const char *text, const char *kind) {
    struct arn arn;
    return split(text + strspn(text, " "), &arn) &&
           strncmp(arn.part[RESOURCE], kind, strlen(kind)) == 0;
}

bool arn_is_assumed_role(const char *role) {
    return resource_begins(role, "assumed-role/");
}

bool arn_is_user(const char *role) {
    return resource_begins(role, "user/");
}

bool arn_is_root(const char *role) {
    struct arn arn;
    return resource_begins(role, "root") && split(role + strspn(role, " "), &arn) &&
           strspn(arn.part[RESOURCE] + strlen("root"), " ") ==
               arn.length[RESOURCE] - strlen("root");
}

bool arn_is_instance_profile(const char *role) {
    return resource_begins(role, "instance-profile/");
}

/* ---- what a role is -------------------------------------------------------------------------- */

static bool is_printable(const char *text) {
    for (; *text; text++)
        if (*text <= ' ' || *text > '~')
            return false;
    return true;
}

/* The name behind role/[path/]; NULL if there is no such thing. */
static const char *role_name(const struct arn *arn) {
    const char *resource = arn->part[RESOURCE];
    if (strncmp(resource, "role/", strlen("role/")) != 0 || !is_printable(resource))
        return NULL;
    const char *name = strrchr(resource, '/') + 1;
    size_t length = strlen(name);
    bool good = length > 0 && length <= NAME_MOST &&
                rules_only(name, length, RULES_LOWER RULES_UPPER RULES_DIGITS "_+=,.@-");
    return good ? name : NULL;
}

static bool is_account(const char *text, size_t length) {
    return length == ACCOUNT_LENGTH && rules_only(text, length, RULES_DIGITS);
}

/* What all ARNs of IAM and STS have in common. */
static bool is_of_account(const struct arn *arn) {
    size_t length = arn->length[PARTITION];
    return length > 0 && length < RULES_PARTITION_SIZE &&
           rules_only(arn->part[PARTITION], length, RULES_LOWER RULES_DIGITS "-") &&
           part_is(arn, REGION, "") && is_account(arn->part[ACCOUNT], arn->length[ACCOUNT]);
}

/* There is room for it, as is_of_account and role_name have seen to. */
static void copy(char *to, const char *part, size_t length) {
    memcpy(to, part, length);
    to[length] = '\0';
}

bool rules_parse_role_arn(const char *text, struct role_arn *role) {
    struct arn arn;
    if (strlen(text) > ARN_MOST || !split(text, &arn))
        return false;
    const char *name = role_name(&arn);
    if (name == NULL || !part_is(&arn, SERVICE, "iam") || !is_of_account(&arn))
        return false;
    copy(role->partition, arn.part[PARTITION], arn.length[PARTITION]);
    copy(role->account, arn.part[ACCOUNT], ACCOUNT_LENGTH);
    copy(role->name, name, strlen(name));
    return true;
}

bool arn_is_no_role(const char *role) {
    struct role_arn parsed;
    return !rules_parse_role_arn(role, &parsed);
}

bool rules_partition_is_known(const char *partition) {
    static const char *const known[] = {"aws",     "aws-cn",    "aws-us-gov", "aws-eusc",
                                        "aws-iso", "aws-iso-b", "aws-iso-e",  "aws-iso-f"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i], partition) == 0)
            return true;
    return false;
}

bool arn_partition_is_unknown(const char *role) {
    struct role_arn parsed;
    return rules_parse_role_arn(role, &parsed) && !rules_partition_is_known(parsed.partition);
}

/* ---- whom to trust --------------------------------------------------------------------------- */

bool rules_parse_principal(const char *text, char partition[RULES_PARTITION_SIZE]) {
    struct arn arn;
    partition[0] = '\0';
    if (is_account(text, strlen(text)))
        return true;
    if (!split(text, &arn) || !is_of_account(&arn) || arn.length[RESOURCE] == 0 ||
        !is_printable(text) || strpbrk(text, "*?") != NULL ||
        !(part_is(&arn, SERVICE, "iam") || part_is(&arn, SERVICE, "sts")))
        return false;
    copy(partition, arn.part[PARTITION], arn.length[PARTITION]);
    return true;
}
