#include "worker_batch.h"

#include "poison.h"

#include <stdlib.h>

static double *numbers(size_t count)
{
    return calloc(count ? count : 1, sizeof(double));
}

int worker_batch_init(struct worker_batch *b, const struct worker_plan *plan)
{
    const size_t occasions = (size_t)plan->lanes * (size_t)plan->most_occasions;
    *b = (struct worker_batch){.plan = plan};
    b->rates = numbers(occasions * MODEL_FLOWS_MAX);
    b->slopes = numbers(occasions * MODEL_FLOWS_MAX);
    b->kms = numbers(occasions * MODEL_FLOWS_MAX);
    b->scales = numbers(occasions * MODEL_OUTPUTS_MAX);
    if (!b->rates || !b->slopes || !b->kms || !b->scales) {
        return -1;
    }
    return plan->study->events ? worker_events_init(&b->events, plan) : 0;
}

void worker_batch_clear(struct worker_batch *b)
{
    group_timeline_clear(&b->timeline);
    worker_events_clear(&b->events);
    free(b->rates);
    free(b->slopes);
    free(b->kms);
    free(b->scales);
    *b = (struct worker_batch){0};
}

/* Nothing of the batch before is left. */
static void forget(struct worker_batch *b)
{
    const size_t occasions = (size_t)b->plan->lanes * (size_t)b->plan->most_occasions;
    poison(b->rates, occasions * MODEL_FLOWS_MAX);
    poison(b->slopes, occasions * MODEL_FLOWS_MAX);
    poison(b->kms, occasions * MODEL_FLOWS_MAX);
    poison(b->scales, occasions * MODEL_OUTPUTS_MAX);
}

/* Spreads the numbers of a patient over the arrays of a batch of `count`, as lane `l`. */
static void load_occasions(struct worker_batch *b, const struct model *model, const struct lane *lane, int l,
                           int count)
{
    for (int o = 0; o < lane->occasion_count; o++) {
        const struct occasion *occasion = &lane->occasions[o];
        for (int f = 0; f < model->flow_count; f++) {
            ptrdiff_t at = (ptrdiff_t)(o * model->flow_count + f) * count + l;
            b->rates[at] = occasion->rates[f];
            b->slopes[at] = occasion->slopes[f];
            b->kms[at] = occasion->kms[f];
        }
        for (int i = 0; i < model->level_count; i++) {
            b->scales[(ptrdiff_t)(o * model->level_count + i) * count + l] = lane_level_scale(lane, o, i);
        }
    }
}

static int solve_regimen(struct worker_batch *b, const struct approach *by, struct lane *const *lanes,
                         struct batch *batch, struct solve_failure *why)
{
    batch->timeline = lane_group_timeline(&b->timeline, lanes, batch->lanes, b->plan->study);
    if (!batch->timeline) {
        return -2;
    }
    batch->levels = by->levels;
    batch->watch = by->watch;
    return by->integrator->solve(by->state, batch, why);
}

int worker_batch_solve(struct worker_batch *b, const struct approach *by, struct lane *const *lanes,
                       int count, struct batch *batch, struct solve_failure *why)
{
    const struct model *model = &b->plan->study->models[lanes[0]->model];
    int compartments[MODEL_OUTPUTS_MAX];
    forget(b);
    for (int l = 0; l < count; l++) {
        load_occasions(b, model, lanes[l], l, count);
    }
    for (int o = 0; o < model->level_count; o++) {
        compartments[o] = model->outputs[o].compartment;
    }
    batch->graph = by->graph;
    batch->lanes = count;
    batch->rates = b->rates;
    batch->slopes = b->slopes;
    batch->kms = b->kms;
    batch->output_count = model->level_count;
    batch->output_compartments = compartments;
    batch->output_scales = b->scales;
    *why = (struct solve_failure){.status = PATIENT_SOLVER};
    return lanes[0]->events
               ? worker_events_solve(&b->events, by->integrator, by->state, lanes, batch, by->levels, why)
               : solve_regimen(b, by, lanes, batch, why);
}
