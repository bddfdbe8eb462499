#include "patients.h"

#include "random.h"

#include <gsl/gsl_cdf.h>

#include <math.h>
#include <string.h>

int study_covariate(const struct study *study, const char *name)
{
    for (int i = 0; i < study->covariate_count; i++) {
        if (strcmp(study->covariates[i].name, name) == 0) {
            return i;
        }
    }
    return -1;
}

/* The normal quantile of the part `u` of the probability between the limits `low` < `high`. It is taken from the
 * tail in which it lies, because the other tail's probability is rounded to 1. */
static double normal_between(double low, double high, double u)
{
    double below = gsl_cdf_ugaussian_P(low);
    double above = gsl_cdf_ugaussian_Q(high);
    double between = low > 0 ? gsl_cdf_ugaussian_Q(low) - above : gsl_cdf_ugaussian_P(high) - below;
    double p = below + u * between;
    double q = above + (1 - u) * between;
    double z = p < q ? gsl_cdf_ugaussian_Pinv(p) : gsl_cdf_ugaussian_Qinv(q);
    return fmin(fmax(z, low), high);
}

int64_t patient_id(const struct study *study, int64_t patient)
{
    if (study->events) {
        return study->events->patients[patient].id;
    }
    return study->table && !study->table->resampled ? study->table->ids[patient] : patient + 1;
}

uint64_t patient_key(const struct study *study, int64_t patient)
{
    return (uint64_t)patient_id(study, patient) - 1;
}

int64_t patient_row(const struct study *study, int64_t patient)
{
    const struct patient_table *table = study->table;
    if (!table) {
        return -1;
    }
    if (!table->resampled) {
        return patient;
    }
    const double u = random_uniform(study->seed, patient_key(study, patient), PURPOSE_ROW, 0);
    return (int64_t)((double)table->row_count * u); /* u is at most 1 - 2^-53: this is below the count */
}

double covariate_quantile(const struct population_covariate *covariate, double u)
{
    double a = covariate->a;
    double b = covariate->b;
    double lowest = covariate->lowest;
    double highest = covariate->highest;
    double value = u < a; /* of a category */
    switch (covariate->kind) {
    case DISTRIBUTION_NORMAL:
        value = a + b * normal_between((lowest - a) / b, (highest - a) / b, u);
        break;
    case DISTRIBUTION_LOGNORMAL:
        value = a * exp(b * normal_between(log(lowest / a) / b, log(highest / a) / b, u));
        break;
    case DISTRIBUTION_UNIFORM:
        value = lowest + u * (highest - lowest);
        break;
    case DISTRIBUTION_LOGUNIFORM:
        value = lowest * pow(highest / lowest, u);
        break;
    case DISTRIBUTION_PROBABILITY:
    case DISTRIBUTION_FIXED:
    case DISTRIBUTION_EVENTS:
    case DISTRIBUTION_TABLE:
        return value;
    }
    return fmin(fmax(value, lowest), highest); /* the last step can round past a limit */
}

/* `row`: patient_row. */
static double draw(const struct study *study, const struct population_covariate *covariate, int64_t patient,
                   int64_t row)
{
    const struct patient_table *table = study->table;
    const struct event_table *events = study->events;
    switch (covariate->kind) {
    case DISTRIBUTION_FIXED:
        return covariate->a;
    case DISTRIBUTION_EVENTS: /* that of the patient's first row */
        return events->values[events->patients[patient].first * events->column_count + covariate->column];
    case DISTRIBUTION_TABLE:
        return table->values[row * table->column_count + covariate->column];
    default:
        return covariate_quantile(covariate, random_uniform(study->seed, patient_key(study, patient),
                                                            PURPOSE_COVARIATE, covariate->random_index));
    }
}

/* Draws the correlated covariates anew. One that no covariate before it in the copula goes with keeps its value to the bit. */
static void draw_correlated(const struct study *study, int64_t patient, double *values)
{
    static const double least = 0x1p-53; /* a probability must not be rounded to 0 or 1 */
    const struct copula *copula = &study->copula;
    double independent[COPULA_MAX];
    for (int i = 0; i < copula->count; i++) {
        const struct population_covariate *covariate = &study->covariates[copula->covariates[i]];
        const double *row = copula->lower + (ptrdiff_t)i * copula->count;
        double z = 0;
        independent[i] = random_normal(study->seed, patient_key(study, patient), PURPOSE_COVARIATE,
                                       covariate->random_index);
        for (int k = 0; k <= i; k++) {
            z += row[k] * independent[k];
        }
        if (row[i] < 1) {
            double u = fmin(fmax(gsl_cdf_ugaussian_P(z), least), 1 - least);
            values[copula->covariates[i]] = covariate_quantile(covariate, u);
        }
    }
}

/* Whether another category that this one presupposes, directly or through others, is not 1. */
static bool is_ruled_out(const struct study *study, int covariate, const double *values)
{
    int other = study->covariates[covariate].within;
    for (int depth = 0; other >= 0 && depth < study->covariate_count; depth++) {
        if (values[other] != 1) {
            return true;
        }
        other = study->covariates[other].within;
    }
    return false;
}

/* Setting some to 0 does not change what is_ruled_out says of the others. */
static void rule_out(const struct study *study, double *values)
{
    for (int i = 0; i < study->covariate_count; i++) {
        if (is_ruled_out(study, i, values)) {
            values[i] = 0;
        }
    }
}

static void draw_all(const struct study *study, int64_t patient, double *values)
{
    const int64_t row = patient_row(study, patient);
    for (int i = 0; i < study->covariate_count; i++) {
        values[i] = draw(study, &study->covariates[i], patient, row);
    }
    draw_correlated(study, patient, values);
}

bool study_sweeps_covariate(const struct study *study, int covariate)
{
    for (int i = 0; i < study->axis_count; i++) {
        if (study->axes[i].covariate == covariate) {
            return true;
        }
    }
    return false;
}

void patient_covariates(const struct study *study, int64_t patient, double *values)
{
    draw_all(study, patient, values);
    rule_out(study, values);
}

void patient_covariates_in_arm(const struct study *study, const struct arm *arm, int64_t patient,
                               double *values)
{
    draw_all(study, patient, values);
    for (int i = 0; i < study->axis_count; i++) {
        if (study->axes[i].covariate >= 0) {
            values[study->axes[i].covariate] = arm->axis_values[i];
        }
    }
    rule_out(study, values);
}
