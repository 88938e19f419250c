/* The door's side of the journal. */
#include <stdio.h>

#include "internal.h"
#include "pail/base/clock.h"

bool record_intend(struct session *session, struct item *const *items, size_t count,
                   struct error *error) {
    (void)error;
    for (size_t i = 0; i < count; i++) {
        items[i]->intended = clock_ms();
        snprintf(items[i]->id, sizeof items[i]->id, "%lu", ++session->last_id);
    }
    return true;
}

void record_conclude(struct session *session, struct item *const *items, size_t count) {
    (void)session, (void)items, (void)count;
}

bool record_by_hand(const struct item *item, bool applied, struct error *error) {
    (void)item, (void)applied, (void)error;
    return true;
}

void record_give_back(struct session *session, struct item *const *items, size_t count) {
    (void)session;
    for (size_t i = 0; i < count; i++)
        if (items[i]->state == ITEM_WAITING)
            items[i]->id[0] = '\0';
}
