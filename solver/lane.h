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
    double *kappas; /* [plan->most_occasions][MODEL_PARAMETERS_MAX]; NULL where nobody asks for them */
    double *occasion_starts; /* h */
    int occasion_count;
    double *covariates;   /* [covariate of the study] */
    struct pulse *pulses; /* [plan->most_pulses] */
    int pulse_count;
    struct timeline timeline; /* of this lane alone; owned */
    bool laid_out;            /* and it is of the present pulses */
    int32_t outside;          /* limits of the model that it breaks, as in model/applicability.h */
    int clamped;
    bool taken;                 /* solved and handed over */
    double *row_covariates;     /* [covariate of the study]: as in a row of an event table */
    struct lane_events *events; /* with an event table; else NULL */
};

/* How many levels a lane has: observations, or rows of an event table. */
int lane_rows(const struct lane *lane, const struct study *study);

/* When a level is, h. */
double lane_time(const struct lane *lane, const struct study *study, int row);

/* The occasion that row `row` is of, when the row before was of `occasion`, and the first may be of 0. */
int lane_occasion(const struct lane *lane, const struct study *study, int row, int occasion);

/* ng/mL per mg, of a level of the model on an occasion. */
static inline double lane_level_scale(const struct lane *lane, int occasion, int level)
{
    return 1000 / lane->occasions[occasion].volumes[level];
}

void lane_set_occasion(struct occasion *occasion, const struct individual *individual);

/* Notes the random effects of an occasion, where somebody asks for them. */
void lane_keep_kappas(struct lane *lane, int occasion);

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

/* Lays out the lane's own timeline, unless that has been done; nothing to do for a patient of an event table, who has one. 0, or -1
 * without memory. */
int lane_lay_out(struct lane *lane, const struct study *study);

/* Whether two patients can be solved as one batch: they have the same model, and the same happens to both in the same order. The
 * lanes are laid out. */
bool lanes_share_order(const struct lane *a, const struct lane *b);

/* Whether that also happens at the same times. The lanes need not be laid out. */
bool lanes_share_times(const struct lane *a, const struct lane *b);

#endif
