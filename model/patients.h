/* patients - who is simulated: the covariates of each patient of a study.
 *
 * Every draw is keyed by seed, patient and covariate name (model/random.h), so that a patient is the same person in
 * every arm, whatever else the study holds.
 */
#ifndef KETSIM_PATIENTS_H
#define KETSIM_PATIENTS_H

#include "study.h"

/* The index of a covariate of the study's patients, -1 where there is none. */
int study_covariate(const struct study *study, const char *name);

/* Whether the sweep sets it. */
bool study_sweeps_covariate(const struct study *study, int covariate);

/* The value that the part `u`, in (0, 1), of a distribution's probability lies below; of a category 1 for the lowest part. */
double covariate_quantile(const struct population_covariate *covariate, double u);

/* What the result and messages call a patient (from 0): the number from 1, or the ID of a table whose patients they are. */
int64_t patient_id(const struct study *study, int64_t patient);

/* What all draws of a patient are keyed by: its id less 1. */
uint64_t patient_key(const struct study *study, int64_t patient);

/* The patient's row (from 0) of the study's table of patients; -1 without a table. */
int64_t patient_row(const struct study *study, int64_t patient);

/* Fills values[covariate of the study], in each covariate's unit, for a patient (from 0). A category that is
 * `within` another is 0 wherever the other is. */
void patient_covariates(const struct study *study, int64_t patient, double *values);

/* The covariates of `patient` in `arm`: as above, with those that the sweep sets replaced. */
void patient_covariates_in_arm(const struct study *study, const struct arm *arm, int64_t patient,
                               double *values);

#endif
