#include "worker_events.h"

#include <stdlib.h>
#include <string.h>

int worker_events_init(struct worker_events *e, const struct worker_plan *plan)
{
    const size_t rows = (size_t)plan->most_rows + 1;
    *e = (struct worker_events){0};
    e->levels = malloc(MODEL_OUTPUTS_MAX * (size_t)plan->lanes * rows * sizeof(double));
    return e->levels ? 0 : -1;
}

void worker_events_clear(struct worker_events *e)
{
    timeline_join_clear(&e->join);
    free(e->levels);
    *e = (struct worker_events){0};
}

/* Rows first_row, ... of each lane: what an epoch observed. */
static void scatter(const struct worker_events *e, const struct batch *batch, int first_row, int rows,
                    double *levels)
{
    const ptrdiff_t count = batch->timeline->time_count;
    for (int series = 0; series < batch->output_count * batch->lanes; series++) {
        memcpy(levels + (ptrdiff_t)series * rows + first_row, e->levels + series * count,
               (size_t)count * sizeof(double));
    }
}

int worker_events_solve(struct worker_events *e, const struct integrator *integrator, void *state,
                        struct lane *const *lanes, struct batch *batch, double *levels,
                        struct solve_failure *why)
{
    const struct timeline *timelines[WORKER_LANES];
    const int rows = lanes[0]->events->count;
    int64_t steps = 0;
    int64_t evaluations = 0;
    int row = 0;
    batch->levels = e->levels;
    for (int epoch = 0; epoch < lanes[0]->events->history.epoch_count; epoch++) {
        for (int l = 0; l < batch->lanes; l++) {
            timelines[l] = &lanes[l]->events->history.epochs[epoch].timeline;
        }
        if (timeline_join(&e->join, timelines, batch->lanes)) {
            return -2;
        }
        batch->timeline = &e->join.timeline;
        const int failed = integrator->solve(state, batch, why);
        if (failed) {
            return failed;
        }
        steps += batch->steps;
        evaluations += batch->evaluations;
        scatter(e, batch, row, rows, levels);
        row += batch->timeline->time_count;
    }
    batch->steps = steps;
    batch->evaluations = evaluations;
    return 0;
}
