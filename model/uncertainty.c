#include "uncertainty.h"

#include "random.h"

#include <math.h>

void uncertainty_draw(const struct model_uncertainty *uncertainty, const struct model *model, uint64_t seed,
                      int replicate, struct deviation *deviations)
{
    const int n = uncertainty->count;
    double z[2 * MODEL_PARAMETERS_MAX];
    for (int i = 0; i < n; i++) {
        const struct uncertain_estimate *e = &uncertainty->estimates[i];
        const enum purpose purpose = e->of_variability ? PURPOSE_ESTIMATE_VARIABILITY : PURPOSE_ESTIMATE;
        const char *name = model->parameters[e->parameter].name;
        z[i] = random_normal(random_seed(seed, purpose, name, model->name), (uint64_t)replicate, purpose, 0);
        double together = 0;
        for (int k = 0; k <= i; k++) {
            together += uncertainty->lower[i * n + k] * z[k];
        }
        deviations[i] = (struct deviation){e->parameter, e->of_variability, e->scale, e->sd * together};
    }
}

void deviation_factors(const struct model *model, const struct arm *arm, double *factors)
{
    for (int e = 0; e < model->effect_count; e++) {
        factors[e] = 1;
    }
    for (int i = 0; i < arm->deviation_count; i++) {
        const struct deviation *d = &arm->deviations[i];
        if (d->of_variability) {
            factors[model->parameters[d->parameter].effect] = exp(d->value);
        }
    }
}

void deviation_shifts(const struct arm *arm, struct individual *individual)
{
    for (int i = 0; i < arm->deviation_count; i++) {
        const struct deviation *d = &arm->deviations[i];
        if (!d->of_variability) {
            individual->shifts[d->parameter] = d->value;
            individual->shift_scales[d->parameter] = d->scale;
        }
    }
}
