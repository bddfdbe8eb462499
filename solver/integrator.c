#include "integrator.h"

#include "cvode_batch.h"
#include "propagator.h"

#include <string.h>

const struct integrator integrators[] = {
    {"cvode", false, "SUNDIALS CVODE, Adams then BDF, a batch of patients as one problem", cvode_batch_create,
     cvode_batch_solve, cvode_batch_free},
    {"exact", true, "matrix exponential: exact to rounding, for models with constant first-order flows",
     propagator_create, propagator_solve, propagator_free},
};
const int integrator_count = sizeof(integrators) / sizeof(integrators[0]);

const struct integrator *integrator_find(const char *name)
{
    for (int i = 0; i < integrator_count; i++) {
        if (strcmp(integrators[i].name, name) == 0) {
            return &integrators[i];
        }
    }
    return NULL;
}

const char *patient_status_text(enum patient_status status)
{
    switch (status) {
#define X(symbol, value, text)                                                                               \
    case symbol:                                                                                             \
        return text;
        PATIENT_STATUS_LIST(X)
#undef X
    }
    return "unknown status";
}

/* Marks all from which a marked state is reached, or with `forward` all that are reached from one. */
static void spread(const struct graph *g, bool *marked, bool forward)
{
    bool changed = true;
    while (changed) {
        changed = false;
        for (int f = 0; f < g->flow_count; f++) {
            int to = g->flows[f].to;
            int source = forward ? g->flows[f].from : to;
            int target = forward ? to : g->flows[f].from;
            if (to >= 0 && marked[source] && !marked[target]) {
                marked[target] = true;
                changed = true;
            }
        }
    }
}

void batch_mark_states(const struct batch *batch, bool *kept)
{
    const struct graph *g = batch->graph;
    const struct timeline *t = batch->timeline;
    bool reached[GRAPH_STATES_MAX] = {false};
    bool wanted[GRAPH_STATES_MAX] = {false};
    bool any = false;
    for (int b = 0; b < t->bolus_begin[t->segment_count]; b++) {
        reached[t->bolus_compartment[b]] = true;
    }
    for (int r = 0; r < t->rate_begin[t->segment_count]; r++) {
        reached[t->rate_compartment[r]] = true;
    }
    spread(g, reached, true);
    for (int o = 0; o < batch->output_count; o++) {
        wanted[batch->output_compartments[o]] = true;
    }
    spread(g, wanted, false);
    for (int i = 0; i < g->states; i++) {
        kept[i] = reached[i] && (wanted[i] || batch->remaining || batch->eliminated);
        any |= kept[i];
    }
    for (int i = 0; !any && i < g->states; i++) {
        kept[i] = true;
    }
}

void batch_record_nothing(struct batch *batch)
{
    int times = batch->timeline->time_count;
    for (int series = 0; series < batch->output_count * batch->lanes; series++) {
        const int before = timeline_times(batch->timeline, series % batch->lanes).time_begin[0];
        for (int i = 0; i < before; i++) {
            batch->levels[(ptrdiff_t)series * times + i] = 0;
        }
    }
}

void batch_sum_up(struct batch *batch, int lane, const double *amounts)
{
    const struct graph *g = batch->graph;
    if (batch->remaining) {
        batch->remaining[lane] = 0;
        for (int c = 0; c < g->compartments; c++) {
            batch->remaining[lane] += g->is_image[c] ? 0 : amounts[c];
        }
    }
    if (batch->eliminated) {
        batch->eliminated[lane] = amounts[g->compartments];
    }
}
