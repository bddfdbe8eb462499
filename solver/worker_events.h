/* worker_events - solves patients of an event table, epoch by epoch. For worker.c. */
#ifndef KETSIM_WORKER_EVENTS_H
#define KETSIM_WORKER_EVENTS_H

#include "lane_events.h"
#include "timeline_join.h"

struct worker_events {
    struct timeline_join join;
    double *levels; /* [level][lane][observation], of an epoch */
};

int worker_events_init(struct worker_events *events, const struct worker_plan *plan);
void worker_events_clear(struct worker_events *events);

/* Solves lanes whose histories have the same order as the batch that is prepared but for its timeline and levels, and writes
 * levels[output][lane][row]. Steps, evaluations and amounts of all epochs are added up in `batch`. 0, -1 with the reason, or -2 without
 * memory. */
int worker_events_solve(struct worker_events *events, const struct integrator *integrator, void *state,
                        struct lane *const *lanes, struct batch *batch, double *levels,
                        struct solve_failure *why);

#endif
