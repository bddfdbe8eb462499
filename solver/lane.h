/* lane - one patient in one arm, made ready to be solved. For worker.c. */
#ifndef KETSIM_LANE_H
#define KETSIM_LANE_H

#include "worker.h"

/* What the solver needs to know of a patient on one occasion. */
struct occasion {
    double rates[MODEL_FLOWS_MAX];
    double slopes[MODEL_FLOWS_MAX];
    double kms[MODEL_FLOWS_MAX];
    double volumes[MODEL_OUTPUTS_MAX];
    double sigmoids[MODEL_OUTPUTS_MAX][SIGMOID_COUNT];
    double dose_rates[MODEL_COMPARTMENTS_MAX]; /* mg/h, for RATE -1 of an event table; NaN: none */
};

/* One patient in one arm, ready to be solved. */
struct lane {
    int arm;
    int64_t patient;
    int model;
    enum patient_status status;
    struct solve_failure why;
    struct individual individual; /* without the effects of an occasion */
    struct occasion *occasions;   /* [plan->most_occasions] */
    double *occasion_starts;      /* h */
    int occasion_count;
    double *covariates;   /* [covariate of the study] */
    struct pulse *pulses; /* [plan->most_pulses] */
    int pulse_count;
    int32_t outside; /* limits of the model that it breaks, as in model/applicability.h */
    int clamped;
    bool taken;                 /* solved and handed over */
    double *row_covariates;     /* [covariate of the study]: as in a row of an event table */
    struct lane_events *events; /* with an event table; else NULL */
};

void lane_set_occasion(struct occasion *occasion, const struct individual *individual);

/* A rate that changes with time must not fall below 0 before `last`, h. 0, or -1 with the reason. */
int lane_check_slopes(const struct model *model, const struct individual *individual, double last,
                      struct individual_error *why);

struct steady_solver;

/* Fills the lane for patient number `number` (as worker_simulate counts them): covariates, random effects, parameters on each
 * occasion, and the doses that follow from them. The lane's arrays belong to the caller; evaluators[model] and
 * (with an event table) steady[model] are of this thread. A
 * patient who cannot be computed gets status PATIENT_PARAMETERS and the reason. */
void lane_prepare(struct lane *lane, const struct worker_plan *plan, struct evaluator *const *evaluators,
                  struct steady_solver *const *steady, int64_t number);

/* Whether two patients can be solved as one batch: the same model and timetable. */
bool lanes_belong_together(const struct lane *a, const struct lane *b);

#endif
