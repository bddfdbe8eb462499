/* effects - a patient's random effects: sampled, supplied by the table of patients, or fixed by the study.
 *
 * Those that are sampled are keyed as in model/individual.h. Fixing one changes no other. One that is supplied is known of the
 * patient, and the others are what is then still possible: with K for the known and S for the rest, of covariance C,
 *
 *     S = s + C_SK C_KK^-1 (K - k)
 *
 * where s and k are what would have been drawn without the knowledge (Matheron's rule: this has the conditional distribution).
 * Who is supplied with what would have been drawn is therefore the same patient, and who is not correlated with it is to the bit.
 */
#ifndef KETSIM_EFFECTS_H
#define KETSIM_EFFECTS_H

#include "study.h"

/* Once effects[] is filled: lists the supplied ones, and finds the gain C_SK C_KK^-1. -1 without memory; the caller frees
 * sources->gain. */
int effect_sources_solve(struct effect_sources *sources, const struct model *model);

/* Fills etas[effect of the arm's model], internal units, of a patient (from 0). Standard deviations are those of the arm's
 * replicate. */
void patient_effects(const struct study *study, const struct arm *arm, int64_t patient, double *etas);

/* Where the random effect of a parameter of a model comes from; the parameter has one. */
enum effect_origin effect_origin(const struct study *study, int model, int parameter);

/* "sampled", "supplied" or "fixed". */
const char *effect_origin_name(enum effect_origin origin);

#endif
