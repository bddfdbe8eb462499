/* golden - does a model, as ketsim solves it, give the levels that its source prints? */
#ifndef KETSIM_GOLDEN_H
#define KETSIM_GOLDEN_H

#include "solver/integrator.h"

#include "model/model.h"

struct golden_check {
    int value_count;
    /* The value furthest from its source, in units of its tolerance: up to 1 passes. */
    double deviation;
    const char *analyte; /* belongs to the model */
    double time;         /* h */
    double level;        /* ng/mL, computed */
    double published;    /* ng/mL */
};

/* Solves golden number `golden` of the model for its typical patient with the integrator `method`. 0, or -1 with the
 * reason in `d`: the patient could not be simulated. */
int golden_solve(const struct model *model, int golden, const char *method, struct golden_check *check,
                 struct diagnostics *d);

/* Whether every value is within its tolerance. */
bool golden_passes(const struct golden_check *check);

#endif
