#include "integrator.h"

#include "cvode_batch.h"
#include "propagator.h"

#include <string.h>

const struct integrator integrators[] = {
    {"cvode", false, "SUNDIALS CVODE, variable-order BDF, a batch of patients as one problem",
     cvode_batch_create, cvode_batch_solve, cvode_batch_free},
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

void batch_record_nothing(struct batch *batch)
{
    int times = batch->timeline->time_count;
    for (int series = 0; series < batch->output_count * batch->lanes; series++) {
        for (int i = 0; i < batch->timeline->time_begin[0]; i++) {
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
