/* A set of names: the marked entries. Looking one up takes the same time however many there are. */
#ifndef PAIL_BUCKETS_MARKS_H
#define PAIL_BUCKETS_MARKS_H

#include <stdbool.h>
#include <stddef.h>

struct marks {
    char **slots; /* NULL: free; else a name of the set's own, at or behind where its hash says */
    size_t room;  /* 0 or a power of two, at least twice count */
    size_t count;
};

void marks_init(struct marks *marks);
void marks_finish(struct marks *marks); /* leaves it initialised and empty */

bool marks_has(const struct marks *marks, const char *name);
void marks_set(struct marks *marks, const char *name, bool marked); /* copies */

/* Takes out those for which keep is false. */
void marks_filter(struct marks *marks, bool (*keep)(void *context, const char *name),
                  void *context);

/* How many of them are so. */
size_t marks_count(const struct marks *marks, bool (*is)(const void *context, const char *name),
                   const void *context);

/* The names byte by byte, count of them: a heap array of borrowed names, good until the next
 * marks_set, marks_filter or marks_finish. */
const char **marks_names(const struct marks *marks);

#endif
