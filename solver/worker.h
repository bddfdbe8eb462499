/* worker - what one thread needs to simulate patients: all of it its own. For sweep.c. */
#ifndef KETSIM_WORKER_H
#define KETSIM_WORKER_H

#include "certificate.h"
#include "exposure.h"
#include "sweep.h"

enum {
    WORKER_LANES =
        64 /* patients per batch: more cost more in CVODE's vectors, which leave the fastest cache, than calls save */
};

/* What all workers share and none changes. */
struct worker_plan {
    const struct study *study;
    const struct integrator *integrator;
    struct integrator_options options;
    const struct sink *sink;
    struct certificate_sample sample; /* of size 0 where the sink wants none */
    struct graph *graphs;             /* [model] */
    int *
        covariate_of; /* [model][MODEL_COVARIATES_MAX]: the study's covariate, -1: the model's typical value */
    int *output_of;   /* [model][analyte of the study]: the model's output, -1: none */
    enum auc_rule auc_rule;
    int weight;         /* the study's covariate, -1: none */
    int lanes;          /* patients per batch, at most WORKER_LANES */
    int most_rows;      /* observations, or rows of the event table of any patient */
    int most_occasions; /* of any arm whose model tells occasions apart, or parameter sets of a patient of the
                           event table; else 1 */
    int most_pulses;    /* of any arm */
    int most_doses;     /* of any arm, devices not counted */
    int most_intervals; /* dosing intervals of any arm; 0 where the study wants none of their metrics */
    bool keeps_kappas;  /* the study stores random effects, and a model has some of an occasion */
    int most_sessions;  /* sessions of any arm; 0 where the study asks about no thresholds */
    bool needs_slope;   /* a metric of the study stands on the terminal slope */
    double *missing;    /* most_rows of NaN */
};

struct worker; /* opaque */

/* NULL with the reason in `d`. */
struct worker *worker_create(const struct worker_plan *plan, struct diagnostics *d);
void worker_free(struct worker *worker);

/* Simulates the patients numbered first .. first + count - 1 (number = arm * patients + patient; count at most
 * plan->lanes) and hands them to the sink. 0; -1 when the sink refused; -2 without memory. */
int worker_simulate(struct worker *worker, int64_t first, int count);

/* All that the worker has done so far. */
struct solver_work worker_work(const struct worker *worker);

/* Adds the worker's counts and failures to the report. */
void worker_report(const struct worker *worker, struct sweep_report *report);

#endif
