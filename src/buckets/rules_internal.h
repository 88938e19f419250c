/* The grammars that rules.c's table names. Each is true of a value that breaks it; values are never
 * empty. */
#ifndef PAIL_SRC_BUCKETS_RULES_INTERNAL_H
#define PAIL_SRC_BUCKETS_RULES_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#define RULES_LOWER  "abcdefghijklmnopqrstuvwxyz"
#define RULES_UPPER  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define RULES_DIGITS "0123456789"

/* True if all of the first length characters are among those. */
bool rules_only(const char *text, size_t length, const char *characters);

/* rules_names.c: S3, then Azure, then MinIO. */
bool name_length_is_odd(const char *name); /* not 3 to 63 */
bool name_looks_like_ipv4(const char *name);
bool s3_characters_are_odd(const char *name);
bool s3_ends_are_odd(const char *name);
bool s3_dots_are_adjacent(const char *name);
bool s3_prefix_is_reserved(const char *name);
bool s3_suffix_is_reserved(const char *name);
bool s3_account_suffix_is_odd(const char *name);
bool s3_has_dots(const char *name);
bool azure_is_special(const char *name);
bool azure_characters_are_odd(const char *name);
bool azure_hyphens_are_odd(const char *name);
bool minio_is_reserved(const char *name);
bool minio_labels_are_odd(const char *name);

/* rules_arn.c */
bool arn_is_assumed_role(const char *role);
bool arn_is_user(const char *role);
bool arn_is_root(const char *role);
bool arn_is_instance_profile(const char *role);
bool arn_is_no_role(const char *role);
bool arn_partition_is_unknown(const char *role);

#endif
