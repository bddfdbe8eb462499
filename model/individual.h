/* individual - one patient's model: parameters, flow rates, dose fractions, volumes.
 *
 * An evaluator holds a model's formulas compiled for one thread. Given covariates and random effects it computes
 * everything that the solver needs to know of a patient.
 */
#ifndef KETSIM_INDIVIDUAL_H
#define KETSIM_INDIVIDUAL_H

#include "model.h"

struct evaluator; /* opaque; belongs to one thread; the model must outlive it */

/* How a dose enters a compartment: the part of it, and for how long. */
struct intake {
    double fraction; /* of the device's amount (of the dose where the route has no devices) */
    double over;     /* h; NaN: as the regimen says */
    double lag;      /* h */
    double rate;     /* mg/h, for RATE -1 of an event table; NaN: the model has none */
};

struct individual {
    double covariates[MODEL_COVARIATES_MAX]; /* in the model's units */
    double shifts[MODEL_PARAMETERS_MAX];     /* per parameter: how far its typical value is moved, */
    enum variability shift_scales[MODEL_PARAMETERS_MAX]; /* and on which scale; all 0: as the model has it */
    double etas[MODEL_PARAMETERS_MAX];                   /* random effects as used */
    double kappas[MODEL_PARAMETERS_MAX];                 /* per parameter: random effects of the occasion */
    double parameters[MODEL_PARAMETERS_MAX];             /* internal units */
    bool clamped[MODEL_PARAMETERS_MAX]; /* the value left its physical range and was set to the limit */
    double rates[MODEL_FLOWS_MAX];      /* 1/h; of a saturable flow vmax, mg/h */
    double slopes[MODEL_FLOWS_MAX];     /* 1/h^2; 0 where the rate is constant */
    double kms[MODEL_FLOWS_MAX];        /* mg; of saturable flows */
    double volumes[MODEL_OUTPUTS_MAX];  /* L; of levels */
    double sigmoids[MODEL_OUTPUTS_MAX][SIGMOID_COUNT]; /* of effects */
};

/* A parameter that a study or a sweep sets; replaces the individual value, after the random effect. */
struct setting {
    int parameter;
    double value; /* internal unit */
};

/* NULL with the reasons in `d`: a formula that does not compile, or no memory. */
struct evaluator *evaluator_create(const struct model *model, struct diagnostics *d);
void evaluator_free(struct evaluator *evaluator);

/* Computes `individual` from its covariates, shifts and random effects (all 0 for the typical patient), which the caller has
 * filled. 0, or -1 where a parameter, rate or volume is not a finite number, or a rate is negative or a volume not
 * positive, or an effect's ec50 or hill; `why` then says which. */
struct individual_error {
    char text[256];
};
int evaluator_individual(struct evaluator *evaluator, struct individual *individual,
                         const struct setting *settings, int setting_count, struct individual_error *why);

/* The intake of input `input` of `route` from device number `device` (counted from 1) of a dose of `dose` mg, for the individual last
 * computed. The number of routes plus that of a compartment stands for a dose into that compartment, with one input.
 * 0, or -1 as above (a fraction and a lag must be finite and >= 0, a duration and a rate finite and > 0). */
int evaluator_intake(struct evaluator *evaluator, int route, int input, int device, double dose,
                     struct intake *intake, struct individual_error *why);

/* Draws the random effects of a patient: etas = L z, z standard normal, keyed by seed, patient and parameter name. */
void individual_draw_effects(const struct model *model, uint64_t seed, uint64_t patient, double *etas);

/* Draws the random effects of an occasion (from 0) of a patient, keyed by its number too. */
void individual_draw_occasion(const struct model *model, uint64_t seed, uint64_t patient, int occasion,
                              double *kappas);

#endif
