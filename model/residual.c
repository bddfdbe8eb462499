#include "residual.h"

#include "random.h"

#include <math.h>

bool residual_is_stated(const struct residual *residual)
{
    return residual->proportional > 0 || residual->additive > 0 || residual->lognormal > 0;
}

uint64_t residual_seed(uint64_t seed, const char *analyte, const char *arm)
{
    return random_seed(seed, PURPOSE_RESIDUAL, analyte, arm);
}

void residual_observe(const struct residual *residual, uint64_t residual_seed, uint64_t patient,
                      const double *levels, int count, double *observed)
{
    for (int i = 0; i < count; i++) {
        const uint32_t index = (uint32_t)i;
        double value = levels[i];
        if (residual->lognormal > 0) {
            value *=
                exp(residual->lognormal * random_normal(residual_seed, patient, PURPOSE_RESIDUAL, index));
        }
        if (residual->proportional > 0) {
            value *=
                1 + residual->proportional * random_normal(residual_seed, patient, PURPOSE_RESIDUAL, index);
        }
        if (residual->additive > 0) {
            value +=
                residual->additive * random_normal(residual_seed, patient, PURPOSE_RESIDUAL_ADDITIVE, index);
        }
        observed[i] = value;
    }
}
