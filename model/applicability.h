/* applicability - whether a model can speak of a patient: the limits of what its source studied.
 *
 * A limit is a range of the patient's age (the model's group), of a covariate, or of a route's doses. The reader of
 * studies, which refuses or warns, and the solver, which marks each patient, both ask here, so that they never disagree.
 */
#ifndef KETSIM_APPLICABILITY_H
#define KETSIM_APPLICABILITY_H

#include "study.h"

/* The limits of a study by number; those that a patient breaks are bits of a positive 32-bit number. */
enum {
    LIMIT_DOSE, /* of any route */
    LIMIT_AGE_GROUP,
    LIMIT_COVARIATES, /* the first of the study's covariates, in their order */
    LIMITS_MAX = 31,
};

int limit_count(const struct study *study);
/* "dose", "age_group", or the covariate's name, which belongs to the study. */
const char *limit_name(const struct study *study, int limit);

/* What is allowed: lowest to highest; -INFINITY and INFINITY where there is no limit. */
struct range {
    double lowest;
    double highest;
    bool below; /* the highest itself is not allowed */
};

struct range covariate_range(const struct covariate *covariate);
struct range dose_range(const struct route *route); /* mg */
/* Of the patients' age, in the unit of study->adult_age. */
struct range age_group_range(const struct model *model, const struct study *study);

/* Whether a value lies outside by more than rounding: 0.2 mg/kg of 70 kg is a little more than 14 mg. NaN does not. */
bool range_excludes(struct range range, double value);

/* What a patient of this weight (kg; ignored where the dose is not by weight) gets of the model's drug, in mg. What devices do not
 * deliver is not part of it. */
double dose_mg(const struct dose *dose, double weight);

/* The limits of the arm's model that a patient with these covariates (of the study, as in the arm) breaks, bit by bit:
 * 1 << LIMIT_DOSE and so on. A placebo is no dose. */
int32_t limits_broken(const struct study *study, const struct arm *arm, const double *covariates);

#endif
