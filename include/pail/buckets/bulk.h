/*
 * One thing done to many entries: what changes result from the marked names and a setting. A change
 * for each entry that the setting applies to and that is not so already; the others are left out,
 * each with its reason.
 *
 * An edit here never switches an entry's way of access: a switch is sent as an add of all fields
 * (change.h), in which a secret that nobody can see is lost, and a second way in leaves open which
 * one counts. Such entries are left out, to be edited one by one. So are names that the table has
 * twice, since no request can tell them apart, and those that an entry that could not be read may
 * have (plan.h).
 */
#ifndef PAIL_BUCKETS_BULK_H
#define PAIL_BUCKETS_BULK_H

#include "pail/base/arena.h"
#include "pail/buckets/change.h"
#include "pail/buckets/marks.h"
#include "pail/buckets/rules.h"
#include "pail/buckets/table.h"

/* What can be done, in the order of the menu, which opens with the first.
 *
 *   X(id, name, what it does, the field that it sets) */
#define BULK_KINDS(X)                                                                        \
    X(ENDPOINT, "endpoint", "set the endpoint; empty: the cloud's default", FIELD_ENDPOINT)  \
    X(ROLE, "role", "set the role ARN of those that get in by a role", FIELD_ACCESS_ROLE)    \
    X(EXTERNAL_ID, "external-id", "set the external ID of those that get in by a role",      \
      FIELD_ACCESS_ROLE_EXT)                                                                 \
    X(CLOUD, "cloud", "say that they are in another cloud", FIELD_CLOUD)                     \
    X(KEY, "access-key", "give those that get in by a key another one", FIELD_ACCESS_KEY_ID) \
    X(DELETE, "delete", "delete the entries", FIELD_COUNT)

#define BULK_KIND_ID(id, name, help, field) BULK_##id,
enum bulk_kind { BULK_KINDS(BULK_KIND_ID) BULK_KIND_COUNT };
#undef BULK_KIND_ID

struct bulk_kind_info {
    const char *name, *help;
    enum bucket_field field; /* FIELD_COUNT: none */
};
extern const struct bulk_kind_info bulk_kinds[BULK_KIND_COUNT];

/* Whether its value is a text that is typed; else there is none, or it is one of a few. */
bool bulk_is_typed(enum bulk_kind kind);

/* BULK_KIND_COUNT if none has that name. */
enum bulk_kind bulk_kind_by_name(const char *name);

struct bulk_setting {
    enum bulk_kind kind;
    const char *value;  /* what the field becomes; of BULK_DELETE "" */
    const char *secret; /* of BULK_KEY the secret access key; else "" */
};

/* Why an entry is left out.
 *
 *   X(id, sentence) */
#define BULK_WHYS(X)                                                                           \
    X(SAME, "nothing would change")                                                            \
    X(GONE, "it is not in the table")                                                          \
    X(TWICE, "the table has several entries of this name")                                     \
    X(UNREADABLE, "an entry that could not be read may have this name")                        \
    X(CLOUD, "its cloud doesn't use this field")                                               \
    X(BY_KEY, "it gets in by a key: a switch to a role loses its secrets; edit it by itself")  \
    X(BY_ROLE, "it gets in by a role: a switch to a key loses what it had; edit it by itself") \
    X(NO_ROLE, "it has no role that an external ID would be for")                              \
    X(LEAVES_ROLE, "its role or external ID has no use in that cloud; edit it by itself")

#define BULK_WHY_ID(id, text) BULK_LEFT_##id,
enum bulk_why { BULK_WHYS(BULK_WHY_ID) BULK_WHY_COUNT };
#undef BULK_WHY_ID
extern const char *const bulk_why_texts[BULK_WHY_COUNT];

struct bulk_left {
    const char *name;
    enum bulk_why why;
};

/* All is its own: neither the marks nor the table need to live longer than the making. */
struct bulk {
    struct change **changes; /* by name, byte by byte; none is empty */
    size_t count;
    struct bulk_left *left; /* by name */
    size_t left_count;
    size_t keys; /* of BULK_KEY: how many different access keys give way to the new one */
    struct arena arena;
};

void bulk_init(struct bulk *bulk);
void bulk_finish(struct bulk *bulk); /* with the changes that are still there */

/* Once, on one that was just initialised. One pass over the table. */
void bulk_make(struct bulk *bulk, const struct bulk_setting *setting, const struct marks *marks,
               struct table *table);

/* The array is for the caller to free, the changes to destroy; the bulk has none then. */
struct change **bulk_steal(struct bulk *bulk);

/* The clouds of the marked entries, as bits 1 << enum bucket_cloud. */
unsigned bulk_clouds(const struct marks *marks, struct table *table);

/* The worst verdict of the rules on what was typed, for entries of any of these clouds: on the
 * field that is set, or, of BULK_KEY, on FIELD_SECRET_ACCESS_KEY. An error blocks. */
void bulk_check(const struct bulk_setting *setting, unsigned clouds, enum bucket_field field,
                struct verdict *verdict);

#endif
