#include "serve_visits.h"

#include <math.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

struct visit {
    struct visit *previous, *next;
    int socket;
    double deadline; /* s of the monotonic clock; INFINITY: none */
};

static double clock_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void visits_init(struct visits *visits, double patience)
{
    *visits = (struct visits){.patience = patience};
    pthread_mutex_init(&visits->lock, NULL);
}

void visits_clear(struct visits *visits)
{
    pthread_mutex_destroy(&visits->lock);
}

struct visit *visit_begin(struct visits *visits, int socket)
{
    struct visit *visit = calloc(1, sizeof(*visit));

    if (visit) {
        *visit = (struct visit){.socket = socket, .deadline = clock_seconds() + visits->patience};
        pthread_mutex_lock(&visits->lock);
        visit->next = visits->first;
        if (visit->next) {
            visit->next->previous = visit;
        }
        visits->first = visit;
        pthread_mutex_unlock(&visits->lock);
    }
    return visit;
}

void visit_end(struct visits *visits, struct visit *visit)
{
    pthread_mutex_lock(&visits->lock);
    *(visit->previous ? &visit->previous->next : &visits->first) = visit->next;
    if (visit->next) {
        visit->next->previous = visit->previous;
    }
    pthread_mutex_unlock(&visits->lock);
    free(visit);
}

static void set_deadline(struct visits *visits, struct visit *visit, double deadline)
{
    pthread_mutex_lock(&visits->lock);
    visit->deadline = deadline;
    pthread_mutex_unlock(&visits->lock);
}

void visit_await(struct visits *visits, struct visit *visit)
{
    set_deadline(visits, visit, clock_seconds() + visits->patience);
}

void visit_leave(struct visits *visits, struct visit *visit)
{
    set_deadline(visits, visit, INFINITY);
}

void visits_expire(struct visits *visits)
{
    const double now = clock_seconds();

    pthread_mutex_lock(&visits->lock);
    for (struct visit *visit = visits->first; visit; visit = visit->next) {
        if (visit->deadline < now) {
            shutdown(visit->socket, SHUT_RDWR);
            visit->deadline = INFINITY;
        }
    }
    pthread_mutex_unlock(&visits->lock);
}
