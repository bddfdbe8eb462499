/* uncertainty - how sure a model's estimates are, and what a replicate takes them to be.
 *
 * Each replicate takes all estimates to be off by something and simulates the same patients: their covariates and the normal
 * numbers behind their random effects are the same. Every draw is keyed by seed, replicate, model, and what is estimated.
 */
#ifndef KETSIM_UNCERTAINTY_H
#define KETSIM_UNCERTAINTY_H

#include "individual.h"
#include "study.h"

/* Fills deviations[estimate of the model] of replicate `replicate`, from 1. */
void uncertainty_draw(const struct model_uncertainty *uncertainty, const struct model *model, uint64_t seed,
                      int replicate, struct deviation *deviations);

/* By which factor the arm's replicate widens each random effect of its model: factors[effect]. */
void deviation_factors(const struct model *model, const struct arm *arm, double *factors);

/* Moves the typical values of `individual`, of the arm's model, as the arm's replicate says. */
void deviation_shifts(const struct arm *arm, struct individual *individual);

#endif
