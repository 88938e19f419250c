/*
 * The grammars of what an entry may hold, each with its source. A rule's verdict is advice
 * (warning) or blocks (error). Only this blocks: an empty name, control characters or bad UTF-8,
 * an unknown cloud, the four kinds of ARN that can't be a role to assume, and an endpoint that is
 * no http(s)://host. All else warns, since services hold older names than the rules of today.
 */
#ifndef PAIL_BUCKETS_RULES_H
#define PAIL_BUCKETS_RULES_H

#include <stdbool.h>

#include "pail/buckets/bucket.h"

enum rule_level { RULE_OK, RULE_WARNING, RULE_ERROR };

struct verdict {
    enum rule_level level;
    const char *rule; /* the rule's name, such as "s3-name-length"; "" if ok */
    const char *text; /* one line for a person, at most 80 cells; never quotes the value */
};

/* The worst verdict on one field, seen in its entry (a name's grammar depends on the cloud). */
void rules_check(const struct bucket *bucket, enum bucket_field field, struct verdict *verdict);

/* Whether a rule has a verdict on any field: what a list asks of every row that it draws. */
bool rules_any(const struct bucket *bucket);

/* A role ARN taken apart: arn:PARTITION:iam::ACCOUNT:role/[path/]NAME. */
enum { RULES_PARTITION_SIZE = 16 };
struct role_arn {
    char partition[RULES_PARTITION_SIZE];
    char account[13];
    char name[65]; /* without its path */
};

bool rules_parse_role_arn(const char *text, struct role_arn *arn);

/* aws, aws-cn, aws-us-gov and the like. */
bool rules_partition_is_known(const char *partition);

/* Whom a trust policy may name: an account's 12 digits (partition: "") or
 * arn:PARTITION:iam|sts::ACCOUNT:RESOURCE. Nothing with * or ?, which would mean anybody. */
bool rules_parse_principal(const char *text, char partition[RULES_PARTITION_SIZE]);

/* True for a host of AWS's own and for "", AWS's default; for a URL that can't be read too. */
bool rules_is_aws_endpoint(const char *endpoint);

/* The storage account of https://ACCOUNT.blob.core.windows.net and its like in other clouds of
 * Azure's; false if the endpoint shows none. */
enum { RULES_ACCOUNT_SIZE = 25 };
bool rules_parse_azure_endpoint(const char *endpoint, char account[RULES_ACCOUNT_SIZE]);

#endif
