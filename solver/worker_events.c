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

/* What the epochs of a batch come to. */
struct sums {
    int64_t steps;
    int64_t evaluations;
    double eliminated[WORKER_LANES]; /* mg, as in struct batch */
    double remaining[WORKER_LANES];
};

static void add_up(struct sums *sums, const struct batch *batch)
{
    sums->steps += batch->steps;
    sums->evaluations += batch->evaluations;
    for (int l = 0; l < batch->lanes; l++) {
        sums->eliminated[l] += batch->eliminated ? batch->eliminated[l] : 0;
        sums->remaining[l] += batch->remaining ? batch->remaining[l] : 0;
    }
}

static void tell(const struct sums *sums, struct batch *batch)
{
    batch->steps = sums->steps;
    batch->evaluations = sums->evaluations;
    for (int l = 0; l < batch->lanes; l++) {
        if (batch->eliminated) {
            batch->eliminated[l] = sums->eliminated[l];
        }
        if (batch->remaining) {
            batch->remaining[l] = sums->remaining[l];
        }
    }
}

int worker_events_solve(struct worker_events *e, const struct integrator *integrator, void *state,
                        struct lane *const *lanes, struct batch *batch, double *levels,
                        struct solve_failure *why)
{
    const struct timeline *timelines[WORKER_LANES];
    const int rows = lanes[0]->events->count;
    struct sums sums = {0};
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
        add_up(&sums, batch);
        scatter(e, batch, row, rows, levels);
        row += batch->timeline->time_count;
    }
    tell(&sums, batch);
    return 0;
}
