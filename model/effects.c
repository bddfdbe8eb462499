#include "effects.h"

#include "cholesky.h"
#include "individual.h"
#include "patients.h"
#include "uncertainty.h"

#include <stdlib.h>
#include <string.h>

/* Solves L L' x = b in place, [n]. */
static void solve(const double *lower, int n, double *b)
{
    for (int i = 0; i < n; i++) {
        for (int k = 0; k < i; k++) {
            b[i] -= lower[i * n + k] * b[k];
        }
        b[i] /= lower[i * n + i];
    }
    for (int i = n - 1; i >= 0; i--) {
        for (int k = i + 1; k < n; k++) {
            b[i] -= lower[k * n + i] * b[k];
        }
        b[i] /= lower[i * n + i];
    }
}

int effect_sources_solve(struct effect_sources *sources, const struct model *model)
{
    const int n = model->effect_count;
    sources->supplied_count = 0;
    for (int e = 0; e < n; e++) {
        if (sources->effects[e].origin == EFFECT_SUPPLIED) {
            sources->supplied[sources->supplied_count++] = e;
        }
    }
    const int k = sources->supplied_count;
    const size_t size = (size_t)k * (size_t)k + 1;
    double *known = calloc(size, sizeof(*known));
    double *lower = calloc(size, sizeof(*lower));
    sources->gain = calloc((size_t)n * (size_t)k + 1, sizeof(*sources->gain));
    if (!known || !lower || !sources->gain) {
        free(known);
        free(lower);
        return -1;
    }
    for (int i = 0; i < k; i++) {
        for (int j = 0; j < k; j++) {
            known[i * k + j] = model->covariance[sources->supplied[i] * n + sources->supplied[j]];
        }
    }
    cholesky(known, lower, k); /* it is part of a matrix that is positive definite */
    for (int e = 0; e < n; e++) {
        double *row = sources->gain + (ptrdiff_t)e * k;
        for (int j = 0; j < k; j++) {
            row[j] = model->covariance[e * n + sources->supplied[j]];
        }
        solve(lower, k, row);
    }
    free(known);
    free(lower);
    return 0;
}

/* What the table says, in the internal unit. */
static double supplied_value(const struct study *study, const struct model *model, int effect, int column,
                             int64_t patient)
{
    const struct patient_table *table = study->table;
    const struct parameter *p = &model->parameters[model->effects[effect].parameter];
    const double value = table->values[patient_row(study, patient) * table->column_count + column];
    return p->variability == VARIABILITY_NORMAL ? value * p->num / p->den : value;
}

void patient_effects(const struct study *study, const struct arm *arm, int64_t patient, double *etas)
{
    const struct model *model = &study->models[arm->model];
    static const struct effect_sources all_sampled = {.supplied_count = 0};
    const struct effect_sources *sources = study->effects ? &study->effects[arm->model] : &all_sampled;
    const int known = sources->supplied_count;
    double values[MODEL_PARAMETERS_MAX]; /* of those supplied */
    double
        changes[MODEL_PARAMETERS_MAX]; /* from what would have been drawn, in its standard deviations' unit */
    double factors[MODEL_PARAMETERS_MAX]; /* by which the replicate widens the effect */

    memset(etas, 0, (size_t)model->effect_count * sizeof(*etas));
    if (study->variability) {
        individual_draw_effects(model, study->seed, patient_key(study, patient), etas);
    }
    deviation_factors(model, arm, factors);
    for (int k = 0; k < known; k++) {
        const int e = sources->supplied[k];
        values[k] = supplied_value(study, model, e, sources->effects[e].column, patient);
        changes[k] = values[k] / factors[e] - etas[e];
    }
    for (int e = 0; e < model->effect_count; e++) {
        for (int k = 0; study->variability && k < known; k++) {
            etas[e] += sources->gain[e * known + k] * changes[k];
        }
        etas[e] *= factors[e];
        if (sources->effects[e].origin == EFFECT_FIXED) {
            etas[e] = sources->effects[e].value;
        }
    }
    for (int k = 0; k < known; k++) {
        etas[sources->supplied[k]] = values[k];
    }
}

enum effect_origin effect_origin(const struct study *study, int model, int parameter)
{
    const int effect = study->models[model].parameters[parameter].effect;
    const enum effect_origin origin =
        study->effects ? study->effects[model].effects[effect].origin : EFFECT_SAMPLED;
    return origin == EFFECT_SAMPLED && !study->variability ? EFFECT_FIXED : origin;
}

const char *effect_origin_name(enum effect_origin origin)
{
    static const char *const names[] = {
        [EFFECT_SAMPLED] = "sampled",
        [EFFECT_SUPPLIED] = "supplied",
        [EFFECT_FIXED] = "fixed",
    };
    return names[origin];
}
