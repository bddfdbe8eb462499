/* worker_batch - lays patients out as one batch and has it solved. For worker.c. */
#ifndef KETSIM_WORKER_BATCH_H
#define KETSIM_WORKER_BATCH_H

#include "lane_group.h"
#include "worker_events.h"

/* Belongs to one thread. */
struct worker_batch {
    const struct worker_plan *plan;
    struct group_timeline timeline;
    struct worker_events events; /* with an event table */
    double *rates;               /* [occasion][flow][lane] */
    double *slopes;              /* [occasion][flow][lane] */
    double *kms;                 /* [occasion][flow][lane] */
    double *scales;              /* [occasion][level][lane] */
};

/* Room for batches of plan->lanes; 0, or -1 without memory (clearing is allowed then). `plan` must outlive it. */
int worker_batch_init(struct worker_batch *batch, const struct worker_plan *plan);
void worker_batch_clear(struct worker_batch *batch);

/* Who solves, and where to. */
struct approach {
    const struct integrator *integrator;
    void *state;               /* of the integrator, for the lanes' model */
    const struct graph *graph; /* of that model */
    double *levels;            /* [level][lane][time], filled */
    const struct watch *watch; /* of lanes with a regimen; or NULL */
};

/* Solves the lanes listed, of one group. `wanted` holds what else is wanted of the batch, and comes back with its steps and
 * evaluations. 0, -1 with the reason, or -2 without memory. */
int worker_batch_solve(struct worker_batch *batch, const struct approach *by, struct lane *const *lanes,
                       int count, struct batch *wanted, struct solve_failure *why);

#endif
