/* steady_state - what a patient holds who has been given a dose again and again, for ever.
 *
 * The amounts at the end of an interval follow from those at its beginning: x' = M x + b, where b is what the doses of one
 * interval leave of themselves. Of a model with first-order flows, M and b are exact, and so is the sum over all past
 * intervals, x = b + M b + M^2 b + ..., which has no negative term and is formed by squaring. Other models are solved
 * interval by interval until what one adds, and all later ones would, is below the tolerance.
 */
#ifndef KETSIM_STEADY_STATE_H
#define KETSIM_STEADY_STATE_H

#include "integrator.h"

/* A part of a dose: `duration` 0 enters all at once. */
struct dose_part {
    double offset; /* h after the time of the dose */
    double duration;
    int compartment;
    double amount; /* mg that enters, bioavailability included */
    bool modeled;  /* RATE -1: as fast as the parameters of the time say; `duration` at those of the dose */
};

struct steady_solver; /* for one thread and one model */

/* `graph` is the model's; `options` those of the study, for models without an exact solution. NULL without memory. */
struct steady_solver *steady_solver_create(const struct graph *graph,
                                           const struct integrator_options *options);
void steady_solver_free(struct steady_solver *solver);

/* The numbers of a patient: [flow]. */
struct patient_rates {
    const double *rates;
    const double *slopes;
    const double *kms;
};

/* amounts[compartment]: at the time of a dose, before it, when it has been given every `interval` h; parts with an offset
 * have then been given by doses up to one interval after which the present dose's own enter. 0, or -1 with the reason. */
int steady_state_of_doses(struct steady_solver *solver, const struct patient_rates *patient,
                          const struct dose_part *parts, int count, double interval, double *amounts,
                          struct solve_failure *why);

/* The same of an infusion at `rate` mg/h that has never stopped. */
int steady_state_of_infusion(struct steady_solver *solver, const struct patient_rates *patient,
                             int compartment, double rate, double *amounts, struct solve_failure *why);

#endif
