/* typical - one patient of a model, alike to the model's typical one but for the covariates, after given doses. */
#ifndef KETSIM_TYPICAL_H
#define KETSIM_TYPICAL_H

#include "model/study.h"

/* What is given and asked. Everything belongs to the caller. */
struct typical {
    const char *title; /* what messages call it */
    const struct model *model;
    const struct dose *doses; /* in order of time */
    int dose_count;
    const double *covariates; /* [covariate of the model], in its unit, none of them NaN */
    const double *times;      /* h, increasing */
    int time_count;
};

/* Solves with the integrator `method` and the settings of a study that says nothing about them: what is checked is
 * what users get. Fills levels[output of the model][time], ng/mL. 0, or -1 with the reason in `d`. */
int typical_solve(const struct typical *typical, const char *method, double *levels, struct diagnostics *d);

#endif
