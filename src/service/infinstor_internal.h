/* The inside of infinstor.h: infinstor.c makes the calls, infinstor_answer.c says what their
 * answers mean. */
#ifndef PAIL_SRC_SERVICE_INFINSTOR_INTERNAL_H
#define PAIL_SRC_SERVICE_INFINSTOR_INTERNAL_H

#include "pail/base/buffer.h"
#include "pail/service/infinstor.h"

struct infinstor_call {
    struct infinstor_call *next;
    struct infinstor *infinstor;
    struct http_call *http_call;
    char *authorization;   /* what may not be quoted: what was sent as that, */
    char *id_token;        /* and the other token; NULL: none */
    struct buffer head;    /* the answer's first bytes */
    struct reader *reader; /* NULL: of a change */
    size_t received;
    bool unreadable; /* the reader said so, or there was too much; and why */
    struct error why;
    struct infinstor_list_listener list;
    struct infinstor_change_listener change;
};

/* The call has ended so. Ends the reader of a listing. */
void answer_judge(struct infinstor_call *call, const struct http_result *result,
                  struct answer *answer);

bool answer_is_good(long status); /* 200 to 299 */

#endif
