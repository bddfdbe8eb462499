/* serve_visits - connections that are open, and until when each is waited for. For serve_http.c; any thread may call. */
#ifndef KETSIM_SERVE_VISITS_H
#define KETSIM_SERVE_VISITS_H

#include <pthread.h>

struct visit; /* opaque */

struct visits {
    pthread_mutex_t lock;
    struct visit *first;
    double patience; /* s */
};

void visits_init(struct visits *visits, double patience);
void visits_clear(struct visits *visits);

/* A connection that begins, on a socket that stays open until the visit has ended; its deadline begins, too. NULL without memory. */
struct visit *visit_begin(struct visits *visits, int socket);
void visit_end(struct visits *visits, struct visit *visit);

/* The client has its deadline anew; or has none, because it is the client that waits. */
void visit_await(struct visits *visits, struct visit *visit);
void visit_leave(struct visits *visits, struct visit *visit);

/* Ends connections whose deadline has passed: they then close as if the client had closed them. */
void visits_expire(struct visits *visits);

#endif
